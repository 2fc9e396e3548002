"""What becomes of the attempts of one episode: the examples that name them, or why none does.

Worked out again from the database, by the very formats, as an export without options would do it;
nothing about exports is stored. What a newcomer gets wrong: options leave out more, and the list
beside an export names what.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from storage.export.episodes import alike, episode
from storage.export.exporting import Asked, Exporting
from storage.export.formats import FORMATS
from storage.export.making import Form, Manner, Steps
from storage.queries import Reader


@dataclass(slots=True)
class Fate:
    """What becomes of one attempt, or of a lesson, in each format."""

    examples: dict[str, list[str]] = field(default_factory=dict)
    """Ids of examples, by format."""
    left_out: dict[str, str] = field(default_factory=dict)
    """The reason, by format, see `storage.export.account.REASONS`."""
    twins: dict[str, str] = field(default_factory=dict)
    """What makes it superfluous, by format, where something does."""


def fates(reader: Reader, run_id: str, trajectory_id: str, steps: Steps) -> dict[str, Fate]:
    """Return the fate of every attempt of an episode by its id, in order; empty without a lesson.

    A task that nobody tried may still be an example of `rl`: its fate stands under the lesson's id.
    """
    whole = episode(reader, trajectory_id)
    if whole is None:
        return {}
    found = {attempt.id: Fate() for attempt in whole.attempts}
    for form in FORMATS.values():
        manner = Manner(steps)
        earlier = _Alike(reader, run_id, whole.lesson.n, form, manner)
        making = Exporting(reader, [run_id], Asked(form, manner), earlier=earlier)
        kept, reasons = making.made(whole)
        for made in kept:
            for named in made.attempts or (whole.lesson.lesson_id,):
                fate = found.setdefault(named, Fate())
                fate.examples.setdefault(form.name, []).append(str(made.example["id"]))
        for attempt, (reason, twin) in reasons.items():
            if form.name not in found[attempt].examples:
                found[attempt].left_out[form.name] = reason
                if twin:
                    found[attempt].twins[form.name] = twin
    return found


class _Alike:
    """Finds in the database who had a question first and gave an example of it."""

    def __init__(self, reader: Reader, run_id: str, n: int, form: Form, manner: Manner) -> None:
        self._of = (reader, run_id, n)
        self._asked = Asked(form, manner)

    def first(self, key: str) -> str | None:
        """Return the trajectory that had this question first. None: none before the episode."""
        reader, run_id, n = self._of
        for earlier in alike(reader, run_id, key, n):
            making = Exporting(reader, [run_id], self._asked, earlier=_Nothing())
            if making.made(earlier)[0]:
                return earlier.lesson.trajectory_id
        return None

    def add(self, key: str, who: str) -> None:
        """Do nothing: the database has it."""


class _Nothing:
    """Knows of no earlier question."""

    def first(self, key: str) -> str | None:
        return None

    def add(self, key: str, who: str) -> None:
        return


def edges(found: dict[str, Fate]) -> Iterator[tuple[str, str, str]]:
    """Yield what leads to each example: an id, the format, and the example's id."""
    for made_of, fate in found.items():
        for form, examples in fate.examples.items():
            for example in examples:
                yield made_of, form, example
