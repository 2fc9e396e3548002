"""Whether a student could state the reference, and would be right with it.

What a newcomer gets wrong: the verifier compares what `answer_pattern` finds, so a reference that
it accepts may still be one that nobody can state. Which form a pattern asks for cannot be told from
it, so the usual ones are tried.
"""

from agents.parsing import extract_answer
from agents.verifiers import call_verifier
from agents.verifiers.evidence import shown
from storage.records import ANSWER_PATTERN, Lesson

_FORMS = (
    "Answer: {}",
    "```python\n{}\n```",
    "```\n{}\n```",
    "#### {}",
    "A: {}",
    "\\boxed{{{}}}",
    "The answer is {}.",
    "<answer>{}</answer>",
    "{}",
)
"""How answers are usually stated."""


async def not_accepted(lesson: Lesson) -> list[str]:
    """Return that the verifier does not accept the reference."""
    stated: str | None = lesson.reference
    if lesson.task.answer_pattern == ANSWER_PATTERN:
        stated = extract_answer(f"Answer: {lesson.reference}", ANSWER_PATTERN)
    if stated is None:
        return ["reference: it cannot be stated in the form that the task asks for"]
    check = await call_verifier(
        lesson.verifier, answer=stated, reference=lesson.reference, data=lesson.data
    )
    if check.finding == "passed":
        return []
    return [f"reference: the verifier {lesson.verifier!r} does not accept it: {check.evidence}"]


async def not_stated(lesson: Lesson) -> list[str]:
    """Return that a pattern of the lesson's own finds the reference in none of the usual forms."""
    pattern = lesson.task.answer_pattern
    if pattern == ANSWER_PATTERN:
        return []
    found = [extract_answer(form.format(lesson.reference), pattern) for form in _FORMS]
    if lesson.reference.strip() in found:
        return []
    for answer in dict.fromkeys(answer for answer in found if answer is not None):
        check = await call_verifier(
            lesson.verifier, answer=answer, reference=lesson.reference, data=lesson.data
        )
        if check.finding == "passed":
            return []
    told = f"answer_pattern: it finds the reference {shown(lesson.reference)} in no usual form"
    return [f"{told}, such as '#### ...' or a code fence"]
