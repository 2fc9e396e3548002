"""Where two tellings of an episode differ, as a stranger finds it: table, id, column."""

from collections.abc import Iterator
from dataclasses import dataclass

from storage.ids import decided
from storage.records import Attempt, Lesson, Record, Trajectory, Verdict


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One place where the database and its re-derivation differ."""

    table: str
    id: str
    column: str
    what: str
    """What differs, in one line for a person."""


def compare(stored: Trajectory, derived: Trajectory) -> Iterator[Disagreement]:
    """Yield every column in which a stored trajectory differs from a derived one.

    Error texts are not compared: they may name an address or an hour. Verdicts by people have no
    derivation and are passed over.
    """
    yield from _compare_parts("lessons", _lessons(stored), _lessons(derived))
    yield from _compare_parts("attempts", _attempts(stored), _attempts(derived))
    yield from _compare_parts("verdicts", _verdicts(stored), _verdicts(derived))
    for column in ("status", "reward", "reason", "findings"):
        yield from _compare_value(
            "trajectories", stored.id, column, getattr(stored, column), getattr(derived, column)
        )


def _lessons(trajectory: Trajectory) -> dict[str, dict[str, object]]:
    return {lesson.id: _columns(lesson) for lesson in (trajectory.lesson,) if lesson}


def _attempts(trajectory: Trajectory) -> dict[str, dict[str, object]]:
    return {attempt.id: _columns(attempt) for attempt in trajectory.attempts}


def _verdicts(trajectory: Trajectory) -> dict[str, dict[str, object]]:
    return {v.id: _columns(v) for v in trajectory.verdicts if v.rung != "person"}


def _columns(record: Record) -> dict[str, object]:
    """Return a record as its table's columns; a task's fields are columns of its lesson."""
    whole = {name: getattr(record, name) for name in type(record).model_fields}
    if isinstance(record, Lesson):
        task = whole.pop("task")
        whole |= {name: getattr(task, name) for name in type(task).model_fields}
        whole.pop("files")  # paths, which may differ where the content does not
    if isinstance(record, Attempt):
        whole.pop("error")
    if isinstance(record, Verdict):
        whole["checks"] = [decided(check) for check in record.checks]
    return whole


def _compare_parts(
    table: str, stored: dict[str, dict[str, object]], derived: dict[str, dict[str, object]]
) -> Iterator[Disagreement]:
    if table == "lessons" and len(stored) == len(derived) == 1:
        # An edited lesson keeps the id it had, so the two are paired whatever they are called.
        stored_id = next(iter(stored))
        derived = {stored_id: next(iter(derived.values()))}
    for part in sorted(stored.keys() | derived.keys()):
        if part not in derived:
            yield Disagreement(table, part, "id", "stored, but nothing makes it")
        elif part not in stored:
            yield Disagreement(table, part, "id", "made, but not stored")
        else:
            for column, value in stored[part].items():
                yield from _compare_value(table, part, column, value, derived[part][column])


def _compare_value(
    table: str, part: str, column: str, stored: object, derived: object
) -> Iterator[Disagreement]:
    if stored != derived:
        yield Disagreement(table, part, column, f"stored {stored!r:.80}, derived {derived!r:.80}")
