"""One sitting of `review`: the audit that it may be about, and the one that is held in a terminal.

What a newcomer gets wrong: an audit is drawn before anybody is asked, and stays; so the same
command on another day goes on with it, as long as something of it is left.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from storage.index import Index
from storage.people.audits import Audit, audit_of, draw, unfinished
from storage.people.giving import People
from storage.people.rubric import Criterion
from storage.queries import Reader
from storage.report.looking import Reviewing
from storage.report.review import Reviewed, review_in_terminal


def audit_asked(
    db: Path, run: str | None, options: Reviewing, tell: Callable[[str], None]
) -> str | None:
    """Return the id of the audit that is to be judged, drawn if a number is asked for.

    One that was drawn so before and is not finished is gone on with. None: the queue is to be
    judged.

    Args:
        db: The database.
        run: The run, or the beginning of its id. None: the latest.
        options: What was typed.
        tell: Says a line to the person, about how to go on with it.

    Raises:
        StorageError: there is no such run or audit, or nothing to draw from.
    """
    if options.audit is None:
        return None
    with Reader.open(db) as reader:
        found = _audit(reader, run, options.audit, options.seed)
    tell(
        f"audit {found.id}: {found.judged} of {found.size} judged; to go on another day: "
        f"review --audit {found.id}"
    )
    return found.id


def _audit(reader: Reader, run: str | None, asked: str, seed: int) -> Audit:
    if not (asked.isascii() and asked.isdecimal()):
        return audit_of(reader, asked)
    shown = reader.run(run) if run else reader.latest_run()
    size = int(asked)
    if begun := unfinished(reader, shown.id, size, seed):
        return begun
    with People.open(reader.path) as people:
        return draw(people, reader, shown.id, size, seed)


def review_here(
    db: Path,
    run: str | None,
    person: str,
    audit_id: str | None,
    console: Console,
    criteria: Sequence[tuple[str, float, str]] = (),
) -> Reviewed:
    """Ask a person in the terminal, and return what came of it.

    Args:
        db: The database.
        run: The run, or the beginning of its id. None: all runs.
        person: Who is asked.
        audit_id: The audit that is judged. None: the queue is.
        console: Where attempts are shown.
        criteria: The rubric of runs whose own is not known: names, weights, and when each is met.

    Raises:
        StorageError: the database cannot be read or written, or the person's name is none.
    """
    with Reader.open(db) as reader, People.open(db) as people, Index.open(db) as index:
        shown = reader.run(run).id if run else None
        if index.notice:
            console.print(index.notice, markup=False, highlight=False)
        with console.status("indexing"):
            index.keep_up(waits=True)
        rubric = [Criterion(*each) for each in criteria]
        return review_in_terminal(
            people, reader, index, person, console,
            run_id=shown, audit_id=audit_id, criteria=rubric,
        )  # fmt: skip
