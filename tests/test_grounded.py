"""The verifier `grounded`: which citations hold, which do not, and what it survives."""

import json
import random
import re
import sqlite3
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers import verifier
from agents.verifiers.grounded import GroundedVerifier
from agents.verifiers.grounded.arithmetic import Unfounded, recomputed
from agents.verifiers.grounded.claims import read_claims
from agents.verifiers.grounded.near_miss import near_misses
from agents.verifiers.grounded.passage import numbers_in
from storage.ids import file_digest

GROUNDED = GroundedVerifier(verifier)
PASSAGE = """Of the 1,234 patients, 12.5% improved\u2014a non-significant change. The score fell by
-5 points (from 40 to 35) in group B12; the others kept theirs. A cafe\u0301 was near."""
WHOLE = "Of the 1,234 patients, 12.5% improved"
ANSWER = {
    "answer": "35",
    "quotes": ["(from 40 to 35) in group B12"],
    "numbers": [{"value": "35", "from": "35"}],
}


async def finding(claims: object, reference: object = ANSWER, **data: object) -> str:
    check = await checked(claims, reference, **data)
    return check.finding


async def checked(claims: object, reference: object = ANSWER, **data: object):
    text = claims if isinstance(claims, str) else json.dumps(claims)
    data = data or {"passage": PASSAGE, "answer": "math"}
    check = await GROUNDED.check(answer=text, reference=json.dumps(reference), data=data)
    assert check.evidence.isprintable()
    assert len(check.evidence) < 500
    return check


def reckoned(value: str, source: str, *quotes: str) -> dict:
    """Return claims that reckon a number from quotes."""
    numbers = [{"value": "35", "from": "35"}, {"value": value, "from": source}]
    return {**ANSWER, "quotes": [*ANSWER["quotes"], *quotes], "numbers": numbers}


def quoting(*quotes: str) -> dict:
    return {**ANSWER, "quotes": [*ANSWER["quotes"], *quotes]}


async def test_the_reference_is_accepted_and_its_change_refused():
    check = await checked(ANSWER)
    assert check.finding == "passed"
    assert check.evidence == "what it cites holds; answer: '35'"
    assert check.limits["answer_verifier"] == "math@2"

    changed = GROUNDED.changed(json.dumps(ANSWER), {"passage": PASSAGE})
    assert json.loads(changed)["quotes"] == ["(fromx 40 to 35) in group B12"]
    assert await finding(changed) == "failed"


@pytest.mark.parametrize(
    "quote",
    [
        WHOLE,
        "1,234   patients,\n12.5%",
        "A caf\u00e9 was",
        "non-significant",
        "fell by -5 points",
        " in group B12; ",
        PASSAGE,
    ],
)
async def test_a_quote_stands_whatever_its_white_space_and_encoding_of_accents(quote):
    assert await finding(quoting(quote)) == "passed"


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("Of the 1,234 patient", "cuts"),
        ("234 patients, 12.5% improved", "cuts"),
        ("2.5% improved", "cuts"),
        (".5% improved\u2014a", "cuts"),
        ("5% improved\u2014a non", "cuts"),
        ("significant change", "cuts"),
        ("1,234 patients, 12", "cuts"),
        ("1,234 patients, 12.5", "cuts"),
        ("5 points (from 40", "cuts"),
        ("A cafe", "fewer"),
        ("others kept their", "cuts"),
        ("cafe was near.", "not stand"),
        ("of the 1,234 patients", "not stand"),
        ("1234 patients, 12.5%", "not stand"),
        ("", "fewer"),
        ("40 to", "fewer"),
        ("patients", "fewer"),
        ("the \u200bothers kept theirs", "not stand"),
        ("the others\u200f kept theirs", "not stand"),
        ("the others\x00 kept theirs", "not stand"),
        ("the \N{CYRILLIC SMALL LETTER O}thers kept theirs", "not stand"),
        ("the others kept " + "e\u0301" * 9_000, "limit"),
        ("the others kept e" + "\u0301" * 900, "limit"),
    ],
)
async def test_a_quote_that_is_changed_cut_or_hidden_in_does_not_hold(quote, said):
    check = await checked(quoting(quote))
    assert check.finding == "failed"
    assert check.evidence.startswith("quote 2 ")
    assert said in check.evidence


async def test_a_quote_that_is_cut_in_one_place_may_be_whole_in_another():
    claims = {"answer": "x", "quotes": ["group was small"]}
    assert await finding(claims, claims, passage="A subgroup was small. The group was small.") == (
        "passed"
    )
    whole = {"answer": "x", "quotes": ["The subgroup was small"]}
    for passage in (
        "The subgroup was small" + " subgroup was small" * 2_000,
        "The subgroup was small. A group was small\u0331.",
    ):
        assert await finding(claims, whole, passage=passage) == "failed"


async def test_a_short_passage_may_be_quoted_as_a_whole():
    claims = {"answer": "yes", "quotes": ["It is."]}
    assert await finding(claims, claims, passage=" It  is.") == "passed"


async def test_scripts_without_spaces_may_be_quoted_between_any_letters():
    claims = {"answer": "x", "quotes": ["本語の文ですからどこでも切る"]}
    assert (
        await finding(claims, claims, passage="これは日本語の文ですからどこでも切ることができる。")
        == "passed"
    )


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("1,234", "1234"),
        ("154.25", "1234 * 12.5 / 100"),
        ("12.5%", "12.5/100"),
        ("617/4", "(1234*12.5)/100"),
        ("-5", "-5"),
        ("45", "40 - -5"),
        ("1/7", "(40 - 35) / 35"),
        ("1400", "40 \N{MULTIPLICATION SIGN} 35"),
    ],
)
async def test_a_number_recomputes_exactly_from_what_stands_in_the_quotes(value, source):
    quotes = (WHOLE, "fell by -5 points (from")
    assert await finding(reckoned(value, source, *quotes)) == "passed"


@pytest.mark.parametrize(
    ("value", "source", "said"),
    [
        ("154", "1234 * 12.5 / 100", "it is 617/4"),
        ("0.14", "(40 - 35) / 35", "it is 1/7"),
        ("36", "35 + 1", "1 is in no citation"),
        ("5", "40 - 35 + 0", "0 is in no citation"),
        ("5", "5", "5 is in no citation"),
        ("12", "12", "12 is in no citation"),
        ("100", "100", "no cited number"),
        ("0", "35 / (40 - 40)", "divides by zero"),
        ("35", "1e999999", "character 2"),
        ("35", "35 ** 2", "'*' stands where"),
        ("35", "__import__('os')", "character 1"),
        ("35", "(" * 50 + "35" + ")" * 50, "16 deep"),
        ("35", "-" * 300 + "35", "200 numbers"),
        ("35", "35" + "*35" * 150, "200 numbers"),
        ("35", "9" * 65, "64 digits"),
        ("35", "35 40", "'40' is not expected"),
        ("35", "(35", "not closed"),
        ("35", "35)", "not expected"),
        ("35", "", "'' stands where"),
        ("35", " " * 2_000, "1000 characters"),
        ("35", "3\u0665", "character 2"),
        ("1e999999", "35", "is no number"),
        ("35, 40", "35", "is no number"),
        ("nan", "35", "is no number"),
        ("35 or 40", "35", "is no number"),
    ],
)
async def test_a_number_that_does_not_recompute_does_not_hold(value, source, said):
    quotes = (WHOLE, "fell by -5 points (from")
    check = await checked(reckoned(value, source, *quotes))
    assert check.finding == "failed"
    assert check.evidence.startswith("number 2 ")
    assert said in check.evidence


NUMBERS = st.integers(1, 10**9)


@given(NUMBERS, NUMBERS, NUMBERS, st.data())
def test_arithmetic_is_that_of_fractions(a, b, c, data):
    cited = {Fraction(n) for n in (a, b, c)}
    one, two = (data.draw(st.sampled_from("+-*/")) for _ in range(2))
    for source in (
        f"{a} {one} {b} {two} {c}",
        f"({a}{one}{b}){two}{c}",
        f"-{a}{one}(-{b}{two}{c})",
    ):
        exact = re.sub(r"(\d+)", r"Fraction(\1)", source)
        try:
            wanted = eval(exact, {"Fraction": Fraction})
        except ZeroDivisionError:
            with pytest.raises(Unfounded, match="zero"):
                recomputed(source, cited)
        else:
            assert recomputed(source, cited) == wanted


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12 and 1,234.5 and .5 (7)", ["12", "1234.5", "0.5", "7"]),
        ("p<0.001, n=60mg, 25%, $9.", ["0.001", "60", "25", "9"]),
        (
            "-5 but 10-20 and a\N{EN DASH}3, -0.5 (\N{MINUS SIGN}4)",
            ["-5", "10", "20", "3", "-0.5", "-4"],
        ),
        ("B12 1e5 1,2 1.2.3 12,34,567 CYP3A4 x_1", []),
        ("9" * 65, []),
        ("\u0663 \u00b2 \u2460", []),
    ],
)
def test_only_numbers_that_stand_alone_count(text, found):
    assert numbers_in(text) == [Fraction(number) for number in found]


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({**ANSWER, "quotes": []}, "it quotes nothing"),
        ({**ANSWER, "numbers": []}, "none of its `numbers`"),
        ({**ANSWER, "answer": "40"}, "none of its `numbers`"),
        (reckoned("40", "40") | {"answer": "40"}, "answer: '40', not 35"),
        ({**ANSWER, "answer": "thirty-five"}, "is no value"),
        ({**ANSWER, "rows": [{"table": "t", "key": {"a": 1}, "columns": {"a": 1}}]}, "no database"),
        ({**ANSWER, "more": 1}, "'more'"),
        ({**ANSWER, "answer": 35}, "'answer'"),
        ({"quotes": []}, "'answer'"),
        ({**ANSWER, "quotes": [1]}, "'quotes.0'"),
        ({**ANSWER, "quotes": ["a b c"] * 33}, "'quotes'"),
        ({**ANSWER, "numbers": [{"value": "35"}]}, "'numbers.0.from'"),
        ([ANSWER], "''"),
        ("35", "''"),
        ("", "no JSON"),
        ("```json\n{}\n```", "no JSON"),
        (json.dumps(ANSWER) * 2, "no JSON"),
        ('{"answer": "35", "answer": "35"}', "two members"),
        ('{"answer": NaN}', "NaN is no JSON"),
        ('{"answer": 1e999999}', "256 digits"),
        ('{"answer": ' + "9" * 9_999 + "}", "256 digits"),
        ('{"answer": "\\ud800"}', "surrogate"),
        ('{"answer": "\ud800"}', "surrogate"),
        ("[" * 90_000, "64 deep"),
        ('{"a":' * 15_000, "64 deep"),
        ("[" * 70 + "]" * 70, "64 deep"),
        ("x" * 100_001, "longer than 100000"),
        ("\x00", "no JSON"),
    ],
)
async def test_what_is_not_of_the_form_or_says_something_else_is_refused(claims, said):
    check = await checked(claims)
    assert check.finding == "failed"
    assert said in check.evidence


@given(
    st.text()
    | st.recursive(
        st.none() | st.floats() | st.text(),
        lambda x: (
            st.lists(x) | st.dictionaries(st.sampled_from(["answer", "quotes", "rows", "from"]), x)
        ),
    ).map(json.dumps)
)
async def test_no_answer_makes_it_raise(answer):
    assert await finding(answer) == "failed"


async def test_a_hostile_answer_takes_little_time():
    quotes = ["a a " * 490 + "b"] * 32
    deep = [{"value": "1", "from": "(" * 16 + "35" + "*35" * 80 + ")" * 16}] * 32
    passage = "a " * 90_000 + PASSAGE
    start = time.process_time()
    for claims in ({**ANSWER, "quotes": quotes}, {**ANSWER, "quotes": ["a " * 990] * 32}):
        assert await finding(claims, passage=passage, answer="math") == "failed"
    assert await finding({**ANSWER, "numbers": deep}) == "failed"
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"passage": PASSAGE, "database": "x"},
        {"passage": ""},
        {"passage": 5},
        {"passage": PASSAGE, "answer": "grounded"},
        {"passage": PASSAGE, "answer": "judge"},
        {"passage": PASSAGE, "answer": "nobody"},
        {"passage": PASSAGE, "more": 1},
        {"passage": PASSAGE, "answer_data": 1},
        {"passage": "another text"},
        {"passage": "x" * 200_001},
        {"passage": "x" + "\u0301" * 31},
        {"database": "/nowhere/at/all"},
        {"database": "\x00"},
    ],
)
async def test_data_that_does_not_fit_is_the_lessons_fault(data):
    with pytest.raises(VerifierError):
        await GROUNDED.check(answer=json.dumps(ANSWER), reference=json.dumps(ANSWER), data=data)


async def test_a_reference_that_does_not_hold_is_the_lessons_fault():
    for reference in ("35", json.dumps({**ANSWER, "quotes": ["no such words there"]})):
        with pytest.raises(VerifierError, match="grounded: the reference"):
            await GROUNDED.check(answer="{}", reference=reference, data={"passage": PASSAGE})
        with pytest.raises(VerifierError, match="grounded: the reference"):
            GROUNDED.changed(reference, {"passage": PASSAGE})


@pytest.fixture
def fruit(tmp_path: Path) -> str:
    path = tmp_path / "fruit.db"
    database = sqlite3.connect(path)
    database.executescript(
        """
        CREATE TABLE fruit (
          id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, price REAL, note, n INT);
        INSERT INTO fruit VALUES (1, 'apple', 0.1, NULL, 3), (2, 'Apple', 0.2, '7 left', 3),
          (3, 'pear', 9e999, x'00', 9007199254740993);
        CREATE TABLE "odd ""table""; DROP" ("a b" INT);
        INSERT INTO "odd ""table""; DROP" VALUES (5);
        CREATE VIEW seen AS SELECT * FROM fruit;
        """
    )
    database.close()
    return str(path)


def row(table: str = "fruit", key: dict | None = None, **columns: object) -> dict:
    return {"table": table, "key": key or {"id": 1}, "columns": columns}


def citing(*rows: dict, answer: str = "apple", **more: object) -> dict:
    return {"answer": answer, "rows": list(rows), **more}


APPLE = citing(row(name="apple"))


@pytest.mark.parametrize(
    "cited",
    [
        row(name="apple", price=0.1, note=None, n=3),
        row(n=3.0),
        row(key={"id": 1.0}, n=3),
        row(key={"name": "Apple"}, id=2, note="7 left"),
        row(key={"n": 3, "note": None}, id=1),
        row(key={"id": 3}, n=9007199254740993),
        row('odd "table"; DROP', {"a b": 5}, **{"a b": 5}),
    ],
)
async def test_a_row_that_exists_with_these_values_holds(cited, fruit):
    assert await finding(citing(cited), APPLE, database=fruit) == "passed"


@pytest.mark.parametrize(
    ("cited", "said"),
    [
        (row(name="Apple"), "'name' is 'apple', not 'Apple'"),
        (row(n="3"), "'n' is 3, not '3'"),
        (row(price=0.10000000000000002), "'price' is"),
        (row(key={"id": 3}, price=1.5e308), "'price' is inf"),
        (row(note=""), "'note' is None, not ''"),
        (row(key={"id": "1"}, name="apple"), "'id' is"),
        (row(key={"id": 9}, name="apple"), "no row"),
        (row(key={"id": 10**30}, name="apple"), "no row"),
        (row(key={"n": 3}, name="apple"), "more than one row"),
        (row(key={"id": 3}, n=9007199254740992.0), "'n' is"),
        (row(key={"id": 3}, note="\x00"), "'note' is"),
        (row(key={"name": "apple\x00"}, n=3), "no row"),
        (row(key={"ID": 1}, name="apple"), "no column 'ID'"),
        (row(key={"rowid": 1}, name="apple"), "no column"),
        (row(key={"1 OR 1=1 --": 1}, name="apple"), "no column"),
        (row(key={'id" = 1 OR "id': 1}, name="apple"), "no column"),
        (row("seen", name="apple"), "no such table"),
        (row("sqlite_master", {"type": "table"}, name="fruit"), "no such table"),
        (row("fruit; DROP TABLE fruit", name="apple"), "no such table"),
        (row(**{"count(*)": 3}), "no column"),
        (row(name=True), "not of the asked form"),
        (row(name=["apple"]), "not of the asked form"),
        (row(), "not of the asked form"),
    ],
)
async def test_a_row_that_is_not_there_does_not_hold(cited, said, fruit):
    check = await checked(citing(cited), APPLE, database=fruit)
    assert check.finding == "failed"
    assert said in check.evidence


async def test_numbers_recompute_from_the_cells_of_cited_rows(fruit):
    rows = (row(price=0.1), row(key={"id": 2}, price=0.2, note="7 left"))
    for value, source in [("0.3", "0.1 + 0.2"), ("2.1", "0.3 * 7"), ("3", "3")]:
        claims = citing(*rows, answer=value, numbers=[{"value": value, "from": source}])
        wanted = "passed" if value == "0.3" else "failed"
        data = {"database": fruit, "answer": "math"}
        reference = citing(*rows, answer="0.3", numbers=[{"value": "0.3", "from": "0.2+0.1"}])
        assert await finding(claims, reference, **data) == wanted
    assert await finding({**APPLE, "quotes": ["a b c"]}, APPLE, database=fruit) == "failed"
    assert await finding({"answer": "apple"}, APPLE, database=fruit) == "failed"


def files_beside(path: str) -> list[str]:
    return [file.name for file in Path(path).parent.iterdir()]


async def test_a_changed_row_is_refused_and_the_database_stays_as_it_is(fruit):
    before = file_digest(Path(fruit))
    for reference in (APPLE, citing(row(n=3)), citing(row(note=None), row(n=3))):
        changed = GROUNDED.changed(json.dumps(reference), {"database": fruit})
        assert json.loads(changed)["rows"]
        assert await finding(changed, reference, database=fruit) == "failed"
    assert file_digest(Path(fruit)) == before
    assert files_beside(fruit) == ["fruit.db"]


async def test_every_near_miss_is_refused(fruit):
    cells = [row(name="apple", note=None, n=3, price=0.1), row(key={"id": 2}, price=0.2)]
    for reference, data in [
        (reckoned("1/7", "(40 - 35) / 35", WHOLE), {"passage": PASSAGE, "answer": "math"}),
        (citing(*cells, numbers=[{"value": "0.3", "from": "0.1+0.2"}]), {"database": fruit}),
    ]:
        misses = list(near_misses(read_claims(json.dumps(reference))))
        assert len(misses) > 6
        for miss in misses:
            assert await finding(miss, reference, **data) == "failed", miss


async def test_a_file_that_is_no_database_is_the_lessons_fault(tmp_path):
    for name, content in (("a.db", b"no"), ("b.db", b"SQLite format 3\x00" + b"\xff" * 5_000)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(VerifierError, match="database"):
            await finding(APPLE, APPLE, database=str(tmp_path / name))


async def test_of_a_thousand_mutants_of_rows_and_numbers_none_is_accepted(fruit):
    draw = random.Random(5)
    for _ in range(300):
        prices = [draw.randint(1, 999) for _ in range(3)]
        text = "; ".join(
            f"item {n} costs {price} pounds" for n, price in zip("abc", prices, strict=True)
        )
        quotes = text.split("; ")
        total = str(sum(prices))
        source = " + ".join(map(str, prices))
        claims = {"answer": total, "quotes": quotes, "numbers": [{"value": total, "from": source}]}
        data = {"passage": text, "answer": "math"}
        assert await finding(claims, claims, **data) == "passed"
        off = str(sum(prices) + draw.choice([-10, -1, 1, 10, 100]))
        other = draw.choice([n for n in range(1_000, 2_000) if n not in prices])
        mutants = [
            {**claims, "answer": off},
            {**claims, "answer": off, "numbers": [{"value": off, "from": source}]},
            {
                **claims,
                "numbers": [{"value": total, "from": total if int(total) not in prices else off}],
            },
            {**claims, "quotes": [quotes[0].replace(str(prices[0]), str(other)), *quotes[1:]]},
            {**claims, "quotes": quotes[:2]} if prices[2] not in prices[:2] else {},
        ]
        for mutant in mutants:
            assert await finding(mutant, claims, **data) == "failed", mutant


@pytest.mark.no_cover
async def test_real_quotes_hold_and_altered_ones_do_not(shared):
    draw = random.Random(7)
    refused = 0
    lines = (
        (shared / "data" / "pubmedqa_expert_seeds.jsonl").read_text(encoding="utf-8").split("\n")
    )
    seeds = [json.loads(line) for line in lines if line]
    for seed in seeds:
        passage = "\n\n".join(seed["contexts"])
        words = passage.split()
        starts = [draw.randrange(len(words) - 12) for _ in range(5)]
        for start in starts:
            span = words[start : start + 12]
            claims = {"answer": "yes", "quotes": [" ".join(span)]}
            assert await finding(claims, claims, passage=passage) == "passed"
            place = draw.randrange(1, 11)
            swapped = [*span[:place], span[place + 1], span[place], *span[place + 2 :]]
            mutants = [
                [*span[:place], draw.choice(words), *span[place + 1 :]],
                [*span[:place], *span[place + 1 :]],
                [*span[:place], "not", *span[place:]],
                swapped,
                [word.swapcase() for word in span],
                [*span[:place], span[place] + "\u200b", *span[place + 1 :]],
            ]
            text = " ".join(words)
            for mutant in mutants:
                quote = " ".join(mutant)
                if quote not in text:
                    altered = {"answer": "yes", "quotes": [quote]}
                    assert await finding(altered, claims, passage=passage) == "failed"
                    refused += 1
        changed = GROUNDED.changed(json.dumps(claims), {"passage": passage})
        assert await finding(changed, claims, passage=passage) == "failed"
    assert refused > 5 * len(seeds) * 5
