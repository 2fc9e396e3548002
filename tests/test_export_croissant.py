import base64
import json
from pathlib import Path

import pytest

from storage.export.columns import SOURCE, Columns, Shape
from storage.export.containers import open_split
from storage.export.croissant import NAME, croissant
from storage.export.figures import Figures
from storage.export.manifest import ExportFile, as_text, export_file
from tests.exported import NASTY, database, example, figures, files, read, rows

COLUMNS: dict[str, Columns] = {
    "sft": SOURCE | {"messages": "messages"},
    "stepwise": SOURCE | {"prompt": "text", "completions": "texts", "labels": "flags"},
}


def of(taken: Figures, *forms: str) -> list[ExportFile]:
    return [each for each in files(taken) if each.form in forms]


async def test_every_file_stands_with_its_digest_and_every_column_with_its_kind(
    tmp_path: Path,
) -> None:
    await database(tmp_path / "a.db")
    taken = figures()
    found = croissant(read(tmp_path / "a.db"), taken, of(taken, *COLUMNS), COLUMNS, {})

    objects = [each for each in found["distribution"] if each["@type"] == "cr:FileObject"]
    assert {each["contentUrl"] for each in objects} == {
        f"{form}/{split}-00000-of-00001.parquet" for form in COLUMNS for split in ("train", "test")
    }
    assert all(each["sha256"] == "0" * 64 for each in objects)
    by_id = {each["@id"]: each for each in found["recordSet"]}
    assert sorted(by_id) == ["sft/test", "sft/train", "stepwise/test", "stepwise/train"]
    steps = {each["name"]: each for each in by_id["stepwise/train"]["field"]}
    assert steps["level"]["dataType"] == "sc:Integer"
    assert steps["completions"]["repeated"]
    assert list(steps) == list(COLUMNS["stepwise"])
    ids = [each["@id"] for each in found["distribution"]] + list(by_id)
    assert len(ids) == len(set(ids))


async def test_a_dialect_without_our_columns_has_no_key(tmp_path: Path) -> None:
    await database(tmp_path / "a.db")
    taken = figures()
    said: dict[str, Columns] = {"sft": {"messages": "json"}}
    found = croissant(read(tmp_path / "a.db"), taken, of(taken, "sft"), said, {})

    assert [each["name"] for each in found["recordSet"][0]["field"]] == ["messages"]
    assert not any("key" in each for each in found["recordSet"])


@pytest.mark.parametrize("nasty", NASTY)
async def test_it_is_json_whatever_the_names(tmp_path: Path, nasty: str) -> None:
    await database(tmp_path / "a.db", nasty)
    taken = figures(nasty)
    found = croissant(read(tmp_path / "a.db"), taken, of(taken, "sft"), COLUMNS, {})

    assert json.loads(as_text(found)) == found
    assert found["license"] == "other"


@pytest.mark.filterwarnings("ignore")
async def test_the_reference_reader_takes_it_and_reads_the_rows(tmp_path: Path) -> None:
    reader = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    await database(tmp_path / "a.db")
    folder, taken, written = tmp_path / "out", figures(), []
    for form, columns in COLUMNS.items():
        for split in taken.splits:
            with open_split(folder / form, split, columns, shard_bytes=1) as into:
                for kind, where, row in rows():
                    if (kind, where) == (form, split):
                        into.write(row)
            for each in into.written:
                path = each.path.relative_to(folder).as_posix()
                written.append(export_file(folder, path, form=form, split=split, rows=each.rows))
    whole = croissant(read(tmp_path / "a.db"), taken, written, COLUMNS, {})
    (folder / NAME).write_text(as_text(whole), encoding="utf-8")
    dataset = reader.Dataset(folder / NAME)

    assert not dataset.metadata.ctx.issues.errors
    conversations = list(dataset.records("sft/train"))
    assert len(conversations) == 5
    first = next(each for each in conversations if each["sft/train/id"].endswith(b"0" * 32))
    assert first["sft/train/messages"] == [
        {"sft/train/messages/role": b"user", "sft/train/messages/content": b"How many, 0?"},
        {"sft/train/messages/role": b"assistant", "sft/train/messages/content": b"It is 0."},
    ]
    [steps] = list(dataset.records("stepwise/test"))
    assert list(steps["stepwise/test/labels"]) == [True, False]
    assert list(steps["stepwise/test/completions"]) == [b"One.", b"Two."]


@pytest.mark.filterwarnings("ignore")
async def test_pictures_are_read_as_pictures(tmp_path: Path) -> None:
    reader = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    await database(tmp_path / "a.db")
    folder, taken = tmp_path / "out", Figures()
    columns: Columns = SOURCE | {"messages": "messages", "images": "images"}
    shape = Shape(images=True, reasoning=True)
    said = [("image", None), ("text", "What is it?"), ("text", "A dot.")]
    parts = [{"type": kind, "text": text} for kind, text in said]
    messages = [
        {"role": "user", "content": parts[:2], "reasoning_content": None},
        {"role": "assistant", "content": parts[2:], "reasoning_content": "hm"},
    ]
    row = example(0, messages=messages, images=[DOT])
    taken.add("sft", "train", row)
    with open_split(folder / "sft", "train", columns, shape) as into:
        into.write(row)
    path = into.written[0].path.relative_to(folder).as_posix()
    files = [export_file(folder, path, form="sft", split="train", rows=1)]
    whole = croissant(read(tmp_path / "a.db"), taken, files, {"sft": columns}, {"sft": shape})
    (folder / NAME).write_text(as_text(whole), encoding="utf-8")
    [found] = list(reader.Dataset(folder / NAME).records("sft/train"))

    assert [each.size for each in found["sft/train/images"]] == [(1, 1)]
    assert [each["sft/train/messages/role"] for each in found["sft/train/messages"]] == [
        b"user", b"assistant",
    ]  # fmt: skip


DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
"""A picture of one pixel, as PNG."""
