"""The lock: which version of which prompt has which text; `python -m prompts.lock` updates it.

What a newcomer gets wrong: a version that is in the lock is released. Its text is never edited,
because databases name it; raise `version` in the file and say why in `changed`.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from prompts.errors import PromptError
from prompts.loader import load, prompt_ids
from prompts.prompt import Prompt

LOCK = Path(__file__).with_name("LOCK.json")

Lock = dict[str, dict[str, str]]
"""Id, then version, then the digest of its text; every version that was ever released."""


def read_lock(path: Path) -> Lock:
    """Return what is locked; nothing if there is no lock yet.

    Raises:
        PromptError: the file is not a lock.
    """
    if not path.exists():
        return {}
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): dict(versions) for name, versions in lock.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise PromptError(
            f"{str(path)!r}: not a prompt lock ({error}); restore it from git"
        ) from error


def locked(lock: Lock, prompts: Iterable[Prompt]) -> Lock:
    """Return the lock with these prompts added.

    Raises:
        PromptError: a released version's text changed, or a version goes back.
    """
    after = {name: dict(versions) for name, versions in lock.items()}
    for prompt in prompts:
        versions = after.setdefault(prompt.id, {})
        latest = max(map(int, versions), default=0)
        if versions.get(str(prompt.version), prompt.digest) != prompt.digest:
            raise PromptError(
                f"{prompt.id!r}: the text of version {prompt.version} is released and was changed;"
                f" set version to {latest + 1} and say why in 'changed'"
            )
        if prompt.version < latest:
            raise PromptError(
                f"{prompt.id!r}: version {prompt.version} comes before {latest}, which is released;"
                f" set version to {latest + 1}"
            )
        versions[str(prompt.version)] = prompt.digest
    return after


def write_lock(path: Path, prompts: Iterable[Prompt]) -> bool:
    """Bring the lock up to date and return whether it changed.

    Raises:
        PromptError: see `locked`; the file is left as it was.
    """
    before = read_lock(path)
    after = locked(before, prompts)
    if after == before:
        return False
    path.write_text(json.dumps(after, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return True


def main(lock: Path = LOCK) -> int:
    """Lock the prompts of this package and return the exit code: 0, or 1 if that was refused."""
    try:
        changed = write_lock(lock, [load(prompt_id) for prompt_id in prompt_ids()])
    except PromptError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"{lock.name}: {'brought up to date' if changed else 'is up to date'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
