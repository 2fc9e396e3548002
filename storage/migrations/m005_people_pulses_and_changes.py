"""Step 5: what people say about attempts, how a run goes while it runs, and what has changed.

Frozen history: never edited, see `storage.migrations.history`.
"""

from sqlite_utils import Database

from storage.migrations.history import migrations

# No act and no drawn attempt refers to a row of attempts: an episode may be taken out and landed
# again, and then what people said of the same text still stands.
_M005 = """
CREATE TABLE audits (
    id TEXT NOT NULL PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (id),
    seed INTEGER NOT NULL CHECK (seed >= 0),
    population INTEGER NOT NULL CHECK (population >= 0),
    drawn_at TEXT NOT NULL
) STRICT;

CREATE TABLE audited (
    audit_id TEXT NOT NULL REFERENCES audits (id),
    place INTEGER NOT NULL CHECK (place >= 0),
    attempt_id TEXT NOT NULL,
    PRIMARY KEY (audit_id, place),
    UNIQUE (audit_id, attempt_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE acts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    act TEXT NOT NULL CHECK (act IN ('gave', 'withdrew')),
    run_id TEXT NOT NULL REFERENCES runs (id),
    trajectory_id TEXT NOT NULL,
    attempt_id TEXT NOT NULL,
    attempt_digest TEXT NOT NULL,
    verdict_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    person TEXT NOT NULL CHECK (person <> ''),
    at TEXT NOT NULL,
    note TEXT NOT NULL,
    blind INTEGER NOT NULL CHECK (blind IN (0, 1)),
    audit_id TEXT REFERENCES audits (id), -- NULL: it was asked for by no audit
    status TEXT NOT NULL CHECK (status IN ('accepted', 'rejected', 'unscored')),
    reward REAL CHECK (reward BETWEEN 0 AND 1), -- NULL: the person could not score it
    reason TEXT, -- NULL: it is accepted
    grades TEXT NOT NULL CHECK (json_valid(grades)),
    critique TEXT NOT NULL,
    first_wrong_step INTEGER CHECK (first_wrong_step >= 1), -- NULL: the person names none
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX acts_by_trajectory ON acts (trajectory_id, id);
CREATE INDEX acts_by_attempt ON acts (attempt_id, id);
CREATE TRIGGER acts_stand BEFORE UPDATE ON acts
    BEGIN SELECT RAISE(ABORT, 'what people did is never changed'); END;
CREATE TRIGGER acts_stay BEFORE DELETE ON acts
    BEGIN SELECT RAISE(ABORT, 'what people did is never deleted'); END;

CREATE TABLE changes (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    trajectory_id TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
INSERT INTO changes (trajectory_id, at) SELECT t.id, runs.created_at
    FROM trajectories t JOIN runs ON runs.id = run_id ORDER BY t.rowid;
CREATE TRIGGER trajectories_are_new AFTER INSERT ON trajectories BEGIN
    INSERT INTO changes (trajectory_id, at)
    VALUES (NEW.id, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')); END;
CREATE TRIGGER trajectories_are_other AFTER UPDATE ON trajectories BEGIN
    INSERT INTO changes (trajectory_id, at)
    VALUES (NEW.id, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')); END;
CREATE TRIGGER trajectories_are_gone AFTER DELETE ON trajectories BEGIN
    INSERT INTO changes (trajectory_id, at)
    VALUES (OLD.id, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')); END;

CREATE TABLE pulses (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    in_flight INTEGER NOT NULL CHECK (in_flight >= 0),
    open INTEGER NOT NULL CHECK (open >= 0),
    accepted INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    unscored INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    model_calls INTEGER NOT NULL,
    call_errors INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    cost_usd REAL NOT NULL,
    forecast_usd REAL, -- NULL: nothing can be said yet, or a price is not known
    forecast_s REAL, -- NULL: nothing can be said yet
    PRIMARY KEY (run_id, at)
) STRICT, WITHOUT ROWID;
"""


@migrations()
def m005_people_pulses_and_changes(db: Database) -> None:
    """Keep what people do in order and for good, a pulse of each run, and what was changed when."""
    db.executescript(_M005)
