"""Step 1: everything that a run of one batch needs.

Frozen history: never edited, see `storage.migrations.history`.
"""

from sqlite_utils import Database

from storage.migrations.history import migrations

_M001 = """
CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    begun INTEGER NOT NULL CHECK (begun >= 0),
    seed INTEGER NOT NULL,
    identity TEXT NOT NULL CHECK (json_valid(identity)),
    config TEXT NOT NULL CHECK (json_valid(config)),
    skills TEXT NOT NULL CHECK (json_valid(skills)),
    expert_seeds TEXT NOT NULL CHECK (json_valid(expert_seeds)),
    episodes INTEGER NOT NULL CHECK (episodes >= 1),
    versions TEXT NOT NULL CHECK (json_valid(versions)),
    created_at TEXT NOT NULL,
    ended TEXT -- NULL: unfinished
) STRICT;

CREATE TABLE expert_seeds (
    id TEXT NOT NULL PRIMARY KEY,
    example TEXT NOT NULL,
    reference TEXT, -- NULL: the file gives none
    passage TEXT, -- NULL: the file gives none
    skill TEXT, -- NULL: good for every skill
    author TEXT, -- NULL: the file does not say
    licence TEXT -- NULL: the file does not say; not safe to publish
) STRICT;

CREATE TABLE assignments (
    trajectory_id TEXT NOT NULL PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (id),
    n INTEGER NOT NULL CHECK (n >= 0),
    skill TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level >= 1),
    language TEXT NOT NULL,
    seed INTEGER NOT NULL,
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    expert_seed_id TEXT REFERENCES expert_seeds (id), -- NULL: the run has no expert seeds
    practice TEXT NOT NULL CHECK (json_valid(practice)),
    UNIQUE (run_id, n)
) STRICT;

CREATE TABLE lessons (
    id TEXT NOT NULL PRIMARY KEY,
    skill TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level >= 1),
    language TEXT NOT NULL,
    question TEXT NOT NULL,
    instruction TEXT NOT NULL,
    answer_pattern TEXT NOT NULL,
    givens TEXT CHECK (givens IS NULL OR json_valid(givens)), -- NULL: prose only
    reference TEXT NOT NULL,
    steps TEXT NOT NULL CHECK (json_valid(steps)),
    verifier TEXT NOT NULL,
    data TEXT NOT NULL CHECK (json_valid(data)),
    files TEXT NOT NULL CHECK (json_valid(files)),
    expert_seed_id TEXT REFERENCES expert_seeds (id), -- NULL: grew from no expert seed
    made_by TEXT NOT NULL,
    question_digest TEXT NOT NULL
) STRICT;
CREATE INDEX lessons_by_question ON lessons (question_digest);

CREATE TABLE trajectories (
    id TEXT NOT NULL PRIMARY KEY REFERENCES assignments (trajectory_id),
    run_id TEXT NOT NULL REFERENCES runs (id),
    n INTEGER NOT NULL CHECK (n >= 0),
    lesson_id TEXT REFERENCES lessons (id), -- NULL: no draft became a lesson
    status TEXT NOT NULL CHECK (status IN ('accepted', 'rejected', 'unscored', 'failed')),
    reward REAL CHECK (reward BETWEEN 0 AND 1), -- NULL: nobody scored it, which is not 0
    reason TEXT, -- NULL: it is accepted
    findings TEXT NOT NULL CHECK (json_valid(findings)),
    error TEXT, -- NULL: no exception ended the episode
    tried INTEGER NOT NULL CHECK (tried >= 0),
    solved INTEGER NOT NULL CHECK (solved >= 0),
    critiques INTEGER NOT NULL CHECK (critiques >= 0),
    digest TEXT NOT NULL,
    UNIQUE (run_id, n)
) STRICT;
CREATE INDEX trajectories_by_status ON trajectories (run_id, status, n);
CREATE INDEX trajectories_by_lesson ON trajectories (lesson_id);

CREATE TABLE attempts (
    id TEXT NOT NULL PRIMARY KEY,
    trajectory_id TEXT NOT NULL REFERENCES trajectories (id),
    lesson_id TEXT NOT NULL REFERENCES lessons (id),
    idx INTEGER NOT NULL CHECK (idx >= 0),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    text TEXT NOT NULL,
    reasoning TEXT, -- NULL: the student gave no reasoning apart from its text
    answer TEXT, -- NULL: the text states no answer in the asked form
    finish_reason TEXT NOT NULL,
    slips TEXT NOT NULL CHECK (json_valid(slips)),
    made_by TEXT NOT NULL,
    error TEXT, -- NULL: the student replied
    digest TEXT NOT NULL,
    UNIQUE (trajectory_id, revision, idx)
) STRICT;
CREATE INDEX attempts_by_lesson ON attempts (lesson_id);

CREATE TABLE verdicts (
    id TEXT NOT NULL PRIMARY KEY,
    attempt_id TEXT NOT NULL REFERENCES attempts (id),
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    place INTEGER NOT NULL CHECK (place >= 0),
    status TEXT NOT NULL CHECK (status IN ('accepted', 'rejected', 'unscored', 'failed')),
    reward REAL CHECK (reward BETWEEN 0 AND 1), -- NULL: nobody scored it, which is not 0
    rung TEXT CHECK (rung IN ('program', 'judge', 'person')), -- NULL: nobody decided
    reason TEXT, -- NULL: it is accepted
    checks TEXT NOT NULL CHECK (json_valid(checks)),
    grades TEXT NOT NULL CHECK (json_valid(grades)),
    critique TEXT NOT NULL,
    first_wrong_step INTEGER CHECK (first_wrong_step >= 1), -- NULL: not known
    digest TEXT NOT NULL,
    UNIQUE (attempt_id, ordinal)
) STRICT;

CREATE TABLE model_calls (
    request_digest TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('teacher', 'student', 'critic')),
    endpoint TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    request TEXT NOT NULL CHECK (json_valid(request)),
    reply TEXT NOT NULL,
    text TEXT NOT NULL,
    reasoning TEXT, -- NULL: the endpoint gave no reasoning apart from the text
    finish_reason TEXT NOT NULL,
    tokens_in INTEGER CHECK (tokens_in >= 0), -- NULL: the endpoint does not say
    tokens_out INTEGER CHECK (tokens_out >= 0), -- NULL: the endpoint does not say
    cost_usd REAL CHECK (cost_usd >= 0), -- NULL: the price is not known
    latency_s REAL NOT NULL CHECK (latency_s >= 0),
    created_at TEXT NOT NULL,
    reply_digest TEXT NOT NULL
) STRICT;

CREATE TABLE calls_used (
    trajectory_id TEXT NOT NULL REFERENCES assignments (trajectory_id),
    role TEXT NOT NULL CHECK (role IN ('teacher', 'student', 'critic')),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    idx INTEGER NOT NULL CHECK (idx >= 0),
    turn INTEGER NOT NULL CHECK (turn >= 0),
    request_digest TEXT NOT NULL REFERENCES model_calls (request_digest),
    journal_hit INTEGER NOT NULL CHECK (journal_hit IN (0, 1)),
    PRIMARY KEY (trajectory_id, role, revision, idx, turn)
) STRICT, WITHOUT ROWID;
CREATE INDEX calls_used_by_request ON calls_used (request_digest);

CREATE TABLE call_errors (
    id INTEGER NOT NULL PRIMARY KEY,
    trajectory_id TEXT NOT NULL REFERENCES assignments (trajectory_id),
    role TEXT NOT NULL CHECK (role IN ('teacher', 'student', 'critic')),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    idx INTEGER NOT NULL CHECK (idx >= 0),
    turn INTEGER NOT NULL CHECK (turn >= 0),
    request_digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    try_number INTEGER NOT NULL CHECK (try_number >= 1),
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX call_errors_by_trajectory ON call_errors (trajectory_id);
"""


@migrations()
def m001_first_tables(db: Database) -> None:
    """Make everything that a run of one batch needs."""
    db.executescript(_M001)
