from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import ids
from storage.canonical import canonical
from storage.errors import Corrupt, StorageError
from storage.journal import RecordedJournal, SqliteJournal
from storage.queries import Reader
from storage.records import (
    Assignment,
    CallError,
    CallSite,
    Message,
    ModelCall,
    Reply,
    Request,
    Run,
)
from storage.store import Store

RUN = Run(id="r1", identity={}, config={}, seed=1, episodes=3, created_at="2026-01-01")
OWN = ids.trajectory_id(RUN.id, 0)
SITE = CallSite(trajectory_id=OWN, seed=5, role="student", idx=1, revision=2, turn=3)
REPLY = Reply(text="7\0", reasoning="hm", raw="not { json", tokens_in=3, tokens_out=1)


def request(content: str = "hi", **changes: object) -> Request:
    plain = Request(endpoint="e", model="m", messages=(Message(role="user", content=content),))
    return plain.model_copy(update=changes)


def call(asked: Request, reply: Reply = REPLY) -> ModelCall:
    return ModelCall(
        request_digest=ids.request_digest(asked),
        request=asked,
        reply=reply,
        prompt="student.attempt@1 sha256:00",
        latency_s=0.25,
        cost_usd=0.5,
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    with Store.open(tmp_path / "a.db") as store:
        await store.begin(RUN)
        for n in range(2):
            await store.assign(RUN.id, Assignment(n=n, skill="s", seed=5 + n))
        yield store


async def edit(store: Store, sql: str) -> None:
    await store.writer.run(lambda connection: connection.execute(sql))


async def test_a_kept_call_is_found_by_what_was_asked_and_by_nothing_else(store: Store) -> None:
    journal = SqliteJournal(store.writer)
    assert await journal.find(request(), SITE) is None
    await journal.keep(call(request()), SITE)

    assert await journal.find(request(), SITE) == REPLY
    assert await journal.find(request(draw=1), SITE) is None
    assert await journal.find(request("ho"), SITE) is None


async def test_the_reply_that_stands_is_the_one_to_be_used(store: Store) -> None:
    journal = SqliteJournal(store.writer)
    late = REPLY.model_copy(update={"text": "another", "raw": "another"})
    assert await journal.keep(call(request()), SITE) == REPLY
    assert await journal.keep(call(request(), late), SITE) == REPLY


async def test_a_call_is_stored_whole_with_its_place(store: Store) -> None:
    journal = SqliteJournal(store.writer)
    await journal.keep(call(request()), SITE)

    with Reader.open(store.path) as reader:
        [used] = reader.calls(OWN)
        [row] = reader.rows("SELECT * FROM model_calls")
    assert (used.site, used.call, used.journal_hit) == (SITE, call(request()), False)
    assert row["reply"] == REPLY.raw
    assert row["request"] == canonical(request())
    assert (row["role"], row["model"], row["cost_usd"]) == ("student", "m", 0.5)


async def test_a_place_that_asks_again_after_a_kill_keeps_the_note_that_it_paid(
    store: Store,
) -> None:
    journal = SqliteJournal(store.writer)
    other = SITE.model_copy(update={"trajectory_id": ids.trajectory_id(RUN.id, 1), "seed": 6})
    await journal.keep(call(request()), SITE)
    await journal.find(request(), SITE)
    await journal.find(request(), other)

    with Reader.open(store.path) as reader:
        assert [used.journal_hit for used in reader.calls(OWN)] == [False]
        assert [used.journal_hit for used in reader.calls(other.trajectory_id)] == [True]
        assert reader.tallies(RUN.id).model_calls == 1
        assert reader.tallies(RUN.id).journal_hits == 1


async def test_a_place_that_asks_otherwise_takes_the_new_call(store: Store) -> None:
    journal = SqliteJournal(store.writer)
    await journal.keep(call(request()), SITE)
    await journal.keep(call(request("new"), REPLY), SITE)

    with Reader.open(store.path) as reader:
        assert [used.call.request for used in reader.calls(OWN)] == [request("new")]


async def test_an_error_is_logged_apart_and_never_found(store: Store) -> None:
    journal = SqliteJournal(store.writer)
    digest = ids.request_digest(request())
    error = CallError(request_digest=digest, kind="timeout", message="slow", try_number=2)
    await journal.fail(error, SITE)

    assert await journal.find(request(), SITE) is None
    with Reader.open(store.path) as reader:
        assert reader.errors(OWN) == ((SITE, error),)
        assert reader.tallies(RUN.id).call_errors == 1


async def test_a_replay_answers_by_place_even_when_the_prompt_is_another(store: Store) -> None:
    await SqliteJournal(store.writer).keep(call(request()), SITE)
    recorded = RecordedJournal(store.path)
    found = await recorded.find(request("new prompt", model="other"), SITE)
    nothing = await recorded.find(request(), SITE.model_copy(update={"turn": 4}))
    recorded.close()

    assert (found, nothing) == (REPLY, None)
    assert [d["column"] for d in recorded.differences] == ["model", "request"]
    assert recorded.differences[0]["id"] == ids.request_digest(request())
    assert "student.attempt@1" in recorded.differences[1]["what"]
    assert recorded.disagreements == []


async def test_a_replay_of_the_same_prompt_finds_no_difference(store: Store) -> None:
    await SqliteJournal(store.writer).keep(call(request()), SITE)
    recorded = RecordedJournal(store.path)
    for _ in range(2):
        assert await recorded.find(request(endpoint="moved"), SITE) == REPLY
    recorded.close()

    assert (recorded.differences, recorded.disagreements) == ([], [])


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("reply = reply || ' '", "reply"),
        ("text = '8'", "reply"),
        ("reasoning = NULL", "reply"),
        ("tokens_out = 9", "reply"),
        ("finish_reason = 'length'", "reply"),
        ("request = replace(request, 'hi', 'ho')", "request"),
    ],
)
async def test_a_replay_names_a_call_that_was_edited_by_hand(
    store: Store, change: str, column: str
) -> None:
    await SqliteJournal(store.writer).keep(call(request()), SITE)
    await edit(store, f"UPDATE model_calls SET {change}")
    recorded = RecordedJournal(store.path)
    for _ in range(2):
        await recorded.find(request(), SITE)
    recorded.close()

    [found] = recorded.disagreements
    assert (found["table"], found["column"]) == ("model_calls", column)
    assert found["id"] == ids.request_digest(request())


async def test_a_request_that_is_no_request_any_more_is_corrupt(store: Store) -> None:
    await SqliteJournal(store.writer).keep(call(request()), SITE)
    await edit(store, "UPDATE model_calls SET request = '[]'")
    recorded = RecordedJournal(store.path)
    with pytest.raises(Corrupt, match=f"model_calls '{ids.request_digest(request())}'"):
        await recorded.find(request(), SITE)
    recorded.close()


async def test_a_replay_keeps_nothing(store: Store) -> None:
    recorded = RecordedJournal(store.path)
    error = CallError(request_digest="d", kind="timeout", message="", try_number=1)
    with pytest.raises(StorageError, match="replay"):
        await recorded.keep(call(request()), SITE)
    with pytest.raises(StorageError, match="replay"):
        await recorded.fail(error, SITE)
    recorded.close()
