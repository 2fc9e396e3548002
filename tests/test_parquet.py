"""Parquet as a file of lessons, expert seeds or benchmarks."""

import datetime
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from storage.errors import SourceError
from storage.overlap import Benchmarks
from storage.sources import expert_seeds, lessons
from storage.tabular import read_rows


def written(folder: Path, columns: dict[str, Any], **options: Any) -> Path:
    pa = pytest.importorskip("pyarrow", reason="the extra `export` is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = folder / "a.parquet"
    parquet.write_table(pa.table(columns), path, **options)
    return path


def refusal(path: Path, *wanted: str) -> str:
    with pytest.raises(SourceError) as caught:
        read_rows(path, wanted)
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value)
    return str(caught.value)


def test_rows_are_what_json_lines_would_hold(tmp_path: Path) -> None:
    moment = datetime.datetime(2026, 2, 3, 4, 5, tzinfo=datetime.UTC)
    path = written(
        tmp_path,
        {
            "question": ["one?", "二つ", None],
            "cases": [[[1, 2], [3]], [], None],
            "who": [{"name": "Ada", "born": 1815}, {"name": None, "born": None}, None],
            "right": [True, False, None],
            "share": [0.5, -1.0, None],
            "on": [datetime.date(2026, 1, 2), None, None],
            "at": [moment, None, None],
            "price": [Decimal("1.50"), None, None],
        },
        row_group_size=1,
    )

    found = read_rows(path)

    assert [row.place for row in found] == ["row 1", "row 2", "row 3"]
    assert found[0].values == {
        "question": "one?",
        "cases": [[1, 2], [3]],
        "who": {"name": "Ada", "born": 1815},
        "right": True,
        "share": 0.5,
        "on": "2026-01-02",
        "at": "2026-02-03T04:05:00+00:00",
        "price": "1.50",
    }
    assert found[1].values["question"] == "二つ"
    assert set(found[2].values.values()) == {None}


def test_lessons_and_expert_seeds_are_the_same_as_of_csv(tmp_path: Path) -> None:
    columns = {"q": ["1 + 1?", "2 + 2?"], "a": ["2", "4"], "by": ["Ada", "Bo"]}
    path = written(tmp_path, columns)
    csv = tmp_path / "a.csv"
    csv.write_text("q,a,by\n1 + 1?,2,Ada\n2 + 2?,4,Bo\n")

    kept = {"question": "q", "reference": "a", "verifier": "math"}
    assert lessons(path, **kept) == lessons(csv, **kept)
    kept = {"example": "q", "reference": "a", "author": "by", "licence": "MIT"}
    assert expert_seeds(path, **kept) == expert_seeds(csv, **kept)


def test_pictures_beside_the_texts_are_left_out_and_refused_where_they_are_asked_for(
    tmp_path: Path,
) -> None:
    picture = {"bytes": b"\x89PNG", "path": "a.png"}
    columns = {"q": ["what is it?"], "image": [picture], "raw": [b"\xff"]}
    path = written(tmp_path, columns)

    assert read_rows(path)[0].values == {"q": "what is it?"}
    assert "column 'image' holds bytes; write it as text" in refusal(path, "q", "image")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused_with_its_row(tmp_path: Path, value: float) -> None:
    path = written(tmp_path, {"q": ["a", "b"], "n": [[1.0], [value]]})

    assert f"row 2: column 'n' is {value}, no number; leave it empty (null)" in refusal(path)


def test_a_text_that_is_not_utf8_is_refused_with_its_row(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="the extra `export` is not installed")
    broken = pa.Array.from_buffers(
        pa.string(), 2, pa.array([b"fine", b"\xff\xfe"], pa.binary()).buffers()
    )

    assert "row 2: a text is not UTF-8" in refusal(written(tmp_path, {"q": broken}))


def test_a_damaged_file_a_file_of_another_kind_and_one_without_rows_are_refused(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, {"q": ["text " * n for n in range(500)]}, compression="none")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "is no Parquet that can be read" in refusal(path)
    path.write_bytes(b"PAR1")
    assert "is no Parquet that can be read" in refusal(path)
    path.write_bytes(b"")
    assert "is empty" in refusal(path)
    path.unlink()
    assert "there is no such file" in refusal(path)
    assert "has no rows" in refusal(written(tmp_path, {"q": ["a"][:0]}))


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="the extra `export` is not installed")
    table = pa.table([["a"], ["b"]], names=["q", "q"])
    pytest.importorskip("pyarrow.parquet").write_table(table, tmp_path / "a.parquet")

    assert "every column needs a name of its own" in refusal(tmp_path / "a.parquet")


def test_an_unknown_column_is_answered_with_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, {"question": ["a"], "answer": ["b"]})

    with pytest.raises(SourceError, match="did you mean 'question'"):
        lessons(path, question="questoin", reference="answer")


def test_benchmarks_may_be_parquet(tmp_path: Path) -> None:
    item = "alpha beta gamma delta epsilon zeta eta theta"
    path = written(tmp_path, {"q": ["a short one", item], "choices": [["x"], ["y", item[::-1]]]})
    hit = Benchmarks.read([path]).found(item)

    assert hit is not None
    assert hit.place == "row 2"


def test_without_the_package_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    said = refusal(tmp_path / "a.parquet")
    assert 'Parquet needs pyarrow, which is not installed: pip install "lyceum[export]"' in said
