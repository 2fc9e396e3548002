"""Figures over the rows of an export, taken while they stream past.

Counts are of every row. Lengths and diversity are measured on bounded draws, the same for the same
rows (see `storage.export.draw`). What a newcomer gets wrong: these are the rows that were written,
after every selection; what the database holds is in `storage.export.facts`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from zlib import crc32

from storage.export.columns import Example
from storage.export.diversity import Diversity, diversity
from storage.export.draw import Draw

LENGTHS, TEXTS, TEXTS_OF_A_SKILL = 5_000, 1_000, 100
"""How many rows of a format are drawn for lengths, and how many texts for diversity: of all rows,
and of those of one skill."""
CLIP = 1_000
"""Characters of a drawn text that are kept, from its beginning."""
MOST_SKILLS = 200
"""How many skills have a draw of their own: the first that come."""
MOST_PLACES = 50_000
"""How many combinations of values are told apart; the rows of later ones count as OTHERS."""
OTHERS = "(others)"
Row = dict[str, Any]
Text = Literal["tasks", "answers", "critiques"]
"""What diversity is measured of."""
Of = Literal[
    "skill", "level", "language", "made_by", "rung", "licence", "label", "pair", "loss", "pictures"
]
"""By what rows are counted. `label` is of kto; the verdict of critique counts as its label."""


class _Place(NamedTuple):
    """What rows that are counted together have in common."""

    form: str
    split: str
    skill: str
    level: int
    language: str
    made_by: str
    rung: str | None
    licence: str | None
    grown: bool
    """From an expert seed."""
    label: bool | str | None
    pair: str | None
    loss: str | None
    pictures: bool


class Chars(NamedTuple):
    """The lengths of one row, in characters."""

    prompt: int
    answer: int
    """Of a pair the chosen one's; 0 where a format has no answer."""
    longer: int
    """By how much chosen is longer than rejected; 0 where there is no pair."""


class _Said(NamedTuple):
    """The beginnings of what one row says."""

    lesson_id: str
    task: str
    answer: str


@dataclass(slots=True)
class Solving:
    """How often the student solved the tasks of `rl` rows."""

    tasks: int = 0
    """Those that were tried; the same below."""
    rates: float = 0.0
    """The sum of their solve rates."""
    never: int = 0
    always: int = 0

    @property
    def mean(self) -> float | None:
        """The mean over tasks. None: no task was tried."""
        return self.rates / self.tasks if self.tasks else None


class Figures:
    """The figures of one export."""

    def __init__(self) -> None:
        self._places: dict[tuple[Any, ...], int] = {}
        self._lengths: dict[str, Draw[Chars]] = {}
        self._texts: dict[str, Draw[_Said]] = {}
        self._skills: dict[tuple[str, str], Draw[_Said]] = {}
        self.solving: dict[int, Solving] = {}
        """By level, of `rl` rows."""

    def add(self, form: str, split: str, example: Example) -> None:
        """Take in a row of a format in its usual shape, before any dialect."""
        row: Row = example
        get = row.get
        skill = row["skill"]
        kind = form if form in _APART else "answers"
        place = (
            form, split, skill, row["level"], row["language"], row["made_by"], row["rung"],
            row["licence"], row["expert_seed"] is not None,
            get("verdict") if form == "critique" else get("label"), get("pair"), get("loss"),
            bool(get("images")),
        )  # fmt: skip
        if place in self._places:
            self._places[place] += 1
        else:
            self._new_place(place, kind)
        key = row["chosen_id"] if form == "preference" else row["id"]
        checksum = crc32(key.encode(errors="replace"))
        if checksum <= self._lengths[form].limit:
            self._lengths[form].offer(checksum, row["id"], _chars(form, row))
        if checksum <= self._texts[kind].limit:
            self._texts[kind].offer(checksum, key, _said(form, row))
        own = self._skills.get((kind, skill))
        if own is not None and checksum <= own.limit:
            own.offer(checksum, key, _said(form, row))
        if form == "rl" and row["solve_rate"] is not None:
            self._solve(row["level"], row["solve_rate"])

    def _new_place(self, place: tuple[Any, ...], kind: str) -> None:
        row = _Place(*place)
        if len(self._places) >= MOST_PLACES:
            licence = OTHERS if row.licence else None
            row = row._replace(
                skill=OTHERS, level=0, language=OTHERS, made_by=OTHERS, licence=licence
            )
        self._places[row] = self._places.get(row, 0) + 1
        self._lengths.setdefault(row.form, Draw(LENGTHS))
        self._texts.setdefault(kind, Draw(TEXTS))
        if len(self._skills) < MOST_SKILLS * (1 + len(_APART)):
            self._skills.setdefault((kind, row.skill), Draw(TEXTS_OF_A_SKILL))

    def _solve(self, level: int, rate: float) -> None:
        one = self.solving.setdefault(level, Solving())
        one.tasks += 1
        one.rates += rate
        one.never += rate <= 0
        one.always += rate >= 1

    @property
    def forms(self) -> list[str]:
        """The formats, in their usual order, then others in order of the alphabet."""
        return in_order({place[0] for place in self._places})

    @property
    def splits(self) -> list[str]:
        """The splits: train, validation and test, then others in order of the alphabet."""
        usual = ["train", "validation", "test"]
        found = {place[1] for place in self._places}
        return [each for each in usual if each in found] + sorted(found - {*usual})

    def rows(self, form: str | None = None, split: str | None = None) -> int:
        """Return how many rows there are; None: of any format, of any split."""
        return sum(
            count
            for place, count in self._places.items()
            if form in (None, place[0]) and split in (None, place[1])
        )

    def by(self, of: Of, form: str | None = None, split: str | None = None) -> dict[Any, int]:
        """Return how many rows have each value, the most frequent first.

        None: of any format, of any split.
        """
        counts: dict[Any, int] = {}
        for place, count in self._places.items():
            if form in (None, place[0]) and split in (None, place[1]):
                value = getattr(_Place(*place), of)
                counts[value] = counts.get(value, 0) + count
        return dict(sorted(counts.items(), key=lambda item: (-item[1], str(item[0]))))

    @property
    def licences(self) -> dict[str | None, int]:
        """How many rows grew from expert seeds under each licence. None: the file names none."""
        counts: dict[str | None, int] = {}
        for place, count in self._places.items():
            row = _Place(*place)
            if row.grown:
                counts[row.licence] = counts.get(row.licence, 0) + count
        return dict(sorted(counts.items(), key=lambda item: (-item[1], str(item[0]))))

    def lengths(self, form: str) -> list[Chars]:
        """Return the lengths of the drawn rows of a format: of all, if there are no more."""
        return self._lengths[form].drawn() if form in self._lengths else []

    def diversity(self, text: Text, skill: str | None = None) -> Diversity | None:
        """Measure a draw of texts of a skill, or of all. None: there is nothing to measure.

        A task counts once however many rows it has, so of tasks fewer are drawn than of answers.
        """
        return diversity(self._drawn(text, skill))

    def _drawn(self, text: Text, skill: str | None) -> Iterable[str]:
        kinds = ("answers", *_APART) if text == "tasks" else (_KIND[text],)
        found: dict[str, str] = {}
        for kind in kinds:
            draw = self._texts.get(kind) if skill is None else self._skills.get((kind, skill))
            for place, said in enumerate(draw.drawn() if draw else ()):
                if text == "tasks":
                    found.setdefault(said.lesson_id, said.task)
                else:
                    found[f"{place}"] = said.answer
        return found.values()

    @property
    def solved(self) -> Solving:
        """The solve rates of all levels together."""
        whole = Solving()
        for _, one in sorted(self.solving.items()):
            whole.tasks += one.tasks
            whole.rates += one.rates
            whole.never += one.never
            whole.always += one.always
        return whole


_FORMS = ("sft", "prompt-completion", "preference", "kto", "stepwise", "rl", "critique")
_APART = ("critique", "rl")
"""Formats whose answers are no attempts, or that have none."""
_KIND: dict[Text, str] = {"answers": "answers", "critiques": "critique"}


def in_order(forms: Collection[str]) -> list[str]:
    """Return formats in their usual order, then others in order of the alphabet."""
    return [each for each in _FORMS if each in forms] + sorted({*forms} - {*_FORMS})


def kto_weights(right: int, wrong: int) -> tuple[float, float]:
    """Return `desirable_weight` and `undesirable_weight` for a KTO trainer.

    One of them is 1. TRL wants (desirable weight x right) / (undesirable weight x wrong) between
    1 and 4/3, and warns elsewhere; these bring it to 7/6, unless it is between them already.

    Raises:
        ValueError: there is no row of one kind, and no weight mends that.
    """
    if not (right and wrong):
        raise ValueError("KTO needs rows with both labels")
    ratio = right / wrong
    if 1 <= ratio <= 4 / 3:
        return 1.0, 1.0
    wanted = 7 / 6
    return (round(wanted / ratio, 2), 1.0) if ratio < 1 else (1.0, round(ratio / wanted, 2))


def _chars(form: str, row: Row) -> Chars:
    """Return the lengths of a row."""
    if form == "sft":
        *before, last = row["messages"]
        return Chars(_length(before), _length([last]), 0)
    if form == "preference":
        answer = _length(row["chosen"])
        return Chars(_length(row["prompt"]), answer, answer - _length(row["rejected"]))
    if form == "stepwise":
        return Chars(len(row["prompt"]), sum(map(len, row["completions"])), 0)
    return Chars(_length(row["prompt"]), _length(row.get("completion", ())), 0)


def _length(messages: Iterable[Row]) -> int:
    total = 0
    for message in messages:
        content = message["content"]
        total += len(content) if type(content) is str else len(_words(message))
    return total


def _said(form: str, row: Row) -> _Said:
    """Return what a row says: its task as it was first put, and the last answer."""
    task: str
    if form in ("stepwise", "critique"):
        task = row["prompt"] if form == "stepwise" else row["task"]
    else:
        asked = row["messages"] if form == "sft" else row["prompt"]
        users = (each for each in asked if each["role"] == "user")
        task = _words(next(users, asked[0]))
    return _Said(row["lesson_id"], task[:CLIP], _answer(form, row)[:CLIP])


def _answer(form: str, row: Row) -> str:
    if form == "rl":
        return ""
    if form == "critique":
        return str(row["critique"])
    if form == "stepwise":
        return "\n".join(row["completions"])
    column = {"sft": "messages", "preference": "chosen"}.get(form, "completion")
    return _words(row[column][-1])


def _words(message: Row) -> str:
    """Return the text of a message, also of one in parts or without any."""
    content = message["content"]
    if isinstance(content, list):
        return "\n".join(part.get("text") or "" for part in content)
    return content or ""
