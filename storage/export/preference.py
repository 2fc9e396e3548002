"""Preference pairs: an accepted and a wrong attempt at one task, alike but for being right.

Pairs are of two kinds. In a revision, the chosen attempt is what the student made of the rejected
one with its critique: the smallest difference that mends it (CLAIR, D'Oosterlinck et al. 2024).
Siblings are attempts at the same task, each with the one of the other kind that is nearest to it in
length. What a newcomer gets wrong: a rejected attempt that states no answer, or is far shorter,
teaches form and length only, so such attempts are in no pair.

`loss` says which APO loss fits (the same paper): apo_zero where the chosen attempt is at least as
good as what the student writes on average at this task, apo_down where it is worse.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from storage.export.columns import Example
from storage.export.episodes import Episode, Judged
from storage.export.making import Form, Leave, Made, Manner, asked, replied, source
from storage.export.weight import weight

RATIO, ALLOWANCE = 2.0, 40
"""Of a pair, the longer text has at most so many times the characters of the shorter, and some."""


def _make(
    episode: Episode, chosen: Sequence[Judged], manner: Manner, leave: Leave
) -> Iterator[Made]:
    good, wrong = _sides(chosen, manner, leave)
    pairs = _revisions(episode, good, wrong)
    pairs += _siblings(good, wrong, pairs)
    paired = {each.id for _, *both in pairs for each in both}
    for attempt in (*good, *wrong):
        if attempt.id not in paired:
            other = wrong if attempt in good else good
            lacks = "no_wrong_attempt" if attempt in good else "no_accepted_attempt"
            leave(attempt, "unlike" if other else lacks)
    mean = _mean(episode)
    for kind, better, worse in pairs:
        yield Made(_example(episode, better, worse, kind, mean, manner), (better.id, worse.id))


def _sides(
    chosen: Sequence[Judged], manner: Manner, leave: Leave
) -> tuple[list[Judged], list[Judged]]:
    """Return the attempts that may be chosen and those that may be rejected, each text once."""
    sides: dict[bool, dict[str, Judged]] = {True: {}, False: {}}
    for attempt in chosen:
        reason = _unfit(attempt, manner)
        side = sides[attempt.status == "accepted"]
        if reason:
            leave(attempt, reason)
        elif attempt.text in side:
            leave(attempt, "same_text", side[attempt.text].id)
        else:
            side[attempt.text] = attempt
    for text in sides[True].keys() & sides[False].keys():  # a judge said two things about one text
        leave(sides[True].pop(text), "same_text", sides[False][text].id)
        leave(sides[False].pop(text), "same_text")
    return list(sides[True].values()), list(sides[False].values())


def _unfit(attempt: Judged, manner: Manner) -> str | None:
    if attempt.revision and manner.revisions == "none":
        return "revision"
    if attempt.status == "accepted":
        return None if attempt.first_wrong_step is None else "wrong_step"
    if attempt.status != "rejected":
        return attempt.status
    return None if attempt.answer else "no_answer"


Pair = tuple[str, Judged, Judged]
"""Its kind, what is chosen, what is rejected."""


def _revisions(episode: Episode, good: list[Judged], wrong: list[Judged]) -> list[Pair]:
    """Return each wrong attempt with the smallest of the accepted revisions that were made of it.

    By its text, for attempts of one text are one attempt here.
    """
    mended: dict[str, list[Judged]] = {}
    for better in good:
        for before in episode.before(better)[-1:]:
            mended.setdefault(before.text, []).append(better)
    pairs: list[Pair] = []
    for worse in wrong:
        like = [each for each in mended.get(worse.text, []) if _like(each, worse)]
        if like:
            best = min(like, key=lambda each: _changed(each.text, worse.text))
            pairs.append(("revision", best, worse))
    return pairs


def _siblings(good: list[Judged], wrong: list[Judged], mended: list[Pair]) -> list[Pair]:
    """Return each attempt that is in no revision with the nearest of the other kind."""
    used = {each.id for _, *both in mended for each in both}
    pairs: list[Pair] = []
    for worse in wrong:
        if worse.id not in used and (better := _nearest(worse, good)):
            pairs.append(("siblings", better, worse))
            used.add(better.id)
    for better in good:
        if better.id not in used and (near := _nearest(better, wrong)):
            pairs.append(("siblings", better, near))
    return pairs


def _changed(one: str, other: str) -> int:
    """Return how many lines stand in one of two texts and not in the other."""
    lines, others = Counter(one.splitlines()), Counter(other.splitlines())
    return ((lines - others) + (others - lines)).total()


def _nearest(attempt: Judged, others: list[Judged]) -> Judged | None:
    """Return the attempt that is nearest in length among those that are like this one."""
    like = [each for each in others if _like(attempt, each)]
    return min(like, key=lambda each: abs(len(each.text) - len(attempt.text)), default=None)


def _like(one: Judged, other: Judged) -> bool:
    shorter, longer = sorted((len(one.text), len(other.text)))
    return longer <= RATIO * shorter + ALLOWANCE


def _mean(episode: Episode) -> float | None:
    """Return the mean reward of the first tries that were scored. None: none was."""
    rewards = [a.reward for a in episode.attempts if not a.revision and a.reward is not None]
    return round(sum(rewards) / len(rewards), 6) if rewards else None


def _example(
    episode: Episode,
    better: Judged,
    worse: Judged,
    kind: str,
    mean: float | None,
    manner: Manner,
) -> Example:
    example = source(episode, better)
    example["id"] = f"{better.id}-{worse.id}"
    example["weight"] = min(weight(better), weight(worse))
    below = mean is not None and better.reward is not None and better.reward < mean
    return example | {
        "prompt": [asked(episode.lesson.text, manner)],
        "chosen": [replied(better, manner)],
        "rejected": [replied(worse, manner)],
        "chosen_id": better.id,
        "rejected_id": worse.id,
        "pair": kind,
        "loss": "apo_down" if below else "apo_zero",
        "chosen_reward": better.reward,
        "rejected_reward": worse.reward,
        "mean_reward": mean,
    }


PREFERENCE = Form(
    "preference",
    {
        "prompt": "messages",
        "chosen": "messages",
        "rejected": "messages",
        "chosen_id": "text",
        "rejected_id": "text",
        "pair": "text",
        "loss": "text",
        "chosen_reward": "number",
        "rejected_reward": "number",
        "mean_reward": "number",
    },
    _make,
    "no lesson has an accepted attempt and a wrong one that are alike; raise `attempts` or "
    "`max_revisions`",
)
