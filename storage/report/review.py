"""Ask a person in the terminal what they think of one attempt after the other.

One key is a verdict. What a newcomer gets wrong: what others said is told after a verdict, and not
before; so who takes theirs back is not blind any more, which `storage.people.giving` sees to.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from rich.console import Console
from rich.text import Text

from storage.errors import Missing, NotTaken
from storage.people.acts import Act, Said, acts_of
from storage.people.audits import Audit, audit_of, next_of_audit
from storage.people.giving import People
from storage.people.queue import Index, next_wanted
from storage.people.saying import named
from storage.queries import Reader
from storage.records import Grade
from storage.report.blind import Case, blind, case_of, unblind
from storage.report.clean import one_line, shown

Ask = Callable[[str], str]
"""Asks for a line, as `input` does. EOFError: there are no more."""
WORDS = {"a": "accepted", "r": "rejected", "u": "unscored"}
"""The keys that give a verdict."""
_LONG = {"accept": "a", "reject": "r", "unscored": "u", "skip": "s", "undo": "z", "quit": "q"}
"""Keys that are written out."""
HELP = """a accept   r reject   u cannot tell   s skip   z undo   q quit
Words behind a, r or u are a note for other people, as in: r off by one
Before that: c TEXT a critique for the student   w N the first wrong step   g grades"""
PROMPT = "a r u s z q (? help) > "


class Kept(Index, Protocol):
    """The index beside the database, as a review needs it; see `storage.index`."""

    def keep_up(self) -> int:
        """Read what has changed in the database; return how much is left."""
        ...


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a person did in one sitting."""

    given: int
    """Verdicts that were given and not taken back."""
    withdrawn: int
    skipped: int
    audit: Audit | None
    """The audit that was judged, as it stands. None: it was the queue."""

    @property
    def told(self) -> str:
        """What came of it, in a line for a person."""
        line = f"{self.given} verdicts given, {self.withdrawn} taken back, {self.skipped} skipped"
        if self.audit is None:
            return line
        done = self.audit
        return (
            f"{line}; audit {done.id}: {done.judged} of {done.size} judged, {done.accepted} right"
        )


def review_in_terminal(
    people: People,
    reader: Reader,
    index: Kept,
    person: str,
    console: Console,
    ask: Ask = input,
    *,
    run_id: str | None = None,
    audit_id: str | None = None,
) -> Reviewed:
    """Ask about one attempt after the other until the person quits or nothing is left.

    Args:
        people: Where verdicts are written.
        reader: Open.
        index: Of the same database.
        person: Who is asked.
        console: Where it is shown.
        ask: Reads the person's lines.
        run_id: The whole id of a run. None: all runs.
        audit_id: The audit that is judged, by its id or the beginning of it. None: the queue is.

    Raises:
        NotTaken: the person's name is none.
        Missing: there is no such audit.
        StorageError: the database cannot be read or written.
    """
    own = audit_of(reader, audit_id).id if audit_id else None
    sitting = _Sitting(people, reader, index, named(person), console, ask, run_id, own)
    console.print(shown(HELP, "dim"))
    try:
        while case := sitting.next():
            sitting.judge(case)
        console.print(Text("Nothing is left to judge."))
    except (EOFError, KeyboardInterrupt, _Quit):
        console.print()
    audit = audit_of(reader, own) if own else None
    return Reviewed(len(sitting.given), sitting.withdrawn, len(sitting.skipped), audit)


class _Quit(Exception):
    """The person wants to go."""


@dataclass(slots=True)
class _Draft:
    """What a person adds to a verdict before they give it."""

    critique: str = ""
    first_wrong_step: int | None = None
    grades: tuple[Grade, ...] = ()


@dataclass(slots=True)
class _Sitting:
    """One person in front of the queue, or of an audit."""

    people: People
    reader: Reader
    index: Kept
    person: str
    console: Console
    ask: Ask
    run_id: str | None
    audit_id: str | None
    given: list[Act] = field(default_factory=list)
    skipped: set[str] = field(default_factory=set)
    withdrawn: int = 0
    again: str | None = None
    """The attempt whose verdict was just taken back."""

    def next(self) -> Case | None:
        """Return what is asked about next. None: nothing is left."""
        if self.again:
            attempt, self.again = self.again, None
            return case_of(self.reader.trajectory(attempt), attempt)
        if self.audit_id:
            drawn = next_of_audit(self.reader, self.audit_id, self.skipped)
            return case_of(self.reader.trajectory(drawn), drawn) if drawn else None
        self.index.keep_up()
        wanted = next_wanted(
            self.index, self.reader, run_id=self.run_id, skip=self.skipped, person=self.person
        )
        if wanted is None:
            return None
        trajectory = self.reader.trajectory(wanted.trajectory_id)
        return case_of(trajectory, wanted.attempt_id, wanted.why)

    def judge(self, case: Case) -> None:
        """Show an attempt and ask until something is done about it.

        Raises:
            _Quit: the person wants to go.
            EOFError: there are no more lines.
        """
        for part in blind(case):
            self.console.print(part)
        draft = _Draft()
        while True:
            try:
                if self._done(case, draft, self.ask(PROMPT)):
                    return
            except Missing as error:  # it was taken out of its run meanwhile
                self._tell(str(error))
                self.skipped.add(case.attempt.id)
                return
            except (NotTaken, UnicodeError) as error:
                self._tell(str(error))

    def _done(self, case: Case, draft: _Draft, line: str) -> bool:
        """Do what a line says; return whether that was the end of this case."""
        word, _, text = line.strip().partition(" ")
        key, text = _LONG.get(word.lower(), word.lower()), text.strip()
        if key == "q":
            raise _Quit
        if key in WORDS:
            return self._give(case, draft, key, text)
        if key == "s":
            self.skipped.add(case.attempt.id)
            return True
        if key == "z":
            return self._undo(case)
        if key == "c":
            draft.critique = text
        elif key == "w":
            draft.first_wrong_step = _number(text)
        elif key == "g":
            draft.grades = self._grades(case)
        else:
            self._tell(HELP)
        return False

    def _give(self, case: Case, draft: _Draft, key: str, note: str) -> Literal[True]:
        said = Said.of(
            status=WORDS[key],
            note=note,
            critique=draft.critique,
            grades=draft.grades,
            first_wrong_step=draft.first_wrong_step,
        )
        act = self.people.give(
            case.attempt.id,
            said,
            person=self.person,
            token=uuid.uuid4().hex,
            blind=True,
            audit_id=self.audit_id,
        )
        self.given.append(act)
        reward = "no reward" if act.reward is None else f"reward {act.reward:.2f}"
        self._tell(f"Your verdict: {act.status}, {reward}")
        for part in unblind(case, acts_of(self.reader, case.trajectory.id)):
            self.console.print(part)
        return True

    def _undo(self, case: Case) -> bool:
        """Take the last verdict of the sitting back, and ask about that attempt again."""
        if not self.given:
            self._tell("There is nothing to undo in this sitting.")
            return False
        last = self.given[-1]
        self.people.withdraw(last.verdict_id, person=self.person, token=uuid.uuid4().hex)
        self.given.pop()
        self.withdrawn += 1
        self.again = last.attempt_id
        self._tell(f"Taken back: {last.status}. Here it is again.")
        return True

    def _grades(self, case: Case) -> tuple[Grade, ...]:
        if not case.rubric:
            self._tell("No rubric had a part in this, so there are no criteria to grade.")
        found = []
        for criterion in case.rubric:
            asked = f"{one_line(criterion.criterion)}, weight {criterion.weight:.2f}: 0 to 1 > "
            line = self.ask(asked).strip()
            if line:
                grade = {"grade": _share(line), "reason": ""}
                found.append(criterion.model_copy(update=grade))
        return tuple(found)

    def _tell(self, text: str) -> None:
        self.console.print(shown(text, "dim"))


def _number(text: str) -> int | None:
    """Return a step's number. None: none is named."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text)):
        raise NotTaken(f"{text[:20]!r}: is no step's number, which is 1 or more")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise NotTaken(f"{text[:20]!r}: is no grade, which is a number from 0 to 1")
    return share
