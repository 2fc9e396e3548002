"""Verify re-derives what a program can: answers, program verdicts, statuses; audit the digests."""

import sqlite3

import pytest

from graphs import embedded_faculty, make_graph
from graphs.verify import verify
from storage.audit import audit
from storage.ids import run_id
from storage.queries import Reader
from storage.records import Assignment, Run
from storage.store import Store

RUN = run_id({})


@pytest.fixture
async def path(tmp_path):
    faculty = embedded_faculty(seed=7, attempts=2, max_revisions=0)
    with Store.open(tmp_path / "lyceum.db") as store:
        await store.begin(
            Run(id=RUN, identity={}, config={}, seed=7, episodes=6, created_at="2026-01-01")
        )
        for n in range(6):
            asked = Assignment(n=n, skill="sorting", level=2, seed=n, ordinal=n)
            await store.assign(RUN, asked)
            out = await make_graph().ainvoke({"assignment": asked, "run_id": RUN}, context=faculty)
            await store.land(out["trajectory"])
    return tmp_path / "lyceum.db"


def stored_in(path):
    with Reader.open(path) as reader:
        return list(reader.stream(RUN))


async def found_in(stored):
    return [(d.table, d.id, d.column) for d in (await verify(stored)).disagreements]


def edit(path, sql, *values):
    database = sqlite3.connect(path)
    database.execute("PRAGMA ignore_check_constraints = ON")
    database.execute(sql, values)
    database.commit()
    database.close()


def faults(path):
    with Reader.open(path) as reader:
        return {(f.table, f.column) for f in audit(reader, RUN)}


async def test_what_was_made_holds_and_every_check_is_run_again(path):
    found = await verify(stored_in(path))
    assert (found.disagreements, found.trajectories, found.checks) == ([], 6, 12)
    assert faults(path) == set()


async def test_an_answer_that_the_text_does_not_state_is_named(path):
    stored = stored_in(path)
    wrong = stored[0].attempts[0].model_copy(update={"answer": "7"})
    stored[0] = stored[0].model_copy(update={"attempts": (wrong, *stored[0].attempts[1:])})
    assert ("attempts", wrong.id, "answer") in await found_in(stored)


async def test_a_verdict_that_the_program_does_not_give_is_named(path):
    stored = stored_in(path)
    bent = stored[0].verdicts[0].model_copy(update={"reward": 0.5})
    stored[0] = stored[0].model_copy(update={"verdicts": (bent, *stored[0].verdicts[1:])})
    places = await found_in(stored)
    assert ("verdicts", bent.id, "reward") in places


async def test_a_judges_verdict_is_held_to_its_checks_only_and_a_persons_to_nothing(path):
    stored = stored_in(path)
    first = stored[0].verdicts[0]
    judge = first.model_copy(update={"rung": "judge", "critique": "well said"})
    person = first.model_copy(update={"id": "v-person", "rung": "person", "checks": ()})
    stored[0] = stored[0].model_copy(update={"verdicts": (judge, *stored[0].verdicts[1:], person)})
    assert [place for place in await found_in(stored) if place[0] == "verdicts"] == []


async def test_a_verdict_on_no_attempt_of_the_episode_is_named(path):
    stored = stored_in(path)
    stray = stored[0].verdicts[0].model_copy(update={"attempt_id": "a-none"})
    stored[0] = stored[0].model_copy(update={"verdicts": (stray, *stored[0].verdicts[1:])})
    assert ("verdicts", stray.id, "attempt_id") in await found_in(stored)


async def test_a_status_that_does_not_follow_from_its_verdicts_is_named(path):
    stored = stored_in(path)
    stored[0] = stored[0].model_copy(update={"status": "unscored", "reason": "abstained"})
    columns = {place[2] for place in await found_in(stored)}
    assert {"status", "reason"} <= columns


@pytest.mark.parametrize(
    ("table", "column", "value", "named"),
    [
        ("lessons", "question", "Why?", "question"),
        ("lessons", "reference", "7", "id"),
        ("attempts", "text", "7", "digest"),
        ("attempts", "slips", '["no slip"]', "digest"),
        ("verdicts", "critique", "7", "digest"),
        ("trajectories", "solved", 99, "solved"),
        ("trajectories", "digest", "sha256:0", "digest"),
        ("runs", "identity", '{"seed": 8}', "identity"),
        ("runs", "identity", '{"seed": 8}', "seed"),
    ],
)
async def test_the_audit_names_the_table_and_what_no_longer_fits(path, table, column, value, named):
    edit(
        path,
        f"UPDATE {table} SET {column} = ? WHERE rowid = (SELECT max(rowid) FROM {table})",
        value,
    )
    assert (table, named) in faults(path)


async def test_an_assignment_that_was_moved_is_named(path):
    edit(path, "UPDATE assignments SET n = 70 WHERE n = 2")
    assert ("assignments", "trajectory_id") in faults(path)
