"""A place among tokens, at which whoever reads them stands."""

from agents.verifiers.evidence import shown
from agents.verifiers.math.tokens import MAX_NESTING, Token
from agents.verifiers.math.tree import NotMathematics


class Cursor:
    """A place among tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.bars = 0
        """How many plain bars are open; the next one closes."""

    def peek(self, ahead: int = 0) -> Token | None:
        """Return a token that is still to come; None: there is none."""
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else None

    def deeper(self) -> None:
        """Note that one more group is open.

        Raises:
            NotMathematics: too many are.
        """
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise NotMathematics(f"nested deeper than {MAX_NESTING}")

    def next(self) -> Token:
        """Return the next token and step over it.

        Raises:
            NotMathematics: there is none.
        """
        token = self.peek()
        if token is None:
            raise NotMathematics("it breaks off")
        self.at += 1
        return token

    def take_sign(self, *texts: str) -> str | None:
        """Step over the next token if it is one of these signs, and return it."""
        token = self.peek()
        return self.next().text if token is not None and token.is_sign(*texts) else None

    def take_command(self, *texts: str) -> str | None:
        """Step over the next token if it is one of these commands, and return it."""
        token = self.peek()
        return self.next().text if token is not None and token.is_command(*texts) else None

    def expect(self, text: str) -> None:
        """Step over the next token.

        Raises:
            NotMathematics: it is another one.
        """
        token = self.next()
        if token.kind not in ("sign", "command") or token.text != text:
            raise NotMathematics(f"{shown(token.text)} stands where {text!r} should")

    def split_after_first_digit(self, token: Token) -> None:
        """Part the number just taken, of which LaTeX takes the first digit alone."""
        if len(token.text) > 1:
            first = Token("number", token.text[0], token.at, token.at + 1)
            rest = Token("number", token.text[1:], token.at + 1, token.end)
            self.tokens[self.at - 1 : self.at] = [first, rest]
