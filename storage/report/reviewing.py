"""One sitting of `review`: the audit that it may be about, and the one that is held in a terminal.

What a newcomer gets wrong: an audit is drawn before anybody is asked, and stays; to judge it in
several sittings is to name it again.
"""

from pathlib import Path

from rich.console import Console

from storage.index import Index
from storage.people.audits import audit_of, draw
from storage.people.giving import People
from storage.queries import Reader
from storage.report.looking import Reviewing
from storage.report.review import Reviewed, review_in_terminal


def audit_asked(db: Path, run: str | None, options: Reviewing) -> str | None:
    """Return the id of the audit that is to be judged, drawn if a number is asked for.

    None: the queue is to be judged.

    Raises:
        StorageError: there is no such run or audit, or nothing to draw from.
    """
    if options.audit is None:
        return None
    with Reader.open(db) as reader:
        if not (options.audit.isascii() and options.audit.isdecimal()):
            return audit_of(reader, options.audit).id
        shown = reader.run(run) if run else reader.latest_run()
        with People.open(db) as people:
            return draw(people, reader, shown.id, int(options.audit), options.seed).id


def review_here(
    db: Path, run: str | None, person: str, audit_id: str | None, console: Console
) -> Reviewed:
    """Ask a person in the terminal, and return what came of it.

    Args:
        db: The database.
        run: The run, or the beginning of its id. None: all runs.
        person: Who is asked.
        audit_id: The audit that is judged. None: the queue is.
        console: Where attempts are shown.

    Raises:
        StorageError: the database cannot be read or written, or the person's name is none.
    """
    with Reader.open(db) as reader, People.open(db) as people, Index.open(db) as index:
        shown = reader.run(run).id if run else None
        if index.notice:
            console.print(index.notice, markup=False, highlight=False)
        with console.status("indexing"):
            index.keep_up(waits=True)
        return review_in_terminal(
            people, reader, index, person, console, run_id=shown, audit_id=audit_id
        )
