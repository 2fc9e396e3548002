import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.index import schema
from storage.index.searching import understood
from storage.index.words import MOST, document, question, terms


def found(text: str, typed: str) -> bool:
    """Whether a document of this text is found by what is typed, by SQLite's own search."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(schema.TEXTS)
        insert = "INSERT INTO texts (rowid, said) VALUES (1, ?)"
        connection.execute(insert, (document([text, "the end"]),))
        connection.execute("CREATE TABLE terms (term TEXT PRIMARY KEY, docs INTEGER)")
        words = [(word,) for word in set(terms(text))]
        connection.executemany("INSERT INTO terms VALUES (?, 1)", words)
        asked = understood(connection, typed)
        if not asked.match:
            return False
        sql = "SELECT count(*) FROM texts WHERE texts MATCH ?"
        return bool(connection.execute(sql, (asked.match,)).fetchone()[0])


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("How many apples?", "apples"),
        ("How many apples?", "APPLES many"),
        ("How many apples?", "app*"),
        ("How many apples?", '"many apples"'),
        ("How many apples?", '"many apples'),
        ("Ein Café in Zürich", "cafe zurich"),
        ("cafe\u0301", "café"),
        ("a cafe", "cafe\u0301"),
        ("Straße", "STRASSE"),
        ("x_max = 3.14", "x_max"),
        ("x_max = 3.14", "3.14"),
        ("it's a test", "it's"),
        ("今日は良い天気です", "天気"),
        ("今日は良い天気です", "良い天気"),
        ("这是一个问题", "问题"),
        ("ภาษาไทยไม่มีช่องว่าง", "ไทย"),
        ("ຂໍ້ຄວາມພາສາລາວ", "ພາສາ"),
        ("မြန်မာဘာသာ", "ဘာသာ"),
        ("ភាសាខ្មែរ", "ខ្មែរ"),
        ("हिन्दी में लिखा", "हिन्दी"),
        ("한국어 문장", "한국*"),
        ("\uff46\uff55\uff4c\uff4c", "full"),
        ("soft\u00adhyphen and zero\u200bwidth", "softhyphen zerowidth"),
        ("a AND b OR c NOT d NEAR e", "AND OR NOT NEAR"),
        ("nul\0between", "between"),
    ],
)
def test_what_stands_in_a_text_is_found(text: str, typed: str) -> None:
    assert found(text, typed)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("How many apples?", "pears"),
        ("How many apples?", "app"),
        ("How many apples?", '"apples many"'),
        ("How many apples?", "many pears"),
        ("How many apples?", '"app*"'),
        ("the", '"the the"'),
        ("这是一个问题", "题问"),
        ("ไทย", "ไทน"),
        ("हिन्दी", "हिन्दू"),
        ("anything", "?!"),
        ("anything", ""),
        ("anything", "anything* OR nothing"),
        ("anything", "said:anything"),
    ],
)
def test_what_does_not_is_not(text: str, typed: str) -> None:
    assert not found(text, typed)


def test_no_phrase_spans_two_texts() -> None:
    assert found("at the", "the end")
    assert not found("at the", '"the the"')
    assert not found("at the", '"at the the end"')


@given(st.text(max_size=200) | st.text('"*(){}^:+-\\\0 ANDORNOTNEAR~,a\ud800', max_size=80))
def test_nothing_that_is_typed_is_an_error(typed: str) -> None:
    found("a text", typed)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_a_text_is_found_by_each_of_its_words(text: str) -> None:
    assert not question(text) or found(text, text.replace('"', " ").replace("*", " "))


def test_only_the_first_words_of_a_long_question_count() -> None:
    typed = " ".join(f"w{number}" for number in range(1000))
    assert len(question(typed)) == MOST
    assert [len(part.words) for part in question('"' + typed)] == [MOST]
