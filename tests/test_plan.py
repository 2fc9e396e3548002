"""What a library asks for next."""

from graphs.plan import LibraryPlan
from storage.records import Lesson, Task
from storage.standing import Standing


def lesson(number):
    return Lesson(
        id=f"l{number}", skill="gsm8k", level=2, language="de", task=Task(question="?"),
        reference="1", verifier="math", made_by="library",
    )  # fmt: skip


def test_a_library_is_asked_for_in_file_order_until_it_ends():
    plan = LibraryPlan((lesson(0), lesson(1)), seed=7)
    first, second = plan.assign(0), plan.assign(1)
    assert (first.skill, first.level, first.language, second.n) == ("gsm8k", 2, "de", 1)
    assert first.seed != second.seed
    assert plan.assign(2) is None


def test_a_library_that_goes_on_stands_where_it_stood():
    plan, again = (LibraryPlan((lesson(0), lesson(1)), seed=7) for _ in range(2))
    again.restore(Standing(ended=1, learnt=1))
    assert again.learnt == 1
    assert again.assign(1) == plan.assign(1)
