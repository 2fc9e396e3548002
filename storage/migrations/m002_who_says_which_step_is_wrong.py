"""Step 2: who named the first wrong step.

Frozen history: never edited, see `storage.migrations.history`.
"""

from sqlite_utils import Database

from storage.migrations.history import migrations

_M002 = """
ALTER TABLE verdicts ADD COLUMN first_wrong_step_rung TEXT -- NULL: no wrong step is known
    CHECK (first_wrong_step_rung IN ('program', 'judge', 'person'));
UPDATE verdicts SET first_wrong_step_rung = 'program' WHERE first_wrong_step IS NOT NULL;
"""


@migrations()
def m002_who_says_which_step_is_wrong(db: Database) -> None:
    """Keep who named the first wrong step; until now only programs did."""
    db.executescript(_M002)
