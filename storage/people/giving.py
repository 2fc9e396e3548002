"""Write down what a person says, with all that follows from it, in one transaction.

A verdict is a row of acts, a row of verdicts, and what the episode is worth now; either all of it
is on disk when `give` returns, or none. What a newcomer gets wrong: a connection breaks, a page is
sent twice, a process is killed; so every act has a token, and the same token is the same act.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from storage import ids, rows
from storage.database import connect, prepare, require_writable, translated
from storage.errors import Missing, NotTaken
from storage.people.acts import REASONS, Act, Said, act_of, act_row
from storage.people.saying import criteria, named, reward_of, taken, tokened, weighed
from storage.queries import Reader
from storage.records import Attempt, Trajectory
from storage.worth import overruled

PATIENCE_S = 60.0
"""Seconds to wait for a batch that writes: longer than others, for a person's word is not lost."""


def now() -> str:
    """Return the time: UTC, ISO 8601, with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class People:
    """A connection by which people's acts are written; threads may share it."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, clock: Callable[[], str] = now
    ) -> None:
        self.path = path
        self._connection = connection
        self._clock = clock
        self._door = threading.Lock()

    @classmethod
    def open(
        cls, path: Path, *, patience_s: float = PATIENCE_S, clock: Callable[[], str] = now
    ) -> Self:
        """Open an existing database for people's acts, also while a run writes to it.

        Raises:
            StorageError: the file is missing, not ours, newer, locked or not writable.
        """
        prepare(path, create=False)
        require_writable(path)
        connection = connect(path, patience_s=patience_s)
        # In WAL mode a commit is else on disk only at the next checkpoint.
        connection.execute("PRAGMA synchronous = FULL")
        return cls(path, connection, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; what was given is on disk already."""
        with self._door:
            self._connection.close()

    def give(
        self,
        attempt_id: str,
        said: Said,
        *,
        person: str,
        token: str,
        blind: bool,
        audit_id: str | None = None,
    ) -> Act:
        """Write down a person's verdict on an attempt; it counts from now on.

        Args:
            attempt_id: The id, or the beginning of it.
            said: What the person says.
            person: Who.
            token: Made once for each act; who sends it again is told of the same act.
            blind: Whether the person had not seen what others said of the attempt, as far as the
                caller knows. It is not blind where this person has judged the episode before, also
                where they took it back, for they were told then.
            audit_id: The audit that asked. None: none did.

        Returns:
            The act, as it is stored.

        Raises:
            Missing: there is no such attempt; the nearest id is named.
            NotTaken: there is nothing to judge, or a name, a grade or a text is none, or the token
                stands for something else, or for what was withdrawn since.
            StorageError: the database is busy for too long, or the disk failed; nothing is written.
        """
        person, token, said = named(person), tokened(token), taken(said)
        with self.writing() as connection:
            if known := _known(connection, token):
                _require_standing(connection, _same(known, "gave", attempt_id, person, said))
                return known
            reader = Reader(self.path, connection)
            trajectory, attempt = _judged(reader, attempt_id)
            if audit_id is not None:
                _require_drawn(reader, audit_id, attempt.id)
            blind = blind and not _has_acted(connection, trajectory.id, person)
            act = _act(connection, trajectory, attempt, said).model_copy(
                update={"person": person, "token": token, "blind": blind, "audit_id": audit_id}
            )
            act = _written(connection, act.model_copy(update={"at": self._clock()}))
            row = rows.verdict_row(act.verdict, act.ordinal, _next_place(connection, trajectory.id))
            rows.insert(connection, "verdicts", row)
            said_so_far = [v for v in trajectory.verdicts if v.rung == "person"]
            _follow(connection, overruled(trajectory, [*said_so_far, act.verdict]))
            return act

    def withdraw(self, verdict_id: str, *, person: str, token: str) -> Act:
        """Take back a verdict that this person gave; what counted before it counts again.

        Args:
            verdict_id: The whole id.
            person: Who gave it.
            token: See `give`.

        Raises:
            Missing: nobody gave such a verdict.
            NotTaken: it is another person's, or was withdrawn before.
            StorageError: as of `give`.
        """
        person, token = named(person), tokened(token)
        with self.writing() as connection:
            if known := _known(connection, token):
                return _same(known, "withdrew", verdict_id, person)
            gave, withdrew = _of_verdict(connection, verdict_id)
            if gave is None:
                raise Missing(
                    f"{verdict_id!r}: no person gave such a verdict; `inspect ID` shows all"
                )
            if gave.person != person:
                raise NotTaken(
                    f"{verdict_id!r}: {gave.person!r} gave it, and only who gave a verdict can "
                    "withdraw it; give your own"
                )
            if withdrew is not None:
                raise NotTaken(f"{verdict_id!r}: was withdrawn before, at {withdrew.at}")
            changed = {"act": "withdrew", "token": token, "at": self._clock(), "note": ""}
            act = _written(connection, gave.model_copy(update=changed))
            connection.execute(_TAKE_BACK, (verdict_id,))
            _follow_without(connection, Reader(self.path, connection), act)
            return act

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection for one transaction, which is on disk when the block has ended.

        Raises:
            StorageError: the database is busy for too long, or the disk failed.
        """
        with self._door:
            connection = self._connection
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise translated(error, self.path) from error
            finally:
                with contextlib.suppress(sqlite3.Error):
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")


def _judged(reader: Reader, attempt_id: str) -> tuple[Trajectory, Attempt]:
    """Return an attempt that can be judged, with its episode."""
    if not (attempt_id.startswith("a") and attempt_id.isalnum()):
        raise Missing(f"{attempt_id!r}: is no attempt's id, which begins with 'a'")
    trajectory = reader.trajectory(attempt_id)
    [attempt] = (each for each in trajectory.attempts if each.id.startswith(attempt_id))
    if attempt.error is not None:
        raise NotTaken(f"{attempt.id!r}: its student raised, so there is nothing to judge")
    return trajectory, attempt


def _act(
    connection: sqlite3.Connection, trajectory: Trajectory, attempt: Attempt, said: Said
) -> Act:
    """Return what was done, without who did it and when."""
    known = criteria(v for v in trajectory.verdicts if v.attempt_id == attempt.id)
    grades = weighed(said, known)
    ordinal = _next_ordinal(connection, attempt.id)
    return Act(
        id=0,
        token="",
        act="gave",
        run_id=trajectory.run_id,
        trajectory_id=trajectory.id,
        attempt_id=attempt.id,
        attempt_digest=ids.digest(attempt),
        verdict_id=ids.verdict_id(attempt.id, ordinal),
        ordinal=ordinal,
        person="",
        at="",
        note=said.note,
        blind=False,
        audit_id=None,
        status=said.status,
        reward=reward_of(said, grades, known),
        reason=REASONS[said.status],
        grades=grades,
        critique=said.critique,
        first_wrong_step=said.first_wrong_step,
    )


def _written(connection: sqlite3.Connection, act: Act) -> Act:
    """Write an act down and return it with its number and digest."""
    act = act.model_copy(update={"digest": act.content_digest})
    rows.insert(connection, "acts", act_row(act))
    [number] = connection.execute("SELECT last_insert_rowid()").fetchone()
    return act.model_copy(update={"id": number})


def _known(connection: sqlite3.Connection, token: str) -> Act | None:
    """Return the act of a token. None: it is new."""
    for row in connection.execute("SELECT * FROM acts WHERE token = ?", (token,)):
        return rows.read("acts", act_of, row)
    return None


def _same(act: Act, kind: str, of: str, person: str, said: Said | None = None) -> Act:
    """Return the act of a token that is sent again, if it is sent for the same.

    Args:
        act: What the token stands for.
        kind: What it is sent for.
        of: The attempt that is judged, or the verdict that is withdrawn.
        person: Who sends it.
        said: What is said. None: nothing, it is withdrawn.
    """
    was_of = act.verdict_id if kind == "withdrew" else act.attempt_id
    same = (act.act, act.person) == (kind, person) and was_of.startswith(of)
    if said is not None:
        was = (act.status, act.note, act.critique, act.first_wrong_step)
        same = same and was == (said.status, said.note, said.critique, said.first_wrong_step)
        given = {each.criterion: each.grade for each in act.grades}
        same = same and given == {each.criterion: each.grade for each in said.grades}
    if not same:
        raise NotTaken(
            f"token {act.token[:40]!r}: stands for what {act.person!r} did at {act.at}, which was "
            "something else; load the page again"
        )
    return act


def _of_verdict(connection: sqlite3.Connection, verdict_id: str) -> tuple[Act | None, Act | None]:
    """Return the acts that gave a verdict and that withdrew it. None: nobody did."""
    sql = "SELECT * FROM acts WHERE verdict_id = ? ORDER BY id"
    found = [rows.read("acts", act_of, row) for row in connection.execute(sql, (verdict_id,))]
    by_kind = {act.act: act for act in found}
    return by_kind.get("gave"), by_kind.get("withdrew")


def _has_acted(connection: sqlite3.Connection, trajectory_id: str, person: str) -> bool:
    """Return whether a person did anything with an episode before."""
    sql = "SELECT 1 FROM acts WHERE trajectory_id = ? AND person = ?"
    return connection.execute(sql, (trajectory_id, person)).fetchone() is not None


def _require_standing(connection: sqlite3.Connection, act: Act) -> None:
    """Refuse to tell of a verdict as given that was taken back after it was sent."""
    _, withdrew = _of_verdict(connection, act.verdict_id)
    if withdrew is not None:
        raise NotTaken(
            f"token {act.token[:40]!r}: what {act.person!r} said at {act.at} was withdrawn since, "
            f"at {withdrew.at}; load the page again"
        )


def _next_ordinal(connection: sqlite3.Connection, attempt_id: str) -> int:
    """Return an ordinal that no verdict on the attempt ever had; 0 is the critic's."""
    sql = """SELECT max(coalesce(max(ordinal), 0), (SELECT coalesce(max(ordinal), 0) FROM acts
        WHERE attempt_id = :attempt)) + 1 FROM verdicts WHERE attempt_id = :attempt"""
    [ordinal] = connection.execute(sql, {"attempt": attempt_id}).fetchone()
    return int(ordinal)


def _next_place(connection: sqlite3.Connection, trajectory_id: str) -> int:
    sql = """SELECT coalesce(max(place), -1) + 1 FROM attempts
        JOIN verdicts ON attempt_id = attempts.id WHERE trajectory_id = ?"""
    [place] = connection.execute(sql, (trajectory_id,)).fetchone()
    return int(place)


def _require_drawn(reader: Reader, audit_id: str, attempt_id: str) -> None:
    sql = "SELECT 1 FROM audited WHERE audit_id = ? AND attempt_id = ?"
    if not list(reader.rows(sql, audit_id, attempt_id)):
        raise NotTaken(f"{attempt_id!r}: is not in audit {audit_id!r}; judge what it asks for")


def _follow(connection: sqlite3.Connection, trajectory: Trajectory) -> None:
    """Let an episode be worth what its verdicts make of it."""
    whole = rows.trajectory_row(trajectory)
    row = {column: whole[column] for column in _FOLLOWING}
    places = ", ".join(f"{column} = :{column}" for column in row)
    values = row | {"id": trajectory.id}
    connection.execute(f"UPDATE trajectories SET {places} WHERE id = :id", values)


def _follow_without(connection: sqlite3.Connection, reader: Reader, act: Act) -> None:
    """Let an episode be worth what it is without a verdict, unless it is out of its run for now."""
    sql = "SELECT 1 FROM trajectories WHERE id = ?"
    if connection.execute(sql, (act.trajectory_id,)).fetchone():
        trajectory = reader.trajectory(act.trajectory_id)
        people = [v for v in trajectory.verdicts if v.rung == "person"]
        _follow(connection, overruled(trajectory, people))


_TAKE_BACK = "DELETE FROM verdicts WHERE id = ? AND rung = 'person'"
_FOLLOWING = ("status", "reward", "reason", "accepted_attempts", "digest")
"""The columns of an episode that hang on its verdicts."""
