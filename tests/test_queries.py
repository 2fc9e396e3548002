import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import ids
from storage.database import connect, prepare
from storage.errors import Ambiguous, Corrupt, Missing, StorageError
from storage.journal import SqliteJournal
from storage.queries import Reader
from storage.records import (
    Assignment,
    Attempt,
    CallSite,
    Lesson,
    Message,
    ModelCall,
    Reply,
    Request,
    Role,
    Run,
    Status,
    Task,
    Trajectory,
    Verdict,
)
from storage.store import Store

RUN = Run(id="r1", identity={}, config={}, seed=1, episodes=9, created_at="2026-01-01")
STATUSES: tuple[Status, ...] = ("accepted", "rejected", "unscored", "failed", "accepted")


def trajectory(n: int, status: Status, run_id: str = "r1") -> Trajectory:
    own = ids.trajectory_id(run_id, n)
    task = Task(question=f"How many, {n}?")
    fields = {"skill": f"s{n % 2}", "level": n % 3 + 1, "reference": "7", "verifier": "exact"}
    lesson = Lesson.model_validate({"id": "", "task": task, "made_by": "m"} | fields)
    lesson = lesson.model_copy(update={"id": ids.lesson_id(lesson)})
    first = ids.attempt_id(own, 0, 0)
    second = ids.attempt_id(own, 1, 0)
    plain = {"trajectory_id": own, "lesson_id": lesson.id, "idx": 0, "text": "x", "made_by": "m"}
    attempts = (Attempt(id=first, **plain), Attempt(id=second, revision=1, **plain))
    scored = {"accepted": 1.0, "rejected": 0.0}.get(status)
    verdicts = tuple(
        Verdict(id=f"v{i}", attempt_id=i, status=status, reward=scored, rung=None)
        for i in (first, second)
    )
    is_bare = status == "failed"
    return Trajectory(
        id=own,
        run_id=run_id,
        assignment=Assignment(n=n, skill=f"s{n % 2}", level=n % 3 + 1, seed=n),
        lesson=None if is_bare else lesson,
        attempts=() if is_bare else attempts,
        verdicts=() if is_bare else verdicts,
        status=status,
        reward=scored,
        reason={"rejected": "wrong", "unscored": "undecided"}.get(status),
        error="attempt: ValueError: no" if is_bare else None,
    )


WHOLE = [trajectory(n, status) for n, status in enumerate(STATUSES)]


async def fill(store: Store) -> None:
    await store.begin(RUN.model_copy(update={"id": "r0", "created_at": "2025-01-01"}))
    await store.begin(RUN)
    for one in reversed(WHOLE):
        await store.assign("r1", one.assignment)
        await store.land(one)
    await store.assign("r1", Assignment(n=5, skill="s1", seed=5))


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "a.db") as store:
        await fill(store)
    return tmp_path / "a.db"


@pytest.fixture
def reader(path: Path) -> Iterator[Reader]:
    with Reader.open(path) as reader:
        yield reader


def test_reading_a_database_loads_no_langgraph_and_no_langchain() -> None:
    code = (
        "import sys, storage.queries, storage.report, storage.export, storage.audit;"
        "print([m for m in sys.modules if m.startswith(('langgraph', 'langchain'))])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout == "[]\n"


def test_a_run_streams_in_order_whatever_order_it_landed_in(reader: Reader) -> None:
    assert list(reader.stream("r1")) == WHOLE
    assert list(reader.digests("r1")) == [ids.trajectory_digest(one) for one in WHOLE]


def test_outcomes_from_columns_are_those_of_the_trajectories(reader: Reader) -> None:
    assert list(reader.outcomes("r1")) == [ids.outcome(one) for one in WHOLE]


def test_a_trajectory_is_found_by_its_id_its_beginning_and_its_number(reader: Reader) -> None:
    one = WHOLE[3]

    assert reader.trajectory(one.id) == one
    assert reader.trajectory(one.id[:9]) == one
    assert reader.trajectory("3") == one
    assert reader.trajectory("3", run_id="r1") == one


@pytest.mark.parametrize("ref", ["", "99", "tzzz", "t*", "²", "\udc80", "' OR 1", "9" * 40])
def test_an_id_that_nothing_is_called_is_missing(reader: Reader, ref: str) -> None:
    with pytest.raises(Missing) as caught:
        reader.trajectory(ref)
    assert "\n" not in str(caught.value)


def test_a_wrong_id_is_answered_with_the_nearest(reader: Reader) -> None:
    wrong = WHOLE[2].id[:12].replace(WHOLE[2].id[5], "_")
    with pytest.raises(Missing, match=WHOLE[2].id):
        reader.trajectory(wrong)


def test_a_beginning_that_fits_several_is_ambiguous_and_a_whole_id_is_not(reader: Reader) -> None:
    with pytest.raises(Ambiguous, match="write more"):
        reader.trajectory("t")
    with pytest.raises(Ambiguous):
        reader.run("r")
    assert reader.run("r1") == RUN


def test_runs_come_latest_first(reader: Reader) -> None:
    assert [run.id for run in reader.runs()] == ["r1", "r0"]
    assert reader.latest_run() == RUN


def test_a_database_without_runs_says_so(tmp_path: Path) -> None:
    prepare(tmp_path / "a.db", create=True)
    with Reader.open(tmp_path / "a.db") as reader, pytest.raises(Missing, match="no run yet"):
        reader.latest_run()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"newest": True}, [4, 3, 2, 1, 0]),
        ({"status": "accepted"}, [0, 4]),
        ({"skill": "s1"}, [1, 3]),
        ({"level": 2}, [1, 4]),
        ({"status": "accepted", "level": 1}, [0]),
        ({"limit": 2, "newest": True}, [4, 3]),
        ({"limit": 0}, []),
        ({"skill": "' OR 1 --"}, []),
    ],
)
def test_summaries_can_be_filtered(
    reader: Reader, wanted: dict[str, object], found: list[int]
) -> None:
    assert [line.n for line in reader.trajectories("r1", **wanted)] == found  # type: ignore[arg-type]


def test_a_summary_says_what_the_trajectory_says(reader: Reader) -> None:
    lines = list(reader.trajectories("r1"))

    assert [(x.id, x.status, x.reward, x.reason, x.error) for x in lines] == [
        (x.id, x.status, x.reward, x.reason, x.error) for x in WHOLE
    ]
    assert [x.attempts for x in lines] == [2, 2, 2, 0, 2]


def test_assignments_are_read_back_and_those_not_ended_are_open(reader: Reader) -> None:
    assert [a.n for a in reader.assignments("r1")] == [0, 1, 2, 3, 4, 5]
    assert list(reader.open_assignments("r1")) == [Assignment(n=5, skill="s1", seed=5)]


def test_counts_name_every_status(reader: Reader) -> None:
    assert reader.counts("r1") == {"accepted": 2, "rejected": 1, "unscored": 1, "failed": 1}
    assert reader.counts("r0") == {"accepted": 0, "rejected": 0, "unscored": 0, "failed": 0}


async def test_tallies_add_up(path: Path) -> None:
    with Store.open(path) as store:
        journal = SqliteJournal(store.writer)
        for place, cost in ((0, 0.25), (1, None)):
            await journal.keep(call(place, cost), site(WHOLE[0].id, "student", idx=place))
        await journal.find(call(0, None).request, site(WHOLE[1].id, "student"))
    with Reader.open(path) as reader:
        sums = reader.tallies("r1")
        nothing = reader.tallies("r0")

    assert (sums.accepted, sums.rejected, sums.unscored, sums.failed) == (2, 1, 1, 1)
    assert (sums.episodes, sums.attempts) == (5, 8)
    assert (sums.model_calls, sums.journal_hits, sums.unpriced) == (2, 1, 1)
    assert (sums.tokens_in, sums.tokens_out, sums.cost_usd) == (6, 2, 0.25)
    assert sums.reasons == {"error": 1, "undecided": 1, "wrong": 1}
    assert [(s.skill, s.accepted, s.attempts) for s in sums.skills] == [("s0", 2, 6), ("s1", 0, 2)]
    assert [s.mean_reward for s in sums.skills] == [1.0, 0.0]
    assert (nothing.episodes, nothing.cost_usd, nothing.skills) == (0, 0.0, ())


def site(trajectory_id: str, role: Role, idx: int = 0, revision: int = 0) -> CallSite:
    return CallSite(trajectory_id=trajectory_id, seed=0, role=role, idx=idx, revision=revision)


def call(draw: int, cost: float | None) -> ModelCall:
    messages = (Message(role="user", content="hi"),)
    asked = Request(endpoint="e", model="m", messages=messages, draw=draw)
    return ModelCall(
        request_digest=ids.request_digest(asked),
        request=asked,
        reply=Reply(text="t", raw="{}", tokens_in=3, tokens_out=1),
        latency_s=0.1,
        cost_usd=cost,
    )


async def test_calls_come_in_the_order_of_the_episode(path: Path) -> None:
    own = WHOLE[0].id
    sites = [
        site(own, "teacher"),
        site(own, "student"),
        site(own, "critic"),
        site(own, "student", idx=1),
        site(own, "critic", idx=1),
        site(own, "student", revision=1),
        site(own, "critic", revision=1),
    ]
    with Store.open(path) as store:
        journal = SqliteJournal(store.writer)
        for draw, one in reversed(list(enumerate(sites))):
            await journal.keep(call(draw, None), one)
    with Reader.open(path) as reader:
        assert [used.site for used in reader.calls(own)] == sites


async def test_a_run_can_be_read_while_it_is_written_and_a_stream_sees_one_moment(
    path: Path,
) -> None:
    with Store.open(path) as store, Reader.open(path) as reader:
        stream = reader.stream("r1")
        first = next(stream)
        more = trajectory(6, "accepted")
        await store.assign("r1", more.assignment)
        await store.land(more)
        assert [first, *stream] == WHOLE
        assert list(reader.stream("r1"))[-1] == more


def test_a_reader_cannot_write(reader: Reader) -> None:
    with pytest.raises(StorageError, match="readonly"):
        list(reader.rows("DELETE FROM runs"))


def test_a_reader_leaves_one_file_behind(path: Path) -> None:
    before = path.read_bytes()
    with Reader.open(path) as reader:
        list(reader.stream("r1"))

    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["a.db"]


def test_a_database_in_a_folder_that_cannot_be_written_is_read_where_sqlite_can(
    path: Path,
) -> None:
    path.chmod(0o444)
    with Reader.open(path) as reader:
        assert reader.latest_run() == RUN


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("attempts", "slips = '7'"),
        ("verdicts", "checks = '[{}]'"),
        ("lessons", "steps = '{}'"),
        ("assignments", "practice = '[]'"),
        ("trajectories", "findings = '1'"),
        ("runs", "config = '[]'"),
    ],
)
def test_a_row_that_holds_no_record_any_more_is_named(path: Path, table: str, change: str) -> None:
    connection = connect(path)
    connection.execute(f"UPDATE {table} SET {change}")
    connection.close()
    with Reader.open(path) as reader, pytest.raises(Corrupt, match=f"^{table} '"):
        [*reader.runs(), *reader.stream("r1")]


def test_no_reader_is_made_where_there_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        Reader.open(tmp_path / "a.db")
    assert not list(tmp_path.iterdir())


def test_streaming_holds_one_trajectory_at_a_time(path: Path) -> None:
    connection = connect(path)
    connection.execute("UPDATE attempts SET text = hex(zeroblob(1000000))")
    connection.close()
    code = """
import pathlib, sys, tracemalloc
from storage.queries import Reader
with Reader.open(pathlib.Path(sys.argv[1])) as reader:
    tracemalloc.start()
    for _ in reader.stream("r1"):
        pass
print(tracemalloc.get_traced_memory()[1])
"""
    said = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert int(said.stdout) < 14_000_000
