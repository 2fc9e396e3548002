"""From an episode's state to its trajectory: what the whole is worth, given its parts."""

from graphs.state import EpisodeState
from storage.records import Attempt, Status, Trajectory, Verdict

ORDER: tuple[Status, ...] = ("accepted", "unscored", "rejected", "failed")
"""What an episode is, if any of its attempts is: the first that applies."""


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


def worth(
    verdicts: tuple[Verdict, ...], *, failed: bool
) -> tuple[Status, str | None, float | None]:
    """Return an episode's status, reason and reward from its verdicts, oldest first.

    Accepted if any attempt is; else unscored if any is; else rejected if any is; else failed.
    Without a verdict it was refused at the screen, unless an exception ended it. The reason is that
    of the last verdict with the deciding status; None for an accepted episode. The reward is the
    highest of the scored.
    """
    reward = max((v.reward for v in verdicts if v.reward is not None), default=None)
    if failed:
        return "failed", "error", reward
    for status in ORDER:
        deciding = [v for v in verdicts if v.status == status]
        if deciding:
            return status, None if status == "accepted" else deciding[-1].reason, reward
    return "rejected", "screen", reward


def first_error(attempts: tuple[Attempt, ...], status: Status) -> str | None:
    """Return why a failed episode's first attempt raised; None unless the episode failed."""
    errors = [a.error for a in attempts if a.error]
    return f"attempt: {errors[0]}" if errors and status == "failed" else None
