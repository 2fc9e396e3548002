"""The library teacher and the chat teacher."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.chat.channel import Channel
from agents.chat.scripted import ScriptedModel
from agents.errors import DraftError, EndpointRefused
from agents.lesson_prompt import INPUTS, lesson_inputs, variation
from agents.parsing import extract_answer
from agents.teacher import ChatTeacher, LibraryTeacher
from prompts import PromptError, load
from prompts.form import parse
from storage.ids import lesson_id
from storage.records import (
    ANSWER_INSTRUCTION,
    ANSWER_PATTERN,
    Assignment,
    CallSite,
    ExpertSeed,
    Lesson,
    Skill,
    Task,
)

SUMS = Skill(name="sums", levels=3, verifier="math", about="Add whole numbers.")
TRIAGE = Skill(name="triage", verifier="judge")
SITE = CallSite(trajectory_id="t1", seed=11, role="teacher")
SEED = ExpertSeed(
    id="s1",
    example="What is 1 + 1? {{ skill }}",
    reference="2, says the expert",
    passage="One and one.",
    author="A. Author",
)
DRAFT = json.dumps({"reference": " 4 ", "question": "How much is two and two?"})


def assignment(n: int = 0, skill: str = "sums", **fields: object) -> Assignment:
    return Assignment(n=n, skill=skill, level=2, seed=100 + n, **fields)


def teacher(*replies: tuple[str, str]) -> tuple[ChatTeacher, ScriptedModel]:
    model = ScriptedModel(replies)
    return ChatTeacher(Channel(model, "teacher"), (SUMS, TRIAGE), (SEED,)), model


def lesson(n: int) -> Lesson:
    return Lesson(
        id=f"l{n}",
        skill="sums",
        level=1,
        task=Task(question=f"{n} + 1?"),
        reference=str(n + 1),
        verifier="math",
        made_by="library",
    )


async def test_a_library_hands_out_its_rows_in_order_and_then_says_that_it_has_no_more():
    library = LibraryTeacher((lesson(0), lesson(1)))
    assert len(library) == 2
    assert library.capacity("sums", 1) is None
    for n in (0, 1):
        row = await library.write_lesson(assignment(n), SITE, None, refusals=("no",))
        assert row == lesson(n)
    with pytest.raises(DraftError, match="row 2: the library has 2 rows"):
        await library.write_lesson(assignment(2), SITE, None)


async def test_a_chat_lesson_is_made_of_the_draft_and_named_by_its_content():
    chat, _ = teacher(("", DRAFT))
    made = await chat.write_lesson(assignment(language="de", expert_seed="s1"), SITE, None)
    assert made == Lesson(
        id=lesson_id(made),
        skill="sums",
        level=2,
        language="de",
        task=Task(question="How much is two and two?", instruction=ANSWER_INSTRUCTION),
        reference="4",
        verifier="math",
        expert_seed="s1",
        made_by="chat/scripted",
    )
    assert made.task.answer_pattern == ANSWER_PATTERN
    assert chat.capacity("sums", 2) is None


async def test_the_model_is_asked_for_the_reference_first_with_all_it_must_know():
    chat, model = teacher(("", DRAFT))
    await chat.write_lesson(
        assignment(language="sw", expert_seed="s1"), SITE, None, refusals=("question: too short",)
    )
    (request,) = model.requests
    assert list(request.response_format["properties"]) == ["reference", "question"]
    asked = "\n".join(message.content for message in request.messages)
    for part in ("sums", "Add whole numbers.", "2 of 3", "sw", "one number", "too short"):
        assert part in asked
    for part in (SEED.example, SEED.reference, SEED.passage, variation(assignment())):
        assert part in asked


async def test_what_an_expert_wrote_stands_between_marks_that_it_cannot_know():
    chat, model = teacher(("", DRAFT))
    await chat.write_lesson(assignment(expert_seed="s1"), SITE, None)
    asked = model.requests[0].messages[-1].content
    mark = lesson_inputs(assignment(), SUMS, SEED, ())["mark"]
    for text in (SEED.example, SEED.reference, SEED.passage):
        assert f"BEGIN {mark}\n{text}\nEND {mark}" in asked
        assert mark not in text


async def test_where_a_judge_decides_the_whole_attempt_is_the_answer():
    chat, _ = teacher(("", DRAFT))
    made = await chat.write_lesson(assignment(skill="triage"), SITE, None)
    assert (made.verifier, made.task.instruction) == ("judge", "")
    assert extract_answer(" First this.\nThen that.\n", made.task.answer_pattern) == (
        "First this.\nThen that."
    )
    assert extract_answer(" \n ", made.task.answer_pattern) is None


@pytest.mark.parametrize(
    "reply",
    [
        "no JSON",
        "{}",
        '{"reference": "4"}',
        '{"reference": "", "question": "How much?"}',
        '{"reference": "4", "question": "   "}',
        '{"reference": 4, "question": "How much?"}',
        '{"reference": "4", "question": "How much?", "hint": "two"}',
    ],
)
async def test_a_reply_that_is_no_draft_after_a_repair_turn_is_a_draft_error(reply):
    chat, model = teacher(("", reply))
    with pytest.raises(DraftError, match="LessonDraft"):
        await chat.write_lesson(assignment(), SITE, None)
    first, second = model.requests
    assert second.messages[: len(first.messages)] == first.messages
    assert second.messages[-1].content.startswith("Your last reply could not be used: ")


async def test_a_repaired_draft_becomes_a_lesson():
    chat, _ = teacher(("could not be used", DRAFT), ("", "no JSON"))
    assert (await chat.write_lesson(assignment(), SITE, None)).reference == "4"


async def test_unknown_names_in_an_assignment_are_draft_errors():
    chat, model = teacher(("", DRAFT))
    with pytest.raises(DraftError, match=r"'maths'.*sums, triage"):
        await chat.write_lesson(assignment(skill="maths"), SITE, None)
    with pytest.raises(DraftError, match="'s9'"):
        await chat.write_lesson(assignment(expert_seed="s9"), SITE, None)
    assert not model.requests


async def test_an_endpoint_that_refuses_is_not_a_draft_error():
    chat, _ = teacher()
    with pytest.raises(EndpointRefused):
        await chat.write_lesson(assignment(), SITE, None)


def test_a_prompt_that_asks_for_what_a_teacher_is_not_given_is_refused_at_once():
    text = (
        "---\nid: a\nversion: 1\ninputs: [topic]\noutput: x\nchanged: y\n---\n# user\n{{ topic }}"
    )
    with pytest.raises(PromptError, match="'topic'"):
        ChatTeacher(Channel(ScriptedModel([]), "teacher"), (SUMS,), (), parse(text, "mine.md"))


@pytest.mark.parametrize("verifier", ["math", "exact", "judge", "sql"])
def test_the_packages_prompt_uses_every_input_and_no_other(verifier):
    inputs = lesson_inputs(assignment(), Skill(name="a", verifier=verifier), None, ())
    assert set(load("teacher.write_lesson").inputs) == set(INPUTS) == set(inputs)
    assert inputs["hint"]


@given(st.lists(st.integers(min_value=0, max_value=2**63 - 1), min_size=2, max_size=50))
def test_no_two_assignments_of_a_run_ask_with_the_same_words(seeds):
    lines = [variation(Assignment(n=n, skill="a", seed=seed)) for n, seed in enumerate(seeds)]
    assert len(set(lines)) == len(lines)
    assert lines[0] == variation(Assignment(n=0, skill="a", seed=seeds[0]))
