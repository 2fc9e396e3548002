"""Which run a command means: begin one, go on with one, extend one, or say that it is complete.

Pure: from what the database holds and what the user wrote to a decision. A changed config never
continues an unfinished run by accident, and never begins a second one in silence.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from graphs.config import Config
from graphs.errors import ConfigError
from storage.ids import run_id
from storage.records import Run

TRIES_PER_ACCEPTED = 20
"""How many episodes `--accept` tries for each that is to be accepted, before it gives up."""
EPISODES = 200
"""How many a run has unless someone says otherwise; a library has as many as its file."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do."""

    kind: Literal["begin", "resume", "extend", "complete"]
    run_id: str
    stored: Run | None = None
    """The run as the database has it; None only for "begin"."""

    def run(self, config: Config, identity: dict[str, JsonValue], lessons: int, now: str) -> Run:
        """Return the run as it is to stand while it goes on.

        Args:
            config: The whole; its curriculum names its skills.
            identity: The config's; a run that is stored keeps its own.
            lessons: How many the library has; 0 for other teachers.
            now: UTC, ISO 8601; when a new run is begun.
        """
        return Run(
            id=self.run_id,
            identity=self.stored.identity if self.stored else identity,
            config=config.model_dump(mode="json", exclude_defaults=True),
            seed=config.seed,
            episodes=total(config, lessons, self.stored),
            created_at=self.stored.created_at if self.stored else now,
        )


def total(config: Config, lessons: int, stored: Run | None = None) -> int:
    """Return how many episodes a run is to have in all; never fewer than it was begun with.

    With `accept` it is how many are tried at most.
    """
    usual = (stored.episodes if stored else None) or lessons or EPISODES
    if config.accept:
        usual = lessons or max(EPISODES, TRIES_PER_ACCEPTED * config.accept)
    wanted = config.episodes or usual
    return max(wanted, stored.episodes or 0) if stored else wanted


def decide(
    runs: Sequence[Run],
    identity: dict[str, JsonValue],
    episodes: int | None,
    *,
    new: bool = False,
) -> Decision:
    """Return what a `generate` without `--run` means.

    Args:
        runs: All runs of the database, oldest first.
        identity: Of the config as it stands.
        episodes: How many the run is to have in all, if the user said so.
        new: Whether the user asked for another run.

    Raises:
        ConfigError: the newest run is unfinished and of another config.
    """
    same = [run for run in runs if run.id in _ids(identity, len(runs))]
    if new or not runs:
        return Decision("begin", _free_id(identity, runs))
    if same:
        return go_on(same[-1], episodes)
    newest = runs[-1]
    if newest.ended is None:
        keys = ", ".join(changed_keys(newest.identity, identity))
        raise ConfigError(
            f"run {newest.id[:9]} is unfinished and of another config (changed: {keys}); "
            f"--run {newest.id[:9]} goes on with it, --new begins another"
        )
    return Decision("begin", _free_id(identity, runs))


def go_on(run: Run, episodes: int | None) -> Decision:
    """Return what going on with a run means; `episodes` is its total, if the user said so."""
    if run.ended is None:
        return Decision("resume", run.id, run)
    if run.ended == "complete" and run.episodes and episodes and episodes > run.episodes:
        return Decision("extend", run.id, run)
    return Decision("complete", run.id, run)


def changed_keys(
    old: Mapping[str, JsonValue], new: Mapping[str, JsonValue], prefix: str = ""
) -> Iterator[str]:
    """Yield the keys in which two identities differ, as they stand in TOML: "student.model"."""
    for key in sorted(old.keys() | new.keys()):
        was, is_now = old.get(key), new.get(key)
        if isinstance(was, dict) and isinstance(is_now, dict):
            yield from changed_keys(was, is_now, f"{prefix}{key}.")
        elif was != is_now:
            yield f"{prefix}{key}"


def _ids(identity: dict[str, JsonValue], known: int) -> Iterable[str]:
    """Return the ids that runs of this identity may have: its own, and those begun with `--new`."""
    return [_id(identity, begun) for begun in range(known + 1)]


def _id(identity: dict[str, JsonValue], begun: int) -> str:
    return run_id(identity if begun == 0 else {**identity, "begun": begun})


def _free_id(identity: dict[str, JsonValue], runs: Sequence[Run]) -> str:
    taken = {run.id for run in runs}
    return next(i for i in _ids(identity, len(runs)) if i not in taken)
