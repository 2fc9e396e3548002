"""The critic: who decides, and what it is called when nobody does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.chat.channel import Channel
from agents.chat.scripted import ScriptedModel
from agents.critic import ChatCritic, ProgramCritic
from agents.errors import ToolMissing
from agents.judge import Judge
from agents.verifiers import Data, register
from storage.ids import derive_seed, verdict_id
from storage.records import Attempt, CallSite, Check, Lesson, Task

SITE = CallSite(trajectory_id="t1", seed=5, role="critic")
FOUND = {"quote": "Answer: 4", "reason": "r", "met": True}
ACCEPT = json.dumps({"correct": FOUND, "complete": FOUND, "clear": FOUND, "critique": "none"})
REJECT = ACCEPT.replace("true", "false", 1)


class Undecided:
    """A verifier that never decides."""

    name = "critic_undecided"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        return Check(verifier=self.name, finding="undecided", evidence="who knows")

    def changed(self, reference: str, data: Data) -> str:
        return reference


class Drawing(Undecided):
    """A verifier that draws, and says what it was to draw from."""

    name = "critic_drawing"
    draws = True

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        return Check(verifier=self.name, finding="failed", evidence=str(data["draw"]))


class Toolless(Undecided):
    """A verifier that lacks what it works with."""

    name = "critic_toolless"

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        raise ToolMissing("no sandbox works here")


UNDECIDED, DRAWING, TOOLLESS = Undecided(), Drawing(), Toolless()


def lesson(verifier: str = "math", **fields: object) -> Lesson:
    task = Task(question="2 + 2?", instruction="Say Answer: <answer>.")
    given = {"reference": "4", "made_by": "embedded/quantities@1", "steps": ("2 + 2 = 4", "so 4")}
    return Lesson(id="l", skill="s", level=1, task=task, verifier=verifier, **(given | fields))


def attempt(answer: str | None = "4", text: str = "Answer: 4", **fields: object) -> Attempt:
    return Attempt(
        id="a", trajectory_id="t", lesson_id="l", idx=0, text=text, answer=answer, made_by="m",
        **fields,
    )  # fmt: skip


def chat(reply: str, **options: object) -> tuple[ChatCritic, ScriptedModel]:
    model = ScriptedModel({"": reply})
    options = {"own_answers": 0, "false_reference": False} | options
    return ChatCritic(Judge(Channel(model, "critic"), **options)), model


async def by_program(lesson: Lesson, attempt: Attempt, **options: object):
    return await ProgramCritic(**options).judge(lesson, attempt, SITE, None)


async def test_a_passed_check_accepts():
    verdict = await by_program(lesson(), attempt("4.0"))
    assert (verdict.status, verdict.reward, verdict.rung) == ("accepted", 1.0, "program")
    assert (verdict.reason, verdict.critique, verdict.first_wrong_step) == (None, "", None)
    assert verdict.id == verdict_id("a", 0)
    assert [check.finding for check in verdict.checks] == ["passed"]


async def test_a_failed_check_rejects():
    verdict = await by_program(lesson(), attempt("5", text="Answer: 5"))
    assert (verdict.status, verdict.reward, verdict.rung) == ("rejected", 0.0, "program")
    assert verdict.reason == "wrong"
    assert (
        verdict.critique
        == "Your answer '5' is not right. Work the task again and check every step."
    )


@pytest.mark.parametrize("name", ["math", "judge", "no such verifier"])
async def test_a_student_that_raised_has_failed_and_is_not_judged(name):
    verdict = await by_program(lesson(name), attempt(None, "", error="ValueError: no"))
    assert (verdict.status, verdict.reward, verdict.rung) == ("failed", None, None)
    assert verdict.reason == "error"


@pytest.mark.parametrize("answer", [None, "4", "12"])
async def test_a_reply_that_was_cut_off_is_unscored_whatever_it_says(answer):
    verdict = await by_program(lesson(), attempt(answer, finish_reason="length"))
    assert (verdict.status, verdict.reward, verdict.rung) == ("unscored", None, None)
    assert (verdict.reason, verdict.checks) == ("truncated", ())


async def test_no_answer_in_the_asked_form_is_rejected_by_program():
    verdict = await by_program(lesson(), attempt(None, "It is four."))
    assert (verdict.status, verdict.reward, verdict.rung) == ("rejected", 0.0, "program")
    assert verdict.reason == "no_answer"
    assert verdict.critique.endswith("Say Answer: <answer>.")


@pytest.mark.parametrize("text", ["", " \n", "\u200b", ":", "Thought process:", "解"])
async def test_what_says_nothing_is_no_answer_where_a_judge_decides(text):
    critic, model = chat(ACCEPT)
    verdict = await critic.judge(lesson("judge"), attempt(None, text), SITE, None)
    assert (verdict.status, verdict.rung, verdict.reason) == ("rejected", "program", "no_answer")
    assert model.requests == []


async def test_no_form_of_answer_is_asked_for_where_a_judge_decides():
    critic, _ = chat(ACCEPT.replace("Answer: 4", "It is four."))
    free = await critic.judge(lesson("judge"), attempt(None, "It is four."), SITE, None)
    assert (free.status, free.rung) == ("accepted", "judge")


async def test_a_judge_is_not_asked_about_an_opener_that_a_verifier_could_not_decide():
    register(UNDECIDED)
    critic, model = chat(ACCEPT)
    opener = attempt("Let's solve this step by step.", "Answer: Let's solve this step by step.")
    verdict = await critic.judge(lesson("critic_undecided"), opener, SITE, None)
    assert (verdict.status, verdict.reason, model.requests) == ("unscored", "undecided", [])


@pytest.mark.parametrize(
    ("verifier", "evidence"),
    [("critic_undecided", "who knows"), ("maths", "did you mean 'math'")],
)
async def test_a_verifier_that_decides_nothing_leaves_the_attempt_unscored(verifier, evidence):
    register(UNDECIDED)
    verdict = await by_program(lesson(verifier), attempt())
    assert (verdict.status, verdict.reward, verdict.rung) == ("unscored", None, None)
    assert verdict.reason == "undecided"
    assert evidence in verdict.checks[0].evidence


async def test_a_reference_that_does_not_fit_is_undecided_and_not_a_wrong_answer():
    verdict = await by_program(lesson(reference="four"), attempt())
    assert (verdict.status, verdict.reason) == ("unscored", "undecided")


async def test_a_lesson_for_a_judge_is_unscored_without_one():
    verdict = await by_program(lesson("judge"), attempt())
    assert (verdict.status, verdict.reason, verdict.checks) == ("unscored", "undecided", ())


async def test_a_judge_decides_where_no_program_does_and_the_check_stays():
    register(UNDECIDED)
    for reply, status, reason in ((ACCEPT, "accepted", None), (REJECT, "rejected", "wrong")):
        critic, _ = chat(reply)
        verdict = await critic.judge(lesson("critic_undecided"), attempt(), SITE, None)
        assert (verdict.status, verdict.rung, verdict.reason) == (status, "judge", reason)
        assert [check.evidence for check in verdict.checks] == ["who knows"]
        assert len(verdict.grades) == 3
    assert verdict.critique == "none"


async def test_a_judge_cannot_overrule_a_program_because_it_is_not_even_asked():
    for reply in (ACCEPT, REJECT):
        critic, model = chat(reply)
        assert (await critic.judge(lesson(), attempt("5"), SITE, None)).status == "rejected"
        assert (await critic.judge(lesson(), attempt("4"), SITE, None)).status == "accepted"
        assert not model.requests


async def test_unparsable_judge_reply_is_unscored_not_zero():
    critic, _ = chat("no JSON")
    verdict = await critic.judge(lesson("judge"), attempt(), SITE, None)
    assert (verdict.status, verdict.reward, verdict.rung) == ("unscored", None, None)
    assert verdict.reason == "abstained"
    assert verdict.grades[-1].reason


async def test_an_attempt_that_was_cut_off_is_not_shown_to_the_judge():
    critic, model = chat(ACCEPT)
    verdict = await critic.judge(lesson("judge"), attempt(finish_reason="length"), SITE, None)
    assert (verdict.reason, model.requests) == ("truncated", [])


async def test_a_critic_is_named_by_its_model():
    assert chat(ACCEPT)[0].name == "chat/scripted"
    assert ProgramCritic().name == "program"


async def test_what_a_verifier_draws_hangs_on_the_ids_of_lesson_and_attempt_alone():
    register(DRAWING)
    drawn = set()
    for ids in ({}, {}, {"id": "b"}, {"trajectory_id": "u", "idx": 1}):
        tried = attempt("5").model_copy(update=ids)
        verdict = await by_program(lesson("critic_drawing", data={"draw": 7}), tried)
        assert verdict.checks[0].evidence == str(derive_seed("draw", "l", tried.id))
        drawn.add(verdict.checks[0].evidence)
    assert len(drawn) == 2


async def test_a_missing_tool_leaves_an_attempt_unscored_and_raises_only_if_that_is_asked_for():
    register(TOOLLESS)
    verdict = await by_program(lesson("critic_toolless"), attempt())
    assert (verdict.status, verdict.reason) == ("unscored", "undecided")
    assert verdict.checks[0].evidence == "ToolMissing: no sandbox works here"
    with pytest.raises(ToolMissing, match="no sandbox"):
        await by_program(lesson("critic_toolless"), attempt(), needs_tools=True)


async def test_a_program_that_fails_is_not_pasted_and_only_what_the_lesson_says_is_told():
    asked = {"entry_point": "double", "cases": [[[3], 6], [[-50], -100]]}
    hidden = {"entry_point": "double", "inputs": [{"int": [-50, -1]}]}
    source = "def double(x):\n    return 2 * abs(x)"
    advice = "Go through it line by line with small, empty and extreme inputs."
    for data, found in (
        (asked, "Your program is not right for (-50)."),
        (hidden, "Your program is not right."),
    ):
        made = lesson("code", reference="def double(x):\n    return 2 * x", data=data)
        verdict = await by_program(made, attempt(source, f"```python\n{source}\n```"))
        assert (verdict.status, verdict.critique) == ("rejected", f"{found} {advice}")


async def test_the_first_wrong_step_of_an_embedded_lesson_is_found_and_shown():
    text = "1. 2 + 2 = 4\n2. so 5\nAnswer: 5"
    verdict = await by_program(lesson(), attempt("5", text))
    assert (verdict.first_wrong_step, verdict.first_wrong_step_rung) == (2, "program")
    assert verdict.critique == "Your answer '5' is not right. Look again at step 2: so 5"
    missing = await by_program(lesson(), attempt("5", "1. 2 + 2 = 4\nAnswer: 5"))
    assert missing.critique.endswith("Look again at step 2: it is missing.")


async def test_steps_of_other_lessons_are_not_compared_because_their_wording_is_free():
    text = "1. two and two\n2. so 5\nAnswer: 5"
    verdict = await by_program(lesson(made_by="chat/m"), attempt("5", text))
    assert (verdict.first_wrong_step, verdict.first_wrong_step_rung) == (None, None)


@pytest.mark.parametrize(
    ("made", "number"),
    [
        (lesson(made_by="library", steps=()), 2),
        (lesson(made_by="chat/m", verifier="exact"), 2),
        (lesson(made_by="library", verifier="exact", steps=()), None),
    ],
)
@pytest.mark.parametrize("answer", ["4", "5"])
async def test_arithmetic_of_other_lessons_is_worked_out_again_for_right_attempts_too(
    made, number, answer
):
    text = f"Two and two.\n\n2 + 2 = 3\nso it is one more.\nAnswer: {answer}"
    verdict = await by_program(made, attempt(answer, text))
    assert verdict.status == ("accepted" if answer == "4" else "rejected")
    assert verdict.first_wrong_step == number
    assert verdict.first_wrong_step_rung == (number and "program")
    if answer == "5" and number:
        assert verdict.critique.endswith("Look again at step 2: 2 + 2 = 3")


@given(st.integers(min_value=1000, max_value=9999), st.integers(min_value=1, max_value=99))
async def test_a_programs_critique_never_names_the_reference(reference, wrong):
    made = lesson(reference=str(reference), steps=(f"it is {reference}",))
    verdict = await by_program(made, attempt(str(wrong), f"1. it is {wrong}\nAnswer: {wrong}"))
    assert str(reference) in verdict.checks[0].evidence
    assert str(reference) not in verdict.critique
