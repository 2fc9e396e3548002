"""The verifier `date`."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.date import FORMATS, DateVerifier, written

DATE = DateVerifier()
DATES = st.dates()


async def finding(answer, reference, *formats):
    data = {"formats": list(formats)} if formats else {}
    return (await DATE.check(answer=answer, reference=reference, data=data)).finding


@given(DATES, st.sampled_from(sorted(FORMATS)))
async def test_every_date_is_read_as_it_is_written(day, form):
    text = written(day, form)
    assert DATE.canonical(text, {"formats": [form]}) == day
    assert await finding(f" {text.upper()}. ", text, form) == "passed"
    near = DATE.changed(text, {"formats": [form]})
    assert abs(DATE.canonical(near, {"formats": [form]}) - day) == timedelta(days=1)
    assert await finding(near, text, form) == "failed"


@given(DATES, DATES, st.sampled_from(sorted(FORMATS)))
async def test_a_date_in_another_asked_format_is_the_same_date(day, other, form):
    formats = ["YYYY-MM-DD", form]
    assert await finding(written(day, form), day.isoformat(), *formats) == "passed"
    wanted = "passed" if day == other else "failed"
    assert await finding(written(other, form), day.isoformat(), *formats) == wanted


async def test_the_order_of_day_and_month_is_the_asked_one():
    assert DATE.canonical("03/04/2026", {"formats": ["DD/MM/YYYY"]}) == date(2026, 4, 3)
    assert DATE.canonical("03/04/2026", {"formats": ["MM/DD/YYYY"]}) == date(2026, 3, 4)
    assert DATE.canonical("03/04/2026", {}) is None
    assert DATE.canonical("25/04/2026", {"formats": ["MM/DD/YYYY"]}) is None


@pytest.mark.parametrize(
    "answer",
    [
        *("2026-4-3", "2026-02-30", "2025-02-29", "0000-01-01", "20260403", "2026-04-03T00:00"),
        *(
            "03/04/2026",
            "26-04-03",
            "2026-W14-5",
            "2026-04-03 or 2026-04-04",
            "2026\u201304\u201303",
        ),
        *("not 2026-04-03", "3 April 2026", "\uff12026-04-03", "-2026-04-03", "2026-04-031"),
    ],
)
async def test_only_iso_is_read_without_data(answer):
    assert await finding(answer, "2026-04-03") == "failed"


@pytest.mark.parametrize(
    "answer", ["03 April 2026", "3 Apr 2026", "3 avril 2026", "April 3, 2026", "3rd April 2026"]
)
async def test_an_english_date_has_the_asked_form(answer):
    assert await finding(answer, "3 April 2026", "D MMMM YYYY") == "failed"
    assert await finding("3 april 2026", "3 April 2026", "D MMMM YYYY") == "passed"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"formats": []}, "not empty"),
        ({"formats": "YYYY-MM-DD"}, "list"),
        ({"formats": ["YY-MM-DD"]}, "must be of"),
        ({"formats": [["YYYY-MM-DD"]]}, "must be of"),
        ({"formats": ["DD/MM/YYYY", "MM/DD/YYYY"]}, "two dates"),
        ({"format": "YYYY-MM-DD"}, "unknown"),
        ({"formats": ["DD/MM/YYYY"]}, "2026-04-03"),
    ],
)
async def test_data_that_does_not_fit_is_the_lessons_fault(data, word):
    with pytest.raises(VerifierError, match=word):
        await DATE.check(answer="2026-04-03", reference="2026-04-03", data=data)


async def test_the_last_day_that_there_is_has_a_near_miss():
    assert DATE.changed("9999-12-31", {}) == "9999-12-30"
