import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.chat.replies import read_completion, split_thinking, storable, without_surrogates
from storage.ids import digest
from storage.records import Reply


def completion(message: object, **fields: object) -> str:
    return json.dumps({"choices": [{"message": message, **fields}]})


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_in_a_field_of_its_own_is_kept(field):
    reply = read_completion(completion({"content": "42", field: "six times seven"}))
    assert (reply.text, reply.reasoning) == ("42", "six times seven")


def test_leading_think_is_split_off_and_the_original_stays_in_raw():
    raw = completion({"content": "<think>\nsix times seven\n</think>\n\nAnswer: 42"})
    reply = read_completion(raw)
    assert (reply.text, reply.reasoning) == ("Answer: 42", "six times seven")
    assert reply.raw == raw


def test_thinking_that_was_cut_off_is_all_reasoning():
    reply = read_completion(completion({"content": "<think>six ti"}, finish_reason="length"))
    assert (reply.text, reply.reasoning, reply.finish_reason) == ("", "six ti", "length")


def test_a_closing_tag_alone_ends_the_thinking_that_the_template_began():
    assert split_thinking("six times seven</think>\nAnswer: 42") == (
        "Answer: 42",
        "six times seven",
    )


@pytest.mark.parametrize("text", ["plain", "", "the tag <think>x</think> in prose", "a <think> b"])
def test_a_text_that_does_not_begin_by_thinking_is_left_alone(text):
    assert split_thinking(text) == (text, None)


@pytest.mark.parametrize(
    ("content", "text", "reasoning"),
    [
        (None, "", None),
        ("", "", None),
        (["a", {"type": "text", "text": "b"}, {"type": "image_url"}, 7], "ab", None),
        ([{"type": "thinking", "thinking": "t"}, {"type": "text", "text": "b"}], "b", "t"),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "t"}, 3]}], "", "t"),
        ([{"type": "reasoning", "reasoning": "r"}, {"type": "output_text", "text": "b"}], "b", "r"),
        ([{"type": "reasoning", "summary": [{"text": "r"}, {"text": "s"}]}], "", "r\ns"),
    ],
)
def test_content_may_be_null_text_or_parts(content, text, reasoning):
    reply = read_completion(completion({"content": content}))
    assert (reply.text, reply.reasoning) == (text, reasoning)


def test_a_refusal_is_what_the_model_said():
    assert read_completion(completion({"content": None, "refusal": "I won't."})).text == "I won't."


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (None, "stop"),
        ("end_turn", "stop"),
        ("STOP", "stop"),
        ("max_tokens", "length"),
        ("MAX_TOKENS", "length"),
        ("content_filter", "content_filter"),
    ],
)
def test_finish_reasons_of_all_makers_become_one_word(said, means):
    assert read_completion(completion({"content": "x"}, finish_reason=said)).finish_reason == means


@pytest.mark.parametrize("count", [None, "12", -1, True, 1.5, 2**63])
def test_a_token_count_that_is_no_count_is_unknown(count):
    body = {"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": count}}
    assert read_completion(json.dumps(body)).tokens_in is None


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "<html>",
        "null",
        "[]",
        "{}",
        '{"choices": []}',
        '{"choices": [{}]}',
        '{"choices": [{"message": "hi"}]}',
        '{"choices": [{"message": {"content": 42}}]}',
        '{"error": {"message": "overloaded"}}',
        "[" * 100_000,
    ],
)
def test_a_body_that_is_no_chat_completion_is_a_value_error(raw):
    with pytest.raises(ValueError, match=r".+"):
        read_completion(raw)


@given(st.text(st.characters(codec=None, categories=["Cs", "L", "P"])))
def test_whatever_a_model_writes_can_be_stored(text):
    reply = storable(Reply(text=text, reasoning=text, raw=text, finish_reason=text))
    assert digest(reply).startswith("sha256:")
    assert reply.text == without_surrogates(text)


def test_half_a_surrogate_pair_is_replaced_and_a_whole_one_is_kept():
    reply = read_completion('{"choices": [{"message": {"content": "\\ud83d\\ude00 \\ud83d"}}]}')
    assert storable(reply).text == "\N{GRINNING FACE} \N{REPLACEMENT CHARACTER}"


def test_the_longest_count_that_can_be_stored_is_kept():
    body = {"choices": [{"message": {"content": "x"}}], "usage": {"completion_tokens": 2**63 - 1}}
    assert read_completion(json.dumps(body)).tokens_out == 2**63 - 1


def test_half_a_surrogate_pair_in_a_finish_reason_is_replaced():
    reply = read_completion(completion({"content": "x"}, finish_reason="od\ud800d"))
    assert storable(reply).finish_reason == "od\N{REPLACEMENT CHARACTER}d"
