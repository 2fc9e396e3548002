"""The guest: what runs inside a sandbox and serves one stranger's program, message by message.

It imports the standard library and `told` only, so that it can run where nothing of ours is; see
`inside`.

What a newcomer gets wrong: nothing here keeps the program in. It shares this process, so it can
find this module, change it, and say whatever it likes on the line. All it gains are other values,
for no guest is told what is expected. What keeps it in is the sandbox.
"""

import builtins
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from random import seed
from types import ModuleType
from typing import Any

from agents.verifiers.sandbox.told import (
    LINE_BYTES,
    Foreign,
    Malformed,
    Message,
    Told,
    Value,
    decode,
    encode,
    read_line,
    type_name,
    write_line,
)

__all__ = [
    "MODULES",
    "OUT_OF_MEMORY",
    "Foreign",
    "Malformed",
    "decode",
    "encode",
    "line_of",
    "prepare",
    "read_line",
    "serve",
    "write_line",
]

# A copy, as in `told`: what a program puts into the module `builtins` does not change this module.
globals()["__builtins__"] = dict(vars(builtins))

PROGRAM = "program"
"""The name of the module that a stranger's text becomes; never `__main__`."""
OUT_OF_MEMORY = 71
"""The exit code of a guest that had no memory left to say anything."""

Hear = Callable[[], Message]
Say = Callable[[Message], None]


_ENDS = ("StopIteration", "StopAsyncIteration")
"""What would end a loop of the tests that asks, as if there were no more to ask."""


class CandidateError(Exception):
    """What a tester sees where the candidate raised something that Python has no name for."""


def line_of(descriptor: int, answers: int | None = None) -> tuple[Hear, Say]:
    """Return how to hear and say messages over a descriptor, or one for each way.

    `hear` ends this process when nobody is there any more.
    """
    read, write, leave = os.read, os.write, os._exit
    out = descriptor if answers is None else answers
    heard = bytearray()

    def hear() -> Message:
        while (end := heard.find(b"\n") + 1) == 0:
            some = read(descriptor, 65_536)
            if not some:
                leave(0)
            heard.extend(some)
        line = bytes(heard[:end])
        del heard[:end]
        return read_line(line)

    def say(message: Message) -> None:
        line = write_line(message)
        while line:
            line = line[write(out, line) :]

    return hear, say


# --- programs


def serve(hear: Hear, say: Say) -> None:
    """Answer every message that is heard; never returns.

    `prepare` must have been called, and whatever keeps the program in must stand.
    """
    function: Callable[..., object] = _nothing_loaded
    # What the program draws is the same every time; nothing of ours is drawn here.
    seed(0)
    try:
        while True:
            message = hear()
            if message["do"] == "load":
                function, told = _load(message)
            elif message["do"] == "call":
                told = _call(function, message)
            else:
                told = _test(message, hear, say)
            say(_fitting(told))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def alone() -> None:
    """Be one guest on descriptors 0 and 1, where something else keeps the program in."""
    prepare()
    hear, say = line_of(0, 1)
    # The program's own words must not stand on the line.
    sys.stdin = io.StringIO()
    sys.stdout = sys.stderr = _Nowhere()
    say({"ready": True})
    serve(hear, say)


class _Nowhere(io.TextIOBase):
    """Takes everything that is printed."""

    def write(self, text: str) -> int:
        return len(text)


def _nothing_loaded(*arguments: object, **keywords: object) -> object:
    raise NameError("no program is loaded")


def _tried(action: Callable[[], Message]) -> Message:
    """Return what an action says, or that it raised."""
    try:
        return action()
    except BaseException as error:  # noqa: BLE001 - a stranger's program raises what it likes
        return _raised(error)


def _raised(error: BaseException) -> Message:
    """Tell an exception without running a method of its class."""
    arguments = BaseException.__dict__["args"].__get__(error)
    first = arguments[0] if arguments else ""
    message = str(first)[:500] if type(first) in (str, float, bool) else ""
    return {"raised": type_name(type(error))[:100], "message": message}


def _fitting(message: Message) -> Message:
    """Return a message without its values if it is longer than a line may be."""
    if len(write_line(message)) <= LINE_BYTES:
        return message
    too_long = {"foreign": f"value of more than {LINE_BYTES} bytes"}
    told = {**message, "arguments": [too_long for _ in message.get("arguments", ())]}
    return {**told, "returned": too_long} if "returned" in told else told


def _load(message: Message) -> tuple[Callable[..., object], Message]:
    space = _namespace()
    name = message["entry_point"]

    def load() -> Message:
        _run(message["prelude"], space)
        _run(message["source"], space)
        if name not in space:
            raise NameError(f"the program defines no {name!r}")
        return {"loaded": True}

    told = _tried(load)
    return space.get(name, _nothing_loaded), told


def _namespace() -> dict[str, Any]:
    """Return the namespace of a fresh module with built-ins of its own."""
    module = ModuleType(PROGRAM)
    sys.modules[PROGRAM] = module
    space = vars(module)
    space["__builtins__"] = {**vars(builtins), "__import__": _import}
    return space


def _run(text: str, space: dict[str, Any]) -> None:
    exec(compile(text, f"<{PROGRAM}>", "exec", dont_inherit=True), space)


def _call(function: Callable[..., object], message: Message) -> Message:
    arguments = [decode(told) for told in message["arguments"]]
    keywords = {name: decode(told) for name, told in message["keywords"].items()}
    told = _tried(lambda: {"returned": encode(function(*arguments, **keywords))})
    told = {"id": message["id"], **told}
    if message.get("echo", True):
        told["arguments"] = [encode(each) for each in arguments]
    return told


# --- tests


def _test(message: Message, hear: Hear, say: Say) -> Message:
    """Run a test suite on a candidate that stands at the other end of the line."""
    space = _namespace()
    name = message["entry_point"]
    candidate = _proxy(name, hear, say)

    def test() -> Message:
        _run(message["prelude"], space)
        space[name] = candidate
        _run(message["source"], space)
        if "check" not in space:
            raise NameError("the tests define no 'check'")
        space["check"](candidate)
        return {"tested": True}

    return _tried(test)


def _proxy(name: str, hear: Hear, say: Say) -> Callable[..., object]:
    """Return a function that asks the candidate, and changes its arguments as the candidate did."""
    numbers = count()

    def candidate(*arguments: object, **keywords: object) -> object:
        number = next(numbers)
        told = [_telling(each) for each in arguments]
        named = {key: _telling(each) for key, each in keywords.items()}
        say({"ask": number, "arguments": told, "keywords": named})
        answer = hear()
        while answer.get("answer") != number:
            answer = hear()
        if answer["arguments"] != told:
            _mirror(list(arguments), [decode(each) for each in answer["arguments"]])
        if "raised" in answer:
            raise _error(answer["raised"], answer["message"])
        return decode(answer["returned"])

    candidate.__name__ = candidate.__qualname__ = name
    return candidate


def _telling(argument: object) -> Told:
    told = encode(argument)
    if b'"foreign":' in write_line({"told": told}):  # a text has its quotation marks escaped
        raise TypeError(f"a candidate cannot be given a value of type {type(argument).__name__}")
    return told


def _mirror(mine: Value, theirs: Value) -> Value:
    """Return a value equal to theirs; mine itself, changed, where it can be changed to that."""
    kind = type(mine)
    if kind is not type(theirs):
        return theirs
    if kind is list or kind is tuple:
        made = [_mirror(old, new) for old, new in zip(mine, theirs, strict=False)]
        made += theirs[len(made) :]
        if kind is tuple:
            return tuple(made)
        mine[:] = made
    elif kind is dict:
        pairs = {
            key: _mirror(mine[key], new) if key in mine else new for key, new in theirs.items()
        }
        mine.clear()
        mine.update(pairs)
    elif kind is set:
        mine.clear()
        mine.update(theirs)
    else:
        return theirs
    return mine


def _error(name: str, message: str) -> Exception:
    """Return an exception of Python's own with this name, else a `CandidateError`."""
    kind = getattr(builtins, name, None)
    if name in _ENDS:
        kind = None
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(message)
        except TypeError:  # this one wants more than a message
            pass
    return CandidateError(f"{name}: {message}")


# --- modules

_COMPUTING = """
    __future__ abc array ast base64 binascii bisect calendar cmath collections colorsys contextlib
    contextvars copy csv dataclasses datetime decimal difflib enum fractions functools graphlib
    hashlib heapq hmac html io ipaddress itertools json keyword math numbers operator pickle pprint
    queue random re reprlib shlex statistics string struct sys textwrap time traceback types typing
    unicodedata urllib.parse warnings weakref zlib
"""
_LATE = """
    _compat_pickle _strptime atexit codecs copyreg gc html.entities html.parser tracemalloc
    encodings.ascii encodings.cp1252 encodings.hex_codec encodings.idna encodings.iso8859_15
    encodings.latin_1 encodings.punycode encodings.raw_unicode_escape encodings.rot_13
    encodings.unicode_escape encodings.utf_16 encodings.utf_16_be encodings.utf_16_le
    encodings.utf_32 encodings.utf_8_sig
"""
"""What these import only when it is used, when nothing can be read any more."""
MODULES = frozenset(_COMPUTING.split())
"""What a program may import, with what stands in these packages: what computes only."""
# Modules made of C import in the name of the program that called them: `pickle` also imports the
# module that a class is from.
_BY_OTHERS = frozenset({PROGRAM, "_compat_pickle", "_strptime", "codecs", "copyreg"})


class _NothingElse:
    """The last word of `import`: what is not there by now will never be."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: object = None
    ) -> None:
        raise ModuleNotFoundError(_refusal(name), name=name)


def prepare() -> None:
    """Import all that a program may import. After this no module is ever read from a file."""
    for name in [*sorted(MODULES), *_LATE.split()]:
        with suppress(ImportError):  # a small Python has no `zlib`, say
            __import__(name)
    sys.meta_path[:] = [_NothingElse()]


def _refusal(name: str) -> str:
    return f"{name!r} cannot be imported here; only modules that compute can"


def _import(
    name: str,
    namespace: object = None,
    local: object = None,
    fromlist: Sequence[str] = (),
    level: int = 0,
) -> object:
    """Import for a program: what is on the list."""
    if level or not (MODULES | _BY_OTHERS) & {name, name.partition(".")[0]}:
        raise ImportError(_refusal(name), name=name)
    return _real_import(name, None, None, fromlist, 0)


_real_import = builtins.__import__
