import contextlib
import time
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, JsonValue

from agents.chat.structured import read_reply, schema_of
from agents.errors import InvalidReply
from storage.records import Reply, Unit


class Opinion(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str
    grade: Unit
    tags: tuple[str, ...] = ()
    kind: Literal["a", "b"] = "a"


class Anything(BaseModel):
    value: JsonValue


GOOD = '{"reason": "r", "grade": 0.5, "tags": ["x"], "kind": "b"}'
OPINION = Opinion(reason="r", grade=0.5, tags=("x",), kind="b")


def read(text: str, form: type[BaseModel] = Opinion, finish_reason: str = "stop") -> BaseModel:
    return read_reply(form, Reply(text=text, raw=text, finish_reason=finish_reason))


def refusal(text: str, form: type[BaseModel] = Opinion, finish_reason: str = "stop") -> str:
    with pytest.raises(InvalidReply) as caught:
        read(text, form, finish_reason)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 1500
    return message


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\n {GOOD} \n",
        f"Here it is:\n```json\n{GOOD}\n```\nBye.",
        f"```\n{GOOD}\n```",
        f"```{GOOD}```",
        f"I say {GOOD}.",
        f'First {{"reason": "no", "grade": 0}}, but no: {GOOD} (so {{x}} it is)',
        f"```json\n{{}}\n``` and better ```json\n{GOOD}\n```",
        "```python\nprint({1})\n``` " + GOOD,
        "\\frac{1}{2} { { " + GOOD,
    ],
)
def test_a_value_is_found_whole_in_a_fence_or_as_the_last_object(text):
    assert read(text) == OPINION


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no JSON object"),
        ("I cannot say.", "no JSON object"),
        ("42", "object"),
        ("null", "object"),
        ('"{}"', "object"),
        (f"[{GOOD}]", "object"),
        ("{}", "reason: Field required; grade: Field required"),
        ('{"reason": "r", "grade": "0.5"}', "grade: Input should be a valid number"),
        ('{"reason": "r", "grade": 2}', "grade: Input should be less than or equal to 1"),
        ('{"reason": null, "grade": 1}', "reason: Input should be a valid string"),
        ('{"reason": "r", "grade": 1, "x": 1}', "x: Extra inputs are not permitted"),
        ('{"reason": "r", "grade": NaN}', "NaN is no JSON number"),
        ('{"reason": "r", "grade": -Infinity}', "-Infinity is no JSON number"),
        ('{"reason": "r", "grade": 1e999}', "1e999 is too large"),
        ('{"reason": "r", "grade": 0, "grade": 1}', "'grade' stands twice"),
        ('so {"reason": "r", "grade": 1, "grade": {"reason": "r", "grade": 1}}', "stands twice"),
        ('{"reason": "\\ud800", "grade": 1}', "Invalid JSON"),
        ('{"reason": "r", "grade": 1', "no JSON object"),
        ('{"this is": not json', "no JSON object"),
    ],
)
def test_a_reply_without_the_asked_form_says_why(text, why):
    assert why in refusal(text)


@pytest.mark.parametrize("text", ['{"value": 1e999}', '{"value": NaN}', '{"value": "\\udc00"}'])
def test_what_the_form_would_let_pass_is_refused_where_json_is_not_sound(text):
    refusal(text, Anything)


def test_a_reply_that_was_cut_off_is_blamed_on_the_token_limit_first():
    assert refusal(GOOD[:20], finish_reason="length").startswith("the reply was cut off")


def test_a_whole_reply_counts_even_if_the_model_was_cut_off_after_it():
    assert read(GOOD + " and furth", finish_reason="length") == OPINION


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"value":' * 100_000,
        '{"value": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"value": ' + "[" * 300 + "]" * 300 + "}",
        '{"value": ' + "9" * 100_000 + "}",
        "{" * 1_000_000,
        '{"' * 500_000,
        '{"a": [' + '{"b": 1, "c": [' * 60_000,
        '{"a": "x' * 100_000,
        "`" * 1_000_000,
        '{"value": {' + ",".join(f'"{i}":1' for i in range(80_000)) + ',"79999":1}}',
    ],
    ids=range(11),
)
def test_a_hostile_megabyte_is_refused_and_quickly(text):
    start = time.process_time()
    refusal(text, Anything)
    assert time.process_time() - start < 3


@given(st.text() | st.lists(st.sampled_from([*'{}[]",:`\\ ', "1e9", "NaN", GOOD])).map("".join))
def test_any_text_is_an_opinion_or_an_invalid_reply(text):
    with contextlib.suppress(InvalidReply):
        assert isinstance(read(text), Opinion)


def test_problems_are_counted_when_there_are_many():
    extra = ", ".join(f'"x{i}": 1' for i in range(9))
    assert refusal(f'{{"reason": "r", "grade": 1, {extra}}}').endswith("and 4 more")


def test_the_schema_of_a_form_is_made_once():
    assert schema_of(Opinion) is schema_of(Opinion)
    assert schema_of(Opinion)["required"] == ["reason", "grade"]
