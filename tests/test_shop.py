"""The domain `shop`: its shops are sound, its questions fair, different and answerable."""

import sqlite3
import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.embedded.shop import Shop
from agents.embedded.shop.catalogue import GOODS, SHOPS
from agents.embedded.shop.course import LEVELS, filled, frames
from agents.embedded.shop.database import COLUMNS, shop
from agents.embedded.shop.draws import DRAWS
from agents.embedded.shop.predicates import amount, predicates
from agents.verifiers.sql import SqlVerifier
from agents.verifiers.sql.databases import Image, build
from agents.verifiers.sql.query import run
from agents.verifiers.sql.variant import thin_out
from storage.records import Check

DOMAIN = Shop()
VERIFIER = SqlVerifier()
SKILLS = [skill.name for skill in DOMAIN.skills]
SKILL_LEVELS = [(skill, level) for skill in SKILLS for level in range(1, LEVELS + 1)]
STRIDED = 2_000


def strided(skill: str, level: int, count: int) -> list[int]:
    capacity = DOMAIN.capacity(skill, level)
    return [place * capacity // count for place in range(count)]


async def check(answer: str, draft, reference: str) -> Check:
    return await VERIFIER.check(answer=answer, reference=reference, data=draft.data)


@cache
def images(number: int) -> tuple[Image, Image]:
    given = build(shop(number).script)
    return given, thin_out(given)


# The shops


def test_a_shop_is_made_from_its_number_alone():
    code = "from agents.embedded.shop.database import shop; print(shop(3).script)"
    for hash_seed in ("0", "1"):
        other = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": "."},
        )
        assert other.stdout == shop(3).script + "\n"


@pytest.mark.parametrize("number", range(len(SHOPS)))
def test_a_shop_is_small_sound_and_has_gaps_worth_asking_about(number):
    database = sqlite3.connect(":memory:")
    database.executescript(shop(number).script)
    assert len(shop(number).script) < 6_000
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    for table, columns in COLUMNS.items():
        cursor = database.execute(f"SELECT * FROM {table} ORDER BY id")
        assert tuple(column[0] for column in cursor.description) == columns
        assert tuple(cursor) == shop(number).tables[table]
    gaps = {
        "customers who gave no email": "customers WHERE email IS NULL",
        "customers who never ordered": "customers WHERE id NOT IN (SELECT customer_id FROM orders)",
        "products never ordered": "products WHERE id NOT IN (SELECT product_id FROM orders)",
        "orders not shipped": "orders WHERE shipped_on IS NULL",
        "orders without a payment": "orders WHERE id NOT IN (SELECT order_id FROM payments)",
        "pending payments": "payments WHERE paid_on IS NULL",
    }
    for gap, where in gaps.items():
        assert database.execute(f"SELECT COUNT(*) FROM {where}").fetchone()[0] > 0, gap
    database.close()


def test_all_shops_differ():
    assert len({shop(number).script for number in range(len(SHOPS))}) == len(SHOPS)
    assert len({shop(number).name for number in range(len(SHOPS))}) == len(SHOPS)


def test_the_catalogue_fills_every_shop():
    for goods in GOODS:
        names = [name for three in goods.products.values() for name in three]
        assert len(set(names)) == 12
        assert goods.prices[1] - goods.prices[0] >= 12


@pytest.mark.parametrize("table", COLUMNS)
def test_no_two_predicates_have_the_same_words_and_each_keeps_some_rows(table):
    found = predicates(5, table)
    assert len({predicate.words for predicate in found}) == len(found)
    given, _ = images(5)
    for predicate in found:
        where = predicate.condition(qualified=False).sql
        rows = run(given, f"SELECT id FROM {table} WHERE {where}").cells
        assert 0 < len(rows) < len(shop(5).tables[table])


def test_amounts_are_written_as_people_write_them():
    assert [amount(value) for value in (3, 3.0, 3.5, 12.25)] == ["3", "3", "3.50", "12.25"]


# The curriculum


def test_there_are_five_skills_of_three_levels_in_an_order_that_can_be_learnt():
    known: set[str] = set()
    for skill in DOMAIN.skills:
        assert set(skill.after) <= known
        assert (skill.levels, skill.verifier) == (LEVELS, "sql")
        known.add(skill.name)
    assert len(known) == 5


@pytest.mark.parametrize(("skill", "level"), SKILL_LEVELS)
@pytest.mark.no_cover
def test_every_level_has_ten_thousand_questions_and_a_sample_of_them_never_repeats(skill, level):
    indices = strided(skill, level, STRIDED)
    assert DOMAIN.capacity(skill, level) >= 10_000
    assert len({DOMAIN.draft(skill, level, index).task.question for index in indices}) == STRIDED


@given(st.sampled_from(SKILL_LEVELS), st.data())
def test_different_indices_are_different_questions(skill_level, data):
    index = st.integers(0, DOMAIN.capacity(*skill_level) - 1)
    first, second = data.draw(index), data.draw(index)
    texts = [DOMAIN.draft(*skill_level, place).task.question for place in (first, second)]
    assert (texts[0] == texts[1]) == (first == second)


@pytest.mark.parametrize(("skill", "level"), SKILL_LEVELS)
def test_every_frame_finds_its_fillings_in_every_shop(skill, level):
    for place in range(len(frames(skill, level))):
        for number in range(len(SHOPS)):
            found = filled(number, skill, level, place)
            assert len(set(found)) == DRAWS, (place, number)


@pytest.mark.parametrize(
    ("skill", "level", "index"),
    [("sql_select", 0, 0), ("sql_select", 4, 0), ("sql_magic", 1, 0), ("sql_select", 1, -1)],
)
def test_what_does_not_exist_is_refused(skill, level, index):
    with pytest.raises(ValueError, match="has no"):
        DOMAIN.draft(skill, level, index)


def test_an_index_beyond_the_capacity_is_refused():
    with pytest.raises(ValueError, match="has no task"):
        DOMAIN.draft("sql_join", 2, DOMAIN.capacity("sql_join", 2))


# The tasks


@pytest.mark.parametrize(("skill", "level"), SKILL_LEVELS)
@pytest.mark.no_cover
async def test_every_reference_has_an_answer_in_the_shop_and_on_the_variant(skill, level):
    for index in strided(skill, level, 60):
        draft = DOMAIN.draft(skill, level, index)
        reference = DOMAIN.work(draft.task, ()).answer
        rows = [run(image, reference) for image in images(draft.task.givens["shop"])]
        assert all(rows[place].cells for place in (0, 1)), reference
        assert (await check(reference, draft, reference)).finding == "passed"
        assert "\n" not in reference
        assert reference not in draft.task.text


@pytest.mark.parametrize(("skill", "level"), SKILL_LEVELS)
async def test_the_near_miss_of_every_reference_is_refused(skill, level):
    for index in strided(skill, level, 8):
        draft = DOMAIN.draft(skill, level, index)
        reference = DOMAIN.work(draft.task, ()).answer
        changed = VERIFIER.changed(reference, draft.data)
        assert (await check(changed, draft, reference)).finding == "failed"


@pytest.mark.parametrize(("skill", "level"), SKILL_LEVELS)
def test_sorted_questions_say_so_and_leave_no_ties(skill, level):
    for index in strided(skill, level, 60):
        draft = DOMAIN.draft(skill, level, index)
        query = DOMAIN.work(draft.task, ()).answer
        assert draft.data["ordered"] == ("Sort by" in draft.task.question) == ("ORDER BY" in query)
        if draft.data["ordered"]:
            head, keys = query.split(" LIMIT ")[0].rsplit(" ORDER BY ", 1)
            keys = keys.replace(" DESC", "")
            both = head.replace("SELECT ", f"SELECT {keys}, ", 1)
            rows = run(images(draft.task.givens["shop"])[0], both).cells
            width = keys.count(",") + 1
            assert len({row[:width] for row in rows}) == len(rows), query


def test_a_question_shows_the_tables_and_the_instruction_the_form():
    task = DOMAIN.draft("sql_join", 3, 4_000).task
    for table, columns in COLUMNS.items():
        assert f"CREATE TABLE {table}" in task.question
        assert all(column in task.question for column in columns)
    assert task.instruction.endswith(
        "on the last line, in the form: Answer: <one SQL query on one line>"
    )
    assert shop(task.givens["shop"]).name in task.question


# What a person wrote who read the questions and not the references.
READINGS = [
    (
        ("sql_select", 3, 20_011),
        "Which orders have a quantity of at most 4, were not placed by phone and were placed in "
        "2024? Give id and quantity. Sort by quantity (largest first), then by id (smallest "
        "first). Give only the first 2 rows.",
        "SELECT o.id, o.quantity FROM orders o WHERE o.quantity < 5 AND NOT channel = 'phone' "
        "AND strftime('%Y', ordered_on) = '2024' ORDER BY 2 DESC, 1 LIMIT 2",
    ),
    (
        ("sql_aggregate", 3, 7),
        "Look at the customers who have an email and do not live in Bergen. Compute the number of "
        "customers and the number of different cities in one row.",
        "SELECT COUNT(email), COUNT(DISTINCT city) FROM customers WHERE city != 'Bergen' "
        "AND NOT email IS NULL",
    ),
    (
        ("sql_group", 3, 9_000),
        "List category and the number of products for every category that occurs among the "
        "products that have a stock of less than 32. Keep a category only if the number of "
        "products is more than 1. Sort by the number of products (largest first), then by "
        "category (A to Z).",
        "WITH few AS (SELECT category AS c, COUNT(id) AS n FROM products WHERE stock <= 31 "
        "GROUP BY 1) SELECT c, n FROM few WHERE n >= 2 ORDER BY n DESC, c",
    ),
    (
        ("sql_join", 2, 19_000),
        "How do the orders that were not placed on the web compare? Show the order's id and the "
        "number of payments, also for those that have no payments at all (as 0). Sort by the "
        "number of payments (smallest first), then by the order's id (smallest first).",
        "SELECT id, (SELECT COUNT(*) FROM payments p WHERE p.order_id = o.id) AS n FROM orders o "
        "WHERE channel IN ('phone', 'store') ORDER BY n, id",
    ),
    (
        ("sql_join", 3, 5_000),
        "Per product, report the product's name and the total quantity, counting only the orders "
        "from customers who joined after 2021-08-10 and for products that cost at most 30.50 "
        "euros. Sort by the total quantity (smallest first), then by the product's name (A to Z).",
        "SELECT p.name, SUM(quantity) AS q FROM products p, customers c, orders o "
        "WHERE p.id = product_id AND c.id = customer_id AND joined_on > '2021-08-10' "
        "AND price <= 30.5 GROUP BY p.id ORDER BY q, p.name",
    ),
    (
        ("sql_subquery", 1, 5_000),
        "For all customers who have no orders that have a quantity of more than 6, list id, name "
        "and joined_on. Sort by name (A to Z).",
        "SELECT c.id, c.name, c.joined_on FROM customers c LEFT JOIN orders o "
        "ON o.customer_id = c.id AND o.quantity > 6 WHERE o.id IS NULL ORDER BY c.name",
    ),
    (
        ("sql_subquery", 3, 1_234),
        "For all customers who have an email and have at least 2 orders that were not placed by "
        "phone, list name and city. Sort by name (Z to A).",
        "SELECT name, city FROM customers c JOIN orders o ON c.id = o.customer_id "
        "WHERE email > '' AND channel <> 'phone' GROUP BY c.id HAVING COUNT(*) > 1 "
        "ORDER BY name DESC",
    ),
]


@pytest.mark.parametrize(("place", "asked", "written"), READINGS)
async def test_what_a_reader_of_the_question_writes_is_accepted(place, asked, written):
    draft = DOMAIN.draft(*place)
    assert draft.task.question.endswith(f"\n\n{asked}")
    reference = DOMAIN.work(draft.task, ()).answer
    assert (await check(written, draft, reference)).finding == "passed"
