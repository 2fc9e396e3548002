"""The job that the baselines do: three calls an episode, each made from the replies before it.

The texts are the project's own prompt files, unfilled, so that requests are about as long as those
of a real run. What a newcomer gets wrong: this imports nothing of the project, or a baseline would
pay for what it is compared with.
"""

from pathlib import Path
from typing import Any

Messages = list[dict[str, str]]
Schema = dict[str, Any]

_PROMPTS = Path(__file__).resolve().parents[1] / "prompts"
_TEACHER = (_PROMPTS / "teacher" / "write_lesson.md").read_text(encoding="utf-8")
_CRITIC = (_PROMPTS / "critic" / "judge.md").read_text(encoding="utf-8")
_TEXT = {"type": "string"}
_FOUND = {
    "type": "object",
    "properties": {"reason": _TEXT, "met": {"type": "boolean"}},
    "required": ["reason", "met"],
}


def _format(name: str, **properties: Schema) -> Schema:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "schema": schema, "strict": True},
    }


LESSON = _format("lesson", reference=_TEXT, question=_TEXT)
VERDICT = _format("verdict", correct=_FOUND, complete=_FOUND, clear=_FOUND, critique=_TEXT)


def for_lesson(n: int) -> Messages:
    """Return what asks the teacher for lesson `n`; no two of them are equal."""
    asked = f"Skill: triage. Level: 1 of 3. Lesson code: {n}."
    return [{"role": "system", "content": _TEACHER}, {"role": "user", "content": asked}]


def for_attempt(lesson: dict[str, str]) -> Messages:
    """Return what asks the student for an attempt; the reference is not in it."""
    return [{"role": "user", "content": lesson["question"]}]


def for_verdict(lesson: dict[str, str], attempt: str) -> Messages:
    """Return what asks the critic for a verdict."""
    texts = (lesson["question"], lesson["reference"], attempt)
    return [
        {"role": "system", "content": _CRITIC},
        {"role": "user", "content": "\n\n".join(texts)},
    ]
