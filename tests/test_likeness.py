"""Near-duplicates: what they are, and that they are the same in every process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import NotInstalled
from storage.likeness import Likeness, Sketch, jaccard, likeliest

ROOT = Path(__file__).resolve().parents[1]
BAKER = (
    "A baker has 12 trays with 30 rolls each and sells 280 rolls in the morning, and before she "
    "closes the shop in the evening she gives what is left to the school across the road. How many "
    "rolls does the school get?"
)
CJK = (
    "农夫有三块田\N{FULLWIDTH COMMA}每块田里种了一百二十棵树\N{FULLWIDTH COMMA}"
    "春天的时候又种了五十棵树\N{FULLWIDTH COMMA}请问现在一共有多少棵树\N{FULLWIDTH QUESTION MARK}"
)
THAI = "แม่ค้าขายส้มสามถาด ถาดละยี่สิบผล ตอนเย็นเหลือส้มอยู่เจ็ดผล ถามว่าวันนี้แม่ค้าขายส้มไปทั้งหมดกี่ผล"


@pytest.fixture
def likeness() -> Likeness:
    pytest.importorskip("rensa", reason="the extra `export` is not installed")
    return Likeness(0.8)


def alike(likeness: Likeness, one: str, other: str) -> bool:
    return likeness.alike(likeness.sketch(one), likeness.sketch(other))


@pytest.mark.parametrize(
    "other",
    [
        BAKER.upper(),
        BAKER.replace(" ", "\n  "),
        BAKER.replace(",", " -").replace("?", "\N{FULLWIDTH QUESTION MARK}"),
        BAKER.replace("A baker", "One baker"),
        BAKER.replace("12", "\N{FULLWIDTH DIGIT ONE}2"),
    ],
)
def test_case_white_space_width_punctuation_and_a_word_do_not_tell_texts_apart(likeness, other):
    assert alike(likeness, BAKER, other)


@pytest.mark.parametrize(
    "other",
    [
        BAKER.replace("280", "270"),
        BAKER.replace("12 trays with 30 rolls", "30 trays with 12 rolls"),
        BAKER.replace("baker", "cook").replace("rolls", "pies"),
        "",
    ],
)
def test_other_numbers_or_many_other_words_make_another_text(likeness, other):
    assert not alike(likeness, BAKER, other)


def test_an_operator_makes_another_text(likeness):
    assert not alike(likeness, f"{BAKER} 3 + 4", f"{BAKER} 3 - 4")


@pytest.mark.parametrize("text", [CJK, THAI])
def test_scripts_without_spaces_are_compared_by_letters(likeness, text):
    assert alike(likeness, text, text[:-1] + "\N{IDEOGRAPHIC FULL STOP}")
    assert alike(likeness, text, text[1:])
    assert not alike(likeness, text, text[: len(text) // 2])


def test_texts_of_one_word_are_alike_if_they_are_equal_and_empty_ones_never(likeness):
    assert alike(likeness, "Paris!", "paris")
    assert not alike(likeness, "Paris", "Rome")
    assert not alike(likeness, "?", "?")
    assert likeness.sketch("?").bands == ()


def test_texts_with_other_numbers_share_no_band(likeness):
    other = likeness.sketch(BAKER.replace("280", "270"))

    assert not set(likeness.sketch(BAKER).bands) & set(other.bands)


def test_a_sketch_is_what_it_has_always_been(likeness):
    """Bands stand in databases: another value here would find no twin among those of before."""
    assert likeness.sketch(BAKER).bands == BANDS


BANDS = (
    7485642283525181112, 3379107025437271759, 3275256943855203520, 7584275168258948198,
    3322857416425364933, 5880307603017519457, 2443948032686446976, 3838016070586326260,
)  # fmt: skip


def test_sketches_are_the_same_in_every_process():
    pytest.importorskip("rensa", reason="the extra `export` is not installed")
    code = (
        "import sys; from storage.likeness import Likeness;print(Likeness(0.8).sketch(sys.argv[1]))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code, BAKER],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }

    assert len(told) == 1


@given(st.frozensets(st.text(max_size=2)), st.frozensets(st.text(max_size=2)))
def test_jaccard_is_what_is_in_common_of_what_is_in_either(one, other):
    both = one | other

    assert jaccard(one, other) == (len(one & other) / len(both) if both else 0.0)


def test_those_with_most_in_common_are_looked_at_first_and_no_more_than_some():
    assert likeliest([5, 3, 9, 9, 3, 9]) == [9, 3, 5]
    assert len(likeliest(range(1000))) == 64


@pytest.mark.parametrize("threshold", [0.49, 1.01, float("nan")])
def test_a_threshold_out_of_range_is_refused(threshold):
    with pytest.raises(ValueError, match=r"between 0\.5 and 1"):
        Likeness(threshold)


def test_without_the_package_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rensa", None)

    with pytest.raises(
        NotInstalled, match=r"rensa is not installed; pip install \"lyceum\[export\]\""
    ):
        Likeness(0.8)


def test_a_sketch_made_of_stored_words_compares_like_one_of_the_text(likeness):
    sketch = likeness.sketch(BAKER)
    again = Sketch(sketch.text, sketch.marks, ())

    assert likeness.alike(sketch, again)
