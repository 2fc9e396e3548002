"""What an episode is worth, given the verdicts on its attempts: plain values, nothing is read.

What a newcomer gets wrong: an attempt may have several verdicts, and the last one counts; those of
people come after a machine's, and all stay.
"""

from collections.abc import Iterable

from storage.records import Status, Trajectory, Verdict

ORDER: tuple[Status, ...] = ("accepted", "unscored", "rejected", "failed")
"""What an episode is, if any of its attempts is: the first that applies."""


def last_verdicts(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdict that counts of each attempt, in the order in which attempts were judged.

    Args:
        verdicts: Oldest first.
    """
    return list({verdict.attempt_id: verdict for verdict in verdicts}.values())


def first_wrong_step(verdicts: Iterable[Verdict]) -> int | None:
    """Return the number of an attempt's first wrong step, from 1. None: it is not known.

    Who confirms a verdict need not name the step again; who overrules one takes its step back.

    Args:
        verdicts: Of one attempt, oldest first.
    """
    status, step = None, None
    for verdict in verdicts:
        if verdict.status != status or verdict.first_wrong_step is not None:
            step = verdict.first_wrong_step
        status = verdict.status
    return step


def worth(verdicts: Iterable[Verdict], *, failed: bool) -> tuple[Status, str | None, float | None]:
    """Return an episode's status, reason and reward from its verdicts, oldest first.

    Accepted if any attempt is; else unscored if any is; else rejected if any is; else failed.
    Without a verdict it was refused at the screen, unless an exception ended it. The reason is that
    of the last attempt with the deciding status; None for an accepted episode. The reward is the
    highest of the scored.
    """
    counting = last_verdicts(verdicts)
    reward = max((v.reward for v in counting if v.reward is not None), default=None)
    if failed:
        return "failed", "error", reward
    for status in ORDER:
        deciding = [v for v in counting if v.status == status]
        if deciding:
            return status, None if status == "accepted" else deciding[-1].reason, reward
    return "rejected", "screen", reward


def overruled(trajectory: Trajectory, people: Iterable[Verdict]) -> Trajectory:
    """Return a trajectory with what people say of its attempts, instead of what they said before.

    Args:
        trajectory: With the verdicts of its critic; those of people are left out.
        people: Their verdicts that stand, oldest first; of other trajectories' attempts they are
            passed over.
    """
    tries = {attempt.id for attempt in trajectory.attempts}
    critic = [verdict for verdict in trajectory.verdicts if verdict.rung != "person"]
    verdicts = (*critic, *(verdict for verdict in people if verdict.attempt_id in tries))
    broken = trajectory.status == "failed" and trajectory.reason == "error"
    status, reason, reward = worth(verdicts, failed=broken)
    return trajectory.model_copy(
        update={"verdicts": verdicts, "status": status, "reason": reason, "reward": reward}
    )
