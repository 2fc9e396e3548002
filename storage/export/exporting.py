"""From the episodes of runs to the examples of one format, with an account of every attempt.

Each episode goes the same way: the format makes what it can of the attempts that the filters let
pass; then duplicates, near-duplicates and benchmarks' questions are taken out, rows that trainers
swallow, and what is more than a lesson or a skill may give. What a newcomer gets wrong: only an
episode that gave a row makes later ones superfluous.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from storage.errors import BadRow, Lacking, Unfit
from storage.export.account import BY_OPTION, REASONS, REMOVALS, Account, Removed
from storage.export.columns import Example
from storage.export.episodes import Episode, Judged, Lesson, asked_again, episodes
from storage.export.faults import Limits, fault
from storage.export.interleave import interleave
from storage.export.making import Form, Made, Manner
from storage.export.seen import Seen, Waiting
from storage.export.selection import Selection
from storage.export.splits import IN_ORDER, TRAIN, Splits
from storage.queries import Reader

Reasons = dict[str, tuple[str, str | None]]
"""By attempt: why it is left out, and the id of what makes it superfluous, if anything does."""


class Earlier(Protocol):
    """Which episode asked a question first."""

    def first(self, key: str) -> str | None:
        """Return the trajectory that had this question first. None: none had it."""
        ...

    def add(self, key: str, who: str) -> None:
        """Take down that a trajectory has it."""
        ...


class Near(Protocol):
    """Which earlier question was nearly the same, and had the same reference."""

    def twin(self, key: str, text: str, reference: str) -> str | None:
        """Return the key of an earlier text that is nearly this one. None: there is none."""
        ...

    def add(self, key: str, text: str, reference: str) -> None:
        """Take down a text for later ones."""
        ...


class Place(Protocol):
    """A place in a benchmark."""

    @property
    def path(self) -> str:
        """The file, as it was named."""
        ...

    @property
    def place(self) -> str:
        """Where in it, such as "line 12"."""
        ...


class Known(Protocol):
    """What benchmarks ask."""

    def found(self, text: str) -> Place | None:
        """Return where a text has too many words in common with one. None: nowhere."""
        ...


_AGAIN = 100_000
"""So many digests of questions that come again are remembered; a database of more is asked."""


class Compared(NamedTuple):
    """With what questions are compared."""

    near: Near | None = None
    """All that gave a row so far. None: near-duplicates stay."""
    across: Near | None = None
    """Those of the splits before. None: there are no splits."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How one format is asked for."""

    form: Form
    manner: Manner
    selection: Selection = field(default_factory=Selection)
    limits: Limits = field(default_factory=Limits)
    per_lesson: int | None = None
    """At most so many rows of one lesson. None: all."""
    balanced: bool = False
    """Whether every skill gives as many rows as the rarest."""
    splits: Splits | None = None
    """None: everything is for training."""
    only: str | None = None
    """The one split that is asked for. None: all."""
    on_bad: Literal["drop", "stop"] = "drop"
    says: Callable[[Example], Example] | None = None
    """A dialect's way to say a row. None: it stays as it is."""


class Exporting:
    """One format's way through the episodes.

    Args:
        reader: The database.
        runs: Ids of runs, in the order in which their rows stand.
        asked: What is wanted of them.
        compared: With what questions are compared.
        counting: Another such, as new as the first; for what is balanced is made twice.
        known: None: there are no benchmarks.
        on_removed: Told of every attempt that is taken out though the format would take it.
    """

    def __init__(
        self,
        reader: Reader,
        runs: Sequence[str],
        asked: Asked,
        *,
        compared: "Compared | None" = None,
        counting: "Compared | None" = None,
        known: Known | None = None,
        earlier: Earlier | None = None,
        on_removed: Callable[[Removed], None] = lambda _: None,
    ) -> None:
        self.account = Account()
        self._reader = reader
        self._runs = runs
        self._asked = asked
        self._near, self._across = compared or Compared()
        self._counting = counting
        self._waiting = Waiting()
        self._known = known
        self._earlier: Earlier = earlier or Seen(asked_again(reader, _AGAIN))
        self._on_removed = on_removed
        self._shares: dict[tuple[str, str], tuple[int, int]] | None = None
        self._turns: Counter[tuple[str, str]] = Counter()
        self._labels: dict[str, set[object]] = {}

    def examples(self) -> Iterator[tuple[str, Made]]:
        """Yield every example with its split; those of one split stand together.

        Raises:
            BadRow: a row is bad, and the first one was asked to stop the export.
            Lacking: there is nothing of which the format could be made; at the end.
        """
        if self._asked.balanced:
            self._shares = self._counted()
        for split in IN_ORDER if self._asked.splits else (TRAIN,):
            rows = self._of(split)
            if self._asked.form.name == "kto":
                rows = interleave(rows)
            for made in rows:
                yield split, made
            if self._across:
                for waiting in self._waiting.taken():
                    self._across.add(*waiting)
        self._require()

    def of(self, episode: Episode, split: str = TRAIN) -> list[Made]:
        """Return the examples of one episode, and take down what became of its attempts."""
        kept, reasons = self.made(episode, split)
        if kept or any(reason == "balance" for reason, _ in reasons.values()):
            self._remember(episode, split)
        if self._asked.only not in (None, split):
            for attempt in (each for made in kept for each in made.attempts):
                reasons[attempt] = ("other_split", None)
            kept = []
        self._count(episode, split, kept, reasons)
        return kept

    def made(self, episode: Episode, split: str = TRAIN) -> tuple[list[Made], Reasons]:
        """Return the examples of one episode, and why attempts are in none of them."""
        asked, why = self._asked, _Why()
        chosen = self._chosen(episode, why)
        wanted = asked.selection.wants(episode, chosen)
        made = list(asked.form.make(episode, chosen, asked.manner, why.leave)) if wanted else []
        superfluous = self._superfluous(episode) if made else None
        kept: list[Made] = []
        fit = 0
        for each in made:
            reason, twin = superfluous or (self._refusal(each, fit), None)
            said, reason = (None, reason) if reason else self._said(each)
            fit += reason is None
            if reason is None and not self._is_due(split, episode.lesson.skill):
                reason = "balance"
            if reason is None:
                kept.append(each if said is None else each._replace(said=said))
            else:
                why.drop(each, reason, twin)
        return kept, why.reasons

    def _of(self, split: str) -> Iterator[Made]:
        """Yield the rows of one split; none if another is asked for alone."""
        splits = self._asked.splits
        for run in self._runs:
            for episode in episodes(self._reader, run):
                if splits and splits.of(episode.lesson.family) != split:
                    continue
                yield from self.of(episode, split)

    def _chosen(self, episode: Episode, why: "_Why") -> list[Judged]:
        selection = self._asked.selection
        takes = selection.takes_lesson(episode.lesson)
        if takes and not selection.of_attempts:
            return episode.attempts
        chosen = [each for each in episode.attempts if takes and selection.takes(each)]
        if len(chosen) < len(episode.attempts):
            for attempt in episode.attempts:
                if attempt not in chosen:
                    why.leave(attempt, "not_selected")
        return chosen

    def _superfluous(self, episode: Episode) -> tuple[str, str | None] | None:
        """Return why nothing of an episode is wanted, and its twin. None: it is wanted."""
        lesson = episode.lesson
        if first := self._earlier.first(lesson.question_digest):
            return "duplicate", first
        if self._known and (hit := self._known.found(lesson.question)):
            return "contaminated", f"{Path(hit.path).name} {hit.place}"
        if self._across and (twin := self._across.twin(*_compared(lesson))):
            return "across_splits", twin
        if self._near and (twin := self._near.twin(*_compared(lesson))):
            return "near_duplicate", twin
        return None

    def _remember(self, episode: Episode, split: str) -> None:
        lesson = episode.lesson
        self._earlier.add(lesson.question_digest, lesson.trajectory_id)
        if self._near:
            self._near.add(*_compared(lesson))
        if self._across and split != TRAIN:  # within a split, this leaves neighbours alone
            self._waiting.add(*_compared(lesson))

    def _refusal(self, made: Made, fit: int) -> str | None:
        """Return why a row is not wanted. None: it is."""
        if found := fault(made.example, self._asked.limits):
            if self._asked.on_bad == "stop":
                row = made.example["id"]
                raise BadRow(f"{row}: {REASONS[found]}; without --on-bad stop it is dropped")
            return found
        if self._asked.per_lesson is not None and fit >= self._asked.per_lesson:
            return "per_lesson"
        return None

    def _said(self, made: Made) -> tuple[Example | None, str | None]:
        """Return a row as the dialect says it, and why it cannot; both None: it stays as it is."""
        if self._asked.says is None:
            return None, None
        try:
            return self._asked.says(made.example), None
        except Unfit as error:
            if self._asked.on_bad == "stop":
                row = made.example["id"]
                raise BadRow(f"{row}: {error}; without --on-bad stop it is dropped") from error
            return None, "unfit"

    def _is_due(self, split: str, skill: str) -> bool:
        """Return whether it is this row's turn; the rows of a skill are taken evenly spread."""
        if self._shares is None:
            return True
        wanted, total = self._shares[split, skill]
        turn = self._turns[split, skill]
        self._turns[split, skill] += 1
        return (turn + 1) * wanted // total > turn * wanted // total

    def _counted(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return how many rows of each split and skill are wanted, and how many there are."""
        asked = replace(self._asked, balanced=False, only=None)
        dry = Exporting(self._reader, self._runs, asked, compared=self._counting, known=self._known)
        rows = ((split, str(made.example["skill"])) for split, made in dry.examples())
        counts = Counter(rows)
        rarest: dict[str, int] = {}
        for (split, _), count in counts.items():
            rarest[split] = min(rarest.get(split, count), count)
        return {key: (rarest[key[0]], count) for key, count in counts.items()}

    def _count(self, episode: Episode, split: str, kept: list[Made], reasons: Reasons) -> None:
        account, used = self.account, {each for made in kept for each in made.attempts}
        account.examples[split] += len(kept)
        for made in kept:
            self._labels.setdefault(split, set()).add(_label(made.example))
        for attempt in episode.attempts:
            account.attempts[attempt.status] += 1
            if attempt.id in used:
                account.used += 1
                continue
            reason, twin = reasons[attempt.id]
            account.left_out[reason] += 1
            if reason in REMOVALS:
                trajectory = episode.lesson.trajectory_id
                self._on_removed(Removed(attempt.id, trajectory, reason, twin))

    def _require(self) -> None:
        form, only = self._asked.form, self._asked.only
        one_kind = form.labelled and len(self._labels.get(only or TRAIN, ())) < 2
        if self.account.examples.total() and not one_kind:
            return
        asked = [each for each in self.account.left_out.most_common() if each[0] in BY_OPTION]
        why = form.lacking
        if asked and not self.account.examples.total():
            reason, count = asked[0]
            why = f"of {self.account.attempts.total()} attempts {count} are left out: "
            why += f"{REASONS[reason]}; ask for less"
            if reason == "other_split":
                why = f"no family falls to {only}; give it a larger share, or add episodes"
        elif asked:
            why += ", or ask for less: options left out " + str(sum(each[1] for each in asked))
        raise Lacking(f"{form.name}: nothing to export: {why}")


def _label(example: Example) -> object:
    """Return what must not be the same in all rows, of a format that has such a thing."""
    return example.get("label", example.get("verdict"))


def _compared(lesson: Lesson) -> tuple[str, str, str]:
    """Return what is compared of a lesson; where a judge decides, references are worded freely."""
    reference = "" if lesson.verifier == "judge" else lesson.reference
    return lesson.trajectory_id, lesson.question, reference


class _Why:
    """Why attempts of one episode are left out, as far as is known."""

    def __init__(self) -> None:
        self.reasons: Reasons = {}

    def leave(self, attempt: Judged, reason: str, twin: str | None = None) -> None:
        self.reasons[attempt.id] = (reason, twin)

    def drop(self, made: Made, reason: str, twin: str | None) -> None:
        for attempt in made.attempts:
            self.reasons.setdefault(attempt, (reason, twin))


def examples(
    reader: Reader, run_id: str, form: Form, manner: Manner | None = None
) -> Iterator[Example]:
    """Yield the examples of one run and format as they are without any options.

    Raises:
        Lacking: there are none.
    """
    for _, made in Exporting(reader, [run_id], Asked(form, manner or Manner())).examples():
        yield made.example
