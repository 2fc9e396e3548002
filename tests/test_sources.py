import json
from pathlib import Path

import pytest

from storage import ids
from storage.errors import SourceError
from storage.records import ANSWER_INSTRUCTION, ANSWER_PATTERN
from storage.sources import expert_seeds, lessons
from storage.tabular import read_rows


def jsonl(folder: Path, *found: object, name: str = "a.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(one) + "\n" for one in found), encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    """Read a file that must be refused, and return the one line that says why."""
    with pytest.raises(SourceError) as caught:
        read_rows(path)
    said = str(caught.value)
    assert "\n" not in said
    assert path.name in said
    return said


def test_rows_know_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n\n{"a": "\xe2\x80\xa8"}')

    assert [(row.line, row.values) for row in read_rows(path)] == [
        (1, {"a": 1}),
        (3, {"a": "\u2028"}),
    ]


def test_csv_fields_may_span_lines_and_hold_commas(tmp_path: Path) -> None:
    path = tmp_path / "a.CSV"
    path.write_bytes(b'\xef\xbb\xbfq,a\r\n"one,\ntwo",7\r\n\r\nthree,8\r\n')

    assert [(row.line, row.values) for row in read_rows(path)] == [
        (3, {"q": "one,\ntwo", "a": "7"}),
        (5, {"q": "three", "a": "8"}),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", b"", "is empty"),
        ("a.csv", b" \n\n", "is empty"),
        ("a.csv", b"q,a\n", "no rows"),
        ("a.jsonl", b'{"a": "\0"}', "is binary"),
        ("a.jsonl", b'{"a": 1}\n{"a": "\xff\xfe"}', "line 2: is not UTF-8"),
        ("a.jsonl", b'{"a": 1}\n[1]', "line 2: is no JSON object"),
        ("a.jsonl", b"{}\n{'a': 1}", "line 2: is no JSON"),
        ("a.jsonl", b'{"a": NaN}', "line 1: is no JSON that can be stored (NaN"),
        ("a.jsonl", b'{"a": 1}\n{"a": [-1e999]}', "line 2: is no JSON that can be stored (-1e999"),
        ("a.jsonl", b'{"a": "\\ud800"}', "line 1: is no JSON that can be stored"),
        ("a.jsonl", b'{"a": ' + b"[" * 100_000, "line 1: is no JSON"),
        ("a.csv", b"q,a\n1,2\n1,2,3\n", "line 3: has 3 fields, the first line 2"),
        ("a.csv", b"q,q\n1,2\n", "line 1: every column needs a name"),
        ("a.csv", b"q,\n1,2\n", "line 1: every column needs a name"),
        ("a.csv", b'q,a\n"1,2\n', "is no CSV"),
        ("a.csv", b"q,a\n1," + b"x" * 140_000, "is no CSV (field larger"),
        ("a.xlsx", b"PK", "is of no known kind"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_place_and_a_remedy(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert said in refusal(tmp_path / name)


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d.csv").mkdir()

    assert "no such file" in refusal(tmp_path / "a.jsonl")
    assert "cannot be read" in refusal(tmp_path / "d.csv")


def test_expert_seeds_take_columns_and_constants(tmp_path: Path) -> None:
    path = jsonl(
        tmp_path,
        {"q": "one", "a": 7, "p": ["x", "y"], "who": "Ann"},
        {"q": "two", "a": None, "p": [], "who": ""},
    )
    one, two = expert_seeds(
        path, example="q", reference="a", passage="p", author="who", licence="MIT"
    )

    assert (one.example, one.reference, one.passage) == ("one", "7", "x\n\ny")
    assert (one.author, one.licence, one.skill) == ("Ann", "MIT", None)
    assert (two.reference, two.passage, two.author, two.licence) == (None, None, None, "MIT")
    assert one.id == ids.expert_seed_id(one.model_dump(exclude={"id"}))


def test_an_unknown_column_is_answered_with_the_nearest_and_all(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"question": "q"}, {"answer": "a"})
    with pytest.raises(SourceError, match=r"did you mean 'question'.* it has 'question', 'answer'"):
        expert_seeds(path, example="questoin")
    with pytest.raises(SourceError, match="has no column 'zzz'; it has"):
        expert_seeds(path, example="question", passage="zzz")


@pytest.mark.parametrize("value", [None, "", "  ", [], {"x": 1}, [[1]]])
def test_a_row_without_an_example_is_named(tmp_path: Path, value: object) -> None:
    path = jsonl(tmp_path, {"q": "one"}, {"q": value})
    with pytest.raises(SourceError, match="line 2: column 'q'"):
        expert_seeds(path, example="q")


def test_lessons_stand_in_file_order_with_the_default_form_of_an_answer(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"q": "one", "a": 1.5}, {"q": "two", "a": "2"})
    one, two = lessons(path, question="q", reference="a")

    assert [one.task.question, two.task.question] == ["one", "two"]
    assert [one.reference, two.reference] == ["1.5", "2"]
    assert (one.task.answer_pattern, one.task.instruction) == (ANSWER_PATTERN, ANSWER_INSTRUCTION)
    assert (one.skill, one.level, one.verifier, one.made_by) == ("library", 1, "exact", "library")
    assert one.id == ids.lesson_id(one)


@pytest.mark.parametrize(
    ("pattern", "instruction", "expected"),
    [
        (None, "Say it.", (ANSWER_PATTERN, "Say it.")),
        (None, "", (ANSWER_PATTERN, "")),
        ("A: (.*)", None, ("A: (.*)", "")),
        ("A: (.*)", "Say it.", ("A: (.*)", "Say it.")),
    ],
)
def test_nothing_is_added_to_a_task_that_brings_its_own_pattern(
    tmp_path: Path, pattern: str | None, instruction: str | None, expected: tuple[str, str]
) -> None:
    path = jsonl(tmp_path, {"q": "one", "a": "1"})
    [one] = lessons(
        path, question="q", reference="a", answer_pattern=pattern, instruction=instruction
    )

    assert (one.task.answer_pattern, one.task.instruction) == expected


@pytest.mark.parametrize(("pattern", "found"), [("^A: *(.*)$", "8"), (r"^A: \d$", "A: 8")])
def test_the_last_match_of_a_reference_pattern_counts(
    tmp_path: Path, pattern: str, found: str
) -> None:
    path = jsonl(tmp_path, {"q": "one", "a": "work\nA: 7\nno\nA: 8"})

    assert (
        lessons(path, question="q", reference="a", reference_pattern=pattern)[0].reference == found
    )


def test_a_pattern_that_does_not_fit_is_named_with_file_and_row(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"q": "one", "a": "A: 1"}, {"q": "two", "a": "2"})
    with pytest.raises(SourceError, match=r"a\.jsonl' line 2: the pattern 'A: \(\.\*\)'"):
        lessons(path, question="q", reference="a", reference_pattern="A: (.*)")
    with pytest.raises(SourceError, match="'zzz' matches in no row"):
        lessons(path, question="q", reference="a", reference_pattern="zzz")
    for key in ("reference_pattern", "answer_pattern"):
        with pytest.raises(SourceError, match=r"'\(' does not compile"):
            lessons(path, question="q", reference="a", **{key: "("})  # type: ignore[arg-type]


def test_a_skill_is_a_column_where_there_is_one(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"q": "one", "a": "1", "topic": "sums"})

    assert lessons(path, question="q", reference="a", skill="topic")[0].skill == "sums"
    assert lessons(path, question="q", reference="a", skill="other", level=3)[0].level == 3


def test_data_takes_values_as_they_are(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"q": "one", "a": "1", "t": [[1], 2], "n": "f"}, {"q": "two", "a": "2"})
    with pytest.raises(SourceError, match="line 2: column 't' is empty"):
        lessons(path, question="q", reference="a", data={"cases": "t"})
    path = jsonl(tmp_path, {"q": "one", "a": "1", "t": [[1], 2], "n": "f"})
    [one] = lessons(path, question="q", reference="a", data={"cases": "t", "entry_point": "n"})

    assert one.data == {"cases": [[1], 2], "entry_point": "f"}
    assert one.files == {}


def test_files_that_a_row_names_are_relative_to_it_and_known_by_their_content(
    tmp_path: Path,
) -> None:
    made = []
    for name in ("here", "there"):
        folder = tmp_path / name
        folder.mkdir()
        for database in ("a.db", "b.db"):
            (folder / database).write_bytes(database.encode())
        path = jsonl(folder, {"q": "one", "a": "1", "d": "a.db", "v": ["b.db"]})
        columns = {"database": "d", "variants": "v"}
        made += lessons(path, question="q", reference="a", verifier="sql", data=columns)
    one, two = made

    whole = str((tmp_path / "here" / "a.db").resolve())
    assert one.data["database"] == whole
    assert one.files[whole] == ids.file_digest(Path(whole))
    assert len(one.files) == 2
    assert one.id == two.id


@pytest.mark.parametrize("name", ["no.db", "", 7])
def test_a_file_that_a_row_names_and_that_is_not_there_is_an_error(
    tmp_path: Path, name: object
) -> None:
    path = jsonl(tmp_path, {"q": "one", "a": "1", "d": name})
    with pytest.raises(SourceError, match="line 1: column 'd'"):
        lessons(path, question="q", reference="a", data={"database": "d"})


def test_the_recorded_questions_load(shared: Path) -> None:
    found = lessons(
        shared / "data" / "gsm8k_recorded_attempts.jsonl",
        question="question",
        reference="ground_truth",
        reference_pattern="^A: *(.*)$",
        verifier="math",
    )

    assert len(found) == 795
    assert found[0].reference == "18"


def test_the_expert_seeds_load(shared: Path) -> None:
    sums = expert_seeds(
        shared / "data" / "gsm8k_seeds.jsonl", example="question", reference="answer", licence="MIT"
    )
    medicine = expert_seeds(
        shared / "data" / "pubmedqa_expert_seeds.jsonl",
        example="question",
        reference="label",
        passage="contexts",
        author="PubMedQA",
        licence="MIT",
    )

    assert len({seed.id for seed in sums}) == len({seed.id for seed in medicine}) == 300
    assert {seed.reference for seed in medicine} <= {"yes", "no", "maybe"}
    assert all(seed.passage and seed.licence == "MIT" for seed in medicine)
