"""What a library asks for next, and what an episode may remember."""

from graphs.plan import LibraryPlan, RunMemory
from storage.records import Lesson, Outcome, Task


def lesson(number):
    return Lesson(
        id=f"l{number}", skill="gsm8k", level=2, language="de", task=Task(question="?"),
        reference="1", verifier="math", made_by="library",
    )  # fmt: skip


def outcome(n, question):
    return Outcome(
        n=n, skill="s", level=1, tried=0, solved=0, critiques=0, question_digest=question
    )


def test_a_library_is_asked_for_in_file_order_until_it_ends():
    plan = LibraryPlan((lesson(0), lesson(1)), seed=7)
    first, second = plan.assign(0), plan.assign(1)
    assert (first.skill, first.level, first.language, second.n) == ("gsm8k", 2, "de", 1)
    assert first.seed != second.seed
    assert plan.assign(2) is None


def test_an_episode_remembers_only_what_had_to_be_ended_before_it():
    plan = LibraryPlan((), seed=7)
    for n, question in enumerate(["a", "b", "a", None]):
        plan.learn(outcome(n, question))
    memory = RunMemory(plan, lag=10)
    assert plan.learnt == 4
    assert memory.twin("a", 10) == 0
    assert memory.twin("b", 10) is None
    assert memory.twin("b", 11) == 1
    assert memory.twin("c", 99) is None
