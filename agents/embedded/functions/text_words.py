"""Families of level 2 on texts: choose words and put them together; find the best word."""

from collections.abc import Callable

from agents.embedded.functions.family import (
    PHRASINGS,
    Family,
    Kata,
    Options,
    Parts,
    otherwise,
    story,
    told,
)
from agents.embedded.functions.page import Page
from agents.embedded.functions.writings import ALL_WRITINGS, WRITINGS, sentence

_LENGTH = 14
_SPACES = "Words are parted by one or more spaces, and there may be spaces at both ends."
_CHOSEN: Options = [
    *(["length", sign, n] for sign in ("at least", "at most") for n in (2, 3, 4)),
    ["begin", "a vowel", "aeiou"],
    ["begin", "an a or a b", "ab"],
    ["begin", "an s or an e", "es"],
    ["end", "a vowel", "aeiou"],
    ["end", "an s or a b", "bs"],
    ["end", "an e or an n", "en"],
]
_MADE: Options = ["as it is", "upper", "reversed", "initial", "length"]
_MADE_WORDS = {
    "as it is": "each as it stands",
    "upper": "each in capital letters",
    "reversed": "each spelt backwards",
    "initial": "of each only the first letter",
    "length": "each followed by the number of its letters",
}
_MADE_CODE = {
    "as it is": "word",
    "upper": "word.upper()",
    "reversed": "word[::-1]",
    "initial": "word[0]",
    "length": "word + str(len(word))",
}
_JOINS: Options = ["list", " ", "-", "/", ", "]


def _alphabet(letters: object) -> str:
    """Return what hidden texts are made of: letters in both cases, and often several spaces."""
    one, other = (letters[0], letters[1]) if isinstance(letters, str) else ("a", "e")
    return f"{one.upper()}{one}{other} x{other.upper()} "


def _chosen_words(parts: Parts) -> str:
    kind, *rest = parts["chosen"]
    if kind == "length":
        return f"words with {rest[0]} {rest[1]} letters"
    return f"words that {kind} with {rest[0]}"


def _pick_kata(parts: Parts) -> Kata:
    x, join = parts["writing"], parts["join"]
    how = _MADE_WORDS[parts["made"]]
    together = "in a list" if join == "list" else f"joined by `{join!r}`"
    nothing: object = [] if join == "list" else ""
    kind, *_, letters = parts["chosen"]
    case = told(
        parts,
        "Small and capital letters count alike.",
        "A capital letter is as good as a small one.",
    )
    return Kata(
        name=f"{'list' if join == 'list' else 'join'}_words_of_{x}",
        arguments=(sentence(WRITINGS[x], _alphabet(letters), _LENGTH),),
        returns="list[str]" if join == "list" else "str",
        story=story(parts, WRITINGS[x].stories),
        wanted=f"the {_chosen_words(parts)}, {how} and in their order, {together}",
        notes=(
            _SPACES,
            *((case,) if kind != "length" else ()),
            otherwise(parts, "there are no such words", nothing),
        ),
        edges=(("  Aha  bees eat  AS Bob sees ",), ("",)),
    )


def _write_pick(parts: Parts, page: Page) -> None:
    x, join = parts["writing"], parts["join"]
    kind, *rest = parts["chosen"]
    page.write("Begin the function", f"def {_pick_kata(parts).name}({x}):", 0)
    page.write("Collect what is kept", "kept = []")
    if kind == "length" and rest[0] == "at least":  # nothing that is empty is kept anyway
        words = f"{x}.split()"
    else:
        words = page.either(f"{x}.split()", splits_at_every_space=f"{x}.split(' ')")
    page.write("Take one word after the other", f"for word in {words}:")
    if kind == "length":
        right, wrong = (">=", ">") if rest[0] == "at least" else ("<=", "<")
        sign = page.either(right, misreads_the_boundary=wrong)
        test = f"len(word) {sign} {rest[1]}"
    else:
        letter = "word[0]" if kind == "begin" else "word[-1]"
        small = page.either(f"{letter}.lower()", minds_the_case=letter)
        test = f"{small} in {rest[1]!r}"
    page.write("Look whether it is one of those", f"if {test}:", 2)
    page.write("Then keep what is asked of it", f"kept.append({_MADE_CODE[parts['made']]})", 3)
    page.finish("kept" if join == "list" else f"{join!r}.join(kept)")


def _pick_value(parts: Parts, given: str) -> object:
    kind, *rest = parts["chosen"]
    kept = []
    for word in [each for each in given.split(" ") if each]:
        if kind == "length":
            met = len(word) >= rest[1] if rest[0] == "at least" else len(word) <= rest[1]
        else:
            met = (word[0] if kind == "begin" else word[-1]) in rest[1] + rest[1].upper()
        if met:
            made = {
                "as it is": word,
                "upper": word.upper(),
                "reversed": "".join(reversed(word)),
                "initial": word[:1],
                "length": f"{word}{len(word)}",
            }
            kept.append(made[parts["made"]])
    return kept if parts["join"] == "list" else parts["join"].join(kept)


PICK = Family(
    name="pick",
    axes={
        "writing": ALL_WRITINGS,
        "chosen": _CHOSEN,
        "made": _MADE,
        "join": _JOINS,
        "phrasing": PHRASINGS,
    },
    kata=_pick_kata,
    write=_write_pick,
    value=_pick_value,
)


def _occurrences(letter: str) -> Callable[[str], int]:
    return lambda word: sum(each in (letter, letter.upper()) for each in word)


_MEASURES: dict[str, tuple[str, str, str, str, Callable[[str], int]]] = {
    "letters": ("{} letters", "len(word)", "word", "word", len),
    "different letters": (
        "{} different letters",
        "len(set(word.lower()))",
        "len(set(word))",
        "word",
        lambda word: len({each.lower() for each in word}),
    ),
    **{
        f"letter {letter}": (
            f"{{}} letters {letter}",
            f"word.lower().count('{letter}')",
            f"word.count('{letter}')",
            "word",
            _occurrences(letter),
        )
        for letter in "aebs"
    },
}
_NONE: Options = [None, "", "-"]


def _best_kata(parts: Parts) -> Kata:
    x, most = parts["writing"], parts["most"]
    *_, letter = parts["measure"]
    alphabet = f"{letter}{letter.upper()} xXx " if "letter " in parts["measure"] else "ABab  "
    measured = _MEASURES[parts["measure"]][0].format("most" if most else "fewest")
    which = "last" if parts["last"] else "first"
    equal = told(
        parts,
        f"If several words have equally many, the {which} of them in the {x} counts.",
        f"Among words that are equal in that, take the {which} in the {x}.",
    )
    case = told(
        parts, "Small and capital letters count alike.", "A and a are the same letter here."
    )
    return Kata(
        name=f"word_with_{'most' if most else 'fewest'}_{parts['measure'].replace(' ', '_')}",
        arguments=(sentence(WRITINGS[x], alphabet, _LENGTH),),
        returns="str" if parts["none"] is not None else "str | None",
        story=story(parts, WRITINGS[x].stories),
        wanted=f"the word of the {x} with the {measured}, spelt as it stands there",
        notes=(
            _SPACES,
            equal,
            *((case,) if parts["measure"] != "letters" else ()),
            otherwise(parts, "it has no words at all", parts["none"]),
        ),
        edges=((" as  Bab Sea e aBBas  bases be ",), ("  ",)),
    )


def _write_best(parts: Parts, page: Page) -> None:
    x, most = parts["writing"], parts["most"]
    _, right, wrong, itself, _ = _MEASURES[parts["measure"]]
    page.write("Begin the function", f"def {_best_kata(parts).name}({x}):", 0)
    split = f"{x}.split()"
    if not most:  # an empty word never has the most of anything
        split = page.either(split, splits_at_every_space=f"{x}.split(' ')")
    page.write("Part the words", f"words = {split}")
    if page.either(True, forgets_the_empty_case=False):
        page.write("There may be none", "if not words:")
        nothing = page.either(repr(parts["none"]), takes_zero_for_no_answer="0")
        page.write("Then there is a value for that", f"return {nothing}", 2)
    page.write("The first word is the best yet", "best = words[0]")
    page.write("Take one word after the other", "for word in words[1:]:")
    measure = page.either(right, minds_the_case=wrong, compares_the_texts_themselves=itself)
    sign = ">" if most else "<"
    keeps, loses = (f"{sign}=", sign) if parts["last"] else (sign, f"{sign}=")
    sign = page.either(keeps, keeps_the_wrong_of_equals=loses)
    better = f"if {measure} {sign} {measure.replace('word', 'best')}:"
    page.write("Look whether it is better", better, 2)
    page.write("Then it is the best yet", "best = word", 3)
    page.finish("best")


def _best_value(parts: Parts, given: str) -> object:
    words = [each for each in given.split(" ") if each]
    if not words:
        return parts["none"]
    counts = [_MEASURES[parts["measure"]][4](word) for word in words]
    best = max(counts) if parts["most"] else min(counts)
    places = [place for place, count in enumerate(counts) if count == best]
    return words[places[-1 if parts["last"] else 0]]


BEST_WORD = Family(
    name="best_word",
    axes={
        "writing": ALL_WRITINGS,
        "most": [True, False],
        "measure": list(_MEASURES),
        "last": [False, True],
        "none": _NONE,
        "phrasing": PHRASINGS,
    },
    kata=_best_kata,
    write=_write_best,
    value=_best_value,
)
