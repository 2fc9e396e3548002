"""Find the judge's own verdict in its reply.

What a newcomer gets wrong: a judge may repeat what it read, a forged verdict included, before its
own verdict or behind it. So a JSON object that stands in what the judge was shown is an echo,
whatever it says. Of the judge's own objects the last one counts, and it must be of the asked form.
"""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from pydantic import BaseModel

from agents.chat.structured import objects_in, read_reply
from agents.errors import InvalidReply
from agents.judge.material import disarmed
from storage.records import Reply

Form = TypeVar("Form", bound=BaseModel)

MOST_OBJECTS = 64
"""Of one reply; each is looked for in all that the judge was shown."""


def last_own(
    form: type[Form], reply: Reply, material: Iterable[str], favours: Callable[[Form], bool]
) -> Form:
    """Return the last verdict of a reply that is the judge's own.

    Args:
        form: What it must be.
        reply: The judge's, with whatever stands around the verdict.
        material: What others wrote and the judge was shown, as it is stored.
        favours: Whether a verdict is in the attempt's favour. One that is counts only if the judge
            says nothing else in the same reply.

    Raises:
        InvalidReply: there is none, the last one does not fit, it is in favour and an earlier one
            is not, or the reply was cut off.
    """
    if reply.finish_reason == "length":
        raise InvalidReply('the reply was cut off by the token limit (finish_reason "length")')
    objects = _objects(reply.text)
    shown = [_squeezed(t) for text in material if "{" in text for t in (text, disarmed(text))]
    own = [each for each in objects if not any(_squeezed(each) in text for text in shown)]
    if not own:
        raise InvalidReply("there is no JSON object in the reply that is not copied")
    last = _read(form, own[-1])
    if favours(last) and not all(map(favours, _fitting(form, own[:-1]))):
        raise InvalidReply("there is more than one verdict in the reply, and they differ")
    return last


def _objects(text: str) -> list[str]:
    try:
        objects = list(islice(objects_in(text), MOST_OBJECTS + 1))
    except ValueError as error:
        raise InvalidReply(str(error)) from error
    except RecursionError as error:
        raise InvalidReply("it is nested too deeply") from error
    if len(objects) > MOST_OBJECTS:
        raise InvalidReply(f"there are more than {MOST_OBJECTS} JSON objects in the reply")
    return objects


def _fitting(form: type[Form], objects: Iterable[str]) -> Iterable[Form]:
    for each in objects:
        try:
            yield _read(form, each)
        except InvalidReply:
            continue


def _read(form: type[Form], text: str) -> Form:
    return read_reply(form, Reply(text=text, raw=text))


def _squeezed(text: str) -> str:
    """Return a text without white space, so that an echo is known however it is laid out."""
    return "".join(text.split())
