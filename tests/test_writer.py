import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import writer as writer_module
from storage.database import connect, prepare
from storage.errors import DiskError, Locked, Refused, StorageError
from storage.writer import Writer

TOUCH = "INSERT INTO expert_seeds (id, example) VALUES (?, 'x')"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    prepare(tmp_path / "a.db", create=True)
    return tmp_path / "a.db"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    writer = Writer(path, patience_s=0.2)
    yield writer
    writer.close()


def names(path: Path) -> list[str]:
    other = sqlite3.connect(path)
    found = [row[0] for row in other.execute("SELECT id FROM expert_seeds ORDER BY id")]
    other.close()
    return found


async def test_what_run_returned_is_seen_by_another_connection(writer: Writer, path: Path) -> None:
    value = await writer.run(lambda c: c.execute(TOUCH, ("a",)).rowcount)

    assert value == 1
    assert names(path) == ["a"]


async def test_operations_that_wait_share_one_transaction(writer: Writer) -> None:
    gate = threading.Event()
    first = asyncio.ensure_future(writer.run(lambda _: gate.wait(5)))
    await asyncio.sleep(0.05)
    begun: list[str] = []
    writer._connection.set_trace_callback(begun.append)
    rest = [
        asyncio.ensure_future(writer.run(lambda c, n=n: c.execute(TOUCH, (str(n),))))
        for n in range(50)
    ]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *rest)

    assert begun.count("BEGIN IMMEDIATE") == 1


async def test_an_operation_that_fails_is_undone_alone(writer: Writer, path: Path) -> None:
    def half(connection: sqlite3.Connection) -> None:
        connection.execute(TOUCH, ("half",))
        raise ValueError("no")

    results = await asyncio.gather(
        writer.run(lambda c: c.execute(TOUCH, ("before",))),
        writer.run(half),
        writer.run(lambda c: c.execute("INSERT INTO lessons (id) VALUES ('x')")),
        writer.run(lambda c: c.execute(TOUCH, ("after",))),
        return_exceptions=True,
    )

    assert [type(r) for r in results] == [sqlite3.Cursor, ValueError, Refused, sqlite3.Cursor]
    assert names(path) == ["after", "before"]


async def test_a_misspelt_table_fails_and_makes_no_table(writer: Writer) -> None:
    with pytest.raises(StorageError, match="no such table: trajectorys"):
        await writer.run(lambda c: c.execute("INSERT INTO trajectorys VALUES (1)"))


async def test_a_full_disk_reaches_everyone_who_waits_and_the_writer_goes_on(
    writer: Writer, path: Path
) -> None:
    await writer.run(lambda c: c.execute("PRAGMA max_page_count = 60").fetchone())
    big = "x" * 1_000_000
    results = await asyncio.gather(
        *(writer.run(lambda c, n=n: c.execute(TOUCH, (f"{n}{big}",))) for n in range(3)),
        return_exceptions=True,
    )

    assert [type(r) for r in results] == [DiskError] * 3
    assert "free some space" in str(results[0])
    await writer.run(lambda c: c.execute(TOUCH, ("small",)))
    assert names(path) == ["small"]


async def test_a_database_that_others_hold_is_locked_for_all_who_wait(
    writer: Writer, path: Path
) -> None:
    other = connect(path)
    other.execute("BEGIN IMMEDIATE")
    results = await asyncio.gather(
        *(writer.run(lambda c: c.execute(TOUCH, ("a",))) for _ in range(3)),
        return_exceptions=True,
    )
    other.execute("ROLLBACK")
    other.close()

    assert {type(r) for r in results} == {Locked}
    assert "\n" not in str(results[0])
    await writer.run(lambda c: c.execute(TOUCH, ("a",)))


async def test_the_event_loop_runs_while_the_writer_is_busy_and_full(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "WAITING", 4)
    writer = Writer(path)
    gate = threading.Event()
    jobs = [asyncio.ensure_future(writer.run(lambda _: gate.wait(5)))]
    jobs += [asyncio.ensure_future(writer.run(lambda _: None)) for _ in range(20)]
    await asyncio.sleep(0.05)

    assert writer._queue.qsize() <= 3
    assert not any(job.done() for job in jobs)
    gate.set()
    await asyncio.gather(*jobs)
    writer.close()


async def test_closing_writes_what_waits(path: Path) -> None:
    writer = Writer(path)
    jobs = [
        asyncio.ensure_future(writer.run(lambda c, n=n: c.execute(TOUCH, (str(n),))))
        for n in range(9)
    ]
    await asyncio.sleep(0)
    writer.close()
    writer.close()

    await asyncio.gather(*jobs)
    assert len(names(path)) == 9
    with pytest.raises(StorageError, match="closed"):
        await writer.run(lambda _: None)


async def test_a_caller_that_is_cancelled_holds_nobody_up(writer: Writer, path: Path) -> None:
    gate = threading.Event()
    first = asyncio.ensure_future(writer.run(lambda _: gate.wait(5)))
    gone = asyncio.ensure_future(writer.run(lambda c: c.execute(TOUCH, ("gone",))))
    await asyncio.sleep(0.05)
    gone.cancel()
    gate.set()
    await first

    await writer.run(lambda c: c.execute(TOUCH, ("after",)))
    assert names(path) == ["after", "gone"]


async def test_a_fault_of_ours_stops_the_writer_and_leaves_nobody_waiting(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", reported.append)

    def faulty(_: sqlite3.Connection) -> None:
        raise AttributeError("a bug")

    writer = Writer(path)
    gate = threading.Event()
    jobs = [asyncio.ensure_future(writer.run(lambda _: gate.wait(5)))]
    jobs += [asyncio.ensure_future(writer.run(faulty)) for _ in range(2)]
    await asyncio.sleep(0.05)
    gate.set()
    results = await asyncio.gather(*jobs, return_exceptions=True)

    assert isinstance(results[2], StorageError)
    writer._thread.join()
    assert reported[0].exc_type is AttributeError
    with pytest.raises(StorageError, match="closed"):
        await writer.run(lambda _: None)


def test_one_writer_serves_one_event_loop_after_another(writer: Writer, path: Path) -> None:
    async def put(name: str) -> None:
        await writer.run(lambda c: c.execute(TOUCH, (name,)))

    asyncio.run(put("a"))
    asyncio.run(put("b"))

    assert names(path) == ["a", "b"]


def test_the_connection_keeps_foreign_keys_and_waits_for_the_disk_as_declared(path: Path) -> None:
    connection = connect(path, patience_s=1.5)
    found = [
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
    ]
    connection.close()

    assert found == [1, "wal", 1, 1500]
