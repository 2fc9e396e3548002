"""The databases that the verifier `sql` makes to tell a right query from a lucky one."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agents.embedded.shop import Shop
from agents.errors import VerifierError
from agents.verifiers import verifier
from agents.verifiers.sql.databases import Image, build, open_image
from agents.verifiers.sql.near_miss import small_slips
from agents.verifiers.sql.shaken import shake
from agents.verifiers.sql.ties import tied

SCRIPT = """
CREATE TABLE makers (id INTEGER PRIMARY KEY, name TEXT UNIQUE, town TEXT);
CREATE TABLE toys (
    id INTEGER PRIMARY KEY, maker INTEGER REFERENCES makers(id), name TEXT NOT NULL,
    price REAL CHECK (price > 0), stock INTEGER, sold_on TEXT
);
INSERT INTO makers VALUES (1, 'Ada', 'Bath'), (2, 'Ben', 'Cork'), (3, 'Cleo', 'Bath');
INSERT INTO toys VALUES
    (1, 1, 'top', 4.5, 3, '2026-01-02'), (2, 1, 'kite', 12, 0, '2026-02-01'),
    (3, 2, 'ball', 4.5, 9, NULL), (4, 2, 'doll', 20, 2, '2026-02-03'),
    (5, 3, 'drum', 35, 1, '2026-03-09'), (6, 3, 'yoyo', 2, 7, '2026-01-20');
"""
DATA = {"script": SCRIPT}


def rows(image: Image, sql: str) -> list[tuple[object, ...]]:
    with closing(open_image(image.content)) as database:
        return database.execute(sql).fetchall()


LUCKY = {
    "the boundary": ("WHERE price < 30", "WHERE price <= 30"),
    "the boundary of a date": ("WHERE sold_on > '2026-01-31'", "WHERE sold_on >= '2026-01-31'"),
    "a condition less": ("WHERE price < 13 AND stock < 20", "WHERE price < 13"),
    "NULL counted": ("WHERE price > 10 AND sold_on IS NOT NULL", "WHERE price > 10"),
}


@pytest.mark.parametrize("case", LUCKY)
async def test_a_query_that_is_right_by_luck_on_the_given_database_is_refused(case: str):
    reference, answer = (f"SELECT name FROM toys {clause}" for clause in LUCKY[case])
    image = build(SCRIPT)
    assert sorted(rows(image, reference)) == sorted(rows(image, answer))

    check = await verifier("sql").check(answer=answer, reference=reference, data=DATA)

    assert check.finding == "failed"
    assert "variant" in check.evidence


async def test_of_a_thousand_slips_of_a_simulated_student_at_most_two_pass():
    shop, draw, asked, passed = Shop(), random.Random(11), 0, []
    while asked < 1_000:
        skill = draw.choice(shop.skills)
        level = draw.randint(1, skill.levels)
        draft = shop.draft(skill.name, level, draw.randrange(shop.capacity(skill.name, level)))
        reference = shop.work(draft.task, ()).answer
        for belief in shop.misconceptions(skill.name):
            work = shop.work(draft.task, (belief.name,))
            if work.slips and work.answer != reference:
                asked += 1
                check = await verifier("sql").check(
                    answer=work.answer, reference=reference, data=draft.data
                )
                passed += [(reference, work.answer)] if check.finding == "passed" else []

    assert len(passed) <= 2, passed


def test_a_shaken_database_keeps_its_schema_its_keys_and_its_promises():
    image = build(SCRIPT)
    reference = "SELECT name FROM toys WHERE price < 0.5 AND maker = 9"

    for turn in range(12):
        shaken = shake(image, reference, turn)

        with closing(open_image(shaken.content)) as database:
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for sql in (
            "SELECT sql FROM sqlite_master ORDER BY name",
            "SELECT id, name FROM makers ORDER BY id",
            "SELECT id FROM toys ORDER BY id",
        ):
            assert rows(shaken, sql) == rows(image, sql)
        [(least,)] = rows(shaken, "SELECT min(price) FROM toys")
        assert least > 0
        assert rows(shaken, "SELECT name FROM toys WHERE name IS NULL") == []


def test_a_shaken_database_hangs_on_content_reference_and_turn_alone():
    image, reference = build(SCRIPT), "SELECT name FROM toys WHERE price < 30"
    toys = "SELECT * FROM toys ORDER BY id"

    assert shake(image, reference, 0).content == shake(build(SCRIPT), reference, 0).content
    assert rows(shake(image, reference, 0), toys) != rows(shake(image, reference, 1), toys)
    assert rows(image, toys) == rows(build(SCRIPT), toys)


def test_the_values_that_a_reference_names_stand_in_a_shaken_database():
    found = {
        price
        for turn in range(12)
        for (price,) in rows(
            shake(build(SCRIPT), "SELECT name FROM toys WHERE price < 30", turn),
            "SELECT price FROM toys",
        )
    }

    assert {29, 30, 31} <= found


OPEN = {
    "SELECT name FROM toys ORDER BY price": True,
    "SELECT name FROM toys ORDER BY price, name": False,
    "SELECT price FROM toys ORDER BY price": False,
    "SELECT name FROM toys": True,
    "SELECT count(*) FROM toys": False,
    "SELECT name FROM toys WHERE id = 0 ORDER BY price": False,
    "SELECT name FROM toys ORDER BY id DESC LIMIT 3": False,
    "SELECT name FROM (SELECT * FROM toys ORDER BY id) WHERE price < 3": False,
    "SELECT town, count(*) FROM makers GROUP BY town ORDER BY 2;": False,
    "SELECT name FROM makers UNION SELECT name FROM toys ORDER BY name LIMIT 4 OFFSET 1": False,
}


@pytest.mark.parametrize(("sql", "is_open"), OPEN.items())
def test_an_order_that_the_query_leaves_open_is_told(sql: str, is_open: bool):
    assert tied(build(SCRIPT), sql, ordered=True) is is_open


@pytest.mark.parametrize(
    ("sql", "is_open"),
    [
        ("SELECT name FROM toys ORDER BY price", False),
        ("SELECT name FROM toys WHERE price = 4.5 ORDER BY price LIMIT 1", True),
        ("SELECT name FROM toys ORDER BY price LIMIT 3", False),
        ("SELECT name FROM toys ORDER BY price LIMIT 2", True),
        ("SELECT name FROM toys LIMIT 2", True),
    ],
)
def test_where_order_does_not_count_only_a_limit_can_leave_rows_open(sql: str, is_open: bool):
    assert tied(build(SCRIPT), sql, ordered=False) is is_open


def test_a_reference_without_rows_or_with_an_open_order_is_in_doubt():
    sql = verifier("sql")

    assert sql.doubts("SELECT name FROM toys WHERE price < 30", DATA) == ()
    [empty] = sql.doubts("SELECT name FROM toys WHERE price > 99", DATA)
    assert empty == "the reference gives no rows (given)"
    [order] = sql.doubts("SELECT name FROM toys ORDER BY price", DATA | {"ordered": True})
    assert order == "the reference leaves the order of rows open (given)"
    with pytest.raises(VerifierError, match="cannot be run"):
        sql.doubts("SELECT nothing", DATA)


async def test_variants_of_the_lessons_own_are_taken_as_they_are():
    other = SCRIPT.replace("35", "36")
    near = {"answer": "SELECT name FROM toys WHERE price <= 30"}
    reference = "SELECT name FROM toys WHERE price < 30"

    own = await verifier("sql").check(
        **near, reference=reference, data=DATA | {"variants": [other]}
    )
    made = await verifier("sql").check(**near, reference=reference, data=DATA)

    assert (own.finding, made.finding) == ("passed", "failed")


def test_near_misses_drop_single_conditions_and_turn_orders_round():
    slips = set(small_slips("SELECT a FROM t WHERE b < 2 AND c = 3 ORDER BY a, (b + 1) LIMIT 4"))

    assert {
        "SELECT a FROM t WHERE b < 2 ORDER BY a, (b + 1) LIMIT 4",
        "SELECT a FROM t WHERE b < 2 AND c = 3 ORDER BY a DESC, (b + 1) LIMIT 4",
        "SELECT a FROM t WHERE b < 2 AND c = 3 ORDER BY a, (b + 1) DESC LIMIT 4",
        "SELECT a FROM t ORDER BY a, (b + 1) LIMIT 4",
    } <= slips


async def test_a_large_database_is_thinned_but_not_shaken(tmp_path: Path):
    path = tmp_path / "large.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(SCRIPT)
        database.execute("CREATE TABLE ballast (text TEXT)")
        database.execute("INSERT INTO ballast VALUES (hex(zeroblob(3000000)))")

    check = await verifier("sql").check(
        answer="SELECT name FROM toys WHERE price < 30",
        reference="SELECT name FROM toys WHERE price <= 30",
        data={"database": str(path)},
    )

    assert (check.finding, check.evidence.count("variant")) == ("passed", 1)
