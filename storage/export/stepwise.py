"""Process supervision: the steps of an attempt up to and with the first wrong one, with labels.

What a newcomer gets wrong: what stands after a wrong step is neither right nor wrong, so the row
ends with it.
"""

from collections.abc import Iterator, Sequence

from storage.export.accepted import scored
from storage.export.columns import Example
from storage.export.episodes import Episode, Judged
from storage.export.making import Form, Leave, Made, Manner, source


def _make(
    episode: Episode, chosen: Sequence[Judged], manner: Manner, leave: Leave
) -> Iterator[Made]:
    for attempt in scored(chosen, manner, leave):
        wrong = attempt.first_wrong_step
        if wrong is None:
            leave(attempt, "no_wrong_step")
            continue
        steps = manner.steps(attempt.text, episode.lesson.answer_pattern)
        if len(steps) < wrong:  # what is wrong is that it is not there
            leave(attempt, "missing_step")
            continue
        example: Example = source(episode, attempt)
        example["prompt"] = episode.lesson.text
        example["completions"] = list(steps[:wrong])
        example["labels"] = [*([True] * (wrong - 1)), False]
        yield Made(example, (attempt.id,))


STEPWISE = Form(
    "stepwise",
    {"prompt": "text", "completions": "texts", "labels": "flags"},
    _make,
    "of no attempt is the first wrong step known; lessons with worked steps, or a chat critic with "
    "`step_labels`, name it",
)
