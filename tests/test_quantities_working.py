"""Workings are right without misconceptions, and wrong exactly where a misconception acts."""

import re
from fractions import Fraction
from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.embedded.domain import Work
from agents.embedded.quantities import Quantities
from agents.embedded.quantities.graph import Givens, Quantity
from agents.embedded.quantities.operations import OPERATIONS, calculate, expression, show
from agents.embedded.quantities.working import state
from storage.records import JsonValue, Slip, Task

DOMAIN = Quantities()
SKILLS = [skill.name for skill in DOMAIN.skills]
PLACES = [(skill, level) for skill in SKILLS for level in (1, 2, 3)]
HELD = [(skill, m.name) for skill in SKILLS for m in DOMAIN.misconceptions(skill)]


@cache
def tasks(skill: str, level: int) -> tuple[Task, ...]:
    rng, capacity = Random(11), DOMAIN.capacity(skill, level)
    return tuple(DOMAIN.draft(skill, level, rng.randrange(capacity)).task for _ in range(200))


@cache
def works(skill: str, level: int, *active: str) -> tuple[Work, ...]:
    return tuple(DOMAIN.work(task, active) for task in tasks(skill, level))


def worked_out(step: str) -> tuple[str, str] | None:
    """Return the expression and the value of a step, None if it only repeats a value."""
    found = re.fullmatch(r".*: (.+) = (\S+)\.", step)
    return (found[1], found[2].rstrip("%")) if found else None


def exact(text: str) -> Fraction:
    """Work an expression out by Python's own grammar, with exact numbers."""
    assert re.fullmatch(r"[\d./*+() -]+", text)
    numbers = re.sub(r"\d+(\.\d+)?", lambda number: f"Fraction('{number[0]}')", text)
    return Fraction(eval(numbers, {"Fraction": Fraction}))


@pytest.mark.parametrize("place", PLACES)
def test_every_step_of_a_right_working_is_a_true_equation(place: tuple[str, int]) -> None:
    for work in works(*place):
        for step in work.steps:
            pair = worked_out(step)
            assert pair is not None, step
            assert exact(pair[0]) == Fraction(pair[1]), step
        assert work.slips == ()
        assert work.steps[-1].endswith(f" = {work.answer}.")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.no_cover
def test_right_values_are_positive_short_and_of_everyday_size(place: tuple[str, int]) -> None:
    for work in works(*place):
        for step in work.steps:
            pair = worked_out(step)
            assert pair is not None
            assert 0 < Fraction(pair[1]) <= 20_000, step
            assert re.fullmatch(r"\d+|\d+\.\d{1,3}|\d+/\d+", pair[1]), step


def by_quantity(task: Task) -> dict[str, tuple[Quantity, Fraction]]:
    known: dict[str, tuple[Quantity, Fraction]] = {}
    for quantity in Givens.model_validate(task.givens).quantities:
        values = [known[arg][1] for arg in quantity.args]
        value = calculate(quantity.op, values) if quantity.op else quantity.given
        known[quantity.name] = (quantity, value)
    return known


@pytest.mark.parametrize("place", PLACES)
def test_only_amounts_of_one_unit_are_added_and_nobody_gives_more_than_there_is(
    place: tuple[str, int],
) -> None:
    for task in tasks(*place):
        known = by_quantity(task)
        for quantity, value in known.values():
            if quantity.op in ("add", "subtract"):
                assert {known[arg][0].unit for arg in quantity.args} == {quantity.unit}
                assert value > 0


@pytest.mark.parametrize("place", PLACES)
def test_whatever_is_counted_is_whole(place: tuple[str, int]) -> None:
    fine = {"fraction", "percent"}
    large = ("kilograms of", "litres of", "metres of", "hours of")
    for task in tasks(*place):
        for quantity, value in by_quantity(task).values():
            if quantity.unit not in fine and not quantity.unit.startswith(large):
                assert value.denominator == 1, quantity


@pytest.mark.parametrize(("skill", "name"), HELD)
@pytest.mark.no_cover
def test_a_misconception_makes_a_good_share_of_answers_wrong(skill: str, name: str) -> None:
    def wrong(level: int) -> float:
        pairs = zip(works(skill, level), works(skill, level, name), strict=True)
        return sum(right.answer != held.answer for right, held in pairs) / 200

    assert max(wrong(level) for level in (1, 2, 3)) >= 0.2


def first_difference(right: Work, wrong: Work) -> int | None:
    pairs = zip(right.steps, wrong.steps, strict=True)
    return next((n for n, (a, b) in enumerate(pairs, start=1) if a != b), None)


@pytest.mark.parametrize(("skill", "name"), HELD)
def test_a_slip_stands_at_the_first_step_that_differs(skill: str, name: str) -> None:
    for level in (1, 2, 3):
        for right, wrong in zip(works(skill, level), works(skill, level, name), strict=True):
            step = first_difference(right, wrong)
            expected = () if step is None else (Slip(misconception=name, step=step),)
            assert wrong.slips == expected


@pytest.mark.parametrize("skill", SKILLS)
def test_many_misconceptions_at_once_still_give_a_working(skill: str) -> None:
    names = [m.name for m in DOMAIN.misconceptions(skill)]
    rng = Random(5)
    for level in (1, 2, 3):
        for task, right in zip(tasks(skill, level), works(skill, level), strict=True):
            active = rng.sample(names, 3)
            wrong = DOMAIN.work(task, active)
            assert wrong == DOMAIN.work(task, active[::-1])
            assert len(wrong.steps) == len(right.steps)
            assert re.fullmatch(r"-?\d+(\.\d+|/\d+)?%?", wrong.answer)
            steps = [slip.step for slip in wrong.slips]
            assert steps == sorted(steps)
            assert (steps[0] if steps else None) == first_difference(right, wrong)


@pytest.mark.parametrize("skill", SKILLS)
def test_every_skill_has_misconceptions_of_its_own(skill: str) -> None:
    names = [m.name for m in DOMAIN.misconceptions(skill)]
    assert len(names) == len(set(names)) >= 5
    assert all(m.belief.endswith(".") for m in DOMAIN.misconceptions(skill))


def leaf(name: str, value: str, **more: JsonValue) -> dict[str, JsonValue]:
    return {"name": name, "label": name, "unit": "eggs", "value": value, **more}


def one_operation(op: str, *values: str) -> Task:
    quantities: list[JsonValue] = [leaf(f"q{n}", v) for n, v in enumerate(values)]
    args: list[JsonValue] = [f"q{n}" for n in range(len(values))]
    asked = {"name": "out", "label": "Out", "unit": "eggs", "op": op, "args": args}
    extra = leaf("idle", "7", distractor=True)
    givens: dict[str, JsonValue] = {"skill": "sums", "level": 1, "asked": "out"}
    return Task(question="?", givens=givens | {"quantities": [*quantities, asked, extra]})


@pytest.mark.parametrize(
    ("misconception", "op", "values", "step"),
    [
        ("drops_a_carry", "add", ("38", "25"), "Out: 38 + 25 = 53."),
        ("drops_a_carry", "add", ("60", "70"), "Out: 60 + 70 = 130."),
        ("drops_a_carry", "multiply", ("6", "24"), "Out: 6 * 24 = 124."),
        ("drops_a_carry", "multiply", ("16", "24"), "Out: 16 * 24 = 384."),
        ("borrows_the_wrong_way", "subtract", ("52", "38"), "Out: 52 - 38 = 26."),
        ("adds_instead_of_subtracting", "subtract", ("52", "38"), "Out: 52 + 38 = 90."),
        ("divides_the_wrong_way", "divide", ("48", "6"), "Out: 6 / 48 = 0.125."),
        ("divides_the_wrong_way", "divide", ("0", "6"), "Out: 0 / 6 = 0."),
        ("multiplies_by_the_denominator", "fraction_of", ("48", "3/4"), "Out: 48 * 4 = 192."),
        ("ignores_the_numerator", "fraction_of", ("48", "3/4"), "Out: 48 / 4 = 12."),
        ("takes_the_rest_for_the_part", "fraction_of", ("48", "3/4"), "Out: (1 - 3/4) * 48 = 12."),
        ("takes_the_rest_for_the_part", "as_fraction", ("3", "0"), "Out: 3 / 0 = 0."),
        ("treats_percent_as_a_plain_number", "percent_of", ("60", "15"), "Out: 15."),
        ("inverts_a_ratio", "in_proportion", ("30", "3", "5"), "Out: 30 / 5 * 3 = 18."),
        ("inverts_a_ratio", "in_proportion", ("30", "3", "7"), "Out: 30 / 7 * 3 = 90/7."),
        ("stops_at_one_part", "ratio_share", ("9", "3", "5"), "Out: 9."),
        ("misses_a_power_of_ten", "to_smaller", ("2.5", "1000"), "Out: 2.5 * 100 = 250."),
        ("converts_the_wrong_way", "to_larger", ("250", "100"), "Out: 250 * 100 = 25000."),
        ("uses_the_distractor", "subtract", ("52", "38"), "Out: 52 - 38 - 7 = 7."),
        ("forgets_the_last_step", "subtract", ("52", "38"), "Out: 52 - 38 = 14."),
    ],
)  # fmt: skip
def test_a_misconception_writes(
    misconception: str, op: str, values: tuple[str, ...], step: str
) -> None:
    assert DOMAIN.work(one_operation(op, *values), (misconception,)).steps == (step,)


def test_a_forgotten_last_step_gives_the_value_before_it() -> None:
    task = one_operation("add", "5", "6")
    assert task.givens is not None
    quantities = task.givens["quantities"]
    assert isinstance(quantities, list)
    half = {"name": "end", "label": "End", "unit": "eggs", "op": "divide", "args": ["out", "q0"]}
    longer = Task(
        question="?", givens=task.givens | {"asked": "end", "quantities": [*quantities, half]}
    )
    work = DOMAIN.work(longer, ("forgets_the_last_step",))
    assert work == Work(
        ("Out: 5 + 6 = 11.", "End: 11."),
        "11",
        (Slip(misconception="forgets_the_last_step", step=2),),
    )


@given(value=st.fractions(min_value=-1000, max_value=1000, max_denominator=400))
def test_a_value_is_written_exactly(value: Fraction) -> None:
    assert Fraction(show(value)) == value
    assert Fraction(state(value, "fraction")) == value
    assert abs(Fraction(state(value, "percent").rstrip("%")) - value) <= Fraction(1, 200)


@given(
    op=st.sampled_from(sorted(set(OPERATIONS) - {"fraction_of"})),
    values=st.lists(st.fractions(-50, 50, max_denominator=60), min_size=3, max_size=3),
)
def test_an_expression_says_what_is_calculated(op: str, values: list[Fraction]) -> None:
    try:
        meant = exact(expression(op, values))
    except ZeroDivisionError:
        meant = Fraction(0)
    assert calculate(op, values) == meant


def broken(**changes: JsonValue) -> dict[str, JsonValue]:
    task = one_operation("add", "5", "6")
    return (task.givens or {}) | changes


def quantities(*changed: dict[str, JsonValue]) -> list[JsonValue]:
    known = (one_operation("add", "5", "6").givens or {})["quantities"]
    assert isinstance(known, list)
    return [*known, *changed]


BAD_OPERATION: dict[str, JsonValue] = {"name": "b", "label": "B", "unit": "eggs"}


@pytest.mark.parametrize("givens", [
    {},
    broken(domain="procedures"),
    broken(asked="nothing"),
    broken(quantities=quantities(leaf("huge", "1e999999999"))),
    broken(quantities=quantities(leaf("zero", "1/0"))),
    broken(quantities=quantities(BAD_OPERATION)),
    broken(quantities=quantities(BAD_OPERATION | {"op": "explode", "args": ["q0", "q1"]})),
    broken(quantities=quantities(BAD_OPERATION | {"op": "subtract", "args": ["q0"]})),
    broken(quantities=quantities(BAD_OPERATION | {"op": "add", "args": ["q0", "b"]})),
    broken(quantities=quantities(BAD_OPERATION | {"op": "add", "args": ["q0", "q9"]})),
])  # fmt: skip
def test_givens_that_are_no_graph_of_quantities_are_refused(givens: dict[str, JsonValue]) -> None:
    with pytest.raises(ValueError, match="Givens"):
        DOMAIN.work(Task(question="?", givens=givens), ())
