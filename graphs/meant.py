"""The run that `generate` means: from what was typed and what is stored to a sitting at it.

What a newcomer gets wrong: nothing is written before the sitting, so whatever is wrong with the
config or its files is said while the database is as it was.
"""

import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from agents.chat.model import Journal
from agents.errors import AgentError
from graphs.config import Config, identity, override, read_config
from graphs.errors import ConfigError, GraphError
from graphs.faculty import Memory
from graphs.life import Inputs, decide, go_on
from graphs.models import LiveModels
from graphs.session import Archive, Session
from graphs.wiring import skills_of, wire
from storage.errors import SourceError
from storage.records import Run

T = TypeVar("T")


class Files(Inputs, Protocol):
    """What the files that a config names hold, and what of it decides what is made."""

    @property
    def digests(self) -> dict[str, str]:
        """By the key of the config."""
        ...

    @property
    def lent(self) -> dict[str, Any]:
        """What `wire` takes of it."""
        ...


class Held(Protocol):
    """A run that this process holds, and what of the database lends itself to its faculty."""

    @property
    def store(self) -> Archive:
        """Where everything goes."""
        ...

    @property
    def journal(self) -> Journal:
        """Asked before every call."""
        ...

    @property
    def memory(self) -> Memory:
        """What earlier episodes asked."""
        ...


@dataclass(frozen=True, slots=True)
class Typed:
    """What the command line says about which run is meant."""

    path: Path | None
    """A config. None: the defaults, or that of the stored run."""
    changes: Mapping[str, Any]
    """Keys of the config that options name; None: as it is written."""
    new: bool = False
    retry_failed: bool = False

    @property
    def name(self) -> str:
        """Where the config comes from, for messages."""
        return str(self.path or "run.py")


@dataclass(frozen=True, slots=True)
class Known:
    """What the database holds of runs."""

    runs: Sequence[Run]
    """Oldest first."""
    accepted: Mapping[str, int]
    """How many episodes of each are accepted, by the run's id."""
    named: Run | None = None
    """The one that the command names. None: it names none."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A run, and all that a sitting at it takes."""

    name: str
    config: Config
    files: Files
    run: Run
    """As it is to stand while it goes on."""
    stored: Run | None
    """As it stood when that was decided. None: it was not there."""
    idle: bool
    """Whether there is nothing to do."""

    async def sit(
        self,
        environment: Mapping[str, str],
        holding: AbstractAsyncContextManager[Held],
        show: Callable[[Session], Awaitable[T]],
    ) -> tuple[T, dict[str, Any]]:
        """Do what is left of the run; return what `show` returned, and what was spent.

        Args:
            environment: Where the keys of endpoints are.
            holding: Holds the run.
            show: Holds the session and shows how it goes.

        Raises:
            GraphError, AgentError: the roles cannot be made as the config says.
        """
        models = LiveModels(environment)
        with _named(self.name):
            wired = wire(self.config, models, **self.files.lent)
        started = time.monotonic()
        try:
            async with holding as held:
                wired = wired.with_journal(held.journal, held.memory)
                session = Session(self.name, self.config, self.run, wired, held.store)
                shown = await show(session)
        finally:
            await models.aclose()
        return shown, wired.meter.figures() | {"wall_s": time.monotonic() - started}


def meant(typed: Typed, known: Known, read: Callable[[Config], Files], now: str) -> Meant:
    """Decide which run is meant.

    Args:
        typed: What the user wrote.
        known: What is stored.
        read: Reads the files that a config names.
        now: UTC, ISO 8601.

    Raises:
        GraphError: the config is wrong, or does not fit a run that is unfinished.
        AgentError: a prompt or a verifier that it names is.
    """
    if known.named:
        written = Config.model_validate_json(json.dumps(known.named.config))
    else:
        written = read_config(typed.path) if typed.path else Config()
    config = override(written, **typed.changes)
    with _named(typed.name):
        files = read(config)
        skills, mine = skills_of(config), identity(config, files.digests)
        if known.named:
            decision = go_on(known.named, mine, config.episodes)
        else:
            decision = decide(known.runs, mine, config.episodes, new=typed.new)
    run = decision.run(config, mine, files, skills, now)
    enough = known.accepted.get(run.id, 0) >= (config.accept or 0)
    idle = decision.kind == "complete" and enough and not typed.retry_failed
    return Meant(typed.name, config, files, run, decision.stored, idle)


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Let what is refused in the block say where the config came from."""
    try:
        yield
    except (AgentError, GraphError, SourceError) as error:
        raise ConfigError(f"{name}: {error}") from error
