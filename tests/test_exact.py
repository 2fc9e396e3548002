"""The verifier `exact`."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.exact import MAX_CHARS, ExactVerifier, fold

EXACT = ExactVerifier()
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


async def finding(answer: str, reference: str) -> str:
    return (await EXACT.check(answer=answer, reference=reference, data={})).finding


@given(TEXTS)
async def test_every_reference_is_accepted_and_its_change_refused(reference):
    assert await finding(reference, reference) == "passed"
    assert await finding(EXACT.changed(reference, {}), reference) == "failed"


@given(TEXTS, st.sampled_from([" ", "\n", "\t ", "\u00a0"]))
async def test_white_space_and_the_encoding_of_accents_do_not_count(reference, space):
    spaced = space + space.join(reference.split()) + space
    assert await finding(unicodedata.normalize("NFD", spaced), reference) == "passed"


@pytest.mark.parametrize("answer", ["paris", "Paris.", "Par is", "", "Paris or Rome", "PARIS"])
async def test_case_and_punctuation_count(answer):
    assert await finding(answer, "Paris") == "failed"


@given(TEXTS, TEXTS)
async def test_another_text_is_refused(answer, reference):
    wanted = "passed" if fold(answer) == fold(reference) else "failed"
    assert await finding(answer, reference) == wanted


async def test_an_answer_beyond_the_limit_is_refused_in_little_time():
    accents = "a" + "\u0316\u0301" * MAX_CHARS * 10
    start = time.process_time()
    check = await EXACT.check(answer=accents, reference="a", data={})
    assert time.process_time() - start < 1
    assert (check.finding, check.limits) == ("failed", {"text_max_chars": MAX_CHARS})
    assert "longer" in check.evidence


async def test_a_reference_beyond_the_limit_is_the_lessons_fault():
    with pytest.raises(VerifierError, match=str(MAX_CHARS)):
        await finding("a", "a" * (MAX_CHARS + 1))


async def test_the_evidence_is_one_line_whatever_the_answer_holds():
    check = await EXACT.check(answer="a\u2028b\x00" * 99, reference="a", data={})
    assert len(check.evidence.splitlines()) == 1
    assert len(check.evidence) < 400
