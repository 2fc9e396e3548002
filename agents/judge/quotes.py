"""Whether a quote really stands in an attempt.

What a newcomer gets wrong: the quote is compared with the attempt as the judge was shown it, for it
could copy nothing else. It stands there letter by letter but for white space and the encoding of
accents, it cuts no word and no number, and one common letter is no quote.
"""

from agents.judge.material import disarmed
from agents.verifiers.grounded.claims import MAX_QUOTE_CHARS, Claims
from agents.verifiers.grounded.passage import MAX_CHARS, Passage
from agents.verifiers.reading import Unreadable, folded

_TORN = "\x00"
"""Where a marker was taken out, so that no quote reaches across. No quote holds one."""


class Quoted:
    """A text that a judge quotes."""

    def __init__(self, text: str) -> None:
        """Read a text.

        Raises:
            Unreadable: it is beyond a limit, so that no quote from it could be found.
        """
        shown = disarmed(text, _TORN)
        self._passage = Passage(shown)
        self._lines = {folded(line, MAX_CHARS) for line in (*shown.split("\n"), shown)}

    def holds(self, quote: str) -> bool:
        """Return whether a quote stands in the text.

        It is a whole line, or has three words or twelve characters; see `grounded.passage`.
        """
        try:
            span = folded(quote, MAX_QUOTE_CHARS)
        except Unreadable:
            return False
        if not span or _TORN in span:
            return False
        return span in self._lines or not self._passage.fault(Claims(answer="", quotes=[quote]))
