"""Compare choices: which of the given ones an answer names.

What a newcomer gets wrong: choices given as a list have no letters, because nobody knows which
ones the question showed; give a mapping from letter to text if letters may be answered. A letter
may stand in brackets, before a full stop, and before its own text ("B", "(B)", "B.", "B. Paris");
it is blind to case, the text is not. An answer that says more, or names two choices, has failed.
"""

from pydantic import JsonValue

from agents.errors import VerifierError
from agents.verifiers.canonical import compare, reference_value, refuse_unknown
from agents.verifiers.evidence import shown
from agents.verifiers.exact import fold
from agents.verifiers.verifier import Data
from storage.records import Check

MAX_CHOICES = 100
MAX_CHARS = 1_000
MAX_LETTERS = 3


class ChoiceVerifier:
    """Accepts an answer that names the reference's choice, and no other."""

    name = "choice"
    version = 1

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        """Return "passed" if both texts name the same choice.

        Raises:
            VerifierError: the data does not fit, or the reference is none of the choices.
        """
        limits = {"choices_max": MAX_CHOICES, "text_max_chars": MAX_CHARS}
        return compare(self, limits, answer=answer, reference=reference, data=data)

    def canonical(self, text: str, data: Data) -> str | None:
        """Return the text of the choice that is named. None: not exactly one is.

        Raises:
            VerifierError: the data does not fit.
        """
        named = _named(_choices(data))
        return named.get(fold(text) or "") if len(text) <= 2 * MAX_CHARS else None

    def changed(self, reference: str, data: Data) -> str:
        """Return the choice that comes after the reference's.

        Raises:
            VerifierError: the data does not fit, or the reference is none of the choices.
        """
        texts = list(_choices(data))
        return texts[(texts.index(reference_value(self, reference, data)) + 1) % len(texts)]

    def mutants(self, reference: str, data: Data) -> tuple[str, ...]:
        """Return every other choice, the reference's with another, and all at once.

        Raises:
            VerifierError: the data does not fit, or the reference is none of the choices.
        """
        right = reference_value(self, reference, data)
        others = [text for text in _choices(data) if text != right]
        several = (f"{right} or {others[0]}", f"{others[0]}, {right}", " ".join([right, *others]))
        named = _named(_choices(data))
        return (*others, *(text for text in several if fold(text) not in named))

    def trivial(self, question: str, data: Data) -> tuple[str, ...]:
        """Return nothing at all: a text, for any choice is as easily guessed as another."""
        return ("",)


def _choices(data: Data) -> dict[str, str]:
    """Return the choices' texts in order, each with its letter; without letters: empty text."""
    refuse_unknown("choice", data, frozenset({"choices"}))
    given = data.get("choices")
    if isinstance(given, dict):
        letters = [_letter(letter) for letter in given]
        texts = [_text(text) for text in given.values()]
    elif isinstance(given, list):
        letters, texts = [""] * len(given), [_text(text) for text in given]
    else:
        raise VerifierError("choice: data needs 'choices', a list or a mapping of letter to text")
    if not 2 <= len(texts) <= MAX_CHOICES:
        raise VerifierError(f"choice: 'choices' must be 2 to {MAX_CHOICES}")
    if len(set(texts)) < len(texts):
        raise VerifierError("choice: two of 'choices' have one text")
    return dict(zip(texts, letters, strict=True))


def _letter(letter: str) -> str:
    if not (letter.isascii() and letter.isalnum() and len(letter) <= MAX_LETTERS):
        raise VerifierError(
            f"choice: {shown(letter)} is no letter; at most {MAX_LETTERS} of A-Z0-9"
        )
    return letter


def _text(text: JsonValue) -> str:
    folded = fold(text) if isinstance(text, str) else None
    if not folded or len(folded) > MAX_CHARS:
        raise VerifierError(
            f"choice: each of 'choices' must be text of 1 to {MAX_CHARS} characters"
        )
    return folded


def _named(choices: dict[str, str]) -> dict[str, str]:
    """Return every way to name a choice, each with the text of the choice that it names."""
    named: dict[str, str] = {}
    for text, letter in choices.items():
        for way in _ways(text, letter):
            if named.setdefault(way, text) != text:
                raise VerifierError(f"choice: {shown(way)} would name two choices")
    return named


def _ways(text: str, letter: str) -> list[str]:
    if not letter:
        return [text]
    ways = [text]
    for each in (letter.lower(), letter.upper()):
        alone = [f"{each}.", f"{each})", f"{each}:", f"({each})", f"[{each}]"]
        ways += [each, f"({each}).", f"[{each}].", *alone, *(f"{mark} {text}" for mark in alone)]
    return ways
