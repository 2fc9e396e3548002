"""The lesson screen."""

import pytest

from agents.screen import screen
from agents.verifiers import Data, register
from storage.records import ANSWER_PATTERN, Check, Lesson, Task


class Gullible:
    """A verifier that accepts everything."""

    name = "screen_gullible"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        return Check(verifier=self.name, finding="passed", evidence="fine")

    def changed(self, reference: str, data: Data) -> str:
        return reference + "x"


class Helpless(Gullible):
    """A verifier that cannot change a reference."""

    name = "screen_helpless"

    def changed(self, reference: str, data: Data) -> str:
        raise IndexError


GULLIBLE, HELPLESS = Gullible(), Helpless()


def lesson(
    question: str = "How much is two and two?",
    reference: str = "4",
    verifier: str = "math",
    pattern: str = ANSWER_PATTERN,
    **fields: object,
) -> Lesson:
    task = Task(question=question, answer_pattern=pattern)
    return Lesson(
        id="l",
        skill="s",
        level=1,
        task=task,
        reference=reference,
        verifier=verifier,
        **({"made_by": "chat/m"} | fields),
    )


async def refused(lesson: Lesson) -> tuple[str, ...]:
    """Return what the strict screen refuses, after checking that the lenient one only warns."""
    strict, lenient = await screen(lesson, strict=True), await screen(lesson, strict=False)
    assert strict.warnings == ()
    assert strict.refused == (*lenient.refused, *lenient.warnings)
    assert not lenient.refused or "does not accept" in "".join(lenient.refused)
    return strict.refused


async def test_a_sound_lesson_passes_without_a_word():
    assert await refused(lesson()) == ()
    assert await refused(lesson(reference="The Nile", verifier="exact")) == ()
    assert await refused(lesson(reference="Water boils.", verifier="judge")) == ()


@pytest.mark.parametrize(("verifier", "evidence"), [("math", "no value"), ("maths", "'math'")])
async def test_a_verifier_that_does_not_accept_its_reference_refuses_even_a_library(
    verifier, evidence
):
    bad = lesson(reference="four", verifier=verifier, made_by="library")
    lenient = await screen(bad, strict=False)
    assert len(lenient.refused) == 1
    assert evidence in lenient.refused[0]


async def test_a_reference_that_cannot_be_stated_on_the_answer_line_is_refused():
    (why,) = await refused(lesson(reference="one\ntwo", verifier="exact"))
    assert "does not accept" in why
    assert await refused(lesson(reference="one\ntwo", verifier="exact", pattern=r"(?s).*")) == ()


async def test_a_verifier_that_accepts_everything_is_found_out():
    register(GULLIBLE)
    (why,) = await refused(lesson(verifier="screen_gullible"))
    assert why.startswith("verifier: 'screen_gullible' does not refuse '4x'")


async def test_a_verifier_that_cannot_change_the_reference_is_found_out():
    register(HELPLESS)
    (why,) = await refused(lesson(verifier="screen_helpless"))
    assert "'screen_helpless'" in why


@pytest.mark.parametrize(
    ("question", "reference"),
    [
        ("Which river? It is the nile.", "The Nile"),
        ("Is it the  Nile?", "the Nile."),
        ("Count to 114,200 please.", "114200"),
        ("Die Hauptstadt heißt STRASSE und mehr.", "straße und"),
        ("Say tea or coffee. Tell me: coffee.", "coffee"),
    ],
)
async def test_a_question_that_holds_the_reference_is_a_leak(question, reference):
    (why,) = await refused(lesson(question, reference, "exact"))
    assert why.startswith("question: it gives the reference away")


@pytest.mark.parametrize(
    ("question", "reference"),
    [
        ("She has 4 apples and gives 0.", "4"),
        ("In 1912 it sank. How many years is that from 0?", "1912"),
        ("Is it urgent or not urgent?", "urgent"),
        ("Choose one of: red, green or blue.", "green"),
        ("Say yes if it is so.", "yes"),
        ("How much is 0.114200?", "114200"),
        ("Name the niles.", "nile"),
    ],
)
async def test_what_stands_in_a_question_for_a_good_reason_is_no_leak(question, reference):
    assert await refused(lesson(question, reference, "exact")) == ()


async def test_a_long_phrase_of_reference_or_steps_in_the_question_is_a_leak():
    phrase = "add the first two and then double what you get at last"
    question = f"Work it out: {phrase.upper()}. What is it?"
    for leaky in (
        lesson(question, f"You {phrase} and stop.", "judge"),
        lesson(question, "12", steps=("no", phrase)),
    ):
        (why,) = await refused(leaky)
        assert "holds words of the reference or its steps" in why
    assert await refused(lesson(question, "12", steps=("add the first two and then rest",))) == ()


async def test_an_embedded_lesson_may_ask_to_pick_the_answer_out_of_the_question():
    made = lesson("Which comes last: apple, pear?", "pear", "exact", made_by="embedded/p@1")
    assert await refused(made) == ()
    assert await refused(made.model_copy(update={"made_by": "library"})) != ()


@pytest.mark.parametrize("verifier", ["judge", "exact"])
async def test_an_empty_question_or_reference_is_refused(verifier):
    found = " ".join(await refused(lesson(" \n", "ok", verifier, pattern=".*")))
    assert "question: it is empty" in found
    found = " ".join(await refused(lesson("What?", "", verifier, pattern=".*")))
    assert "reference: it is empty" in found


async def test_a_reference_that_is_blank_cannot_be_stated():
    assert (
        "reference: it cannot be stated in the form that the task asks for"
        in (await screen(lesson(reference=" ", verifier="exact"), strict=False)).refused
    )
