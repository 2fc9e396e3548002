"""Ids and digests: what a thing is called is a function of what it is.

A digest is SHA-256 over canonical JSON, tagged with its algorithm. Ids are shorter: 128 bits with a
letter that tells the kind, so that a stranger who meets one in a log knows where to look.
Nothing here reads a clock, a path's name or the environment.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from storage.canonical import canonical
from storage.records import Check, Lesson, Outcome, Request, Trajectory, Verdict


def digest(value: object) -> str:
    """Return `sha256:` and 64 hex digits over the canonical JSON of the value."""
    return "sha256:" + _hex(value)


def file_digest(path: Path) -> str:
    """Return the tagged SHA-256 of a file's bytes.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def derive_seed(*path: str | int) -> int:
    """Return a seed in [0, 2**63) for a path such as `(7, "assign", 12)`.

    Hashing keeps the streams of neighbouring seeds apart, which adding numbers does not.
    """
    return int(_hex(list(path))[:16], 16) >> 1


def run_id(identity: dict[str, JsonValue], begun: int = 0) -> str:
    """Return the id of a run from the part of its config that decides what it makes.

    `begun` counts the runs of the same identity that were begun before it.
    """
    return "r" + _hex([identity, begun])[:32]


def trajectory_id(run: str, n: int) -> str:
    """Return the id of episode `n` of a run."""
    return "t" + _hex([run, n])[:32]


def attempt_id(trajectory: str, revision: int, idx: int) -> str:
    """Return the id of an attempt."""
    return "a" + _hex([trajectory, revision, idx])[:32]


def verdict_id(attempt: str, ordinal: int) -> str:
    """Return the id of an attempt's verdict; `ordinal` counts them from 0, oldest first."""
    return "v" + _hex([attempt, ordinal])[:32]


def expert_seed_id(fields: dict[str, JsonValue]) -> str:
    """Return the id of an expert seed from all its other fields."""
    return "s" + _hex(fields)[:32]


def lesson_id(lesson: Lesson) -> str:
    """Return the id of a lesson from its content; its own id and its author are no content."""
    content = lesson.model_dump(mode="json", exclude={"id", "made_by", "files"})
    content["data"] = _with_digests(content["data"], lesson.files)
    return "l" + _hex(content)[:32]


def _with_digests(data: JsonValue, files: dict[str, str]) -> JsonValue:
    """Replace every path in a verifier's data by the digest of the file, wherever it stands."""
    if isinstance(data, dict):
        return {key: _with_digests(value, files) for key, value in data.items()}
    if isinstance(data, list):
        return [_with_digests(value, files) for value in data]
    return files.get(data, data) if isinstance(data, str) else data


def request_digest(request: Request) -> str:
    """Return the digest under which the journal knows a request."""
    return "sha256:" + hashlib.sha256(request.canonical.encode()).hexdigest()


def trajectory_digest(trajectory: Trajectory) -> str:
    """Return the digest of what an episode made: lesson, attempts, verdicts, status, reward.

    Times, costs, run id, endpoint, ids that hang on the run, and error texts are left out, so that
    two runs that made the same thing say so. What people said of it has a part of its own, of each
    attempt in the order in which it was said; who said it and when is left out.
    """
    content: dict[str, JsonValue] = {
        "lesson": trajectory.lesson.id if trajectory.lesson else None,
        "attempts": [
            a.model_dump(mode="json", include={"idx", "revision", "text", "reasoning", "answer"})
            for a in trajectory.attempts
        ],
        "verdicts": [_bare(v) for v in trajectory.verdicts if v.rung != "person"],
        "status": trajectory.status,
        "reward": trajectory.reward,
    }
    if said := _said(trajectory):
        content["people"] = said
    return digest(content)


def _said(trajectory: Trajectory) -> list[JsonValue]:
    """Return what people said of each attempt: its revision and idx, then the verdict.

    By attempt, because it is the same whichever of two attempts a person judged first.
    """
    places = {a.id: (a.revision, a.idx) for a in trajectory.attempts}
    people = [v for v in trajectory.verdicts if v.rung == "person" and v.attempt_id in places]
    people.sort(key=lambda verdict: places[verdict.attempt_id])
    return [[*places[v.attempt_id], _bare(v)] for v in people]


def _bare(verdict: Verdict) -> JsonValue:
    """Return what of a verdict is the same in every run that came to it."""
    whole = _content(verdict, exclude={"id", "attempt_id", "checks"})
    return whole | {"checks": [decided(check) for check in verdict.checks]}


def verdict_digest(verdict: Verdict) -> str:
    """Return the digest of a whole verdict."""
    return digest(_content(verdict))


def _content(verdict: Verdict, exclude: set[str] | None = None) -> dict[str, JsonValue]:
    """Return a verdict's fields, without who said which step is wrong where it was a program.

    So the digests of verdicts that are older than that field are what they were.
    """
    content: dict[str, JsonValue] = verdict.model_dump(mode="json", exclude=exclude)
    usual = None if verdict.first_wrong_step is None else "program"
    if verdict.first_wrong_step_rung == usual:
        del content["first_wrong_step_rung"]
    return content


def decided(check: Check) -> dict[str, JsonValue]:
    """Return what of a check is the same wherever it is made again.

    Of one that ran a program in a sandbox that is the finding: its evidence may tell how the
    program died, and its limits which sandbox it was, and machines differ in both.
    """
    whole: dict[str, JsonValue] = check.model_dump(mode="json")
    in_sandbox = "sandbox" in check.limits
    return {k: v for k, v in whole.items() if not (in_sandbox and k in ("evidence", "limits"))}


def dataset_digest(trajectory_digests: Iterable[str]) -> str:
    """Return the digest of a run from the digests of its episodes, in index order."""
    whole = RunDigest()
    for item in trajectory_digests:
        whole.add(item)
    return whole.value


class RunDigest:
    """The digest of a run while its episodes come, in index order."""

    def __init__(self) -> None:
        self._whole = hashlib.sha256()

    def add(self, trajectory_digest: str) -> None:
        """Take in the next episode."""
        self._whole.update(trajectory_digest.encode() + b"\n")

    @property
    def value(self) -> str:
        """The digest of the episodes so far."""
        return "sha256:" + self._whole.hexdigest()


def _hex(value: object) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def question_digest(question: str) -> str:
    """Return the digest of a question, blind to case and white space, to tell duplicates."""
    return "q" + _hex(" ".join(question.casefold().split()))[:32]


def outcome(trajectory: Trajectory) -> Outcome:
    """Return what later episodes may know of this one."""
    first = {a.id for a in trajectory.attempts if a.revision == 0}
    scored = [v for v in trajectory.verdicts if v.attempt_id in first and v.rung != "person"]
    lesson = trajectory.lesson
    return Outcome(
        n=trajectory.assignment.n,
        skill=trajectory.assignment.skill,
        level=trajectory.assignment.level,
        tried=sum(v.reward is not None for v in scored),
        solved=sum(v.status == "accepted" for v in scored),
        critiques=sum(a.revision > 0 for a in trajectory.attempts),
        question_digest=question_digest(lesson.task.question) if lesson else None,
    )
