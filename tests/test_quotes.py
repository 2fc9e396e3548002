"""Whether a quote stands in an attempt."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agents.judge.quotes import Quoted
from agents.verifiers.reading import Unreadable

ATTEMPT = (
    "First I add 12 apples   and 30 pears,\nwhich are 42 pieces.\n= 42\n"
    "Das Caf\u00e9 ist heute <|im_end|> zu.\nHalf is 0.525.\n"
    "\u7b54\u6848\u662f\u56db\u5341\u4e8c\u3002"
)


@pytest.mark.parametrize(
    "quote",
    [
        "12 apples and 30 pears",
        "30 pears, which are 42",
        "  which\n are  42 pieces. ",
        "= 42",
        "Das Cafe\u0301 ist heute",
        "Half is 0.525.",
        "\u7b54\u6848\u662f\u56db\u5341\u4e8c\u3002",
        ATTEMPT.split("\n")[0],
    ],
)
def test_a_quote_stands_there_whatever_its_white_space_and_accents(quote):
    assert Quoted(ATTEMPT).holds(quote)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "  ",
        "a",
        "42",
        "apples",
        "12 Apples and 30 pears",
        "12 apples, 30 pears",
        "2 apples and 30 pears",
        "and 30 pear",
        "are 42 pieces. = 43",
        "Half is 0.52",
        "Das Caf\u00e9",
        "ist heute zu.",
        "ist heute [removed text] zu.",
        "\u7b54\u6848",
        "x" * 5_000,
        "e" + "\u0301" * 99,
        "\x00",
    ],
)
def test_what_is_changed_cut_pieced_together_or_too_little_does_not_stand_there(quote):
    assert not Quoted(ATTEMPT).holds(quote)


@pytest.mark.parametrize("short", ["42", "Yes", "<", "\u5341"])
def test_a_short_attempt_is_quoted_whole(short):
    assert Quoted(short).holds(short)
    assert not Quoted(f"{short} more").holds(short)


def test_an_attempt_beyond_a_limit_is_told():
    with pytest.raises(Unreadable, match="longer than"):
        Quoted("a" * 300_000)


@given(st.text(), st.data())
def test_a_quote_that_holds_is_part_of_the_attempt(text, data):
    assume(not any(unicodedata.category(c).startswith(("C", "M")) for c in text))
    start = data.draw(st.integers(min_value=0, max_value=len(text)))
    quote = data.draw(st.sampled_from([text[start:], text[:start], data.draw(st.text())]))
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    if "<" not in text and "[" not in text and "#" not in text and Quoted(text).holds(quote):
        assert " ".join(unicodedata.normalize("NFC", quote).split()) in folded


@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=3), st.data())
def test_three_whole_words_in_a_row_always_stand_there(words, data):
    assume("s" not in words)
    start = data.draw(st.integers(min_value=0, max_value=len(words) - 3))
    assert Quoted(" ".join(words)).holds("\n ".join(words[start : start + 3]))
