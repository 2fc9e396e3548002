"""Which attempt of an episode a person's minute is best spent on, and why: plain values.

It is asked of every episode that changes, a million at first, so what a verdict holds is read from
its JSON only where it can tell something. What a newcomer gets wrong: an attempt that raised or was
cut off is worth no minute, however unscored it is; and an unscored verdict by a person is a word
too, after which nobody is asked again unless people disagree.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from storage.records import Trajectory

Why = Literal["people disagree", "unscored", "rungs disagree", "near the threshold", "judge alone"]
WEIGHTS: dict[Why, int] = {
    "people disagree": 5,
    "unscored": 4,
    "rungs disagree": 3,
    "near the threshold": 2,
    "judge alone": 1,
}
"""By reason, most valuable first; 0, which is none of them, means that nobody need look."""
THRESHOLD = 0.6
"""The reward from which the default rubric accepts, see `agents.rubric`."""
NEAR = 0.15
"""How far from it a judge's reward may lie and still count as near."""
_AGREED = "agreed"
"""The criterion of the note that says how many of several votes agree, see `agents.judge`."""
_COUNT = re.compile(r"([0-9]+) of ([0-9]+)")
_AGAINST = {"accepted": ("failed", '"finding":"failed"'), "rejected": ("passed", '"finding":"pass')}
"""By status: the finding of a program that says the opposite, and how it stands in JSON."""

Found = str | Sequence[Mapping[str, Any]]
"""Checks or grades: a list as it was parsed, or the canonical JSON of one."""


class Opinion(NamedTuple):
    """One verdict on an attempt."""

    rung: str | None
    status: str
    reward: float | None
    reason: str | None
    checks: Found = ()
    grades: Found = ()
    person: str | None = None
    """Who says so, of a person's. None: not known, and then it is taken for somebody else's."""


class Tried(NamedTuple):
    """One attempt with all its verdicts."""

    attempt_id: str
    idx: int
    revision: int
    answer: str | None
    error: str | None
    finish_reason: str
    verdicts: Sequence[Opinion]
    """Oldest first."""


class Need(NamedTuple):
    """What a person should look at."""

    attempt_id: str
    why: Why
    weight: int
    """From `WEIGHTS`; the higher the sooner."""


def needed(tries: Sequence[Tried], but: Collection[str] = ()) -> Need | None:
    """Return which attempt of an episode a person should see next. None: nobody need look.

    Once a person has spoken of any attempt, the weak reasons ("near the threshold", "judge alone")
    are reasons no more, and "unscored" is one only until an attempt is accepted.

    Args:
        tries: The episode's attempts in order of revision, then idx.
        but: Attempts that are not wanted, though what was said of them holds.
    """
    usable = [tried for tried in tries if tried.verdicts and _is_whole(tried)]
    if not usable:
        return None
    spoken = any(opinion.rung == "person" for tried in tries for opinion in tried.verdicts)
    clashing = _clashing(usable)
    best: Need | None = None
    for tried in usable:
        why = _why(tried, clashing)
        if why is None or tried.attempt_id in but or (spoken and _is_settled(why, tries)):
            continue
        if best is None or WEIGHTS[why] > best.weight:
            best = Need(tried.attempt_id, why, WEIGHTS[why])
    return best


def tries_of(trajectory: Trajectory, people: Mapping[str, str]) -> list[Tried]:
    """Return an episode's attempts as `needed` takes them.

    Args:
        trajectory: With the verdicts that are to count.
        people: Who gave a verdict, by its id.
    """
    said: dict[str, list[Opinion]] = defaultdict(list)
    for each in trajectory.verdicts:
        checks = [check.model_dump(mode="json") for check in each.checks]
        grades = [grade.model_dump(mode="json") for grade in each.grades]
        who = people.get(each.id)
        opinion = Opinion(each.rung, each.status, each.reward, each.reason, checks, grades, who)
        said[each.attempt_id].append(opinion)
    return [
        Tried(a.id, a.idx, a.revision, a.answer, a.error, a.finish_reason, said[a.id])
        for a in trajectory.attempts
    ]


def _is_whole(tried: Tried) -> bool:
    return tried.error is None and tried.finish_reason != "length"


def _is_settled(why: Why, tries: Sequence[Tried]) -> bool:
    """Return whether a reason holds no more in an episode of which a person has spoken."""
    if why == "unscored":
        return any(tried.verdicts and tried.verdicts[-1].status == "accepted" for tried in tries)
    return WEIGHTS[why] <= WEIGHTS["near the threshold"]


def _why(tried: Tried, clashing: set[str]) -> Why | None:
    last = tried.verdicts[-1]
    if last.rung == "person":
        return "people disagree" if _people_disagree(tried.verdicts) else None
    if last.status == "unscored":
        return "unscored" if last.reason != "truncated" else None
    if tried.attempt_id in clashing or _program_says_otherwise(last) or _votes_differ(last):
        return "rungs disagree"
    if last.rung != "judge":
        return None
    # The grid of rewards is of two decimals, and 0.75 - 0.6 is a little more than 0.15.
    near = last.reward is not None and abs(last.reward - THRESHOLD) <= NEAR + 1e-9
    return "near the threshold" if near else "judge alone"


def _people_disagree(verdicts: Sequence[Opinion]) -> bool:
    """Return whether people differ, and not more than half of them say what counts.

    Of each person the last word is taken, so who has changed their mind agrees with themselves.
    """
    words: dict[object, str] = {}
    for place, opinion in enumerate(verdicts):
        if opinion.rung == "person":
            words[opinion.person or place] = opinion.status
    return 2 * Counter(words.values())[verdicts[-1].status] <= len(words)


def _program_says_otherwise(opinion: Opinion) -> bool:
    """Return whether a program found the opposite of what stands."""
    if not opinion.checks or opinion.status not in _AGAINST:
        return False
    finding, written = _AGAINST[opinion.status]
    if isinstance(opinion.checks, str) and written not in opinion.checks:
        return False
    return any(check.get("finding") == finding for check in _read(opinion.checks))


def _votes_differ(opinion: Opinion) -> bool:
    """Return whether some of a judge's votes said otherwise, and were outvoted."""
    if isinstance(opinion.grades, str) and _AGREED not in opinion.grades:
        return False
    notes = (g for g in _read(opinion.grades) if g.get("criterion") == _AGREED)
    counts = (_COUNT.match(str(note.get("reason", ""))) for note in notes)
    return any(count is not None and count[1] != count[2] for count in counts)


def _clashing(tries: Sequence[Tried]) -> set[str]:
    """Return the attempts whose answer is another's too, which came out the other way.

    Of two such attempts the one that people or a program decided is left, unless both were.
    """
    if len(tries) < 2:
        return set()
    same: dict[str, list[Tried]] = defaultdict(list)
    for tried in tries:
        if tried.answer and tried.answer.strip():
            same[tried.answer.strip()].append(tried)
    return {each for alike in same.values() if len(alike) > 1 for each in _differing(alike)}


def _differing(alike: Sequence[Tried]) -> Iterator[str]:
    statuses = {tried.verdicts[-1].status for tried in alike}
    if not statuses >= {"accepted", "rejected"}:
        return
    by_judge = [tried for tried in alike if tried.verdicts[-1].rung == "judge"]
    yield from (tried.attempt_id for tried in by_judge or alike)


def _read(found: Found) -> Sequence[Mapping[str, Any]]:
    """Return a list of objects; of text that holds none, an empty one."""
    if not isinstance(found, str):
        return found
    try:
        parsed = json.loads(found)
    except ValueError:
        return ()
    return [each for each in parsed if isinstance(each, dict)] if isinstance(parsed, list) else ()
