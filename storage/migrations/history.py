"""The steps that made the schema, and which of them a database has had.

Steps are frozen history, a file each: add one, never edit one, and import none of our own code
there but the list that is kept here. A step runs in one transaction with the record that it ran. A
column that can be NULL says what NULL means.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

APPLICATION_ID = 0x4C594345
"""`LYCE` in ASCII, in the file's header: how a Lyceum database is told from other SQLite files."""

migrations = Migrations("lyceum")


def pending(db: Database) -> bool:
    """Tell whether steps are still to be applied; writes nothing."""
    return bool(migrations.pending(db))


def unknown(db: Database) -> list[str]:
    """Return the applied steps that this version does not know, oldest first; writes nothing."""
    with Database(memory=True, execute_plugins=False) as empty:
        known = {step.name for step in migrations.pending(empty)}
    return [step.name for step in migrations.applied(db) if step.name not in known]
