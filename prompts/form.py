"""The form of a prompt file: front matter between two lines of "---", then sections.

What a newcomer gets wrong: only a line such as "# user" begins a section; other headings are text.
The front matter is not YAML, only five keys with a value on the same line.
"""

import hashlib
import re
from functools import cache

from jinja2 import StrictUndefined, TemplateError, meta
from jinja2.sandbox import SandboxedEnvironment

from prompts.errors import PromptError
from prompts.prompt import Prompt

ROLES = ("system", "user", "assistant")
KEYS = ("id", "version", "inputs", "output", "changed")
_FENCE = "---"
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


def parse(text: str, name: str) -> Prompt:
    """Return the prompt that a file's text holds; `name` is what messages call the file.

    Raises:
        PromptError: the text is not of the form, or declares other inputs than it uses.
    """
    head, body = _split(text, name)
    keys = _front_matter(head, name)
    sources = _sections(body, name)
    try:
        trees = [_environment().parse(source) for _, source in sources]
        used = set().union(*(meta.find_undeclared_variables(tree) for tree in trees))
        sections = tuple((role, _environment().from_string(source)) for role, source in sources)
    except TemplateError as error:
        raise PromptError(f"{name!r}: no template: {error}; correct it") from error
    inputs = _inputs(keys["inputs"], name)
    if set(inputs) != used:
        raise PromptError(
            f"{name!r}: declares {sorted(inputs)}, uses {sorted(used)}; make them equal"
        )
    return Prompt(
        id=keys["id"],
        version=int(keys["version"]),
        inputs=inputs,
        output=keys["output"],
        changed=keys["changed"],
        digest=text_digest(text),
        sections=sections,
    )


def text_digest(text: str) -> str:
    """Return the digest of a prompt file's text."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


@cache
def _environment() -> SandboxedEnvironment:
    """Return the strict sandbox; nothing in it draws from the global random generator."""
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()
    del environment.filters["random"]
    return environment


def _split(text: str, name: str) -> tuple[list[str], list[str]]:
    lines = text.split("\n")
    if lines[0] != _FENCE or _FENCE not in lines[1:]:
        raise PromptError(f"{name!r}: no front matter; begin with a block between lines of '---'")
    end = lines.index(_FENCE, 1)
    return lines[1:end], lines[end + 1 :]


def _front_matter(lines: list[str], name: str) -> dict[str, str]:
    keys: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(":")
        if key not in KEYS or key in keys or not value.strip():
            raise PromptError(
                f"{name!r}: cannot use {line!r}; write each of {', '.join(KEYS)} once, with a value"
            )
        keys[key] = value.strip()
    if missing := [key for key in KEYS if key not in keys]:
        raise PromptError(f"{name!r}: the front matter has no {missing[0]!r}; add it")
    if not _ID.fullmatch(keys["id"]):
        raise PromptError(f"{name!r}: {keys['id']!r} is no id; write it like teacher.write_lesson")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", keys["version"]):
        raise PromptError(f"{name!r}: version {keys['version']!r} is no whole number from 1")
    return keys


def _inputs(value: str, name: str) -> tuple[str, ...]:
    if not (value.startswith("[") and value.endswith("]")):
        raise PromptError(f"{name!r}: inputs {value!r} is no list; write it like [skill, level]")
    return tuple(item.strip() for item in value[1:-1].split(",") if item.strip())


def _sections(lines: list[str], name: str) -> list[tuple[str, str]]:
    """Return role and source of each section, without blank lines at its ends."""
    headings = {f"# {role}": role for role in ROLES}
    sections: list[tuple[str, list[str]]] = []
    for line in lines:
        if role := headings.get(line.rstrip()):
            sections.append((role, []))
        elif sections:
            sections[-1][1].append(line)
        elif line.strip():
            raise PromptError(f"{name!r}: {line!r} stands before the first '# system' or '# user'")
    if "user" not in {role for role, _ in sections}:
        raise PromptError(f"{name!r}: has no '# user' section; add it")
    return [(role, "\n".join(body).strip("\n")) for role, body in sections]
