"""The schema, as the steps that made it.

Steps are frozen history: append one, never edit one, and import none of our own code here. A step
runs in one transaction with the record that it ran. A column that can be NULL says what NULL means.
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


_M002 = """
ALTER TABLE verdicts ADD COLUMN first_wrong_step_rung TEXT -- NULL: no wrong step is known
    CHECK (first_wrong_step_rung IN ('program', 'judge', 'person'));
UPDATE verdicts SET first_wrong_step_rung = 'program' WHERE first_wrong_step IS NOT NULL;
"""


@migrations()
def m002_who_says_which_step_is_wrong(db: Database) -> None:
    """Keep who named the first wrong step; until now only programs did."""
    db.executescript(_M002)


_M003 = """
ALTER TABLE trajectories ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0);
ALTER TABLE trajectories ADD COLUMN accepted_attempts INTEGER NOT NULL DEFAULT 0
    CHECK (accepted_attempts BETWEEN 0 AND attempts);
UPDATE trajectories SET
    attempts = (SELECT count(*) FROM attempts WHERE trajectory_id = trajectories.id),
    accepted_attempts = (SELECT count(*) FROM attempts JOIN verdicts v ON attempt_id = attempts.id
        WHERE trajectory_id = trajectories.id AND v.status = 'accepted' AND NOT EXISTS (
            SELECT 1 FROM verdicts w WHERE w.attempt_id = v.attempt_id AND w.ordinal > v.ordinal));

DROP INDEX trajectories_by_lesson;
CREATE INDEX trajectories_by_lesson ON trajectories (lesson_id, run_id, n);
CREATE INDEX assignments_by_skill ON assignments (run_id, skill, n);

CREATE TABLE place_sums (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    skill TEXT NOT NULL,
    level INTEGER NOT NULL,
    assigned INTEGER NOT NULL DEFAULT 0,
    accepted INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    unscored INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    accepted_attempts INTEGER NOT NULL DEFAULT 0,
    tried INTEGER NOT NULL DEFAULT 0,
    solved INTEGER NOT NULL DEFAULT 0,
    critiques INTEGER NOT NULL DEFAULT 0,
    scored INTEGER NOT NULL DEFAULT 0,
    reward REAL NOT NULL DEFAULT 0.0,
    PRIMARY KEY (run_id, skill, level)
) STRICT, WITHOUT ROWID;

CREATE TABLE reason_sums (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    trajectories INTEGER NOT NULL,
    PRIMARY KEY (run_id, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE call_sums (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('teacher', 'student', 'critic')),
    model_calls INTEGER NOT NULL DEFAULT 0,
    journal_hits INTEGER NOT NULL DEFAULT 0,
    tokens_in INTEGER NOT NULL DEFAULT 0,
    tokens_out INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0.0,
    unpriced INTEGER NOT NULL DEFAULT 0,
    call_errors INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run_id, role)
) STRICT, WITHOUT ROWID;
"""
_ROLES = "(SELECT 'teacher' AS role UNION SELECT 'student' UNION SELECT 'critic')"
_SUMMED = (
    """INSERT INTO place_sums
    SELECT a.run_id, a.skill, a.level, count(*),
        count(*) FILTER (WHERE t.status = 'accepted'),
        count(*) FILTER (WHERE t.status = 'rejected'),
        count(*) FILTER (WHERE t.status = 'unscored'),
        count(*) FILTER (WHERE t.status = 'failed'),
        coalesce(sum(t.attempts), 0), coalesce(sum(t.accepted_attempts), 0),
        coalesce(sum(t.tried), 0), coalesce(sum(t.solved), 0), coalesce(sum(t.critiques), 0),
        count(t.reward), total(t.reward)
    FROM assignments a LEFT JOIN trajectories t ON t.id = a.trajectory_id
    GROUP BY a.run_id, a.skill, a.level""",
    """INSERT INTO reason_sums
    SELECT a.run_id, coalesce(t.reason, 'error'), count(*)
    FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.status <> 'accepted' GROUP BY 1, 2""",
    f"INSERT INTO call_sums (run_id, role) SELECT id, role FROM runs, {_ROLES}",
)
_ASSIGNED = """INSERT INTO place_sums (run_id, skill, level, assigned)
    VALUES (NEW.run_id, NEW.skill, NEW.level, 1)
    ON CONFLICT DO UPDATE SET assigned = assigned + 1;"""
_UNASSIGNED = """UPDATE place_sums SET assigned = assigned - 1
    WHERE run_id = OLD.run_id AND skill = OLD.skill AND level = OLD.level;"""
_LANDED = """UPDATE place_sums SET
        accepted = place_sums.accepted {sign} (t.status = 'accepted'),
        rejected = place_sums.rejected {sign} (t.status = 'rejected'),
        unscored = place_sums.unscored {sign} (t.status = 'unscored'),
        failed = place_sums.failed {sign} (t.status = 'failed'),
        attempts = place_sums.attempts {sign} t.attempts,
        accepted_attempts = place_sums.accepted_attempts {sign} t.accepted_attempts,
        tried = place_sums.tried {sign} t.tried,
        solved = place_sums.solved {sign} t.solved,
        critiques = place_sums.critiques {sign} t.critiques,
        scored = place_sums.scored {sign} (t.reward IS NOT NULL),
        reward = place_sums.reward {sign} coalesce(t.reward, 0.0)
    {of}"""
_REASONED = """INSERT INTO reason_sums (run_id, reason, trajectories)
    SELECT a.run_id, coalesce(t.reason, 'error'), {sign} 1 {of} AND t.status <> 'accepted'
    ON CONFLICT DO UPDATE SET trajectories = trajectories + excluded.trajectories;"""
_OF_A_TRAJECTORY = """FROM trajectories t JOIN assignments a ON a.trajectory_id = t.id
    WHERE t.id = {id}"""
_AT_ITS_PLACE = """ AND (place_sums.run_id, place_sums.skill, place_sums.level)
        = (a.run_id, a.skill, a.level);"""
_CALLED = """UPDATE call_sums SET
        model_calls = call_sums.model_calls {sign} d.model_calls,
        journal_hits = call_sums.journal_hits {sign} d.journal_hits,
        tokens_in = call_sums.tokens_in {sign} d.tokens_in,
        tokens_out = call_sums.tokens_out {sign} d.tokens_out,
        cost_usd = call_sums.cost_usd {sign} d.cost_usd,
        unpriced = call_sums.unpriced {sign} d.unpriced
    FROM (SELECT a.run_id, u.role, sum(1 - u.journal_hit) AS model_calls,
            sum(u.journal_hit) AS journal_hits,
            sum((1 - u.journal_hit) * coalesce(c.tokens_in, 0)) AS tokens_in,
            sum((1 - u.journal_hit) * coalesce(c.tokens_out, 0)) AS tokens_out,
            sum((1 - u.journal_hit) * coalesce(c.cost_usd, 0.0)) AS cost_usd,
            sum((1 - u.journal_hit) * (c.cost_usd IS NULL)) AS unpriced
        FROM calls_used u JOIN model_calls c ON c.request_digest = u.request_digest
        JOIN assignments a ON a.trajectory_id = u.trajectory_id
        WHERE {which} GROUP BY a.run_id, u.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;"""
_UNANSWERED = """UPDATE call_sums SET call_errors = call_sums.call_errors {sign} d.times
    FROM (SELECT a.run_id, e.role, count(*) AS times FROM call_errors e
        JOIN assignments a ON a.trajectory_id = e.trajectory_id
        WHERE {which} GROUP BY a.run_id, e.role) AS d
    WHERE call_sums.run_id = d.run_id AND call_sums.role = d.role;"""
_JUST_CALLED = """UPDATE call_sums SET
        (model_calls, journal_hits, tokens_in, tokens_out, cost_usd, unpriced) = (SELECT
            model_calls + paid, journal_hits + NEW.journal_hit,
            call_sums.tokens_in + paid * coalesce(c.tokens_in, 0),
            call_sums.tokens_out + paid * coalesce(c.tokens_out, 0),
            call_sums.cost_usd + paid * coalesce(c.cost_usd, 0.0),
            unpriced + paid * (c.cost_usd IS NULL)
        FROM (SELECT 1 - NEW.journal_hit AS paid) JOIN model_calls c
        WHERE c.request_digest = NEW.request_digest)
    WHERE run_id = (SELECT run_id FROM assignments WHERE trajectory_id = NEW.trajectory_id)
    AND role = NEW.role;"""
_MOVING = {
    "assignments": "trajectory_id, run_id, skill, level",
    "trajectories": "id, status, reward, reason, attempts, accepted_attempts, tried, solved, "
    "critiques",
    "calls_used": "trajectory_id, role, revision, idx, turn, request_digest, journal_hit",
    "model_calls": "request_digest, tokens_in, tokens_out, cost_usd",
    "call_errors": "trajectory_id, role",
}
"""The columns of each table that sums hang on."""


def _summed(table: str, row: str, sign: str) -> str:
    """Return what puts a row into all sums (row NEW, sign +), or takes it out (OLD, -)."""
    one = f"{row}.trajectory_id"
    of = _OF_A_TRAJECTORY.format(id=f"{row}.id" if table == "trajectories" else one)
    landed = _LANDED.format(sign=sign, of=of + _AT_ITS_PLACE) + _REASONED.format(sign=sign, of=of)
    place = " AND ".join(
        f"u.{name} = {row}.{name}" for name in ("trajectory_id", "role", "revision", "idx", "turn")
    )
    which = {"calls_used": place, "model_calls": f"u.request_digest = {row}.request_digest"}
    called = _CALLED.format(sign=sign, which=which.get(table, f"u.trajectory_id = {one}"))
    which = {"call_errors": f"e.id = {row}.id"}
    unanswered = _UNANSWERED.format(sign=sign, which=which.get(table, f"e.trajectory_id = {one}"))
    if table == "assignments":
        both = landed + called + unanswered
        return _ASSIGNED + both if sign == "+" else both + _UNASSIGNED
    return {"trajectories": landed, "call_errors": unanswered}.get(table, called)


@migrations()
def m003_sums_that_triggers_keep(db: Database) -> None:
    """Keep the sums of every run beside its rows, so that nobody has to read a million of them.

    A row that changes is taken out of the sums before it does, and put into them after. What
    belongs to no assignment is in no sum. Rows come in the order that foreign keys ask for, so a
    new one is put in without a look at what hangs on it; those triggers are run for every episode.
    """
    db.executescript(_M003)
    for sql in _SUMMED:
        db.execute(sql)
    db.execute(_CALLED.format(sign="+", which="TRUE"))
    db.execute(_UNANSWERED.format(sign="+", which="TRUE"))
    new = {
        "runs": f"""INSERT INTO call_sums (run_id, role)
    SELECT NEW.id, role FROM {_ROLES} WHERE TRUE ON CONFLICT DO NOTHING;""",
        "assignments": _ASSIGNED,
        "trajectories": _summed("trajectories", "NEW", "+"),
        "calls_used": _JUST_CALLED,
        "call_errors": _summed("call_errors", "NEW", "+"),
    }
    bodies = [(f"{table}_new AFTER INSERT ON {table}", body) for table, body in new.items()]
    for table, columns in _MOVING.items():
        into, out_of = _summed(table, "NEW", "+"), _summed(table, "OLD", "-")
        bodies += [
            (f"{table}_deleted BEFORE DELETE ON {table}", out_of),
            (f"{table}_changing BEFORE UPDATE OF {columns} ON {table}", out_of),
            (f"{table}_changed AFTER UPDATE OF {columns} ON {table}", into),
        ]
    for head, body in bodies:
        db.execute(f"CREATE TRIGGER {head} BEGIN\n{body}\nEND")
