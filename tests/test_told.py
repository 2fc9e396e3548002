"""Values and lines, as guests and whoever asks them tell each other."""

import enum
import json
import math
import time
from collections import namedtuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.verifiers.sandbox.told import (
    DEPTH,
    DIGITS,
    LINE_BYTES,
    Foreign,
    Malformed,
    decode,
    encode,
    read_line,
    write_line,
)

TEXT = st.text() | st.text(st.characters(categories=["Cs", "L", "N"]))
HASHED = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | TEXT
    | st.binary()
    | st.complex_numbers(allow_nan=False),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=6,
)
VALUES = st.recursive(
    HASHED | st.floats() | st.complex_numbers(),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.sets(HASHED, max_size=4)
        | st.dictionaries(HASHED, inner, max_size=4)
    ),
    max_leaves=12,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.sampled_from(["int", "float", "set", "dict"]), inner)
    ),
    max_leaves=8,
)


def tree(value):
    """Return a value in which types show: 1 is not True, -0.0 is not 0.0, and NaN is itself."""
    if isinstance(value, dict):
        return "dict", sorted((repr(tree(key)), repr(tree(each))) for key, each in value.items())
    if isinstance(value, set | frozenset):
        return type(value).__name__, sorted(repr(tree(each)) for each in value)
    if isinstance(value, list | tuple):
        return type(value).__name__, [tree(each) for each in value]
    return type(value).__name__, repr(value)


def across(value):
    """Return a value as it arrives at the other end of a line."""
    return decode(read_line(write_line({"told": encode(value)}))["told"])


@given(VALUES)
def test_a_value_arrives_as_it_was_with_its_types(value):
    assert tree(across(value)) == tree(value)


@given(JSON)
def test_json_tells_a_value_in_one_way_only_or_is_malformed(told):
    try:
        value = decode(told)
    except Malformed:
        return
    again = encode(value)
    # The order of a set is nobody's business.
    assert tree(decode(again)) == tree(value) or "foreign" in json.dumps(told)


def test_one_true_and_one_point_zero_are_told_apart():
    assert len({json.dumps(encode(value)) for value in (1, True, 1.0, "1", b"1")}) == 5
    assert math.isnan(across(math.nan))
    assert math.copysign(1, across(-0.0)) == -1


class Always(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Liar(type):
    @property
    def __name__(cls):
        return "int"


class Lying(metaclass=Liar):
    pass


class Level(enum.IntEnum):
    ONE = 1


@pytest.mark.parametrize(
    "value",
    [
        Always(1),
        Lying(),
        Level.ONE,
        namedtuple("Pair", "a b")(1, 2),
        object(),
        len,
        int,
        iter([1]),
        (n for n in [1]),
        bytearray(b"a"),
        range(3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_of_another_type_is_foreign_and_equals_nothing(value):
    told = across([value])[0]

    assert isinstance(told, Foreign)
    assert told != value
    assert told != told
    assert told not in (1, "a")
    assert told.type_name == type.__dict__["__name__"].__get__(type(value))


def test_a_value_that_contains_itself_is_told_to_the_depth_that_can_be_told():
    cycle = []
    cycle.append(cycle)

    told = across(cycle)
    for _ in range(DEPTH - 1):
        (told,) = told

    assert isinstance(told[0], Foreign)


@pytest.mark.parametrize(
    "value",
    ["x" * (LINE_BYTES + 1), list(range(200_000)), {n: n for n in range(100_000)}],
    ids=["text", "list", "dict"],
)
def test_a_value_that_is_longer_than_a_line_is_foreign(value):
    assert isinstance(across(value), Foreign)


def test_a_value_that_grows_by_halves_is_foreign_before_it_fills_the_memory():
    value = [0]
    for _ in range(DEPTH - 2):
        value = [value, value]

    begun = time.process_time()

    assert isinstance(across(value), Foreign)
    assert time.process_time() - begun < 10


def test_an_integer_is_told_to_the_last_digit_that_may_be_told():
    assert across(10**DIGITS - 1) == 10**DIGITS - 1
    assert across(1 - 10**DIGITS) == 1 - 10**DIGITS
    for value in (10**DIGITS, -(10**DIGITS), 1 << 1_000_000):
        assert isinstance(across(value), Foreign)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "told",
    [
        1,
        1.5,
        {},
        {"int": "1", "float": "1.0"},
        {"list": []},
        {"int": 1},
        {"int": "01"},
        {"int": "+1"},
        {"int": " 1"},
        {"int": "1_0"},
        {"int": "١"},  # noqa: RUF001 - Python reads it as a one
        {"int": "-0"},
        {"int": "9" * (DIGITS + 2)},
        {"float": "1"},
        {"float": "NaN"},
        {"float": "infinity"},
        {"complex": ["1.0"]},
        {"complex": "11"},
        {"bytes": "0"},
        {"bytes": "FF"},
        {"bytes": "00 ff"},
        {"surrogates": "ff"},
        {"tuple": "ab"},
        {"set": [[]]},
        {"set": [True, {"int": "1"}]},
        {"dict": [[{"int": "1"}]]},
        {"dict": ["ab"]},
        {"dict": [["a", True], ["a", False]]},
        {"dict": [[[], True]]},
        {"foreign": 1},
        {"foreign": ["int"]},
        nested(DEPTH),
        {"tuple": [nested(DEPTH - 1)]},
    ],
    ids=repr,
)
def test_json_that_tells_no_value_is_malformed(told):
    with pytest.raises(Malformed):
        decode(told)


def test_members_that_were_chosen_to_have_one_hash_are_refused_at_once():
    # The hash of an integer is its remainder by this prime, and each comparison takes its time.
    alike = [{"int": str(n * (2**61 - 1))} for n in range(30_000)]
    begun = time.process_time()

    for told in ({"set": alike}, {"dict": [[each, None] for each in alike]}):
        with pytest.raises(Malformed, match="same hash"):
            decode(told)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{}",
        b" {}\n",
        b"{} \n",
        b"[]\n",
        b'"a"\n',
        b"{}\n{}\n",
        b'{"a":1.5}\n',
        b'{"a":NaN}\n',
        b'{"a":Infinity}\n',
        b'{"a":1e5}\n',
        b'{"a":' + b"9" * 5_000 + b"}\n",
        '{"a":"é"}\n'.encode(),
        b"{'a':1}\n",
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
        b"[" * 900_000 + b"\n",
        b"\x00\xff\n",
    ],
    ids=lambda line: repr(line[:20]),
)
def test_a_line_that_is_no_message_is_malformed(line):
    with pytest.raises(Malformed):
        read_line(line)


@given(st.binary())
def test_no_bytes_make_reading_a_line_raise_anything_else(line):
    try:
        read_line(line + b"\n")
    except Malformed:
        return


SMALL = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**14), 10**14) | TEXT.filter(str.isprintable),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(SMALL)
@example(-(10**14))
def test_a_message_is_read_as_it_was_written_and_takes_one_line(told):
    message = {"do": "call", "id": 3, "arguments": [told]}

    line = write_line(message)

    assert line.count(b"\n") == 1
    assert read_line(line) == message
