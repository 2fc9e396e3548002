"""Numbers as a person reads them on a page."""

from datetime import datetime

from storage.report.clean import one_line

UNKNOWN = "\N{EN DASH}"
"""What stands where a number is not known."""
_GAP = "\N{NO-BREAK SPACE}"


def count(number: float) -> str:
    """Return a whole number with its thousands set apart."""
    return f"{round(number):,}"


def share(part: float | None) -> str:
    """Return a share in [0, 1] in percent; a dash where it is not known.

    What is not quite none or not quite all is not shown as if it were.
    """
    if part is None:
        return UNKNOWN
    if 0 < part < 0.005:
        return f"<1{_GAP}%"
    if 0.995 <= part < 1:
        return f">99{_GAP}%"
    return f"{part * 100:.0f}{_GAP}%"


def money(dollars: float | None) -> str:
    """Return US dollars, small ones to three digits; a dash where a price is not known."""
    if dollars is None:
        return UNKNOWN
    if dollars == 0 or dollars >= 1:
        return f"${dollars:,.2f}"
    if dollars < 0.000_000_1:
        return "<$0.0000001"
    return f"${dollars:.3g}" if dollars >= 0.0001 else f"${dollars:.7f}".rstrip("0")


def span(seconds: float | None) -> str:
    """Return a length of time in its two largest units; a dash where it is not known."""
    if seconds is None:
        return UNKNOWN
    if seconds < 10:
        return f"{seconds:.1f} s"
    left = round(seconds)
    parts: list[str] = []
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        if left >= size or (parts and left):
            parts.append(f"{left // size} {name}")
            left %= size
    return " ".join(parts[:2])


def moment(at: str) -> str:
    """Return a moment in UTC as a person writes it; what says no moment stays as it is."""
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return one_line(at, 30)
    return f"{found.day} {found:%b %Y, %H:%M}"


def brief(number: float) -> str:
    """Return a number in at most four characters, as beside an axis."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:.3g}{letter}"
    return f"{number:.3g}"
