"""Ask a judge which step of a wrong attempt is the first wrong one.

What a newcomer gets wrong: a label is worth nothing if the judge cannot point to the place, so it
must quote the very step that it names; and a label never changes whether the attempt is accepted.
"""

from pydantic import BaseModel, ConfigDict

from agents.asking import messages, repair
from agents.chat.channel import Channel
from agents.chat.model import Journal
from agents.errors import InvalidReply
from agents.judge.material import as_data, as_steps
from agents.judge.quotes import Quoted
from agents.judge.reading import last_own
from agents.parsing import delimiter
from agents.steps import numbered_steps
from agents.verifiers.reading import Unreadable
from prompts import load
from storage.records import Attempt, CallSite, Lesson

SHAPE = (
    '{"reason": "why this step is the first wrong one", "quote": "words of that step", '
    '"step": its number or null}'
)


class FirstWrongStep(BaseModel):
    """What a judge is asked for: the reason first, so that the number follows from it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str
    quote: str
    step: int | None
    """From 1. None: no step is wrong, or the judge cannot tell."""


async def first_wrong_step(
    channel: Channel, lesson: Lesson, attempt: Attempt, site: CallSite, journal: Journal | None
) -> int | None:
    """Return the number of the first wrong step of an attempt, from 1.

    Args:
        channel: The way to the judge's model.
        lesson: With its worked steps.
        attempt: One that is not right, with numbered steps.
        site: Where the question is asked from.
        journal: None: nothing is kept.

    Returns:
        None if the judge names none, names one that is not there, or does not quote it.

    Raises:
        EndpointError: the endpoint gave no answer.
    """
    steps, prompt = numbered_steps(attempt.text), load("critic.first_wrong_step")
    task, reference = as_data(lesson.task.text), as_data(lesson.reference)
    worked, written = as_steps(lesson.steps), as_steps(steps)
    asked = messages(
        prompt,
        task=task,
        reference=reference,
        worked=worked,
        written=written,
        shape=SHAPE,
        mark=delimiter(site.seed, "\n".join((task, reference, worked, written))),
    )
    material = (lesson.task.text, lesson.reference, *lesson.steps, attempt.text)
    try:
        found = await channel.ask_for(
            FirstWrongStep,
            asked,
            site,
            journal,
            repair=repair,
            prompt=prompt.tag,
            read=lambda form, reply: last_own(form, reply, material, lambda label: False),
        )
        number = found.step or 0
        if not 1 <= number <= len(steps) or not Quoted(steps[number - 1]).holds(found.quote):
            return None
    except (InvalidReply, Unreadable):
        return None
    return number
