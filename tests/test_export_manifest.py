import hashlib
import json
import shutil
from pathlib import Path

import pytest

from storage.errors import NotWhole
from storage.export.left_out import LeftOut
from storage.export.manifest import NAME, as_text, export_file, manifest, read_whole
from storage.ids import digest
from tests.exported import KEY, database, figures, files, read


async def folder(path: Path) -> Path:
    """Write an export's folder with two files."""
    await database(path / "a.db")
    out = path / "out"
    (out / "sft").mkdir(parents=True)
    (out / "README.md").write_text("# Card")
    (out / "sft" / "train-00000-of-00001.parquet").write_bytes(b"rows")
    written = [
        export_file(out, "README.md"),
        export_file(out, "sft/train-00000-of-00001.parquet", form="sft", split="train", rows=5),
    ]
    whole = manifest(read(path / "a.db"), figures(), LeftOut({"sft": {"wrong": 2}}), {}, written)
    (out / NAME).write_text(as_text(whole), encoding="utf-8")
    return out


async def test_a_manifest_says_what_there_is_and_what_it_is_from(tmp_path: Path) -> None:
    whole = read_whole(await folder(tmp_path))

    assert whole["rows"]["sft"] == {"train": 5, "test": 1}
    assert whole["labels"]["kto"] == {"false": 4, "true": 2}
    assert whole["left_out"] == {"sft": {"wrong": 2}}
    assert whole["runs"][0]["dataset_digest"].startswith("sha256:")
    assert whole["runs"][0]["config_digest"].startswith("sha256:")
    assert whole["prompts"][0]["name"] == "plain@1"
    assert whole["verifiers"] == [{"name": "exact", "version": 2, "verdicts": 5}]
    assert whole["files"][1] == {
        "path": "sft/train-00000-of-00001.parquet",
        "bytes": 4,
        "sha256": hashlib.sha256(b"rows").hexdigest(),
        "form": "sft",
        "split": "train",
        "rows": 5,
    }
    assert whole["digest"] == digest({k: v for k, v in whole.items() if k != "digest"})


async def test_a_manifest_has_no_clock_no_key_and_no_path_of_the_machine(tmp_path: Path) -> None:
    text = (await folder(tmp_path) / NAME).read_text(encoding="utf-8")

    for hidden in (KEY, str(tmp_path), "/home/", "2026-", "127.0.0.1"):
        assert hidden not in text


async def test_the_same_makes_the_same_bytes_and_another_file_another_digest(
    tmp_path: Path,
) -> None:
    await database(tmp_path / "a.db")
    found, taken = read(tmp_path / "a.db"), figures()
    one = as_text(manifest(found, taken, LeftOut(), {"b": 1, "a": 2}, files(taken)))
    other = as_text(manifest(found, taken, LeftOut(), {"a": 2, "b": 1}, files(taken)[::-1]))
    less = manifest(found, taken, LeftOut(), {"a": 2, "b": 1}, files(taken)[1:])

    assert one == other
    assert less["digest"] != json.loads(one)["digest"]


async def test_a_folder_that_is_as_it_was_written_is_whole(tmp_path: Path) -> None:
    out = await folder(tmp_path)
    shutil.copytree(out, tmp_path / "copy")

    assert read_whole(out) == read_whole(tmp_path / "copy")


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (lambda out: (out / NAME).unlink(), "has no manifest"),
        (lambda out: (out / NAME).write_text("{"), "is not JSON"),
        (lambda out: (out / NAME).write_text("[" * 100_000), "is not JSON"),
        (lambda out: (out / NAME).write_text("{}"), "is not of an export"),
        (lambda out: (out / NAME).write_bytes(b"\xff"), "is not JSON"),
        (lambda out: (out / "README.md").write_text("# Other"), "'README.md' was changed"),
        (lambda out: (out / "README.md").unlink(), "'README.md' is missing"),
        (lambda out: (out / "secret.txt").write_text("x"), "'secret.txt' is no file of the"),
        (lambda out: (out / "sft" / "more").symlink_to("/etc"), "'sft/more' is no file of the"),
        (lambda out: replaced_by_a_link(out / "README.md"), "'README.md' is missing"),
        (lambda out: edit(out, rows={}), "was changed after the export"),
        (lambda out: edit(out, digest="sha256:0"), "was changed after the export"),
        (lambda out: redo(out, "../a.db"), "lists a file that no export has"),
        (lambda out: redo(out, "/etc/passwd"), "lists a file that no export has"),
        (lambda out: redo(out, 7), "lists a file that no export has"),
    ],
)
async def test_a_folder_that_was_changed_is_refused(tmp_path: Path, deed, said: str) -> None:
    out = await folder(tmp_path)
    deed(out)

    with pytest.raises(NotWhole, match=said) as refused:
        read_whole(out)
    assert "\n" not in str(refused.value)


def replaced_by_a_link(path: Path) -> None:
    target = path.parent.parent / "elsewhere"
    path.rename(target)
    path.symlink_to(target)


def edit(out: Path, **changes: object) -> None:
    whole = json.loads((out / NAME).read_text(encoding="utf-8"))
    (out / NAME).write_text(json.dumps(whole | changes))


def redo(out: Path, path: object) -> None:
    """Have the manifest list another file, with a digest that agrees."""
    whole = json.loads((out / NAME).read_text(encoding="utf-8"))
    whole["files"].append({"path": path, "sha256": "0" * 64})
    del whole["digest"]
    (out / NAME).write_text(json.dumps(whole | {"digest": digest(whole)}))
