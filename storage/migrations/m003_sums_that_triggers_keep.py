"""Step 3: sums of every run, kept by triggers.

Frozen history: never edited, see `storage.migrations.history`.
"""

from sqlite_utils import Database

from storage.migrations.history import migrations

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
