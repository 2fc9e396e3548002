import json
from pathlib import Path

import pytest
import yaml

from storage.errors import NotWritable, StorageError
from storage.export import dataset
from storage.export.exported import Source
from storage.export.formats import FORMATS
from storage.export.manifest import read_whole
from storage.export.options import Options
from storage.queries import Reader
from tests.exported import KEY, NASTY, database

pytest.importorskip("pyarrow", reason='pyarrow comes with pip install "lyceum[export]"')


def steps(text: str, pattern: str) -> tuple[str, ...]:
    return tuple(text.splitlines())


def export(db: Path, path: Path, *names: str, dialect: str = "trl") -> None:
    with Reader.open(db) as reader:
        forms = [FORMATS[name] for name in names]
        source, options = Source(reader, reader.runs(), steps), Options(dialect=dialect)
        dataset.export(source, forms, path, options)


@pytest.mark.parametrize("nasty", NASTY[1:5:3])
async def test_a_dataset_is_described_whole_and_the_same_again(tmp_path: Path, nasty: str) -> None:
    await database(tmp_path / "a.db", nasty)
    for name in ("one", "other"):
        export(tmp_path / "a.db", tmp_path / name, "sft", "preference", "kto", "rl")
    whole = read_whole(tmp_path / "one")

    listed = {each["path"] for each in whole["files"]}
    assert {"README.md", "croissant.json", "sft/left-out.jsonl"} <= listed
    assert sum(whole["rows"]["sft"].values()) == 3
    for path in [*listed, "manifest.json"]:
        content = (tmp_path / "one" / path).read_bytes()
        assert content == (tmp_path / "other" / path).read_bytes()
        assert KEY.encode() not in content
        assert str(tmp_path).encode() not in content
    page = (tmp_path / "one" / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(page.split("\n---\n", 1)[0].removeprefix("---\n"))
    named = {each["path"] for config in head["configs"] for each in config["data_files"]}
    assert named == {path for path in listed if path.endswith(".parquet")}


async def test_a_file_has_a_manifest_beside_it(tmp_path: Path) -> None:
    await database(tmp_path / "a.db")
    export(tmp_path / "a.db", tmp_path / "train.jsonl", "sft")
    whole = json.loads((tmp_path / "train.manifest.json").read_text(encoding="utf-8"))

    assert [each["path"] for each in whole["files"]] == ["train.jsonl", "train.left-out.jsonl"]
    assert whole["rows"] == {"sft": {"train": 3}}
    assert str(tmp_path) not in json.dumps(whole)


async def test_what_makes_an_export_load_stands_beside_it(tmp_path: Path) -> None:
    await database(tmp_path / "a.db")
    export(tmp_path / "a.db", tmp_path / "rows.jsonl", "sft", dialect="llama-factory")
    export(tmp_path / "a.db", tmp_path / "out", "sft", "kto", dialect="axolotl")

    entries = json.loads((tmp_path / "rows.dataset_info.json").read_text(encoding="utf-8"))
    assert entries["rows"]["file_name"] == "rows.jsonl"
    whole = json.loads((tmp_path / "rows.manifest.json").read_text(encoding="utf-8"))
    assert "rows.dataset_info.json" in {each["path"] for each in whole["files"]}
    listed = {each["path"] for each in read_whole(tmp_path / "out")["files"]}
    assert {"axolotl-sft.yaml", "axolotl-kto.yaml"} <= listed
    config = yaml.safe_load((tmp_path / "out" / "axolotl-sft.yaml").read_text(encoding="utf-8"))
    assert config["datasets"][0]["path"] == "out"


def left(folder: Path) -> list[str]:
    """Return what is in a folder beside the database."""
    return [each.name for each in folder.iterdir() if not each.name.startswith("a.db")]


async def test_a_file_that_the_consumer_cannot_open_is_not_begun(tmp_path: Path) -> None:
    await database(tmp_path / "a.db")

    for path in (tmp_path / "rows.parquet", tmp_path / "out"):
        with pytest.raises(StorageError, match=r"openai does not read 'sft' from it; use \.jsonl"):
            export(tmp_path / "a.db", path, "sft", dialect="openai")
    assert left(tmp_path) == []


async def test_what_makes_an_export_load_is_not_written_over(tmp_path: Path) -> None:
    await database(tmp_path / "a.db")
    (tmp_path / "rows.axolotl.yaml").write_text("mine", encoding="utf-8")

    with pytest.raises(NotWritable, match=r"rows\.axolotl\.yaml"):
        export(tmp_path / "a.db", tmp_path / "rows.jsonl", "sft", dialect="axolotl")
    assert left(tmp_path) == ["rows.axolotl.yaml"]
