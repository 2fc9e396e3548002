"""The server of the pages: where it listens, what it says, how it ends, and what it survives."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason='the pages come with pip install "lyceum[web]"')
from storage.errors import Missing, Newer, NotInstalled, NotOurs, NotWritable
from storage.web import server
from storage.web.server import listening, serve
from tests.served import served

ROOT = Path(__file__).resolve().parents[1]
SERVING = """
import sys
from pathlib import Path
from agents.steps.written import written_steps
from storage.web.server import serve

def tell(line):
    print(line, flush=True)

db, port = Path(sys.argv[1]), int(sys.argv[2])
serve(db, person=None, port=port, steps=written_steps, tell=tell, opens=False)
print("ended in order", flush=True)
"""
LOADED = """
import sys
import run
if sys.argv[1:]:
    try:
        run.main()
    except SystemExit:
        pass
print(" ".join(sys.modules))
"""
OF_THE_PAGES = (
    "starlette", "uvicorn", "python_multipart", "latex2mathml", "playwright",
    "storage.web", "storage.report.html", "storage.index", "storage.traces",
)  # fmt: skip
"""What only the commands that show pages or send traces may load."""


@pytest.fixture
def database(classroom, tmp_path) -> Path:
    one = classroom.episode(0, "How many?", classroom.tried("Answer: 7"))
    return classroom.written(tmp_path / "a.db", one)


@contextmanager
def process(database: Path, port: int = 0) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Serve from a process of its own; yield it and the address that it told."""
    started = subprocess.Popen(
        [sys.executable, "-c", SERVING, str(database), str(port)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        assert started.stdout
        line = started.stdout.readline()
        while line and "serving" not in line:
            line = started.stdout.readline()
        yield started, next(word for word in line.split() if word.startswith("http"))
    finally:
        started.kill()
        started.communicate()


def get(address: str) -> int:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return int(answer.status)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_in_order(database, number):
    with process(database) as (started, address):
        assert get(address) == 200
        started.send_signal(number)
        said, errors = started.communicate(timeout=60)

        assert (started.returncode, said, errors) == (0, "ended in order\n", "")


def test_a_server_that_was_killed_leaves_nothing_that_stops_the_next(database):
    with process(database) as (started, address):
        started.kill()
        started.wait(60)
        port = int(address.rstrip("/").rpartition(":")[2])

        with process(database, port) as (_, again):
            assert again == address
            assert get(again) == 200


def test_a_port_in_use_is_left_and_the_next_free_one_is_named(database):
    with listening(0) as taken:
        port = taken.getsockname()[1]
        told: list[str] = []
        thread = threading.Thread(target=serving_until_told, args=(database, port, told))
        thread.start()
        while not any("serving" in line for line in told):
            time.sleep(0.02)
        other = int(told[1].split("http://127.0.0.1:")[1].split("/")[0])
        get(f"http://127.0.0.1:{other}/")
        ENDING.set()
        thread.join(60)

    assert other > port
    assert told[0] == f"port {port} is in use; {other} is the next free one"


ENDING = threading.Event()


def serving_until_told(database: Path, port: int, told: list[str]) -> None:
    """Serve in a thread, where no signal comes; end when the event is set."""
    ENDING.clear()
    made = server.make_server

    def remembered(*arguments: Any) -> Any:
        running = made(*arguments)
        threading.Thread(
            target=lambda: (ENDING.wait(120), setattr(running, "should_exit", True))
        ).start()
        return running

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "make_server", remembered)
        serve(database, person=None, port=port, steps=list, tell=told.append, opens=False)


def test_where_no_port_is_free_that_is_said(monkeypatch):
    monkeypatch.setattr(server, "_TRIES", 1)
    with (
        listening(0) as taken,
        pytest.raises(NotWritable, match="is free; name another"),
        listening(taken.getsockname()[1]),
    ):
        pass


@pytest.mark.parametrize("port", [65_535, 1])
def test_ports_at_the_ends_are_no_trouble(port):
    try:
        with listening(port) as door:
            assert door.getsockname()[0] == "127.0.0.1"
    except NotWritable:
        pass


def test_only_this_machine_is_listened_to():
    with listening(0) as door:
        assert door.getsockname()[0] == "127.0.0.1"
        other = socket.create_connection(("127.0.0.1", door.getsockname()[1]), timeout=5)
        other.close()


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "UPDATE _sqlite_migrations SET name = 'm999_later' WHERE name LIKE 'm001%'"
        )
        connection.commit()


def test_what_is_wrong_with_the_database_is_said_before_anything_is_bound(database, tmp_path):
    foreign(tmp_path / "foreign.db")
    newer(database)
    (tmp_path / "text.db").write_text("no database at all, but long enough to be looked at" * 40)
    cases = {"none.db": Missing, "foreign.db": NotOurs, "text.db": NotOurs, database.name: Newer}
    for name, kind in cases.items():
        told: list[str] = []
        with pytest.raises(kind) as caught:
            serve(tmp_path / name, person=None, steps=list, tell=told.append, opens=False)
        assert told == []
        assert "\n" not in str(caught.value)


def test_a_missing_package_is_named_with_its_remedy(database, monkeypatch):
    monkeypatch.setattr(server, "_NEEDED", ("starlette", "no_such_package"))

    with pytest.raises(NotInstalled, match=r'no_such_package .* pip install "lyceum\[web\]"'):
        serve(database, person=None, steps=list, tell=print, opens=False)


def test_a_database_that_goes_away_and_comes_back_is_told_as_that(database, tmp_path):
    with served(database) as pages:
        assert pages.ask("/").status == 200
        away = database.rename(tmp_path / "elsewhere.db")
        gone = pages.ask("/")
        also = pages.ask("/?format=json")
        away.rename(database)

        assert gone.status == also.status == 503
        assert "not there any more" in gone.text
        assert "not there any more" in also.plain["error"]
        assert pages.ask("/").status == 200
        assert not (tmp_path / "a.db-journal").exists()


def test_another_database_at_the_same_place_is_read_as_what_it_is(database, classroom, tmp_path):
    other = classroom.written(tmp_path / "b.db", runs=("r1", "r2"))
    with served(database) as pages:
        assert len(pages.plain("/")["runs"]) == 1
        for path in (database, other):
            for end in ("-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
        other.rename(database)

        assert len(pages.plain("/")["runs"]) == 2


def test_a_database_that_is_locked_is_told_as_that_and_then_read_again(database):
    with served(database) as pages, closing(sqlite3.connect(database)) as writer:
        pages.ask("/")
        pages.desk.close()  # or its connections would keep the lock from being taken
        writer.execute("PRAGMA locking_mode = EXCLUSIVE")
        writer.execute("BEGIN EXCLUSIVE")
        writer.execute("UPDATE runs SET seed = seed")
        found = pages.ask("/")
        writer.execute("ROLLBACK")
        writer.close()

        assert found.status == 503
        assert "another process is writing" in found.text
        assert pages.ask("/").status == 200


def test_many_requests_at_once_are_all_answered(database):
    found: list[int] = []
    with served(database) as pages:

        def ask() -> None:
            found.extend(pages.ask(path).status for path in ("/", "/runs/r1", "/static/layout.css"))

        threads = [threading.Thread(target=ask) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == [200] * 72


def test_a_fault_of_ours_is_a_page_without_its_traceback_and_a_line_at_the_terminal(
    database, monkeypatch
):
    with served(database) as pages:
        monkeypatch.setattr(type(pages.desk), "now", lambda self: 1 / 0)
        found = pages.ask("/runs/r1")

        assert found.status == 500
        assert "Traceback" not in found.text
        assert "ZeroDivisionError" not in found.text
        assert found.headers["content-security-policy"]
        [line] = pages.told
        assert line.startswith("/runs/r1: ZeroDivisionError")


def test_a_path_at_the_terminal_is_clean_and_on_one_line(database, monkeypatch):
    with served(database) as pages:
        monkeypatch.setattr(pages.desk, "reader", lambda: 1 / 0)
        assert pages.ask("/runs/%1B%5B31mred%0Aline").status == 500
        [line] = pages.told
        assert "\x1b" not in line
        assert "\n" not in line
        assert line.startswith("/runs/")


@pytest.mark.parametrize("arguments", [[], ["generate", "--episodes", "3"], ["inspect"]])
def test_nothing_else_loads_what_only_pages_need(arguments, tmp_path, database):
    db = ["--db", str(database if arguments == ["inspect"] else tmp_path / "new.db")]
    code = [sys.executable, "-c", LOADED, *arguments, *(db if arguments else [])]
    done = subprocess.run(code, cwd=ROOT, capture_output=True, text=True, check=False)
    loaded = done.stdout.splitlines()[-1].split()

    assert "run" in loaded, done.stderr
    assert [each for each in loaded if is_of_the_pages(each)] == []


def is_of_the_pages(module: str) -> bool:
    if module in ("storage.traces", "storage.traces.tracing"):
        return False  # the options of `trace`, which the command line has to know
    return any(module == each or module.startswith(f"{each}.") for each in OF_THE_PAGES)


def test_the_watch_on_what_is_loaded_sees_what_it_is_for():
    code = "import sys, storage.web.app; print(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seen = {each for each in OF_THE_PAGES if each in done.stdout.split()}

    assert {"starlette", "storage.web", "storage.report.html"} <= seen


def test_the_address_that_is_opened_first_is_said_as_an_address(database):
    told: list[str] = []
    ENDING.set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "make_server", lambda desk, port: Ended())
        serve(
            database, person=None, port=0, start="/trajectories/<b>\n\x1b[31m", steps=list,
            tell=told.append, opens=False,
        )  # fmt: skip

    [line] = told
    assert "/trajectories/%3Cb%3E%0A%1B%5B31m " in line
    assert json.dumps(line).count("\\u001b") == 0


class Ended:
    """A server that has nothing to do."""

    def run(self, sockets: list[socket.socket]) -> None:
        """Serve nobody."""
