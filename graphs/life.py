"""Which run a command means: begin one, go on with one, extend one, or say that it is complete.

Pure: from what the database holds and what the user wrote to a decision. A changed config never
continues an unfinished run by accident, and never begins a second one in silence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import JsonValue

from graphs.config import Config
from graphs.errors import ConfigError
from storage.ids import run_id
from storage.records import ExpertSeed, Lesson, Run, Skill

TRIES_PER_ACCEPTED = 20
"""How many episodes `--accept` tries for each that is to be accepted, before it gives up."""
EPISODES = 200
"""How many a run has unless someone says otherwise; a library has as many as its file."""


class Inputs(Protocol):
    """What the files that a config names hold."""

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """Of a library; empty for other teachers."""
        ...

    @property
    def expert_seeds(self) -> tuple[ExpertSeed, ...]:
        """In the order of their file."""
        ...


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do."""

    kind: Literal["begin", "resume", "extend", "complete"]
    begun: int = 0
    """How many runs of the same identity were begun before it."""
    stored: Run | None = None
    """The run as the database has it; None only for "begin"."""

    def run(
        self,
        config: Config,
        identity: dict[str, JsonValue],
        inputs: Inputs,
        skills: tuple[Skill, ...],
        now: str,
    ) -> Run:
        """Return the run as it is to stand while it goes on.

        Args:
            config: The whole.
            identity: The config's.
            inputs: Its lessons and its expert seeds.
            skills: The curriculum.
            now: UTC, ISO 8601; when a new run is begun.
        """
        return Run(
            id=run_id(identity, self.begun),
            begun=self.begun,
            identity=identity,
            config=_whole(config),
            skills=skills,
            expert_seeds=tuple(seed.id for seed in inputs.expert_seeds),
            seed=config.seed,
            episodes=total(config, len(inputs.lessons), self.stored),
            created_at=self.stored.created_at if self.stored else now,
        )


def _whole(config: Config) -> dict[str, JsonValue]:
    """Return a config with its defaults, but for those of skills.

    What was not written of a skill is the teacher's to say, also when the run is gone on with.
    """
    whole = config.model_dump(mode="json")
    skills = config.curriculum.skills
    whole["curriculum"]["skills"] = [
        skill.model_dump(mode="json", exclude_unset=True) for skill in skills
    ]
    return whole


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
    same = [run for run in runs if run.identity == identity]
    if new or not (runs or same):
        return Decision("begin", len(same))
    if same:
        return go_on(same[-1], identity, episodes)
    newest = runs[-1]
    if newest.ended is None:
        keys = ", ".join(changed_keys(newest.identity, identity))
        raise ConfigError(
            f"run {newest.id[:9]} is unfinished and of another config (changed: {keys}); "
            f"--run {newest.id[:9]} goes on with it, --new begins another"
        )
    return Decision("begin")


def go_on(run: Run, identity: dict[str, JsonValue], episodes: int | None) -> Decision:
    """Return what going on with a run means; `episodes` is its total, if the user said so.

    Raises:
        ConfigError: the config is not the run's, so that what it makes would not belong there.
    """
    if keys := ", ".join(changed_keys(run.identity, identity)):
        raise ConfigError(
            f"run {run.id[:9]} was begun with another config (changed: {keys}); leave that as it "
            "was, or leave out --run"
        )
    if run.ended is None:
        return Decision("resume", run.begun, run)
    if run.ended == "complete" and episodes and episodes > run.episodes:
        return Decision("extend", run.begun, run)
    return Decision("complete", run.begun, run)


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
