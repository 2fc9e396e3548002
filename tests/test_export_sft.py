import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import ids
from storage.errors import DiskError, NotWritable
from storage.export import FORMATS, write_jsonl
from storage.export.sft import accepted
from storage.queries import Reader
from storage.records import (
    Assignment,
    Attempt,
    Lesson,
    Run,
    Rung,
    Status,
    Task,
    Trajectory,
    Verdict,
)
from storage.store import Store

RUN = Run(id="r1", identity={}, config={}, seed=1, episodes=9, created_at="2026-01-01")
Try = tuple[str, Status]


def trajectory(n: int, question: str, *tries: Try, last: Status | None = None) -> Trajectory:
    """Make an episode of these tries; `last` is what a person said about the first of them."""
    own = ids.trajectory_id("r1", n)
    task = Task(question=question, instruction="Say it.")
    lesson = Lesson(
        id="", skill="s", level=2, task=task, reference="7", verifier="exact", made_by="teacher"
    )
    lesson = lesson.model_copy(update={"id": ids.lesson_id(lesson)})
    attempts, verdicts = [], []
    for idx, (text, status) in enumerate(tries):
        one = ids.attempt_id(own, 0, idx)
        place = {"trajectory_id": own, "lesson_id": lesson.id, "idx": idx}
        attempts.append(Attempt(id=one, **place, text=text, made_by="student"))
        verdicts.append(verdict(one, 0, status, "program"))
    if last:
        verdicts.append(verdict(attempts[0].id, 1, last, "person"))
    return Trajectory(
        id=own,
        run_id="r1",
        assignment=Assignment(n=n, skill="s", seed=n),
        lesson=lesson,
        attempts=tuple(attempts),
        verdicts=tuple(verdicts),
        status="accepted",
        reward=1.0,
    )


def verdict(attempt: str, ordinal: int, status: Status, rung: Rung) -> Verdict:
    return Verdict(
        id=ids.verdict_id(attempt, ordinal),
        attempt_id=attempt,
        status=status,
        reward=1.0 if status == "accepted" else 0.0,
        rung=rung,
    )


async def exported(path: Path, *trajectories: Trajectory) -> list[dict[str, object]]:
    with Store.open(path) as store:
        await store.begin(RUN)
        for one in trajectories:
            await store.assign("r1", one.assignment)
            await store.land(one)
    with Reader.open(path) as reader:
        return list(FORMATS["sft"](reader, "r1"))  # type: ignore[arg-type]


async def test_an_example_is_the_task_and_the_attempt(tmp_path: Path) -> None:
    whole = trajectory(0, "How many?", ("Answer: 7", "accepted"))
    [example] = await exported(tmp_path / "a.db", whole)

    assert whole.lesson is not None
    assert example == {
        "id": whole.attempts[0].id,
        "lesson_id": whole.lesson.id,
        "trajectory_id": whole.id,
        "skill": "s",
        "level": 2,
        "language": "en",
        "rung": "program",
        "reward": 1.0,
        "made_by": "student",
        "messages": [
            {"role": "user", "content": "How many?\n\nSay it."},
            {"role": "assistant", "content": "Answer: 7"},
        ],
    }


async def test_only_accepted_attempts_are_exported_and_equal_texts_once(tmp_path: Path) -> None:
    tries: list[Try] = [("a", "accepted"), ("b", "rejected"), ("a", "accepted"), ("c", "accepted")]
    found = await exported(tmp_path / "a.db", trajectory(0, "q", *tries))

    assert [said(example) for example in found] == ["a", "c"]


def said(example: dict[str, object]) -> str:
    messages = example["messages"]
    assert isinstance(messages, list)
    return str(messages[1]["content"])


@pytest.mark.parametrize(
    ("program", "person", "count"), [("accepted", "rejected", 0), ("rejected", "accepted", 1)]
)
async def test_a_person_overrules(
    tmp_path: Path, program: Status, person: Status, count: int
) -> None:
    whole = trajectory(0, "q", ("a", program), last=person)

    assert len(await exported(tmp_path / "a.db", whole)) == count


async def test_of_equal_questions_the_first_episode_that_gives_an_example_is_used(
    tmp_path: Path,
) -> None:
    found = await exported(
        tmp_path / "a.db",
        trajectory(3, "how  MANY?", ("late", "accepted")),
        trajectory(0, "How many?", ("none", "rejected")),
        trajectory(1, "How many?", ("first", "accepted"), ("second", "accepted")),
        trajectory(2, "Other?", ("other", "accepted")),
    )

    assert [said(example) for example in found] == ["first", "second", "other"]


async def test_what_is_asked_of_the_database_is_what_remembering_all_questions_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["storage.export.sft"], "KNOWN", 1)
    draw = random.Random(7)
    statuses: tuple[Status, ...] = ("accepted", "rejected", "rejected")
    many = []
    for n in range(160):
        tries: list[Try] = [(f"{n} {k}", draw.choice(statuses)) for k in range(draw.randrange(3))]
        last = draw.choice((None, "accepted", "rejected")) if tries else None
        one = trajectory(n, f"question {draw.randrange(20)}", *tries, last=last)  # type: ignore[arg-type]
        if draw.random() < 0.2:
            wrong = {"first_wrong_step": 1, "first_wrong_step_rung": "program"}
            verdicts = tuple(verdict.model_copy(update=wrong) for verdict in one.verdicts)
            one = one.model_copy(update={"verdicts": verdicts})
        many.append(one)
    seen: dict[str, int] = {}
    for one in many:
        if accepted(one) and one.lesson:
            seen.setdefault(one.lesson.task.question, one.assignment.n)
    expected = [attempt.id for n in sorted(seen.values()) for attempt, _ in accepted(many[n])]

    found = await exported(tmp_path / "a.db", *many)
    assert [example["id"] for example in found] == expected
    assert len(seen) > 10
    assert sum(bool(accepted(one)) for one in many) > len(seen) + 10


async def test_an_episode_without_a_lesson_gives_nothing(tmp_path: Path) -> None:
    bare = {"lesson": None, "attempts": (), "verdicts": (), "status": "rejected"}

    assert await exported(tmp_path / "a.db", trajectory(0, "q").model_copy(update=bare)) == []


async def test_the_same_database_gives_the_same_bytes(tmp_path: Path) -> None:
    found = await exported(tmp_path / "a.db", trajectory(0, "q", ("é\u2028\x85", "accepted")))
    for name in ("a.jsonl", "b.jsonl"):
        assert write_jsonl(found, tmp_path / name) == 1
    content = read(tmp_path / "a.jsonl")

    assert content == read(tmp_path / "b.jsonl")
    assert "é" in content
    assert len(content.splitlines()) == 1
    assert json.loads(content) == found[0]
    assert list(json.loads(content)) == sorted(found[0])


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_file_that_exists_is_kept_unless_it_is_forced(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("mine")
    with pytest.raises(NotWritable, match="exists already"):
        write_jsonl([{"a": 1}], path)
    assert path.read_text() == "mine"

    write_jsonl([{"a": 1}], path, force=True)
    assert path.read_text() == '{"a":1}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_or_a_place_without_one_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no" / "a.jsonl"):
        with pytest.raises(NotWritable):
            write_jsonl([], path, force=True)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("no")])
def test_an_export_that_fails_leaves_nothing_behind(tmp_path: Path, error: Exception) -> None:
    def failing() -> Iterator[dict[str, object]]:
        yield {"a": 1}
        raise error

    expected = DiskError if isinstance(error, OSError) else ValueError
    with pytest.raises(expected):
        write_jsonl(failing(), tmp_path / "a.jsonl")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
