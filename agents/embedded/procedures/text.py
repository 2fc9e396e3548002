"""Text manipulation: a short message is changed by one operation or by several in order.

Messages are lower-case words with single spaces, so that "exact" has nothing to trip over.
"""

from collections.abc import Sequence
from math import comb, factorial

from pydantic import JsonValue

from agents.embedded.domain import Misconception
from agents.embedded.procedures.procedure import Givens, Kind, Procedure, stated_as
from agents.embedded.procedures.sheet import Sheet
from agents.embedded.procedures.text_stories import FRAMES, OPERATIONS, WORDS
from agents.embedded.procedures.unranking import arrangement, combination
from storage.records import Skill

LENGTH = 4
"""Words in a message."""
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
TEXT = stated_as("text", "Use small letters, and one space between words.")
COUNT = stated_as("number of letters")
PARAMETERS = {"caesar": 18, "every_kth": 2}
"""How many variants an operation has; others have one."""
CHAINS = (
    (("caesar",), ("every_kth",), ("remove_vowels",), ("reverse_words",), ("swap_ends",)),
    (
        ("reverse_words", "caesar"),
        ("remove_vowels", "caesar"),
        ("caesar", "every_kth"),
        ("remove_vowels", "count"),
        ("swap_ends", "reverse_words"),
        ("sort_words", "every_kth"),
        ("remove_vowels", "reverse_letters"),
        ("caesar", "swap_ends"),
    ),
    (
        ("reverse_words", "remove_vowels", "caesar"),
        ("caesar", "swap_ends", "every_kth"),
        ("remove_vowels", "caesar", "reverse_words"),
        ("swap_ends", "reverse_words", "caesar"),
        ("reverse_letters", "remove_vowels", "every_kth"),
        ("sort_words", "remove_vowels", "swap_ends"),
        ("remove_vowels", "reverse_letters", "caesar"),
        ("reverse_letters", "caesar", "every_kth"),
    ),
)
"""The operations of each kind of task, by level."""


def _shifted(word: str, by: int, wraps: bool) -> str:
    moved = ""
    for letter in word:
        at = ALPHABET.index(letter) + by
        moved += ALPHABET[at % 26] if wraps or 0 <= at < 26 else letter
    return moved


def _without_vowels(word: str) -> str:
    return "".join(letter for letter in word if letter not in "aeiou")


def _with_ends_swapped(word: str) -> str:
    return word[-1] + word[1:-1] + word[0] if len(word) > 1 else word


def _changed(sheet: Sheet, operation: str, by: int, word: str) -> str:
    """Return what an operation makes of one word."""
    if operation == "caesar":
        return sheet.either(
            _shifted(word, by, wraps=True),
            shifts_the_wrong_way=_shifted(word, -by, wraps=True),
            forgets_to_wrap_around=_shifted(word, by, wraps=False),
        )
    if operation == "remove_vowels":
        bare = _without_vowels(word)
        kept = word[0] if word[0] in "aeiou" else ""
        return sheet.either(bare, keeps_a_leading_vowel=kept + bare)
    return _with_ends_swapped(word) if operation == "swap_ends" else word[::-1]


def _reordered(sheet: Sheet, operation: str, words: list[str]) -> list[str]:
    if operation == "sort_words":
        sheet.write(f"In alphabetical order: {' '.join(sorted(words))}.")
        return sorted(words)
    sheet.write(f"From the last word to the first: {' '.join(words[::-1])}.")
    return words[::-1]


def _numbered(sheet: Sheet, text: str) -> str:
    """Return the characters that are counted."""
    counted = sheet.either(text.replace(" ", ""), counts_spaces=text)
    sheet.write(f'Count the {len(counted)} characters of "{counted}".')
    return counted


def _every_kth(sheet: Sheet, text: str, k: int) -> str:
    counted = _numbered(sheet, text)
    first = sheet.either(k, starts_at_the_first_letter=1)
    places = range(first, len(counted) + 1, k)
    taken = "".join(counted[place - 1] for place in places).replace(" ", "")
    sheet.write(f"Take the places {', '.join(map(str, places))}: {taken}.")
    return taken


def _apply(sheet: Sheet, operation: str, by: int, text: str) -> str:
    """Apply one operation to the whole text, word by word where that is how it works."""
    if operation == "count":
        return str(len(_numbered(sheet, text)))
    if operation == "every_kth":
        return _every_kth(sheet, text, by)
    other = {"reverse_words": "reverse_letters", "reverse_letters": "reverse_words"}
    taken = sheet.either(operation, confuses_words_and_letters=other.get(operation, operation))
    words = text.split()
    if taken in ("reverse_words", "sort_words"):
        return " ".join(_reordered(sheet, taken, words))
    changed = []
    for word in words:
        changed.append(_changed(sheet, taken, by, word))
        sheet.write(f"{word} becomes {changed[-1]}.")
    return " ".join(changed)


def _solve(givens: Givens, sheet: Sheet) -> str:
    text: str = givens["message"]
    operations = givens["operations"]
    for place, (operation, by) in enumerate(operations):
        if 0 < place == len(operations) - 1 and sheet.either(False, stops_one_operation_early=True):
            break
        text = _apply(sheet, operation, by, text)
    sheet.write(f"The result is {text}.")
    return text


def _parameter(operation: str, choice: int) -> int:
    """Return the places to shift, negative for back, or the step between letters; else 0."""
    if operation == "caesar":
        return choice // 2 + 2 if choice % 2 else -(choice // 2 + 2)
    return choice + 2 if operation == "every_kth" else 0


def _told(operation: str, by: int, wording: int) -> str:
    way = "forward" if by > 0 else "back"
    ordinal = {2: "second", 3: "third"}.get(by, "")
    return OPERATIONS[operation][wording].format(by=abs(by), way=way, ordinal=ordinal)


def _tell(givens: Givens) -> dict[str, str]:
    told = [
        _told(operation, by, wording)
        for (operation, by), wording in zip(givens["operations"], givens["wordings"], strict=True)
    ]
    leads = (("",), ("First, ", "Then "), ("First, ", "Then ", "Finally, "))[len(told) - 1]
    todo = " ".join(f"{lead}{text}." for lead, text in zip(leads, told, strict=True))
    return {"message": givens["message"], "todo": todo[0].upper() + todo[1:]}


def _chain(operations: tuple[str, ...]) -> Kind:
    """Return the kind that applies these operations one after another."""
    variants = [PARAMETERS.get(operation, 1) for operation in operations]
    counts = operations[-1] == "count"

    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        drawn, order, *rest = choices
        # Rank 0 would be in alphabetical order already.
        words = arrangement(order + 1, combination(drawn, WORDS, LENGTH))
        chosen = zip(operations, rest[: len(operations)], strict=True)
        return {
            "message": " ".join(words),
            "operations": [[name, _parameter(name, choice)] for name, choice in chosen],
            "wordings": [*rest[len(operations) :]],
        }

    return Kind(
        name="+".join(operations),
        phrasings=FRAMES,
        sizes=(
            comb(len(WORDS), LENGTH),
            factorial(LENGTH) - 1,
            *variants,
            *(len(OPERATIONS[operation]) for operation in operations),
        ),
        decode=decode,
        tell=_tell,
        instruction=COUNT if counts else TEXT,
        verifier="math" if counts else "exact",
        solve=_solve,
    )


TEXT_MANIPULATION = Procedure(
    skill=Skill(
        name="text_manipulation",
        levels=3,
        verifier="exact",
        about="Change a short message letter by letter and word by word, as told.",
    ),
    misconceptions=(
        Misconception("shifts_the_wrong_way", "Forward in the alphabet is towards a."),
        Misconception(
            "forgets_to_wrap_around",
            "A letter that would pass the end of the alphabet stays as it is.",
        ),
        Misconception("counts_spaces", "A space counts like a letter."),
        Misconception(
            "starts_at_the_first_letter", "Taking every k-th letter begins with the first letter."
        ),
        Misconception(
            "keeps_a_leading_vowel",
            "A vowel at the beginning of a word stays, as in abbreviations.",
        ),
        Misconception(
            "confuses_words_and_letters",
            "Reversing the words and reversing their letters is the same.",
        ),
        Misconception(
            "stops_one_operation_early", "The text is finished before the last operation."
        ),
    ),
    levels=tuple(tuple(map(_chain, chains)) for chains in CHAINS),
)
