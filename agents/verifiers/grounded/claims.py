"""What a grounded answer says, in one closed JSON object.

    {"answer": "22",
     "quotes": ["12 apples and 10 pears"],
     "numbers": [{"value": "22", "from": "12 + 10"}],
     "rows": [{"table": "fruit", "key": {"id": 1}, "columns": {"name": "apple"}}]}

Only `answer` is always needed. A passage asks for `quotes`, a database for `rows`, and an answer
that is a number asks for a `numbers` entry of its value.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict, Field, ValidationError

from agents.verifiers.evidence import cut, shown
from agents.verifiers.json_values import NotRead, read
from storage.records import Record

MAX_CHARS = 100_000
"""Of the whole JSON text."""
MAX_QUOTES = 32
MAX_QUOTE_CHARS = 2_000
MAX_NUMBERS = 32
MAX_ROWS = 16
MAX_COLUMNS = 32
"""Of one row, and of its key."""

Cell = int | Decimal | str | None
"""What a row's column may be stated to hold; a blob cannot be."""

_Columns = Annotated[dict[str, Cell], Field(min_length=1, max_length=MAX_COLUMNS)]


class NotClaims(Exception):
    """The text is not of the closed shape; says why in a few words."""


class _Strict(Record):
    model_config = ConfigDict(strict=True)


class CitedNumber(_Strict):
    """A number and how it is reckoned from cited ones."""

    value: str
    """As the verifier `math` reads it."""
    source: Annotated[str, Field(alias="from")]
    """An expression, see `agents.verifiers.grounded.arithmetic`."""


class CitedRow(_Strict):
    """A row of a table, found by its key, with what stands in some of its columns."""

    table: str
    key: _Columns
    """Columns by name; exactly one row holds all of these values."""
    columns: _Columns


class Claims(_Strict):
    """The whole object."""

    answer: str
    quotes: Annotated[list[str], Field(max_length=MAX_QUOTES)] = Field(default_factory=list)
    numbers: Annotated[list[CitedNumber], Field(max_length=MAX_NUMBERS)] = Field(
        default_factory=list
    )
    rows: Annotated[list[CitedRow], Field(max_length=MAX_ROWS)] = Field(default_factory=list)


def read_claims(text: str) -> Claims:
    """Return what an answer's JSON says.

    Raises:
        NotClaims: it is no JSON, or not of this shape.
    """
    if len(text) > MAX_CHARS:
        raise NotClaims(f"longer than {MAX_CHARS} characters")
    try:
        return Claims.model_validate(read(text))
    except NotRead as error:
        raise NotClaims(str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = cut(".".join(str(part) for part in first["loc"][:3]), 60)
        raise NotClaims(f"at {shown(where)}: {cut(first['msg'], 120)}") from error
