"""The page of one trajectory: what stands in it, in the order in which a person reads.

What a newcomer gets wrong: a page has a limited room, and what is asked for first gets it. So the
texts of the lesson and the attempts are taken before reasoning, and that before model calls.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from storage.export.account import REASONS
from storage.export.making import Steps
from storage.people.acts import Act
from storage.records import Attempt, Grade, Lesson, Trajectory, Verdict
from storage.report.differences import differences
from storage.report.html.calls import Call, Unanswered, calls, is_own_answer, unanswered
from storage.report.html.differing import told
from storage.report.html.drawing.lineage import Part, drawn
from storage.report.html.quoted import Quoted, Room, manner_of
from storage.report.whole import Whole, attempts_by_line, name_of, part_of
from storage.report.why import why, why_verdict
from storage.report.wrong_step import line_of_step
from storage.worth import first_wrong_step

_QUOTED = re.compile(r'(?s)(.*?) ?Quoted: "(.*)"')
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
MOST_ATTEMPTS = 100
"""Attempts of one page that are shown; of the others it is said how many there are."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A grade, with what was quoted for it set apart."""

    grade: Grade
    reason: str
    quote: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict."""

    verdict: Verdict
    why: str
    critique: Quoted | None
    criteria: tuple[Criterion, ...]
    notes: tuple[Grade, ...]
    """What stands among the grades and is of no criterion."""
    counts: bool
    """Whether it is the last of its attempt."""
    act: Act | None
    """How a person gave it. None: no person did."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A person's verdict that does not stand."""

    act: Act
    withdrawal: Act | None
    """None: it was not withdrawn, but given on another text."""


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt and all that was made of it."""

    attempt: Attempt
    name: str
    part: str
    text: Quoted
    answer: Quoted | None
    reasoning: Quoted | None
    beside: str
    """What it is compared with; empty: it is the first."""
    differs: Markup | None
    """How it differs from that. None: it is the first, or they are too long to be compared."""
    judged: tuple[Judged, ...]
    """Oldest first; the last one counts."""
    gone: tuple[Gone, ...]
    """What people said and no longer say."""
    own_answers: tuple[Call, ...]
    """The judge's, before it saw the attempt."""
    calls: tuple[Call, ...]
    unanswered: tuple[Unanswered, ...]


@dataclass(frozen=True, slots=True)
class Taught:
    """The lesson."""

    lesson: Lesson
    task: Quoted
    instruction: Quoted | None
    reference: Quoted
    steps: tuple[Quoted, ...]
    data: Quoted | None
    """What the verifier works with, as JSON."""
    seed: tuple[tuple[str, Quoted], ...]
    """What it grew from, part by part."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of one attempt in exports."""

    name: str
    part: str
    examples: tuple[tuple[str, str], ...]
    """Format, and the examples' ids."""
    left_out: tuple[tuple[str, str], ...]
    """Formats, and why."""


def values(known: Whole, steps: Steps, room: Room) -> dict[str, object]:
    """Return what the template of a trajectory is filled from.

    Args:
        known: What was read.
        steps: Finds the steps of an attempt.
        room: What the page has room for.
    """
    trajectory = known.trajectory
    taught = _taught(known, room)
    whole = _Lines(known, steps, room)
    lines = whole.lines()
    teacher_calls, teacher_unanswered, further_calls = whole.of_teacher()
    return {
        "trajectory": trajectory,
        "run": known.run,
        "why": why(trajectory, known.acts),
        "language": language_tag(trajectory.assignment.language),
        "taught": taught,
        "lines": lines,
        "further_attempts": max(0, len(trajectory.attempts) - MOST_ATTEMPTS),
        "compared": any(each.differs is not None for line in lines for each in line),
        "teacher_calls": teacher_calls,
        "teacher_unanswered": teacher_unanswered,
        "further_calls": further_calls,
        "endings": tuple(_endings(known)),
        "lineage": drawn(known.lineage, _parts(trajectory)),
        "before": known.before,
        "after": known.after,
    }


def language_tag(language: str) -> str | None:
    """Return a language's tag if it is one that may stand in HTML. None: it is not."""
    return language if _LANGUAGE.fullmatch(language) else None


def _taught(known: Whole, room: Room) -> Taught | None:
    lesson, seed = known.trajectory.lesson, known.seed
    if lesson is None:
        return None
    task = lesson.task
    manner = manner_of(lesson.reference, lesson.verifier)
    grown = () if seed is None else (("example", seed.example), ("reference", seed.reference),
        ("passage", seed.passage), ("author", seed.author), ("licence", seed.licence))  # fmt: skip
    return Taught(
        lesson=lesson,
        task=room.quoted("task", task.question),
        instruction=room.quoted("instruction", task.instruction, "exact")
        if task.instruction
        else None,
        reference=room.quoted("reference", lesson.reference, manner),
        steps=tuple(
            room.quoted(f"step-{number}", step) for number, step in enumerate(lesson.steps, 1)
        ),
        data=room.quoted("data", json.dumps(lesson.data, indent=1, ensure_ascii=False), "json")
        if lesson.data
        else None,
        seed=tuple((name, room.quoted(f"seed-{name}", text)) for name, text in grown if text),
    )


class _Lines:
    """Puts the attempts together, the texts that matter most first."""

    def __init__(self, known: Whole, steps: Steps, room: Room) -> None:
        trajectory = known.trajectory
        self._trajectory = trajectory
        self._attempts = trajectory.attempts[:MOST_ATTEMPTS]
        self._verdicts = {
            attempt.id: [v for v in trajectory.verdicts if v.attempt_id == attempt.id]
            for attempt in self._attempts
        }
        self._steps, self._room = steps, room
        self._given = {act.verdict_id: act for act in known.acts if act.act == "gave"}
        self._withdrawn = {act.verdict_id: act for act in known.acts if act.act == "withdrew"}
        self._texts = {each.id: self._text(each) for each in self._attempts}
        self._judged = {
            each.id: tuple(self._said(each, n) for n in range(len(self._verdicts[each.id])))
            for each in self._attempts
        }
        self._reasoning = {
            each.id: room.quoted(f"{part_of(each)}-reasoning", each.reasoning)
            for each in self._attempts
            if each.reasoning is not None
        }
        self._calls, self._further = calls(known.calls, trajectory.attempts, room)
        self._unanswered = unanswered(known.errors)

    def lines(self) -> list[list[Try]]:
        """Return the tries: each first one with its revisions in a line."""
        return [list(map(self._try, line)) for line in attempts_by_line(self._attempts)]

    def of_teacher(self) -> tuple[tuple[Call, ...], tuple[Unanswered, ...], int]:
        """Return the teacher's calls, its unanswered tries, and how many calls are left out."""
        found = tuple(each for each in self._calls if each.site.role == "teacher")
        lost = tuple(each for site, each in self._unanswered if site.role == "teacher")
        return found, lost, self._further

    def _text(self, attempt: Attempt) -> Quoted:
        lesson, text = self._trajectory.lesson, attempt.text
        wrong = first_wrong_step(self._verdicts[attempt.id])
        line = None
        if wrong is not None and lesson is not None:
            found = self._steps(text, lesson.task.answer_pattern)
            line = line_of_step(text, wrong, found)
        manner = manner_of(text, lesson.verifier) if lesson else "prose"
        return self._room.quoted(part_of(attempt), text, manner, line)

    def _said(self, attempt: Attempt, number: int) -> Judged:
        verdict = self._verdicts[attempt.id][number]
        name = f"{part_of(attempt)}-critique-{number + 1}"
        notes = [g for g in verdict.grades if g.weight == 0 and g.grade is None]
        return Judged(
            verdict=verdict,
            why=why_verdict(verdict, attempt.error, self._given.get(verdict.id)),
            critique=self._room.quoted(name, verdict.critique) if verdict.critique else None,
            criteria=tuple(_criterion(grade) for grade in verdict.grades if grade not in notes),
            notes=tuple(notes),
            counts=number == len(self._verdicts[attempt.id]) - 1,
            act=self._given.get(verdict.id),
        )

    def _try(self, attempt: Attempt) -> Try:
        place = attempt.revision, attempt.idx
        made = [each for each in self._calls if each.site.role != "teacher"]
        own = tuple(each for each in made if (each.site.revision, each.site.idx) == place)
        lost = [(site, each) for site, each in self._unanswered if site.role != "teacher"]
        before = self._beside(attempt)
        differs = differences(before.text, attempt.text) if before else None
        answer = attempt.answer
        return Try(
            attempt=attempt,
            name=name_of(attempt),
            part=part_of(attempt),
            text=self._texts[attempt.id],
            answer=None
            if answer is None
            else self._room.quoted(f"{part_of(attempt)}-answer", answer, "exact"),
            reasoning=self._reasoning.get(attempt.id),
            beside=name_of(before) if before else "",
            differs=told(differs) if differs is not None else None,
            judged=self._judged[attempt.id],
            gone=tuple(self._gone(attempt)),
            own_answers=tuple(each for each in own if is_own_answer(each.site)),
            calls=own,
            unanswered=tuple(each for site, each in lost if (site.revision, site.idx) == place),
        )

    def _gone(self, attempt: Attempt) -> Iterator[Gone]:
        standing = {verdict.id for verdict in self._verdicts[attempt.id]}
        for act in self._given.values():
            if act.attempt_id == attempt.id and act.verdict_id not in standing:
                yield Gone(act, self._withdrawn.get(act.verdict_id))

    def _beside(self, attempt: Attempt) -> Attempt | None:
        """Return what an attempt is compared with: what it revises, else the first of all."""
        for each in self._attempts:
            if attempt.revision and (each.revision, each.idx) == (
                attempt.revision - 1,
                attempt.idx,
            ):
                return each
        first = self._attempts[0]
        return None if attempt.revision or attempt.id == first.id else first


def _criterion(grade: Grade) -> Criterion:
    found = _QUOTED.fullmatch(grade.reason)
    return Criterion(grade, found[1], found[2]) if found else Criterion(grade, grade.reason, "")


def _endings(known: Whole) -> Iterator[Ending]:
    attempts = {attempt.id: attempt for attempt in known.trajectory.attempts}
    for made_of, fate in known.fates.items():
        attempt = attempts.get(made_of)
        out = []
        for reason in dict.fromkeys(fate.left_out.values()):
            forms = [form for form, each in fate.left_out.items() if each == reason]
            twins = sorted({fate.twins[form] for form in forms if form in fate.twins})
            twin = f" ({', '.join(twins)})" if twins else ""
            out.append((", ".join(forms), REASONS.get(reason, reason) + twin))
        yield Ending(
            name=name_of(attempt) if attempt else "The task",
            part=part_of(attempt) if attempt else "lesson",
            examples=tuple((form, ", ".join(ids)) for form, ids in fate.examples.items()),
            left_out=tuple(out),
        )


def _parts(trajectory: Trajectory) -> dict[str, Part]:
    """Return what the boxes of the lineage say, by the id of what they stand for."""
    lesson, parts = trajectory.lesson, {}
    if lesson and lesson.expert_seed:
        parts[lesson.expert_seed] = Part("seed", "expert seed", lesson.expert_seed, "#lesson")
    if lesson:
        parts[lesson.id] = Part("lesson", "lesson", lesson.skill, "#lesson")
    for attempt in trajectory.attempts[:MOST_ATTEMPTS]:
        place = f"#{part_of(attempt)}"
        title = f"revision {attempt.revision}" if attempt.revision else f"attempt {attempt.idx + 1}"
        parts[attempt.id] = Part("attempt", title, attempt.answer or "no answer", place)
        for verdict in trajectory.verdicts:
            if verdict.attempt_id == attempt.id:
                by = f"by the {verdict.rung}" if verdict.rung else "nobody decided"
                parts[verdict.id] = Part(f"verdict {verdict.status}", verdict.status, by, place)
    return parts
