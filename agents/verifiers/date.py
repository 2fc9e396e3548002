"""Compare calendar dates, written in the formats that the lesson asks for.

What a newcomer gets wrong: nothing is guessed. "03/04/2026" is a date only if the data names the
format, and with it the order of day and month. Without data only ISO 8601's "2026-04-03" is read.
Month names are English, blind to case, whatever the locale.
"""

import re
from datetime import date, timedelta

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.canonical import compare, reference_value, refuse_unknown
from agents.verifiers.verifier import Data
from storage.records import Check

MAX_CHARS = 64
ISO = "YYYY-MM-DD"
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_YEAR, _MONTH, _DAY = r"(?P<year>[0-9]{4})", r"(?P<month>[0-9]{2})", r"(?P<day>[0-9]{2})"
_BARE_DAY = r"(?P<day>[1-9][0-9]?)"
_NAME = rf"(?P<name>{'|'.join(MONTHS)})"
_SHORT_NAME = rf"(?P<name>{'|'.join(month[:3] for month in MONTHS)})"
FORMATS = {
    ISO: rf"{_YEAR}-{_MONTH}-{_DAY}",
    "YYYYMMDD": rf"{_YEAR}{_MONTH}{_DAY}",
    "YYYY/MM/DD": rf"{_YEAR}/{_MONTH}/{_DAY}",
    "DD/MM/YYYY": rf"{_DAY}/{_MONTH}/{_YEAR}",
    "MM/DD/YYYY": rf"{_MONTH}/{_DAY}/{_YEAR}",
    "DD.MM.YYYY": rf"{_DAY}\.{_MONTH}\.{_YEAR}",
    "DD-MM-YYYY": rf"{_DAY}-{_MONTH}-{_YEAR}",
    "D MMMM YYYY": rf"{_BARE_DAY} {_NAME} {_YEAR}",
    "D MMM YYYY": rf"{_BARE_DAY} {_SHORT_NAME} {_YEAR}",
    "MMMM D, YYYY": rf"{_NAME} {_BARE_DAY}, {_YEAR}",
}
"""The formats that a lesson may ask for, each with the pattern that reads it."""
_AMBIGUOUS = {"DD/MM/YYYY", "MM/DD/YYYY"}


class DateVerifier:
    """Accepts an answer that states the reference's date in one of the asked formats."""

    name = "date"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if both texts state the same date.

        Raises:
            VerifierError: the data does not fit, or the reference is no date in those formats.
        """
        limits: dict[str, JsonValue] = {"text_max_chars": MAX_CHARS, "year_max": date.max.year}
        return compare(self, limits, answer=answer, reference=reference, data=data)

    def canonical(self, text: str, data: Data) -> date | None:
        """Return the date that a text states. None: it states none in the asked formats.

        Raises:
            VerifierError: the data does not fit.
        """
        formats = _formats(data)
        if len(text) > MAX_CHARS:
            return None
        plain = " ".join(text.split()).removesuffix(".")
        matches = (re.fullmatch(FORMATS[each], plain, re.I | re.A) for each in formats)
        return next((_date(match) for match in matches if match), None)

    def changed(self, reference: str, data: Data) -> str:
        """Return the next day, or the day before the last day that there is.

        Raises:
            VerifierError: the data does not fit, or the reference is no date in those formats.
        """
        value = reference_value(self, reference, data)
        near = value + timedelta(days=1 if value < date.max else -1)
        return written(near, _formats(data)[0])

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return other dates: the day before and after, another year, day and month exchanged.

        Raises:
            VerifierError: the data does not fit, or the reference is no date in those formats.
        """
        value, form = reference_value(self, reference, data), _formats(data)[0]
        days = (value.toordinal() + step for step in (1, -1, 7, -7, 365, -365))
        near = [date.fromordinal(day) for day in days if 1 <= day <= date.max.toordinal()]
        if value.day <= len(MONTHS) and value.day != value.month:
            near.append(date(value.year, value.day, value.month))
        forms = (f"{written(value, form)} or {written(near[0], form)}", str(value.year))
        return (*(written(other, form) for other in near), *forms)


def written(value: date, form: str) -> str:
    """Return a date in one of the formats."""
    month = MONTHS[value.month - 1]
    parts = {
        "YYYY": f"{value.year:04}",
        "MMMM": month,
        "MMM": month[:3],
        "MM": f"{value.month:02}",
        "DD": f"{value.day:02}",
        "D": str(value.day),
    }
    return re.sub("YYYY|M{2,4}|DD?", lambda match: parts[match[0]], form)


def _date(match: re.Match[str]) -> date | None:
    """Return the date that a format's parts make. None: there is no such day."""
    parts = match.groupdict()
    names = [month[:3].casefold() for month in MONTHS]
    month = (
        names.index(parts["name"][:3].casefold()) + 1 if "name" in parts else int(parts["month"])
    )
    try:
        return date(int(parts["year"]), month, int(parts["day"]))
    except ValueError:
        return None


def _formats(data: Data) -> list[str]:
    refuse_unknown("date", data, frozenset({"formats"}))
    formats = data.get("formats", [ISO])
    if not isinstance(formats, list) or not formats:
        raise VerifierError("date: 'formats' must be a list and not empty")
    known = [each for each in formats if isinstance(each, str) and each in FORMATS]
    if len(known) < len(formats):
        raise VerifierError(f"date: 'formats' must be of {list(FORMATS)}")
    if set(known) >= _AMBIGUOUS:
        raise VerifierError(f"date: {sorted(_AMBIGUOUS)} read one text as two dates; ask for one")
    return known
