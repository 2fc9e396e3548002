"""Families of level 1 on texts: look for certain letters; cut or fill up to a length."""

from agents.embedded.functions.family import (
    PHRASINGS,
    Argument,
    Family,
    Kata,
    Options,
    Parts,
    choice,
    otherwise,
    story,
    text,
    told,
)
from agents.embedded.functions.page import Page
from agents.embedded.functions.writings import ALL_WRITINGS, SENTENCES, WRITINGS, sentence

_GROUPS: Options = [
    "aeiou", "ae", "st", "nor", "bdg", "mnt", "lrs", "io", "ent", "abc", "ou", "hst",
]  # fmt: skip
_FINDS: Options = [
    ["count", 0],
    ["kept", ""],
    ["removed", ""],
    ["first", 0],
    ["first", None],
    ["last", 0],
    ["last", -1],
]


def _spoken(letters: str) -> str:
    if letters == "aeiou":
        return "vowels (a, e, i, o and u)"
    return f"letters {', '.join(letters[:-1])} and {letters[-1]}"


def _letters_kata(parts: Parts) -> Kata:
    writing, letters = WRITINGS[parts["writing"]], parts["letters"]
    find, empty = parts["find"]
    group, x = _spoken(letters), writing.name
    wanted = {
        "count": f"how often the {group} stand in the {x}, all together",
        "kept": f"what is left of the {x} if everything but the {group} is taken out",
        "removed": f"what is left of the {x} if the {group} are taken out",
        "first": f"the place in the {x} at which one of the {group} stands first",
        "last": f"the place in the {x} at which one of the {group} stands last",
    }[find]
    case = told(
        parts,
        "Small and capital letters count alike.",
        "Capital letters are meant as well.",
        "Whether a letter is a capital makes no difference.",
    )
    places = "The first character of the text has the place 1, and spaces count as characters."
    spaces = "Nothing else changes, and letters that stay keep their case."
    none = otherwise(parts, "none of them stands in it", empty)
    notes: dict[str, tuple[str, ...]] = {
        "count": (case, none),
        "kept": (case, spaces, none),
        "removed": (case, spaces, otherwise(parts, "nothing is left", "")),
    }
    begin = letters[0]
    edge = f"m {begin.upper()}{letters[1]}xx{begin}y"
    alphabet = f"{begin.upper()}{begin}{letters[1].upper()}{letters[-1]}xx Y"
    return Kata(
        name={"count": "count_letters", "kept": "only_letters", "removed": "without_letters"}.get(
            find, f"{find}_place"
        ),
        arguments=(sentence(writing, alphabet, 8),),
        returns="str" if empty == "" else ("int | None" if empty is None else "int"),
        story=story(parts, writing.stories),
        wanted=wanted,
        notes=notes.get(find, (case, places, none)),
        edges=((edge,), ("",)),
    )


def _write_letters(parts: Parts, page: Page) -> None:
    letters, (find, empty) = parts["letters"], parts["find"]
    x = parts["writing"]
    page.write("Begin the function", f"def {_letters_kata(parts).name}({x}):", 0)
    nothing = repr(empty)
    placed = find in ("first", "last")
    if placed:
        nothing = page.either(nothing, takes_zero_for_no_answer="0")
    page.write("Nothing is found yet", f"found = {nothing}")
    if placed:
        zero = f"enumerate({x})"
        pairs = page.either(f"enumerate({x}, 1)", counts_from_zero=zero)
        page.write("Take every letter with its place", f"for place, letter in {pairs}:")
    else:
        page.write("Take one letter after the other", f"for letter in {x}:")
    test = page.either("letter.lower()", minds_the_case="letter")
    word = "not in" if find == "removed" else "in"
    group = f"{word} {letters!r}"
    page.write("Look whether it is one of those", f"if {test} {group}:", 2)
    if find == "first":
        page.write("The first one decides", "return place", 3)
    else:
        how = {"count": "found += 1", "last": "found = place"}.get(find, "found += letter")
        page.write("Then take it in", how, 3)
    page.finish("found")


def _letters_value(parts: Parts, given: str) -> object:
    find, empty = parts["find"]
    group = set(parts["letters"]) | set(parts["letters"].upper())
    places = [at + 1 for at in range(len(given)) if given[at] in group]
    if find == "count":
        return len(places)
    if find in ("kept", "removed"):
        return "".join(each for each in given if (each in group) == (find == "kept"))
    return empty if not places else places[0 if find == "first" else -1]


LETTERS = Family(
    name="letters",
    axes={
        "writing": ALL_WRITINGS,
        "letters": _GROUPS,
        "find": _FINDS,
        "phrasing": PHRASINGS,
    },
    kata=_letters_kata,
    write=_write_letters,
    value=_letters_value,
)


_ENDINGS: Options = ["...", "~", "[+]", " >>"]
_EMPTY: Options = ["?", "untitled", "-", "(empty)"]
_SHORT = choice(
    *sorted({" ".join(each.split()[:n]) for each in SENTENCES for n in (1, 2, 3, 4)}),
)


def _cut_kata(parts: Parts) -> Kata:
    x, limit, ending = parts["writing"], parts["limit"], parts["ending"]
    writing = WRITINGS[x]
    if parts["within"]:
        rule = f"so that it has {limit} characters together with `{ending!r}` at its end"
    else:
        rule = f"to its first {limit} characters, behind which `{ending!r}` is put"
    known = told(
        parts,
        f"A {x} of at most {limit} characters stays as it is.",
        f"Up to {limit} characters, {limit} included, nothing is changed.",
    )
    return Kata(
        name=f"short_{x}",
        arguments=(Argument(x, "str", text("ab c", limit + 3), _SHORT),),
        returns="str",
        story=story(parts, writing.stories),
        wanted=f"the {x} as it fits onto a display: if it has more than {limit} characters it is "
        f"cut, {rule}",
        notes=(
            known,
            "Spaces are characters like any other, wherever the cut falls.",
            otherwise(parts, f"the {x} is empty", parts["empty"]),
        ),
        edges=((("the tin of tea leaves" * 2)[:limit],), ("",)),
    )


def _write_cut(parts: Parts, page: Page) -> None:
    x, limit, ending = parts["writing"], parts["limit"], parts["ending"]
    page.write("Begin the function", f"def short_{x}({x}):", 0)
    if page.either(True, forgets_the_empty_case=False):
        page.write("It may be empty", f"if not {x}:")
        page.write("Then there is a word for that", f"return {parts['empty']!r}", 2)
    sign = page.either("<=", misreads_the_boundary="<")
    page.write("Look whether it is short enough", f"if len({x}) {sign} {limit}:")
    page.write("Then it stays as it is", f"return {x}", 2)
    left = limit - len(ending)
    if parts["within"]:
        end = page.either(
            str(left), forgets_what_is_added=str(limit), stops_one_short=str(left - 1)
        )
    else:
        end = page.either(str(limit), stops_one_short=str(limit - 1))
    page.write("Cut it and put the mark behind it", f"return {x}[:{end}] + {ending!r}")


def _cut_value(parts: Parts, given: str) -> object:
    if given == "":
        return parts["empty"]
    over = len(given) > parts["limit"]
    kept = parts["limit"] - (len(parts["ending"]) if parts["within"] else 0)
    return "".join([*given][:kept]) + parts["ending"] if over else given


CUT = Family(
    name="cut",
    axes={
        "writing": ALL_WRITINGS,
        "limit": [6, 7, 8, 9, 10, 12],
        "ending": _ENDINGS,
        "within": [True, False],
        "empty": _EMPTY,
        "phrasing": PHRASINGS,
    },
    kata=_cut_kata,
    write=_write_cut,
    value=_cut_value,
)
