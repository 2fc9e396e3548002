"""Number bases: numerals to and from base 2 up to 16, by division and by place values."""

from collections.abc import Sequence

from pydantic import JsonValue

from agents.embedded.domain import Misconception
from agents.embedded.procedures.procedure import Givens, Kind, Procedure, stated_as
from agents.embedded.procedures.sheet import Sheet
from storage.records import Skill

DIGITS = "0123456789ABCDEF"
NUMERAL = stated_as(
    "numeral", "Write only the digits, without leading zeros and without naming the base."
)
LETTERS = "Digits above nine are the capital letters A to F."
DECIMAL = stated_as("decimal number", "Write the number in the usual decimal notation.")
BASES = ((2, 3, 4, 5), (2, 3, 5, 6, 7, 8, 9), (16,))
"""The bases that go to and from decimal, by level."""
PAIRS = tuple((a, b) for a in (2, 3, 4, 5, 7, 16) for b in (2, 3, 6, 8, 9, 16) if a != b)
"""From and to, where a numeral goes from one base to another."""

TO_BASE = (
    "{who} wants to write the decimal number {value} in base {base}. What is the numeral?",
    "Convert {value} from decimal to base {base} for {who}.",
    "A machine that {who} has built counts in base {base}. How does it show the decimal number "
    "{value}?",
    "{who} reads in a puzzle book: write {value} as a base-{base} numeral. What is the answer?",
    "In a made-up country that {who} invented, people count in base {base}. How do they write the "
    "number that we write {value}?",
    "{who} labels box number {value} with its number in base {base}. What stands on the label?",
    "A secret lock takes numerals in base {base}. {who} knows the decimal number {value}. "
    "What must be typed in?",
    "Help {who} to express the decimal number {value} with the digits of base {base}.",
)
FROM_BASE = (
    "{who} finds the base-{base} numeral {numeral}. Which decimal number is it?",
    "Convert {numeral} from base {base} to decimal for {who}.",
    "A machine that {who} has built counts in base {base} and shows {numeral}. "
    "Which decimal number does it mean?",
    "{who} reads in a puzzle book: what is the base-{base} numeral {numeral} in decimal notation?",
    "In a made-up country that {who} invented, people count in base {base}. One of them writes "
    "{numeral}. How do we write this number?",
    "The label that {who} put on a box says {numeral}, a numeral in base {base}. "
    "What is the decimal number of the box?",
    "A display shows {numeral} in base {base}. Which decimal number should {who} write down?",
    "Help {who} to read {numeral}, written in base {base}, as a decimal number.",
)
BASE_TO_BASE = (
    "{who} has the base-{base} numeral {numeral}. How is the same number written in base {target}?",
    "Convert {numeral} from base {base} to base {target} for {who}.",
    "One machine that {who} owns counts in base {base} and shows {numeral}. Another counts in base "
    "{target}. What does it show for the same number?",
    "{who} translates the base-{base} numeral {numeral} into base {target}. What comes out?",
    "A note that {who} found says {numeral} in base {base}. Write this number in base {target}.",
    "In one country that {who} invented, people count in base {base}, in the next in base "
    "{target}. What is {numeral}, written in the first, on the other side of the border?",
    "A lock that {who} owns takes numerals in base {target}; the key card says {numeral} in base "
    "{base}. What must be typed in?",
    "Help {who} to rewrite the numeral {numeral} of base {base} as a numeral of base {target}.",
)


def numeral(value: int, base: int) -> str:
    """Return how a positive number is written in a base."""
    written = ""
    while value:
        value, digit = divmod(value, base)
        written = DIGITS[digit] + written
    return written


def _divide(sheet: Sheet, value: int, base: int) -> str:
    """Write a number in a base by repeated division."""
    remainders = ""
    while value:
        if value < base and sheet.either(False, stops_one_division_early=True):
            break
        quotient, digit = divmod(value, base)
        named = f" ({DIGITS[digit]})" if digit > 9 else ""
        sheet.write(f"{value} / {base} = {quotient}, remainder {digit}{named}.")
        remainders += DIGITS[digit]
        value = quotient
    shown = sheet.either(remainders, drops_a_zero=remainders.replace("0", "", 1)) or "0"
    written = sheet.either(shown[::-1], reads_remainders_top_down=shown)
    sheet.write(f"The remainders make the numeral {written}.")
    return written


def _weigh(sheet: Sheet, text: str, base: int) -> int:
    """Read a numeral by its place values, from the right."""
    read = sheet.either(text, drops_a_zero=text.replace("0", "", 1))
    read = sheet.either(read[::-1], confuses_place_values=read)
    sheet.write(f"The digits, beginning with the ones: {', '.join(read)}.")
    total = 0
    for at, letter in enumerate(read):
        place = sheet.either(base**at, adds_instead_of_multiplying=base * at if at else 1)
        digit = DIGITS.index(letter)
        if digit > 9:
            digit = sheet.either(digit, counts_a_as_eleven=digit + 1)
        total += digit * place
        sheet.write(f"Digit {letter}: {digit} x {place} = {digit * place}; {total} so far.")
    sheet.write(f"The number is {total}.")
    return total


def _solve_to(givens: Givens, sheet: Sheet) -> str:
    return _divide(sheet, givens["value"], givens["base"])


def _solve_from(givens: Givens, sheet: Sheet) -> str:
    return str(_weigh(sheet, givens["numeral"], givens["base"]))


def _solve_both(givens: Givens, sheet: Sheet) -> str:
    return _divide(sheet, _weigh(sheet, givens["numeral"], givens["base"]), givens["target"])


def _tell(givens: Givens) -> dict[str, str]:
    return {key: str(value) for key, value in givens.items()}


def _to_base(level: int) -> Kind:
    bases, least = BASES[level - 1], (20, 300, 300)[level - 1]

    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        return {"value": least + choices[0], "base": bases[choices[1]]}

    return Kind(
        name="to_base",
        phrasings=TO_BASE,
        sizes=((240, 3700, 3700)[level - 1], len(bases)),
        decode=decode,
        tell=_tell,
        instruction=f"{LETTERS} {NUMERAL}" if level == 3 else NUMERAL,
        verifier="exact",
        solve=_solve_to,
    )


def _from_base(level: int) -> Kind:
    bases, least = BASES[level - 1], (20, 300, 300)[level - 1]

    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        base = bases[choices[1]]
        return {"numeral": numeral(least + choices[0], base), "base": base}

    return Kind(
        name="from_base",
        phrasings=FROM_BASE,
        sizes=((240, 3700, 3700)[level - 1], len(bases)),
        decode=decode,
        tell=_tell,
        instruction=DECIMAL,
        verifier="exact",
        solve=_solve_from,
    )


def _base_to_base() -> Kind:
    def decode(choices: Sequence[int]) -> dict[str, JsonValue]:
        base, target = PAIRS[choices[1]]
        return {"numeral": numeral(60 + choices[0], base), "base": base, "target": target}

    return Kind(
        name="base_to_base",
        phrasings=BASE_TO_BASE,
        sizes=(900, len(PAIRS)),
        decode=decode,
        tell=_tell,
        instruction=f"{LETTERS} {NUMERAL}",
        verifier="exact",
        solve=_solve_both,
    )


NUMBER_BASES = Procedure(
    skill=Skill(
        name="number_bases",
        after=("sequences",),
        levels=3,
        verifier="exact",
        about="Convert whole numbers between decimal, binary and other bases up to hexadecimal.",
    ),
    misconceptions=(
        Misconception(
            "reads_remainders_top_down",
            "The remainders of the division, from the first to the last, are the numeral.",
        ),
        Misconception(
            "stops_one_division_early",
            "The division ends as soon as the number is smaller than the base.",
        ),
        Misconception("drops_a_zero", "A digit 0 adds nothing and can be left out."),
        Misconception("confuses_place_values", "The place values begin at the left with 1."),
        Misconception(
            "adds_instead_of_multiplying",
            "To multiply by a number again and again is to add it again and again.",
        ),
        Misconception("counts_a_as_eleven", "The letters begin with A for eleven."),
    ),
    levels=(
        (_to_base(1), _from_base(1)),
        (_to_base(2), _from_base(2)),
        (_to_base(3), _from_base(3), _base_to_base()),
    ),
)
