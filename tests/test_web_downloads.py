"""Files that leave the pages, and those who stop reading them halfway."""

import asyncio
import socket
import sqlite3
import time
from contextlib import closing

import pytest

pytest.importorskip("starlette", reason='the pages come with pip install "lyceum[web]"')
from storage.web.answering import Download
from tests.reviewed import attempt_of, index_all, judge, several
from tests.served import served

_LONG = 250_000
"""Characters of an attempt: some dozens of them fill every buffer on the way."""


@pytest.fixture
def pages(classroom, tmp_path):
    with served(classroom.written(tmp_path / "a.db", *several(classroom))) as running:
        index_all(running)
        yield running


@pytest.fixture
def long(classroom, tmp_path):
    made = [
        classroom.episode(n, f"{n}?", classroom.tried("more " * (_LONG // 5) + "Answer: 7"))
        for n in range(50)
    ]
    with served(classroom.written(tmp_path / "a.db", *made)) as running:
        index_all(running)
        yield running


def carried_over(database, patience_s=3.0):
    """Return whether all that the log holds can be written into the database, so that it ends."""
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        connection.execute("INSERT INTO changes (trajectory_id, at) VALUES ('t', 'now')")
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            busy, left, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return left == 0
            time.sleep(0.1)
    return False


def begin(pages, path):
    """Ask for a file, read its beginning, and no more."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", pages.port))
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{pages.port}\r\n\r\n".encode())
    assert line.recv(100).startswith(b"HTTP/1.1 200")
    time.sleep(1)
    return line


def test_who_stops_reading_a_file_keeps_nothing_of_the_database(long):
    with closing(begin(long, "/trajectories.jsonl")) as line:
        assert carried_over(long.desk.database)
        assert len(line.recv(100)) == 100  # it was still being sent
    assert carried_over(long.desk.database)


def test_no_page_keeps_anything_of_the_database_once_it_is_made(pages):
    judge(pages, attempt_of(1), "accepted")
    audit = pages.send("/audits", {"run": "r1", "size": "3", "seed": "1"}).headers["location"]
    for path in (
        "/", "/runs/r1", "/runs/r1/curriculum", "/runs/none", "/trajectories", "/trajectories/0",
        "/trajectories/t", "/trajectories.csv", "/trajectories?text=more", "/review",
        f"/review/{attempt_of(1)}", f"/review/{attempt_of(2)}", "/audits", audit, f"{audit}/next",
    ):  # fmt: skip
        assert pages.ask(path).status in (200, 303, 307, 404), path
        assert carried_over(pages.desk.database), path


def test_what_makes_a_file_ends_with_whoever_asked_for_it():
    ended = []

    def endless():
        try:
            while True:
                yield b"more"
        finally:
            ended.append(True)

    async def asked():
        begun = asyncio.Event()

        async def receive():
            await begun.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            if message["type"] == "http.response.body":
                begun.set()
                await asyncio.Event().wait()  # nobody reads

        await Download(parts, "a.txt", "text/plain")({"type": "http"}, receive, send)

    parts = endless()
    asyncio.run(asked())
    assert ended == [True]
