import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import Unknown
from storage.index import Filters, Index, find, offered, searching, walking
from tests import indexed
from tests.indexed import FACETS, SORTS, WORDS, asked, asked_backward, plainly

TEXTS = (
    "",
    *WORDS,
    "apple berry",
    '"apple berry"',
    "che*",
    "e* be*",
    '"apple" dur*',
    '"berry cherry" durian',
    "nowhere",
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = indexed.school(tmp_path_factory.mktemp("index") / "a.db", 7, 60)
    with Index.open(made) as index:
        index.keep_up()
        for n, line in enumerate(asked(index)):
            if line.attempts and n % 5 == 0:
                indexed.judged_by(made, line.id, ("accepted", "rejected", "unscored")[n % 3])
        assert index.keep_up() == 0
    return made


@pytest.fixture(scope="module")
def index(path: Path):
    with Index.open(path) as index:
        index.keep_up()
        yield index


@pytest.fixture(scope="module")
def every_line(path: Path) -> indexed.Whole:
    return indexed.whole(path)


@pytest.fixture(params=["few", "many", "common", "asked"])
def way(request, monkeypatch: pytest.MonkeyPatch) -> str:
    """As large as it is, or as if combinations or matches were too many for the quick ways."""
    if request.param != "few":
        monkeypatch.setattr(walking, "MANY", 2)
        monkeypatch.setattr(walking, "AT_ONCE", 2)
        monkeypatch.setattr(searching, "_PROBED", 3)
        monkeypatch.setattr(searching, "_MOST", 16)
        monkeypatch.setattr(searching, "_FEWEST", 4)
    if request.param == "common":
        monkeypatch.setattr(searching, "_GATHERED", 5)
    if request.param == "asked":
        monkeypatch.setattr(searching, "_ASKED", 0)
    return request.param


CHOICES = st.fixed_dictionaries(
    {"sort": st.sampled_from(SORTS), "text": st.sampled_from(TEXTS)},
    optional={facet: st.sampled_from(values) for facet, values in FACETS.items()},
)


def _known(index: Index, chosen: dict[str, str]) -> dict[str, str]:
    have = {facet: [value for value, _ in values] for facet, values in offered(index).items()}
    return {key: value for key, value in chosen.items() if value in have.get(key, (value,))}


@given(chosen=CHOICES)
@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
def test_pages_are_what_reading_everything_gives(every_line, index, way, chosen) -> None:
    chosen = _known(index, chosen)
    expected = plainly(every_line, Filters.of(chosen))

    assert asked(index, **chosen) == expected
    assert asked_backward(index, **chosen) == expected
    found = find(index, Filters.of(chosen))
    assert (found.count, found.counted_to) == (len(expected), None)


def test_what_is_offered_are_the_values_that_there_are_with_their_counts(every_line, index) -> None:
    for run in (None, "r2"):
        lines = plainly(every_line, Filters(run=run or ""))
        offer = offered(index, run)

        for facet in ("skill", "status", "rung", "model", "reason", "why", "language", "level"):
            counts = Counter(getattr(line, facet) for line in lines)
            named = {"-" if value is None else str(value): n for value, n in counts.items()}
            assert dict(offer[facet]) == named
        assert dict(offer["people"])["yes"] == sum(line.people > 0 for line in lines)
        assert dict(offer["run"]) == Counter(line.run_id for line in plainly(every_line, Filters()))


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ({"skill": "algbra"}, "algebra"),
        ({"run": "r7"}, "r[12]"),
        ({"model": "qwen"}, "qwen3"),
        ({"language": "fr"}, "en"),
        ({"reason": "wron"}, "wrong"),
    ],
)
def test_a_name_that_no_trajectory_has_is_answered_with_the_nearest(index, given, nearest) -> None:
    with pytest.raises(Unknown, match=nearest):
        find(index, Filters.of(given))


def test_a_run_is_known_by_the_beginning_of_its_id(index) -> None:
    assert asked(index, run="r10") == asked(index, run="r10"[:3])
    with pytest.raises(Unknown):
        find(index, Filters.of({"run": "r"}))
    assert {line.run_id for line in asked(index, run="r1")} == {"r1"}


def test_a_status_that_no_trajectory_has_is_an_empty_page(tmp_path, classroom) -> None:
    made = classroom.episode(0, "one?", classroom.tried("7"))
    with Index.open(classroom.written(tmp_path / "a.db", made)) as index:
        index.keep_up()
        for given in (
            {"status": "failed"},
            {"rung": "person"},
            {"why": "unscored"},
            {"level": "9"},
        ):
            assert find(index, Filters.of(given)).rows == ()


def test_a_place_holds_when_its_row_is_gone_or_changed(index) -> None:
    rows = asked(index, sort="best")
    page = find(index, Filters.of({"sort": "best"}), 10)
    moved = page.last[:-1] + ("3" if page.last[-1] != "3" else "4")

    further = find(index, Filters.of({"sort": "best", "after": moved}), 5)

    assert set(further.rows) <= set(rows)


def test_a_place_of_one_order_is_no_error_in_another(index) -> None:
    places = {find(index, Filters.of({"sort": sort}), 9).last for sort in SORTS}
    for sort in SORTS:
        for place in places:
            for text in ("", "apple"):
                given = {"sort": sort, "text": text}
                find(index, Filters.of(given | {"after": place}))
                find(index, Filters.of(given | {"before": place}))


def test_a_search_whose_time_is_up_ends_the_page_and_can_be_gone_on_with(
    every_line, index, monkeypatch
) -> None:
    monkeypatch.setattr(searching, "_PROBED", 3)
    monkeypatch.setattr(searching, "_MOST", 5)
    monkeypatch.setattr(searching, "_FEWEST", 5)
    monkeypatch.setattr(searching, "_AT_ONCE", 4)
    monkeypatch.setattr(searching, "TIME_S", -1.0)
    for sort in SORTS:
        given = {"text": "apple", "sort": sort}
        page = find(index, Filters.of(given))

        assert page.more
        assert page.counted_to == page.count
        assert asked(index, **given) == plainly(every_line, Filters.of(given))
        assert asked_backward(index, **given) == plainly(every_line, Filters.of(given))


def test_counting_ends_where_it_is_said_to(index, monkeypatch) -> None:
    monkeypatch.setattr(searching, "_PROBED", 3)
    monkeypatch.setattr(searching, "COUNTED", 11)

    found = find(index, Filters.of({"text": "apple"}))

    assert (found.count, found.counted_to) == (11, 11)


@given(st.data())
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
def test_nothing_that_is_typed_is_an_error(index, data) -> None:
    text = data.draw(st.text(max_size=60) | st.text('"*()^:+-{}\\\0 ANDORNTE~,apple', max_size=40))
    chance = random.Random(text)

    found = find(index, Filters.of({"text": text, "sort": chance.choice(SORTS)}))

    assert found.count >= 0
