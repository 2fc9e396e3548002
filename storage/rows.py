"""Records to rows and back, exactly.

A row is a dict by column. Nested values become canonical JSON, so that equal records are equal
bytes. What a newcomer gets wrong: a row that was edited by hand may no longer hold a record; to
read it back raises `Corrupt`, which names the table and the row.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import ValidationError

from storage import ids
from storage.canonical import canonical
from storage.errors import Corrupt
from storage.records import (
    Assignment,
    Attempt,
    CallError,
    CallSite,
    ExpertSeed,
    Lesson,
    ModelCall,
    Reply,
    Request,
    Run,
    Task,
    Trajectory,
    Verdict,
)

Row = dict[str, Any]
"""A row to be written, by column."""
Stored = sqlite3.Row
"""A row as it was read."""
T = TypeVar("T")


def insert(connection: sqlite3.Connection, table: str, row: Row, conflict: str = "") -> int:
    """Insert a row and return how many rows changed; `conflict` is an ON CONFLICT clause.

    The table and the columns come from this package, never from data.
    """
    columns = ", ".join(row)
    places = ", ".join(f":{column}" for column in row)
    sql = f"INSERT INTO {table} ({columns}) VALUES ({places}) {conflict}"
    return connection.execute(sql, row).rowcount


def read(table: str, make: Callable[[Stored], T], row: Stored) -> T:
    """Make a record of a row.

    Raises:
        Corrupt: the row holds no such record any more.
    """
    try:
        return make(row)
    except (ValidationError, ValueError, RecursionError) as error:
        why = " ".join(str(error).split())[:200]
        raise Corrupt(
            f"{table} {row[0]!r}: no longer holds a record ({why}); restore it",
            table=table,
            id=str(row[0]),
        ) from error


_RUN_JSON = ("identity", "config", "skills", "expert_seeds", "versions")


def run_row(run: Run) -> Row:
    """Return the row of a run."""
    nested = {name: getattr(run, name) for name in _RUN_JSON}
    return run.model_dump(exclude=set(_RUN_JSON)) | _json(**nested)


def run_of(row: Stored) -> Run:
    """Return the run of a row."""
    plain = _pick(row, "id", "begun", "seed", "episodes", "created_at", "ended")
    return Run(**plain, **parsed(row, *_RUN_JSON))


def expert_seed_of(row: Stored) -> ExpertSeed:
    """Return the expert seed of a row."""
    return ExpertSeed(**dict(row))


def assignment_row(run_id: str, assignment: Assignment) -> Row:
    """Return the row of an assignment."""
    row = assignment.model_dump(exclude={"expert_seed", "practice"})
    return {
        "trajectory_id": ids.trajectory_id(run_id, assignment.n),
        "run_id": run_id,
        **row,
        "expert_seed_id": assignment.expert_seed,
        **_json(practice=assignment.practice),
    }


def assignment_of(row: Stored) -> Assignment:
    """Return the assignment of a row."""
    plain = _pick(row, "n", "skill", "level", "language", "seed", "ordinal")
    return Assignment(**plain, expert_seed=row["expert_seed_id"], **parsed(row, "practice"))


def lesson_row(lesson: Lesson) -> Row:
    """Return the row of a lesson."""
    task = lesson.task
    return {
        "id": lesson.id,
        "skill": lesson.skill,
        "level": lesson.level,
        "language": lesson.language,
        "question": task.question,
        "instruction": task.instruction,
        "answer_pattern": task.answer_pattern,
        "givens": None if task.givens is None else canonical(task.givens),
        "reference": lesson.reference,
        "verifier": lesson.verifier,
        **_json(steps=lesson.steps, data=lesson.data, files=lesson.files),
        "expert_seed_id": lesson.expert_seed,
        "made_by": lesson.made_by,
        "question_digest": ids.question_digest(task.question),
    }


def lesson_of(row: Stored) -> Lesson:
    """Return the lesson of a row."""
    task = Task(
        **_pick(row, "question", "instruction", "answer_pattern"),
        givens=None if row["givens"] is None else json.loads(row["givens"]),
    )
    plain = _pick(row, "id", "skill", "level", "language", "reference", "verifier", "made_by")
    nested = parsed(row, "steps", "data", "files")
    return Lesson(**plain, task=task, expert_seed=row["expert_seed_id"], **nested)


def trajectory_row(trajectory: Trajectory) -> Row:
    """Return the row of a trajectory, without what has rows of its own."""
    outcome = ids.outcome(trajectory)
    return {
        "id": trajectory.id,
        "run_id": trajectory.run_id,
        "n": trajectory.assignment.n,
        "lesson_id": trajectory.lesson.id if trajectory.lesson else None,
        "status": trajectory.status,
        "reward": trajectory.reward,
        "reason": trajectory.reason,
        **_json(findings=trajectory.findings),
        "error": trajectory.error,
        "attempts": len(trajectory.attempts),
        "accepted_attempts": _accepted(trajectory),
        "tried": outcome.tried,
        "solved": outcome.solved,
        "critiques": outcome.critiques,
        "digest": ids.trajectory_digest(trajectory),
    }


def _accepted(trajectory: Trajectory) -> int:
    """Return how many attempts have a last verdict that accepts them."""
    last = {verdict.attempt_id: verdict.status for verdict in trajectory.verdicts}
    return sum(status == "accepted" for status in last.values())


def trajectory_of(
    row: Stored,
    assignment: Assignment,
    lesson: Lesson | None,
    attempts: Iterable[Attempt],
    verdicts: Iterable[Verdict],
) -> Trajectory:
    """Return the trajectory of a row and of the rows that belong to it."""
    return Trajectory(
        **_pick(row, "id", "run_id", "status", "reward", "reason", "error"),
        **parsed(row, "findings"),
        assignment=assignment,
        lesson=lesson,
        attempts=tuple(attempts),
        verdicts=tuple(verdicts),
    )


def attempt_row(attempt: Attempt) -> Row:
    """Return the row of an attempt."""
    row = attempt.model_dump(exclude={"slips"})
    return row | _json(slips=attempt.slips) | {"digest": ids.digest(attempt)}


def attempt_of(row: Stored) -> Attempt:
    """Return the attempt of a row."""
    plain = {column: row[column] for column in Attempt.model_fields if column != "slips"}
    return Attempt(**plain, **parsed(row, "slips"))


def verdict_rows(verdicts: Iterable[Verdict]) -> list[Row]:
    """Return the rows of a trajectory's verdicts, oldest first.

    `ordinal` counts the verdicts of one attempt, `place` those of the trajectory, both from 0.
    """
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for place, verdict in enumerate(verdicts):
        ordinal = seen.get(verdict.attempt_id, 0)
        seen[verdict.attempt_id] = ordinal + 1
        rows.append(verdict_row(verdict, ordinal, place))
    return rows


def verdict_row(verdict: Verdict, ordinal: int, place: int) -> Row:
    """Return the row of one verdict, see `verdict_rows`."""
    row = verdict.model_dump(exclude={"checks", "grades"})
    row |= _json(checks=verdict.checks, grades=verdict.grades)
    return row | {"ordinal": ordinal, "place": place, "digest": ids.verdict_digest(verdict)}


def verdict_of(row: Stored) -> Verdict:
    """Return the verdict of a row."""
    nested = parsed(row, "checks", "grades")
    plain = {column: row[column] for column in Verdict.model_fields if column not in nested}
    return Verdict(**plain, **nested)


def call_row(call: ModelCall, role: str, created_at: str) -> Row:
    """Return the row of a model call."""
    return {
        "request_digest": call.request_digest,
        "role": role,
        "endpoint": call.request.endpoint,
        "model": call.request.model,
        "prompt": call.prompt,
        "request": call.request.canonical,
        "reply": call.reply.raw,
        **call.reply.model_dump(exclude={"raw"}),
        "cost_usd": call.cost_usd,
        "latency_s": call.latency_s,
        "created_at": created_at,
        "reply_digest": ids.digest(call.reply),
    }


def call_of(row: Stored) -> ModelCall:
    """Return the model call of a row."""
    return ModelCall(
        **_pick(row, "request_digest", "prompt", "latency_s", "cost_usd"),
        request=Request.model_validate_json(row["request"]),
        reply=reply_of(row),
    )


def reply_of(row: Stored) -> Reply:
    """Return the reply that the row of a model call holds."""
    plain = _pick(row, "text", "reasoning", "finish_reason", "tokens_in", "tokens_out")
    return Reply(**plain, raw=row["reply"])


def place_row(site: CallSite) -> Row:
    """Return the columns that say from where in an episode a model was called."""
    return site.model_dump(exclude={"seed"})


def error_row(error: CallError, site: CallSite, created_at: str) -> Row:
    """Return the row of a try that was not answered."""
    return place_row(site) | error.model_dump() | {"created_at": created_at}


def error_of(row: Stored) -> CallError:
    """Return the error of a row."""
    return CallError(**_pick(row, "request_digest", "kind", "message", "try_number"))


def site_of(row: Stored, seed: int) -> CallSite:
    """Return the place that a row names, in an episode with this seed."""
    return CallSite(**_pick(row, "trajectory_id", "role", "idx", "revision", "turn"), seed=seed)


def _json(**values: object) -> Row:
    return {column: canonical(value) for column, value in values.items()}


def parsed(row: Stored, *columns: str) -> Row:
    """Return the values of a row's columns of JSON."""
    return {column: json.loads(row[column]) for column in columns}


def _pick(row: Stored, *columns: str) -> Row:
    return {column: row[column] for column in columns}
