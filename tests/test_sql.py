"""The verifier `sql`: what it accepts, what it refuses, and what it survives."""

import sqlite3
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.sql import SqlVerifier
from agents.verifiers.sql.databases import KEPT_BYTES, Image, Shelf, build, open_image
from agents.verifiers.sql.query import Refused, Rows, run
from agents.verifiers.sql.rows import difference
from agents.verifiers.sql.tokens import growth
from agents.verifiers.sql.variant import thin_out

SCRIPT = """
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT, age INTEGER NOT NULL);
CREATE TABLE visits (
  id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES people(id), cost REAL NOT NULL);
""" + "".join(
    f"INSERT INTO people VALUES ({n}, 'p{n}', {'NULL' if n % 5 == 0 else repr('c' + str(n % 3))}, "
    f"{20 + n % 7});\nINSERT INTO visits VALUES ({n}, {1 + n * 7 % 24}, {n * 1.1});\n"
    for n in range(1, 25)
)
DATA = {"script": SCRIPT}
BY_CITY = "SELECT city, COUNT(*) FROM people GROUP BY city"


async def finding(answer: str, reference: str = BY_CITY, **data) -> str:
    check = await SqlVerifier().check(answer=answer, reference=reference, data=DATA | data)
    return check.finding


async def evidence(answer: str, reference: str = BY_CITY, **data) -> str:
    check = await SqlVerifier().check(answer=answer, reference=reference, data=DATA | data)
    assert check.finding == "failed"
    assert "\n" not in check.evidence
    return check.evidence


@pytest.mark.parametrize(
    "answer",
    [
        BY_CITY,
        "select CITY, count(1) as n from people p group by 1;  -- with a comment",
        "SELECT city, COUNT(*) + 0.0 FROM people GROUP BY city ORDER BY 2",
        "WITH c AS (SELECT city FROM people) SELECT city, COUNT(*) FROM c GROUP BY city",
        "SELECT DISTINCT city, (SELECT COUNT(*) FROM people q WHERE q.city IS p.city) "
        "FROM people p",
    ],
)
async def test_queries_that_give_the_same_rows_are_accepted(answer):
    assert await finding(answer) == "passed"


@pytest.mark.parametrize(
    "answer",
    [
        "SELECT COUNT(*), city FROM people GROUP BY city",
        "SELECT city, COUNT(city) FROM people GROUP BY city",
        "SELECT city, CAST(COUNT(*) AS TEXT) FROM people GROUP BY city",
        "SELECT city, COUNT(*), 1 FROM people GROUP BY city",
        BY_CITY + " LIMIT 1",
        BY_CITY + " UNION ALL SELECT NULL, 4",
        "SELECT town, COUNT(*) FROM people GROUP BY city",
        "",
        "the answer is 42",
    ],
)
async def test_queries_that_give_other_rows_or_none_are_refused(answer):
    assert await finding(answer) == "failed"


async def test_order_matters_exactly_when_the_lesson_says_so():
    up, down = ("SELECT id FROM people ORDER BY id" + way for way in ("", " DESC"))
    assert await finding(down, up) == "passed"
    assert await finding(down, up, ordered=True) == "failed"
    assert await finding(up, up, ordered=True) == "passed"


async def test_a_query_that_is_right_by_luck_is_found_out_on_a_variant():
    counted = "SELECT COUNT(*) FROM people"
    assert (
        await evidence("SELECT 24", counted)
        == "variant 1: row 1 of the sorted rows: (24) against (16)"
    )
    smaller = "CREATE TABLE people (id INTEGER PRIMARY KEY); INSERT INTO people VALUES (1);"
    assert (await evidence("SELECT 24", counted, variants=[smaller])).startswith("variant 1: ")
    same = [SCRIPT, SCRIPT, smaller]
    assert (await evidence("SELECT 24", counted, variants=same)).startswith("variant 3: ")


async def test_evidence_says_where_and_how_an_answer_differs():
    assert await evidence("SELECT city, 1 FROM people") == "given: rows 24 against 4"
    assert await evidence("SELECT city FROM people") == "given: columns 1 against 2"
    assert await evidence("SELECT town FROM people") == "given: no such column: town"
    long = await evidence("SELECT '" + "x" * 5000 + "', 1 FROM people GROUP BY city")
    assert len(long) < 400
    odd = await evidence("SELECT '\x1b[31m\u2028', CAST(x'ff' AS TEXT) FROM people GROUP BY city")
    assert odd.isprintable()
    odd.encode()


HOSTILE = {
    "counts to infinity": (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x FROM c"
    ),
    "counts in silence": (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT sum(x), 1 FROM c"
    ),
    "cross join": "SELECT COUNT(*), 1 FROM people a, people b, people c, people d, people e",
    "too many rows": "SELECT 1, 2 FROM people a, people b, people c, people d, people e",
    "gigabyte of zeros": "SELECT zeroblob(1000000000), 1",
    "gigabyte of noise": "SELECT randomblob(1000000000), 1",
    "gigabyte by printf": "SELECT printf('%.*c', 1000000000, 'x'), 1",
    "gigabyte by format": "SELECT format('%01000000000d', 1), 1",
    "gigabyte by doubling": (
        "WITH RECURSIVE c(x) AS (SELECT 'aaaa' UNION ALL SELECT x||x FROM c) SELECT x, 1 FROM c"
    ),
    "trims for ever": "SELECT trim(hex('a'), replace(hex('a'), '6', '" + "b" * 200 + "')), 1",
    "names that double": "WITH a0 AS (SELECT 1 AS x), "
    + ", ".join(f"a{n} AS (SELECT 1 AS x FROM a{n - 1}, a{n - 1} AS b)" for n in range(1, 40))
    + " SELECT 1, 2 FROM a39",
    "quoted names that double": 'WITH "a0" AS (SELECT 1 AS x), '
    + ", ".join(f"`A{n}` AS (SELECT 1 x FROM [a{n - 1}], 'a{n - 1}' b)" for n in range(1, 40))
    + " SELECT 1, 2 FROM a39",
    "sums that double": "WITH a0 AS (SELECT age AS x FROM people), "
    + ", ".join(f"a{n} AS (SELECT x+x x FROM a{n - 1})" for n in range(1, 40))
    + " SELECT x, 2 FROM a39",
    "attach": "ATTACH DATABASE '/tmp/stolen.db' AS y",
    "vacuum into": "VACUUM INTO '/tmp/stolen.db'",
    "pragma": "PRAGMA table_info(people)",
    "pragma as a table": "SELECT name, 1 FROM pragma_table_info('people')",
    "pages as a table": "SELECT * FROM dbstat",
    "extension": "SELECT load_extension('/tmp/x.so'), 1",
    "writes a file": "SELECT writefile('/tmp/x', 'y'), 1",
    "reads a file": "SELECT readfile('/etc/passwd'), 1",
    "deletes": "DELETE FROM people",
    "creates": "CREATE TABLE more (x)",
    "changes the schema": "UPDATE sqlite_master SET sql = ''",
    "two statements": BY_CITY + "; SELECT 1, 2",
    "a zero byte": BY_CITY + "\0",
    "a lone surrogate": "SELECT '\ud800', 1",
    "very long": "SELECT 1, 2 -- " + "x" * 1_000_000,
    "deep brackets": "SELECT " + "(" * 4000 + "1" + ")" * 4000,
    "deep sums": "SELECT 1, 1" + "+1" * 4000,
    "deep selects": "SELECT * FROM (" * 300 + "SELECT 1, 2" + ")" * 300,
    "many arms": "SELECT 1, 2 " + "UNION ALL SELECT 1, 2 " * 400,
    "many calls": "SELECT 1, " + "+".join(["abs(1)"] * 200),
    "a parameter": "SELECT ?, 1",
    "now": "SELECT date('now'), 1",
    "now in capitals and bytes": "SELECT datetime(x'4e4f57'), 1",
    "now in two parts": "SELECT strftime('%Y', 'no' || 'w'), 1",
    "now by default": "SELECT strftime('%Y'), julianday()",
    "local time": "SELECT date('2024-01-01', 'localtime'), 1",
    "the clock": "SELECT CURRENT_TIMESTAMP, 1",
    "chance": "SELECT random(), 1",
    "the version": "SELECT sqlite_version(), 1",
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_sql_is_refused_in_bounded_time(answer):
    began = time.process_time()
    assert await finding(answer) == "failed"
    assert time.process_time() - began < 6


async def test_hostile_sql_is_refused_in_bounded_memory():
    resource = pytest.importorskip("resource")
    wide = "replace(replace(replace('aaaaaaaaaaaaaaaaaaaaaaaaa', 'a', {0}), 'a', {0}), 'a', 'bb')"
    sort = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) "
        f"SELECT x, 1 FROM c ORDER BY {wide.format(repr('a' * 30))} || x"
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bombs = [answer for name, answer in HOSTILE.items() if "giga" in name or "double" in name]
    for answer in (sort, *bombs):
        assert await finding(answer) == "failed"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 300 * 1024  # kilobytes on Linux


async def test_an_answer_that_is_no_text_is_refused():
    assert await finding(None) == "failed"
    assert await finding(7) == "failed"


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("strftime('%Y', '2024-05-06')", "2024"),
        ("date('2024-01-31', '+1 day')", "2024-02-01"),
        ("printf('%.2f', 1.5)", "1.50"),
        ("trim('xax', 'x')", "a"),
        ("trim('  a ')", "a"),
    ],
)
def test_functions_that_repeat_still_work(call, value):
    assert run(build(SCRIPT), f"SELECT {call}").cells == [(value,)]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "either"),
        ({"script": SCRIPT, "database": "x.db"}, "either"),
        ({"script": SCRIPT, "varients": []}, "varients"),
        ({"script": 7}, "must be text"),
        ({"script": ""}, "must be text"),
        ({"script": SCRIPT, "ordered": "yes"}, "ordered"),
        ({"script": SCRIPT, "variants": SCRIPT}, "list"),
        ({"script": SCRIPT, "variants": [None]}, "must be text"),
        ({"script": SCRIPT, "variants": [SCRIPT] * 10}, "more than"),
        ({"script": "CREATE TABLE t (x); SELECT load_extension('x');"}, "SELECT"),
        ({"script": "ATTACH 'x' AS y;"}, "ATTACH"),
        ({"script": "CREATE VIEW v AS SELECT 1;"}, "VIEW"),
        (
            {"script": "CREATE TABLE t (x DEFAULT (random())); INSERT INTO t DEFAULT VALUES;"},
            "script",
        ),
        ({"script": "CREATE TABLE t (x DEFAULT CURRENT_DATE);"}, "DEFAULT"),
        ({"script": "CREATE TABLE t (x); INSERT INTO t VALUES (random());"}, "script"),
        ({"script": "CREATE TABLE t (x"}, "script"),
        ({"script": "CREATE TABLE people (x);\0"}, "script"),
        ({"script": "x" * 1_000_001}, "longer"),
        ({"database": "/nowhere/at/all.db"}, "cannot be read"),
        ({"database": "/"}, "not a file"),
        ({"database": "a\0b"}, "cannot be read"),
    ],
)
async def test_data_that_does_not_fit_is_the_lessons_fault(data, says):
    with pytest.raises(VerifierError, match=says):
        await SqlVerifier().check(answer="SELECT 1", reference="SELECT 1", data=data)


async def test_a_reference_that_cannot_be_run_is_the_lessons_fault():
    for reference in ("SELECT nothing", "DROP TABLE people", HOSTILE["cross join"], ""):
        with pytest.raises(VerifierError, match="the reference cannot be run"):
            await finding(BY_CITY, reference)


@pytest.mark.parametrize(
    "reference",
    [
        BY_CITY,
        "SELECT name FROM people WHERE age > 22 AND city = 'c1' ORDER BY name DESC LIMIT 3",
        "SELECT AVG(cost) FROM visits v JOIN people p ON p.id = v.person_id WHERE p.city = 'c2'",
        "SELECT 1",
        "SELECT 1 WHERE 0",
        "SELECT * FROM people WHERE age > 1000;",
        "SELECT MAX(age) FROM people; -- the oldest",
    ],
)
@pytest.mark.parametrize("ordered", [False, True])
async def test_every_reference_is_accepted_and_its_near_miss_refused(reference, ordered):
    verifier, data = SqlVerifier(), DATA | {"ordered": ordered}
    changed = verifier.changed(reference, data)
    wrong = await verifier.check(answer=changed, reference=reference, data=data)
    right = await verifier.check(answer=reference, reference=reference, data=data)
    assert (right.finding, wrong.finding) == ("passed", "failed")


def test_a_near_miss_is_near():
    reference = "SELECT name FROM people WHERE age > 22"
    assert SqlVerifier().changed(reference, DATA) == "SELECT name FROM people "
    reference = "SELECT SUM(cost) FROM visits"
    assert SqlVerifier().changed(reference, DATA) == "SELECT AVG(cost) FROM visits"


# Databases


def content(path: str) -> list[tuple[str, bytes]]:
    return [(each.name, each.read_bytes()) for each in Path(path).parent.iterdir()]


def write(path: Path, script: str = SCRIPT) -> str:
    database = sqlite3.connect(path)
    database.executescript(script)
    database.close()
    return str(path)


async def test_a_file_is_read_and_never_written(tmp_path):
    path = write(tmp_path / "people.db")
    before = content(path)
    verifier, data = SqlVerifier(), {"database": path}
    for answer, wanted in ((BY_CITY, "passed"), ("DELETE FROM people", "failed")):
        check = await verifier.check(answer=answer, reference=BY_CITY, data=data)
        assert check.finding == wanted
    assert content(path) == before


async def test_a_file_that_changed_is_read_again(tmp_path):
    path = write(tmp_path / "people.db")
    verifier, counted = SqlVerifier(), "SELECT COUNT(*) FROM people"
    first = await verifier.check(answer=counted, reference=counted, data={"database": path})
    write(tmp_path / "people.db", "DELETE FROM visits; DELETE FROM people WHERE id > 3;")
    second = await verifier.check(answer="SELECT 24", reference=counted, data={"database": path})
    assert (first.finding, second.finding) == ("passed", "failed")
    assert second.evidence.startswith("given")


async def test_variants_may_be_files_as_well(tmp_path):
    path, other = write(tmp_path / "a.db"), write(tmp_path / "b.db", SCRIPT.replace("p3", "q3"))
    data = {"database": path, "variants": [other]}
    answer = "SELECT COUNT(*) FROM people WHERE name < 'q'"
    check = await SqlVerifier().check(
        answer=answer, reference="SELECT COUNT(*) FROM people", data=data
    )
    assert check.evidence.startswith("variant 1")


async def test_a_database_with_a_write_ahead_log_must_be_finished_first(tmp_path):
    path = tmp_path / "people.db"
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.executescript(SCRIPT)
    data = {"database": str(path)}
    with pytest.raises(VerifierError, match="checkpoint"):
        await SqlVerifier().check(answer=BY_CITY, reference=BY_CITY, data=data)
    writer.close()
    check = await SqlVerifier().check(answer=BY_CITY, reference=BY_CITY, data=data)
    assert check.finding == "passed"


@pytest.mark.parametrize(
    "content", [b"", b"id,name\n1,a\n", b"SQLite format 3\x00" + b"\xff" * 5000]
)
async def test_a_file_that_is_no_database_is_the_lessons_fault(tmp_path, content):
    path = tmp_path / "x.db"
    path.write_bytes(content)
    with pytest.raises(VerifierError, match=r"x\.db"):
        await SqlVerifier().check(
            answer="SELECT 1", reference="SELECT 1", data={"database": str(path)}
        )


async def test_views_count_towards_the_growth_of_a_query(tmp_path):
    doubling = "CREATE VIEW v0 AS SELECT 1 AS x;" + "".join(
        f"CREATE VIEW v{n} AS SELECT 1 AS x FROM v{n - 1}, v{n - 1} AS b;" for n in range(1, 40)
    )
    data = {"database": write(tmp_path / "views.db", doubling)}
    check = await SqlVerifier().check(answer="SELECT x FROM v39", reference="SELECT 1", data=data)
    assert "subqueries" in check.evidence
    check = await SqlVerifier().check(answer="SELECT x FROM v0", reference="SELECT 1", data=data)
    assert check.finding == "passed"


def counts(image: Image) -> list[int]:
    return [run(image, f"SELECT COUNT(*) FROM {t}").cells[0][0] for t in ("people", "visits")]


def test_a_variant_loses_a_third_of_each_table_and_keeps_every_reference():
    image = build(SCRIPT)
    variant = thin_out(image)
    people, visits = counts(variant)
    assert counts(image) == [24, 24]
    assert people == 16
    assert 0 < visits <= 16
    orphans = "SELECT COUNT(*) FROM visits WHERE person_id NOT IN (SELECT id FROM people)"
    assert run(variant, orphans).cells == [(0,)]


def test_a_variant_hangs_on_the_content_alone():
    assert thin_out(build(SCRIPT)).content == thin_out(build(SCRIPT)).content
    kept = [run(thin_out(build(SCRIPT + f"-- {n}")), "SELECT id FROM people") for n in range(3)]
    assert len({str(rows.cells) for rows in kept}) == 3


def test_a_variant_thins_out_tables_of_every_kind(tmp_path):
    script = """
    CREATE TABLE staff (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES STAFF(id));
    CREATE TABLE pairs (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;
    CREATE TABLE "odd name" (x REFERENCES missing(id));
    CREATE TABLE hen (id INTEGER PRIMARY KEY, egg REFERENCES egg(id));
    CREATE TABLE egg (id INTEGER PRIMARY KEY, hen REFERENCES hen(id));
    CREATE TRIGGER keep BEFORE DELETE ON staff BEGIN SELECT RAISE(ABORT, 'no'); END;
    INSERT INTO staff VALUES (1, NULL), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3);
    INSERT INTO pairs VALUES (1, 1), (1, 2), (2, 1);
    INSERT INTO "odd name" VALUES (1), (2), (3);
    INSERT INTO hen VALUES (1, 1), (2, 2), (3, NULL), (4, 9);
    INSERT INTO egg VALUES (1, 1), (2, NULL), (3, 2);
    """
    path = write(tmp_path / "odd.db", script)
    database = sqlite3.connect(path)
    content = database.serialize()
    database.close()
    variant = open_image(thin_out(Image(content, "digest", {})).content)
    rows = {
        table: variant.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]
        for table in ("staff", "pairs", "odd name", "hen", "egg")
    }
    dangling = "SELECT COUNT(*) FROM staff WHERE boss NOT IN (SELECT id FROM staff)"
    assert variant.execute(dangling).fetchone() == (0,)
    variant.close()
    assert rows["staff"] == 4
    assert rows["pairs"] == 3
    assert rows["odd name"] == 2
    assert 0 < rows["hen"] < 4
    assert 0 < rows["egg"] < 3


def test_a_shelf_forgets_what_was_not_used_for_longest():
    shelf, made = Shelf(), []

    def get(name: str) -> None:
        def make() -> tuple[Image, ...]:
            made.append(name)
            return (Image(bytes(KEPT_BYTES // 3 + 1), name, {}),)

        shelf.get((name,), make)

    for name in ("a", "b", "a", "c", "a", "b"):
        get(name)
    assert made == ["a", "b", "c", "b"]


# Comparison


cells = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=3),
    st.binary(max_size=3),
)


@given(st.lists(st.tuples(cells, cells), max_size=8), st.randoms(use_true_random=False))
def test_a_bag_equals_itself_in_any_order(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert difference(Rows(2, shuffled), Rows(2, rows), ordered=False) == ""


@given(st.lists(st.tuples(st.sampled_from([0, 1, None, "0", b"0"])), max_size=6).map(tuple))
def test_a_list_equals_only_itself(rows):
    reverse = Rows(1, list(rows[::-1]))
    assert (difference(reverse, Rows(1, list(rows)), ordered=True) == "") == (rows == rows[::-1])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (0.1 + 0.2, 0.3, True),
        (1e300, 1e300 * (1 + 1e-12), True),
        (1.0, 1.000001, False),
        (1e-17, 0, True),
        (2**62, 2**62 + 1, False),
        (1, "1", False),
        ("a", b"a", False),
        ("a", "A", False),
        (None, None, True),
        (None, 0, False),
        (None, "", False),
        (float("inf"), float("inf"), True),
    ],
)
def test_values_are_compared_by_kind_and_numbers_within_a_tolerance(one, other, same):
    for ordered in (True, False):
        found = difference(Rows(1, [(one,)]), Rows(1, [(other,)]), ordered=ordered)
        assert (found == "") == same


def test_bags_of_nearly_equal_numbers_are_the_same():
    noisy = [(0.1 + 0.2, "b"), (0.3, "a"), (0.30001, "c")]
    exact = [(0.3, "b"), (0.30001, "c"), (0.1 + 0.2, "a")]
    assert difference(Rows(2, noisy), Rows(2, exact), ordered=False) == ""


# Tokens


def test_growth_is_the_product_over_selects_of_the_name_most_repeated():
    assert growth("SELECT a, a, a FROM t", {}) == 3
    assert growth("SELECT a, a FROM (SELECT b, b, 'b' FROM t)", {}) == 6
    assert growth("SELECT (SELECT 1), a, a, a FROM t", {}) == 3
    assert growth("SELECT t.a, t.b, t.c, count(x), count(y) FROM t -- a a a", {}) == 1
    assert growth("SELECT x, x FROM v", {"v": "CREATE VIEW v AS SELECT y + y AS x FROM t"}) == 4


@given(st.text(max_size=60))
def test_any_text_is_run_or_refused(text):
    with suppress(Refused):
        assert run(build("CREATE TABLE t (x);"), text).width > 0


def test_a_check_of_a_small_database_takes_about_a_millisecond():
    verifier, took = SqlVerifier(), []
    for _ in range(60):
        began = time.process_time()
        with pytest.raises(StopIteration):
            verifier.check(answer=BY_CITY, reference=BY_CITY, data=DATA).send(None)
        took.append(time.process_time() - began)
    assert sorted(took)[30] < 0.01  # ten times what a quiet machine needs


# Chinook


@pytest.fixture
def chinook() -> dict[str, str]:
    path = Path(__file__).parents[1].parent / "shared" / "data" / "chinook.sqlite"
    if not path.exists():
        pytest.skip("../shared is not here")
    return {"database": str(path)}


@pytest.mark.parametrize(
    ("right", "wrong", "reference"),
    [
        (
            "SELECT DISTINCT BillingCountry FROM Invoice",
            "SELECT BillingCountry FROM Invoice",
            "SELECT BillingCountry FROM Invoice GROUP BY 1",
        ),
        (
            "SELECT a.Name, (SELECT COUNT(*) FROM Album b WHERE b.ArtistId = a.ArtistId) "
            "FROM Artist a",
            "SELECT a.Name, COUNT(*) FROM Artist a JOIN Album USING (ArtistId) GROUP BY a.ArtistId",
            "SELECT a.Name, COUNT(AlbumId) FROM Artist a LEFT JOIN Album USING (ArtistId) "
            "GROUP BY a.ArtistId",
        ),
        (
            "SELECT strftime('%Y', InvoiceDate), SUM(Total) FROM Invoice GROUP BY 1",
            "SELECT strftime('%Y', InvoiceDate), AVG(Total) FROM Invoice GROUP BY 1",
            "SELECT substr(InvoiceDate, 1, 4), TOTAL(Total) FROM Invoice GROUP BY 1",
        ),
    ],
)
async def test_a_real_database_tells_right_queries_from_wrong(chinook, right, wrong, reference):
    verifier = SqlVerifier()
    for answer, wanted in ((right, "passed"), (wrong, "failed")):
        check = await verifier.check(answer=answer, reference=reference, data=chinook)
        assert check.finding == wanted, check.evidence
    changed = verifier.changed(reference, chinook)
    check = await verifier.check(answer=changed, reference=reference, data=chinook)
    assert check.finding == "failed"
