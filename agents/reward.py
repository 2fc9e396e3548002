"""The reward of a student in reinforcement learning: what this project's verifiers say.

`GRPOTrainer(reward_funcs=reward, ...)` takes it as it is, with rows of the export `rl`. What a
newcomer gets wrong: None is not 0. It means that no program could decide, and trainers leave such
an attempt out, where a 0 would teach that it was wrong.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from agents.chat.replies import split_thinking, without_surrogates
from agents.errors import VerifierError
from agents.judge import says_nothing
from agents.parsing import extract_answer
from agents.together import all_of
from agents.verifiers import JUDGE, Data, call_verifier, with_draw

Written = str | Sequence[Mapping[str, object]]
"""An attempt as trainers hand it over: text, or messages, of which the student's last counts."""
AT_ONCE = 64
"""How many attempts are with their verifiers at once, so that none is late for standing in line."""
_REWARDS: Final = {"passed": 1.0, "failed": 0.0, "undecided": None}


def reward(
    completions: Sequence[Written],
    *,
    reference: Sequence[str],
    verifier: Sequence[str],
    data: Sequence[str | Data | None],
    answer_pattern: Sequence[str],
    lesson_id: Sequence[str],
    **columns: object,
) -> list[float | None]:
    """Return a reward for each attempt: that of the verdict which a critic without a judge gives.

    It may be called with or without a running event loop, which it holds up either way.

    Args:
        completions: The attempts; this and the other names are what trainers call them by.
        reference: One for each attempt, and so are the others.
        verifier: Names of the registry. "judge": no program decides.
        data: What the verifier needs beside the reference, as JSON or as it is.
        answer_pattern: How the answer is found, see `agents.parsing.extract_answer`.
        lesson_id: What a verifier draws hangs on it and on the attempt, so that equal attempts at
            one lesson have equal rewards.
        columns: Whatever else a trainer passes on.

    Returns:
        1.0 where the verifier passed the answer; 0.0 where it failed it, or none is stated; None
        where nobody decided: the verifier is undecided, is not known, cannot read its data or
        lacks what it works with.

    Raises:
        ValueError: the lists differ in length.
    """
    lessons = zip(reference, verifier, data, answer_pattern, lesson_id, strict=True)
    asked = [
        _Asked(_text(written), *lesson)
        for written, lesson in zip(completions, lessons, strict=True)
    ]
    # The caller's loop, if there is one, is waiting here, so another one does the work.
    with ThreadPoolExecutor(1, thread_name_prefix="reward") as apart:
        return apart.submit(lambda: asyncio.run(_rewards(asked))).result()


class _Asked(NamedTuple):
    """One attempt with what is known of its lesson."""

    text: str
    reference: str
    verifier: str
    data: str | Data | None
    answer_pattern: str
    lesson_id: str


async def _rewards(asked: Sequence[_Asked]) -> list[float | None]:
    turn = asyncio.Semaphore(AT_ONCE)

    async def in_turn(each: _Asked) -> float | None:
        async with turn:
            return await _reward(each)

    return await all_of(map(in_turn, asked))


async def _reward(asked: _Asked) -> float | None:
    if asked.verifier == JUDGE:
        return 0.0 if says_nothing(asked.text, asked.reference) else None
    try:
        answer = extract_answer(asked.text, asked.answer_pattern)
        data = _read(asked.data)
    except VerifierError:
        return None
    if answer is None:
        return 0.0
    check = await call_verifier(
        asked.verifier,
        answer=answer,
        reference=asked.reference,
        data=with_draw(asked.verifier, data, "draw", asked.lesson_id, asked.text),
    )
    return _REWARDS[check.finding]


def _read(data: str | Data | None) -> Data:
    """Return a verifier's data, from JSON if it is text.

    Raises:
        VerifierError: it is no object.
    """
    try:
        found: object = json.loads(data) if isinstance(data, str) else data or {}
    except (ValueError, RecursionError) as error:
        raise VerifierError("data: no JSON") from error
    if not isinstance(found, Mapping):
        raise VerifierError("data: no object")
    return found


def _text(written: Written) -> str:
    """Return what a student says, without what it thought before; empty if it says nothing."""
    if isinstance(written, str):
        return split_thinking(without_surrogates(written))[0]
    said = [message for message in written if message.get("role") == "assistant"]
    content = said[-1].get("content") if said else None
    if isinstance(content, str):
        return split_thinking(without_surrogates(content))[0]
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, Mapping)]
    return without_surrogates("".join(text for text in texts if isinstance(text, str)))
