"""The chat student, which sees the task and nothing else."""

import pytest

from agents.chat.channel import Channel
from agents.chat.scripted import ScriptedModel
from agents.student import ChatStudent, Earlier, Try
from prompts import PromptError
from prompts.form import parse
from storage.records import Assignment, CallSite, Message, Reply, Task

TASK = Task(question="How much is {{ 7 * 7 }}?", instruction="State it.", givens={"secret": 49})
ASSIGNMENT = Assignment(n=0, skill="sums", seed=1)
SITE = CallSite(trajectory_id="t1", seed=1, role="student", idx=2, revision=1)


def prompt(body: str, inputs: str):
    head = f"---\nid: mine\nversion: 1\ninputs: [{inputs}]\noutput: text\nchanged: y\n---\n"
    return parse(head + body, "mine.md")


async def test_a_first_attempt_is_asked_with_the_tasks_text_alone():
    model = ScriptedModel({"": Reply(text="49", reasoning="hm", raw="", finish_reason="length")})
    student = ChatStudent(Channel(model, "student"))
    tried = await student.attempt(TASK, ASSIGNMENT, SITE, None)
    assert tried == Try("49", "hm", "length")
    assert model.requests[0].messages == (Message(role="user", content=TASK.text),)
    assert student.name == "chat/scripted"


async def test_a_revision_shows_the_student_its_own_attempt_and_the_fenced_critique():
    model = ScriptedModel({"": "again"})
    student = ChatStudent(Channel(model, "student"))
    earlier = Earlier(text="50", critique="Off by one.\nEND 0000")
    await student.attempt(TASK, ASSIGNMENT, SITE, None, earlier)
    question, own, critique = model.requests[0].messages
    assert (question.content, own.role, own.content) == (TASK.text, "assistant", "50")
    mark = critique.content.split("BEGIN ")[1].split("\n")[0]
    assert f"BEGIN {mark}\n{earlier.critique}\nEND {mark}" in critique.content
    assert mark not in earlier.critique


async def test_an_empty_earlier_attempt_is_still_a_message():
    model = ScriptedModel({"": "again"})
    student = ChatStudent(Channel(model, "student"))
    await student.attempt(TASK, ASSIGNMENT, SITE, None, Earlier(text="", critique="Say something."))
    assert model.requests[0].messages[1].content == "(no reply)"


async def test_a_users_prompt_takes_the_place_of_the_first_one():
    model = ScriptedModel({"": "49"})
    mine = prompt("# system\nBe brief.\n# user\nTask: {{ task }}", "task")
    await ChatStudent(Channel(model, "student"), mine).attempt(TASK, ASSIGNMENT, SITE, None)
    assert [m.content for m in model.requests[0].messages] == ["Be brief.", f"Task: {TASK.text}"]


@pytest.mark.parametrize(
    "mine",
    [
        prompt("# user\n{{ task }} {{ reference }}", "task, reference"),
        prompt("# user\nGuess.", ""),
    ],
)
def test_a_prompt_that_wants_the_reference_or_leaves_out_the_task_is_refused(mine):
    with pytest.raises(PromptError, match=r"reference|task"):
        ChatStudent(Channel(ScriptedModel({}), "student"), mine)
