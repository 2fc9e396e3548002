"""The options of `export`: declared once, read from the command line, and made into what they ask.

What a newcomer gets wrong: this is no second command line; `storage.options` gives them to the
command that `run.py` has.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from storage.errors import Unknown
from storage.export.dialects import DIALECTS, Dialect
from storage.export.selection import Selection, nearest
from storage.export.splits import IN_ORDER, Splits


def _only(what: str) -> Any:  # noqa: ANN401 - typer keeps the class of its options to itself
    return typer.Option(metavar="NAME", help=f"Only {what}; may be given more than once.")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says of an export beside its format and its place."""

    status: Annotated[list[str] | None, _only("attempts with this status")] = None
    rung: Annotated[list[str] | None, _only("those that this rung decided")] = None
    skill: Annotated[list[str] | None, _only("of this skill")] = None
    level: Annotated[
        list[int] | None, typer.Option(metavar="N", help="Only of this level; likewise.")
    ] = None
    language: Annotated[list[str] | None, _only("in this language")] = None
    licence: Annotated[list[str] | None, _only("from expert seeds under this licence")] = None
    min_reward: Annotated[float, typer.Option(min=0, max=1, help="Only with so much reward.")] = 0
    min_weight: Annotated[float, typer.Option(min=0, max=1, help="Only as sure as this.")] = 0
    per_lesson: Annotated[
        int | None, typer.Option(min=1, metavar="M", help="At most M rows of one lesson.")
    ] = None
    balance: Annotated[
        bool, typer.Option("--balance", help="As many rows of every skill as of the rarest.")
    ] = False
    near_duplicates: Annotated[
        float | None,
        typer.Option(min=0.5, max=1, metavar="S", help="Leave out questions as alike as this."),
    ] = None
    benchmark: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Leave out questions that share words with this file."),
    ] = None
    ngram: Annotated[int, typer.Option(min=3, max=100, help="How many words in a row.")] = 13
    splits: Annotated[
        str | None,
        typer.Option(metavar="A,B,C", help="Percent of train, validation, test; by family."),
    ] = None
    split: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only train, validation or test.")
    ] = None
    container: Annotated[
        Literal["parquet", "jsonl", "jsonl.zst"], typer.Option(help="Of the files in a folder.")
    ] = "parquet"
    revisions: Annotated[
        Literal["alone", "turns", "none"],
        typer.Option(help="As answers, as turns after a critique, or none."),
    ] = "alone"
    reasoning: Annotated[
        Literal["keep", "drop"], typer.Option(help="What a model thought before it replied.")
    ] = "keep"
    dialect: Annotated[
        str, typer.Option(metavar="NAME", help=f"One of: {', '.join(DIALECTS)}.")
    ] = "trl"
    max_prompt_tokens: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Longer prompts are bad rows.")
    ] = None
    on_bad: Annotated[
        Literal["drop", "stop"], typer.Option(help="Bad rows, which trainers swallow.")
    ] = "drop"

    def selection(self) -> Selection:
        """Return the filters."""
        named = ("status", "rung", "skill", "level", "language", "licence")
        given = {name: tuple(getattr(self, name) or ()) for name in named}
        return Selection(**given, min_reward=self.min_reward, min_weight=self.min_weight)

    def consumer(self) -> Dialect:
        """Return the dialect that is asked for.

        Raises:
            Unknown: there is no such dialect; the message names the nearest.
        """
        if self.dialect not in DIALECTS:
            raise Unknown(nearest("--dialect", self.dialect, DIALECTS))
        return DIALECTS[self.dialect]

    def shares(self, *, usual: bool) -> Splits | None:
        """Return the splits that are asked for, by `usual` those of a dataset. None: none are.

        Raises:
            Unknown: the shares are no three numbers that make 100, or there is no such split.
        """
        if self.split is not None and self.split not in IN_ORDER:
            raise Unknown(f"--split {self.split!r}: name train, validation or test")
        if self.splits is None:
            return Splits() if usual or self.split else None
        wrong = f"--splits {self.splits!r}: write three numbers that make 100, such as 90,5,5"
        try:
            train, validation, test = (float(part) for part in self.splits.split(","))
        except ValueError as error:
            raise Unknown(wrong) from error
        if not (min(train, validation, test) >= 0 and abs(train + validation + test - 100) < 1e-6):
            raise Unknown(wrong)
        return Splits(validation / 100, test / 100)

    def told(self) -> dict[str, Any]:
        """Return the options that are not as usual, by name, as a manifest tells them.

        Of a benchmark's file it is the name alone; the manifest has its digest.
        """
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        if self.benchmark:
            given["benchmark"] = [path.name for path in self.benchmark]
        usual = {each.name: each.default for each in fields(self)}
        return {name: value for name, value in given.items() if value != usual[name]}
