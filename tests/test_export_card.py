import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from storage.export.account import Account
from storage.export.card import card
from storage.export.card.front import as_yaml, known_licence, licence_of, size_of
from storage.export.card.markdown import dollars, escaped, name, share, shortened, table
from storage.export.facts import Facts
from storage.export.figures import Figures
from storage.export.left_out import LeftOut
from tests.exported import (
    KEY,
    NASTY,
    assistant,
    database,
    example,
    figures,
    files,
    read,
    rows,
    user,
)


def page(found: Facts, taken: Figures, **more: object) -> str:
    left_out = LeftOut({"sft": {"duplicate": 3, "unheard_of": 2}, "rl": {"duplicate": 0}})
    given = {"left_out": left_out, "options": {"balance": True}, "plots": {}} | more
    return card(found, taken, files=files(taken), **given)  # type: ignore[arg-type]


async def written(path: Path, nasty: str = "plain", **more: object) -> str:
    await database(path, nasty)
    return page(read(path), figures(nasty), **more)


def tokens(text: str) -> list[Token]:
    """Return everything that a reader of Markdown makes of the page below its head."""
    body = text.split("\n---\n", 1)[1]
    whole = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)
    return [each for block in whole for each in (block, *(block.children or ()))]


def head(text: str) -> dict[str, object]:
    found = yaml.safe_load(text.split("\n---\n", 1)[0].removeprefix("---\n"))
    assert isinstance(found, dict)
    return found


async def test_the_card_says_what_a_reader_looks_for(tmp_path: Path) -> None:
    text = await written(tmp_path / "a.db")

    for wanted in (
        "42 training rows in 7 formats, from 4 episodes",
        "Purity: not yet measured",
        "no command of this version makes one",
        "| program | 3 | 2 | 0 | 0 |",
        "| nobody | 0 | 0 | 1 | 0 |",
        "| `wrong` | 2 | 33 % | the answer is wrong |",
        "Of 1 episode no attempt exists",
        "| `exact` | 2 | 5 |",
        "`plain@1`",
        "`sha256:abababababab`",
        "temperature `0.5`",
        "1 more that are not shown",
        "in `train` 2 rows are desirable and 3 are not",
        "`desirable_weight=1.75`",
        "The mean solve rate is 50 %",
        "| CC BY 4.0 | 1 | 0 |",
        "**1 expert seed of 3 states no licence.",
        "| teacher | 4 | 40 | 20 | $1.0000 |",
        "By family, never by row",
        "| `duplicate` | 3 | 0 |",
        "| `balance` | `true` |",
        "not known here",
    ):
        assert wanted in text, wanted
    assert KEY not in text


@pytest.mark.parametrize("form", figures().forms)
async def test_an_export_of_one_format_has_a_card(tmp_path: Path, form: str) -> None:
    await database(tmp_path / "a.db")
    taken = Figures()
    for row in rows():
        if row[0] == form:
            taken.add(*row)
    text = page(read(tmp_path / "a.db"), taken)

    assert "6 training rows in 1 format," in text
    assert f'load_dataset("path/to/this/folder", "{form}", split="train")' in text
    assert "{{" not in text
    assert "None" not in text


async def test_the_same_facts_and_figures_give_the_same_card(tmp_path: Path) -> None:
    one = await written(tmp_path / "a.db", NASTY[4])
    other = await written(tmp_path / "b.db", NASTY[4])

    assert one == other
    assert str(tmp_path) not in one


async def test_a_simulated_student_is_called_simulated(tmp_path: Path) -> None:
    await database(tmp_path / "a.db")
    found = read(tmp_path / "a.db")
    makers = tuple(
        type(each)(**{**{k: getattr(each, k) for k in each.__slots__}, "kind": "embedded"})
        for each in found.faculty
    )
    fields = {k: getattr(found, k) for k in found.__slots__}
    text = page(Facts(**{**fields, "faculty": makers}), figures())

    assert "**The student is simulated.**" in text
    assert "simulated" not in page(found, figures())


@pytest.mark.parametrize("nasty", NASTY)
async def test_no_stored_name_becomes_markup(tmp_path: Path, nasty: str) -> None:
    plain = tokens(await written(tmp_path / "a.db"))
    found = tokens(await written(tmp_path / "b.db", nasty))

    shape = [each.type for each in plain if each.type not in ("text", "code_inline", "softbreak")]
    same = [each.type for each in found if each.type not in ("text", "code_inline", "softbreak")]
    unlike = {"text_special", "html_block", "html_inline", "link_open", "image", "s_open"}
    assert [each for each in same if each != "text_special"] == shape
    assert not ({each.type for each in found} & (unlike - {"text_special"}))


@pytest.mark.parametrize("nasty", NASTY)
async def test_no_stored_name_becomes_yaml(tmp_path: Path, nasty: str) -> None:
    plain = head(await written(tmp_path / "a.db"))
    found = head(await written(tmp_path / "b.db", nasty))

    assert list(found) == list(plain)
    assert found["license"] == "other"
    assert {key: each for key, each in found.items() if key != "pretty_name"} == {
        key: each for key, each in plain.items() if key != "pretty_name"
    }


MARKUP = st.text(st.sampled_from("ab1 #*_`~|\\\\<>&;[](){}!$+-=.:/@\\n\\r\\t\"'%^,w"), max_size=40)


@given(st.one_of(st.text(max_size=40), MARKUP))
def test_whatever_is_written_in_a_cell_or_a_sentence_stays_text(text: str) -> None:
    cells = table(("a", "b"), [(name(text), text)])
    page = f"\n---\n# {escaped(text)}\n\nSay {name(text)} here.\n\n{cells}\n"
    found = [each.type for each in tokens(page)]

    inline = {"inline", "text", "text_special", "code_inline"}
    assert [each for each in found if each not in inline] == [
        "heading_open", "heading_close", "paragraph_open", "paragraph_close", "table_open",
        "thead_open", "tr_open", "th_open", "th_close", "th_open", "th_close", "tr_close",
        "thead_close", "tbody_open", "tr_open", "td_open", "td_close", "td_open", "td_close",
        "tr_close", "tbody_close", "table_close",
    ]  # fmt: skip


@given(st.one_of(st.text(), MARKUP))
def test_whatever_is_written_in_the_head_is_read_back(text: str) -> None:
    whole = text.encode(errors="replace").decode()

    assert yaml.safe_load(as_yaml({"a": whole, "b": [whole]}).strip("-\n")) == {
        "a": whole, "b": [whole],
    }  # fmt: skip


async def test_the_head_is_what_a_hub_reads(tmp_path: Path) -> None:
    found = head(await written(tmp_path / "a.db"))

    assert found["language"] == ["en"]
    assert found["size_categories"] == ["n<1K"]
    assert found["task_categories"] == ["text-generation", "reinforcement-learning"]
    assert found["annotations_creators"] == ["machine-generated"]
    assert found["language_creators"] == ["machine-generated", "expert-generated"]
    assert found["multilinguality"] == ["monolingual"]
    assert found["configs"][0] == {  # type: ignore[index]
        "config_name": "sft",
        "default": True,
        "data_files": [
            {"split": "train", "path": "sft/train-00000-of-00001.parquet"},
            {"split": "test", "path": "sft/test-00000-of-00001.parquet"},
        ],
    }
    assert [each["config_name"] for each in found["configs"]] == figures().forms  # type: ignore[attr-defined]


def test_yaml_keeps_what_it_might_take_for_something_else() -> None:
    given = {"a": ["no", "1.0", "null", '"', "\\", "é😀", "\ufffe", "a: b"], "c": True, "d": []}

    assert yaml.safe_load(as_yaml(given).strip("-\n")) == given


@pytest.mark.parametrize(
    ("stated", "known"),
    [
        ("CC BY 4.0", "cc-by-4.0"), ("cc-by-sa-4.0", "cc-by-sa-4.0"), ("MIT", "mit"),
        ("MIT License", "mit"), ("Apache-2.0", "apache-2.0"), ("CC0", "cc0-1.0"),
        ("ask me", "other"), ("", "other"), ("mit\nlicense: x", "other"),
    ],
)  # fmt: skip
def test_licences_are_told_as_a_hub_knows_them(stated: str, known: str) -> None:
    assert known_licence(stated) == known


@pytest.mark.parametrize(
    ("rows", "licence"),
    [
        ([(None, None)], "unknown"),
        ([("s", "MIT"), (None, None)], "mit"),
        ([("s", "MIT"), ("s", None)], "unknown"),
        ([("s", "MIT"), ("s", "CC BY 4.0")], ["cc-by-4.0", "mit"]),
        ([("s", "MIT"), ("s", "mine")], "other"),
    ],
)
def test_a_licence_that_is_not_stated_makes_the_whole_unknown(
    rows: list[tuple[str | None, str | None]], licence: str
) -> None:
    taken = Figures()
    for n, (seed, stated) in enumerate(rows):
        row = example(n, expert_seed=seed, licence=stated, messages=user("q") + assistant("a"))
        taken.add("sft", "train", row)

    assert licence_of(taken) == licence


def test_sizes_are_those_of_the_hub() -> None:
    sizes = [size_of(rows) for rows in (0, 999, 1000, 10**6, 10**13)]

    assert sizes == ["n<1K", "n<1K", "1K<n<10K", "1M<n<10M", "n>1T"]


async def test_plots_are_shown_where_there_are_any(tmp_path: Path) -> None:
    drawn = await written(tmp_path / "a.db", plots={"plots/skills.png": b""})
    bare = await written(tmp_path / "b.db")

    assert "![Episodes by skill and status](plots/skills.png)" in drawn
    assert "matplotlib" not in drawn
    assert "matplotlib was not installed" in bare


async def test_what_was_not_looked_for_is_not_said_to_be_absent(tmp_path: Path) -> None:
    bare = await written(tmp_path / "a.db")
    looked = LeftOut({"sft": {}}, looked_for=("near_duplicate", "contaminated"))
    empty = await written(tmp_path / "b.db", left_out=looked)
    some = LeftOut({"sft": {"near_duplicate": 2, "across_splits": 1}, "kto": {"contaminated": 4}})
    found = await written(tmp_path / "c.db", left_out=some)

    assert "Near-duplicates were not looked for" in bare
    assert "no benchmark was named" in bare
    assert "Near-duplicates: 0 attempts" in empty
    assert "Contamination: 0 attempts" in empty
    assert "Near-duplicates: 3 attempts" in found
    assert "1 of them across splits" in found
    assert "Contamination: 4 attempts" in found


async def test_an_account_is_told_whole(tmp_path: Path) -> None:
    account = Account(used=5)
    account.attempts.update({"accepted": 6, "rejected": 2})
    account.left_out.update({"rejected": 2, "duplicate": 1})
    text = await written(tmp_path / "a.db", left_out=LeftOut.of({"sft": account}))

    assert "| *attempts* | 8 | of the database |" in text
    assert "| *used* | 5 | in at least one row |" in text
    assert "| `rejected` | 2 | it is wrong, and the format takes right ones |" in text


def test_a_cost_that_is_not_known_is_not_nothing() -> None:
    assert [dollars(cost) for cost in (None, 0.0, 0.00123, 1234.5)] == [
        "not known", "$0.00", "$0.0012", "$1,234.50",
    ]  # fmt: skip


def test_shares_never_round_to_all_or_nothing() -> None:
    assert [share(*each) for each in ((1, 0), (1, 2), (1, 1000), (999, 1000), (5, 5))] == [
        "-", "50 %", "0.1 %", "99.9 %", "100 %",
    ]  # fmt: skip


def test_a_long_table_ends_with_how_many_more_there_are() -> None:
    rows = [(f"s{n}", n) for n in range(40)]
    text = table(("skill", ">n"), shortened(rows))

    assert text.count("\n") == 32
    assert text.endswith("| *10 more* |  |")
    assert table(("skill",), []) == ""


def test_names_are_code_only_where_they_are_plain() -> None:
    assert name("openai:gpt-5@1") == "`openai:gpt-5@1`"
    assert name("a b") == "a b"
    assert name(None) == "-"
    assert escaped("a_b|c<d>\x1b[31m") == r"a\_b&#124;c&lt;d&gt;"
    assert re.fullmatch(r"x{79}…", escaped("x" * 200))
