"""Verifiers of an app that hang, or return what is no check, in the middle of real episodes."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from agents.critic import ProgramCritic
from agents.student import Try
from agents.verifiers import call_verifier, register
from agents.verifiers.apart import run_apart
from graphs import Faculty, make_graph
from storage.ids import lesson_id
from storage.records import Check, Lesson, Task

FREE = threading.Event()
"""Set when the tests of this file are over, so that what hangs may end."""


@pytest.fixture(scope="module", autouse=True)
def freed():
    yield
    FREE.set()


def block() -> Check:
    FREE.wait(60)
    return Check(verifier="late", finding="passed", evidence="too late")


def nonsense(made: object) -> Callable[[], object]:
    return lambda: made


def half_made() -> object:
    return Check.model_construct(
        verifier="half", version=1, finding="maybe", evidence="", limits={"seconds": float("nan")}
    )


def leave() -> object:
    raise KeyError("no such answer")


STRANGE: dict[str, tuple[Callable[[], object], str]] = {
    "blocks_without_awaiting": (block, "no finding within 0.3 s"),
    "says_true": (nonsense(True), "returned bool, which is no Check"),
    "says_nothing": (nonsense(None), "returned NoneType, which is no Check"),
    "says_passed": (nonsense("passed"), "returned str, which is no Check"),
    "says_half": (half_made, "ValidationError"),
    "raises": (leave, "KeyError: 'no such answer'"),
}


class Strange:
    """A verifier of an app."""

    version = 1

    def __init__(self, name: str) -> None:
        self.name = f"apart_{name}"
        self._act = STRANGE[name][0]

    async def check(self, *, answer, reference, data):
        return self._act()

    def changed(self, reference, data) -> str:
        return reference + "x"


@pytest.mark.parametrize("name", STRANGE)
async def test_what_hangs_raises_or_answers_nonsense_is_undecided_with_the_reason(name: str):
    register(Strange(name))

    check = await call_verifier(f"apart_{name}", answer="1", reference="1", data={}, timeout_s=0.3)

    assert check.finding == "undecided"
    assert STRANGE[name][1] in check.evidence
    assert check.verifier == f"apart_{name}"


async def test_others_go_on_while_a_verifier_blocks_its_thread():
    async def ticks() -> int:
        count = 0
        while True:
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                return count
            count += 1

    async def blocked() -> bool:
        return FREE.wait(60)

    ticking = asyncio.create_task(ticks())
    with pytest.raises(TimeoutError):
        await run_apart(blocked, 0.5)
    ticking.cancel()

    assert await ticking >= 10


async def test_what_is_run_apart_returns_and_raises_as_if_it_were_awaited():
    async def eight() -> int:
        await asyncio.sleep(0)
        return 8

    async def wrong() -> int:
        raise OverflowError("nine")

    assert await run_apart(eight, 5) == 8
    with pytest.raises(OverflowError, match="nine"):
        await run_apart(wrong, 5)


def test_a_loop_that_has_closed_meanwhile_is_no_fault():
    release, before = threading.Event(), set(threading.enumerate())

    async def late() -> int:
        release.wait(10)
        return 1

    async def impatient() -> None:
        with pytest.raises(TimeoutError):
            await run_apart(late, 0.05)

    asyncio.run(impatient())
    (thread,) = set(threading.enumerate()) - before
    release.set()
    thread.join(10)  # an exception in it would be a warning, and so an error, of this test

    assert not thread.is_alive()


class Teacher:
    """An app's own teacher, whose lessons name the verifier of an app."""

    name = "fixed"

    def capacity(self, skill, level):
        return None

    async def write_lesson(self, assignment, site, journal, refusals=()):
        lesson = Lesson(
            id="", skill="sums", level=1, task=Task(question="What is 2 + 2?"), reference="4",
            verifier="apart_picky", made_by="fixed",
        )  # fmt: skip
        return lesson.model_copy(update={"id": lesson_id(lesson)})


class Student:
    """An app's own student, whose attempts differ."""

    name = "answers"

    async def attempt(self, task, assignment, site, journal, earlier=None):
        return Try(text=f"Answer: {['4', 'block', 'raise', 'lie', '5'][site.idx]}")


class Picky:
    """A verifier of an app that decides well, but for some answers."""

    name = "apart_picky"
    version = 1

    async def check(self, *, answer, reference, data):
        if answer in ("block", "raise", "lie"):
            return {"block": block, "raise": leave, "lie": half_made}[answer]()
        finding = "passed" if answer == reference else "failed"
        return Check(verifier=self.name, finding=finding, evidence="looked")

    def changed(self, reference, data) -> str:
        return reference + "1"


async def test_an_episode_goes_on_beside_attempts_that_its_verifier_cannot_decide():
    register(Picky())
    faculty = Faculty(
        teacher=Teacher(),
        student=Student(),
        critic=ProgramCritic(timeout_s=0.5),
        attempts=5,
        max_revisions=0,
    )

    done = await make_graph().ainvoke({"skill": "sums", "seed": 1}, context=faculty)

    verdicts = done["trajectory"].verdicts
    assert [v.status for v in verdicts] == ["accepted", *["unscored"] * 3, "rejected"]
    assert [v.reward for v in verdicts] == [1.0, None, None, None, 0.0]
    assert [v.reason for v in verdicts[1:4]] == ["undecided"] * 3
    assert [v.checks[0].evidence.split(":")[0][:10].rstrip() for v in verdicts[1:4]] == [
        "no finding",
        "KeyError",
        "Validation",
    ]
