"""An episode that landed, with all that belongs to it, and when each of its roles worked.

What a newcomer gets wrong: an episode of the embedded faculty calls no model, so nothing of it took
a time that is known; all of it stands at the moment in which it landed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from storage.people.acts import Act
from storage.queries import UsedCall
from storage.records import CallError, CallSite, Role, Trajectory
from storage.traces.manner import Manner
from storage.traces.model_call import times
from storage.traces.span import Event, nanoseconds, told

Key = tuple[Role, int, int]
"""Role, revision and idx; the teacher has one for all its drafts."""
TEACHER: Key = ("teacher", 0, 0)


@dataclass(frozen=True)
class Landed:
    """An episode that landed, with all that belongs to it."""

    trajectory: Trajectory
    calls: Sequence[UsedCall]
    """In order."""
    errors: Sequence[tuple[CallSite, CallError, str]]
    """Tries that were not answered, oldest first, with the moment of each."""
    acts: Sequence[Act]
    """Oldest first."""
    at: str
    """When it landed: UTC, ISO 8601."""

    @cached_property
    def end_ns(self) -> int:
        """When the last of it was there."""
        return max([nanoseconds(self.at), *(times(used)[1] for used in self.own_calls)])

    @cached_property
    def start_ns(self) -> int:
        """When its first call was sent; without calls it is the moment in which it landed."""
        return min([self.end_ns, *(times(used)[0] for used in self.own_calls)])

    @property
    def own_calls(self) -> Iterable[UsedCall]:
        """The calls that it made itself, none of the journal."""
        return (used for used in self.calls if not used.journal_hit)

    def calls_of(self, key: Key) -> list[UsedCall]:
        """Return the calls of a role."""
        return [used for used in self.calls if key_of(used.site) == key]

    def window(self, key: Key, usual_ns: int) -> tuple[int, int]:
        """Return from when to when a role worked; `usual_ns` if it made no call."""
        found = [times(used) for used in self.calls_of(key) if not used.journal_hit]
        if not found:
            return usual_ns, usual_ns
        return min(start for start, _ in found), max(end for _, end in found)

    def failures(self, key: Key, manner: Manner) -> list[Event]:
        """Return the tries of a role that were not answered, as events."""
        return [
            exception(manner, nanoseconds(at), error.kind, error.message, error)
            for site, error, at in self.errors
            if key_of(site) == key
        ]


def key_of(site: CallSite) -> Key:
    """Return where the calls of a place are told; of a teacher `idx` is the draft."""
    return TEACHER if site.role == "teacher" else (site.role, site.revision, site.idx)


def exception(
    manner: Manner, at_ns: int, kind: str, message: str, error: CallError | None = None
) -> Event:
    """Return what went wrong as an event; `error` is the try of a call that was not answered."""
    values = {
        "exception.type": kind,
        "lyceum.call.try": error.try_number if error else None,
        "lyceum.call.request_digest": error.request_digest if error else None,
    }
    return Event("exception", at_ns, told(values) | manner.texts({"exception.message": message}))


def kind_of(error: str) -> tuple[str, str]:
    """Return the class of what was raised, and its message.

    Args:
        error: As `ValueError: it broke`. What names no class is all message, of the class `error`,
            for a class is told also where no text is.
    """
    kind, colon, message = error.partition(": ")
    if colon and all(part.isidentifier() for part in kind.split(".")):
        return kind, message
    return "error", error
