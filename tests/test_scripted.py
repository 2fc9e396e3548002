import pytest

from agents.chat import ScriptedModel
from agents.errors import EndpointDown, EndpointRefused
from storage.records import Message, Reply, Request


def ask(*texts: str) -> Request:
    messages = tuple(Message(role="user", content=text) for text in texts)
    return Request(endpoint="scripted", model="scripted", messages=messages)


async def test_the_first_rule_whose_text_occurs_anywhere_in_the_conversation_answers():
    model = ScriptedModel({"rivers": "Nile", "river": "Rhine", "": "Nothing."})
    assert (await model.complete(ask("Name two rivers", "Go on"))).text == "Nile"
    assert (await model.complete(ask("Name a river", "Go on"))).text == "Rhine"
    assert (await model.complete(ask("Go on"))).text == "Nothing."


async def test_answers_do_not_hang_on_the_order_of_asking():
    rules = [("one", "1"), ("two", "2")]
    forth, back = ScriptedModel(rules), ScriptedModel(rules)
    first = [(await forth.complete(ask(text))).text for text in ("one", "two", "one")]
    second = [(await back.complete(ask(text))).text for text in ("one", "one", "two")]
    assert sorted(first) == sorted(second) == ["1", "1", "2"]


async def test_a_rule_may_be_a_reply_a_function_or_an_error():
    whole = Reply(text="t", reasoning="r", raw="raw", tokens_out=3)
    down = EndpointDown("busy", endpoint="scripted")
    model = ScriptedModel(
        [("reply", whole), ("length", lambda r: str(len(r.messages))), ("error", down)]
    )
    assert await model.complete(ask("reply")) == whole
    assert (await model.complete(ask("length", "x"))).text == "2"
    with pytest.raises(EndpointDown) as caught:
        await model.complete(ask("error"))
    assert caught.value is down


async def test_what_no_rule_fits_is_refused_with_the_end_of_the_conversation():
    model = ScriptedModel({"known": "yes"}, endpoint="stage")
    with pytest.raises(EndpointRefused, match=r"x{80}'") as caught:
        await model.complete(ask("first", "x" * 100))
    assert "x" * 81 not in str(caught.value)
    assert "stage" in str(caught.value)
    assert caught.value.before_any_answer
    await model.complete(ask("known"))
    with pytest.raises(EndpointRefused) as caught:
        await model.complete(ask())
    assert not caught.value.before_any_answer


async def test_all_requests_are_remembered_in_order():
    model = ScriptedModel({"": "x"})
    asked = [ask("a"), ask("b"), ask("a")]
    for request in asked:
        await model.complete(request)
    assert model.requests == asked
