"""A key goes to its endpoint and nowhere else, whatever the endpoint does with it."""

import asyncio
import base64
import itertools
import json
import os
import signal
import sqlite3
import sys
import urllib.parse
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import example, given
from hypothesis import strategies as st
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from pydantic import SecretStr

from agents.chat.langchain import LangChainModel
from agents.chat.secrets import MARK, struck
from agents.errors import AgentError
from storage.records import Message, Request

ROOT = Path(__file__).parents[1]
KEY = 'sk-A/b+c"d&e=Zm9v-0123456789'
CANARY = "canary-of-the-environment-5511"
CONFIG = """seed = 3
attempts = 2
max_revisions = 1
[teacher]
kind = "library"
path = "library.jsonl"
question = "question"
reference = "reference"
[student]
kind = "chat"
model = "m"
base_url = "{url}"
api_key_env = "LYCEUM_TEST_KEY"
[critic]
kind = "chat"
model = "m"
base_url = "{url}"
api_key_env = "LYCEUM_TEST_KEY"
"""


def writings(text: str) -> dict[str, str]:
    """Return ways in which an endpoint, or a reader of its reply, may write a text down."""
    in_base64 = {
        f"base64, {n} before": base64.b64encode(b"x" * n + text.encode()).decode() for n in range(3)
    }
    return {
        "plain": text,
        "escaped": json.dumps(text)[1:-1],
        "escaped twice": json.dumps(json.dumps(text)[1:-1])[1:-1],
        "all escaped": "".join(f"\\u{ord(char):04x}" for char in text),
        "slashes escaped": text.replace("/", "\\/").replace('"', '\\"'),
        "in an address": urllib.parse.quote(text, safe=""),
        "hexadecimal": text.encode().hex(),
        **in_base64,
    }


def leaks(*places: bytes | str) -> list[str]:
    """Return what was found that must be nowhere."""
    # In base64 the characters at the ends stand for a neighbour's bits as well.
    forms = {n: form[4:-4] if "base64" in n else form for n, form in writings(KEY).items()}
    secrets = {**forms, "name": "authorization", "scheme": "bearer ", "variable": CANARY}
    texts = [p if isinstance(p, str) else p.decode("latin-1") for p in places]
    return [name for name, form in secrets.items() for t in texts if form.lower() in t.lower()]


def cells(path: Path) -> str:
    """Return every value of a database, for a page may break one in two."""
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = [row for [name] in tables for row in database.execute(f"SELECT * FROM {name}")]
    return "\n".join(str(value) for row in rows for value in row)


@asynccontextmanager
async def echo():
    """Yield the address of an endpoint that sends back what it was sent, and "40 calls came"."""
    count, enough = itertools.count(1), asyncio.Event()

    async def complete(request: web.Request) -> web.Response:
        if (number := next(count)) == 40:
            enough.set()
        headers = dict(request.headers)
        given = headers["Authorization"]
        if number % 9 in (2, 5):
            later = {"Retry-After": "0"}
            return web.Response(status=(500, 429)[number % 2], text=f"{headers}", headers=later)
        if number % 9 == 7:
            said = {"error": {"message": f"bad key {given}: {headers}"}}
            return web.json_response(said, status=400)
        if number % 9 == 8:
            return web.Response(text=f"no JSON, {headers}")
        forms = "; ".join(f"{form}" for form in writings(given).values())
        message = {"role": "assistant", "content": f"{forms}\nAnswer: 1", "reasoning": given}
        raw = json.dumps(
            {"choices": [{"message": message, "finish_reason": given}], "model": given}
        )
        if number % 2:  # as a server that escapes whatever it can
            raw = raw.replace("sk-A/b", "\\u0073k-A\\/\\u0062")
        return web.Response(text=raw, content_type="application/json")

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", enough
    finally:
        await runner.cleanup()


async def start(folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "run.py"), *arguments),
        cwd=folder, start_new_session=True,
        env={**os.environ, "LYCEUM_TEST_KEY": KEY, "OTHER_TOKEN": CANARY},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


def files(folder: Path) -> list[bytes]:
    return [each.read_bytes() for each in folder.iterdir() if each.name != "library.jsonl"]


async def test_a_key_is_in_no_file_no_log_and_no_export_of_an_endpoint_that_echoes_it(tmp_path):
    rows = (json.dumps({"question": f"Which is {n}?", "reference": "1"}) for n in range(24))
    (tmp_path / "library.jsonl").write_text("\n".join(rows))
    async with echo() as (url, enough):
        (tmp_path / "run.toml").write_text(CONFIG.format(url=url))
        line = ("generate", "run.toml", "--in-flight", "4", "--json")
        process = await start(tmp_path, *line)
        await asyncio.wait_for(enough.wait(), 60)
        assert process.returncode is None
        os.killpg(process.pid, signal.SIGKILL)
        said = [*await process.communicate()]
        names = {each.name.replace("lyceum.db", "")[:5] for each in tmp_path.iterdir()}
        assert {"", "-wal", "-shm"} <= names
        assert any(each.suffix == ".lock" for each in tmp_path.iterdir())
        left = files(tmp_path)

        for arguments in (
            line,
            ("inspect", "2", "--html", "page.html"),
            ("export", "sft", "out.jsonl"),
            ("replay", "--json", "--into", "new.db"),
        ):
            process = await start(tmp_path, *arguments)
            said += await process.communicate()
            assert process.returncode == 0, said[-1]
    assert (tmp_path / "out.jsonl").stat().st_size
    stored = [cells(tmp_path / name) for name in ("lyceum.db", "new.db")]
    assert all(MARK in text for text in stored)
    assert b"call_errors" in left[0] + b"".join(left)
    assert leaks(*said, *left, *files(tmp_path), *stored) == []


def test_a_key_is_found_however_it_is_written():
    for name, form in writings(f"Bearer {KEY} and more").items():
        assert leaks(form), name
        assert leaks(struck(f"so: {form}, yes", [KEY])) == [], name


PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\\")


@given(st.text(PRINTABLE, min_size=8), st.data())
@example("n\\u0041bcdefgh", None)
@example('"0000000', None)
def test_any_key_is_struck_out_of_json_and_leaves_json(key, data):
    text = "before " + key + " after"
    raw = json.dumps({"text": text})
    if data is not None:
        escaped = [data.draw(st.booleans()) for _ in key]
        mixed = "".join(
            f"\\u{ord(c):04x}" if escape else json.dumps(c)[1:-1]
            for c, escape in zip(key, escaped, strict=True)
        )
        raw = '{"text": "before ' + mixed + ' after"}'
    assert key not in json.loads(struck(raw, [key]))["text"]


def test_text_without_a_key_is_left_alone():
    for text in ("Bearer of news \\u0041 100 % &amp; so on", json.dumps("ä\n/\\"), "sk-A"):
        assert struck(text, [KEY, "none", ""]) == text


class Provider(GenericFakeChatModel):
    """A provider's model that has a key of its own."""

    token: SecretStr = SecretStr(KEY)
    error: Exception | None = None

    def _generate(self, *args, **kwargs):
        if self.error is not None:
            raise self.error
        return super()._generate(*args, **kwargs)


class BadRequest(Exception):
    """As a provider's library says that the key is wrong."""

    status_code = 401


class Stubborn(Exception):
    """Keeps its text where nobody can change it."""

    def __str__(self):
        return f"no luck with {KEY}"


def message() -> AIMessage:
    headers = {"Authorization": f"Bearer {KEY}", "date": "today"}
    return AIMessage(
        content=[{"type": "text", "text": f"It is {KEY}"}],
        additional_kwargs={"reasoning_content": f"I know {KEY}", "api_key": KEY},
        response_metadata={
            "headers": headers, "finish_reason": f"because {KEY}",
            "request": {"headers": {"Cookie": "session=1"}, "url": urllib.parse.quote(KEY)},
        },
    )  # fmt: skip


REQUEST = Request(endpoint="e", model="m", messages=(Message(role="user", content="Why?"),))


@pytest.mark.parametrize("own", [True, False])
async def test_what_langchain_hands_over_holds_neither_key_nor_header(own):
    chat = Provider(messages=iter([message()]), token=SecretStr(KEY if own else "another-one"))
    key = None if own else SecretStr(KEY)
    model = LangChainModel(chat, endpoint="e", name="m", key=key)
    reply = await model.complete(REQUEST)
    assert reply.text == f"It is {MARK}"
    assert reply.reasoning == f"I know {MARK}"
    assert leaks(reply.model_dump_json()) == []
    assert "session" not in reply.raw
    assert "finish_reason" in reply.raw


@pytest.mark.parametrize(
    "error",
    [
        BadRequest(f"{{'Authorization': 'Bearer {KEY}', 'x-api-key': 'other-1'}}"),
        ConnectionError(f"to host with {KEY}"),
        ValueError(f"cannot use {urllib.parse.quote(KEY)} with Authorization: Basic dXNlcjpwYXNz"),
        Stubborn(),
    ],
)
async def test_no_error_of_a_providers_library_says_a_key_or_a_header(error):
    chat = Provider(messages=iter([]), error=error)
    with pytest.raises((AgentError, ValueError, RuntimeError)) as caught:
        await LangChainModel(chat, endpoint="e", name="m").complete(REQUEST)
    said = f"{type(caught.value).__name__}: {caught.value}"
    assert leaks(said) == []
    assert "other-1" not in said
    assert "dXNlcjpwYXNz" not in said
