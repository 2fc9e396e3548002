"""Whatever is written to a container is read back from it, by the library that trainers use.

The numbers in here are eighths, because `datasets` 5.2 reads what it takes for JSON, such as the
arguments of tools, with a parser that is not exact: 0.7 becomes 0.7000000000000001, and an integer
beyond 64 bits another one, whatever they were written to. In JSON lines it takes types from the
first rows: a date for a time, and no key of arguments that has NUL in it.
"""

import base64
import json
import logging
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.export import FORMATS
from storage.export.columns import SOURCE, Columns, Shape
from storage.export.containers import features, new_folder, open_file, open_split

COLUMNS = {name: form.columns for name, form in FORMATS.items()}
COLUMNS["a dialect's"] = SOURCE | {"chosen": "message", "rejected": "message", "history": "json"}
SHAPES = [
    Shape(reasoning=reasoning, tool_calls=tool_calls, images=images)
    for reasoning in (False, True)
    for tool_calls in (False, True)
    for images in (False, True)
]
SHAPES.append(Shape(train=True))
MANY = settings(
    deadline=None,
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FEW = settings(MANY, max_examples=4)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    [
        "",
        "\U0001f9d1\U0001f3fd\u200d\U0001f3eb 👍",
        "\u202bبيت, בית\u202c",
        "a\x00b",
        "one\u2028two\x85three\u2029four\r\n",
        "0.7",
        "null",
        '{"a": 1}',
        "a \\ b / \" '",
        "100 kB: é " * 10_000,
    ]
)
NUMBER = st.integers(-(2**20), 2**20).map(lambda n: n / 8)
KEY = st.sampled_from(["a", "b", "größe", "x y", "🙂", "42", "name", "arguments"])
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3),
    max_leaves=6,
)
PLAIN = {
    "text": TEXT,
    "integer": st.integers(0, 10**6),
    "number": NUMBER,
    "flag": st.booleans(),
}


def png(pixels: bytes) -> bytes:
    """Return a picture that is one pixel high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", len(pixels), 1, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" + pixels)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def messages(shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
    call = st.fixed_dictionaries(
        {
            "type": st.just("function"),
            "function": st.fixed_dictionaries(
                {"name": TEXT, "arguments": st.dictionaries(KEY, VALUE, max_size=3)}
            ),
        }
    )
    part = st.builds(lambda text: {"type": "text", "text": text}, TEXT) | st.just(
        {"type": "image", "text": None}
    )
    keys = {
        "role": st.sampled_from(["system", "user", "assistant", "tool"]),
        "content": st.lists(part, max_size=3) if shape.images else TEXT,
    }
    if shape.reasoning:
        keys["reasoning_content"] = st.none() | TEXT
    if shape.tool_calls:
        keys["tool_calls"] = st.none() | st.lists(call, max_size=3)
    if shape.train:
        keys["train"] = st.booleans()
    return st.fixed_dictionaries(keys)


def rows(columns: Columns, shape: Shape) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return lists of examples; a column that may be null is in all of them, or in some."""
    message = messages(shape)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        name: st.none() | one for name, one in PLAIN.items()
    }
    kinds |= {
        "json": st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=2),
        "message": message,
        "messages": st.lists(message, max_size=3),
        "texts": st.lists(TEXT, max_size=3),
        "flags": st.lists(st.booleans(), max_size=3),
        "images": st.lists(st.binary(min_size=1, max_size=30).map(png), max_size=2),
    }
    row = {name: kinds[kind] for name, kind in columns.items()}
    return st.lists(st.fixed_dictionaries(row), min_size=1, max_size=8)


@st.composite
def exports(draw: st.DrawFn, form: str) -> tuple[Columns, Shape, list[dict[str, Any]]]:
    shape = draw(st.sampled_from(SHAPES))
    columns = COLUMNS[form] | ({"images": "images"} if shape.images else {})
    return columns, shape, draw(rows(columns, shape))


def write(path: Path, columns: Columns, shape: Shape, found: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    with open_file(path, columns, shape, force=True) as file:
        for each in found:
            file.write(each)
    assert file.written[0].rows == len(found)
    return path


def in_json(columns: Columns, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as JSON lines have it: with its pictures as data URLs."""
    if "images" not in columns:
        return row
    return row | {"images": [url(each) for each in row["images"]]}


def url(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


@pytest.mark.parametrize("form", COLUMNS)
@MANY
@given(data=st.data())
def test_json_lines_are_what_was_written(form: str, data: st.DataObject, tmp_path: Path) -> None:
    columns, shape, found = data.draw(exports(form))
    path = write(tmp_path / "a.jsonl", columns, shape, found)

    text = path.read_text(encoding="utf-8")
    assert [json.loads(line) for line in text.splitlines()] == [
        in_json(columns, row) for row in found
    ]


@pytest.mark.parametrize("form", COLUMNS)
@MANY
@given(data=st.data())
def test_parquet_is_what_was_written(form: str, data: st.DataObject, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `export` is not installed")
    columns, shape, found = data.draw(exports(form))
    path = write(tmp_path / "a.parquet", columns, shape, found)

    table = parquet.read_table(path)
    assert table.column_names == list(columns)
    assert [plain(columns, shape, row) for row in table.to_pylist()] == found


def plain(columns: Columns, shape: Shape, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of Parquet as it was before it was written."""
    if "images" in columns:
        row["images"] = [picture["bytes"] for picture in row["images"]]
    for name, kind in columns.items():
        if kind == "json":
            row[name] = json.loads(row[name])
        if shape.tool_calls and kind in ("message", "messages"):
            for message in [row[name]] if kind == "message" else row[name]:
                if message["tool_calls"] is not None:
                    message["tool_calls"] = [json.loads(one) for one in message["tool_calls"]]
    return row


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The library, which is to ask no network and to keep nothing at home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("HF_HOME", str(tmp_path_factory.mktemp("home")))
        library = pytest.importorskip("datasets", reason="the library `datasets` is not installed")
        library.disable_progress_bars()
        logging.getLogger("datasets").setLevel(logging.ERROR)
        yield library


def loaded(datasets: Any, path: Path, folder: Path) -> Any:
    kind = "parquet" if path.suffix == ".parquet" else "json"
    return datasets.load_dataset(kind, data_files=str(path), split="train", cache_dir=str(folder))


@pytest.mark.parametrize("form", COLUMNS)
@pytest.mark.parametrize("suffix", ["parquet", "jsonl", "jsonl.zst"])
@FEW
@given(data=st.data())
def test_datasets_loads_what_was_written(
    datasets: Any, form: str, suffix: str, data: st.DataObject, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("loaded")
    columns, shape, found = data.draw(exports(form))
    path = write(folder / f"a.{suffix}", columns, shape, found)

    table = loaded(datasets, path, folder / "kept")
    if suffix == "parquet":
        assert table.column_names == list(columns)
        assert table.features == datasets.Features.from_dict(features(columns, shape))
        if "images" in columns:
            undecoded = datasets.List(datasets.Image(decode=False))
            table = table.cast_column("images", undecoded)
            read = [row | {"images": [one["bytes"] for one in row["images"]]} for row in table]
        else:
            read = list(table)
        assert read == found
    else:
        assert list(table) == [in_json(columns, row) for row in found]


def test_shards_load_as_one_split(datasets: Any, tmp_path: Path) -> None:
    columns: Columns = {"id": "text", "messages": "messages"}
    call = {"type": "function", "function": {"name": "add", "arguments": {}}}
    found = [
        {
            "id": str(n),
            "messages": [
                {"role": "user", "content": "é" * n, "tool_calls": None},
                {"role": "assistant", "content": "", "tool_calls": [call | {"n": n}] * (n % 3)},
            ],
        }
        for n in range(1500)
    ]
    shape = Shape(tool_calls=True)
    with new_folder(tmp_path / "whole") as folder:
        for name in ("train", "test"):
            with open_split(folder / "sft", name, columns, shape, shard_bytes=1000) as files:
                for each in found:
                    files.write(each)
            assert len(files.written) > 1
    table = datasets.load_dataset(str(tmp_path / "whole" / "sft"), cache_dir=str(tmp_path / "kept"))

    assert {name: list(split) for name, split in table.items()} == {"train": found, "test": found}
