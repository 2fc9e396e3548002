"""Clock time: when something ends or must begin, and how long it lasts, in hours and minutes.

Hours and minutes are kept side by side and carried by hand, because that is where novices go wrong.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from agents.embedded.domain import Misconception
from agents.embedded.procedures.clock_stories import (
    DEADLINES,
    NIGHTS,
    ONE_SPAN,
    TRIPS,
    TWO_SPANS,
    told,
)
from agents.embedded.procedures.procedure import Givens, Kind, Procedure, stated_as
from agents.embedded.procedures.sheet import Sheet
from storage.records import Skill

DAY = 24 * 60
TIME = stated_as("HH:MM", "Use the 24-hour clock, with two digits each for hours and minutes.")
MINUTES = stated_as("number of minutes", "Give the time in minutes.")


def _h_min(hours: int, minutes: int) -> str:
    return f"{hours} h {minutes} min"


def _clock(minutes: int) -> str:
    hours, rest = divmod(minutes % DAY, 60)
    return f"{hours:02}:{rest:02}"


def _clock_12(minutes: int) -> str:
    hours, rest = divmod(minutes % DAY, 60)
    return f"{(hours - 1) % 12 + 1}:{rest:02} {'pm' if hours >= 12 else 'am'}"


def _spoken(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "hour"), (rest, "minute")]
    return " and ".join(f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in parts if n)


def _add(sheet: Sheet, hours: int, minutes: int, leg: int) -> tuple[int, int]:
    leg_hours, leg_minutes = divmod(leg, 60)
    before = _h_min(hours, minutes)
    hours, minutes = hours + leg_hours, minutes + leg_minutes
    sheet.write(f"Add {_h_min(leg_hours, leg_minutes)} to {before}: {_h_min(hours, minutes)}.")
    if minutes < 60:
        return hours, minutes
    raw = minutes
    hours, minutes = sheet.either(
        (hours + minutes // 60, minutes % 60),
        treats_an_hour_as_a_hundred_minutes=(hours + minutes // 100, minutes % 100),
        forgets_the_carried_hour=(hours, minutes % 60),
    )
    sheet.write(f"Carry the full hours in {raw} min: {_h_min(hours, minutes)}.")
    return hours, minutes


def _take(sheet: Sheet, top: tuple[int, int], low: tuple[int, int]) -> tuple[int, int]:
    """Take one time from another; from the day after, if it is not late enough."""
    if top < low:
        lifted = ((top[0] + 24, top[1]), low)
        top, low = sheet.either(lifted, forgets_to_wrap_at_midnight=(low, top))
        if (top, low) == lifted:
            sheet.write(f"Midnight lies between, so add 24 h: {_h_min(*top)}.")
    hours, minutes = top
    if minutes < low[1]:
        hours, minutes = sheet.either(
            (hours - 1, minutes + 60),
            treats_an_hour_as_a_hundred_minutes=(hours - 1, minutes + 100),
            forgets_the_carried_hour=(hours, minutes + 60),
        )
        what = f"{top[1]} min is fewer than {low[1]} min"
        sheet.write(f"{what}, so turn an hour into minutes: {_h_min(hours, minutes)}.")
    left = (hours - low[0], minutes - low[1])
    sheet.write(f"{_h_min(hours, minutes)} minus {_h_min(*low)} is {_h_min(*left)}.")
    return left


def _start(sheet: Sheet, givens: Givens) -> tuple[int, int]:
    """Read the time that the question names, which may be told on the 12-hour clock."""
    hours, minutes = divmod(givens["time"], 60)
    if givens["twelve"]:
        read = sheet.either(hours, forgets_the_afternoon=(hours - 1) % 12 + 1)
        shown = _clock_12(givens["time"])
        sheet.write(f"{shown} is {_h_min(read, minutes)} on the 24-hour clock.")
        return read, minutes
    return hours, minutes


def _shift(givens: Givens, sheet: Sheet) -> str:
    """Go forward or back by every leg."""
    time = _start(sheet, givens)
    legs = givens["legs"]
    for place, leg in enumerate(legs):
        if 0 < place == len(legs) - 1 and sheet.either(False, stops_one_leg_early=True):
            break
        if givens["forward"] or sheet.either(False, adds_instead_of_subtracting=True):
            time = _add(sheet, *time, leg)
        else:
            time = _take(sheet, time, divmod(leg, 60))
    hours, minutes = time
    if hours >= 24:
        wrapped = sheet.either(hours - 24, forgets_to_wrap_at_midnight=hours)
        if wrapped < 24:
            sheet.write(f"{hours} h is past midnight, so take away 24 h: {wrapped} h.")
        hours = wrapped
    sheet.write(f"The time is {hours:02}:{minutes:02}.")
    return f"{hours:02}:{minutes:02}"


def _duration(givens: Givens, sheet: Sheet) -> str:
    """Add up what lies between the times of each span, and take away the pause."""
    total = 0
    spans = givens["spans"]
    for place, (start, end) in enumerate(spans):
        if 0 < place == len(spans) - 1 and sheet.either(False, stops_one_leg_early=True):
            break
        sheet.write(
            f"From {_clock(start)} to {_clock(end)}: begin with {_h_min(*divmod(end, 60))}."
        )
        hours, minutes = _take(sheet, divmod(end, 60), divmod(start, 60))
        span = sheet.either(
            hours * 60 + minutes, treats_an_hour_as_a_hundred_minutes=hours * 100 + minutes
        )
        total += span
        sheet.write(f"{_h_min(hours, minutes)} is {span} min.")
    if pause := givens["pause"]:
        before = total
        total = sheet.either(before - pause, adds_instead_of_subtracting=before + pause)
        sheet.write(f"The pause of {pause} min changes {before} min to {total} min.")
    else:
        sheet.write(f"In all that makes {total} min.")
    return str(total)


def _shift_kind(name: str, level: int) -> Kind:
    """Return the kind that goes forward from a start, or back from a deadline."""
    forward = name == "time_after"
    shortest = (25, 15, 40)[level - 1]
    earliest = (6, 6, 13)[level - 1] if forward else (9, 10, 0)[level - 1]
    hours = 10 if level == 3 and forward else 12
    length = (155, 105, 200)[level - 1]

    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        hour, minute, *legs = choices
        return {
            "time": (earliest + hour) * 60 + minute,
            "legs": [shortest + leg for leg in legs],
            "forward": forward,
            "twelve": level == 3,
        }

    def tell(givens: Givens) -> dict[str, str]:
        time = _clock_12(givens["time"]) if givens["twelve"] else _clock(givens["time"])
        return {"time": time, **dict(zip("abc", map(_spoken, givens["legs"]), strict=False))}

    phrasings = told(TRIPS if forward else DEADLINES, level)
    sizes = (hours, 60, *[length] * level)
    return Kind(name, phrasings, sizes, decode, tell, TIME, "exact", _shift)


def _duration_kind(level: int) -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        hour, minute, long, *more = choices
        if level == 3:
            start = (18 + hour) * 60 + minute
            end = (4 * 60 + long) % DAY
            return {"spans": [[start, end]], "pause": 15 + more[0]}
        start = (7 + hour) * 60 + minute
        spans: list[JsonValue] = [[start, start + 50 + long]]
        if level == 2:
            again = start + 50 + long + 20 + more[0]
            spans.append([again, again + 50 + more[1]])
        return {"spans": spans, "pause": 0}

    def tell(givens: Givens) -> dict[str, str]:
        times = [_clock(time) for span in givens["spans"] for time in span]
        return {**dict(zip("abcd", times, strict=False)), "pause": _spoken(givens["pause"])}

    phrasings = (ONE_SPAN, TWO_SPANS, NIGHTS)[level - 1]
    sizes = ((9, 60, 190), (5, 60, 190, 90, 190), (6, 60, 240, 60))[level - 1]
    return Kind("duration", phrasings, sizes, decode, tell, MINUTES, "math", _duration)


CLOCK_TIME = Procedure(
    skill=Skill(
        name="clock_time",
        levels=3,
        verifier="exact",
        about="Work out times and durations on the 24-hour clock, across hours and past midnight.",
    ),
    misconceptions=(
        Misconception(
            "treats_an_hour_as_a_hundred_minutes",
            "An hour has 100 minutes, so times are carried like decimal numbers.",
        ),
        Misconception(
            "forgets_the_carried_hour", "Only the minutes change when they go past a full hour."
        ),
        Misconception("adds_instead_of_subtracting", "Every length of time in the story is added."),
        Misconception(
            "stops_one_leg_early",
            "The last length of time in the story is already part of the others.",
        ),
        Misconception(
            "forgets_to_wrap_at_midnight",
            "The day simply goes on after 24 hours, and the smaller time is taken from the larger.",
        ),
        Misconception(
            "forgets_the_afternoon", "The hour of a 12-hour time is the same on the 24-hour clock."
        ),
    ),
    levels=tuple(
        (_shift_kind("time_after", level), _shift_kind("time_before", level), _duration_kind(level))
        for level in (1, 2, 3)
    ),
)
