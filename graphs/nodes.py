"""The nodes of one episode. Thin: a role does the work, the node moves records.

What a newcomer gets wrong: an endpoint that gives no answer is not the episode's fault. Such an
error leaves the graph, so that the episode stays open; everything else that is raised becomes part
of the trajectory. An attempt's outage waits until its siblings have ended, or their paid calls were
lost.
"""

from typing import Any, Literal

from langgraph.errors import NodeError
from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.chat.model import Journal
from agents.critic import REFUSED, Critic, ProgramCritic
from agents.errors import DraftError, EndpointRefused
from agents.parsing import extract_answer
from agents.screen import screen
from agents.together import all_of
from graphs.faculty import Faculty, lent
from graphs.outage import outage_of
from graphs.routing import AfterJudge, AfterScreen, after_judge, after_screen
from graphs.state import AttemptInput, EpisodeState
from graphs.trajectory import trajectory_of
from storage.ids import attempt_id, derive_seed, question_digest, trajectory_id, verdict_id
from storage.records import Assignment, Attempt, CallSite, Grade, Lesson, Role, Verdict

APP = "app"
"""How the run id of an episode begins that belongs to no batch."""


async def write_lesson(state: EpisodeState, runtime: Runtime[Faculty]) -> dict[str, Any]:
    """Let the teacher write a draft; a reply that cannot become one is a finding."""
    faculty, (assignment, trajectory) = lent(runtime.context), _begun(state)
    number = state.get("drafts", 0)
    site = _site(trajectory, assignment, "teacher", idx=number)
    update: dict[str, Any] = {
        "assignment": assignment,
        "trajectory_id": trajectory,
        "run_id": _run_id(state),
        "drafts": number + 1,
        "draft": None,
    }
    try:
        refusals = tuple(state.get("findings", ()))
        update["draft"] = await faculty.teacher.write_lesson(
            assignment, site, faculty.journal, refusals
        )
    except DraftError as error:
        update["findings"] = [f"unparsable: {error}"]
    return update


async def screen_lesson(state: EpisodeState, runtime: Runtime[Faculty]) -> Command[AfterScreen]:
    """Read the draft as a program would, without a model; let it pass or say why not."""
    faculty, draft = lent(runtime.context), state["draft"]
    lesson, findings = None, []
    if draft is not None:
        strict, benchmarks = faculty.strict_screen, faculty.benchmarks
        screening = await screen(draft, strict=strict, benchmarks=benchmarks)
        refused, warnings = list(screening.refused), list(screening.warnings)
        twin = await _twin(faculty, draft, state["assignment"].n)
        (refused if strict else warnings).extend(twin)
        lesson, findings = None if refused else draft, [*refused, *warnings]
    return Command(
        update={"lesson": lesson, "findings": findings},
        goto=after_screen(state, lesson, faculty),
    )


async def attempt(state: AttemptInput, runtime: Runtime[Faculty]) -> dict[str, list[Attempt]]:
    """Let the student try; with an earlier try and its critique, let it revise."""
    faculty, assignment = lent(runtime.context), state["assignment"]
    idx, revision, task = state["idx"], state["revision"], state["task"]
    site = _site(state["trajectory_id"], assignment, "student", idx=idx, revision=revision)
    tried = await faculty.student.attempt(task, assignment, site, faculty.journal, state["earlier"])
    return {
        "attempts": [
            Attempt(
                id=attempt_id(state["trajectory_id"], revision, idx),
                trajectory_id=state["trajectory_id"],
                lesson_id=state["lesson_id"],
                idx=idx,
                revision=revision,
                text=tried.text,
                reasoning=tried.reasoning,
                answer=extract_answer(tried.text, task.answer_pattern),
                finish_reason=tried.finish_reason,
                slips=tried.slips,
                made_by=faculty.student.name,
            )
        ]
    }


async def judge(state: EpisodeState, runtime: Runtime[Faculty]) -> Command[AfterJudge]:
    """Let the critic give a verdict on every attempt that has none; all end before one may raise.

    Raises:
        AgentError: an attempt or a verdict is still owed an answer, see `graphs.outage`.
    """
    for outage in state.get("outages", ()):
        raise outage.error()
    faculty, lesson = lent(runtime.context), state["lesson"]
    if lesson is None:
        raise ValueError("there is nothing to judge without a lesson")
    judged = {v.attempt_id for v in state.get("verdicts", ())}
    verdicts = await all_of(
        _judge_one(faculty.critic, lesson, a, state["assignment"], faculty.journal)
        for a in state["attempts"]
        if a.id not in judged
    )
    return Command(
        update={"verdicts": verdicts}, goto=after_judge(state, lesson, verdicts, faculty)
    )


async def _judge_one(
    critic: Critic, lesson: Lesson, a: Attempt, assignment: Assignment, journal: Journal | None
) -> Verdict:
    """Return a verdict; where an endpoint refuses the request it is nobody's.

    The critic that raised cannot hand over what a program found, so that is found again.
    """
    site = _site(a.trajectory_id, assignment, "critic", idx=a.idx, revision=a.revision)
    try:
        return await critic.judge(lesson, a, site, journal)
    except EndpointRefused as error:
        if outage_of(error):
            raise
        note = Grade(criterion=REFUSED, weight=0.0, grade=None, reason=_told(error))
        program = await ProgramCritic().judge(lesson, a, site, None)
        return Verdict(
            id=verdict_id(a.id, 0),
            attempt_id=a.id,
            status="unscored",
            reward=None,
            rung=None,
            reason="abstained",
            checks=program.checks,
            grades=(note,),
        )


async def record(state: EpisodeState, runtime: Runtime[Faculty]) -> dict[str, Any]:
    """Make the trajectory and hand it to the sink, if there is one."""
    trajectory = trajectory_of(state)
    sink = lent(runtime.context).sink
    if sink is not None:
        await sink.land(trajectory)
    return {"trajectory": trajectory}


async def on_attempt_error(
    state: AttemptInput, error: NodeError, runtime: Runtime[Faculty]
) -> Command[Literal["judge"]]:
    """Keep an attempt that raised as a record, so that its siblings go on."""
    if outage := outage_of(error.error):
        return Command(update={"outages": [outage]}, goto="judge")
    failed = Attempt(
        id=attempt_id(state["trajectory_id"], state["revision"], state["idx"]),
        trajectory_id=state["trajectory_id"],
        lesson_id=state["lesson_id"],
        idx=state["idx"],
        revision=state["revision"],
        text="",
        finish_reason="error",
        made_by=lent(runtime.context).student.name,
        error=_told(error.error),
    )
    # The edge to the judge is drawn by an attempt that ends; if all raise, nobody else draws it.
    return Command(update={"attempts": [failed]}, goto="judge")


async def on_error(state: EpisodeState, error: NodeError) -> Command[Literal["record"]]:
    """End the episode as failed, with the node and the exception's type, unless it stays open."""
    if outage_of(error.error):
        raise error.error
    # What the teacher's node began with is lost if that node raised.
    assignment, trajectory = _begun(state)
    update = {
        "assignment": assignment,
        "trajectory_id": trajectory,
        "run_id": _run_id(state),
        "error": f"{error.node}: {_told(error.error)}",
    }
    return Command(update=update, goto="record")


def _begun(state: EpisodeState) -> tuple[Assignment, str]:
    """Return the assignment, made from the input's words if need be, and the trajectory's id."""
    seed = state.get("seed", 0)
    assignment = state.get("assignment") or Assignment(
        n=0,
        skill=state["skill"],
        level=state.get("level", 1),
        language=state.get("language", "en"),
        seed=derive_seed(seed, "assignment", 0),
        ordinal=derive_seed(seed, "ordinal"),
    )
    return assignment, trajectory_id(_run_id(state), assignment.n)


def _run_id(state: EpisodeState) -> str:
    """Return the run's id; of an app's episode, one made of all that it was asked for."""
    asked = (state.get(key) for key in ("skill", "level", "language", "seed"))
    return state.get("run_id") or "-".join([APP, *(str(word) for word in asked)])


def _site(
    trajectory: str, assignment: Assignment, role: Role, *, idx: int, revision: int = 0
) -> CallSite:
    return CallSite(
        trajectory_id=trajectory, seed=assignment.seed, role=role, idx=idx, revision=revision
    )


async def _twin(faculty: Faculty, lesson: Lesson, n: int) -> list[str]:
    """Return that an earlier episode has this question, or nearly."""
    if (memory := faculty.memory) is None:
        return []
    twin = await memory.twin(question_digest(lesson.task.question), n)
    if twin is not None:
        return [f"duplicate: of episode {twin}"]
    near = await memory.near(lesson, n)
    return [] if near is None else [f"near duplicate: of episode {near}"]


def _told(error: BaseException) -> str:
    """Return an exception's type and message on one line of at most 500 characters."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]
