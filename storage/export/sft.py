"""Supervised fine-tuning: a task and an attempt that was accepted, as one conversation."""

from collections.abc import Iterator, Sequence

from storage.export.accepted import accepted, rightly_told
from storage.export.episodes import Episode, Judged
from storage.export.making import Form, Leave, Made, Manner, prompt, replied, source

LACKING = "no attempt was accepted; `inspect --status rejected` says why"


def _make(
    episode: Episode, chosen: Sequence[Judged], manner: Manner, leave: Leave
) -> Iterator[Made]:
    for attempt in accepted(rightly_told(episode, chosen, manner, leave), manner, leave):
        whole = [*prompt(episode, attempt, manner), replied(attempt, manner)]
        yield Made(source(episode, attempt) | {"messages": whole}, (attempt.id,))


SFT = Form("sft", {"messages": "messages"}, _make, LACKING)
