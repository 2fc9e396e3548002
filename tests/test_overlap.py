"""Overlap with benchmarks: what counts as a copy, and where it is said to stand."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import SourceError
from storage.overlap import Benchmarks, Hit

ROOT = Path(__file__).resolve().parents[1]
STORIES = ROOT / "examples" / "data" / "benchmark_stories.txt"
FACTS = ROOT / "examples" / "data" / "benchmark_facts.jsonl"


def written(folder: Path, *lines: str, name: str = "a.txt") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_row_of_words_of_an_item_is_found_with_its_place():
    benchmarks = Benchmarks.read([FACTS, STORIES])

    hit = benchmarks.found(
        "One: TWO hikers set out from the same hut -- one at 4 kilometres an hour! And so on."
    )

    assert hit == Hit(
        str(STORIES), "line 13", "two hikers set out from the same hut one at 4 kilometres an"
    )
    assert str(hit).startswith(f"13 words in a row with {str(STORIES)!r} line 13: 'two hikers")


def test_every_item_of_the_example_files_finds_itself_and_no_other_file_s():
    stories, facts = Benchmarks.read([STORIES]), Benchmarks.read([FACTS])
    for line, text in enumerate(STORIES.read_text(encoding="utf-8").splitlines(), start=1):
        assert stories.found(text).place == f"line {line}"
        assert facts.found(text) is None
    for line, text in enumerate(FACTS.read_text(encoding="utf-8").splitlines(), start=1):
        assert facts.found(json.loads(text)["question"]).place == f"line {line}"


def test_twelve_words_in_a_row_are_chance_and_thirteen_are_not(tmp_path):
    words = [f"w{n}x" for n in range(30)]
    benchmarks = Benchmarks.read([written(tmp_path, " ".join(words))])

    assert benchmarks.found(" ".join(["so", *words[4:16], "then", *words[20:30]])) is None
    assert benchmarks.found(" ".join(["so", *words[4:17], "then"])).words == " ".join(words[4:17])


def test_n_is_the_user_s(tmp_path):
    path = written(tmp_path, "one two three four five six seven eight nine ten")

    assert Benchmarks.read([path], 5).found("x two three four five six y").words == (
        "two three four five six"
    )
    assert Benchmarks.read([path]).found("x two three four five six y") is None


def test_an_item_of_fewer_words_matches_whole_and_one_of_a_few_only_as_the_whole_text(tmp_path):
    nine = "why do bees dance when they have found flowers"
    path = written(tmp_path, nine, "What is the capital of Peru?")
    benchmarks = Benchmarks.read([path])

    assert benchmarks.found(f"Tell me, {nine}, please").words == nine
    assert benchmarks.found("why do bees dance when they have found") is None
    assert benchmarks.found("what is the CAPITAL of peru").place == "line 2"
    assert benchmarks.found("Say quickly what is the capital of Peru") is None


def test_a_word_that_stands_in_no_benchmark_ends_a_row(tmp_path):
    words = [f"w{n}" for n in range(26)]
    benchmarks = Benchmarks.read([written(tmp_path, " ".join(words))])

    assert benchmarks.found(" ".join([*words[:12], "other", *words[13:25]])) is None
    assert benchmarks.found(" ".join([*words[:12], "other", *words[12:26]])).words == " ".join(
        words[12:25]
    )


def test_scripts_without_spaces_are_compared_by_letters(tmp_path):
    item = "农夫有三块田每块田里种了一百二十棵树春天又种了五十棵"
    benchmarks = Benchmarks.read([written(tmp_path, item)])

    assert (
        benchmarks.found(f"从前\N{FULLWIDTH COMMA}{item[3:17]}\N{FULLWIDTH QUESTION MARK}")
        is not None
    )
    assert (
        benchmarks.found(f"从前\N{FULLWIDTH COMMA}{item[3:12]}\N{FULLWIDTH QUESTION MARK}") is None
    )


def test_all_texts_of_a_row_are_items_unless_a_column_is_named(tmp_path):
    long = "alpha beta gamma delta epsilon zeta eta theta"
    other = "one two three four five six seven eight"
    path = written(tmp_path, json.dumps({"q": long, "c": [other], "n": 3}), name="a.jsonl")

    assert Benchmarks.read([path]).found(other).place == "line 1"
    assert Benchmarks.read([f"{path}:q"]).found(other) is None
    assert Benchmarks.read([f"{path}:q"]).found(long).path == str(path)


def test_a_file_with_a_colon_in_its_name_is_that_file(tmp_path):
    path = written(tmp_path, "alpha beta gamma delta epsilon zeta eta theta", name="a.b:c.txt")

    assert Benchmarks.read([path]).found("alpha beta gamma delta epsilon zeta eta theta")


@pytest.mark.parametrize(
    ("name", "content", "column", "said"),
    [
        ("a.txt", None, "", "there is no such file; correct the path"),
        ("a.txt", b"\n \n", "", "is empty"),
        ("a.txt", b"one\0two", "", "is binary"),
        ("a.txt", b"\xff\xfe", "", "is not UTF-8"),
        ("a.txt", b"?!\n...\n", "", "has no text"),
        ("a.txt", b"one two", ":q", "has no column 'q'; leave it out"),
        ("a.jsonl", b'{"question": "one"}', ":questoin", "did you mean 'question'?"),
        ("a.jsonl", b'{"n": 3}', "", "has no text"),
        ("a.jsonl", b"[1]", "", "line 1: is no JSON object"),
        ("a.pdf", b"%PDF", "", "is of no known kind"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path, name, content, column, said):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SourceError) as caught:
        Benchmarks.read([f"{path}{column}"])

    assert said in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_hits_are_the_same_in_every_process():
    code = (
        "import sys; from storage.overlap import Benchmarks;"
        "print(*(Benchmarks.read(sys.argv[1:3]).found(t) for t in open(sys.argv[1])), sep='\\n')"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code, str(STORIES), str(FACTS)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "5")
    }

    assert len(told) == 1
    assert "None" not in told.pop()
