"""Training a critic: a task and an attempt, and what was said about it.

What a newcomer gets wrong: the reference is in none of it. A critic that learns from these rows has
to see for itself.
"""

from collections.abc import Iterator, Sequence

from storage.export.accepted import scored
from storage.export.columns import Example
from storage.export.episodes import Episode, Judged
from storage.export.making import Form, Leave, Made, Manner, asked, said, source

ASKED = "Judge the attempt at the task. Say what is wrong with it, if anything, then your verdict."


def _make(
    episode: Episode, chosen: Sequence[Judged], manner: Manner, leave: Leave
) -> Iterator[Made]:
    task = episode.lesson.text
    for attempt in scored(chosen, manner, leave):
        if attempt.status == "rejected" and not attempt.critique:
            leave(attempt, "no_critique")
            continue
        example: Example = source(episode, attempt)
        question = f"{ASKED}\n\nTask:\n{task}\n\nAttempt:\n{attempt.text}"
        verdict = f"Verdict: {attempt.status}"
        example["prompt"] = [asked(question, manner)]
        example["completion"] = [said(f"{attempt.critique}\n\n{verdict}".strip(), manner)]
        example["task"] = task
        example["attempt"] = attempt.text
        example["critique"] = attempt.critique
        example["verdict"] = attempt.status
        example["first_wrong_step"] = attempt.first_wrong_step
        yield Made(example, (attempt.id,))


CRITIQUE = Form(
    "critique",
    {
        "prompt": "messages",
        "completion": "messages",
        "task": "text",
        "attempt": "text",
        "critique": "text",
        "verdict": "text",
        "first_wrong_step": "integer",
    },
    _make,
    "it needs accepted attempts and wrong ones, and there is only one kind: raise `attempts`, or "
    "ask for harder or easier lessons",
    labelled=True,
)
