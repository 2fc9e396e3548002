"""What a person may say, and who: what cannot be written down is refused in one line.

What a newcomer gets wrong: a person's weight for a criterion is not taken where the judge's rubric
has one; and a reward is made of grades only if nothing that was to be graded is left out, and if
they do not say the opposite of the verdict.
"""

import math
import unicodedata
from collections.abc import Iterable

from storage.errors import NotTaken
from storage.people.acts import Said
from storage.people.need import THRESHOLD
from storage.records import Grade, Verdict

LONGEST = 20_000
"""Characters of a note or a critique."""
LONGEST_NAME = 100
"""Characters of the name of a person or of a criterion."""
LONGEST_TOKEN = 200
MOST_GRADES = 100
NOTES = frozenset({"abstained", "agreed", "critique", "refused"})
"""Grades of a judge's verdict that are called so are of no criterion, see `agents.rubric`."""
PLAIN = {"accepted": 1.0, "rejected": 0.0, "unscored": None}
"""The reward by status, where it is not made of grades."""


def named(person: str, what: str = "person's name") -> str:
    """Return a name without the white space around it, in the one encoding of its accents (NFC).

    Raises:
        NotTaken: nothing is left, it is too long, or it has characters that nobody sees.
    """
    name = unicodedata.normalize("NFC", person.strip())
    if not name:
        raise NotTaken(f"a {what} is needed, and this one is empty; say who you are")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise NotTaken(
            f"{what} {name[:40]!r}: has more than {LONGEST_NAME} characters, or some that nobody "
            "sees; write another"
        )
    return name


def tokened(token: str) -> str:
    """Return a token that can stand for one act.

    Raises:
        NotTaken: it is empty, too long, or not printable.
    """
    if not token or len(token) > LONGEST_TOKEN or not token.isprintable():
        raise NotTaken(
            f"token {token[:40]!r}: is none; send one of 1 to {LONGEST_TOKEN} characters"
        )
    return token


def taken(said: Said) -> Said:
    """Return what a person says if it can be written down.

    Raises:
        NotTaken: a text is too long, or a grade is of nothing.
    """
    for name, text in (("note", said.note), ("critique", said.critique)):
        if len(text) > LONGEST:
            raise NotTaken(f"{name}: has {len(text)} characters; at most {LONGEST} are kept")
        if not _is_text(text):
            raise NotTaken(f"{name}: holds half a character (a lone surrogate); write it anew")
    if len(said.grades) > MOST_GRADES:
        raise NotTaken(f"{len(said.grades)} grades: at most {MOST_GRADES} are kept")
    criteria = [grade.criterion for grade in said.grades]
    for criterion in criteria:
        if named(criterion, "criterion's name") != criterion or criterion in NOTES:
            raise NotTaken(f"criterion {criterion[:40]!r}: is no criterion's name; write another")
    if len(set(criteria)) < len(criteria):
        raise NotTaken(f"criteria {criteria}: one is graded twice; grade each once")
    if any(len(grade.reason) > LONGEST or not _is_text(grade.reason) for grade in said.grades):
        raise NotTaken(f"a grade's reason has more than {LONGEST} characters, or half a one")
    return said


def _is_text(text: str) -> bool:
    """Return whether SQLite can keep a text."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def criteria(verdicts: Iterable[Verdict]) -> tuple[Grade, ...]:
    """Return the criteria by which an attempt was judged: the last judge's grades, without notes.

    Empty if no rubric had a part in it.

    Args:
        verdicts: Of one attempt, or of its siblings, oldest first.
    """
    found: tuple[Grade, ...] = ()
    for verdict in verdicts:
        if verdict.rung != "person":
            found = tuple(g for g in verdict.grades if g.criterion not in NOTES) or found
    return found


def weighed(said: Said, known: Iterable[Grade]) -> tuple[Grade, ...]:
    """Return a person's grades with the weights that the judge's rubric gives those it knows."""
    weights = {grade.criterion: grade.weight for grade in known}
    return tuple(
        grade.model_copy(update={"weight": weights.get(grade.criterion, grade.weight)})
        for grade in said.grades
    )


def reward_of(said: Said, grades: tuple[Grade, ...], known: Iterable[Grade]) -> float | None:
    """Return a person's reward, in [0, 1]. None: the person cannot tell.

    It is the weighted mean of the grades if all criteria are graded, those of the rubric and those
    of the person's own, and if it lies on the verdict's side of `THRESHOLD`; else 1 for what is
    accepted and 0 for what is rejected.
    """
    plain = PLAIN[said.status]
    given = {each.criterion: each.grade for each in grades}
    lacking = [each for each in known if given.get(each.criterion) is None]
    total = math.fsum(each.weight for each in grades)
    if plain is None or lacking or None in given.values() or not total:
        return plain
    whole = math.fsum(each.weight * (each.grade or 0.0) for each in grades)
    mean = min(1.0, round(whole / total, 9))
    return mean if (mean >= THRESHOLD) == (said.status == "accepted") else plain
