"""Step 4: the bands by which questions that are nearly the same are found.

Frozen history: never edited, see `storage.migrations.history`.
"""

from sqlite_utils import Database

from storage.migrations.history import migrations

_M004 = """
CREATE TABLE question_bands (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    band INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (run_id, band, n)
) STRICT, WITHOUT ROWID;
"""


@migrations()
def m004_bands_of_questions(db: Database) -> None:
    """Keep the bands of each question that stands, in runs that look for near-duplicates."""
    db.executescript(_M004)
