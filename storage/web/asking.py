"""What a person is asked for next, and how much is left."""

from collections.abc import Iterator

from storage.errors import Missing
from storage.index.index import Index
from storage.queries import Reader
from storage.web.seat import Seat

_AT_ONCE = 200


def wanted(index: Index, reader: Reader, seat: Seat) -> str | None:
    """Return the attempt that the person's minute is best spent on. None: nothing is left.

    The index may not know yet what was just said, so the database has the last word.
    """
    skipped = seat.skipped
    for attempt_id in _in_order(index):
        if attempt_id not in skipped and _waits(reader, attempt_id, seat.person):
            return attempt_id
    return None


def waiting(index: Index) -> list[tuple[str, int]]:
    """Return how many trajectories wait for a person, by reason, the most pressing first."""
    sql = """SELECT names.name, count(*) FROM listed JOIN names ON names.id = listed.why
        WHERE need > 0 GROUP BY need, listed.why ORDER BY need DESC"""
    return [(name, count) for name, count in index.rows(sql)]


def _in_order(index: Index) -> Iterator[str]:
    sql = """SELECT need, key, wanted FROM listed WHERE need > 0 AND (-need, key) > (?, ?)
        ORDER BY need DESC, key LIMIT ?"""
    at = (-1_000_000, -1)
    while found := index.rows(sql, *at, _AT_ONCE):
        for need, key, attempt_id in found:
            at = (-need, key)
            yield attempt_id


def _waits(reader: Reader, attempt_id: str, person: str) -> bool:
    """Return whether an attempt is there, and the person has not judged it."""
    sql = """SELECT EXISTS (SELECT 1 FROM attempts WHERE id = :attempt) AND NOT EXISTS
        (SELECT 1 FROM acts g WHERE attempt_id = :attempt AND person = :person AND act = 'gave'
            AND NOT EXISTS (SELECT 1 FROM acts w WHERE w.attempt_id = :attempt
                AND w.act = 'withdrew' AND w.verdict_id = g.verdict_id)) AS waits"""
    [row] = reader.rows(sql, attempt=attempt_id, person=person)
    return bool(row["waits"])


def require_drawn(reader: Reader, audit: str, attempt_id: str) -> None:
    """Refuse an audit that does not ask for an attempt.

    Raises:
        Missing: there is no such audit, or it drew others.
    """
    sql = "SELECT 1 FROM audited WHERE audit_id = ? AND attempt_id = ?"
    if not list(reader.rows(sql, audit, attempt_id)):
        raise Missing(f"{attempt_id!r}: audit {audit[:40]!r} did not draw it; `/audits` lists all")
