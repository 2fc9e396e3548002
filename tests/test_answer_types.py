"""What holds for every verifier of an answer's type: no near miss, and no hostile text, passes."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from agents.verifiers import Data, verifier

LETTERS = "abcdefgh"
PLACES = {"places": 2}
FORMATS = {"formats": ["D MMMM YYYY", "YYYY-MM-DD"]}
CHOICES = {"choices": {letter.upper(): f"the {letter} one" for letter in LETTERS}}
NUMBERS = {"element": "integer"}
SHAPE = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "tags": {"type": "array", "minItems": 1}},
    "required": ["n", "tags"],
    "additionalProperties": False,
}
COMPARED = {"schema": SHAPE, "compare": True}


def drawn_json(draw: random.Random) -> str:
    return json.dumps({"n": draw.randint(-99, 99), "tags": draw.sample(LETTERS, 3)})


def drawn_numbers(draw: random.Random) -> str:
    return ", ".join(str(draw.randint(-99, 99)) for _ in range(draw.randint(2, 6)))


@dataclass(frozen=True)
class Kind:
    """A verifier, its data, and how a reference of it is drawn and its value is told."""

    name: str
    data: Data
    drawn: Callable[[random.Random], str]
    value: Callable[[str], object] = str

    def __str__(self) -> str:
        return self.name


KINDS = [
    Kind("integer", {}, lambda draw: str(draw.randint(-9999, 9999)), int),
    Kind("decimal", PLACES, lambda draw: f"{draw.randint(-9999, 9999) / 100:.2f}", float),
    Kind(
        "fraction",
        {"integers": False},
        lambda draw: f"{draw.randint(-99, 99)}/{draw.randint(2, 99)}",
        lambda text: round(int(text.split("/")[0]) / int(text.split("/")[1]), 9),
    ),
    Kind(
        "date",
        FORMATS,
        lambda draw: (date(1999, 1, 1) + timedelta(days=draw.randint(0, 9999))).isoformat(),
    ),
    Kind("choice", CHOICES, lambda draw: draw.choice(LETTERS).upper()),
    Kind("sequence", NUMBERS, drawn_numbers),
    Kind("sequence", {}, lambda draw: ", ".join(draw.sample(LETTERS, draw.randint(2, 5)))),
    Kind("multiset", NUMBERS, drawn_numbers, lambda text: sorted(text.split(", "))),
    Kind("json", COMPARED, drawn_json),
]
EVERY = pytest.mark.parametrize("kind", KINDS, ids=str)

HOSTILE = [
    *("", " ", ".", ",", ";", "\x00", "\ud800", "\u202e", "[]", "{}", "()", "-", "/", "NaN"),
    *("the answer", "None", "null", "true", "__import__('os')", "{{ reference }}", "${x}", "0x4"),
    *("9" * 5_000, "1," * 50_000, "a" * 100_000, "[" * 100_000, '{"a":' * 20_000, "(" * 300),
    *(
        "1/0",
        "0/0",
        "1e999999999",
        "Infinity",
        "2026-02-30",
        "00/00/0000",
        "\u0663",
        "\uff11/\uff12",
        "é" * 999,
    ),
    "a" + "\u0301" * 100_000,
]
WRAPPED = [
    *("not {}", "{} or {other}", "{other} or {}", "{}, {other}", "{other}; {}", "The answer is {}"),
    *("{} apples", "{}{}", "{} {}", "{} = {}", "~{}", "!{}", "{}?", "[[{}]]", "(({}))", "{{{}}}"),
    *("{}\x00", "\u202e{}", "{}\u200b", "{}\ud800", "x{}", "{}x", "{}..", "..{}", "**{}**", "`{}`"),
]
FULL_WIDTH = {ord("0") + n: ord("\uff10") + n for n in range(10)}


async def finding(kind: Kind, answer: str, reference: str) -> str:
    check = await verifier(kind.name).check(answer=answer, reference=reference, data=kind.data)
    assert check.limits
    assert (check.verifier, check.version) == (kind.name, verifier(kind.name).version)
    assert len(check.evidence.splitlines()) == 1
    assert len(check.evidence) < 800
    return check.finding


@EVERY
async def test_every_reference_is_accepted_and_its_near_miss_refused(kind):
    draw = random.Random(1)
    for reference in (kind.drawn(draw) for _ in range(200)):
        near = verifier(kind.name).changed(reference, kind.data)
        assert await finding(kind, reference, reference) == "passed"
        assert await finding(kind, near, reference) == "failed", (near, reference)


@EVERY
async def test_no_hostile_answer_passes_raises_or_takes_long(kind):
    reference = kind.drawn(random.Random(2))
    for hostile in HOSTILE:
        start = time.process_time()
        assert await finding(kind, hostile, reference) == "failed", hostile[:40]
        assert time.process_time() - start < 1, hostile[:40]


@EVERY
async def test_words_and_other_answers_around_the_reference_are_refused(kind):
    draw = random.Random(3)
    for _ in range(20):
        reference, other = kind.drawn(draw), kind.drawn(draw)
        texts = [text.format(*[reference] * 2, other=other) for text in WRAPPED]
        if any(each.isdigit() for each in reference) and kind.name != "json":
            texts.append(reference.translate(FULL_WIDTH))
        for text in texts:
            assert await finding(kind, text, reference) == "failed", (text, reference)


@EVERY
async def test_a_thousand_answers_of_other_lessons_and_mutants_are_all_refused(kind):
    draw, refused = random.Random(4), 0
    while refused < 1_000:
        reference, other = kind.drawn(draw), kind.drawn(draw)
        if kind.value(other) != kind.value(reference):
            assert await finding(kind, other, reference) == "failed", (other, reference)
            refused += 1
        mutant = mutated(reference, draw)
        passed = await finding(kind, mutant, reference) == "passed"
        assert not passed or is_another_writing(kind, mutant, reference), (mutant, reference)
        refused += not passed


def mutated(text: str, draw: random.Random) -> str:
    """Return a text with one character changed, lost or put in."""
    place = draw.randrange(len(text))
    new = draw.choice(["", draw.choice("0123456789ABCDEFGHabcxyz-./,;[]"), text[place] * 2])
    return text[:place] + new + text[place + 1 :]


def is_another_writing(kind: Kind, mutant: str, reference: str) -> bool:
    """Return whether a mutant says the same, as a reader of plain Python tells."""
    if mutant == reference or kind.name == "choice":
        return mutant.casefold() == reference.casefold()
    if kind.name == "json":
        return json.loads(mutant) == json.loads(reference)
    plain = [each.strip(" .[]").lstrip("+") for each in (mutant, reference)]
    spaced = [each.replace(";", ",").replace(", ", ",").replace(" ", "") for each in plain]
    try:
        numbers = [[kind_of(part) for part in each.split(",")] for each in spaced]
    except (ValueError, ZeroDivisionError):
        return spaced[0] == spaced[1]
    if kind.name == "multiset":
        numbers = [sorted(each) for each in numbers]
    return numbers[0] == numbers[1]


def kind_of(part: str) -> float:
    numerator, _, denominator = part.partition("/")
    return float(numerator) / float(denominator or 1)
