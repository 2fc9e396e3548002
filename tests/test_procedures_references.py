"""The references, found a second way: by Python's own tools, and from the prose where it can be."""

import re
from calendar import day_name, month_name
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import accumulate, chain, cycle, islice, pairwise
from operator import add, mul, sub
from random import Random
from string import ascii_lowercase

import pytest

from agents.embedded.domain import Draft
from agents.embedded.procedures import Procedures
from storage.ids import derive_seed

DOMAIN = Procedures()
COUNT = 240
MONTHS = dict(enumerate(month_name))  # English: no test sets a locale
WEEKDAYS = tuple(day_name)
SIGNS = {"+": add, "-": sub, "*": mul}
OPERATORS = {
    "union": set.__or__,
    "intersection": set.__and__,
    "difference": set.__sub__,
    "symmetric": set.__xor__,
}


def lessons(skill: str) -> list[tuple[Draft, str, str]]:
    """Return a draft, its kind and its reference, of all levels."""
    found = []
    for level in (1, 2, 3):
        random = Random(derive_seed("test", skill, level))
        for _ in range(COUNT):
            draft = DOMAIN.draft(skill, level, random.randrange(DOMAIN.capacity(skill, level)))
            kind = str(draft.task.givens["kind"])
            found.append((draft, kind, DOMAIN.work(draft.task, ()).answer))
    return found


def ordered(numbers) -> str:
    return ", ".join(map(str, numbers))


def times_in(text: str) -> list[datetime]:
    found = []
    for hour, minute, half in re.findall(r"(\d+):(\d\d)( [ap]m)?", text):
        hours = int(hour) % (12 if half else 24) + 12 * (half == " pm")
        found.append(datetime(2024, 5, 5, hours, int(minute), tzinfo=UTC))
    return found


def lengths_in(text: str) -> list[timedelta]:
    pattern = r"(?:(\d+) hours?)?(?: and )?(?:(\d+) minutes?)?"
    matches = [match for match in re.finditer(pattern, text) if match[1] or match[2]]
    return [timedelta(hours=int(m[1] or 0), minutes=int(m[2] or 0)) for m in matches]


def dates_in(text: str) -> list[date]:
    numbers = {name: number for number, name in MONTHS.items() if number}
    pattern = rf"(\d+) ({'|'.join(numbers)}) (\d{{4}})"
    return [date(int(y), numbers[m], int(d)) for d, m, y in re.findall(pattern, text)]


def minutes_between(start: datetime, end: datetime) -> int:
    return int(((end - start) % timedelta(days=1)).total_seconds()) // 60


def test_clock_times_agree_with_datetime():
    for draft, kind, reference in lessons("clock_time"):
        question = draft.task.question
        times, lengths = times_in(question), lengths_in(question)
        if kind == "duration":
            spans = zip(times[::2], times[1::2], strict=True)
            pause = sum(lengths, timedelta()).total_seconds() // 60
            assert int(reference) == sum(minutes_between(*span) for span in spans) - pause
        else:
            way = 1 if kind == "time_after" else -1
            assert len(lengths) == draft.task.givens["level"]
            assert reference == f"{times[0] + way * sum(lengths, timedelta()):%H:%M}"


def test_dates_and_weekdays_agree_with_datetime():
    for draft, kind, reference in lessons("calendar"):
        question = draft.task.question
        dates = dates_in(question)
        numbers = [int(n) for n in re.findall(r"(\d+) days", question)]
        days = [day for day in WEEKDAYS if re.search(rf"\b{day}\b", question)]
        if kind in ("weekday_after", "weekday_twice"):
            signs = [
                -1 if w in ("earlier", "back") else 1
                for w in re.findall(r"days (later|earlier|on|back)", question)
            ]
            moved = sum(n * sign for n, sign in zip(numbers, signs, strict=True))
            assert reference == WEEKDAYS[(WEEKDAYS.index(days[0]) + moved) % 7]
        elif kind == "weekday_of_date":
            assert days == [WEEKDAYS[dates[0].weekday()]]
            assert reference == WEEKDAYS[dates[1].weekday()]
        elif kind == "date_after":
            assert reference == str(dates[0] + timedelta(days=numbers[0]))
        elif kind == "days_between":
            assert int(reference) == (dates[1] - dates[0]).days
        else:
            first, last = (draft.task.givens[key] for key in ("first", "last"))
            assert f"{first}" in question
            assert f"{last}" in question
            years = range(first, last + 1)
            assert int(reference) == sum(
                (date(y, 12, 31) - date(y, 1, 1)).days > 364 for y in years
            )


def test_terms_agree_with_their_formulas():
    for draft, kind, reference in lessons("sequences"):
        given = draft.task.givens
        numbers = [int(n) for n in reference.split(", ")]
        terms = given.get("terms", [])
        assert ordered(terms) in draft.task.question
        if kind == "arithmetic_next":
            assert {b - a for a, b in zip(terms, terms[1:] + numbers, strict=True)} == {
                terms[1] - terms[0]
            }
        elif kind == "arithmetic_nth":
            assert numbers == [given["a"] + (given["n"] - 1) * given["d"]]
        elif kind == "geometric_nth":
            assert numbers == [given["a"] * given["r"] ** (given["n"] - 1)]
        elif kind == "second_difference":
            whole = terms + numbers
            thirds = [
                d - 3 * c + 3 * b - a
                for a, b, c, d in zip(whole, whole[1:], whole[2:], whole[3:], strict=False)
            ]
            assert set(thirds) == {0}
            assert len(numbers) == given["level"] - 1
        elif kind == "sum_of_two":
            a, b = given["a"], given["b"]
            assert numbers == [a + b, a + 2 * b, 2 * a + 3 * b]
        elif kind == "woven":
            whole = terms + numbers
            for half in (whole[::2], whole[1::2]):
                assert len({b - a for a, b in pairwise(half)}) == 1
        else:
            rules = islice(cycle(given["ops"]), given["n"] - 1)
            assert numbers == [reduce(lambda a, op: SIGNS[op[0]](a, op[1]), rules, given["a"])]


def test_numerals_agree_with_int():
    for draft, kind, reference in lessons("number_bases"):
        given = draft.task.givens
        if kind == "to_base":
            assert int(reference, given["base"]) == given["value"]
        elif kind == "from_base":
            assert int(reference) == int(given["numeral"], given["base"])
        else:
            value = int(given["numeral"], given["base"])
            assert int(reference, given["target"]) == value
        assert reference == reference.upper().lstrip("0")
        shown = given.get("numeral", given.get("value"))
        assert re.search(rf"\b{shown}\b", draft.task.question)


def bubbled(numbers: list[int]) -> tuple[list[int], int]:
    """Return a row after one pass, and the swaps: all that is smaller than one before it moves."""
    highest = list(accumulate(numbers, max))
    passed = [min(pair) for pair in zip(highest, numbers[1:], strict=False)]
    return [*passed, highest[-1]], sum(map(int.__lt__, numbers[1:], highest))


def test_sorted_lists_agree_with_sorted():
    for draft, kind, reference in lessons("sorting"):
        given = draft.task.givens
        numbers, passes = list(given.get("numbers", [])), given.get("passes", 0)
        assert ordered(numbers) in draft.task.question
        if kind == "merge":
            assert all(ordered(part) in draft.task.question for part in given["lists"])
            assert reference == ordered(sorted(chain(*given["lists"])))
        elif kind == "insertion":
            assert reference == ordered(sorted(numbers[: passes + 1]) + numbers[passes + 1 :])
        elif kind == "selection":
            for at in range(passes):
                least = numbers.index(min(numbers[at:]))
                numbers[at], numbers[least] = numbers[least], numbers[at]
            assert reference == ordered(numbers)
        else:
            swaps = 0
            for _ in range(passes):
                numbers, more = bubbled(numbers)
                swaps += more
            assert reference == (ordered(numbers) if kind == "bubble" else str(swaps))


def test_set_operations_agree_with_the_algebra_of_sets():
    for draft, _, reference in lessons("set_operations"):
        lists = re.findall(r"\d+(?:, \d+)+", draft.task.question)
        found = {
            name: {int(n) for n in text.split(", ")}
            for name, text in zip("ABC", lists, strict=False)
        }
        assert len(found) == (2 if draft.task.givens["level"] == 1 else 3)
        for name, operation, left, right in draft.task.givens["steps"]:
            found[name] = OPERATORS[operation](found[left], found[right])
        assert reference == ordered(sorted(found["R"]))


def transformed(text: str, operation: str, by: int) -> str:
    words = text.split(" ")
    turned = ascii_lowercase[by:] + ascii_lowercase[:by]
    return {
        "caesar": lambda: text.translate(str.maketrans(ascii_lowercase, turned)),
        "every_kth": lambda: "".join(words)[by - 1 :: by],
        "remove_vowels": lambda: re.sub("[aeiou]", "", text),
        "reverse_words": lambda: " ".join(reversed(words)),
        "reverse_letters": lambda: " ".join(reversed(text[::-1].split(" "))),
        "swap_ends": lambda: re.sub(r"(\w)(\w*)(\w)", r"\3\2\1", text),
        "sort_words": lambda: " ".join(sorted(words)),
        "count": lambda: str(len("".join(words))),
    }[operation]()


def test_changed_texts_agree_with_the_methods_of_str():
    for draft, _, reference in lessons("text_manipulation"):
        text = re.search(r'"(.+)"', draft.task.question)[1]
        for operation, by in draft.task.givens["operations"]:
            text = transformed(text, operation, by)
        assert reference == text


@pytest.mark.parametrize("skill", [skill.name for skill in DOMAIN.skills])
def test_the_last_step_states_the_reference(skill):
    for draft, kind, reference in lessons(skill):
        last = DOMAIN.work(draft.task, ()).steps[-1]
        if kind == "date_after":
            year, month, day = map(int, reference.split("-"))
            reference = f"{day} {MONTHS[month]} {year}"
        if kind not in ("second_difference", "sum_of_two", "woven"):
            assert reference in last
