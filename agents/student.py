"""The student: tries a task. By type it cannot see the reference.

What a newcomer gets wrong: a chat student is sent the task's text and nothing else. What a lesson
knows beside it never reaches this module.
"""

from dataclasses import dataclass
from typing import Protocol

from agents.asking import messages
from agents.chat.channel import Channel
from agents.chat.model import Journal
from agents.parsing import delimiter
from prompts import Prompt, load
from storage.records import Assignment, CallSite, Slip, Task


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a student has before it when it revises."""

    text: str
    """Its own last attempt."""
    critique: str
    """What the critic said about it."""


@dataclass(frozen=True, slots=True)
class Try:
    """What a student hands in."""

    text: str
    reasoning: str | None = None
    finish_reason: str = "stop"
    slips: tuple[Slip, ...] = ()


class Student(Protocol):
    """Attempts tasks."""

    name: str
    """Stored as `Attempt.made_by`."""

    async def attempt(
        self,
        task: Task,
        assignment: Assignment,
        site: CallSite,
        journal: Journal | None,
        earlier: Earlier | None = None,
    ) -> Try:
        """Try a task, or revise an earlier try.

        Raises:
            EndpointError: see `agents.errors`.
        """
        ...


class ChatStudent:
    """A model that attempts tasks.

    Args:
        channel: The way to the model.
        attempt: What asks for a first attempt. None: `student.attempt`, the task's text alone.
        revise: What asks for a revision. None: `student.revise`.

    Raises:
        PromptError: a prompt asks for something that a student is not given.
    """

    def __init__(
        self, channel: Channel, attempt: Prompt | None = None, revise: Prompt | None = None
    ) -> None:
        self.name = f"chat/{channel.model.name}"
        self._channel = channel
        self._attempt = (attempt or load("student.attempt")).fit(offered=["task"], needed=["task"])
        self._revise = (revise or load("student.revise")).fit(
            offered=["task", "earlier", "critique", "mark"], needed=["task"]
        )

    async def attempt(
        self,
        task: Task,
        assignment: Assignment,
        site: CallSite,
        journal: Journal | None,
        earlier: Earlier | None = None,
    ) -> Try:
        """Ask the model for an attempt, or for a revision of its earlier one.

        Raises:
            EndpointError: the endpoint gave no answer.
        """
        if earlier is None:
            prompt = self._attempt
            asked = messages(prompt, task=task.text)
        else:
            prompt = self._revise
            asked = messages(
                prompt,
                task=task.text,
                earlier=earlier.text,
                critique=earlier.critique,
                mark=delimiter(site.seed, earlier.critique),
            )
        reply = await self._channel.ask(asked, site, journal, prompt=prompt.tag)
        return Try(reply.text, reply.reasoning, reply.finish_reason)
