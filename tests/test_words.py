import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.words import marks, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How MANY apples, in all?", ["how", "many", "apples", "in", "all"]),
        ("\N{FULLWIDTH DIGIT ONE},250 \N{FULLWIDTH LATIN SMALL LETTER L}itres", ["1250", "litres"]),
        ("1,250.50 or 3, 4.", ["1250.50", "or", "3", "4"]),
        ("2+3 = 5 - 1", ["2", "+", "3", "=", "5", "-", "1"]),
        ("5 \N{MINUS SIGN} 1", ["5", "-", "1"]),
        ("a well-known fact - or not", ["a", "well", "known", "fact", "or", "not"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("zero\u200bwidth", ["zerowidth"]),
        ("リンゴは3個。", ["リ", "ン", "ゴ", "は", "3", "個"]),
        ("มี 12 ใบ", ["ม", "ี", "12", "ใ", "บ"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("e\u0301tude \u00e9tude", ["étude", "étude"]),
        ("... !?", []),
        ("", []),
    ],
)
def test_a_text_is_its_words_whoever_set_it(text, found):
    assert words(text) == found


@given(st.text())
def test_words_have_no_space_and_are_blind_to_case_and_width(text):
    found = words(text)

    assert all(word and not word.isspace() and len(word.split()) == 1 for word in found)
    assert words(" ".join(found)) == words(f"  {' '.join(found)}\n")


def test_marks_are_numbers_and_operators_in_order():
    assert (
        marks(words("On the 3rd day 4 of 1,000 left: 2 * x = 7.5; हिन्दी")) == "3rd 4 1000 2 * = 7.5"
    )
