"""One trajectory as a conversation: lesson, attempts with their verdicts, and the calls below each.

A revision stands indented below what it revises. Reasoning is folded to its length unless it is
asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from storage.export.making import Steps
from storage.people.acts import Act
from storage.queries import UsedCall
from storage.records import Attempt, CallError, CallSite, Lesson, Role, Trajectory, Verdict
from storage.report.clean import one_line, shown
from storage.report.differences import changed_lines
from storage.report.why import given, why, why_verdict
from storage.report.wrong_step import line_of_step
from storage.worth import first_wrong_step

STYLES = {"accepted": "green", "rejected": "red", "unscored": "yellow", "failed": "magenta"}
"""The colour of each status."""
_WRONG_STEP = "  <- first wrong step"
_MOST_CHANGED = 16
"""Lines in which a revision differs that are shown."""


def conversation(
    trajectory: Trajectory,
    calls: Sequence[UsedCall] = (),
    errors: Iterable[tuple[CallSite, CallError]] = (),
    *,
    acts: Sequence[Act] = (),
    reasoning: bool = False,
    steps: Steps | None = None,
) -> Group:
    """Return a trajectory for reading.

    Args:
        trajectory: What to show.
        calls: Its model calls, in order; each is shown below what it made.
        errors: Its tries that were not answered.
        acts: What people did with it, oldest first; verdicts that were withdrawn are shown struck.
        reasoning: Whether reasoning is shown whole instead of as its length.
        steps: Finds the steps of an attempt. None: only numbered ones are found.
    """
    parts: list[RenderableType] = [*_head(trajectory, acts), *_lesson(trajectory)]
    parts += _calls(used for used in calls if used.site.role == "teacher")
    by_idx = sorted(trajectory.attempts, key=lambda attempt: (attempt.idx, attempt.revision))
    for _, tries in groupby(by_idx, key=lambda attempt: attempt.idx):
        for attempt in tries:
            text = _text(trajectory, attempt, steps)
            block = Group(*_attempt(trajectory, attempt, calls, acts, text, reasoning=reasoning))
            parts += [Text(), Padding(block, (0, 0, 0, min(4 * attempt.revision, 16)))]
    failed = [_error_line(site, error) for site, error in errors]
    if failed:
        parts += [Text(), Text("Tries that were not answered", style="bold"), *failed]
    return Group(*parts)


def _head(trajectory: Trajectory, acts: Sequence[Act]) -> Iterator[RenderableType]:
    asked = trajectory.assignment
    yield Rule(Text(f"episode {asked.n}"), style="dim")
    line = Text(f"{trajectory.id}  ", overflow="fold")
    line.append(trajectory.status, style=f"bold {STYLES[trajectory.status]}")
    reward = "none" if trajectory.reward is None else f"{trajectory.reward:.2f}"
    line.append(f"  reward {reward}")
    yield line
    yield shown(f"{one_line(asked.skill)}, level {asked.level}, {one_line(asked.language)}")
    yield shown(why(trajectory, acts), STYLES[trajectory.status])
    for finding in trajectory.findings:
        yield shown(f"screen: {one_line(finding)}", "dim")


def _lesson(trajectory: Trajectory) -> Iterator[RenderableType]:
    lesson = trajectory.lesson
    if lesson is None:
        return
    yield Text()
    yield shown(f"Teacher  {one_line(lesson.made_by)}", "bold cyan")
    yield _indented(lesson.task.text)
    if lesson.expert_seed:
        yield shown(f"  grown from expert seed {one_line(lesson.expert_seed)}", "dim")
    yield from _reference(lesson)


def _reference(lesson: Lesson) -> Iterator[RenderableType]:
    yield shown(f"Reference  checked by {one_line(lesson.verifier)}", "bold")
    yield _indented(lesson.reference)
    if lesson.steps:
        yield Text("Worked steps", style="bold")
    for number, step in enumerate(lesson.steps, start=1):
        yield _indented(f"{number}. {step}")


def _attempt(
    trajectory: Trajectory,
    attempt: Attempt,
    calls: Sequence[UsedCall],
    acts: Sequence[Act],
    text: Iterable[RenderableType],
    *,
    reasoning: bool,
) -> Iterator[RenderableType]:
    verdicts = [v for v in trajectory.verdicts if v.attempt_id == attempt.id]
    number = f"Attempt {attempt.idx + 1}"
    if attempt.revision:
        number = f"Revision {attempt.revision} of attempt {attempt.idx + 1}"
    yield shown(f"{number}  {one_line(attempt.made_by)}", "bold cyan")
    if attempt.reasoning is not None:
        folded = f"reasoning: {len(attempt.reasoning)} characters"
        yield _indented(attempt.reasoning if reasoning else folded, "dim")
    yield from text
    if attempt.error is not None:
        yield _indented(f"raised {one_line(attempt.error)}", "magenta")
    for slip in attempt.slips:
        yield _indented(f"slip: {one_line(slip.misconception)} at step {slip.step}", "dim")
    yield from _calls(_of(calls, attempt, "student"))
    for verdict in verdicts:
        yield from _verdict(verdict, attempt, given(acts, verdict))
    yield from _withdrawn(acts, attempt)
    yield from _calls(_of(calls, attempt, "critic"))


def _text(
    trajectory: Trajectory, attempt: Attempt, steps: Steps | None
) -> Iterator[RenderableType]:
    """Yield an attempt's text, its first wrong step marked, and what a revision changed."""
    wrong = first_wrong_step(v for v in trajectory.verdicts if v.attempt_id == attempt.id)
    place = None
    if wrong is not None and trajectory.lesson is not None:
        pattern = trajectory.lesson.task.answer_pattern
        place = line_of_step(attempt.text, wrong, steps(attempt.text, pattern) if steps else ())
    lines = attempt.text.replace("\r\n", "\n").split("\n") if attempt.text else []
    told = [Text("  ") + shown(line) for line in lines]
    if place is not None:
        told[place].append(_WRONG_STEP, style="bold red")
    yield Text("\n").join(told)
    earlier = attempt.revision - 1, attempt.idx
    for each in trajectory.attempts:
        if (each.revision, each.idx) == earlier:
            yield from _changed(each, attempt)


def _changed(before: Attempt, attempt: Attempt) -> Iterator[RenderableType]:
    """Yield the lines by which a revision differs from what it revises, the first of many."""
    pieces = [each for each in changed_lines(before.text, attempt.text) if each.text.strip()]
    yield _indented("Changed:" if pieces else "Nothing is changed.", "dim", depth=4)
    for piece in pieces[:_MOST_CHANGED]:
        sign, style = ("-", "red") if piece.kind == "before" else ("+", "green")
        yield _indented(f"{sign} {one_line(piece.text)}", style, depth=4)
    if len(pieces) > _MOST_CHANGED:
        yield _indented(f"and {len(pieces) - _MOST_CHANGED} lines more", "dim", depth=4)


def _verdict(verdict: Verdict, attempt: Attempt, act: Act | None) -> Iterator[RenderableType]:
    line = Text("  Verdict  ", style="bold", overflow="fold")
    line.append(verdict.status, style=STYLES[verdict.status])
    reward = "no reward" if verdict.reward is None else f"reward {verdict.reward:.2f}"
    line.append(f"  {reward}, {_decided(verdict, act)}", style="not bold")
    yield line
    if not verdict.checks:
        yield _indented(f"This attempt {why_verdict(verdict, attempt.error, act)}", depth=4)
    for check in verdict.checks:
        what = f"{one_line(check.verifier)}@{check.version} {check.finding}: "
        yield _indented(what + one_line(check.evidence), depth=4)
    for grade in verdict.grades:
        given = "no grade" if grade.grade is None else f"{grade.grade:.2f}"
        what = f"grade {one_line(grade.criterion)} {given} (weight {grade.weight:.2f}) "
        yield _indented(what + one_line(grade.reason), "dim", depth=4)
    if verdict.critique:
        yield _indented(f"Critique: {verdict.critique}", "italic", depth=4)


def _decided(verdict: Verdict, act: Act | None) -> str:
    if act is None:
        return f"decided by {verdict.rung or 'nobody'}"
    blind = "blind" if act.blind else "with the others in sight"
    return f"by {one_line(act.person)} (a person), {one_line(act.at)[:16]}, {blind}"


def _withdrawn(acts: Sequence[Act], attempt: Attempt) -> Iterator[RenderableType]:
    """Yield what people said of an attempt and took back, struck out."""
    mine = [act for act in acts if act.attempt_id == attempt.id]
    gave = {act.verdict_id: act for act in mine if act.act == "gave"}
    for act in mine:
        if act.act == "withdrew" and (before := gave.get(act.verdict_id)):
            line = Text("  Verdict  ", style="dim", overflow="fold")
            line.append(before.status, style="strike")
            line.append(f"  {_decided(before.verdict, before)}", style="strike")
            line.append(f"; withdrawn {one_line(act.at)[:16]}")
            yield line
            if before.note:
                yield _indented(one_line(before.note), "dim strike", depth=4)


def _of(calls: Sequence[UsedCall], attempt: Attempt, role: Role) -> Iterator[UsedCall]:
    place = (role, attempt.revision, attempt.idx)
    return (c for c in calls if (c.site.role, c.site.revision, c.site.idx) == place)


def _calls(calls: Iterable[UsedCall]) -> list[RenderableType]:
    return [_call_line(used) for used in calls]


def _call_line(used: UsedCall) -> RenderableType:
    call = used.call
    tokens_in, tokens_out = (
        "?" if count is None else str(count)
        for count in (call.reply.tokens_in, call.reply.tokens_out)
    )
    cost = "no price" if call.cost_usd is None else f"${call.cost_usd:.6f}"
    hit = ", journal hit" if used.journal_hit else ""
    prompt = f", {one_line(call.prompt.split(' ')[0])}" if call.prompt else ""
    return _indented(
        f"call {used.site.role} {one_line(call.request.model)}: {tokens_in} tokens in, "
        f"{tokens_out} out, {call.latency_s:.2f} s, {cost}{prompt}{hit}",
        "dim",
    )


def _error_line(site: CallSite, error: CallError) -> RenderableType:
    what = f"{site.role}, try {error.try_number}: {one_line(error.kind)}, {one_line(error.message)}"
    return _indented(what, "dim")


def _indented(text: str, style: str = "", depth: int = 2) -> RenderableType:
    return Padding(shown(text, style), (0, 0, 0, depth))
