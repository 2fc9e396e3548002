"""The quantities are different, varied, told in order, and made of one connected graph."""

import json
import re
import time
from collections import Counter
from random import Random

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.embedded.quantities import Quantities
from agents.embedded.quantities.graph import Givens, dependency_graph
from agents.embedded.quantities.people import FAMILY_NAMES, FIRST_NAMES
from agents.embedded.quantities.scene import scene
from agents.embedded.quantities.shape import OPERATIONS_AT
from storage.records import ANSWER_PATTERN, Task

DOMAIN = Quantities()
PLACES = [(skill.name, level) for skill in DOMAIN.skills for level in (1, 2, 3)]
NAMES = re.compile(rf"\b({'|'.join((*FIRST_NAMES, *FAMILY_NAMES))})\b")
NUMBERS = re.compile(r"\d+(?:[./]\d+)*")


def tasks(skill: str, level: int, count: int, seed: int = 3) -> list[Task]:
    rng, capacity = Random(seed), DOMAIN.capacity(skill, level)
    indices = [rng.randrange(capacity) for _ in range(count)]
    return [DOMAIN.draft(skill, level, index).task for index in indices]


def masked(question: str) -> str:
    return NUMBERS.sub("0", NAMES.sub("N", question))


def repeats(texts: list[str]) -> int:
    return sum(count - 1 for count in Counter(texts).values())


def test_prerequisites_are_earlier_skills_and_every_skill_has_three_levels() -> None:
    met: set[str] = set()
    for skill in DOMAIN.skills:
        assert set(skill.after) <= met
        assert (skill.levels, skill.verifier) == (3, "math")
        met.add(skill.name)
    assert len(met) == 7


def test_capacity_is_beyond_any_run() -> None:
    assert all(10**9 <= DOMAIN.capacity(*place) <= 2**62 for place in PLACES)


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(PLACES), data=st.data())
@pytest.mark.no_cover
def test_two_indices_are_two_questions(place: tuple[str, int], data: st.DataObject) -> None:
    index = st.integers(0, DOMAIN.capacity(*place) - 1)
    one, other = data.draw(index), data.draw(index)
    first, second = (DOMAIN.draft(*place, i).task.question for i in (one, other))
    assert (first == second) == (one == other)
    openings = [text.split(". ")[0] for text in (first, second)]
    assert (openings[0] == openings[1]) == (one == other)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.no_cover
def test_five_thousand_indices_of_a_level_are_as_many_questions(place: tuple[str, int]) -> None:
    capacity, measured = DOMAIN.capacity(*place), place[0] == "units"
    for stride in (1, capacity // 5000):
        indices = [i * stride for i in range(5000)]
        assert len({scene(i, measured).opening for i in indices}) == 5000
        # A question begins with its opening, so questions differ wherever openings do.
        for i in indices[::50]:
            question = DOMAIN.draft(*place, i).task.question
            assert question.startswith(f"{scene(i, measured).opening}. ")


@pytest.mark.parametrize("skill", [skill.name for skill in DOMAIN.skills])
@pytest.mark.no_cover
def test_hardly_a_question_of_a_first_level_repeats_but_for_numbers_and_names(skill: str) -> None:
    questions = [task.question for task in tasks(skill, 1, 1700)]
    assert repeats([masked(question) for question in questions]) < 17
    # Even without the first sentence, which tells place and day.
    assert repeats([masked(question).split(". ", 1)[1] for question in questions]) < 17


@pytest.mark.parametrize("place", PLACES)
def test_the_asked_quantity_depends_on_all_that_is_told_but_distractors(
    place: tuple[str, int],
) -> None:
    for task in tasks(*place, 60):
        givens = Givens.model_validate(task.givens)
        graph = dependency_graph(givens.quantities)
        idle = {q.name for q in givens.quantities if q.distractor}
        assert nx.is_directed_acyclic_graph(graph)
        assert nx.ancestors(graph, givens.asked) | {givens.asked} == set(graph) - idle
        assert len(idle) == place[1] - 1


@pytest.mark.parametrize("place", PLACES)
def test_the_level_is_the_number_of_operations(place: tuple[str, int]) -> None:
    least, most = OPERATIONS_AT[place[1]]
    sizes = {len(DOMAIN.work(task, ()).steps) for task in tasks(*place, 100)}
    assert sizes == set(range(least, most + 1))


@pytest.mark.parametrize("place", PLACES)
def test_givens_hold_no_value_that_has_to_be_worked_out(place: tuple[str, int]) -> None:
    for task in tasks(*place, 40):
        assert task.givens is not None
        assert (task.givens["domain"], task.givens["skill"], task.givens["level"]) == (
            "quantities",
            *place,
        )
        for quantity in Givens.model_validate(task.givens).quantities:
            assert (quantity.value is None) == (quantity.op is not None)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.no_cover
def test_every_number_given_stands_in_the_question(place: tuple[str, int]) -> None:
    for task in tasks(*place, 60):
        told = Counter(NUMBERS.findall(task.question))
        known = {"factor"}  # how many grams make a kilogram is knowledge, not told
        given_numbers = Counter(
            q.value
            for q in Givens.model_validate(task.givens).quantities
            if q.value is not None and q.unit not in known
        )
        assert told == given_numbers


def test_a_working_reads_the_givens_and_survives_json() -> None:
    for task in tasks("ratios", 3, 30):
        givens = json.loads(json.dumps(task.givens))
        other = Task(question="?", givens=givens)
        assert DOMAIN.work(other, ()) == DOMAIN.work(task, ())


def test_the_same_index_is_the_same_draft() -> None:
    assert DOMAIN.draft("units", 2, 77) == DOMAIN.draft("units", 2, 77)
    draft = DOMAIN.draft("units", 2, 77)
    assert (draft.verifier, draft.data) == ("math", {})


def test_the_instruction_says_how_the_answer_is_stated() -> None:
    forms = set()
    for task in tasks("percentages", 2, 200):
        answer = DOMAIN.work(task, ()).answer
        wanted = task.instruction.rpartition("Answer: ")[2]
        line = f"Answer: {answer}"
        assert re.findall(ANSWER_PATTERN, line, re.MULTILINE) == [answer]
        assert {"<number>%": "%", "<numerator>/<denominator>": "/"}.get(wanted, "") in answer
        forms.add(wanted)
    assert forms == {"<number>", "<number>%", "<numerator>/<denominator>"}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.no_cover
def test_the_instruction_asks_for_what_the_question_asks_for(place: tuple[str, int]) -> None:
    for task in tasks(*place, 200):
        what = re.match("State the number of (.*) on the last line", task.instruction)
        question = re.split(r"[.] ", task.question)[-1].casefold()
        if what:
            assert set(what[1].casefold().split()) <= set(re.findall(r"[\w'-]+", question)), (
                question
            )


@pytest.mark.parametrize(("skill", "level", "index"), [
    ("sums", 4, 0), ("sums", 0, 0), ("geometry", 1, 0), ("sums", 1, -1), ("sums", 1, 2**62),
])  # fmt: skip
def test_what_does_not_exist_is_refused(skill: str, level: int, index: int) -> None:
    with pytest.raises(ValueError, match=skill):
        DOMAIN.draft(skill, level, index)


def test_a_draft_and_its_working_take_about_a_millisecond() -> None:
    begun = time.process_time()
    for place in PLACES:
        for task in tasks(*place, 20):
            DOMAIN.work(task, ())
    # Ten times what it takes, so that a busy machine does not fail it.
    assert time.process_time() - begun < 20 * len(PLACES) * 0.005
