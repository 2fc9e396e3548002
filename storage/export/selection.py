"""Which attempts an export is asked for, and which of them get in.

What a newcomer gets wrong: filters are about the attempt's last verdict, not about the trajectory:
an accepted trajectory has wrong attempts too.
"""

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields

from storage.errors import Unknown
from storage.export.episodes import Episode, Judged, Lesson
from storage.export.weight import weight
from storage.queries import Reader


@dataclass(frozen=True, slots=True)
class Selection:
    """The filters of an export, joined by and; an empty one lets everything pass."""

    status: Collection[str] = ()
    """Of the attempt's last verdict."""
    rung: Collection[str] = ()
    skill: Collection[str] = ()
    level: Collection[int] = ()
    language: Collection[str] = ()
    licence: Collection[str] = ()
    """Of the expert seed; lessons without one have none."""
    min_reward: float = 0.0
    """Attempts that nobody scored have no reward, and pass only at 0."""
    min_weight: float = 0.0
    """See `storage.export.weight`."""

    def takes_lesson(self, lesson: Lesson) -> bool:
        """Return whether a lesson is asked for."""
        return (
            (not self.skill or lesson.skill in self.skill)
            and (not self.level or lesson.level in self.level)
            and (not self.language or lesson.language in self.language)
            and (not self.licence or lesson.licence in self.licence)
        )

    @property
    def of_attempts(self) -> bool:
        """Whether it asks anything of attempts; an untried lesson has none that could pass."""
        return bool(self.status or self.rung or self.min_reward or self.min_weight)

    def takes(self, attempt: Judged) -> bool:
        """Return whether an attempt is asked for."""
        return (
            (not self.status or attempt.status in self.status)
            and (not self.rung or attempt.rung in self.rung)
            and (attempt.reward or 0.0) >= self.min_reward
            and (not self.min_weight or weight(attempt) >= self.min_weight)
        )

    def wants(self, episode: Episode, chosen: Sequence[Judged]) -> bool:
        """Return whether an episode may give anything, given those of its attempts that pass."""
        return bool(chosen) or (self.takes_lesson(episode.lesson) and not self.of_attempts)

    def require_known(self, reader: Reader, runs: Sequence[str]) -> None:
        """Refuse values that no lesson or verdict of these runs has.

        Raises:
            Unknown: one that is nowhere; the message names the nearest.
        """
        for filtered in fields(self):
            wanted = getattr(self, filtered.name)
            if wanted and filtered.name in _KNOWN:
                _require(filtered.name, wanted, _known(reader, _KNOWN[filtered.name], runs))


def nearest(what: str, wanted: object, known: Iterable[object]) -> str:
    """Return a sentence that says that there is no such thing, and names the nearest."""
    names = [str(each) for each in known]
    near = difflib.get_close_matches(str(wanted), names, n=1, cutoff=0.4)
    others = f"there is {', '.join(map(repr, names))}" if names else "nor is there any other"
    hint = f"did you mean {near[0]!r}?" if near else others
    return f"{what} {str(wanted)!r}: there is none; {hint}"


def _require(name: str, wanted: Iterable[object], known: Collection[object]) -> None:
    for value in wanted:
        if value not in known:
            raise Unknown(nearest(f"--{name}", value, known))


def _known(reader: Reader, sql: str, runs: Sequence[str]) -> list[object]:
    found: dict[object, None] = {}
    for run in runs:
        found |= {row[0]: None for row in reader.rows(sql, run) if row[0] is not None}
    return list(found)


_KNOWN = {
    "status": 'SELECT value FROM json_each(\'["accepted","rejected","unscored","failed"]\') '
    "WHERE ? IS NOT NULL",
    "rung": 'SELECT value FROM json_each(\'["program","judge","person"]\') WHERE ? IS NOT NULL',
    "skill": "SELECT DISTINCT skill FROM place_sums WHERE run_id = ? ORDER BY skill",
    "level": "SELECT DISTINCT level FROM place_sums WHERE run_id = ? ORDER BY level",
    "language": "SELECT DISTINCT language FROM assignments WHERE run_id = ? ORDER BY language",
    "licence": """SELECT DISTINCT licence FROM expert_seeds WHERE id IN
        (SELECT expert_seed_id FROM assignments WHERE run_id = ?) ORDER BY licence""",
}
