"""What works on this machine, tried rather than guessed: sandboxes, verifiers, extensions, extras.

What a newcomer gets wrong: nothing here is needed for the default run but Python and SQLite; the
rest decides which lessons can be used here, and whether what was decided elsewhere can be verified.
"""

import os
import platform
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

from agents.verifiers import call_verifier, extensions, names, verifier
from agents.verifiers.registry import is_ours
from agents.verifiers.sandbox import examine as sandboxes

SQLITE = (3, 37)
"""The first version with STRICT tables."""
_EXTRAS = {
    "langchain": ("langchain", 'models by name, such as "openai:gpt-5"'),
    "openai": ("langchain_openai", "OpenAI's models by name"),
    "anthropic": ("langchain_anthropic", "Anthropic's models by name"),
    "ollama": ("langchain_ollama", "Ollama's models by name"),
    "export": ("pyarrow", "Parquet, zstd, near-duplicates, and the plots of a card"),
    "hub": ("huggingface_hub", "`push`, which puts a dataset on a hub"),
    "train": ("trl", "the trainers that `make test-train` tries"),
    "wasi": ("wasmtime", "the sandbox that needs no particular kernel"),
    "serve": ("langgraph_cli", "`langgraph dev`, the graph over HTTP"),
    "reasoning_gym": ("reasoning_gym", "a teacher with the data sets of reasoning-gym"),
}
"""What each extra brings, by its name: the package that it is known by, and what it is for."""


@dataclass(frozen=True, slots=True)
class Ability:
    """One thing that works here, or does not."""

    name: str
    works: bool
    about: str
    """What it is or what was found, in one line."""
    remedy: str = ""
    """What to do where it does not work; empty: nothing needs to be done."""


async def examine() -> dict[str, list[dict[str, Any]]]:
    """Return what was found as plain data: `abilities`, and `sandboxes` in order of preference.

    A sandbox's `attacks` say how each attack on it ended, an honest program first.
    """
    found = (*_machine(), await _mathematics(), *_extras(), *_extensions())
    return {
        "abilities": [asdict(each) for each in found],
        "sandboxes": [asdict(each) for each in await sandboxes()],
    }


def _machine() -> Iterator[Ability]:
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    yield Ability("python", works=True, about=f"{platform.python_version()} on {system}")
    wanted = ".".join(map(str, SQLITE))
    yield Ability(
        "sqlite",
        works=sqlite3.sqlite_version_info >= SQLITE,
        about=f"{sqlite3.sqlite_version}, the database",
        remedy=f"needs {wanted} or newer: use a newer Python",
    )


async def _mathematics() -> Ability:
    about = r"the verifier `math` compares expressions, such as \sqrt{8} and 2\sqrt{2}"
    check = await call_verifier("math", answer=r"2\sqrt{2}", reference=r"\sqrt{8}", data={})
    works = check.finding == "passed"
    remedy = "" if works else check.evidence
    return Ability("math", works=works, about=about, remedy=remedy)


def _extras() -> Iterator[Ability]:
    for name, (package, about) in _EXTRAS.items():
        works = find_spec(package) is not None
        yield Ability(name, works, about, "" if works else f'pip install "lyceum[{name}]"')


def _extensions() -> Iterator[Ability]:
    ours = [name for name in names() if is_ours(verifier(name))]
    yield Ability("verifiers", works=True, about=", ".join(ours))
    for each in extensions():
        remedy = f"mend or uninstall it: {each.fault}" if each.fault else ""
        yield Ability(f"extension {each.name}", not each.fault, each.place, remedy)
