"""Read an expression out of tokens.

What a newcomer gets wrong: where mathematicians disagree about how a text is read, it is not read.
`1/2x`, `sin x/2` and `x2` can each mean two things, and a critic does not choose. A number that
follows a factor without a sign is refused, so `1 2` is no product, and `2 1/2` is none either.
"""

import re
from fractions import Fraction

from agents.verifiers.evidence import shown
from agents.verifiers.math.cursor import Cursor
from agents.verifiers.math.latex import latex
from agents.verifiers.math.tokens import Token, tokens_of
from agents.verifiers.math.tree import Node, NotMathematics, number, walk
from agents.verifiers.math.vocabulary import FUNCTIONS

TWO_WAYS = "it can be read in two ways"
_CLOSED_BY = {"(": ")", "[": "]", "{": "}", "|(": "|)", "|": "|"}
_ROUNDED = {"lfloor": ("rfloor", "floor"), "lceil": ("rceil", "ceil")}
_POSTFIX = {"!": "factorial", "%": "percent"}
_SUBSCRIPT = re.compile(r"[A-Za-z0-9+\-*,]{1,16}|\\[A-Za-z]{1,16}")
_FONT = re.compile(r"\\(?:text|mathrm)\{([A-Za-z]{1,16})\}")
_CALLED = frozenset("fgFG")
"""Letters that are functions where a bracket follows, or f(x + y) would be f(x) + f(y)."""
_RECIPROCAL = Node("neg", (Node("number", text="1"),))
_INVERSES = {
    **{"sin": "arcsin", "cos": "arccos", "tan": "arctan", "sinh": "arsinh", "cosh": "arcosh"},
    **{"tanh": "artanh"},
}


def expression(cursor: Cursor) -> Node:
    """Return the expression that begins at the cursor, and step over it.

    Raises:
        NotMathematics: there is none, or it can be read in two ways.
    """
    cursor.deeper()
    terms = [_signed(cursor, _sign(cursor) or "+")]
    while (sign := _sign(cursor)) is not None:
        terms.append(_signed(cursor, sign))
    cursor.depth -= 1
    return terms[0] if len(terms) == 1 else Node("add", tuple(terms))


def read_expression(text: str) -> Node:
    """Return the expression that a whole text is.

    Raises:
        NotMathematics: it is none.
    """
    cursor = Cursor(tokens_of(text))
    node = expression(cursor)
    if (left := cursor.peek()) is not None:
        raise NotMathematics(f"{shown(left.text)} is left over")
    return node


def _sign(cursor: Cursor) -> str | None:
    return cursor.take_sign("+", "-") or cursor.take_command("pm", "mp")


def _signed(cursor: Cursor, sign: str) -> Node:
    term = _term(cursor)
    if sign == "-":
        return Node("neg", (term,))
    return term if sign == "+" else Node(sign, (term,))


def _term(cursor: Cursor) -> Node:
    """Return a product; a factor right after a quotient could belong to either part of it."""
    term, divided = _power(cursor), False
    while True:
        if cursor.take_sign("*"):
            term, divided = _product(term, _factor(cursor)), False
        elif cursor.take_sign("/"):
            if any(each.op == "div" for each in (term, *term.args)):
                raise NotMathematics(TWO_WAYS)
            term, divided = Node("div", (term, _factor(cursor))), True
        elif _starts_factor(cursor):
            after = cursor.peek()
            if divided or (after is not None and after.kind == "number"):
                raise NotMathematics(TWO_WAYS)
            term = _product(term, _power(cursor))
        else:
            return term


def _product(left: Node, right: Node) -> Node:
    return Node("mul", (*(left.args if left.op == "mul" else (left,)), right))


def _factor(cursor: Cursor) -> Node:
    """Return what follows a sign of multiplication or division, which may have a minus."""
    return Node("neg", (_power(cursor),)) if cursor.take_sign("-") else _power(cursor)


def _starts_factor(cursor: Cursor) -> bool:
    token = cursor.peek()
    if token is None or token.kind in ("subscript", "line", "begin", "end"):
        return False
    if token.kind == "sign":
        return token.text in ("(", "[", "{", "|(") or (token.text == "|" and not cursor.bars)
    if token.kind == "command":
        heads = ("frac", "binom", "sqrt", "radical", "pi", *_ROUNDED)
        return token.text in FUNCTIONS or token.text in heads
    return True


def _power(cursor: Cursor) -> Node:
    token = cursor.peek()
    if token is not None and token.kind == "command" and token.text in FUNCTIONS:
        return _call(cursor)
    base = _primary(cursor)
    while True:
        if sign := cursor.take_sign(*_POSTFIX):
            base = _after(base, _POSTFIX[sign])
        elif _takes_degrees(cursor):
            base = _after(base, "degrees")
        elif cursor.take_sign("^"):
            return Node("pow", (base, _exponent(cursor)))
        else:
            return base


def _after(base: Node, op: str) -> Node:
    if base.op in ("factorial", "percent", "degrees"):
        raise NotMathematics(TWO_WAYS)
    return Node(op, (base,))


def _takes_degrees(cursor: Cursor) -> bool:
    r"""Step over `^\circ` or `^{\circ}` if it is next."""
    found = [cursor.peek(n) for n in range(4)]
    texts = [token.text if token else "" for token in found]
    long = 2 if texts[:2] == ["^", "circ"] else 4 if texts == ["^", "{", "circ", "}"] else 0
    cursor.at += long
    return long > 0


def _exponent(cursor: Cursor) -> Node:
    """Return an exponent: a group, or one factor that may have a sign and a power of its own."""
    if cursor.take_sign("{"):
        return _closed(cursor, "}")
    cursor.deeper()
    sign = cursor.take_sign("+", "-")
    exponent = _primary(cursor)
    if cursor.take_sign("^"):
        exponent = Node("pow", (exponent, _exponent(cursor)))
    cursor.depth -= 1
    return Node("neg", (exponent,)) if sign == "-" else exponent


def _closed(cursor: Cursor, closing: str) -> Node:
    node = expression(cursor)
    cursor.expect(closing)
    return node


def _primary(cursor: Cursor) -> Node:
    """Return a number, a variable, a constant, or what stands between brackets."""
    token = cursor.next()
    if token.kind == "number":
        return _number(cursor, token)
    if token.kind in ("letter", "name"):
        return _name(cursor, token)
    if token.kind == "sign" and token.text in _CLOSED_BY:
        return _group(cursor, token.text)
    if token.kind == "command":
        return _command(cursor, token.text)
    raise NotMathematics(f"{shown(token.text)} stands where a value should")


def _group(cursor: Cursor, opening: str) -> Node:
    if opening == "|":
        cursor.bars += 1
        if cursor.bars > 1:
            raise NotMathematics(TWO_WAYS)
    bars, cursor.bars = cursor.bars, cursor.bars if opening == "|" else 0
    node = _closed(cursor, _CLOSED_BY[opening])
    cursor.bars = bars - (opening == "|")
    return Node("abs", (node,)) if opening.startswith("|") else node


def _number(cursor: Cursor, token: Token) -> Node:
    """Return a number; with a subscript it is a numeral of that base, which equals only itself."""
    after = cursor.peek()
    if after is not None and after.kind == "subscript":
        if not (token.text.isdigit() and after.text.isdigit()):
            raise NotMathematics(f"{shown(token.text)} has a subscript")
        cursor.next()
        return Node("name", text=f"{token.text.lstrip('0') or '0'}_{{{after.text}}}")
    value = number(Fraction(token.text))
    if token.text.isdigit() and after is not None and after.is_command("frac"):
        return _mixed(cursor, value)
    return value


def _mixed(cursor: Cursor, whole: Node) -> Node:
    """Return a mixed number, or the integer alone if what follows is no fraction of integers."""
    start = cursor.at
    cursor.next()
    above, below = _fraction_parts(cursor)
    if above.op != "number" or below.op != "number":
        cursor.at = start
        return whole
    if "/" in above.text + below.text or not int(above.text) < int(below.text):
        raise NotMathematics(TWO_WAYS)
    return number(int(whole.text) + Fraction(int(above.text), int(below.text)))


def _name(cursor: Cursor, token: Token) -> Node:
    """Return a variable with its subscript and primes, or one of the constants e and i."""
    text = token.text
    after = cursor.peek()
    if after is not None and after.kind == "subscript":
        cursor.next()
        text = f"{text}_{{{_subscript(after.text)}}}"
    while cursor.take_sign("'"):
        text += "'"
    if text in ("e", "i"):
        return Node(text)
    if token.text in _CALLED and cursor.take_sign("("):
        text += f"({_arguments(cursor)})"
    return Node("name", text=text)


def _arguments(cursor: Cursor) -> str:
    """Return what an unknown function is called with; its value is a variable of its own."""
    arguments = [expression(cursor)]
    while cursor.take_sign(","):
        arguments.append(expression(cursor))
    cursor.expect(")")
    if any(each.op in ("pm", "mp") for argument in arguments for each in walk(argument)):
        raise NotMathematics(TWO_WAYS)
    return ", ".join(map(latex, arguments))


def _subscript(text: str) -> str:
    plain = _FONT.sub(r"\1", "".join(text.split()))
    if _SUBSCRIPT.fullmatch(plain) is None:
        raise NotMathematics(f"the subscript {shown(text)} is none that is read")
    return plain


def _command(cursor: Cursor, command: str) -> Node:
    if command == "pi":
        return Node("pi")
    if command == "frac":
        return Node("div", _fraction_parts(cursor))
    if command == "binom":
        return Node("binomial", _fraction_parts(cursor))
    if command in ("sqrt", "radical"):
        return _root(cursor, command)
    if command in _ROUNDED:
        closing, op = _ROUNDED[command]
        return Node(op, (_closed(cursor, closing),))
    raise NotMathematics(f"{shown(command)} stands where a value should")


def _fraction_parts(cursor: Cursor) -> tuple[Node, Node]:
    return _braced(cursor), _braced(cursor)


def _braced(cursor: Cursor) -> Node:
    r"""Return what a command is given: a group, or one sign such as a digit, as in `\frac12`."""
    if cursor.take_sign("{"):
        return _closed(cursor, "}")
    token = cursor.next()
    if token.kind == "number" and token.text.isdigit():
        cursor.split_after_first_digit(token)
        return number(int(token.text[0]))
    if token.kind in ("letter", "name"):
        return Node(token.text) if token.text in ("e", "i") else Node("name", text=token.text)
    if token.is_command("pi"):
        return Node("pi")
    raise NotMathematics(f"{shown(token.text)} stands where a group should")


def _root(cursor: Cursor, command: str) -> Node:
    degree = number(2)
    if cursor.take_sign("["):
        degree = _closed(cursor, "]")
    token = cursor.peek()
    if token is not None and token.is_sign("("):
        cursor.next()
        return Node("root", (_closed(cursor, ")"), degree))
    if token is not None and token.kind == "number" and len(token.text) > 1:
        if command == "sqrt":
            raise NotMathematics(TWO_WAYS)
        return Node("root", (number(Fraction(cursor.next().text)), degree))
    return Node("root", (_braced(cursor), degree))


def _call(cursor: Cursor) -> Node:
    """Return a function of its argument, with the power that may stand at the function's name."""
    cursor.deeper()
    name = cursor.next().text
    after = cursor.peek()
    base = None
    if name == "log" and after is not None and after.kind == "subscript":
        base = read_expression(cursor.next().text)
    power = _exponent(cursor) if cursor.take_sign("^") else None
    if power == _RECIPROCAL:
        if name not in _INVERSES:
            raise NotMathematics(TWO_WAYS)
        name, power = _INVERSES[name], None
    bracketed = (token := cursor.peek()) is not None and token.is_sign("(", "{", "[", "|(", "|")
    argument = _primary(cursor) if bracketed else _bare_argument(cursor)
    called = _applied(name, base, argument)
    if cursor.take_sign("^"):
        if power is not None or not bracketed:
            raise NotMathematics(TWO_WAYS)
        power = _exponent(cursor)
    cursor.depth -= 1
    return called if power is None else Node("pow", (called, power))


def _applied(name: str, base: Node | None, argument: Node) -> Node:
    if name == "abs":
        return Node("abs", (argument,))
    return Node("call", (argument,), name) if base is None else Node("log", (base, argument))


def _bare_argument(cursor: Cursor) -> Node:
    r"""Return the argument of `\sin 2x`: factors up to a sign, a function or a bracket."""
    argument = _power(cursor)
    while _starts_factor(cursor):
        token = cursor.peek()
        if token is not None and token.kind == "command" and token.text in FUNCTIONS:
            break
        if token is not None and (token.kind == "number" or token.kind == "sign"):
            raise NotMathematics(TWO_WAYS)
        argument = _product(argument, _power(cursor))
    if (token := cursor.peek()) is not None and token.is_sign("/"):
        raise NotMathematics(TWO_WAYS)
    return argument
