import time

from hypothesis import given
from hypothesis import strategies as st

from storage.report.differences import LONGEST, Piece, differences
from storage.report.html.differing import told
from storage.report.wrong_step import line_of_step
from tests.markup import HOSTILE, is_only_text

FEW = st.text(alphabet="ab \n", max_size=200)


@given(FEW, FEW)
def test_both_texts_stand_in_their_differences(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert pieces is not None
    assert "".join(piece.text for piece in pieces if piece.kind != "after") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "before") == after
    assert before != after or all(piece.kind == "same" for piece in pieces)


def test_words_are_compared_within_lines() -> None:
    assert differences("1. one\n13 + 5 = 19\n", "1. one\n13 + 5 = 18\n") == (
        Piece("same", "1. one\n13 + 5 = "),
        Piece("before", "19"),
        Piece("after", "18"),
        Piece("same", "\n"),
    )


def test_what_has_little_in_common_differs_as_a_whole() -> None:
    pieces = differences("the cat sat on a mat", "nothing of it is on here")
    assert [piece.kind for piece in pieces or ()] == ["before", "after"]


def test_texts_that_are_too_long_are_not_compared() -> None:
    assert differences("x" * (LONGEST + 1), "x") is None


def test_comparing_takes_no_longer_than_a_person_waits() -> None:
    begun = time.monotonic()
    for before, after in (
        ("a\n" * 9000, "b\na\n" * 5000),
        ("x y " * 5000, "y x " * 5000),
        (
            "".join("ab\n"[n % 3] for n in range(19_000)),
            "".join("ba\n"[n % 3] for n in range(19_000)),
        ),
    ):
        assert differences(before, after) is not None
    assert time.monotonic() - begun < 10


def test_differences_of_hostile_texts_are_only_text() -> None:
    for text in HOSTILE:
        pieces = differences(text, HOSTILE[0] + "\n" + text)
        found = is_only_text(told(pieces or ()))
        assert found.tags <= {"pre", "ins", "del", "span"}


def test_a_step_is_found_by_its_number_or_by_its_words() -> None:
    numbered = "Well.\n1. one\n   more\n2) two\n**Step 3:** three"
    assert [line_of_step(numbered, n) for n in (1, 2, 3, 4)] == [1, 3, 4, None]
    plain = "a = 1\n\nb  = 2\na = 1\n#### 1"
    steps = ("a = 1", "b = 2", "a = 1")
    assert [line_of_step(plain, n, steps) for n in (1, 2, 3, 4)] == [0, 2, 3, None]
