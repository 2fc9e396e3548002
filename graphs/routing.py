"""Where an episode goes next. Pure: from a node's state and the limits to names of nodes.

A node says it with its update, in one `Command`. What a newcomer gets wrong: as conditional edges
the same functions would cost LangGraph a copy of the whole state and two tasks each.
"""

from collections.abc import Sequence
from typing import Literal

from langgraph.types import Send

from agents.student import Earlier
from graphs.faculty import Faculty
from graphs.state import AttemptInput, EpisodeState
from storage.records import Attempt, Lesson, Verdict

AfterScreen = Literal["write_lesson", "attempt", "record"]
AfterJudge = Literal["revise", "record"]


def after_screen(
    state: EpisodeState, lesson: Lesson | None, faculty: Faculty
) -> Literal["write_lesson", "record"] | list[Send]:
    """Attempt a lesson that stands k times; have one that does not written again, or give up."""
    if lesson is not None:
        return [
            Send("attempt", _attempt(state, lesson, idx, 0, None))
            for idx in range(faculty.attempts)
        ]
    return "write_lesson" if state["drafts"] < faculty.drafts else "record"


def after_judge(
    state: EpisodeState, lesson: Lesson, verdicts: Sequence[Verdict], faculty: Faculty
) -> Literal["record"] | list[Send]:
    """Each wrong attempt of the last round may be tried again with its own critique.

    Args:
        state: Its attempts are all there are, oldest first.
        lesson: What was attempted.
        verdicts: The last round's, which the state does not have yet.
        faculty: Says how often.
    """
    last_round = {verdict.attempt_id: verdict for verdict in verdicts}
    wrong = [
        Send("revise", _attempt(state, lesson, a.idx, a.revision + 1, Earlier(a.text, v.critique)))
        for a, v in _judged(state["attempts"], last_round)
        if v.status == "rejected" and a.revision < faculty.max_revisions
    ]
    return wrong or "record"


def _judged(
    attempts: Sequence[Attempt], verdicts: dict[str, Verdict]
) -> list[tuple[Attempt, Verdict]]:
    """Return the newest revision's attempts with their verdicts, in order of idx."""
    newest = max((a.revision for a in attempts), default=0)
    return [(a, verdicts[a.id]) for a in attempts if a.revision == newest]


def _attempt(
    state: EpisodeState, lesson: Lesson, idx: int, revision: int, earlier: Earlier | None
) -> AttemptInput:
    return {
        "task": lesson.task,
        "assignment": state["assignment"],
        "trajectory_id": state["trajectory_id"],
        "lesson_id": lesson.id,
        "idx": idx,
        "revision": revision,
        "earlier": earlier,
    }
