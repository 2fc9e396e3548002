"""The verifier `json`, and how it reads JSON, schemas and patterns."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.json import JsonVerifier, written
from agents.verifiers.json_pattern import NotAPattern, compiled
from agents.verifiers.json_schema import JsonSchema, TooMuch
from agents.verifiers.json_values import MAX_BYTES, NotRead, read

JSON = JsonVerifier()
COMPARE = {"compare": True}
LEAVES = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=9)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


async def finding(answer, reference, data):
    return (await JSON.check(answer=answer, reference=reference, data=data)).finding


def tagged(value):
    if isinstance(value, dict):
        return {name: tagged(each) for name, each in value.items()}
    return [tagged(each) for each in value] if isinstance(value, list) else (type(value), value)


@given(VALUES)
async def test_every_way_to_write_a_value_is_accepted_and_its_near_miss_refused(value):
    reference = json.dumps(value)
    ways = [json.dumps(value, ensure_ascii=False, indent=1), f"\n {reference}\t"]
    for way in [*ways, written(read(reference)), json.dumps(value, sort_keys=True)]:
        assert await finding(way, reference, COMPARE) == "passed"
    assert await finding(JSON.changed(reference, COMPARE), reference, COMPARE) == "failed"


@given(VALUES, VALUES)
async def test_another_value_is_refused(value, other):
    wanted = "passed" if tagged(value) == tagged(other) else "failed"
    assert await finding(json.dumps(other), json.dumps(value), COMPARE) == wanted


@pytest.mark.parametrize(
    ("answer", "reference", "exactly", "by_value"),
    [
        ("1.0", "1", "failed", "passed"),
        ("1e0", "1.0", "passed", "passed"),
        ("true", "1", "failed", "failed"),
        ("false", "0", "failed", "failed"),
        ("null", "0", "failed", "failed"),
        ('"1"', "1", "failed", "failed"),
        ("[]", "{}", "failed", "failed"),
        ("[2, 1]", "[1, 2]", "failed", "failed"),
        ('{"b": 1, "a": [2]}', '{"a": [2], "b": 1}', "passed", "passed"),
        ("0.1000000000000000055511151231257827", "0.1", "failed", "failed"),
        ("[[1]]", "[[true]]", "failed", "failed"),
    ],
)
async def test_the_kind_belongs_to_a_value(answer, reference, exactly, by_value):
    assert await finding(answer, reference, COMPARE) == exactly
    assert await finding(answer, reference, {**COMPARE, "by_value": True}) == by_value


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1 2", "{'a': 1}", '{"a": 1, "a": 1}', "NaN", "-Infinity", "01", "+1", ".5"),
        *(
            "[1,]",
            '"\\ud800"',
            '"\ud800"',
            '{"\\udc00": 1}',
            "\ufeff1",
            "```json\n1\n```",
            "1 or 2",
        ),
        *("1e401", "1e-401", "1e99999999999", "9" * 257, "\uff11", "nul", "True", "//\n1"),
        *("[" * 65 + "]" * 65, "[" * 100_000, '{"a":' * 20_000, f'"{"a" * MAX_BYTES}"'),
        '"' + "\u00e9" * (MAX_BYTES // 2) + '"',
    ],
)
async def test_what_is_no_json_in_the_strict_sense_has_failed(text):
    with pytest.raises(NotRead):
        read(text)
    assert await finding(text, "1", {"schema": True, "compare": False}) == "failed"
    with pytest.raises(VerifierError, match="reference"):
        await finding("1", text, COMPARE)


def test_what_is_within_the_limits_is_read():
    assert read("[" * 64 + "1" + "]" * 64)
    assert read("9" * 256) == int("9" * 256)
    assert read("-1.5e-400")


SCHEMAS = [
    ({"type": "integer"}, ["1", "1.0", "-2e2"], ["1.5", "true", '"1"', "null"]),
    ({"type": ["null", "boolean"]}, ["null", "true"], ["0", "[]"]),
    ({"type": "number", "minimum": 0, "exclusiveMaximum": 1}, ["0", "0.999"], ["1", "-0.1"]),
    ({"maximum": 3, "exclusiveMinimum": 1}, ["3", '"x"'], ["1", "4"]),
    ({"type": "number", "multipleOf": 0.1}, ["0.3", "1.1", "1"], ["0.35"]),
    ({"minLength": 2, "maxLength": 3}, ['"ab"', '"\U0001f600\U0001f600"', "1"], ['"a"', '"abcd"']),
    ({"enum": [1, "a", [True]]}, ["1.0", '"a"', "[true]"], ["true", "[1]", "2"]),
    ({"const": {"a": 0}}, ['{"a": 0.0}'], ['{"a": false}', "{}", "[]"]),
    ({"items": {"type": "string"}}, ['["a"]', "[]", "{}"], ["[1]", '["a", null]']),
    (
        {"prefixItems": [{"const": 1}], "items": False, "minItems": 1, "maxItems": 2},
        ["[1]"],
        ["[]", "[2]", "[1, 1]"],
    ),
    ({"uniqueItems": True}, ["[1, true]", "[[1], [2]]"], ["[1, 1.0]", '[{"a": 1}, {"a": 1}]']),
    (
        {"properties": {"a": {"type": "null"}}, "required": ["a"], "additionalProperties": False},
        ['{"a": null}'],
        ["{}", '{"a": 1}', '{"a": null, "b": 1}'],
    ),
    ({"additionalProperties": {"type": "null"}}, ['{"b": null}'], ['{"b": 1}']),
    ({"minProperties": 1, "maxProperties": 1}, ['{"a": 1}'], ["{}", '{"a": 1, "b": 2}']),
    ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, ["1"], ["0", "3"]),
    ({"anyOf": [{"const": 1}, {"const": 2}]}, ["1", "2"], ["3"]),
    ({"oneOf": [{"minimum": 1}, {"maximum": 2}]}, ["0", "3"], ["1"]),
    ({"not": {"type": "null"}}, ["1"], ["null"]),
    ({"pattern": r"^[A-Z]{2}-\d+$", "title": "t"}, ['"AB-1"', "1"], ['"AB-"', r'"AB-1\n"']),
    (
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": "#/$defs/tree",
            "$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
        },
        ["[]", "[[], [[]]]"],
        ["1", "[[1]]"],
    ),
    (False, [], ["1", "null", "{}"]),
]


@pytest.mark.parametrize(("schema", "fitting", "others"), SCHEMAS)
async def test_each_keyword_means_what_json_schema_says(schema, fitting, others):
    for text in fitting:
        assert JsonSchema(read(json.dumps(schema))).fault(read(text)) == "", text
        assert await finding(text, text, {"schema": schema}) == "passed"
        data = {"schema": json.dumps(schema), "compare": True}
        assert await finding(JSON.changed(text, data), text, data) == "failed"
    if fitting:
        near = JSON.changed(fitting[0], {"schema": schema})
        assert await finding(near, fitting[0], {"schema": schema}) == "failed"
    for text in others:
        assert JsonSchema(read(json.dumps(schema))).fault(read(text)) != "", text
        if fitting:
            assert await finding(text, fitting[0], {"schema": schema}) == "failed"


async def test_the_evidence_names_the_place_and_the_keyword():
    schema = {"properties": {"a\nb": {"items": {"type": "null"}}}}
    check = await JSON.check(answer='{"a\\nb": [1]}', reference="{}", data={"schema": schema})
    assert check.evidence.endswith("$['a\\nb'][0]: 'type' does not hold")
    assert len(check.evidence.splitlines()) == 1


@pytest.mark.parametrize(
    "schema",
    [
        *(1, None, [], {"type": "int"}, {"type": []}, {"format": "date"}, {"if": True}),
        *({"patternProperties": {}}, {"requierd": ["a"]}, {"required": "a"}, {"minLength": -1}),
        *({"$ref": "http://127.0.0.1:9/x"}, {"$ref": "file:///etc/passwd"}, {"$ref": "#/$defs/a"}),
        *({"$ref": 1}, {"$schema": "http://json-schema.org/draft-07/schema#"}, {"allOf": []}),
        *({"properties": []}, {"properties": {"a": 1}}, {"$defs": []}, {"$defs": {"a": 1}}),
        *({"items": {"$id": "http://127.0.0.1:9/"}}, {"multipleOf": 0}, {"enum": []}),
        *({"pattern": "(a+)+$"}, {"pattern": "a|b"}, {"pattern": 1}, {"maximum": float("nan")}),
        *('{"type": "null", "type": "object"}', "no JSON", {"uniqueItems": 1}),
    ],
)
async def test_a_schema_that_is_not_understood_is_the_lessons_fault(schema):
    with pytest.raises(VerifierError, match="schema"):
        await finding("1", "1", {"schema": schema})


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({}, "or both"),
        ({"compare": False}, "or both"),
        ({"compare": 1}, "compare"),
        ({"schema": True, "strict": True}, "unknown"),
        ({"schema": {"const": 2}}, "reference"),
    ],
)
async def test_data_that_does_not_fit_is_the_lessons_fault(data, word):
    with pytest.raises(VerifierError, match=word):
        await finding("1", "1", data)
    with pytest.raises(VerifierError, match="nothing like"):
        JSON.changed("1", {"schema": True})


def doubled(depth):
    inner = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(depth)}
    return {"$ref": "#/$defs/d0", "$defs": {**inner, f"d{depth}": {"type": "array"}}}


OBJECTS = "[" + ",".join(f'{{"a":{n}}}' for n in range(9_000)) + "]"
HOSTILE = [
    ({"$ref": "#"}, "[]"),
    ({"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, "[]"),
    ({"not": {"$ref": "#"}}, "[]"),
    (doubled(60), "[]"),
    ({"allOf": [{"uniqueItems": True}] * 5_000}, OBJECTS),
    ({"allOf": [{"enum": list(range(50))}] * 5_000}, "1"),
    ({"allOf": [{"items": {"type": "object"}}] * 2_000}, OBJECTS),
    ({"pattern": "^a*a*b$"}, f'"{"a" * 1_001}"'),
    ({"items": {"pattern": "^a*a*b$"}}, json.dumps(["b"] + ["a" * 990] * 100)),
    ({"items": {"not": {"pattern": "^a*a*b$"}}}, json.dumps(["a" * 990] * 110)),
]


@pytest.mark.parametrize(("schema", "text"), HOSTILE)
async def test_a_hostile_schema_or_answer_ends_soon_and_never_passes(schema, text):
    start = time.process_time()
    with pytest.raises(VerifierError):
        await finding(text, text, {"schema": schema})
    assert time.process_time() - start < 5


async def test_what_takes_too_long_of_an_answer_has_failed():
    data = {"schema": {"pattern": "^a*$"}}
    check = await JSON.check(answer=f'"{"a" * 1_001}"', reference='"a"', data=data)
    assert check.finding == "failed"
    assert "1000 characters" in check.evidence
    assert check.limits["pattern_text_max_chars"] == 1_000


def test_many_different_objects_are_told_apart_in_time():
    start = time.process_time()
    assert JsonSchema({"uniqueItems": True}).fault(read(OBJECTS)) == ""
    assert time.process_time() - start < 2
    with pytest.raises(TooMuch):
        JsonSchema({"$ref": "#"}).fault(1)


@pytest.mark.parametrize(
    ("pattern", "found", "others"),
    [
        ("^[a-z]+@[a-z]+$", "a@b", ["a@", "a@b\n", "A@b"]),
        ("a.c", "xabcx", ["a\u2028c", "a\nc", "ac"]),
        (r"^\d{2,3}$", "12", ["1", "\u0661\u0662", "1234"]),
        (r"\$$", "1$", ["$1"]),
        ("^$", "", ["\n", "a"]),
        (r"[^\]\-]", "a", ["]", "-"]),
    ],
)
def test_a_pattern_matches_as_in_ecmascript(pattern, found, others):
    assert compiled(pattern).search(found)
    assert [other for other in others if compiled(pattern).search(other)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "(a)",
            "a|b",
            "^a*b*c*$",
            "a*b*",
            "(?=a)",
            r"\1",
            "a**",
            "a+?",
            "[z-a]",
            "[[a]]",
            "a{3,1}",
        ),
        *("[a--b]", r"\s", r"\p{L}", "a" * 201, "[]", "{1}", "^^", "a$b", "[", "\\"),
    ],
)
def test_a_pattern_that_could_take_long_or_mean_two_things_is_refused(pattern):
    with pytest.raises(NotAPattern):
        compiled(pattern)
