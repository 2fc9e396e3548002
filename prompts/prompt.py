"""What a prompt is: a checked file, ready to be filled in.

What a newcomer gets wrong: model text is a value and never a template, so a reply that holds
`{{ 7 * 7 }}` stays as it is.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from jinja2 import Template, TemplateError

from prompts.errors import PromptError

_TEMPLATE_FAULTS = (
    TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError,
)  # fmt: skip
"""What a template can raise while it is filled in: Jinja's errors, and those of its expressions."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt file."""

    id: str
    version: int
    inputs: tuple[str, ...]
    """Names of the values that it needs, in the order of the file."""
    output: str
    """What the model is asked for: a schema's name, or "text"."""
    changed: str
    """Why this version was made."""
    digest: str
    """`sha256:` and 64 hex digits over the file's text."""
    sections: tuple[tuple[str, Template], ...] = field(repr=False, compare=False)
    """Role and template, in the order of the file."""

    @property
    def tag(self) -> str:
        """The name that every model call stores, such as "critic.judge@1 sha256:..."."""
        return f"{self.id}@{self.version} {self.digest}"

    def render(self, **inputs: object) -> tuple[tuple[str, str], ...]:
        """Return role and text of each section; one that comes out blank is left out.

        Raises:
            PromptError: an input that it needs is missing, or a section cannot be filled in.
        """
        if missing := set(self.inputs) - inputs.keys():
            raise PromptError(
                f"{self.id!r}: needs {sorted(self.inputs)}, got {sorted(inputs)};"
                f" give it {sorted(missing)} too"
            )
        try:
            filled = [(role, template.render(inputs)) for role, template in self.sections]
        except _TEMPLATE_FAULTS as error:
            why = " ".join(str(error).split())
            raise PromptError(
                f"{self.id!r}: cannot be filled in: {why}; correct the file"
            ) from error
        return tuple((role, text) for role, text in filled if text.strip())

    def fit(self, *, offered: Collection[str], needed: Collection[str] = ()) -> "Prompt":
        """Return the prompt itself if a role that offers these inputs can use it.

        Raises:
            PromptError: it asks for an input that is not offered, or leaves out one that it is for.
        """
        if unknown := set(self.inputs) - set(offered):
            raise PromptError(
                f"{self.id!r}: no input is called {sorted(unknown)[0]!r};"
                f" there are {sorted(offered)}"
            )
        if missing := set(needed) - set(self.inputs):
            raise PromptError(
                f"{self.id!r}: does not use {sorted(missing)[0]!r}; put it into the prompt"
            )
        return self
