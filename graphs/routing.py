"""Where an episode goes next. Pure: from state and limits to names of nodes.

They are async only because LangGraph runs what is not in another thread.
"""

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Send

from agents.student import Earlier
from graphs.faculty import Faculty, lent
from graphs.state import AttemptInput, EpisodeState
from storage.records import Attempt, Verdict


async def after_screen(
    state: EpisodeState, runtime: Runtime[Faculty]
) -> Literal["write_lesson", "record"] | list[Send]:
    """Attempt a lesson that stands k times; have one that does not written again, or give up."""
    lesson = state.get("lesson")
    if lesson is not None:
        return [
            Send("attempt", _attempt(state, idx, 0, None))
            for idx in range(lent(runtime.context).attempts)
        ]
    return "write_lesson" if state["drafts"] < lent(runtime.context).drafts else "record"


async def after_judge(
    state: EpisodeState, runtime: Runtime[Faculty]
) -> Literal["record"] | list[Send]:
    """Each wrong attempt of the last round may be tried again with its own critique."""
    wrong = [
        Send("revise", _attempt(state, a.idx, a.revision + 1, Earlier(a.text, v.critique)))
        for a, v in _last_round(state)
        if v.status == "rejected" and a.revision < lent(runtime.context).max_revisions
    ]
    return wrong or "record"


def _last_round(state: EpisodeState) -> list[tuple[Attempt, Verdict]]:
    """Return the newest revision's attempts with their verdicts, in order of idx."""
    attempts = state["attempts"]
    newest = max((a.revision for a in attempts), default=0)
    verdicts = {v.attempt_id: v for v in state["verdicts"]}
    return [(a, verdicts[a.id]) for a in attempts if a.revision == newest]


def _attempt(state: EpisodeState, idx: int, revision: int, earlier: Earlier | None) -> AttemptInput:
    lesson = state["lesson"]
    if lesson is None:
        raise ValueError("an attempt needs a lesson")
    return {
        "task": lesson.task,
        "assignment": state["assignment"],
        "trajectory_id": state["trajectory_id"],
        "lesson_id": lesson.id,
        "idx": idx,
        "revision": revision,
        "earlier": earlier,
    }
