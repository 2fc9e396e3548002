"""What a dialect is: the canonical row of a format, said as one consumer reads it.

What a newcomer gets wrong: consumers do not complain. What they cannot read they drop with a
warning among thousands, or train on as something else; so a dialect refuses such an example, with
the reason, and its caller counts it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from storage.errors import Unspoken
from storage.export.columns import Columns, Example, Shape
from storage.export.containers.files import CONTAINERS, Container

Where = Mapping[str, str]
"""Where a consumer finds an export: `path`, and in a folder also `name` (a format) and `split`."""


def _same(shape: Shape) -> Shape:
    return shape


@dataclass(frozen=True, slots=True)
class Projection:
    """How a dialect says one format."""

    drops: frozenset[str] | None
    """The canonical columns that it has no place for; the others stay. None: none stays."""
    gives: Columns
    """Its own columns, or those that it says in another way."""
    says: Callable[[Example], Example]
    """Makes the columns of `gives`, of a canonical row. Empty: the row is right as it is."""
    pictures: frozenset[Container] = frozenset()
    """Where the consumer reads pictures from. Empty: it reads none."""
    shape: Callable[[Shape], Shape] = _same
    """Which keys its messages have, given those of the canonical ones."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One consumer's way to say examples. All methods are pure."""

    name: str
    projections: Mapping[str, Projection]
    """By format."""
    containers: frozenset[Container]
    """What the consumer opens, as long as there are no pictures."""
    masks_turns: bool = False
    """Whether it can keep an answer within a conversation from being trained."""
    sidecar_name: str | None = None
    """The file that makes an export load, see `sidecars`. None: none is needed."""
    looks_from_sidecar: bool = False
    """Whether paths in that file are from where it lies, and not from where the reader starts."""
    entry: Callable[[str, Columns, Where], dict[str, JsonValue]] | None = None
    """Makes what that file says about an export: format, its columns here, where it is."""

    def columns(self, form: str, columns: Columns) -> Columns:
        """Return the columns that a format has here, given its canonical ones.

        Raises:
            Unspoken: the dialect has no such format, or none with pictures.
        """
        said = self._projection(form)
        if "images" in columns and not said.pictures:
            raise Unspoken(self._who_else(form, pictures=True))
        if said.drops is None:
            return dict(said.gives)
        kept = {name: kind for name, kind in columns.items() if name not in said.drops}
        return kept | said.gives

    def row(self, form: str, example: Example) -> Example:
        """Return a canonical row as the consumer reads it, with the keys of `columns`.

        Raises:
            Unspoken: the dialect has no such format.
            Unfit: the consumer would drop this one, or read it as something else.
        """
        said = self._projection(form)
        new = said.says(example)
        if said.drops is None:
            return new
        if not new:
            return example
        kept = {name: value for name, value in example.items() if name not in said.drops}
        return kept | new

    def shape(self, form: str, shape: Shape) -> Shape:
        """Return which keys the messages have here, given those of the canonical ones."""
        return self._projection(form).shape(shape)

    def held_by(self, form: str, columns: Columns) -> frozenset[Container]:
        """Return what a format with these canonical columns can be written to.

        Raises:
            Unspoken: the dialect has no such format.
        """
        said = self._projection(form)
        return said.pictures if "images" in columns else self.containers

    def require(self, form: str, columns: Columns, container: Container) -> None:
        """Do nothing if a format with these canonical columns can be written to a container.

        Raises:
            Unspoken: it cannot, or the dialect has no such format, or none with pictures.
        """
        self.columns(form, columns)
        able = self.held_by(form, columns)
        if container not in able:
            named = " or ".join(f".{each}" for each in CONTAINERS if each in able)
            raise Unspoken(f".{container}: {self.name} does not read {form!r} from it; use {named}")

    def sidecar(self, form: str, columns: Columns, where: Where) -> dict[str, JsonValue] | None:
        """Return what `sidecar_name` says about an export of these canonical columns.

        `path` of `where` is as the consumer is to find it. None: the consumer needs no such file.
        """
        return self.entry(form, self.columns(form, columns), where) if self.entry else None

    def _projection(self, form: str) -> Projection:
        try:
            return self.projections[form]
        except KeyError:
            raise Unspoken(self._who_else(form, pictures=False)) from None

    def _who_else(self, form: str, *, pictures: bool) -> str:
        from storage.export.dialects.registry import DIALECTS  # noqa: PLC0415 - it imports this one

        able = [
            other.name
            for other in DIALECTS.values()
            if (said := other.projections.get(form)) and (said.pictures or not pictures)
        ]
        what = f"{form!r} with pictures" if pictures else f"{form!r}"
        return f"{what}: {self.name} has no such format; the dialects that do: {', '.join(able)}"
