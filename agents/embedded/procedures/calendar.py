"""The Gregorian calendar: weekdays, dates and leap years, by counting and nothing else.

Dates are walked month by month, as on paper. No locale and no clock is read; the names of days and
months are the English ones below.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from agents.embedded.domain import Misconception
from agents.embedded.procedures.calendar_stories import (
    DATE_AFTER,
    DAYS_BETWEEN,
    LEAP_YEARS,
    WEEKDAY_AFTER,
    WEEKDAY_OF_DATE,
    WEEKDAY_TWICE,
)
from agents.embedded.procedures.procedure import Givens, Kind, Procedure, amount, stated_as
from agents.embedded.procedures.sheet import Sheet
from storage.records import Skill

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LEAPS = tuple(range(1896, 2108, 4))
FEBRUARIES = tuple(year + late for year in _LEAPS for late in (0, 1))
"""Years whose February is crossed at level 3: every fourth year, and the year after it."""
NO_WEEKS = tuple(n for n in range(10, 1000) if n % 7)
WEEKDAY = stated_as("weekday", "Give the English name of the weekday.")
DATE = stated_as(
    "YYYY-MM-DD", "Write the year with four digits, the month and the day with two digits each."
)
DAY_COUNT = stated_as("number of days")
YEAR_COUNT = stated_as("number of leap years")


def is_leap(year: int) -> bool:
    """Return whether a year of the Gregorian calendar has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _length(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else LENGTHS[month - 1]


def _taken_length(sheet: Sheet, year: int, month: int) -> int:
    return sheet.either(
        _length(year, month),
        treats_every_month_as_thirty_days=30,
        forgets_the_leap_day=LENGTHS[month - 1],
        takes_every_fourth_year_for_a_leap_year=29
        if month == 2 and year % 4 == 0
        else LENGTHS[month - 1],
    )


def _next_month(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _later(date: Sequence[int], days: int) -> list[int]:
    year, month, day = date
    day += days
    while day > (length := _length(year, month)):
        day -= length
        year, month = _next_month(year, month)
    return [year, month, day]


def _from_day_of_year(year: int, day: int) -> list[int]:
    """Return the date of a day of the year, counted from 0."""
    return _later((year, 1, 1), day)


def _written(date: Sequence[int]) -> str:
    year, month, day = date
    return f"{day} {MONTHS[month - 1]} {year}"


def _weekday(date: Sequence[int]) -> int:
    """Return 0 for a Monday, by Sakamoto's method."""
    year, month, day = date
    year -= month < 3
    shift = (0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4)[month - 1]
    return (year + year // 4 - year // 100 + year // 400 + shift + day + 6) % 7


def _count_on(sheet: Sheet, day: int, moved: int) -> int:
    """Go a number of days on from a weekday, or back if it is negative."""
    weeks, rest = divmod(abs(moved), 7)
    sheet.write(f"{abs(moved)} days are {amount(weeks, 'week')} and {amount(rest, 'day')}.")
    step = 1 if moved > 0 else -1
    first = sheet.either(1, counts_the_first_day=0)
    passed = [(day + step * n) % 7 for n in range(first, rest + first)]
    reached = passed[-1] if passed else day
    way = "on" if moved > 0 else "back"
    names = ", ".join(DAYS[n] for n in passed) or "no day"
    sheet.write(f"Count {rest} {way} from {DAYS[day]}: {names}; that is {DAYS[reached]}.")
    return reached


def _solve_weekday(givens: Givens, sheet: Sheet) -> str:
    day = DAYS.index(givens["day"])
    for moved in givens["moves"]:
        day = _count_on(sheet, day, moved)
    return DAYS[day]


def _solve_weekday_of_date(givens: Givens, sheet: Sheet) -> str:
    days = _days_between(sheet, givens["date"], givens["last"])
    return DAYS[_count_on(sheet, DAYS.index(givens["day"]), days)]


def _solve_days_between(givens: Givens, sheet: Sheet) -> str:
    return str(_days_between(sheet, givens["date"], givens["last"]))


def _days_between(sheet: Sheet, date: Sequence[int], last: Sequence[int]) -> int:
    """Walk from a date to a later one and count the days."""
    year, month, day = date
    if [year, month] == list(last[:2]):
        days = last[2] - day + sheet.either(0, counts_both_ends=1)
        sheet.write(f"From {day} to {last[2]} {MONTHS[month - 1]}: {amount(days, 'day')}.")
        return days
    length = _taken_length(sheet, year, month)
    days = max(0, length - day) + sheet.either(0, counts_both_ends=1)
    sheet.write(
        f"From {_written(date)} to the end of the month ({length} days): {amount(days, 'day')}."
    )
    year, month = _next_month(year, month)
    while [year, month] != list(last[:2]):
        length = _taken_length(sheet, year, month)
        days += length
        sheet.write(f"{MONTHS[month - 1]} {year} has {length} days: {days} days so far.")
        year, month = _next_month(year, month)
    days += last[2]
    sheet.write(f"On to {_written(last)}: {last[2]} more, {days} days in all.")
    return days


def _solve_date(givens: Givens, sheet: Sheet) -> str:
    """Walk a number of days on from a date, to the end of each month that they fill."""
    year, month, day = givens["date"]
    n = givens["n"] + day - sheet.either(0, counts_the_first_day=1)
    sheet.write(f"Counted from {_written((year, month, 1))} as day 1, look for day {n}.")
    while n > (length := _taken_length(sheet, year, month)):
        n -= length
        sheet.write(f"{MONTHS[month - 1]} {year} has {length} days, so {n} remain after it.")
        year, month = _next_month(year, month)
    sheet.write(f"{MONTHS[month - 1]} {year} has {length} days, enough for the {n} that remain.")
    sheet.write(f"The date is {_written((year, month, n))}.")
    return f"{year}-{month:02}-{n:02}"


def _solve_leap_years(givens: Givens, sheet: Sheet) -> str:
    first, last = -(-givens["first"] // 4) * 4, givens["last"] // 4 * 4
    sheet.write(f"The first multiple of 4 is {first}, the last is {last}.")
    more = sheet.either(1, forgets_the_first_multiple=0)
    fours = (last - first) // 4 + more
    sheet.write(f"({last} - {first}) / 4 + {more} = {fours} multiples of 4.")
    centuries = [year for year in range(first, last + 1, 4) if year % 100 == 0 and year % 400]
    centuries = sheet.either(centuries, takes_every_fourth_year_for_a_leap_year=[])
    years = ", ".join(map(str, centuries)) or "none"
    sheet.write(f"Full centuries to leave out, for 400 does not divide them: {years}.")
    sheet.write(f"{fours} - {len(centuries)} = {fours - len(centuries)} leap years.")
    return str(fours - len(centuries))


def _ways(moved: int, mark: str = "") -> dict[str, str]:
    """Return the words for a move by days; `mark` tells a second move's words apart."""
    way, go = ("later", "on") if moved > 0 else ("earlier", "back")
    return {f"way{mark}": way, f"go{mark}": go}


def _weekday_after() -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        day, n, back = choices
        return {"day": DAYS[day], "moves": [-NO_WEEKS[n] if back else NO_WEEKS[n]]}

    def tell(givens: Givens) -> dict[str, str]:
        (moved,) = givens["moves"]
        return {"day": givens["day"], "n": str(abs(moved)), **_ways(moved)}

    sizes = (7, len(NO_WEEKS), 2)
    return Kind(
        "weekday_after", WEEKDAY_AFTER, sizes, decode, tell, WEEKDAY, "exact", _solve_weekday
    )


def _weekday_twice() -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        day, n, back, weeks, rest, back2 = choices
        first = -NO_WEEKS[n] if back else NO_WEEKS[n]
        step = -1 if back2 else 1
        # Neither whole weeks nor back to the weekday that the question names.
        rests = [r for r in range(1, 7) if (first + step * r) % 7]
        return {"day": DAYS[day], "moves": [first, step * (7 * (weeks + 1) + rests[rest])]}

    def tell(givens: Givens) -> dict[str, str]:
        first, second = givens["moves"]
        words = {"day": givens["day"], "n": str(abs(first)), "m": str(abs(second))}
        return {**words, **_ways(first), **_ways(second, "2")}

    sizes = (7, len(NO_WEEKS), 2, 60, 5, 2)
    return Kind(
        "weekday_twice", WEEKDAY_TWICE, sizes, decode, tell, WEEKDAY, "exact", _solve_weekday
    )


def _weekday_of_date() -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        february, start, weeks, rest = choices
        date = _from_day_of_year(FEBRUARIES[february] - 1, 243 + start)
        last = _later(date, 7 * (29 + weeks) + 1 + rest)
        return {"day": DAYS[_weekday(date)], "date": [*date], "last": [*last]}

    def tell(givens: Givens) -> dict[str, str]:
        date, last = givens["date"], givens["last"]
        return {"day": givens["day"], "date": _written(date), "last": _written(last)}

    sizes = (len(FEBRUARIES), 122, 20, 6)
    return Kind(
        "weekday_of_date",
        WEEKDAY_OF_DATE,
        sizes,
        decode,
        tell,
        WEEKDAY,
        "exact",
        _solve_weekday_of_date,
    )


def _dates(level: int, choices: Sequence[int]) -> tuple[list[int], int]:
    """Return the date to start from, and how many days lie before the other date."""
    year, day, n = choices
    if level == 3:
        return _from_day_of_year(FEBRUARIES[year] - 1, 243 + day), 200 + n
    return _from_day_of_year(1990 + year, day), (12, 75)[level - 1] + n


def _sizes(level: int) -> tuple[int, int, int]:
    return ((60, 365, 40), (60, 365, 110), (len(FEBRUARIES), 122, 160))[level - 1]


def _date_after(level: int) -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        date, n = _dates(level, choices)
        return {"date": [*date], "n": n}

    def tell(givens: Givens) -> dict[str, str]:
        return {"date": _written(givens["date"]), "n": str(givens["n"])}

    sizes = _sizes(level)
    return Kind("date_after", DATE_AFTER, sizes, decode, tell, DATE, "exact", _solve_date)


def _between(level: int) -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        date, n = _dates(level, choices)
        return {"date": [*date], "last": [*_later(date, n)]}

    def tell(givens: Givens) -> dict[str, str]:
        return {"date": _written(givens["date"]), "last": _written(givens["last"])}

    sizes = _sizes(level)
    return Kind(
        "days_between", DAYS_BETWEEN, sizes, decode, tell, DAY_COUNT, "math", _solve_days_between
    )


def _leap_years() -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        first, length = choices
        # At least one full century that 400 does not divide lies inside.
        return {"first": 1601 + first, "last": 1601 + first + 200 + length}

    def tell(givens: Givens) -> dict[str, str]:
        return {"first": str(givens["first"]), "last": str(givens["last"])}

    sizes = (300, 300)
    return Kind(
        "leap_years", LEAP_YEARS, sizes, decode, tell, YEAR_COUNT, "math", _solve_leap_years
    )


CALENDAR = Procedure(
    skill=Skill(
        name="calendar",
        after=("clock_time",),
        levels=3,
        verifier="exact",
        about="Count with days of the week, dates and leap years in the Gregorian calendar.",
    ),
    misconceptions=(
        Misconception("counts_the_first_day", "The day from which one counts is day number one."),
        Misconception(
            "counts_both_ends", "The first and the last day both count as days between two dates."
        ),
        Misconception("treats_every_month_as_thirty_days", "Every month has 30 days."),
        Misconception("forgets_the_leap_day", "February always has 28 days."),
        Misconception(
            "takes_every_fourth_year_for_a_leap_year", "Every year that 4 divides is a leap year."
        ),
        Misconception(
            "forgets_the_first_multiple",
            "The number of multiples in a range is the distance divided by the step.",
        ),
    ),
    levels=(
        (_weekday_after(), _date_after(1), _between(1)),
        (_weekday_twice(), _date_after(2), _between(2)),
        (_weekday_of_date(), _date_after(3), _leap_years()),
    ),
)
