import importlib.util
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.report.html.code import program
from storage.report.html.maths import DEEPEST, LONGEST, formula
from storage.report.html.prose import LONGEST as LONGEST_PROSE
from storage.report.html.prose import as_written, prose
from storage.report.html.unseen import marked
from storage.report.unseen import MOST_COMBINING, visible
from tests.markup import HOSTILE, is_only_text, seen

SETS_MATHS = pytest.mark.skipif(
    importlib.util.find_spec("latex2mathml") is None, reason="needs the extra `web`"
)


def written(html: str) -> str:
    """Return the text of HTML, its white space folded."""
    return " ".join(seen(html).text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    for shown in (prose(text), as_written(text), program(text, "html"), program(text, "python")):
        is_only_text(str(shown))
    assert "alert(1)" not in text or "alert(1)" in seen(prose(text)).text


@given(st.text())
def test_any_text_is_set_without_fault(text: str) -> None:
    is_only_text(str(prose(text)))
    is_only_text(str(as_written(text)))


PIECES = st.sampled_from(
    [
        "# ", "\n", "\n\n", "- ", "1. ", "> ", "    ", "`", "```", "~~~", "*", "_", "~~",
        "[", "](", ")", "!", "<", ">", "&lt;", "|", "|-|-|", "$", "$$", "\\(", "\\)", "\\[",
        "\\]", "\\", "x", "---", "===", "\t", "\u202e", "\u0301", "\r", "\u00e9", "{", "}",
        "^2", "\\frac12", "5 and ",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join), st.integers(0, 20))
def test_any_markdown_is_well_formed_and_flags_at_most_one_step(text: str, line: int) -> None:
    html = str(prose(text, line))
    is_only_text(html)
    assert html.count("wrong-here") <= 1


def test_markdown_is_set_and_links_are_not() -> None:
    found = seen(
        prose("**a** *b* `c`\n\n- d\n\n| e |\n|---|\n| f |\n\n[g](http://h) ![i](j)\n\n> k")
    )
    assert {"strong", "em", "code", "ul", "table", "blockquote"} <= found.tags
    assert not found.tags & {"a", "img"}
    assert "[g](http://h) ![i](j)" in found.text


def test_a_heading_of_a_model_is_no_heading_of_the_page() -> None:
    found = seen(prose("# Accepted\n\nReward\n======"))
    assert not {tag for tag in found.tags if tag.startswith("h")}
    assert ("p", {"class": "said-heading", "dir": "auto"}) in found.elements


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $6.",
        "She pays $2 for eggs, US$ 3 for milk, and $4,000 in all.",
        "from $10-$20",
        "He has $ 5 $ left",
        "$12 each and 3$",
        r"a \$5 note and \$6",
        "5$ x $6",
        "$5 for apples, then b$ more",
    ],
)
def test_money_is_no_mathematics(text: str) -> None:
    assert "math" not in seen(prose(text)).tags
    assert not any("latex" in (a.get("class") or "") for _, a in seen(prose(text)).elements)


@SETS_MATHS
@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("so $x^2$ is", False),
        (r"so \(x^2\) is", False),
        ("so $$x^2$$ is", True),
        ("$$\nx\n= 5\n- 3\n$$", True),
        (r"\[ x^2 \]", True),
        ("1. step\n   \\[\n   x^2\n   \\]", True),
        ("$5x + 3 = 8$", False),
        ("| $a$ |\n|-----|\n| $b$ |", False),
    ],
)
def test_mathematics_is_set(text: str, block: bool) -> None:
    modes = [a["display"] for tag, a in seen(prose(text)).elements if tag == "math"]
    assert modes
    assert set(modes) == {"block" if block else "inline"}


@pytest.mark.parametrize(
    "latex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\newcommand{\a}{\b\b}\a",
        r"\def\a{aaaaaaaa}\a\a",
        "50% of what follows is a remark",
        "{" * (DEEPEST + 1) + "}" * (DEEPEST + 1),
        "x" * (LONGEST + 1),
        r"\sqrt" * 300,
        r"\frac",
        "",
    ],
)
def test_what_cannot_be_set_is_shown_as_it_was_written(latex: str) -> None:
    html = str(formula(latex, f"${latex}$"))
    assert "math" not in is_only_text(html).tags
    assert f"${latex}$" in seen(html).text


@SETS_MATHS
def test_nothing_in_a_formula_hides_or_covers() -> None:
    for latex in (
        r"\phantom{secret}",
        r"\color{white}secret",
        r"\llap{secret}x",
        r"\hphantom{secret}",
    ):
        html = str(formula(latex, latex))
        is_only_text(html)
        assert "".join(seen(html).text.split()).find("secret") >= 0
    assert "width" not in str(formula(r"\hspace{-90em}x", "x"))


COMMANDS = st.sampled_from(
    [r"\frac", r"\sqrt", r"\left(", r"\right)", r"\begin{matrix}", r"\end{matrix}", r"\text{<b>}",
     r"\color{red}", r"\over", r"\limits", r"\sum", r"\binom", r"\mathrm", r"\hspace{9em}", r"\\",
     "{", "}", "^", "_", "&", "x", "12", "[", "]", " ", "'", "\u202e", "<", r"\xrightarrow", "|",
     r"\operatorname{a}", r"\substack", r"\cases", r"\boxed", r"\tag{1}", r"\not", r"\middle|"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(COMMANDS, max_size=40).map("".join))
def test_any_formula_is_harmless(latex: str) -> None:
    is_only_text(str(formula(latex, f"${latex}$")))


@pytest.mark.parametrize(
    "text",
    [
        "*a " * 8000,
        "[" * 20000,
        "`" * 200 + "".join("`" * n + " " for n in range(150)),
        "|".join("a" * 60) + "\n" + "|".join("-" * 60) + "\n" + "a\n" * 9000,
        "> " * 9000,
        "$a" * 9000,
        r"\[" * 9000,
        "- a\n" * 5000,
        "x" * 1_000_000,
        "\n" * 1_000_000,
        "a\u0301" * 500_000,
        "\u200b\u200c" * 500_000,
        "```python\n" + "f'{" * 6000,
    ],
    ids=range(13),
)
def test_a_page_of_any_text_is_soon_made_and_bounded(text: str) -> None:
    begun = time.monotonic()
    shown = prose(text[:LONGEST_PROSE])
    assert time.monotonic() - begun < 10
    assert len(shown) < 2_000_000


def test_unseen_characters_are_marked_with_their_names() -> None:
    html = str(marked("a\u202eb\x1b[31m\u200b\x00"))
    assert '<span class="made-seen" title="right-to-left override">U+202E</span>' in html
    assert 'title="escape">U+001B</span>[31m' in html
    assert seen(html).text == "aU+202EbU+001B[31mU+200BU+0000"
    assert visible("a\u202eb") == "a[U+202E]b"


def test_what_scripts_and_emoji_need_is_left_alone() -> None:
    for text in (
        "می\u200cخواهم", "क्\u200dष", "👩\u200d🚀",  # noqa: RUF001 - letters of their own
        "❤\ufe0f", "1\ufe0f", "é\u0301", "中文\u3000字", "a\u00a0b",
    ):  # fmt: skip
        assert str(marked(text)) == text
    assert "U+200C" in marked("pass\u200cword")
    assert "U+FE0F" in marked("x \ufe0f")


def test_a_flood_of_combining_marks_is_cut_and_counted() -> None:
    shown = seen(marked("a" + "\u0300" * 600 + "b")).text
    assert shown == "a" + "\u0300" * MOST_COMBINING + f"U+0300 times {600 - MOST_COMBINING}b"


def test_a_language_from_right_to_left_decides_its_own_direction() -> None:
    assert all(
        attributes.get("dir") == "auto"
        for tag, attributes in seen(prose("שלום עולם\n\n- א\n- ב")).elements
        if tag in ("p", "ul")
    )


def test_the_exact_form_keeps_every_character_that_is_seen() -> None:
    text = "# a\n\n* b  \n\t&lt; <i> $x$ \\( [l](m)\n"
    assert seen(as_written(text)).text == text


def test_the_first_wrong_step_is_marked_where_it_stands() -> None:
    text = "Let me see.\n\n1. one\n2. two\n3. three"
    assert "first wrong step two" in written(prose(text, 3))
    assert "first wrong step 2. two" in written(as_written(text, 3))
    plain = "one\ntwo\nthree"
    assert "one first wrong step two three" in written(prose(plain, 1))
    assert "first wrong step" not in written(prose(plain))


def test_programs_are_coloured_by_a_language_of_the_list_and_no_other() -> None:
    assert '<span class="k">SELECT</span>' in prose("```sql\nSELECT 1\n```")
    assert "span" not in seen(prose("```evil-language\nSELECT 1\n```")).tags
    assert seen(program("def f():\n  return '<b>'", "python")).text == "def f():\n  return '<b>'"


@given(st.text())
def test_a_coloured_program_is_the_same_program(text: str) -> None:
    assert seen(program(text, "python")).text == seen(program(text)).text
