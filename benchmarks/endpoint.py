"""A small OpenAI-compatible chat endpoint on this machine, for tests and benchmarks, with no model.

    python benchmarks/endpoint.py --port 0 --latency 0.2 --fail429 0.05 --hang 0.005

Answers are a function of a request's messages, so two runs that ask the same get the same. What a
newcomer gets wrong: faults strike only the first sight of a conversation, which is known by what
stands before its first reply. So every retry and every repair turn succeeds, and whatever is lost
was lost by the client. POST /reset makes it forget what it has seen.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import re
import signal
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from itertools import takewhile
from typing import Any

from aiohttp import web

BODY_LIMIT = 32 * 1024 * 1024
SEEN_LIMIT = 1_000_000
"""Conversations that are remembered; beyond that the oldest are forgotten."""
DEPTH_LIMIT = 12
SHALLOW = 4
"""Below this depth of a value, what may be null is null, so that trees come to an end."""
FAULTS = ("429", "500", "hung", "garbage")
Json = Mapping[str, Any]
Body = dict[str, Any]
WORDS = ("amber", "basket", "candle", "desert", "engine", "feather", "glacier", "hammer", "island",
    "jacket", "kettle", "lantern", "meadow", "needle", "orchard", "pebble", "quarry", "ribbon",
    "saddle", "timber", "umbrella", "velvet", "willow", "yarn", "zephyr")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """How the endpoint behaves."""

    port: int = 0
    """0: any free one."""
    latency: float = 0.0
    """Seconds before an answer."""
    jitter: float = 0.0
    """Seconds by which the latency varies, up and down."""
    fail429: float = 0.0
    """Share of conversations that meet this fault at first sight; the same for the next four."""
    fail500: float = 0.0
    garbage: float = 0.0
    """A JSON reply that is broken off, or half a body where free text was asked for."""
    hang: float = 0.0
    """No answer ever."""
    max_in_flight: int = 0
    """Requests at once before 429 is the answer. 0: any number."""
    retry_after: float = 1.0
    """Seconds that a 429 asks for."""
    thinking: int = 0
    """Most tokens of reasoning that a reply is billed for beside its text; each has its own."""
    seed: int = 1
    """Other faults and answers for the same conversations."""
    key: str = ""
    """Wanted as a bearer token; empty: none is."""
    models: str = ""
    """Names of the models, with commas between them; empty: every name is known."""
    json_schema: bool = True
    """Whether `response_format` may be a JSON Schema; refused with 400 if not."""
    json_object: bool = True


class Endpoint:
    """The endpoint, to be started and stopped in a running event loop."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.stats = _Stats()
        self._seen: dict[bytes, None] = {}
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    async def start(self) -> str:
        """Listen on 127.0.0.1 and return the base URL."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/stats", self._stats)
        app.router.add_post("/reset", self._reset)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.options.port, backlog=4096).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def stop(self) -> None:
        """Stop listening and let go of requests that hang."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _models(self, request: web.Request) -> web.Response:
        models = [{"id": m, "object": "model"} for m in (self.options.models or "local").split(",")]
        return web.json_response({"object": "list", "data": models})

    async def _stats(self, request: web.Request) -> web.Response:
        return web.json_response(self.stats.as_dict())

    async def _reset(self, request: web.Request) -> web.Response:
        self.stats = _Stats(in_flight=self.stats.in_flight)
        self._seen.clear()
        return web.json_response({})

    async def _complete(self, request: web.Request) -> web.Response:
        self.stats.count_in()
        try:
            refusal, body = await self._admitted(request)
            return await self._answered(body) if refusal is None else refusal
        finally:
            self.stats.count_out()

    async def _admitted(self, request: web.Request) -> tuple[web.Response | None, Body]:
        """Return a refusal or the body of a request that may be answered."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.options.key and given != self.options.key:
            return _error(401, f"Incorrect API key provided: {given}"), {}
        try:
            body = json.loads(await request.read())
            messages = body["messages"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return _error(400, "the body is not JSON with messages"), {}
        if self.options.models and body.get("model") not in self.options.models.split(","):
            return _error(404, f"The model {body.get('model')!r} does not exist"), {}
        if not isinstance(messages, list) or not messages:
            return _error(400, "messages is empty"), {}
        return self._refused_format(body), body

    def _refused_format(self, body: Body) -> web.Response | None:
        wanted = body.get("response_format")
        kind = wanted.get("type") if isinstance(wanted, dict) else None
        allowed = {"json_schema": self.options.json_schema, "json_object": self.options.json_object}
        if kind is None or allowed.get(kind, kind == "text"):
            return None
        return _error(400, f"response_format of type {kind} is not supported")

    async def _answered(self, body: Body) -> web.Response:
        chance = self._chance(body["messages"])
        fault = self._fault(self._chance(takewhile(_is_no_reply, body["messages"])))
        if fault is not None:
            self.stats.faults[fault] += 1
        if fault == "429":
            return _error(
                429, "too many requests", {"Retry-After": f"{self.options.retry_after:g}"}
            )
        if fault == "500":
            return _error(500, "something broke")
        if fault == "hung":
            await self._stopping.wait()
            return _error(503, "the server stops")
        varied = self.options.jitter * (2 * chance.share("jitter") - 1)
        await asyncio.sleep(max(0.0, self.options.latency + varied))
        return self._completion(body, chance, garbage=fault == "garbage")

    def _chance(self, messages: Iterable[object]) -> "_Chance":
        return _Chance(f"{self.options.seed}/{json.dumps([*messages], sort_keys=True)}")

    def _fault(self, chance: "_Chance") -> str | None:
        """Return the fault that strikes a conversation, if any."""
        if 0 < self.options.max_in_flight < self.stats.in_flight:
            return "429"
        if chance.key in self._seen:
            return None
        self._seen[chance.key] = None
        if len(self._seen) > SEEN_LIMIT:
            del self._seen[next(iter(self._seen))]
        options, place = self.options, chance.share("fault")
        shares = (options.fail429, options.fail500, options.hang, options.garbage)
        for fault, share in zip(FAULTS, shares, strict=True):
            if place < share:
                return fault
            place -= share
        return None

    def _completion(self, body: Body, chance: "_Chance", *, garbage: bool) -> web.Response:
        schema = _schema(body)
        if schema is None:
            text = f"{chance.words('text', 15)}.\nAnswer: {chance.number('answer', 1000)}"
        else:
            text = json.dumps(_Inventor(schema, chance, _quotable(body["messages"])).value(schema))
            text = text[: len(text) // 2] if garbage else text
        asked, said = len(json.dumps(body["messages"])) // 4, len(text) // 4
        said += chance.number("thinking", self.options.thinking + 1)
        message = {"role": "assistant", "content": text}
        completion = {
            "id": f"chatcmpl-{chance.key.hex()}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": body.get("model", "local"),
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": asked, "completion_tokens": said},
        }
        whole = json.dumps(completion)
        self.stats.answered += 1
        if garbage and schema is None:
            whole = whole[: len(whole) // 2]
        return web.Response(text=whole, content_type="application/json")


@dataclass(slots=True)
class _Stats:
    """What happened since the start or the last reset."""

    requests: int = 0
    answered: int = 0
    """With status 200, garbage included."""
    faults: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    peak: int = 0
    """Most requests in flight at once."""
    first_at: float | None = None
    """When the first request came, in seconds since 1970."""
    last_at: float | None = None
    """When the last request ended."""

    def count_in(self) -> None:
        """Note that a request came."""
        self.requests += 1
        self.first_at = self.first_at or time.time()
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)

    def count_out(self) -> None:
        """Note that a request ended, whatever its end was."""
        self.in_flight -= 1
        self.last_at = time.time()

    def as_dict(self) -> dict[str, float | None]:
        """Return the counts by name, one for each fault among them."""
        counts = {slot: getattr(self, slot) for slot in self.__slots__ if slot != "faults"}
        return counts | {fault: self.faults[fault] for fault in FAULTS}


class _Chance:
    """Numbers drawn from a text: the same text and name, the same number."""

    def __init__(self, text: str) -> None:
        self.key = hashlib.blake2b(text.encode(errors="replace"), digest_size=12).digest()

    def number(self, name: str, below: int) -> int:
        return int.from_bytes(self._drawn(name, 8), "big") % below

    def share(self, name: str) -> float:
        return self.number(name, 2**53) / 2**53

    def words(self, name: str, least: int) -> str:
        count = least + self.number(f"{name}#", least)
        return " ".join(WORDS[d % len(WORDS)] for d in self._drawn(name, count)).capitalize()

    def _drawn(self, name: str, size: int) -> bytes:
        place = name.encode(errors="replace")
        return hashlib.blake2b(place, key=self.key, digest_size=size).digest()


def _schema(body: Body) -> dict[str, Any] | None:
    """Return the JSON Schema that is asked for, as data or as text. None: free text is wanted."""
    wanted = body.get("response_format")
    wanted = wanted if isinstance(wanted, dict) else {}
    as_data = wanted.get("json_schema")
    if isinstance(as_data, dict) and isinstance(as_data.get("schema"), dict):
        return dict(as_data["schema"])
    content = str(body["messages"][-1].get("content"))
    _, marker, rest = content.rpartition("JSON Schema:")
    with contextlib.suppress(ValueError, RecursionError):
        found, _ = json.JSONDecoder().raw_decode(rest.lstrip())
        if marker and isinstance(found, dict):
            return found
    return {"type": "object"} if wanted.get("type") == "json_object" else None


class _Inventor:
    """Makes values that fit a schema; every place in a value has a draw of its own."""

    def __init__(self, root: Json, chance: _Chance, quote: str) -> None:
        self._root, self._chance, self._draw, self._quote = root, chance, chance.number, quote

    def value(self, schema: Json, place: str = "", depth: int = 0) -> object:
        schema = self._chosen(schema, place, depth)
        if depth > DEPTH_LIMIT:
            return None
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][self._draw(place, len(schema["enum"]))]
        match schema.get("type"):
            case "object":
                return self._object(schema, place, depth)
            case "array":
                return self._array(schema, place, depth)
            case "integer" | "number" as kind:
                return self._number(schema, place, whole=kind == "integer")
            case "boolean":
                return self._draw(place, 4) > 0
            case "null":
                return None
        return self._text(schema, place)

    def _chosen(self, schema: Json, place: str, depth: int) -> Json:
        """Follow references and choices until the schema says something itself."""
        for _ in range(DEPTH_LIMIT):
            options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
            if "$ref" in schema:
                found: Any = self._root
                for step in str(schema["$ref"]).removeprefix("#/").split("/"):
                    found = found[step]
                schema = found
            elif options:
                null = [option for option in options if option.get("type") == "null"]
                real = null if null and depth > SHALLOW else [o for o in options if o not in null]
                schema = real[self._draw(f"{place}|", len(real))] if real else options[0]
            else:
                break
        return schema

    def _object(self, schema: Json, place: str, depth: int) -> dict[str, object]:
        parts = schema.get("properties", {}).items()
        return {name: self.value(part, f"{place}/{name}", depth + 1) for name, part in parts}

    def _array(self, schema: Json, place: str, depth: int) -> list[object]:
        fixed = schema.get("prefixItems", [])
        least = max(schema.get("minItems", 1), len(fixed))
        most = schema.get("maxItems", least + 2)
        count = least + self._draw(f"{place}#", max(most - least, 0) + 1)
        parts = [*fixed, *[schema.get("items") or {}] * count][:count]
        return [self.value(part, f"{place}/{i}", depth + 1) for i, part in enumerate(parts)]

    def _number(self, schema: Json, place: str, *, whole: bool) -> float:
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        most = schema.get("maximum", schema.get("exclusiveMaximum", least + (6 if whole else 1)))
        if not whole:
            return float(round(least + (most - least) * (1 + self._draw(place, 99)) / 100, 4))
        first = int(least) + ("exclusiveMinimum" in schema)
        last = int(most) - ("exclusiveMaximum" in schema)
        return first + self._draw(place, max(last - first, 0) + 1)

    def _text(self, schema: Json, place: str) -> str:
        name = place.rpartition("/")[2].lower()
        if name == "quote":
            return self._quote
        if "answer" in name or "reference" in name:
            return str(self._draw(place, 1000))
        return self._chance.words(place, 10)[: schema.get("maxLength", 400)]


def _quotable(messages: list[Any]) -> str:
    """Return the first line of the last JSON string that is a line of its own, or ""."""
    text = "\n".join(str(message.get("content")) for message in messages)
    found = re.findall(r'^"(?:[^"\\\x00-\x1f]|\\[nt"\\])*"$', text, re.MULTILINE)
    return str(json.loads(found[-1])).split("\n")[0] if found else ""


def _is_no_reply(message: object) -> bool:
    return not (isinstance(message, dict) and message.get("role") == "assistant")


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status, headers=headers)


def _options(arguments: list[str] | None = None) -> Options:
    """Return the options of a command line; there is an argument for every one of them."""
    parser = argparse.ArgumentParser(
        description="An OpenAI-compatible endpoint without a model, on 127.0.0.1 only.",
        epilog="The class Options at the top of the file says what each means.",
    )
    for option in fields(Options):
        flag, value = option.name.replace("_", "-"), option.default
        if value is True:
            parser.add_argument(f"--no-{flag}", dest=option.name, action="store_false")
        else:
            parser.add_argument(f"--{flag}", type=type(value), default=value)
    return Options(**vars(parser.parse_args(arguments)))


async def _serve(options: Options) -> None:
    """Answer until the process is told to end."""
    endpoint = Endpoint(options)
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    print(await endpoint.start(), flush=True)
    await stopped.wait()
    await endpoint.stop()


if __name__ == "__main__":
    asyncio.run(_serve(_options()))
