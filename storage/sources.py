"""Files of expert seeds and of lessons, to records.

The rows come from `storage.tabular`; here columns get a meaning. What a newcomer gets wrong:
nothing is guessed. A missing column, a pattern that misses in one row, a named file that does not
exist: each is an error that says where, before anything is made of the rest.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import JsonValue

from storage import ids
from storage.errors import SourceError
from storage.overlap import Benchmarks, split
from storage.records import (
    ANSWER_INSTRUCTION,
    ANSWER_PATTERN,
    WHOLE_REPLY,
    ExpertSeed,
    Lesson,
    Run,
    Task,
)
from storage.tabular import Row, has_column, optional_text, read_rows, require_columns, text

T = TypeVar("T")

_PATHS = ("database", "variants")
"""Keys of a verifier's data that name files, relative to the file that they stand in."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the files that a config names hold."""

    lessons: tuple[Lesson, ...]
    expert_seeds: tuple[ExpertSeed, ...]
    digests: dict[str, str]
    """Digest of every file, by its path as the config has it."""
    benchmarks: Benchmarks | None = None
    """None: the config names none."""

    @property
    def lent(self) -> dict[str, Any]:
        """What the roles of a run are lent, by name."""
        names = ("lessons", "expert_seeds", "benchmarks")
        return {name: getattr(self, name) for name in names}


def read_inputs(
    library: Mapping[str, Any] | None,
    grown: Mapping[str, Any] | None,
    others: Iterable[Path],
    benchmarks: Mapping[str, Any] | None = None,
) -> Inputs:
    """Read a config's lessons, expert seeds and benchmarks, and take the digest of every file.

    Args:
        library: What `lessons` takes, by name. None: there is no library.
        grown: What `expert_seeds` takes, by name. None: there are none.
        others: Files that are read elsewhere, such as prompts.
        benchmarks: `files` and `ngram`. None: there are none.

    Raises:
        SourceError: a file cannot be used; the message begins with the config's section.
    """
    found = Inputs(
        _section("teacher", lessons, library), _section("expert_seeds", expert_seeds, grown), {}
    )
    paths = [part["path"] for part in (library, grown) if part]
    try:
        found.digests.update({str(path): ids.file_digest(path) for path in (*paths, *others)})
    except OSError as error:
        why = f"cannot be read ({error.strerror}); correct the path"
        raise SourceError(f"{error.filename!r}: {why}") from error
    return replace(found, benchmarks=_benchmarks(benchmarks, found.digests))


def benchmarks_of(run: Run) -> Benchmarks | None:
    """Return the benchmarks of a stored run, which must be what they were. None: it has none.

    Raises:
        SourceError: a file is missing, or another one stands in its place.
    """
    named: Any = run.config.get("contamination")
    if named is None:
        return None
    known: Any = run.identity["contamination"]
    digests: dict[str, str] = {}
    found = _benchmarks(named, digests)
    for each, was in zip(named["files"], known["files"], strict=True):
        if digests[each] != was:
            raise SourceError(
                f"[contamination] {each!r}: is not what it was when the run was made; restore it"
            )
    return found


def _benchmarks(named: Mapping[str, Any] | None, digests: dict[str, str]) -> Benchmarks | None:
    """Read benchmarks, and note the digest of each, with its column."""
    if not named:
        return None
    try:
        found = Benchmarks.read(named["files"], named["ngram"])
    except SourceError as error:
        raise SourceError(f"[contamination] {error}") from error
    for each in named["files"]:
        path, column = split(each)
        digests[each] = ids.file_digest(path) + (f":{column}" if column else "")
    return found


def _section(
    name: str, read: Callable[..., tuple[T, ...]], given: Mapping[str, Any] | None
) -> tuple[T, ...]:
    try:
        return read(**given) if given else ()
    except SourceError as error:
        raise SourceError(f"[{name}] {error}") from error


def expert_seeds(
    path: Path,
    *,
    example: str,
    reference: str | None = None,
    passage: str | None = None,
    skill: str | None = None,
    author: str | None = None,
    licence: str | None = None,
) -> tuple[ExpertSeed, ...]:
    """Return the expert seeds of a JSONL, CSV or Parquet file, in its order.

    All arguments are names of columns; a passage may be a list of texts, which is joined with blank
    lines. An author or licence that is no column stands for itself, in all rows, such as "MIT".

    Raises:
        SourceError: the file cannot be read, or a row has no example.
    """
    columns = [example, reference, passage, skill]
    rows = read_rows(path, [*columns, author, licence])
    require_columns(path, rows, columns)
    constants = {name: name for name in (author, licence) if name and not has_column(rows, name)}
    found = []
    for row in rows:
        seed = ExpertSeed(
            id="",
            example=text(row, example),
            reference=optional_text(row, reference),
            passage=optional_text(row, passage),
            skill=optional_text(row, skill),
            author=constants.get(author or "", optional_text(row, author)),
            licence=constants.get(licence or "", optional_text(row, licence)),
        )
        seed_id = ids.expert_seed_id(seed.model_dump(exclude={"id"}))
        found.append(seed.model_copy(update={"id": seed_id}))
    return tuple(found)


def lessons(
    path: Path,
    *,
    question: str,
    reference: str,
    reference_pattern: str | None = None,
    answer_pattern: str | None = None,
    verifier: str = "exact",
    skill: str = "library",
    level: int = 1,
    language: str = "en",
    instruction: str | None = None,
    data: Mapping[str, str] | None = None,
    made_by: str = "library",
) -> tuple[Lesson, ...]:
    """Return the lessons of a JSONL, CSV or Parquet file as they stand, in its order.

    Args:
        path: The file.
        question: The column of the question.
        reference: The column of the reference.
        reference_pattern: What to take of the reference: group 1 of the last match, or the match.
        answer_pattern: How an answer is found in an attempt. None: the default of records.
        verifier: A verifier's name, or "judge".
        skill: A column if there is one of that name, else the skill of all rows.
        level: Of all rows, as `language` and `made_by` are.
        language: BCP 47 tag.
        instruction: How to state the answer, added to the task. None: nothing if there is an
            `answer_pattern`, else the sentence that goes with the default pattern.
        data: For each key of the verifier's data, its column.
        made_by: Who wrote them.

    Raises:
        SourceError: the file cannot be read, a row lacks something, or a pattern does not fit.
    """
    columns = dict(data or {})
    required = [question, reference, *columns.values()]
    rows = read_rows(path, [*required, skill])
    require_columns(path, rows, required)
    references = _references(path, rows, reference, reference_pattern)
    task = _task(path, answer_pattern, instruction, judged=verifier == "judge")
    alike = {"skill": skill, "level": level, "language": language, "made_by": made_by}
    whole = Lesson.model_validate(
        {"id": "", "task": task, "reference": "", "verifier": verifier} | alike
    )
    skill_column = skill if has_column(rows, skill) else None
    return tuple(
        _lesson(row, whole, question, answer, skill_column, columns)
        for row, answer in zip(rows, references, strict=True)
    )


def _task(path: Path, answer_pattern: str | None, instruction: str | None, *, judged: bool) -> Task:
    """Return what the tasks of a file have in common; of a judged one the whole attempt counts."""
    if answer_pattern is None and judged:
        return Task(question="", instruction=instruction or "", answer_pattern=WHOLE_REPLY)
    if answer_pattern is None:
        default = ANSWER_INSTRUCTION if instruction is None else instruction
        return Task(question="", instruction=default, answer_pattern=ANSWER_PATTERN)
    _compiled(path, answer_pattern)
    return Task(question="", instruction=instruction or "", answer_pattern=answer_pattern)


def _lesson(
    row: Row,
    whole: Lesson,
    question: str,
    reference: str,
    skill_column: str | None,
    columns: dict[str, str],
) -> Lesson:
    values, files = _data(row, columns)
    own = {
        "task": whole.task.model_copy(update={"question": text(row, question)}),
        "reference": reference,
        "skill": text(row, skill_column) if skill_column else whole.skill,
        "data": values,
        "files": files,
    }
    lesson = whole.model_copy(update=own)
    return lesson.model_copy(update={"id": ids.lesson_id(lesson)})


def _data(row: Row, columns: dict[str, str]) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """Return the verifier's data of a row, and the digests of the files that it names."""
    values: dict[str, JsonValue] = {}
    files: dict[str, str] = {}
    for key, column in columns.items():
        value = row.values.get(column)
        if value is None:
            raise row.wrong(f"column {column!r} is empty; fill it in or take the row out")
        if key in _PATHS:
            names = value if isinstance(value, list) else [value]
            paths = [_file(row, column, name, files) for name in names]
            values[key] = [*paths] if isinstance(value, list) else paths[0]
        else:
            values[key] = value
    return values, files


def _file(row: Row, column: str, name: JsonValue, files: dict[str, str]) -> str:
    """Return the whole path of a file that a row names, and note its digest."""
    if not isinstance(name, str) or not name:
        raise row.wrong(f"column {column!r} names no file; give a path")
    path = (row.path.parent / name).resolve()
    try:
        files[str(path)] = ids.file_digest(path)
    except OSError as error:
        raise row.wrong(
            f"column {column!r}: {name!r} cannot be read ({error.strerror}); correct the path"
        ) from error
    return str(path)


def _references(
    path: Path, rows: Sequence[Row], column: str, pattern: str | None
) -> tuple[str, ...]:
    """Return the reference of each row: the column's text, or what the pattern takes of it."""
    texts = [text(row, column) for row in rows]
    if pattern is None:
        return tuple(texts)
    compiled = _compiled(path, pattern)
    found = [list(compiled.finditer(whole)) for whole in texts]
    if not any(found):
        raise SourceError(
            f"{str(path)!r}: the pattern {pattern!r} matches in no row of {column!r}; correct it"
        )
    for row, matches in zip(rows, found, strict=True):
        if not matches or not _taken(matches[-1]):
            raise row.wrong(f"the pattern {pattern!r} finds nothing in {column!r}; correct either")
    return tuple(_taken(matches[-1]) for matches in found)


def _taken(match: re.Match[str]) -> str:
    return (match[1] or "") if match.re.groups else match[0]


def _compiled(path: Path, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.MULTILINE)
    except (re.error, OverflowError, RecursionError) as error:
        raise SourceError(
            f"{str(path)!r}: the pattern {pattern!r} does not compile ({error}); correct it"
        ) from error
