"""The critic: program first, then a judge, else nobody; a judge never overrules a program.

What a newcomer gets wrong: nobody decided is "unscored" with a reward of None, and not "rejected"
with 0. A verifier that raises has not refused the answer; a reply that was cut off is not wrong.
"""

import re
from typing import Protocol

from agents.chat.model import Journal
from agents.errors import EndpointRefused
from agents.judge import Judge, Panel, says_nothing
from agents.steps import first_false_step, first_wrong_step, numbered_steps, written_steps
from agents.verifiers import JUDGE, call_verifier, with_draw
from agents.verifiers.call import TIMEOUT_S
from agents.verifiers.evidence import cut, shown
from storage.ids import verdict_id
from storage.records import Attempt, CallSite, Check, Grade, Lesson, Verdict

REFUSED = "refused"
"""The criterion of a grade, of weight 0, that stands for a request which an endpoint refused."""
_OF_NUMBERS = frozenset({"math", "integer", "decimal", "fraction"})
"""Verifiers whose lessons ask for a number, so that what leads to it is arithmetic."""
_SHOWN_CALL = re.compile(r"(?:case|example) [0-9]+: .* (?:for|were) (\(.*\))")
"""Evidence of a program's failure that names arguments which stand in the lesson."""


class Critic(Protocol):
    """Gives verdicts."""

    name: str

    async def judge(
        self, lesson: Lesson, attempt: Attempt, site: CallSite, journal: Journal | None
    ) -> Verdict:
        """Return the first verdict on an attempt (its `id` is `verdict_id(attempt.id, 0)`).

        Raises:
            EndpointError: a judge was needed and its endpoint gave no answer.
        """
        ...


class ProgramCritic:
    """Decides by verifiers alone.

    Args:
        timeout_s: Seconds that a verifier may take for one answer.
        needs_tools: Raise, rather than leave an attempt undecided, where this machine lacks what a
            verifier works with; for those who judge what was judged before.
    """

    name = "program"

    def __init__(self, *, timeout_s: float = TIMEOUT_S, needs_tools: bool = False) -> None:
        self._timeout_s = timeout_s
        self._needs_tools = needs_tools

    async def judge(
        self, lesson: Lesson, attempt: Attempt, site: CallSite, journal: Journal | None
    ) -> Verdict:
        """Return the verdict of the lesson's verifier; "undecided" where it found neither.

        What a verifier draws hangs on the ids of the lesson and the attempt, so that no student
        has seen it and everybody can draw it again.

        Raises:
            ToolMissing: only with `needs_tools`.
        """
        if unusable := _unusable(lesson, attempt):
            return unusable
        if lesson.verifier == JUDGE:
            return _undecided(attempt)
        check = await call_verifier(
            lesson.verifier,
            answer=attempt.answer or "",
            reference=lesson.reference,
            data=with_draw(lesson.verifier, lesson.data, "draw", lesson.id, attempt.id),
            timeout_s=self._timeout_s,
            needs_tools=self._needs_tools,
        )
        if check.finding == "passed":
            return _accepted(lesson, attempt, check)
        if check.finding == "failed":
            return _wrong(lesson, attempt, check)
        return _undecided(attempt, check)


class ChatCritic:
    """Decides by verifiers, and asks a judge where they do not.

    Args:
        judge: Asked only where no program decided.
        program: None: with the default limits.
        step_labels: Ask the judge which step is the first wrong one, where a wrong attempt and its
            lesson have steps and no program can tell.
    """

    def __init__(
        self,
        judge: Judge | Panel,
        program: ProgramCritic | None = None,
        *,
        step_labels: bool = True,
    ) -> None:
        self.name = judge.name
        self._judge = judge
        self._program = program or ProgramCritic()
        self._step_labels = step_labels

    async def judge(
        self, lesson: Lesson, attempt: Attempt, site: CallSite, journal: Journal | None
    ) -> Verdict:
        """Return the program's verdict if it decided, else the judge's.

        Raises:
            EndpointError: a judge was needed and its endpoint gave no answer.
        """
        verdict = await self._program.judge(lesson, attempt, site, journal)
        if verdict.reason == "undecided" and not says_nothing(attempt.text):
            verdict = await self._judged(lesson, attempt, verdict, site, journal)
        if self._step_labels and _lacks_label(lesson, attempt, verdict):
            return await self._labelled(lesson, attempt, verdict, site, journal)
        return verdict

    async def _judged(
        self,
        lesson: Lesson,
        attempt: Attempt,
        verdict: Verdict,
        site: CallSite,
        journal: Journal | None,
    ) -> Verdict:
        """Return the judge's verdict, with the checks of the program's, which decided nothing."""
        judgement = await self._judge.judge(lesson, attempt, site, journal)
        reasons = {"accepted": None, "rejected": "wrong"}
        return Verdict(
            id=verdict.id,
            attempt_id=attempt.id,
            status=judgement.status,
            reward=judgement.reward,
            rung="judge" if judgement.status in reasons else None,
            reason=reasons.get(judgement.status, "abstained"),
            checks=verdict.checks,
            grades=judgement.grades,
            critique=judgement.critique,
        )

    async def _labelled(
        self,
        lesson: Lesson,
        attempt: Attempt,
        verdict: Verdict,
        site: CallSite,
        journal: Journal | None,
    ) -> Verdict:
        """Return the verdict with the judge's step; a request that is refused costs the step only.

        Raises:
            EndpointError: the judge's endpoint gave no answer.
        """
        try:
            step = await self._judge.first_wrong_step(lesson, attempt, site, journal)
        except EndpointRefused as error:
            if not error.of_one_request:
                raise
            note = Grade(criterion=REFUSED, weight=0.0, grade=None, reason=shown(str(error), 500))
            return verdict.model_copy(update={"grades": (*verdict.grades, note)})
        rung = None if step is None else "judge"
        return verdict.model_copy(update={"first_wrong_step": step, "first_wrong_step_rung": rung})


def _lacks_label(lesson: Lesson, attempt: Attempt, verdict: Verdict) -> bool:
    """Return whether a wrong attempt has steps to compare and nobody has said which is wrong."""
    told = verdict.reason != "wrong" or verdict.first_wrong_step is not None
    return not told and bool(lesson.steps) and len(numbered_steps(attempt.text)) > 1


def _unusable(lesson: Lesson, attempt: Attempt) -> Verdict | None:
    """Return the verdict on an attempt that holds nothing to compare. None: it holds something."""
    if attempt.error is not None:
        return _verdict(attempt, status="failed", reason="error")
    if attempt.finish_reason == "length":
        critique = "Your attempt was cut off before its end. Be briefer."
        return _verdict(attempt, status="unscored", reason="truncated", critique=critique)
    states = bool(attempt.answer)
    if lesson.verifier == JUDGE:
        states = not says_nothing(attempt.text, lesson.reference)
    if states:
        return None
    critique = "Your attempt states no answer in the asked form."
    return _verdict(
        attempt,
        status="rejected",
        reward=0.0,
        rung="program",
        reason="no_answer",
        critique=f"{critique} {lesson.task.instruction}".strip(),
    )


def _accepted(lesson: Lesson, attempt: Attempt, check: Check) -> Verdict:
    """Return the verdict on a right answer; a step may be wrong all the same, and is then named."""
    _, step = _steps(lesson, attempt)
    return _verdict(
        attempt,
        status="accepted",
        reward=1.0,
        rung="program",
        checks=(check,),
        first_wrong_step=step,
        first_wrong_step_rung="program" if step else None,
    )


def _steps(lesson: Lesson, attempt: Attempt) -> tuple[tuple[str, ...], int | None]:
    """Return an attempt's steps and the number of the first wrong one, if a program can tell it.

    Embedded lessons have one right wording, so steps are compared with theirs. In other lessons
    with worked steps, or with a number as their answer, the arithmetic is worked out again.
    """
    if lesson.made_by.startswith("embedded/"):
        steps = numbered_steps(attempt.text)
        return steps, first_wrong_step(lesson.steps, steps)
    if not lesson.steps and lesson.verifier not in _OF_NUMBERS:
        return (), None
    steps = written_steps(attempt.text, lesson.task.answer_pattern)
    return steps, first_false_step(steps)


def _wrong(lesson: Lesson, attempt: Attempt, check: Check) -> Verdict:
    steps, step = _steps(lesson, attempt)
    return _verdict(
        attempt,
        status="rejected",
        reward=0.0,
        rung="program",
        reason="wrong",
        checks=(check,),
        critique=_critique(attempt.answer or "", check, steps, step),
        first_wrong_step=step,
        first_wrong_step_rung="program" if step else None,
    )


def _critique(answer: str, check: Check, steps: tuple[str, ...], wrong: int | None) -> str:
    """Return advice made of the student's own words; the check may name the reference."""
    if "sandbox" in check.limits:
        return _critique_of_program(check)
    found = f"Your answer {shown(answer)} is not right."
    if wrong is None:
        return f"{found} Work the task again and check every step."
    line = steps[wrong - 1] if wrong <= len(steps) else "it is missing."
    return f"{found} Look again at step {wrong}: {cut(' '.join(line.split()), 300)}"


def _critique_of_program(check: Check) -> str:
    """Return advice on a program: what it is not right for, where the lesson itself says it.

    Hidden inputs are not named, and neither is what a program returned or raised: those differ
    from run to run and from machine to machine, and what a student is told must not.
    """
    call = _SHOWN_CALL.fullmatch(check.evidence)
    where = f" for {call[1]}" if call else ""
    advice = "Go through it line by line with small, empty and extreme inputs."
    return f"Your program is not right{where}. {advice}"


def _undecided(attempt: Attempt, *checks: Check) -> Verdict:
    return _verdict(attempt, status="unscored", reason="undecided", checks=checks)


def _verdict(attempt: Attempt, **fields: object) -> Verdict:
    return Verdict.model_validate(
        {"id": verdict_id(attempt.id, 0), "attempt_id": attempt.id, "reward": None, "rung": None}
        | fields
    )
