"""From an episode's state to its trajectory: what the whole is worth, given its parts."""

from graphs.state import EpisodeState
from storage.records import Attempt, Status, Trajectory
from storage.worth import worth


def trajectory_of(state: EpisodeState) -> Trajectory:
    """Return the trajectory of a finished state, its attempts and verdicts in their fixed order."""
    attempts = tuple(sorted(state.get("attempts", ()), key=lambda a: (a.revision, a.idx)))
    place = {a.id: number for number, a in enumerate(attempts)}
    verdicts = tuple(sorted(state.get("verdicts", ()), key=lambda v: place[v.attempt_id]))
    error = state.get("error")
    status, reason, reward = worth(verdicts, failed=error is not None)
    return Trajectory(
        id=state["trajectory_id"],
        run_id=state["run_id"],
        assignment=state["assignment"],
        lesson=state.get("lesson") or state.get("draft"),
        attempts=attempts,
        verdicts=verdicts,
        status=status,
        reward=reward,
        reason=reason,
        findings=tuple(state.get("findings", ())),
        error=error or first_error(attempts, status),
    )


def first_error(attempts: tuple[Attempt, ...], status: Status) -> str | None:
    """Return why a failed episode's first attempt raised; None unless the episode failed."""
    errors = [a.error for a in attempts if a.error]
    return f"attempt: {errors[0]}" if errors and status == "failed" else None
