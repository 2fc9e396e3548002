"""Working a task through, rightly or as a novice would.

Each operation is one line. A novice goes on from its own wrong values, so everything after a slip
may differ too; the slip's step is the first that the misconception itself made wrong.
"""

from collections.abc import Collection
from fractions import Fraction

from agents.embedded.domain import Work
from agents.embedded.quantities.graph import Form, Givens, Quantity, in_order
from agents.embedded.quantities.misconceptions import MISCONCEPTIONS, Acting
from agents.embedded.quantities.operations import calculate, expression, show
from agents.embedded.quantities.slips import Spot, Written
from storage.records import Slip, Task

PERCENT_PLACES = 2
"""A percentage whose decimals do not end is rounded to so many."""


def work(task: Task, active: Collection[str]) -> Work:
    """Work a task through with these misconceptions active; with none, the right way.

    Raises:
        pydantic.ValidationError: the task's givens are not of this domain.
    """
    givens = Givens.model_validate(task.givens)
    held = [each for each in MISCONCEPTIONS if each.name in active]
    values = {q.name: q.given for q in givens.quantities if q.op is None}
    distractors = [q.given for q in givens.quantities if q.distractor]
    wanted = in_order(givens.quantities, givens.asked)
    steps: list[str] = []
    slips: dict[str, Slip] = {}
    for quantity in wanted:
        if quantity.op is None:
            continue
        spot = _spot(quantity, wanted, values, givens.asked, distractors[:1])
        text, value, misconception = _do(spot, held)
        values[quantity.name] = value
        shown = state(value, quantity.unit)
        steps.append(f"{quantity.label}: {shown if text == shown else f'{text} = {shown}'}.")
        if misconception:
            name = misconception.name
            slips.setdefault(name, Slip(misconception=name, step=len(steps)))
    answer = state(values[givens.asked], givens.form)
    return Work(tuple(steps), answer, tuple(slips.values()))


def _do(spot: Spot, held: Collection[Acting]) -> tuple[str, Fraction, Acting | None]:
    """Return what is written, its value, and the misconception that made it wrong, if one did."""
    right = calculate(spot.op, spot.values)
    for misconception in held:
        written: Written | None = misconception.act(spot)
        if written is not None and written[1] != right:
            return *written, misconception
    return expression(spot.op, spot.values), right, None


def _spot(
    quantity: Quantity,
    wanted: Collection[Quantity],
    values: dict[str, Fraction],
    asked: str,
    distractors: Collection[Fraction],
) -> Spot:
    known = {q.name: q for q in wanted if q.name in values}
    whole = known[quantity.args[0]]
    worked = [arg for arg in quantity.args if known[arg].op is not None]
    others = [n for n, q in known.items() if q.unit == whole.unit and n != whole.name]
    return Spot(
        op=quantity.op or "",
        values=tuple(values[arg] for arg in quantity.args),
        last=quantity.name == asked,
        before=values[worked[-1]] if worked else None,
        elsewhere=values[others[0]] if others else None,
        distractor=next(iter(distractors), None),
    )


def state(value: Fraction, form: Form | str) -> str:
    """Return a value as its form asks: "12", "3/4" or "15%"."""
    if form == "fraction":
        return str(value)
    if form != "percent":
        return show(value)
    text = show(value)
    return f"{show(round(value, PERCENT_PLACES)) if '/' in text else text}%"
