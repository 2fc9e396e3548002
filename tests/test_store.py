import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import ids
from storage.errors import Locked, Missing, NotWritable, Refused, RunHeld, StorageError
from storage.queries import Reader
from storage.records import (
    Assignment,
    Attempt,
    ExpertSeed,
    Lesson,
    Run,
    Status,
    Task,
    Trajectory,
    Verdict,
)
from storage.store import Store

RUN = Run(id="r1", identity={"seed": 1}, config={}, seed=1, episodes=3, created_at="2026-01-01")


def trajectory(n: int = 0, status: Status = "accepted", text: str = "7") -> Trajectory:
    own = ids.trajectory_id(RUN.id, n)
    lesson = Lesson(
        id="",
        skill="s",
        level=1,
        task=Task(question="How many?"),
        reference="7",
        verifier="exact",
        made_by="library",
    )
    lesson = lesson.model_copy(update={"id": ids.lesson_id(lesson)})
    attempt = Attempt(
        id=ids.attempt_id(own, 0, 0),
        trajectory_id=own,
        lesson_id=lesson.id,
        idx=0,
        text=text,
        answer="7",
        made_by="m",
    )
    verdict = Verdict(
        id=ids.verdict_id(attempt.id, 0),
        attempt_id=attempt.id,
        status=status,
        reward=None if status == "failed" else 1.0,
        rung="program",
    )
    return Trajectory(
        id=own,
        run_id=RUN.id,
        assignment=Assignment(n=n, skill="s", seed=n),
        lesson=lesson,
        attempts=(attempt,),
        verdicts=(verdict,),
        status=status,
        reward=verdict.reward,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "a.db", patience_s=0.2) as store:
        yield store


async def landed(store: Store, *trajectories: Trajectory) -> None:
    await store.begin(RUN)
    for one in trajectories:
        await store.assign(RUN.id, one.assignment)
        await store.land(one)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    with Reader.open(store.path) as reader:
        return [tuple(row) for row in reader.rows(sql)]


async def test_a_trajectory_lands_whole_and_comes_back_equal(store: Store) -> None:
    whole = trajectory()
    await landed(store, whole)

    with Reader.open(store.path) as reader:
        assert reader.trajectory(whole.id) == whole
    assert rows(store, "SELECT digest FROM trajectories") == [(ids.trajectory_digest(whole),)]


async def test_landing_again_changes_nothing_and_keeps_a_persons_verdict(store: Store) -> None:
    whole = trajectory()
    await landed(store, whole)
    person = """INSERT INTO verdicts SELECT 'v-person', attempt_id, 1, 1, 'rejected', 0.0, 'person',
        reason, checks, grades, critique, first_wrong_step, digest, NULL FROM verdicts"""
    await store.writer.run(lambda c: c.execute(person))
    await store.land(whole)
    await store.assign(RUN.id, whole.assignment)

    assert rows(store, "SELECT count(*) FROM verdicts") == [(2,)]
    assert rows(store, "SELECT count(*) FROM trajectories") == [(1,)]


async def test_a_trajectory_that_cannot_land_whole_leaves_nothing(store: Store) -> None:
    whole = trajectory()
    broken = whole.verdicts[0].model_copy(update={"attempt_id": "nobody's"})
    await store.begin(RUN)
    await store.assign(RUN.id, whole.assignment)
    with pytest.raises(Refused, match="FOREIGN KEY"):
        await store.land(whole.model_copy(update={"verdicts": (broken,)}))

    for table in ("trajectories", "lessons", "attempts", "verdicts"):
        assert rows(store, f"SELECT count(*) FROM {table}") == [(0,)]


async def test_an_episode_that_was_not_assigned_cannot_land(store: Store) -> None:
    await store.begin(RUN)
    with pytest.raises(Refused, match="FOREIGN KEY"):
        await store.land(trajectory())


async def test_another_assignment_at_the_same_place_is_refused(store: Store) -> None:
    await store.begin(RUN)
    await store.assign(RUN.id, Assignment(n=0, skill="s", seed=1))
    with pytest.raises(Refused, match="another seed, practice"):
        await store.assign(RUN.id, Assignment(n=0, skill="s", seed=2, practice={"s": 1}))


async def test_beginning_again_renews_the_config_and_keeps_the_beginning(store: Store) -> None:
    await store.begin(RUN)
    later = {"config": {"b": 2}, "episodes": 9, "created_at": "2030", "versions": {"x": "1"}}
    await store.begin(RUN.model_copy(update=later))
    await store.end(RUN.id, "complete", 5)

    with Reader.open(store.path) as reader:
        found = reader.run(RUN.id)
    kept = {"created_at": RUN.created_at, "ended": "complete", "episodes": 5}
    assert found == RUN.model_copy(update=later | kept)


async def test_a_run_that_was_never_begun_cannot_end(store: Store) -> None:
    with pytest.raises(Missing, match="no such run"):
        await store.end("r9", "complete", 5)


async def test_failed_trajectories_are_taken_back_and_can_land_anew(store: Store) -> None:
    await landed(store, trajectory(0), trajectory(1, "failed"))
    await store.end(RUN.id, "complete", 5)

    assert await store.reopen_failed(RUN.id, 100) == 1
    with Reader.open(store.path) as reader:
        assert [a.n for a in reader.open_assignments(RUN.id)] == [1]
        assert reader.run(RUN.id).ended is None
    await store.land(trajectory(1))
    assert rows(store, "SELECT count(*) FROM attempts") == [(2,)]
    assert await store.reopen_failed(RUN.id, 100) == 0


async def test_only_a_run_in_which_nothing_was_made_is_discarded(store: Store) -> None:
    await landed(store, trajectory())
    assert await store.discard(RUN.id) is False

    empty = RUN.model_copy(update={"id": "r2"})
    await store.begin(empty)
    await store.assign("r2", Assignment(n=0, skill="s", seed=1))
    assert await store.discard("r2") is True
    assert rows(store, "SELECT id FROM runs") == [("r1",)]
    assert await store.discard("r2") is False


async def test_expert_seeds_can_be_added_twice_and_must_stand_before_they_are_named(
    store: Store,
) -> None:
    seed = ExpertSeed(id="s1", example="e", author="A", licence="MIT")
    await store.begin(RUN)
    named = Assignment(n=0, skill="s", seed=1, expert_seed="s1")
    with pytest.raises(Refused):
        await store.assign(RUN.id, named)
    await store.add_expert_seeds([seed, seed])
    await store.add_expert_seeds([seed])
    await store.assign(RUN.id, named)

    with Reader.open(store.path) as reader:
        assert reader.expert_seed("s1") == seed
        assert list(reader.assignments(RUN.id)) == [named]


@pytest.mark.parametrize("text", ["x" * 100_000, "a\0b", "'; DROP TABLE runs; --", "", "😀\u2028é"])
async def test_any_text_comes_back_as_it_was(store: Store, text: str) -> None:
    await landed(store, trajectory(text=text))

    with Reader.open(store.path) as reader:
        assert reader.trajectory("0").attempts[0].text == text


async def test_a_closed_store_is_one_file_and_refuses_to_write(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "a.db")
    await landed(store, trajectory())
    store.close()

    assert names(tmp_path) == ["a.db"]
    with pytest.raises(StorageError, match="closed"):
        await store.begin(RUN)


async def test_a_database_that_is_being_written_by_others_is_locked(store: Store) -> None:
    other = sqlite3.connect(store.path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Locked, match="try again"):
        await store.begin(RUN)
    other.close()


def test_a_store_is_not_opened_on_a_file_that_is_marked_read_only(tmp_path: Path) -> None:
    Store.open(tmp_path / "a.db").close()
    (tmp_path / "a.db").chmod(0o444)
    with pytest.raises(NotWritable):
        Store.open(tmp_path / "a.db")


def test_a_run_is_held_by_one_and_free_after(store: Store) -> None:
    with store.hold("r1"):
        with store.hold("r2"):
            pass
        with pytest.raises(RunHeld, match="is working on run r1") as caught, store.hold("r1"):
            pass
        assert caught.value.pid == os.getpid()
    with store.hold("r1"):
        pass
    assert not list(store.path.parent.glob("*.lock"))


def test_a_killed_process_blocks_nobody(store: Store) -> None:
    code = """
import pathlib, sys, time
from storage.hold import held
with held(pathlib.Path(sys.argv[1]), "r1"):
    print("held", flush=True)
    time.sleep(60)
"""
    command = [sys.executable, "-c", code, str(store.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(RunHeld) as caught, store.hold("r1"):
            pass
        assert caught.value.pid == process.pid
        process.send_signal(signal.SIGKILL)
    with store.hold("r1"):
        pass


def test_a_lock_that_cannot_be_made_is_an_error_of_ours(store: Store) -> None:
    (store.path.parent / "a.db.r1.lock").mkdir()
    with pytest.raises(NotWritable, match="lock"), store.hold("r1"):
        pass


def test_a_lock_file_without_a_number_names_no_process(store: Store) -> None:
    with store.hold("r1"):
        (store.path.parent / "a.db.r1.lock").write_text("")
        with pytest.raises(RunHeld, match="another process") as caught, store.hold("r1"):
            pass
    assert caught.value.pid is None


async def test_reading_beside_an_open_store_does_not_give_up_its_locks(store: Store) -> None:
    await landed(store, trajectory(0))
    with Reader.open(store.path) as reader:
        assert list(reader.digests(RUN.id))
    await asyncio.to_thread(opened_and_closed_elsewhere, store.path)

    assert {path.suffix for path in store.path.parent.iterdir()} >= {".db", ".db-wal"}


def opened_and_closed_elsewhere(path: Path) -> None:
    look = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1])"
    line = f"{look}; c.execute('SELECT * FROM runs').fetchall(); c.close()"
    subprocess.run([sys.executable, "-c", line, path], check=True)


async def test_what_knew_of_a_failed_episode_is_done_again_with_it(store: Store) -> None:
    await landed(store, *(trajectory(n, "failed" if n == 1 else "accepted") for n in range(5)))

    assert await store.reopen_failed(RUN.id, 2) == 1
    with Reader.open(store.path) as reader:
        assert [item.n for item in reader.trajectories(RUN.id)] == [0, 2]
        assert [assignment.n for assignment in reader.assignments(RUN.id)] == [0, 1, 2]
