import inspect
import math
import sqlite3
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue, TypeAdapter, ValidationError

from storage import ids, records, rows
from storage.canonical import canonical
from storage.database import connect, prepare
from storage.queries import Reader
from storage.records import (
    Attempt,
    CallError,
    CallSite,
    Check,
    ExpertSeed,
    Grade,
    Lesson,
    ModelCall,
    Record,
    Run,
    Task,
    Trajectory,
    Verdict,
)

RECORDS = [
    kind
    for kind in vars(records).values()
    if inspect.isclass(kind) and issubclass(kind, Record) and kind is not Record
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=4,
)
PLAIN = {str: TEXT, bool: st.booleans(), types.NoneType: st.none(), JsonValue: JSON}


def of(kind: Any, least: float | None = None, most: float | None = None) -> st.SearchStrategy[Any]:
    """Return a strategy for an annotation of a record's field."""
    if kind in PLAIN:
        return PLAIN[kind]
    if inspect.isclass(kind) and issubclass(kind, Record):
        hints = get_type_hints(kind, include_extras=True)
        return st.builds(kind, **{name: of(hints[name]) for name in kind.model_fields})
    if kind is int:
        return st.integers(
            -(2**63) if least is None else int(least), 2**63 - 1 if most is None else int(most)
        )
    if kind is float:
        return st.floats(least, most, allow_nan=False, allow_infinity=False)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        bounds = inner[1].metadata
        low = next((b.ge for b in bounds if hasattr(b, "ge")), None)
        high = next((b.le for b in bounds if hasattr(b, "le")), None)
        return of(inner[0], low, high)
    if origin in (Union, types.UnionType):
        return st.one_of(*(of(one) for one in inner))
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple:
        return st.lists(of(inner[0]), max_size=3).map(tuple)
    assert origin is dict
    return st.dictionaries(of(inner[0]), of(inner[1]), max_size=3)


@st.composite
def trajectories(draw: st.DrawFn) -> Trajectory:
    """Draw a trajectory whose ids fit together; everything else is arbitrary."""
    lesson: Lesson | None = draw(of(Lesson | None))
    trajectory: Trajectory = draw(of(Trajectory))
    own_id = ids.trajectory_id("run", trajectory.assignment.n)
    attempts: list[Attempt] = []
    places = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=4, unique=True)
    for revision, idx in sorted(draw(places)) if lesson else []:
        attempt: Attempt = draw(of(Attempt))
        key = {"id": ids.attempt_id(own_id, revision, idx), "revision": revision, "idx": idx}
        belongs = {"trajectory_id": own_id, "lesson_id": lesson.id}
        attempts.append(attempt.model_copy(update=key | belongs))
    verdicts: list[Verdict] = []
    for place, attempt in enumerate(draw(st.permutations(attempts * 2))):
        verdict: Verdict = draw(of(Verdict))
        verdicts.append(verdict.model_copy(update={"id": f"v{place}", "attempt_id": attempt.id}))
    update = {"id": own_id, "run_id": "run", "lesson": lesson}
    return trajectory.model_copy(
        update=update | {"attempts": tuple(attempts), "verdicts": tuple(verdicts)}
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("records") / "a.db"
    prepare(path, create=True)
    connection = connect(path)
    yield connection
    connection.close()


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_record_comes_back_equal_from_its_json(
    kind: type[Record], data: st.DataObject
) -> None:
    record = data.draw(of(kind))

    assert kind.model_validate_json(canonical(record)) == record


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(trajectory=trajectories())
def test_a_trajectory_comes_back_equal_from_its_tables(
    database: sqlite3.Connection, trajectory: Trajectory
) -> None:
    database.execute("BEGIN")
    seeds = {trajectory.assignment.expert_seed}
    seeds |= {trajectory.lesson.expert_seed} if trajectory.lesson else set()
    for seed in sorted(seed for seed in seeds if seed is not None):
        rows.insert(database, "expert_seeds", {"id": seed, "example": "x"})
    run = Run(id="run", identity={}, config={}, seed=1, episodes=1, created_at="")
    rows.insert(database, "runs", rows.run_row(run))
    rows.insert(database, "assignments", rows.assignment_row("run", trajectory.assignment))
    if trajectory.lesson:
        rows.insert(database, "lessons", rows.lesson_row(trajectory.lesson))
    rows.insert(database, "trajectories", rows.trajectory_row(trajectory))
    for attempt in trajectory.attempts:
        rows.insert(database, "attempts", rows.attempt_row(attempt))
    for row in rows.verdict_rows(trajectory.verdicts):
        rows.insert(database, "verdicts", row)
    reader = Reader(Path(), database)
    [found] = reader.stream("run")
    [outcome] = reader.outcomes("run")
    database.execute("ROLLBACK")

    assert found == trajectory
    assert outcome == ids.outcome(trajectory)
    assert ids.trajectory_digest(found) == ids.trajectory_digest(trajectory)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_runs_seeds_and_calls_come_back_equal_from_their_tables(
    database: sqlite3.Connection, data: st.DataObject
) -> None:
    run, seed = data.draw(of(Run)), data.draw(of(ExpertSeed))
    call, site, error = data.draw(of(ModelCall)), data.draw(of(CallSite)), data.draw(of(CallError))
    kept = {"runs": rows.run_row(run), "expert_seeds": seed.model_dump()}
    kept["model_calls"] = rows.call_row(call, site.role, "now")
    database.execute("PRAGMA foreign_keys = OFF")
    database.execute("BEGIN")
    kept["call_errors"] = rows.error_row(error, site, "now")
    found = {}
    for table, row in kept.items():
        rows.insert(database, table, row)
        found[table] = database.execute(f"SELECT * FROM {table}").fetchone()
    database.execute("ROLLBACK")
    database.execute("PRAGMA foreign_keys = ON")

    assert rows.run_of(found["runs"]) == run
    assert rows.expert_seed_of(found["expert_seeds"]) == seed
    assert rows.call_of(found["model_calls"]) == call
    assert rows.error_of(found["call_errors"]) == error
    assert rows.site_of(found["call_errors"], site.seed) == site


@pytest.mark.parametrize("number", [math.nan, math.inf, -0.1, 1.1])
def test_a_reward_that_is_no_share_is_refused(number: float) -> None:
    with pytest.raises(ValidationError):
        Grade(criterion="c", weight=1.0, grade=number)


def test_nan_is_refused_in_nested_data() -> None:
    with pytest.raises(ValidationError):
        Check(verifier="v", finding="passed", evidence="", limits={"a": [math.nan]})


def test_records_are_frozen_and_closed() -> None:
    task = Task(question="q")

    with pytest.raises(ValidationError):
        task.question = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Task(question="q", reference="7")  # type: ignore[call-arg]


def test_a_task_has_no_place_for_the_reference() -> None:
    assert set(Task.model_fields) == {"question", "instruction", "answer_pattern", "givens"}


def test_a_task_reads_as_its_question_then_its_instruction() -> None:
    assert Task(question="q", instruction="i").text == "q\n\ni"
    assert Task(question="q").text == "q"


@pytest.mark.parametrize(("kind", "most"), [(records.Level, 1_000_000), (records.Count, 2**63 - 1)])
def test_a_whole_number_that_cannot_be_stored_is_refused(kind, most):
    assert TypeAdapter(kind).validate_python(most) == most
    with pytest.raises(ValidationError, match="less than"):
        TypeAdapter(kind).validate_python(most + 1)
