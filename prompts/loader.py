"""Find a prompt file and check it.

A prompt's id is its place: `prompts/teacher/write_lesson.md` is `teacher.write_lesson`. What a
newcomer gets wrong: a released version is never edited; raise its version and lock it
(`prompts.lock`).
"""

import difflib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from prompts.errors import PromptError
from prompts.form import parse
from prompts.prompt import Prompt


@cache
def load(prompt_id: str) -> Prompt:
    """Return a prompt of this package.

    Raises:
        PromptError: no prompt has this id, or its file is malformed.
    """
    known = prompt_ids()
    if prompt_id not in known:
        nearest = difflib.get_close_matches(prompt_id, known, n=1, cutoff=0.0)[0]
        raise PromptError(f"{prompt_id!r}: no prompt has this id; did you mean {nearest!r}?")
    *folders, name = prompt_id.split(".")
    place = files("prompts").joinpath(*folders, f"{name}.md")
    prompt = parse(place.read_text(encoding="utf-8"), str(place))
    if prompt.id != prompt_id:
        raise PromptError(f"{str(place)!r}: its id is {prompt.id!r}; write {prompt_id!r}")
    return prompt


def load_file(path: Path) -> Prompt:
    """Return a prompt from a user's own file, by the same rules; its id is free.

    Raises:
        PromptError: the file cannot be read, or is malformed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"{str(path)!r}: cannot be read as UTF-8 text: {error}") from error
    return parse(text, str(path))


@cache
def prompt_ids() -> tuple[str, ...]:
    """Return the ids of the prompts of this package, in order of the alphabet."""
    return tuple(sorted(_below(files("prompts"), "")))


def _below(folder: Traversable, prefix: str) -> list[str]:
    ids = []
    for place in folder.iterdir():
        if place.is_dir():
            ids += _below(place, f"{prefix}{place.name}.")
        elif place.name.endswith(".md"):
            ids.append(prefix + place.name.removesuffix(".md"))
    return ids
