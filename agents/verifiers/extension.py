"""Verifiers that other installed packages bring: the entry points of the group `lyceum.verifiers`.

What a newcomer gets wrong: a config, a lesson or a database only ever *names* a verifier. Where its
code lies is said by what is installed, so that none of them can make this process import anything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from inspect import iscoroutinefunction

from agents.verifiers.evidence import cut
from agents.verifiers.verifier import Verifier

GROUP = "lyceum.verifiers"
"""An entry point names a verifier, or a class whose call without arguments makes one."""


@dataclass(frozen=True, slots=True)
class Extension:
    """One entry point."""

    name: str
    place: str
    """Where it says that its code lies, as "package.module:attribute"."""
    fault: str
    """Why it could not be loaded, in one line; empty: it is registered."""


def load_extensions(register: Callable[[Verifier], None]) -> tuple[Extension, ...]:
    """Hand every installed extension's verifier to `register`; return what came of each, by name.

    An extension that raises, at import or later, is left out and says why; the others are loaded.
    """
    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    return tuple(Extension(p.name, p.value, _loaded(p, register)) for p in points)


def _loaded(point: EntryPoint, register: Callable[[Verifier], None]) -> str:
    try:
        made = point.load()
        new = made() if isinstance(made, type) else made
        if lacking := _lacking(new):
            return f"it is no verifier: {lacking}"
        register(new)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code, which may even exit
        return cut(f"{type(error).__name__}: {' '.join(str(error).split())}", 300)
    return ""


def _lacking(new: object) -> str:
    """Return which member of a verifier an object lacks, or ""."""
    if not isinstance(getattr(new, "name", None), str):
        return "`name` is no text"
    if not isinstance(getattr(new, "version", None), int):
        return "`version` is no integer"
    if not iscoroutinefunction(getattr(new, "check", None)):
        return "`check` is no coroutine function"
    return "" if callable(getattr(new, "changed", None)) else "`changed` is no function"
