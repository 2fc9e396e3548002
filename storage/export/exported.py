"""One export: examples of one format in a file, or of several in a dataset's folder.

Beside the examples stands the list of what was taken out though the format would have had it. What
a newcomer gets wrong: nothing has its name before all of it is written, so an export that is killed
leaves no half of one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from storage.errors import Unspoken
from storage.export.account import Account, Removed
from storage.export.columns import Columns, Example, Shape
from storage.export.containers import ExampleFiles, Written, open_file, open_split
from storage.export.containers.files import container_of
from storage.export.dialects import DIALECTS
from storage.export.exporting import Asked, Compared, Exporting, Known
from storage.export.faults import Limits
from storage.export.formats import FORMATS
from storage.export.making import Form, Made, Manner, Steps
from storage.export.options import Options
from storage.export.splits import TRAIN
from storage.export.twins import Twins
from storage.queries import Reader
from storage.records import Run

ACROSS = 0.8
"""How alike two questions of different splits may be at most, unless an option asks for less."""

Told = Callable[[Removed], None]


class Watch(Protocol):
    """Looks at every example as it goes by, before any dialect."""

    def __call__(self, form: str, split: str, example: Example) -> None:
        """Take an example in."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """What examples are made of."""

    reader: Reader
    runs: Sequence[Run]
    """Their rows stand in this order."""
    steps: Steps
    known: Known | None = None
    """None: no benchmarks are known."""


@dataclass(slots=True)
class Exported:
    """What came of it."""

    accounts: dict[str, Account] = field(default_factory=dict)
    """By format."""
    written: list[tuple[str, str, Written]] = field(default_factory=list)
    """Format, split, and the file, by the name that it had when it was written."""
    lacking: dict[str, str] = field(default_factory=dict)
    """By format that the database cannot give: why, and how to get it."""

    @property
    def examples(self) -> int:
        """How many there are, in all files."""
        return sum(each.rows for _, _, each in self.written)


class Writing:
    """Writes examples, one format after the other.

    Args:
        source: What they are made of.
        options: What is asked for.
        usual_splits: Whether there are splits where no option says so.
        watch: Shown every example.
    """

    def __init__(
        self,
        source: Source,
        options: Options,
        *,
        usual_splits: bool,
        watch: Watch,
    ) -> None:
        self.exported = Exported()
        self._source = source
        self._options = options
        self.splits = options.shares(usual=usual_splits)
        self._watch = watch
        self._runs = [run.id for run in source.runs]
        self.dialect = options.consumer()
        self.shape = _shape(source, options)
        self._selection = options.selection()
        self._selection.require_known(source.reader, self._runs)

    def to_file(self, form: Form, path: Path, removed: Told) -> None:
        """Write one format to a file.

        Args:
            form: The format.
            path: A new file.
            removed: Told of what is taken out.

        Raises:
            StorageError: see `open_file`, `Exporting.examples` and `Dialect.columns`.
        """
        container = container_of(path) or "jsonl"
        self.dialect.require(form.name, form.columns, container)
        with open_file(path, self.columns(form.name), self.said_shape(form.name)) as file:
            for _, made in self._examples(form, removed):
                file.write(made.example if made.said is None else made.said)
        split = self._options.split or TRAIN
        self.exported.written += [(form.name, split, each) for each in file.written]

    def to_folder(self, form: Form, place: Path, removed: Told) -> None:
        """Write one format to a folder of its own, a file or more for each split.

        Raises:
            StorageError: see `open_split`, `Exporting.examples` and `Dialect.columns`.
        """
        container, opened = self._options.container, dict[str, ExampleFiles]()
        self.dialect.require(form.name, form.columns, container)
        columns, shape = self.columns(form.name), self.said_shape(form.name)
        with ExitStack() as stack:
            for split, made in self._examples(form, removed):
                if split not in opened:
                    new = open_split(place, split, columns, shape, container=container)
                    opened[split] = stack.enter_context(new)
                opened[split].write(made.example if made.said is None else made.said)
        for split, files in opened.items():
            self.exported.written += [(form.name, split, each) for each in files.written]

    def _examples(self, form: Form, removed: Told) -> Iterator[tuple[str, Made]]:
        asked = Asked(
            form,
            Manner(self._source.steps, self._options.revisions, self.shape),
            selection=self._selection,
            limits=Limits(self._options.max_prompt_tokens),
            per_lesson=self._options.per_lesson,
            balanced=self._options.balance,
            splits=self.splits,
            only=self._options.split,
            on_bad=self._options.on_bad,
            says=self._says(form),
        )
        with self._compared() as compared, self._compared(self._options.balance) as counting:
            making = Exporting(
                self._source.reader, self._runs, asked, compared=compared, counting=counting,
                known=self._source.known, on_removed=removed,
            )  # fmt: skip
            self.exported.accounts[form.name] = making.account
            for split, made in making.examples():
                self._watch(form.name, split, made.example)
                yield split, made

    @contextmanager
    def _compared(self, wanted: bool = True) -> Iterator[Compared]:
        """Begin to compare questions, as far as they are to be."""
        alike, splits = self._options.near_duplicates, self.splits
        with ExitStack() as stack:
            near = across = None
            if wanted and alike is not None:
                near = stack.enter_context(Twins(alike))
            if wanted and splits is not None:
                across = stack.enter_context(Twins(min(ACROSS, alike or ACROSS)))
            yield Compared(near, across)

    def _says(self, form: Form) -> Callable[[Example], Example] | None:
        if self.dialect.name == "trl" and not self.shape.train:
            return None
        if form.name == "sft" and self.shape.train and not self.dialect.masks_turns:
            able = " or ".join(each.name for each in DIALECTS.values() if each.masks_turns)
            raise Unspoken(
                f"--revisions turns: {self.dialect.name} would train the wrong turns of sft as "
                f"well; export prompt-completion, or use --dialect {able}"
            )
        return lambda example: self.dialect.row(form.name, example)

    def columns(self, form: str) -> Columns:
        """Return the columns of a format as they are written.

        Raises:
            Unspoken: the dialect has no such format.
        """
        return self.dialect.columns(form, FORMATS[form].columns)

    def said_shape(self, form: str) -> Shape:
        """Return which keys the messages of a format have as they are written."""
        return self.dialect.shape(form, self.shape)


def _shape(source: Source, options: Options) -> Shape:
    """Return which keys the messages have; reasoning only where a student gave any."""
    found = options.reasoning == "keep" and any(
        True for run in source.runs for _ in source.reader.rows(_REASONED, run.id)
    )
    return Shape(reasoning=found, train=options.revisions == "turns")


_REASONED = """SELECT 1 FROM trajectories t CROSS JOIN attempts a ON a.trajectory_id = t.id
    WHERE t.run_id = ? AND a.reasoning IS NOT NULL LIMIT 1"""
