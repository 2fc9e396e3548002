"""Supervised fine-tuning with the loss on the attempt alone: a prompt, and what completes it.

What a newcomer gets wrong: trainers learn every token of a conversation unless they are told not
to, and only the completion of this form. Prefer it, above all for revisions by turns.
"""

from collections.abc import Iterator, Sequence

from storage.export.accepted import accepted, rightly_told
from storage.export.episodes import Episode, Judged
from storage.export.making import Form, Leave, Made, Manner, prompt, replied, source
from storage.export.sft import LACKING


def _make(
    episode: Episode, chosen: Sequence[Judged], manner: Manner, leave: Leave
) -> Iterator[Made]:
    for attempt in accepted(rightly_told(episode, chosen, manner, leave), manner, leave):
        example = source(episode, attempt)
        example["prompt"] = prompt(episode, attempt, manner)
        example["completion"] = [replied(attempt, manner)]
        yield Made(example, (attempt.id,))


PROMPT_COMPLETION = Form(
    "prompt-completion",
    {"prompt": "messages", "completion": "messages"},
    _make,
    LACKING,
)
