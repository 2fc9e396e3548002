import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from storage.errors import DiskError, NotWritable, Refused
from storage.export.columns import Columns, Shape
from storage.export.containers import CONTAINERS, ExampleFiles, new_folder, open_file, open_split
from storage.export.manifest import KIND

COLUMNS: Columns = {"id": "text", "messages": "messages", "reward": "number"}
SmallDisk = Callable[[Path, int], AbstractContextManager[Callable[[str], None]]]
SUFFIXES = list(CONTAINERS)
NEEDS = {"parquet": "pyarrow", "jsonl.zst": "zstandard"}


@pytest.fixture(params=SUFFIXES)
def suffix(request: pytest.FixtureRequest) -> str:
    """Each container in turn, if what it needs is installed."""
    found = str(request.param)
    if found in NEEDS:
        pytest.importorskip(NEEDS[found], reason="the extra `export` is not installed")
    return found


def row(n: int, text: str = "Why?") -> dict[str, Any]:
    return {"id": f"{n:06}", "messages": [{"role": "user", "content": text}], "reward": n / 8}


def fill(opened: AbstractContextManager[ExampleFiles], rows: Iterable[Any]) -> ExampleFiles:
    with opened as files:
        for each in rows:
            files.write(each)
    return files


def noise(n: int) -> str:
    """Return a text that cannot be made much smaller."""
    return "".join(hashlib.sha512(f"{n} {k}".encode()).hexdigest() for k in range(20))


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return list(importlib.import_module("pyarrow.parquet").read_table(path).to_pylist())
    data = path.read_bytes()
    if path.suffix == ".zst":
        data = (
            importlib.import_module("zstandard").ZstdDecompressor().decompressobj().decompress(data)
        )
    return [json.loads(line) for line in data.splitlines()]


def test_a_file_is_what_its_figures_say(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    with open_file(path, COLUMNS) as file:
        for n in range(2500):
            file.write(row(n))
        assert file.written == ()
        assert not path.exists()

    [written] = file.written
    content = path.read_bytes()
    assert (written.path, written.rows, written.size) == (path, 2500, len(content))
    assert written.sha256 == hashlib.sha256(content).hexdigest()
    assert read(path) == [row(n) for n in range(2500)]
    assert names(tmp_path) == [path.name]


def test_equal_rows_are_equal_bytes(suffix: str, tmp_path: Path) -> None:
    def written(name: str) -> str:
        with open_file(tmp_path / f"{name}.{suffix}", COLUMNS, Shape()) as file:
            for n in range(1500):
                file.write(row(n, noise(n)))
        return file.written[0].sha256

    assert written("a") == written("b")


def test_a_file_without_rows_is_a_file(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    with open_file(path, COLUMNS) as file:
        pass

    assert file.written[0].rows == 0
    assert read(path) == []


def test_a_suffix_that_names_no_container_is_told_those_that_do(tmp_path: Path) -> None:
    with (
        pytest.raises(NotWritable, match=r"ends in \.jsonl, \.jsonl\.zst, \.parquet$"),
        open_file(tmp_path / "a.csv", COLUMNS),
    ):
        pass


@pytest.mark.parametrize(
    ("suffix", "package"), [("parquet", "pyarrow"), ("jsonl.zst", "zstandard")]
)
def test_an_extra_that_is_missing_is_named_with_its_remedy(
    suffix: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec

    def without(name: str, *rest: str) -> object:
        return None if name == package else found(name, *rest)

    for module in ("lines", "parquet"):
        monkeypatch.setattr(f"storage.export.containers.{module}.find_spec", without)
    with (
        pytest.raises(NotWritable, match=rf'{package}.*pip install "lyceum\[export\]"$'),
        open_file(tmp_path / f"a.{suffix}", COLUMNS),
    ):
        pass
    assert names(tmp_path) == []


def test_a_file_that_exists_is_kept_unless_it_is_forced(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_text("mine")
    with pytest.raises(NotWritable, match="exists already"), open_file(path, COLUMNS):
        pass
    assert path.read_text() == "mine"

    with open_file(path, COLUMNS, force=True) as file:
        file.write(row(1))
        assert path.read_text() == "mine"
    assert read(path) == [row(1)]


def test_a_link_is_replaced_and_what_it_leads_to_stays(suffix: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    path = tmp_path / f"a.{suffix}"
    path.symlink_to(other)
    with pytest.raises(NotWritable, match="exists already"), open_file(path, COLUMNS):
        pass
    other.write_text("mine")

    with open_file(path, COLUMNS, force=True):
        pass
    assert other.read_text() == "mine"
    assert not path.is_symlink()


def test_a_link_under_the_hidden_name_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    (tmp_path / f".a.jsonl.{os.getpid()}.part").symlink_to(other)

    with open_file(tmp_path / "a.jsonl", COLUMNS) as file:
        file.write(row(1))
    assert other.read_text() == "mine"
    assert names(tmp_path) == ["a.jsonl", "other"]


def test_a_folder_or_a_place_without_one_is_no_file(suffix: str, tmp_path: Path) -> None:
    folder = tmp_path / f"a.{suffix}"
    folder.mkdir()
    for path in (folder, tmp_path / "no" / folder.name):
        with pytest.raises(NotWritable), open_file(path, COLUMNS, force=True):
            pass
    assert names(tmp_path) == [folder.name]


@pytest.mark.parametrize("rows", [0, 3, 1200])
def test_an_exception_leaves_nothing_behind(suffix: str, rows: int, tmp_path: Path) -> None:
    def stopped() -> Iterator[object]:
        yield from (row(n, noise(n)) for n in range(rows))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill(open_file(tmp_path / f"a.{suffix}", COLUMNS), stopped())
    assert names(tmp_path) == []


BAD = {
    "a column that is not declared": {"extra": 1},
    "a lone surrogate": {"id": "\ud800"},
    "not a number": {"reward": float("nan")},
    "no JSON": {"reward": object()},
}


@pytest.mark.parametrize("what", BAD)
def test_what_no_file_holds_is_refused_by_the_row(suffix: str, what: str, tmp_path: Path) -> None:
    found = [row(1), row(2) | BAD[what], row(3)]
    with pytest.raises(Refused, match=r"^example '.*report it$") as refused:
        fill(open_file(tmp_path / f"a.{suffix}", COLUMNS), found)
    assert "\n" not in str(refused.value)
    assert "000001" not in str(refused.value)
    assert "000003" not in str(refused.value)
    assert names(tmp_path) == []


def test_a_column_that_lacks_is_refused(suffix: str, tmp_path: Path) -> None:
    bare = row(1)
    del bare["reward"]
    with pytest.raises(Refused, match="has id, messages and not id, messages, reward"):
        fill(open_file(tmp_path / f"a.{suffix}", COLUMNS), [bare])


@pytest.mark.parametrize(
    "message", [{"role": "user"}, {"role": "user", "content": "", "thinking": ""}]
)
def test_parquet_drops_and_adds_no_key_of_a_message(
    message: dict[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow", reason="the extra `export` is not installed")
    with pytest.raises(Refused, match="and not content, role"):
        fill(open_file(tmp_path / "a.parquet", COLUMNS), [row(1) | {"messages": [message]}])


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_a_picture_is_png_or_jpeg(suffix: str, tmp_path: Path) -> None:
    if suffix in NEEDS:
        pytest.importorskip(NEEDS[suffix], reason="the extra `export` is not installed")
    columns: Columns = {"id": "text", "images": "images"}
    found = [{"id": "0", "images": [b"\xff\xd8\xff"]}, {"id": "1", "images": [b"GIF89a"]}]
    with pytest.raises(Refused, match=r"'1' cannot be written: .* neither PNG nor JPEG"):
        fill(open_file(tmp_path / f"a.{suffix}", columns), found)


def test_groups_of_rows_stay_small(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `export` is not installed")
    with open_file(tmp_path / "a.parquet", COLUMNS) as file:
        for n in range(1050):
            file.write(row(n))
        for n in range(250):
            file.write(row(n, "large" * 100_000))
    pictures: Columns = {"id": "text", "images": "images"}
    with open_file(tmp_path / "b.parquet", pictures, Shape(images=True)) as file:
        for n in range(250):
            file.write({"id": str(n), "images": []})

    def groups(name: str) -> list[int]:
        found = parquet.ParquetFile(tmp_path / name).metadata
        return [found.row_group(n).num_rows for n in range(found.num_row_groups)]

    assert groups("a.parquet") == [1000, 200, 100]
    assert groups("b.parquet") == [100, 100, 50]


def test_a_split_is_as_many_files_as_it_takes(suffix: str, tmp_path: Path) -> None:
    folder = tmp_path / "sft"
    with open_split(
        folder,
        "train",
        COLUMNS,
        container=suffix,
        shard_bytes=1_500_000,  # type: ignore[arg-type]
    ) as files:
        for n in range(6000):
            files.write(row(n, noise(n)))
        assert not [name for name in names(folder) if not name.startswith(".")]
    count = len(files.written)

    assert count > 2
    assert [each.path for each in files.written] == [
        folder / f"train-{n:05}-of-{count:05}.{suffix}" for n in range(count)
    ]
    assert names(folder) == [each.path.name for each in files.written]
    found = [read(each.path) for each in files.written]
    assert [each.rows for each in files.written] == [len(rows) for rows in found]
    assert [one["id"] for rows in found for one in rows] == [f"{n:06}" for n in range(6000)]


def test_a_split_without_rows_has_no_file(tmp_path: Path) -> None:
    with open_split(tmp_path / "kto", "test", COLUMNS, container="jsonl") as files:
        pass

    assert files.written == ()
    assert names(tmp_path) == ["kto"]


def test_a_split_is_not_written_beside_another_of_its_name(tmp_path: Path) -> None:
    for name in ("train", "train2"):
        with open_split(tmp_path, name, COLUMNS, container="jsonl") as files:
            files.write(row(1))
    with (
        pytest.raises(NotWritable, match="exists already"),
        open_split(tmp_path, "train", COLUMNS, container="jsonl"),
    ):
        pass


def test_shards_that_cannot_all_be_named_are_all_removed(tmp_path: Path) -> None:
    def found() -> Iterator[object]:
        yield from (row(n, "large" * 1_000_000) for n in range(3))
        (tmp_path / "train-00001-of-00003.jsonl").mkdir()

    opened = open_split(tmp_path, "train", COLUMNS, container="jsonl", shard_bytes=1)
    with pytest.raises(DiskError):
        fill(opened, found())
    assert names(tmp_path) == ["train-00001-of-00003.jsonl"]


KILLED = """
import os, signal, sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from storage.export.containers import new_folder, open_file, open_split
place, suffix = Path(sys.argv[2]), sys.argv[3]
alone = open_file(place / f"a.{suffix}", {"id": "text"})
with new_folder(place / "whole") as folder, alone as file:
    (folder / "README.md").write_text("half")
    with open_split(folder / "sft", "train", {"id": "text"}, container=suffix) as files:
        for n in range(30_000):
            file.write({"id": f"{n:0100}"})
            files.write({"id": f"{n:0100}"})
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_is_killed_leaves_nothing_under_a_name_that_was_asked_for(
    suffix: str, tmp_path: Path
) -> None:
    root = Path(__file__).resolve().parents[1]
    arguments = [sys.executable, "-c", KILLED, str(root), str(tmp_path), suffix]
    done = subprocess.run(arguments, check=False)

    assert done.returncode == -signal.SIGKILL
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []
    assert [path.name for path in tmp_path.rglob("train*")] == []


def test_a_full_disk_is_told_and_nothing_is_left(
    suffix: str, tmp_path: Path, small_disk: SmallDisk
) -> None:
    disk = tmp_path / "disk"
    found = [row(n, noise(n)) for n in range(3000)]
    with small_disk(disk, 2000):
        with pytest.raises(DiskError, match="free some space"):
            fill(open_file(disk / f"a.{suffix}", COLUMNS), found)
        assert names(disk) == []
        with (
            pytest.raises(DiskError, match="free some space"),
            new_folder(disk / "whole") as folder,
        ):
            fill(open_split(folder, "train", COLUMNS, container=suffix), found)  # type: ignore[arg-type]
        assert names(disk) == []
        with (
            pytest.raises(DiskError, match="free some space"),
            new_folder(disk / "whole") as folder,
        ):
            (folder / "README.md").write_bytes(bytes(4_000_000))
        assert names(disk) == []


def dataset(path: Path, text: str, *, force: bool = False) -> None:
    with new_folder(path, force=force) as folder:
        (folder / "sft").mkdir()
        (folder / "sft" / text).write_text(text)
        manifest = {"kind": KIND, "files": [{"path": f"sft/{text}"}]}
        (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_folder_has_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "whole"
    with new_folder(path) as folder:
        (folder / "README.md").write_text("all")
        assert not path.exists()
    assert names(tmp_path) == ["whole", "whole/README.md"]

    empty = tmp_path / "empty"
    empty.mkdir()
    dataset(empty, "a")
    assert names(empty) == ["manifest.json", "sft", "sft/a"]


def test_an_exception_leaves_no_folder_behind(tmp_path: Path) -> None:
    dataset(tmp_path / "old", "old")
    before = names(tmp_path)
    for name in ("old", "new"):
        with pytest.raises(KeyError), new_folder(tmp_path / name, force=True) as folder:
            (folder / "README.md").write_text({"half": "text"}["whole"])
    assert names(tmp_path) == before


def test_a_dataset_is_replaced_as_a_whole_if_that_is_forced(tmp_path: Path) -> None:
    path = tmp_path / "whole"
    dataset(path, "old")
    with pytest.raises(NotWritable, match="exists already; name another folder, or force it"):
        dataset(path, "new")
    assert names(path) == ["manifest.json", "sft", "sft/old"]

    dataset(path, "new", force=True)
    assert names(tmp_path) == ["whole", "whole/manifest.json", "whole/sft", "whole/sft/new"]


FOREIGN = {
    "no manifest": ("manifest.json", None),
    "another's manifest": ("manifest.json", '{"kind": "app", "files": [{"path": "sft/old"}]}'),
    "a manifest of another shape": ("manifest.json", f'["{KIND}"]'),
    "a manifest that is no JSON": ("manifest.json", "{"),
    "a file of the user's": ("sft/notes.txt", "mine"),
    "something hidden, as a repository has": (".git", "mine"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_folder_with_anything_that_no_export_made_is_never_replaced(
    what: str, tmp_path: Path
) -> None:
    path = tmp_path / "whole"
    dataset(path, "old")
    name, text = FOREIGN[what]
    if text is None:
        (path / name).unlink()
    else:
        (path / name).write_text(text)
    before = names(tmp_path)
    with pytest.raises(NotWritable, match="in it, which no export put there"):
        dataset(path, "new", force=True)
    assert names(tmp_path) == before


def test_no_link_and_no_file_is_replaced_by_a_folder(tmp_path: Path) -> None:
    dataset(tmp_path / "old", "old")
    (tmp_path / "link").symlink_to("old")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "file").write_text("mine")
    dataset(tmp_path / "links", "new")
    (tmp_path / "links" / "sft" / "link").symlink_to(tmp_path / "old")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "manifest.json").symlink_to("../old/manifest.json")
    before = names(tmp_path)
    for name in ("link", "broken", "file", "links", "linked", "old/..", "no/folder"):
        with pytest.raises(NotWritable):
            dataset(tmp_path / name, "new", force=True)
    assert names(tmp_path) == before


def test_a_place_where_nothing_may_be_written_is_told(
    tmp_path: Path, small_disk: SmallDisk
) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 100) as mount:
        mount("ro")
        for opened in (
            open_file(disk / "a.jsonl", COLUMNS),
            open_split(disk / "sft", "train", COLUMNS),
            new_folder(disk / "whole"),
        ):
            with pytest.raises(NotWritable, match="Read-only"), opened:
                pass
