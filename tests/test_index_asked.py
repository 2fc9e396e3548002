from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import Unknown
from storage.index import Filters
from storage.index.asked import SORTS, Place

PLACES = st.builds(
    Place, st.none() | st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 10**18 - 1)
)


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ({"statu": "accepted"}, "status"),
        ({"status": "acepted"}, "accepted"),
        ({"rung": "jury"}, "judge"),
        ({"sort": "new"}, "newest"),
        ({"why": "judge"}, "judge alone"),
        ({"people": "maybe"}, "there is"),
        ({"level": "two"}, "whole number"),
        ({"level": "-1"}, "whole number"),
        ({"level": "²"}, "whole number"),
        ({"level": "9" * 30}, "whole number"),
        ({"after": "x"}, "first page"),
        ({"before": "0x1.8p+0_"}, "first page"),
        ({"after": "end"}, "first page"),
        ({"after": "0x1.0p+9999_1"}, "first page"),
        ({"before": "-0x1.fffffffffffffp+1024_1"}, "first page"),
        ({"after": "-_1", "before": "-_2"}, "only one"),
    ],
)
def test_what_there_is_not_is_refused_with_a_remedy(given: dict[str, str], nearest: str) -> None:
    with pytest.raises(Unknown, match=nearest) as caught:
        Filters.of(given)
    assert "\n" not in str(caught.value)


def test_what_is_empty_is_as_good_as_absent() -> None:
    given = {"status": "", "text": "  ", "sort": "", "level": "", "after": "", "format": "json"}
    assert Filters.of(given) == Filters()
    assert Filters().query() == ""


def test_a_link_leads_to_the_same() -> None:
    asked = Filters.of({"skill": "a & b=c", "text": '"two  words" é', "sort": "best", "level": "2"})
    assert asked.query() == "skill=a+%26+b%3Dc&level=2&text=%22two+words%22+%C3%A9&sort=best"
    assert Filters.of(dict(parse_qsl(asked.query()))) == asked


def test_whoever_changes_what_is_asked_begins_at_the_first_page() -> None:
    asked = Filters.of({"skill": "a", "after": "-_7"})

    assert asked.query(level="2") == "skill=a&level=2"
    assert asked.query(sort="best") == "skill=a&sort=best"
    assert asked.query(skill=None) == ""
    assert asked.query(before="-_9") == "skill=a&before=-_9"
    assert asked.query() == "skill=a&after=-_7"
    assert asked.query(status="failed", after="-_3") == "status=failed&skill=a&after=-_3"


@given(PLACES)
def test_a_place_reads_as_it_was_written(place: Place) -> None:
    assert Place.of(str(place)) == place
    assert Filters.of({"after": str(place)}).after == str(place)


@given(st.dictionaries(st.sampled_from(list(Filters.__slots__)), st.text(max_size=30)))
def test_any_parameters_are_read_or_refused_in_one_line(given: dict[str, str]) -> None:
    try:
        asked = Filters.of(given)
    except Unknown as error:
        said = str(error)
    else:
        said = asked.query() + "."
        assert asked.sort in SORTS
    assert len(said.splitlines()) == 1
