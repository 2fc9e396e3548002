"""Families of level 3 on texts: what occurs most often, and runs of equal letters."""

from itertools import groupby

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
from agents.embedded.functions.writings import ALL_WRITINGS, WRITINGS, sentence

_TIES: dict[str, tuple[str, str]] = {
    "alphabet first": ("the one that comes first in the alphabet", "sorted(counts)"),
    "alphabet last": ("the one that comes last in the alphabet", "sorted(counts)"),
    "text first": ("the one that occurs first", "list(counts)"),
    "text last": ("the one whose first occurrence comes last", "list(counts)"),
}
_UNITS = {"words": "word", "letters": "letter"}
_GIVEN: Options = [["name", None], ["name", ""], ["pair", None]]


def _often_kata(parts: Parts) -> Kata:
    x, (asked, empty) = parts["writing"], parts["asked"]
    one = _UNITS[parts["unit"]]
    most = "most" if parts["most"] else "least"
    wanted = {
        "name": f"the {one} that occurs {most} often in the {x}, in small letters",
        "pair": f"the {one} that occurs {most} often in the {x}, in small letters, and how often "
        f"it does, as a tuple",
    }[asked]
    case = told(
        parts,
        "Small and capital letters count as the same.",
        "Upper and lower case make no difference.",
    )
    parted = _PARTED[parts["unit"]]
    only = "" if parts["most"] else f" Only what occurs at all is meant by the {one}s of a text."
    ties = told(
        parts,
        f"If several {one}s occur equally often, it is {_TIES[parts['ties']][0]}.",
        f"Of several such {one}s take {_TIES[parts['ties']][0]}.",
    )
    plain = {"name": "str", "pair": "tuple[str, int]"}[asked]
    edges = {
        ("words", True): ("Toe   sea BEE  as Sea bee", " "),
        ("words", False): ("Toe   sea BEE  as Toe AS", " "),
        ("letters", True): ("T sea, SE!", "!"),
        ("letters", False): ("T sea, TA!", "!"),
    }[parts["unit"], parts["most"]]
    return Kata(
        name=f"{most}_often" if asked == "name" else f"{most}_often_{asked}",
        arguments=(sentence(WRITINGS[x], "abA B" if one == "word" else "eSsB b!", 12),),
        returns=plain if empty is not None else f"{plain} | None",
        story=story(parts, WRITINGS[x].stories),
        wanted=wanted,
        notes=(
            f"{case} {parted}{only}",
            ties,
            otherwise(parts, f"there is no {one} in it", empty),
        ),
        edges=tuple((each,) for each in edges),
    )


_PARTED = {
    "words": "Words are parted by one or more spaces.",
    "letters": "Spaces, signs and digits are no letters.",
}


def _write_often(parts: Parts, page: Page) -> None:
    x, (asked, empty) = parts["writing"], parts["asked"]
    one = _UNITS[parts["unit"]]
    page.write("Begin the function", f"def {_often_kata(parts).name}({x}):", 0)
    page.write("Nothing is counted yet", "counts = {}")
    text_of = page.either(f"{x}.lower()", minds_the_case=x)
    if one == "word":
        split = page.either(f"{text_of}.split()", splits_at_every_space=f"{text_of}.split(' ')")
        page.write("Take one word after the other", f"for word in {split}:")
        depth = 2
    else:
        page.write("Take one letter after the other", f"for letter in {text_of}:")
        page.write("Look whether it is one", "if letter.isalpha():", 2)
        depth = 3
    more = page.either(f"counts.get({one}, 0) + 1", overwrites_instead_of_adding="1")
    page.write("Count it", f"counts[{one}] = {more}", depth)
    if page.either(True, forgets_the_empty_case=False):
        page.write("There may be none", "if not counts:")
        nothing = page.either(repr(empty), takes_zero_for_no_answer="0")
        page.write("Then there is a value for that", f"return {nothing}", 2)
    _write_choice(parts, page)
    page.finish("best" if asked == "name" else "best, counts[best]")


def _write_choice(parts: Parts, page: Page) -> None:
    """Write how one of those that were counted is chosen."""
    one, order = _UNITS[parts["unit"]], _TIES[parts["ties"]][1]
    page.write("Go over them in the order that decides", f"ordered = {order}")
    page.write("The first is the best yet", "best = ordered[0]")
    page.write("Compare the others with it", f"for {one} in ordered[1:]:")
    strict = ">" if parts["most"] else "<"
    right, wrong = (strict, f"{strict}=")
    if parts["ties"].endswith("last"):
        right, wrong = wrong, right
    sign = page.either(right, keeps_the_wrong_of_equals=wrong)
    page.write("Look whether it is better", f"if counts[{one}] {sign} counts[best]:", 2)
    page.write("Then it is the best yet", f"best = {one}", 3)


def _often_value(parts: Parts, given: str) -> object:
    low, (asked, empty) = given.lower(), parts["asked"]
    if parts["unit"] == "words":
        things = [each for each in low.split(" ") if each]
    else:
        things = [each for each in low if "a" <= each <= "z"]
    if not things:
        return empty
    counts = [things.count(each) for each in things]
    best = max(counts) if parts["most"] else min(counts)
    found = [each for at, each in enumerate(things) if counts[at] == best]
    found = [each for at, each in enumerate(found) if each not in found[:at]]
    by, which = parts["ties"].split()
    ordered = sorted(found) if by == "alphabet" else found
    name = ordered[0 if which == "first" else -1]
    return name if asked == "name" else (name, best)


OFTEN = Family(
    name="often",
    axes={
        "writing": ALL_WRITINGS,
        "unit": list(_UNITS),
        "most": [True, False],
        "ties": list(_TIES),
        "asked": _GIVEN,
        "phrasing": PHRASINGS,
    },
    kata=_often_kata,
    write=_write_often,
    value=_often_value,
)


_STRIPS: dict[str, tuple[str, tuple[str, str]]] = {
    "pattern": ("stitches", (
        "A knitting machine reads its pattern as a row of letters, one for each stitch.",
        "Grandmother writes down knitting patterns letter by letter, a letter for each colour.",
    )),
    "beads": ("beads", (
        "A string of beads is written down as one letter for each bead.",
        "Somebody threads beads and notes their colours as letters.",
    )),
    "track": ("pieces of track", (
        "A toy railway's track is a row of letters, each for one piece.",
        "The plan of a marble run names its pieces by letters.",
    )),
    "rhythm": ("beats", (
        "A drummer writes a rhythm as letters, one for each beat.",
        "A drum machine is fed with a text in which each letter is a beat.",
    )),
    "hedge": ("bushes", (
        "A gardener draws the hedge as a row of letters, one for each bush.",
        "The bushes of a hedge are listed from one end to the other, a letter for each kind.",
    )),
    "weather": ("days", (
        "A diary of the weather has one letter for each day.",
        "Somebody notes the weather of each day as a letter.",
    )),
    "fence": ("planks", (
        "Each plank of a fence has a colour, written as a letter.",
        "A painter's plan of a fence has one letter for each plank.",
    )),
    "mosaic": ("stones", (
        "A row of a mosaic is written as letters, one for each stone.",
        "The stones of a mosaic are listed row by row, as letters.",
    )),
}  # fmt: skip
_STYLES: dict[str, tuple[str, str, str]] = {
    "letter first": (
        "the letter followed by the length of the run",
        "current + str(length)",
        "{letter}{length}",
    ),
    "length first": (
        "the length of the run followed by the letter",
        "str(length) + current",
        "{length}{letter}",
    ),
    "times": (
        "the length of the run, a small x and the letter",
        "str(length) + 'x' + current",
        "{length}x{letter}",
    ),
    "brackets": (
        "the letter and, in round brackets, the length of the run",
        "current + '(' + str(length) + ')'",
        "{letter}({length})",
    ),
}
_SEPARATORS: Options = [" ", "-", ",", "/"]
_LEAST: Options = [1, 2, 3]
_SHOWN_RUNS = choice(
    "aaabccd", "BBBBa", "rrrgggb", "abcabc", "xxyyyyzx", "ttTto", "nnNNmm", "kLLlkk",
    "ssssSs", "dddd", "eEefgg", "hhjjjh", "ppqqqqqp", "aAabBB", "wwww", "cddde", "ooOuuu",
)  # fmt: skip


def _runs_kata(parts: Parts) -> Kata:
    strip, least = parts["strip"], parts["least"]
    many, stories = _STRIPS[strip]
    words, *_ = _STYLES[parts["style"]]
    runs = "run" if least == 1 else f"run of at least {least} {many}"
    run = told(
        parts,
        "A run is as many equal letters as stand next to one another; one letter alone is a run "
        "of length 1.",
        "Equal letters that stand side by side make a run, and a single letter is a run of "
        "length 1.",
    )
    case = (
        "Capital and small letters are the same, and come out as small letters."
        if parts["folded"]
        else "A capital letter is another letter than the small one."
    )
    name = f"runs_of_{strip}"
    return Kata(
        name=name,
        arguments=(Argument(strip, "str", text("aAb", 9), _SHOWN_RUNS),),
        returns="str",
        story=story(parts, stories),
        wanted=f"a shorter way to write it: for each {runs} {words}, in their order, with "
        f"`{parts['separator']!r}` between two of them",
        notes=(run, case, otherwise(parts, f"there is no such {runs.split()[0]}", "")),
        edges=((f"b{'a' * least}bbbbAaA",), ("",)),
    )


def _write_runs(parts: Parts, page: Page) -> None:
    strip, least, separator = parts["strip"], parts["least"], parts["separator"]
    _, code, _ = _STYLES[parts["style"]]
    page.write("Begin the function", f"def {_runs_kata(parts).name}({strip}):", 0)
    letters = strip
    if parts["folded"]:
        letters = "letters"
        page.write("Make all letters small", f"letters = {_folded(strip, page)}")
    if page.either(True, forgets_the_empty_case=False):
        page.write("There may be no letters", f"if not {letters}:")
        page.write("Then there is nothing to write", "return ''", 2)
    page.write("No run is finished yet", "runs = []")
    page.write("The first letter begins a run", f"current, length = {letters}[0], 1")
    page.write("Take one letter after the other", f"for letter in {letters}[1:]:")
    page.write("Look whether the run goes on", "if letter == current:", 2)
    page.write("Then it is longer by one", "length += 1", 3)
    page.write("Otherwise it is finished", "else:", 2)
    depth = 3
    test = f"length >= {least}"
    if least > 1:
        test = page.either(test, misreads_the_boundary=f"length > {least}")
        page.write("Look whether it is long enough", f"if {test}:", 3)
        depth = 4
    page.write("Write it down", f"runs.append({code})", depth)
    begin = page.either("current, length = letter, 1", forgets_to_start_again="current = letter")
    page.write("A new run begins", begin, 3)
    if page.either(True, forgets_the_last_group=False):
        if least > 1:
            page.write("Look whether the last run is long enough", f"if {test}:")
        page.write("Write the last run down", f"runs.append({code})", 1 + (least > 1))
    page.write("Put the runs together", f"return {separator!r}.join(runs)")


def _folded(strip: str, page: Page) -> str:
    return page.either(f"{strip}.lower()", minds_the_case=strip)


def _runs_value(parts: Parts, given: str) -> object:
    *_, form = _STYLES[parts["style"]]
    folded = given.lower() if parts["folded"] else given
    runs = [(letter, len(list(run))) for letter, run in groupby(folded)]
    return parts["separator"].join(
        form.format(letter=letter, length=length)
        for letter, length in runs
        if length >= parts["least"]
    )


RUNS = Family(
    name="runs",
    axes={
        "strip": list(_STRIPS),
        "style": list(_STYLES),
        "separator": _SEPARATORS,
        "least": _LEAST,
        "folded": [True, False],
        "phrasing": PHRASINGS,
    },
    kata=_runs_kata,
    write=_write_runs,
    value=_runs_value,
)
