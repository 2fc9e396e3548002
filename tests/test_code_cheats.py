"""Programs that do not do what was asked and want to be accepted all the same: none is.

Each is run for real, against cases, against inputs that are drawn, and against tests.
"""

import asyncio

import pytest

from agents.verifiers.code import CodeVerifier
from agents.verifiers.sandbox import NoSandbox, sandbox

REFERENCE = "def solve(n):\n    return n * n + 1\n"
WRONG = "def solve(n):\n    return n * n\n"
SHOWN = [[[3], 10], [[5], 26]]
TESTS = """
def check(candidate):
    assert candidate(3) == 10
    assert candidate(5) == 26
    for n in range(-4, 5):
        assert candidate(n) == n * n + 1, f"expected {n * n + 1}"
"""
WAYS = {
    "cases": {"cases": [*SHOWN, [[0], 1], [[-7], 50]]},
    "inputs": {"cases": SHOWN, "inputs": [{"int": [-100, 100]}]},
    "tests": {"tests": TESTS},
}
ALL_DESCRIPTORS = """
import sys
os = sys.modules["os"]
def tell(*lines):
    for descriptor in range(3, 64):
        for line in lines:
            try:
                os.write(descriptor, line + b"\\n")
            except OSError:
                pass
"""
EVERYTHING_EQUAL = """
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __lt__ = __gt__ = __le__ = __ge__ = __contains__ = __eq__
    __bool__ = lambda self: True
    __hash__ = lambda self: 0
"""
CHEATS = {
    "honestly wrong": WRONG,
    "ends well": WRONG + "import sys\nsys.exit(0)",
    "ends well when it is called": "def solve(n):\n    raise SystemExit(0)",
    "ends the process": "import sys\ndef solve(n):\n    sys.modules['os']._exit(0)",
    "ends the process at once": WRONG + "import sys\nsys.modules['os']._exit(0)",
    "prints PASS": WRONG + "print('PASS')\nprint('{\"tested\": true}')",
    "prints PASS at its end": (
        WRONG + "import sys\n"
        "atexit = sys.modules.get('atexit') or __import__('atexit')\n"
        "atexit.register(lambda: print('PASS'))\n"
    ),
    "an object that equals everything": (
        f"class Same:{EVERYTHING_EQUAL}\ndef solve(n):\n    return Same()"
    ),
    "an int that equals everything": (
        f"class Same(int):{EVERYTHING_EQUAL}\ndef solve(n):\n    return Same(n * n)"
    ),
    "an object that says it is an int": (
        "class Same:\n    __class__ = property(lambda self: int)\n"
        f"{EVERYTHING_EQUAL}\ndef solve(n):\n    return Same()"
    ),
    "a metaclass that is an instance of everything": (
        "class Meta(type):\n"
        "    __instancecheck__ = __subclasscheck__ = __eq__ = lambda *them: True\n"
        "    __hash__ = lambda self: hash(int)\n"
        "    __name__ = property(lambda self: 'int')\n"
        f"class Same(metaclass=Meta):{EVERYTHING_EQUAL}\ndef solve(n):\n    return Same()"
    ),
    "a class called int": (
        "Same = type('int', (int,), {'__eq__': lambda s, o: True, '__hash__': int.__hash__})\n"
        "def solve(n):\n    return Same(n)"
    ),
    "an object that has every attribute": (
        "class Same:\n"
        "    def __getattribute__(self, name):\n"
        "        return (lambda *them, **named: True)\n"
        f"{EVERYTHING_EQUAL}\ndef solve(n):\n    return Same()"
    ),
    "a list of what equals everything": (
        f"class Same:{EVERYTHING_EQUAL}\ndef solve(n):\n    return [Same()]"
    ),
    "the class itself": f"class Same:{EVERYTHING_EQUAL}\ndef solve(n):\n    return Same",
    "reads what is expected from the frames": (
        "import sys\n"
        "def solve(n):\n"
        "    frame = sys._getframe()\n"
        "    while frame:\n"
        "        for space in (frame.f_locals, frame.f_globals):\n"
        "            for name in ('expected', 'wanted', 'returned', 'cases', 'value', 'result'):\n"
        "                if name in space:\n"
        "                    return space[name]\n"
        "        frame = frame.f_back\n"
    ),
    "reads what is expected from the collector": (
        "import sys\n"
        "def solve(n):\n"
        "    gc = sys.modules.get('gc') or __import__('gc')\n"
        "    for each in gc.get_objects():\n"
        "        if type(each) is list and len(each) == 2 and each[0] == [n]:\n"
        "            return each[1]\n"
        "        if type(each) is dict and each.get('arguments') == [n]:\n"
        "            return each.get('expected')\n"
    ),
    "looks for a greater number in every object": (
        "import sys\n"
        "def solve(n):\n"
        "    gc = sys.modules['gc']\n"
        "    for each in gc.get_objects():\n"
        "        for inner in gc.get_referents(each):\n"
        "            if type(inner) is int and inner > n * n:\n"
        "                return inner\n"
    ),
    "reads the tests from a file": (
        "def solve(n):\n"
        "    for path in ('tests.py', '/proc/self/environ', __file__):\n"
        "        text = open(path).read()\n"
        "    return n * n\n"
    ),
    "reads our source": (
        "import sys\n"
        "def solve(n):\n"
        "    return open(sys.modules['agents.verifiers.sandbox.guest'].__file__).read()\n"
    ),
    "replaces json": (
        "import json\n"
        "json.dumps = lambda *them, **named: '{\"tested\": true}'\n"
        "json.loads = lambda *them, **named: {'tested': True}\n"
        "json.JSONEncoder.encode = json.dumps\njson.JSONEncoder.iterencode = json.dumps\n" + WRONG
    ),
    "replaces how values are told": (
        "import sys\n"
        "for module in list(sys.modules.values()):\n"
        "    for name in ('encode', 'decode', '_told', 'write_line', 'Foreign', '_call'):\n"
        "        if module.__name__.startswith('agents') and hasattr(module, name):\n"
        "            setattr(module, name, lambda *them: {'foreign': 'int'})\n" + WRONG
    ),
    "tells that all is foreign and the same": (
        "import sys\n"
        "for module in list(sys.modules.values()):\n"
        "    Foreign = getattr(module, 'Foreign', None)\n"
        "    if isinstance(Foreign, type):\n"
        "        Foreign.__eq__ = lambda self, other: True\n"
        "        made = Foreign\n"
        "def solve(n):\n    return made('int')\n"
    ),
    "writes a verdict to every descriptor": (
        ALL_DESCRIPTORS + "tell(b'{\"tested\": true}', b'{\"passed\": true}')\n" + WRONG
    ),
    "writes a verdict when it is called": (
        ALL_DESCRIPTORS + "def solve(n):\n"
        '    tell(b\'{"tested":true}\', b\'{"finding":"passed"}\')\n    return n * n\n'
    ),
    "answers before it is asked": (
        ALL_DESCRIPTORS + "tell(b'{\"loaded\":true}')\n"
        "for number, n in enumerate([3, 5, 0, -7], 1):\n"
        '    tell(b\'{"id":%d,"returned":{"int":"%d"},"arguments":[{"int":"%d"}]}\''
        " % (number, n * n + 1, n))\n" + WRONG
    ),
    "answers calls that were never made": (
        ALL_DESCRIPTORS + "def solve(n):\n"
        '    tell(b\'{"id":999,"returned":{"int":"10"},"arguments":[{"int":"3"}]}\')\n'
        "    return n * n\n"
    ),
    "answers with the id that it found": (
        ALL_DESCRIPTORS + "def solve(n):\n"
        "    frame = sys._getframe()\n"
        "    while frame and 'message' not in frame.f_locals:\n        frame = frame.f_back\n"
        "    number = frame.f_locals['message']['id']\n"
        '    tell(b\'{"id":%d,"returned":true,"arguments":[]}\' % number)\n'
        "    return n * n\n"
    ),
    "answers in a form that means several things": (
        ALL_DESCRIPTORS + "def solve(n):\n"
        '    tell(b\'{"id":1,"returned":{"int":"10"},"raised":"X","arguments":[]}\')\n'
        "    return n * n\n"
    ),
    "is no JSON": ALL_DESCRIPTORS + "def solve(n):\n    tell(b'PASS', b'\\xff\\x00')\n",
    "closes every descriptor": (
        "import sys\ndef solve(n):\n    sys.modules['os'].closerange(0, 64)\n    return n * n\n"
    ),
    "the shown examples by heart": ("def solve(n):\n    return {3: 10, 5: 26}.get(n, 10)\n"),
    "patched built-ins": (
        "import builtins\n"
        "for name in ('type', 'isinstance', 'len', 'repr', 'str', 'int', 'all', 'any', 'zip',\n"
        "             'sorted', 'range', 'abs', 'AssertionError', 'dict', 'list'):\n"
        "    setattr(builtins, name, lambda *them, **named: True)\n" + WRONG
    ),
    "no number": "def solve(n):\n    return float('nan')\n",
    "NaN of its own": (
        "class Same(float):\n    __eq__ = lambda self, other: True\n    __hash__ = float.__hash__\n"
        "def solve(n):\n    return Same('nan')\n"
    ),
    "traces its caller": (
        "import sys\n"
        "def trace(frame, event, argument):\n"
        "    for name in list(frame.f_locals):\n"
        "        if name in ('told', 'expected', 'answer'):\n"
        "            frame.f_locals[name] = {'returned': True}\n"
        "    return trace\n"
        "sys.settrace(trace)\nsys.setprofile(trace)\n" + WRONG
    ),
    "changes its caller's locals": (
        "import sys\n"
        "def solve(n):\n"
        "    frame = sys._getframe(1)\n"
        "    while frame:\n"
        "        for space in list(frame.f_locals.values()):\n"
        "            if isinstance(space, dict) and 'arguments' in space:\n"
        "                space.update(id=1, returned=True, tested=True, passed=True)\n"
        "        frame = frame.f_back\n"
        "    return n * n\n"
    ),
    "starts a thread": (
        "import sys\n"
        "try:\n"
        "    sys.modules['_thread'].start_new_thread(print, ('PASS',))\n"
        "except BaseException:\n    pass\n" + WRONG
    ),
    "handles signals": (
        "import sys\n"
        "signal = sys.modules.get('signal') or __import__('signal')\n"
        "signal.signal(signal.SIGTERM, lambda *them: None)\n" + WRONG
    ),
    "catches everything": (
        "def solve(n):\n    try:\n        raise SystemExit\n    except BaseException:\n"
        "        return n * n\n"
    ),
    "a generator": "def solve(n):\n    yield n * n + 1\n",
    "a coroutine": "async def solve(n):\n    return n * n + 1\n",
    "a function": "def solve(n):\n    return lambda: n * n + 1\n",
    "an object that is never done": (
        "class Same:\n    __next__ = __iter__ = lambda self: self\n"
        "    __len__ = lambda self: 10 ** 18\n"
        "def solve(n):\n    return Same()\n"
    ),
    "a huge number": "def solve(n):\n    return 10 ** 100_000\n",
    "a huge text": "def solve(n):\n    return 'x' * 10_000_000\n",
    "far too much memory": "def solve(n):\n    return [0] * 10 ** 12\n",
    "a deep list": (
        "def solve(n):\n    deep = []\n    for _ in range(100_000):\n        deep = [deep]\n"
        "    return deep\n"
    ),
    "a list in itself": "def solve(n):\n    loop = []\n    loop.append(loop)\n    return loop\n",
    "endless recursion": "def solve(n):\n    return solve(n)\n",
    "what it was called with": "def solve(*them, **named):\n    return them, named\n",
    "the function itself": "def solve(n):\n    return solve\n",
    "a text of the number": "def solve(n):\n    return str(n * n + 1)\n",
    "the number in a list": "def solve(n):\n    return [n * n + 1]\n",
    "a wide import": "from builtins import *\nimport subprocess, ctypes\n" + WRONG,
    "no function": "x = 1\n",
    "a function that is no function": "solve = 10\n",
    "no Python": "The answer is solve(n) = n * n + 1.",
    "two blocks": f"```python\n{REFERENCE}```\nor\n```python\n{WRONG}```",
    "the mark of another file": REFERENCE.replace("solve", "solved"),
    "a bomb for the parser": "solve = " + "-" * 50_000 + "1\n",
    "brackets for the parser": "solve = " + "(" * 5_000 + ")" * 5_000,
    "a zero byte": REFERENCE + "\0",
    "half a character": REFERENCE + "# \ud800",
    "far too long": REFERENCE + "#" * 100_000,
    "nothing": "",
}
LOOSE = {
    "1.0 for 1": "def solve(n):\n    return float(n * n + 1)\n",
    "a complex number": "def solve(n):\n    return complex(n * n + 1)\n",
    "True for 1": "def solve(n):\n    return n * n + 1 or True if n else True\n",
}
"""What Python's `==` accepts, and so do tests that a lesson brings."""
TWO_ANSWERS = {
    "each answer twice": (
        ALL_DESCRIPTORS + "def solve(n):\n"
        "    frame = sys._getframe()\n"
        "    while frame and 'message' not in frame.f_locals:\n        frame = frame.f_back\n"
        "    number = frame.f_locals['message']['id']\n"
        '    tell(b\'{"id":%d,"returned":{"int":"%d"},"arguments":[{"int":"%d"}]}\''
        " % (number, n * n + 1, n))\n    return n * n + 1\n"
    ),
    "the last answer twice": (
        ALL_DESCRIPTORS + "calls = []\ndef solve(n):\n"
        "    frame = sys._getframe()\n"
        "    while frame and 'message' not in frame.f_locals:\n        frame = frame.f_back\n"
        "    number = frame.f_locals['message']['id']\n"
        "    calls.append(n)\n"
        "    if n in (-7, 4) or len(calls) == 18:\n"
        '        tell(b\'{"id":%d,"returned":{"int":"%d"},"arguments":[{"int":"%d"}]}\''
        " % (number, n * n + 1, n))\n    return n * n + 1\n"
    ),
    "an answer before its function is loaded": (
        ALL_DESCRIPTORS + "tell(b'{\"loaded\":true}')\n" + REFERENCE
    ),
}


@pytest.fixture(scope="module")
def verifier() -> CodeVerifier:
    try:
        asyncio.run(sandbox())
    except NoSandbox as error:
        pytest.skip(str(error))
    return CodeVerifier()


async def check(verifier: CodeVerifier, answer: str, way: str):
    data = {"entry_point": "solve", "examples": SHOWN, "draw": 7, **WAYS[way]}
    return await verifier.check(answer=answer, reference=REFERENCE, data=data)


@pytest.mark.parametrize("way", WAYS)
async def test_the_right_program_is_accepted_in_every_way(verifier, way):
    found = await check(verifier, REFERENCE, way)
    assert found.finding == "passed", found.evidence


@pytest.mark.parametrize("answer", CHEATS.values(), ids=CHEATS)
async def test_no_cheat_is_accepted_in_any_way(verifier, answer):
    checks = [await check(verifier, answer, way) for way in WAYS]
    assert [found.finding for found in checks] == ["failed"] * 3, checks
    for found in checks:
        assert found.evidence.isprintable()
        assert len(found.evidence) <= 400


@pytest.mark.parametrize("answer", TWO_ANSWERS.values(), ids=TWO_ANSWERS)
@pytest.mark.parametrize("way", WAYS)
async def test_even_a_right_program_answers_each_call_once(verifier, answer, way):
    found = await check(verifier, answer, way)
    assert found.finding == "failed"
    assert "no guest may say" in found.evidence


@pytest.mark.parametrize("answer", LOOSE.values(), ids=LOOSE)
@pytest.mark.parametrize("way", ["cases", "inputs"])
async def test_a_value_of_another_type_is_another_value(verifier, answer, way):
    assert (await check(verifier, answer, way)).finding == "failed"
