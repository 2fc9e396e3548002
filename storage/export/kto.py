"""KTO and its unpaired kin: every scored attempt, and whether it was accepted.

What a newcomer gets wrong: the trainer reads rows in file order and compares neighbours, so rows
are handed out through `interleave`, never by lesson or by label.
"""

from collections.abc import Iterator, Sequence

from storage.export.accepted import rightly_told, scored
from storage.export.episodes import Episode, Judged
from storage.export.making import Form, Leave, Made, Manner, prompt, replied, source


def _make(
    episode: Episode, chosen: Sequence[Judged], manner: Manner, leave: Leave
) -> Iterator[Made]:
    for attempt in scored(rightly_told(episode, chosen, manner, leave), manner, leave):
        example = source(episode, attempt)
        example["prompt"] = prompt(episode, attempt, manner)
        example["completion"] = [replied(attempt, manner)]
        example["label"] = attempt.status == "accepted"
        yield Made(example, (attempt.id,))


KTO = Form(
    "kto",
    {"prompt": "messages", "completion": "messages", "label": "flag"},
    _make,
    "it needs accepted attempts and wrong ones, and there is only one kind: raise `attempts`, or "
    "ask for harder or easier lessons",
    labelled=True,
)
