"""What the pages borrow: readers, the index, and what people's verdicts go through."""

import asyncio
import threading
import time

import pytest

pytest.importorskip("starlette", reason='the pages come with pip install "lyceum[web]"')
from storage.errors import Away
from storage.queries import Reader
from storage.store import Store
from storage.web import desk as desks
from storage.web.desk import Desk
from tests.served import served


@pytest.fixture
def path(classroom, tmp_path):
    one = classroom.episode(0, "How many?", classroom.tried("Answer: 7"))
    return classroom.written(tmp_path / "a.db", one)


@pytest.fixture
def desk(path):
    made = Desk(path, person="Ada", steps=list, tell=TOLD.append)
    TOLD.clear()
    yield made
    made.close()


TOLD: list[str] = []


def land(path, *episodes):
    async def write():
        with Store.open(path) as store:
            for one in episodes:
                await store.assign(one.run_id, one.assignment)
                await store.land(one)

    asyncio.run(write())


def test_a_reader_is_lent_again(desk):
    with desk.reader() as first:
        pass
    with desk.reader() as second, desk.reader() as third:
        assert second is first
        assert third is not first


def test_a_reader_that_met_an_error_is_not_lent_again(desk):
    with pytest.raises(KeyError), desk.reader() as first:
        raise KeyError
    with desk.reader() as second:
        assert second is not first
        assert len(second.runs()) == 1


def test_all_that_one_request_reads_is_of_one_moment(desk, path, classroom):
    with desk.reader() as reader:
        before = sum(reader.counts("r1").values())
        land(path, classroom.episode(1, "More?", classroom.tried("Answer: 7")))

        assert sum(reader.counts("r1").values()) == before
    with desk.reader() as reader:
        assert sum(reader.counts("r1").values()) == before + 1


def test_what_has_just_landed_is_in_the_index(desk, path, classroom):
    assert len(desk.index().rows("SELECT n FROM listed")) == 1
    land(path, *(classroom.episode(n, f"{n}?", classroom.tried("Answer: 7")) for n in range(1, 9)))

    assert len(desk.index().rows("SELECT n FROM listed")) == 9


def test_the_index_follows_by_itself_while_requests_come(path, classroom):
    with served(path) as pages:
        land(path, classroom.episode(1, "More?", classroom.tried("Answer: 7")))
        found = 0
        for _ in range(100):
            pages.desk._asked.set()
            time.sleep(0.1)
            [(found,)] = pages.desk._index.rows("SELECT count(*) FROM listed")
            if found == 2:
                break

    assert found == 2


def test_who_asks_first_finds_all_that_there_is(many, tmp_path):
    copied = tmp_path / "many.db"
    copied.write_bytes(many.read_bytes())
    made = Desk(copied, person=None, steps=list, tell=TOLD.append)
    made.start()
    try:
        [[count]] = made.index().rows("SELECT count(*) FROM listed")
        assert count == 2000 or made.indexing
    finally:
        made.close()


def test_a_long_way_to_go_is_said_at_the_terminal_and_on_every_page(path, classroom, monkeypatch):
    more = [classroom.episode(n, f"{n}?", classroom.tried("Answer: 7")) for n in range(1, 60)]
    land(path, *more)
    monkeypatch.setattr(desks, "_AT_ONCE", 5)
    monkeypatch.setattr(desks, "_TURN", 10)
    monkeypatch.setattr(desks, "_SAY_EVERY_S", 0.0)
    with served(path) as pages:
        while pages.desk.indexing or not pages.told:
            time.sleep(0.02)
        pages.desk._say("trajectories", 120_000, 1_000_000)
        shown = pages.page("/")
        pages.desk.indexing = None

        assert "Indexing trajectories: 120,000 of 1,000,000." in shown
        assert any(line.startswith("indexing trajectories: ") for line in pages.told)
        assert "Indexing" not in pages.page("/")


def test_a_database_that_is_gone_lends_nothing(desk, path, tmp_path):
    people = desk.people()
    path.rename(tmp_path / "b.db")

    for borrow in (desk.people, desk.index, desk.reader().__enter__):
        with pytest.raises(Away, match="not there any more"):
            borrow()
    (tmp_path / "b.db").rename(path)
    assert desk.people() is not people


def test_a_verdict_is_written_to_the_file_that_has_the_name_now(desk, path, classroom, tmp_path):
    desk.people()
    other = classroom.written(tmp_path / "b.db", runs=("r1", "r9"))
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    other.rename(path)

    with desk.people().writing() as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone()[0] == 2


def test_threads_have_readers_of_their_own(desk):
    seen: list[Reader] = []
    together = threading.Barrier(6)

    def borrow():
        with desk.reader() as reader:
            seen.append(reader)
            together.wait(10)

    threads = [threading.Thread(target=borrow) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(map(id, seen))) == 6
