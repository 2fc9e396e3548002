"""Drawn lessons, one verifier each, with answers that are right and answers that are wrong.

What a newcomer gets wrong: that an answer is wrong must be known without asking the verifier. So a
wrong answer is the reference of another lesson whose value is another, a near miss made by a rule
whose effect on the value is plain, or what a simulated student wrote whose slip shows in the value.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from pydantic import JsonValue

from agents.embedded.domain import Domain
from agents.embedded.domains import domains
from agents.verifiers import verifier
from storage.ids import derive_seed

WORDS = [
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "islet", "juniper",
    "kelp", "larch", "mesa", "notch", "oasis", "prairie", "quarry", "ridge", "slope", "tundra",
    "upland", "valley", "willow", "yarrow",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """One reference with its data, and answers to it."""

    verifier: str
    reference: str
    data: dict[str, JsonValue] = field(default_factory=dict)
    value: object = None
    """What the reference says; two references of one verifier are cross-paired if it differs."""
    right: tuple[str, ...] = ()
    """Other ways to write the reference."""
    wrong: tuple[str, ...] = ()
    """Near misses beside those that the verifier makes itself."""

    def near_misses(self) -> Iterator[str]:
        """Yield every answer that is wrong whatever the other lessons are."""
        known = verifier(self.verifier)
        made = getattr(known, "mutants", None)
        yield from made(self.reference, self.data) if made else ()
        yield known.changed(self.reference, self.data)
        yield from self.wrong


Drawn = Callable[[Random], Trial]


def exact(draw: Random) -> Trial:
    """Draw a row of words; wrong are two of them changed round, one left out, one in capitals."""
    words = draw.sample(WORDS, draw.randint(3, 6))
    text = " ".join(words)
    swapped = " ".join([words[1], words[0], *words[2:]])
    wrong = (swapped, " ".join(words[1:]), text.replace(words[2], words[2].upper()))
    return Trial("exact", text, {}, text, (f"  {text} \n",), wrong)


def integer(draw: Random) -> Trial:
    """Draw an integer; wrong are a digit more or less, the other sign, and a neighbour."""
    number = draw.randint(1_000, 999_999) * draw.choice([-1, 1])
    wrong = (str(number * 10), str(-number), str(number - 1), f"{number}.5", f"{number} or 7")
    return Trial("integer", str(number), {}, number, (f"{number:,}", f" {number}."), wrong)


def decimal(draw: Random) -> Trial:
    """Draw a number of two places; wrong are other places and values that are off by little."""
    cents = draw.randint(100, 99_999)
    text = f"{cents / 100:.2f}"
    wrong = (f"{(cents + 1) / 100:.2f}", f"{text}0", f"{cents / 100:.1f}", f"-{text}", f"{text}%")
    return Trial("decimal", text, {"places": 2}, cents, (f"{cents / 100:,.2f}",), wrong)


def fraction(draw: Random) -> Trial:
    """Draw a fraction; wrong are its reciprocal, its negative, and a part that is off by one."""
    value = Fraction(draw.randint(1, 97), draw.randint(2, 97))
    top, bottom = value.numerator, value.denominator + (value == 1)
    value = Fraction(top, bottom)
    wrong = (f"{top + 1}/{bottom}", f"{top}/{bottom + 1}", f"-{top}/{bottom}", f"{top}/0")
    turned = (f"{bottom}/{top}",) if value != 1 else ()
    right = (f"{top * 3}/{bottom * 3}", f" {top} / {bottom} ")
    return Trial("fraction", f"{top}/{bottom}", {}, value, right, wrong + turned)


def day(draw: Random) -> Trial:
    """Draw a date; wrong are the days beside it, the next month, and what is no date."""
    when = date(1990, 1, 1) + timedelta(days=draw.randint(0, 20_000))
    near = [(when + timedelta(days=n)).isoformat() for n in (-1, 1, 31, 365)]
    data: dict[str, JsonValue] = {"formats": ["YYYY-MM-DD", "D MMMM YYYY"]}
    right = (f"{when.day} {when:%B %Y}",)
    return Trial("date", when.isoformat(), data, when, right, (*near, f"{when.year}-02-30"))


def choice(draw: Random) -> Trial:
    """Draw a choice of four; wrong are the other three, and two at once."""
    texts = draw.sample(WORDS, 4)
    choices = dict(zip("ABCD", texts, strict=True))
    letter = draw.choice("ABCD")
    others = [other for other in "ABCD" if other != letter]
    wrong = (*others, *(choices[o] for o in others), f"{letter} or {others[0]}")
    right = (f"({letter})", choices[letter])
    data: dict[str, JsonValue] = {"choices": dict(choices)}
    return Trial("choice", letter, data, letter, right, wrong)


def sequence(draw: Random) -> Trial:
    """Draw a row of integers; wrong are one changed, one lost, one doubled, and another order."""
    numbers = [draw.randint(-99, 99) for _ in range(draw.randint(3, 7))]
    wrong = {_row(each) for each in _altered(numbers)} | {_row(numbers[::-1])} - {_row(numbers)}
    data: dict[str, JsonValue] = {"element": "integer"}
    right = (f"[{_row(numbers)}]", "; ".join(map(str, numbers)))
    return Trial("sequence", _row(numbers), data, tuple(numbers), right, tuple(sorted(wrong)))


def multiset(draw: Random) -> Trial:
    """Draw integers in any order; wrong are one changed, one lost and one doubled."""
    numbers = [draw.randint(-99, 99) for _ in range(draw.randint(3, 7))]
    data: dict[str, JsonValue] = {"element": "integer"}
    value, right = tuple(sorted(numbers)), (_row(sorted(numbers)), _row(numbers[::-1]))
    return Trial("multiset", _row(numbers), data, value, right, tuple(map(_row, _altered(numbers))))


def json_value(draw: Random) -> Trial:
    """Draw an object; wrong are a member changed, lost, added, or of another type."""
    row = {"name": draw.choice(WORDS), "n": draw.randint(1, 999), "tags": draw.sample(WORDS, 2)}
    altered = (
        row | {"n": draw.randint(1_000, 2_000)},
        row | {"n": str(row["n"])},
        row | {"tags": []},
        {key: value for key, value in row.items() if key != "name"},
        row | {"more": None},
    )
    data: dict[str, JsonValue] = {
        "compare": True,
        "schema": {"type": "object", "required": ["name", "n", "tags"]},
    }
    text = json.dumps(row)
    right = (json.dumps(row, indent=1), json.dumps(dict(reversed(row.items()))))
    return Trial("json", text, data, text, right, (*map(json.dumps, altered), text + ","))


def number(draw: Random) -> Trial:
    """Draw a fraction for `math`; right are other ways to write it, wrong its neighbours."""
    value = Fraction(draw.randint(1, 9_999), draw.choice([1, 2, 4, 5, 8, 10, 25, 100]))
    near = (value + 1, -value, value * 10, value / 10, value + Fraction(1, 1000))
    prose = (f"not {value}", f"{value} or 3", f"The answer is not {value}", f"{value} apples")
    right = (f"{float(value)}", f"{value.numerator * 2}/{value.denominator * 2}", f"${value}$")
    wrong = (*map(str, near), *prose)
    return Trial("math", str(value), {}, value, right, wrong)


def expression(draw: Random) -> Trial:
    """Draw a product of two factors for `math`; right is the sum that it is, wrong are near it."""
    a, b, c = draw.randint(2, 9), draw.randint(-9, -1), draw.randint(1, 9)
    value = (a, a * c + b, b * c)
    right = (f"{value[0]}x^2 {value[1]:+}x {value[2]:+}", f"({c}+x)({a}x{b:+})")
    wrong = (
        f"{value[0]}x^2 {value[1]:+}x {-value[2]:+}",
        f"{value[0]}x^2 {value[1] + 1:+}x {value[2]:+}",
        f"{value[0]}x^3 {value[1]:+}x {value[2]:+}",
        f"({a}x{b:+})(x-{c})",
        f"({a}y{b:+})(y+{c})",
    )
    return Trial("math", f"({a}x{b:+})(x+{c})", {}, value, right, wrong)


def constraints(draw: Random) -> Trial:
    """Draw a row of words of which the number, one word and the case are demanded."""
    words = [*draw.sample(WORDS, draw.randint(4, 9))]
    text, kept = " ".join(words), words[-1]
    demands: list[JsonValue] = [
        {"kind": "words", "exactly": len(words)},
        {"kind": "must_contain", "text": kept, "whole_word": True},
        {"kind": "case", "is_all": "lower"},
    ]
    wrong = (f"{text} more", " ".join(words[1:]), text.title(), text.replace(kept, "other"))
    return Trial("constraints", text, {"constraints": demands}, None, (f"{text}.",), wrong)


def grounded(draw: Random) -> Trial:
    """Draw a passage of three prices and their sum; wrong are the sum, a quote, a working."""
    prices = draw.sample(range(11, 999), 3)
    quotes = [f"the {n} costs {p} pounds" for n, p in zip("abc", prices, strict=True)]
    total, working = str(sum(prices)), " + ".join(map(str, prices))
    claim = {"answer": total, "quotes": quotes, "numbers": [{"value": total, "from": working}]}
    off = str(sum(prices) + 1)
    wrong = (
        claim | {"answer": off},
        claim | {"answer": off, "numbers": [{"value": off, "from": working}]},
        claim | {"numbers": [{"value": total, "from": f"{total} + 0"}]},
        claim | {"quotes": [quotes[0].replace(str(prices[0]), off), *quotes[1:]]},
        claim | {"quotes": []},
    )
    data: dict[str, JsonValue] = {"passage": "; ".join(quotes), "answer": "math"}
    text = json.dumps(claim)
    right = (json.dumps(claim, indent=1),)
    return Trial("grounded", text, data, text, right, tuple(map(json.dumps, wrong)))


def query(draw: Random) -> Trial:
    """Draw a query over a shop of toys; wrong are other boundaries, conditions, columns, orders."""
    low, stock, town = draw.randint(3, 30), draw.randint(2, 9), draw.choice(WORDS[:6])
    most, kept = f"price <= {low}", f"stock > {stock}"
    where = f"FROM toys WHERE {most} AND {kept}"
    reference = f"SELECT name, price {where} ORDER BY price DESC, name"
    right = (
        f"SELECT t.name, t.price FROM toys AS t WHERE NOT t.price > {low} AND t.stock >= "
        f"{stock + 1} ORDER BY 2 DESC, 1",
    )
    wrong = (
        reference.replace("<=", "<"),
        reference.replace(kept, f"stock >= {stock}"),
        reference.replace(f" AND {kept}", ""),
        reference.replace(" DESC", ""),
        reference.replace("name, price", "price, name"),
        reference.replace(most, f"town = '{town}'"),
        "SELECT 1",
    )
    data: dict[str, JsonValue] = {"script": _toys(draw), "ordered": True}
    return Trial("sql", reference, data, None, right, wrong)


def _toys(draw: Random) -> str:
    """Return a script that makes a shop of thirty toys."""
    rows = (
        f"({n}, '{draw.choice(WORDS)} {n}', {draw.randint(1, 40)}, {draw.randint(0, 12)}, "
        f"'{draw.choice(WORDS[:6])}')"
        for n in range(1, 31)
    )
    table = "id INTEGER PRIMARY KEY, name TEXT UNIQUE, price INTEGER, stock INTEGER, town TEXT"
    return f"CREATE TABLE toys ({table}); INSERT INTO toys VALUES {', '.join(rows)};"


def program(draw: Random) -> Trial:
    """Draw a function of a list of integers; wrong are slips, constants, and examples learnt."""
    name, least = draw.choice(WORDS), draw.choice([-3, -2, 2, 3])
    loop = "    total = {start}\n    for x in {of}:\n        if x {sign} {least}:\n"
    loop += "            {then}\n"
    body = f"def {name}(xs):\n{loop}    return {{back}}\n"
    right = {
        "start": 0,
        "of": "xs",
        "sign": ">",
        "least": least,
        "then": "total += x",
        "back": "total",
    }
    slips: list[dict[str, object]] = [
        {"sign": ">="},
        {"sign": "<"},
        {"least": least + 1},
        {"start": 1},
        {"of": "xs[1:]"},
        {"of": "set(xs)"},
        {"then": "total += 1"},
        {"back": "float(total)"},
        {"back": "None"},
        {"back": "xs"},
    ]
    examples: list[JsonValue] = [[[[least, least + 1]], least + 1], [[[]], 0]]
    learnt = (
        f"def {name}(xs):\n    return {{({least}, {least + 1}): {least + 1}}}.get(tuple(xs), 0)\n"
    )
    data: dict[str, JsonValue] = {
        "entry_point": name,
        "cases": examples,
        "inputs": [{"list": {"of": {"int": [-5, 5]}, "length": [0, 9]}}],
        "hidden": 24,
    }
    other = f"def {name}(xs):\n    return sum(x for x in xs if x > {least})\n"
    wrong = (learnt, f"import os\nos._exit(0)\n{other}", *(body.format(**right | s) for s in slips))
    return Trial("code", body.format(**right), data, None, (other,), wrong)


def gym(draw: Random) -> Trial:
    """Draw a grid, numbers or an integer in the forms of reasoning-gym; wrong are near it."""
    form = draw.choice(["number_sorting", "rotate_matrix", "chain_sum"])
    data: dict[str, JsonValue] = {"data_set": form}
    if form == "chain_sum":
        number = draw.randint(-999, 999)
        wrong = (str(number + 1), str(-number or 1), f"{number}.5", f"{number} or 1")
        return Trial("reasoning_gym", str(number), data, (form, number), (), wrong)
    numbers = [draw.randint(0, 99) for _ in range(9)]
    if form == "number_sorting":
        told = [str(n) for n in sorted(numbers)]
        wrong = (str(told[:-1]), str([*told, told[-1]]), str([*told[1:], "100"]))
        return Trial("reasoning_gym", str(told), data, (form, *told), (), wrong)
    rows = [" ".join(map(str, numbers[n : n + 3])) for n in (0, 3, 6)]
    wrong = (
        "\n".join(rows[:2]),
        "\n".join([*rows, rows[0]]),
        "\n".join([f"100{rows[0]}", *rows[1:]]),
    )
    return Trial("reasoning_gym", "\n".join(rows), data, (form, *rows), (), wrong)


def embedded(domain: Domain) -> Drawn:
    """Return what draws a lesson of a domain; wrong is what each misconception makes of it."""

    def drawn(draw: Random) -> Trial:
        skill = draw.choice(domain.skills)
        level = draw.randint(1, skill.levels)
        draft = domain.draft(skill.name, level, draw.randrange(domain.capacity(skill.name, level)))
        reference = domain.work(draft.task, ()).answer
        beliefs = [each.name for each in domain.misconceptions(skill.name)]
        worked = [domain.work(draft.task, (name,)) for name in beliefs]
        wrong = tuple(w.answer for w in worked if w.slips and w.answer != reference)
        return Trial(draft.verifier, reference, draft.data, None, (), wrong)

    return drawn


TRIALS: dict[str, Drawn] = {
    "exact": exact,
    "integer": integer,
    "decimal": decimal,
    "fraction": fraction,
    "date": day,
    "choice": choice,
    "sequence": sequence,
    "multiset": multiset,
    "json": json_value,
    "math, numbers": number,
    "math, expressions": expression,
    "constraints": constraints,
    "grounded": grounded,
    "reasoning_gym": gym,
    "sql": query,
    "code": program,
    **{f"embedded {domain.name}": embedded(domain) for domain in domains()},
}
"""What is measured, by name."""
ESTIMATED = {"embedded shop", "embedded functions"}
"""Kinds whose wrong answers show rarely, or never: two queries that differ may mean the same, and a
program may err on one input in a thousand. Their share of accepted answers is an estimate."""


def trials(name: str, seed: int = 7) -> Iterator[Trial]:
    """Yield lessons of a kind without end, the same for the same seed."""
    draw = Random(derive_seed(seed, "trials", name))
    while True:
        yield TRIALS[name](draw)


def _row(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def _altered(numbers: list[int]) -> list[list[int]]:
    return [[numbers[0] + 1, *numbers[1:]], numbers[1:], [*numbers, numbers[-1]]]
