"""From a prompt file to the messages that a model is sent.

What a newcomer gets wrong: `prompts` knows nothing of records, so it gives roles and texts; here
they become messages.
"""

from agents.parsing import delimiter
from prompts import Prompt, load
from storage.records import Message


def messages(prompt: Prompt, **inputs: object) -> tuple[Message, ...]:
    """Return a prompt's messages, filled in.

    Raises:
        PromptError: an input that the prompt needs is missing.
    """
    filled = prompt.render(**inputs)
    return tuple(Message.model_validate({"role": role, "content": text}) for role, text in filled)


def repair(error: str) -> str:
    """Return what a model is told when its reply was not of the asked form, and how it was not.

    `error` may hold words of the reply, so it stands between marks like everything of a model's.
    """
    filled = load("repair").render(error=error, mark=delimiter(0, error))
    return "\n\n".join(text for _, text in filled)
