"""What a chat teacher is told about the lesson that it is to write."""

import pytest

from agents.lesson_prompt import lesson_inputs, variation
from prompts import load
from storage.records import Assignment, Skill

FORM = "that sentence is added for you"


def asked(verifier: str) -> str:
    """Return all that the prompt says about a lesson with this verifier."""
    inputs = lesson_inputs(assignment(), Skill(name="sums", verifier=verifier), None, ())
    return "\n".join(text for _, text in load("teacher.write_lesson").render(**inputs))


def assignment(seed: int = 4) -> Assignment:
    return Assignment(n=3, skill="sums", seed=seed)


@pytest.mark.parametrize("verifier", ["math", "exact", "sql"])
def test_where_a_program_decides_the_teacher_leaves_the_form_of_the_answer_out(verifier):
    assert asked(verifier).count(FORM) == 1


def test_where_a_judge_decides_no_sentence_is_promised_that_nobody_adds():
    assert FORM not in asked("judge")


def test_the_form_of_the_reference_is_not_taken_for_the_reference():
    assert "\nForm of the reference: one number (" in asked("math")
    assert "\nThe reference:" not in asked("math")


def test_a_variation_names_a_setting_a_manner_and_a_change():
    lines = {variation(assignment(seed)) for seed in range(200)}
    for line in lines:
        assert line.startswith("Setting: a")
        assert "Manner: " in line
        assert "Be inventive with " in line
    settings = {line.partition(",")[0].removeprefix("Setting: ") for line in lines}
    assert settings >= {"a farm", "a market", "an office"}
