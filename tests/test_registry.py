"""The registry of verifiers, and the door through which they are called."""

import asyncio

import pytest

from agents.errors import VerifierError
from agents.verifiers import (
    Data,
    Verifier,
    call_verifier,
    names,
    register,
    verifier,
)
from agents.verifiers.call import mutants
from storage.records import Check


class Rude:
    """A verifier of an app that raises whatever it was made with."""

    version = 3

    def __init__(self, name: str, error: Exception | None = None) -> None:
        self.name = name
        self._error = error

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        if self._error is None:
            await asyncio.sleep(60)
        raise self._error or AssertionError

    def changed(self, reference: str, data: Data) -> str:
        raise KeyError("nothing to change")


async def test_the_contracts_example_holds():
    check = await verifier("math").check(answer="0.5", reference="1/2", data={})
    assert check.finding == "passed"
    assert "1/2" in check.evidence


def test_every_verifier_answers_to_its_own_name():
    kinds = "choice date decimal exact fraction integer json math multiset sequence sql"
    assert set(kinds.split()) <= set(names())
    for name in names():
        assert verifier(name).name == name
        assert verifier(name).version >= 1


def test_an_unknown_name_names_the_nearest_one():
    with pytest.raises(VerifierError, match=r"'maths'.*'math'"):
        verifier("maths")


def test_an_app_registers_its_own_verifier_once():
    mine: Verifier = Rude("registry_once")
    register(mine)
    register(mine)
    assert verifier("registry_once") is mine
    assert "registry_once" in names()


@pytest.mark.parametrize("name", ["math", "judge"])
def test_a_taken_name_is_refused(name):
    with pytest.raises(VerifierError, match=rf"'{name}'.*taken"):
        register(Rude(name))
    assert not isinstance(verifier("math"), Rude)


async def test_a_verifier_that_raises_has_decided_nothing():
    register(Rude("registry_raises", ZeroDivisionError("one\nline")))
    check = await call_verifier("registry_raises", answer="1", reference="1", data={})
    assert (check.finding, check.version) == ("undecided", 3)
    assert check.evidence == "ZeroDivisionError: one line"


async def test_a_verifier_that_hangs_has_decided_nothing():
    register(Rude("registry_hangs"))
    check = await call_verifier(
        "registry_hangs", answer="1", reference="1", data={}, timeout_s=0.01
    )
    assert (check.finding, check.evidence) == ("undecided", "no finding within 0.01 s")


async def test_an_unknown_verifier_and_a_misfit_reference_are_undecided_not_failed():
    unknown = await call_verifier("maths", answer="1", reference="1", data={})
    misfit = await call_verifier("math", answer="1", reference="one", data={})
    assert (unknown.finding, misfit.finding) == ("undecided", "undecided")
    assert "did you mean 'math'" in unknown.evidence
    assert "'one'" in misfit.evidence


async def test_cancelling_is_not_taken_for_a_verifiers_fault():
    register(Rude("registry_cancelled"))
    task = asyncio.create_task(
        call_verifier("registry_cancelled", answer="1", reference="1", data={})
    )
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_verifier_that_cannot_change_the_reference_says_so():
    register(Rude("registry_unchanging"))
    with pytest.raises(VerifierError, match="nothing to change"):
        await mutants("registry_unchanging", "1", {})
    assert "1x" in await mutants("exact", "1", {})
