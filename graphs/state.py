"""What flows through one episode: records, and nothing that a run lends (see `graphs.faculty`).

Lists with `operator.add` grow: a node returns what is new. `AttemptInput` is the private input of
one attempt, and it is all that the student's nodes get: it has a task and no lesson, so no
reference.
"""

import operator
from typing import Annotated

from typing_extensions import TypedDict

from agents.student import Earlier
from graphs.outage import Outage
from storage.records import Assignment, Attempt, Lesson, Task, Trajectory, Verdict


class EpisodeInput(TypedDict, total=False):
    """What an episode starts from: an assignment, or the words to make one of."""

    assignment: Assignment
    run_id: str
    """Part of every id of the episode; made of the words below unless given."""
    skill: str
    level: int
    language: str
    seed: int


class EpisodeState(EpisodeInput, total=False):
    """The whole state."""

    trajectory_id: str
    draft: Lesson | None
    """The last draft; None if the teacher's reply could not become one."""
    lesson: Lesson | None
    """The draft once the screen let it pass."""
    drafts: int
    """How many drafts were asked for."""
    findings: Annotated[list[str], operator.add]
    attempts: Annotated[list[Attempt], operator.add]
    verdicts: Annotated[list[Verdict], operator.add]
    error: str | None
    """Node, type and message of the exception that ended the episode."""
    outages: Annotated[list[Outage], operator.add]
    """What attempts are still owed; the episode is then left open."""
    trajectory: Trajectory


class EpisodeOutput(TypedDict):
    """What comes out."""

    trajectory: Trajectory


class AttemptInput(TypedDict):
    """What one attempt is made from."""

    task: Task
    assignment: Assignment
    trajectory_id: str
    lesson_id: str
    idx: int
    revision: int
    earlier: Earlier | None
