"""What is asked of the table: filters, an order, and the page from which to go on.

It comes as the parameters of a link and goes back into one, so that whoever gets the link sees the
same. What a newcomer gets wrong: whether there is a skill or a run of that name only the index
knows, and says when it is asked; here only what can be known without it is refused.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Self, get_args
from urllib.parse import urlencode

from storage.errors import Unknown
from storage.export.selection import nearest
from storage.people.need import WEIGHTS
from storage.records import Rung, Status

NONE = "-"
"""The value that stands for having none: no rung decided, no reason is stored, no model tried."""
PEOPLE = ("no", "yes")
"""Whether a person's verdict stands on any attempt."""
SORTS = ("newest", "oldest", "best", "worst", "hardest", "easiest", "need")
"""The orders that can be asked for: by run and number; by reward, what nobody scored last; by
level; and by what a person's minute buys most. The first is what is meant if nothing is said."""
END = "end"
"""The page before the end: the last one."""
LONGEST = 1_000
"""How many characters of a text are looked at."""
_IGNORED = ("format",)
"""How an answer is written is no part of the question."""
FIXED: dict[str, tuple[str, ...]] = {
    "status": get_args(Status),
    "rung": (*get_args(Rung), NONE),
    "why": (*WEIGHTS, NONE),
    "people": PEOPLE,
    "sort": SORTS,
}
"""The values of what has a fixed set of them; all others are known to the index only."""
_PLACE = re.compile(r"(-|-?0x[01]\.[0-9a-f]{1,13}p[+-][0-9]{1,4})_([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which trajectories are asked for, joined by and; an empty one lets everything pass."""

    run: str = ""
    """The id of a run, or the beginning of it; empty: all runs. So it is below."""
    status: str = ""
    rung: str = ""
    """Who decided; `NONE`: nobody."""
    skill: str = ""
    level: str = ""
    language: str = ""
    model: str = ""
    """The student's."""
    reason: str = ""
    why: str = ""
    """Why a person should look, see `storage.people.need`."""
    people: str = ""
    text: str = ""
    """Words that all occur in task, attempts or critiques; see `storage.index.words`."""
    sort: str = SORTS[0]
    after: str = ""
    """The place after which to go on, of an earlier page; empty: from the beginning."""
    before: str = ""
    """The place before which to end, or `END`. Only one of the two is ever given."""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """Read the parameters of a link; empty ones are as good as absent.

        Raises:
            Unknown: a parameter or a value that there is not; the message names the nearest.
        """
        names = [field.name for field in fields(cls)]
        asked = {key: value.strip() for key, value in given.items() if key not in _IGNORED}
        for key, value in asked.items():
            if key not in names:
                raise Unknown(nearest("the filter", key, names))
            if value and value not in FIXED.get(key, (value,)):
                raise Unknown(nearest(f"the {key}", value, FIXED[key]))
        _require_number(asked.get("level", ""))
        _require_places(asked.get("after", ""), asked.get("before", ""))
        if "text" in asked:
            asked["text"] = " ".join(asked["text"][:LONGEST].split())
        return cls(**{key: value for key, value in asked.items() if value})

    def query(self, **changes: str | None) -> str:
        """Return the parameters of a link to this, with some changed or, by None, left out.

        Whoever changes anything is on no page any more, save on one that is given with it.
        """
        turned = dict.fromkeys(("after", "before"), "") if changes else {}
        asked = replace(self, **turned | {key: value or "" for key, value in changes.items()})
        said = {field.name: getattr(asked, field.name) for field in fields(asked)}
        if said["sort"] == SORTS[0]:
            del said["sort"]
        return urlencode({key: value for key, value in said.items() if value}, errors="replace")

    def chosen(self) -> dict[str, str]:
        """Return the filters that are set, by name, without text, order and page."""
        apart = {"text", "sort", "after", "before"}
        names = (field.name for field in fields(self) if field.name not in apart)
        return {name: getattr(self, name) for name in names if getattr(self, name)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trajectory stands in an order."""

    value: float | None
    """Of what is ordered by, if by more than the key. None: it has none, and comes at the end."""
    key: int

    def __str__(self) -> str:
        value = NONE if self.value is None else float(self.value).hex()
        return f"{value}_{self.key}"

    @classmethod
    def of(cls, text: str) -> Self | None:
        """Read a place as it was written; None: it is none."""
        found = _PLACE.fullmatch(text)
        if found is None:
            return None
        try:
            value = None if found[1] == NONE else float.fromhex(found[1])
        except OverflowError:
            return None
        return cls(value, int(found[2]))


def _require_number(level: str) -> None:
    if level and not (level.isascii() and level.isdecimal() and len(level) < 10):
        raise Unknown(f"the level {level[:40]!r}: is no whole number; leave it out, or write one")


def _require_places(after: str, before: str) -> None:
    given = {"after": after, "before": before if before != END else ""}
    for name, place in given.items():
        if place and Place.of(place) is None:
            raise Unknown(
                f"{name}={place[:40]!r}: is no place in the table; go on from the first page"
            )
    if after and before:
        raise Unknown("after and before: only one of them can be given; leave the other out")


def first_known(kind: str, wanted: str, known: Iterable[str]) -> str:
    """Return what is meant by a value: itself, or of runs the one that begins so.

    Raises:
        Unknown: nothing is called so; the message names the nearest.
    """
    names = [name or NONE for name in known]
    if wanted in names:
        return wanted
    begin = [name for name in names if kind == "run" and name.startswith(wanted)]
    if len(begin) == 1:
        return begin[0]
    raise Unknown(nearest(f"the {kind}", wanted[:100], names[:1000]))
