import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.errors import NotPushed, NotWhole
from storage.export.left_out import LeftOut
from storage.export.manifest import NAME, as_text, export_file, manifest
from storage.export.push import push
from tests.exported import KEY, database, figures, read
from tests.hub import Hub, serving

WHY = 'huggingface_hub comes with pip install "lyceum[hub]"'
hub_client = pytest.importorskip("huggingface_hub", reason=WHY)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with serving() as server:
        yield server


async def export(path: Path, *names: str, text: str = "rows") -> Path:
    """Write an export's folder with these files of rows."""
    out = path / "out"
    out.mkdir(parents=True)
    await database(path / "a.db")
    for name in ("README.md", *names):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(f"---\nlicense: mit\n---\n# {name} {text}")
    written = [export_file(out, name) for name in ("README.md", *names)]
    whole = manifest(read(path / "a.db"), figures(), LeftOut(), {}, written)
    (out / NAME).write_text(as_text(whole), encoding="utf-8")
    return out


def content(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


async def test_an_export_arrives_whole_and_is_tagged(tmp_path: Path, hub: Hub) -> None:
    out = await export(tmp_path / "a", "sft/train-00000-of-00001.parquet")
    given = {"token": KEY, "endpoint": hub.address, "private": True}
    address = push(out, "me/lessons", **given)  # type: ignore[arg-type]

    assert address == f"{hub.address}/datasets/me/lessons"
    assert hub.repos["me/lessons"] == content(out)
    assert hub.private["me/lessons"]
    [(tag, commit)] = hub.tags.items()
    assert tag.removeprefix("sha256-") in (out / NAME).read_text()
    assert commit == f"{1:040x}"
    assert {key for _, _, key in hub.asked} == {f"Bearer {KEY}"}


async def test_what_an_earlier_export_left_is_taken_off_and_nothing_else(
    tmp_path: Path, hub: Hub
) -> None:
    old = await export(
        tmp_path / "a", "sft/train-00000-of-00002.parquet", "sft/train-00001-of-00002.parquet"
    )
    new = await export(tmp_path / "b", "sft/train-00000-of-00001.parquet")
    given = {"token": KEY, "endpoint": hub.address, "private": False}
    push(old, "me/lessons", **given)  # type: ignore[arg-type]
    hub.repos["me/lessons"] |= {".gitattributes": b"x", "notes/mine.md": b"y"}
    push(new, "me/lessons", **given)  # type: ignore[arg-type]

    kept = {".gitattributes": b"x", "notes/mine.md": b"y"}
    assert hub.repos["me/lessons"] == content(new) | kept
    assert len(hub.tags) == 2


async def test_a_public_repository_gets_nothing_that_is_to_be_private(
    tmp_path: Path, hub: Hub
) -> None:
    out = await export(tmp_path / "a")
    hub.repos["me/lessons"], hub.private["me/lessons"] = {}, False

    with pytest.raises(NotPushed, match="there is a public one of this name"):
        push(out, "me/lessons", token=KEY, endpoint=hub.address, private=True)
    assert hub.repos["me/lessons"] == {}


async def test_a_folder_that_was_changed_is_not_sent(tmp_path: Path, hub: Hub) -> None:
    out = await export(tmp_path / "a")
    (out / "README.md").write_text("other")

    with pytest.raises(NotWhole, match="was changed"):
        push(out, "me/lessons", token=KEY, endpoint=hub.address, private=True)
    with pytest.raises(NotWhole, match="has no manifest"):
        push(tmp_path, "me/lessons", token=KEY, endpoint=hub.address, private=True)
    assert hub.asked == []


@pytest.mark.parametrize(
    ("part", "status", "body"),
    [
        ("create", 401, '{"error": "Invalid token"}'),
        ("create", 403, f'{{"error": "no\\n\\nright for Bearer {KEY}"}}'),
        ("create", 500, "<html>\nTrouble\n</html>"),
        ("create", 200, "{}"),
        ("create", 200, "[]"),
        ("create", 200, "no json"),
        ("commit", 412, '{"error": "A commit has happened since"}'),
        ("validate-yaml", 400, '{"errors": [{"message": "bad"}]}'),
        ("tag", 409, '{"error": "exists"}'),
        ("datasets", 404, '{"error": "Repository not found"}'),
    ],
)
async def test_a_refusal_is_one_line_without_the_key(
    tmp_path: Path, hub: Hub, part: str, status: int, body: str
) -> None:
    out = await export(tmp_path / "a")
    hub.refusals[part] = (status, body)
    given = {"token": KEY, "endpoint": hub.address, "private": True}
    if part == "tag":  # that it is tagged already is what was wanted
        assert push(out, "me/lessons", **given)  # type: ignore[arg-type]
        return
    with pytest.raises(NotPushed) as refused:
        push(out, "me/lessons", **given)  # type: ignore[arg-type]
    text = str(refused.value)

    assert text.startswith(f"'me/lessons': {hub.address} did not take it: ")
    assert "\n" not in text
    assert KEY not in text
    assert ("give a key that may write" in text) == (status in (401, 403))
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


async def test_a_hub_that_is_not_there_is_said_to_be_unreachable(tmp_path: Path) -> None:
    out = await export(tmp_path / "a")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NotPushed, match="refused") as refused:
            push(out, "me/lessons", token=KEY, endpoint=endpoint, private=True)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("key", ["with\nbreak-0123456789", "with\x00nul-0123456789", "schlüssel"])
async def test_a_key_that_cannot_be_sent_is_not_shown(tmp_path: Path, hub: Hub, key: str) -> None:
    out = await export(tmp_path / "a")
    with pytest.raises(NotPushed) as refused:
        push(out, "me/lessons", token=key, endpoint=hub.address, private=True)

    assert not any(part in str(refused.value) for part in ("0123456789", "schl"))


@pytest.mark.parametrize(
    "repo", ["", "a/b/c", "../x", "me/", "a b", "me/x\n", "-x", "me/" + "x" * 200]
)
async def test_a_name_that_is_none_is_refused(tmp_path: Path, hub: Hub, repo: str) -> None:
    out = await export(tmp_path / "a")
    with pytest.raises(NotPushed) as refused:
        push(out, repo, token=KEY, endpoint=hub.address, private=True)

    assert "\n" not in str(refused.value)
    assert hub.asked == []


@pytest.mark.parametrize(
    "endpoint", ["ftp://x", "x", "http://", f"http://me:{KEY}@x", "http://x:99999", "http://["]
)
async def test_an_address_that_is_none_is_refused(tmp_path: Path, endpoint: str) -> None:
    out = await export(tmp_path / "a")
    with pytest.raises(NotPushed, match="write it as https") as refused:
        push(out, "me/lessons", token=KEY, endpoint=endpoint, private=True)

    assert KEY not in str(refused.value)
