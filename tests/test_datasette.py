"""The ready page for Datasette describes the tables that there are, and its queries answer."""

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from storage import ids
from storage.journal import SqliteJournal
from storage.people.acts import Said
from storage.people.giving import People
from storage.records import CallError, CallSite, ExpertSeed, Message, ModelCall, Reply, Request
from storage.store import TABLES, Store

DOCS = Path(__file__).parents[1] / "docs"
READY = yaml.safe_load((DOCS / "datasette.yaml").read_text(encoding="utf-8"))
TOLD = READY["databases"]["lyceum"]
QUERIES = TOLD["queries"]
RUN = "r" + "2" * 32
SEED = ExpertSeed(id="s1", example="1 + 1?", author="ada", licence="CC0")


def a_call(role):
    request = Request(
        endpoint="http://h/v1", model="m", messages=(Message(role="user", content=role),)
    )
    return ModelCall(
        request_digest=ids.request_digest(request), request=request, latency_s=0.2, cost_usd=0.25,
        reply=Reply(text="7", raw="{}", tokens_in=3, tokens_out=1), prompt="p.q@1 sha256:1",
    )  # fmt: skip


async def filled(path, episodes):
    async with asyncio.timeout(30):
        with Store.open(path) as store:
            journal = SqliteJournal(store.writer)
            for moment in ("2026-01-01T00:00:00", "2026-01-01T00:00:05"):
                await store.pulse(
                    RUN, moment, in_flight=1, open_episodes=1, forecast_usd=1.0, forecast_s=9.0
                )
            for made in episodes:
                for role in ("teacher", "student", "critic"):
                    site = CallSite(trajectory_id=made.id, seed=0, role=role)
                    await journal.keep(a_call(role), site)
                error = CallError(
                    request_digest="sha256:1", kind="timeout", message="slow", try_number=1
                )
                await journal.fail(error, site)


def say(path, attempt, status, person, token, **more):
    with People.open(path) as people:
        return people.give(
            attempt, Said(status=status), person=person, token=token, blind=True, **more
        )


@pytest.fixture(scope="module")
def database(tmp_path_factory, classroom):
    """A database in which every query has something to find; a connection to it."""
    path = tmp_path_factory.mktemp("datasette") / "lyceum.db"
    tried, episode = classroom.tried, classroom.episode
    own = {"run": RUN, "skill": "sums", "expert_seed": "s1"}
    wrong = tried("1. It is 8.", "rejected", reason="wrong", wrong_step=1, critique="Count.")
    made = [
        episode(0, "1 + 6?", wrong, tried("It is 7.", idx=0, revision=1), **own),
        episode(1, "2 + 5?", tried("8", "unscored", reason="undecided"), **own).model_copy(
            update={"status": "unscored", "reward": None, "reason": "undecided"}
        ),
        episode(2, "3 + 4?", tried("A seven."), **own),
        episode(3, "4 + 3?", tried("8", "rejected"), tried("7", idx=0, revision=1), **own),
    ]
    classroom.written(path, *made, seeds=[SEED], runs=(RUN,))
    asyncio.run(filled(path, made))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO audits VALUES ('d1', ?, 1, 2, '2026-01-02')", (RUN,))
        drawn = made[2].attempts[0].id
        connection.execute("INSERT INTO audited VALUES ('d1', 0, ?)", (drawn,))
    say(path, drawn, "rejected", "ada", "1", audit_id="d1")
    say(path, drawn, "accepted", "bo", "2")
    taken = say(path, made[0].attempts[1].id, "rejected", "ada", "3")
    with People.open(path) as people:
        people.withdraw(taken.verdict_id, person="ada", token="4")
    say(path, made[0].attempts[0].id, "accepted", "bo", "5")
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    yield connection, made
    connection.close()


def asked(database, name, **values):
    connection, made = database
    given = {"run": "", "trajectory": made[0].id, "text": "SEVEN", "person": "", "skill": ""}
    return [dict(row) for row in connection.execute(QUERIES[name]["sql"], given | values)]


def test_every_table_and_column_that_there_is_is_described_and_no_other(database):
    connection, _ = database
    sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
    there = {
        table: {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
        for (table,) in connection.execute(sql).fetchall()
    }

    assert {name: set(table["columns"]) for name, table in TOLD["tables"].items()} == there
    assert {name for name, table in TOLD["tables"].items() if not table.get("hidden")} == set(
        TABLES
    )


def test_what_is_said_of_a_table_names_columns_that_it_has():
    for name, table in TOLD["tables"].items():
        named = [*table.get("facets", ())]
        named += [table[key] for key in ("label_column", "sort", "sort_desc") if key in table]
        assert set(named) <= set(table["columns"]), name
        assert table["description"].endswith(".")
        assert all(said and said.endswith(".") for said in table["columns"].values()), name


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_answers(database, name):
    assert asked(database, name)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_asks_for_what_it_uses_and_says_what_it_answers(name):
    query = QUERIES[name]
    used = dict.fromkeys(re.findall(r":([a-z]+)", query["sql"]))

    assert list(used) == query.get("params", [])
    assert query["title"]
    assert query["description"].endswith(".")


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_can_write(database, name):
    connection, _ = database
    assert sqlite3.complete_statement(QUERIES[name]["sql"] + ";")
    connection.execute("PRAGMA query_only = ON")
    try:
        asked(database, name)
    finally:
        connection.execute("PRAGMA query_only = OFF")


def test_the_answers_are_right(database):
    [place] = asked(database, "yield_by_skill_and_level", run=RUN)
    assert (place["skill"], place["level"], place["accepted"]) == ("sums", 2, 3)
    assert place["accepted_percent"] == pytest.approx(75.0)
    assert asked(database, "yield_by_skill_and_level", run="r0") == []
    [reason] = asked(database, "why_not_accepted")
    assert (reason["reason"], reason["percent"]) == ("undecided", 100.0)
    [model] = [row for row in asked(database, "cost_by_role_and_model") if row["role"] == "teacher"]
    assert (model["calls"], model["cost_usd"]) == (4, 1.0)
    assert [row["role"] for row in asked(database, "calls_of_a_trajectory")] == [
        "teacher", "student", "critic"
    ]  # fmt: skip
    [found] = asked(database, "find_by_text", text="a SEVEN")
    assert found["n"] == 2
    assert asked(database, "find_by_text", text="%") == asked(database, "find_by_text", text="")
    [went] = [row for row in asked(database, "how_a_run_went") if row["episodes_per_s"] is not None]
    assert went["episodes_per_s"] == 0.0


def test_where_people_and_machines_or_people_and_people_differ_is_found(database):
    _, made = database
    overruled = {row["attempt_id"]: row for row in asked(database, "people_overruled_the_machine")}
    assert set(overruled) == {made[0].attempts[0].id}
    one = overruled[made[0].attempts[0].id]
    assert (one["machine"], one["decided_by"], one["person"]) == ("rejected", "program", "accepted")
    [differ] = asked(database, "people_disagree")
    assert differ["attempt_id"] == made[2].attempts[0].id
    assert differ["said"].split("; ") == ["ada: rejected", "bo: accepted"]
    [audit] = asked(database, "how_audits_came_out")
    assert (audit["drawn"], audit["judged"], audit["right_percent"]) == (1, 1, 0.0)
    assert len(asked(database, "what_a_person_did", person="ada")) == 3
    [step] = asked(database, "wrong_steps", skill="sums")
    assert (step["first_wrong_step"], step["first_wrong_step_rung"]) == (1, "program")


def test_a_revision_that_made_a_wrong_attempt_right_is_counted(tmp_path, classroom):
    tried = classroom.tried
    made = classroom.episode(
        0, "1 + 6?", tried("8", "rejected"), tried("9", "rejected"),
        tried("7", idx=0, revision=1), tried("8", "rejected", idx=1, revision=1),
    )  # fmt: skip
    path = classroom.written(tmp_path / "a.db", made)
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(QUERIES["revisions_that_helped"]["sql"]).fetchall()
    assert found == [("s", 2, 1, 50.0)]
