"""Copy a run forward: the same episodes again and again, under the ids that new ones would have.

    python benchmarks/forward.py lyceum.db 1000000

What a newcomer gets wrong: the copies are as many and as large as real episodes, in every table and
index, and nothing else about them is real. A copied lesson, question and call is one of its own by
id and digest, and the words of a question are written in another alphabet for each copy, so that no
two are alike; the words of calls and attempts repeat; digests of trajectories are those of
the episode that was copied, so that `verify` names every one of them. What is measured on such a
file is how long it takes to find things, not what was made.
"""

import contextlib
import hashlib
import random
import sqlite3
import sys
import time
from pathlib import Path
from string import ascii_lowercase

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout, whatever is installed
from storage import ids
from storage.sums import recount

BLOCKS = 20
"""How many copies of the whole run go into one transaction."""

_ASSIGNMENTS = """INSERT INTO assignments
    SELECT trajectory_id(:run, n + :by), run_id, n + :by, skill, level, language,
        derive_seed(:seed, n + :by), ordinal + :block * (
            SELECT count(*) FROM assignments same WHERE same.run_id = :run
            AND same.skill = source.skill AND same.level = source.level AND same.n < :size),
        expert_seed_id, practice
    FROM assignments source WHERE run_id = :run AND n < :size"""
_LESSONS = """INSERT OR IGNORE INTO lessons
    SELECT copied('l', id, :block), skill, level, language, reworded(question, :block),
        instruction, answer_pattern, givens, reference, steps, verifier, data, files,
        expert_seed_id, made_by, question_digest(reworded(question, :block))
    FROM lessons WHERE id IN
        (SELECT lesson_id FROM trajectories WHERE run_id = :run AND n < :size)"""
_TRAJECTORIES = """INSERT INTO trajectories
    SELECT trajectory_id(:run, n + :by), run_id, n + :by, copied('l', lesson_id, :block), status,
        reward, reason, findings, error, tried, solved, critiques, digest, attempts,
        accepted_attempts
    FROM trajectories WHERE run_id = :run AND n < :size"""
_ATTEMPTS = """INSERT INTO attempts
    SELECT attempt_id(trajectory_id(:run, t.n + :by), revision, idx),
        trajectory_id(:run, t.n + :by), copied('l', a.lesson_id, :block), idx, revision, text,
        reasoning, answer, finish_reason, slips, made_by, a.error, a.digest
    FROM trajectories t JOIN attempts a ON a.trajectory_id = t.id
    WHERE t.run_id = :run AND t.n < :size"""
_VERDICTS = """INSERT INTO verdicts
    SELECT verdict_id(copy, ordinal), copy, ordinal, place, status, reward, rung, reason, checks,
        grades, critique, first_wrong_step, digest, first_wrong_step_rung
    FROM (SELECT v.*, attempt_id(trajectory_id(:run, t.n + :by), revision, idx) AS copy
        FROM trajectories t JOIN attempts a ON a.trajectory_id = t.id
        JOIN verdicts v ON v.attempt_id = a.id
        WHERE t.run_id = :run AND t.n < :size)"""
_USED = """SELECT request_digest FROM calls_used JOIN assignments USING (trajectory_id)
    WHERE run_id = :run AND n < :size"""
_CALLS = f"""INSERT INTO model_calls
    SELECT copied('sha256:', request_digest, :block), role, endpoint, model, prompt, request, reply,
        text, reasoning, finish_reason, tokens_in, tokens_out, cost_usd, latency_s, created_at,
        reply_digest
    FROM model_calls WHERE request_digest IN ({_USED})"""
_CALLS_USED = """INSERT INTO calls_used
    SELECT trajectory_id(:run, n + :by), role, revision, idx, turn,
        copied('sha256:', request_digest, :block), journal_hit
    FROM calls_used JOIN assignments USING (trajectory_id) WHERE run_id = :run AND n < :size"""
_CHANGES = """INSERT INTO changes (trajectory_id, at)
    SELECT trajectory_id(:run, n + :by), (SELECT created_at FROM runs WHERE id = :run)
    FROM trajectories WHERE run_id = :run AND n < :size ORDER BY n"""
_STEPS = (
    *(_ASSIGNMENTS, _LESSONS, _TRAJECTORIES, _ATTEMPTS),
    *(_VERDICTS, _CALLS, _CALLS_USED, _CHANGES),
)


def copy_forward(path: Path, wanted: int) -> None:
    """Make the latest run of a closed database longer, and say on stderr how far it is.

    Args:
        path: The database; nobody else may have it open. The run has ended.
        wanted: How many episodes it is to have, a multiple of those that it has.
    """
    started = time.monotonic()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # If the machine fails now, nothing is lost that could not be copied again.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
            connection.execute(f"PRAGMA {pragma}")
        sql = "SELECT id, episodes, seed FROM runs ORDER BY rowid DESC LIMIT 1"
        run, size, seed = connection.execute(sql).fetchone()
        _lend_functions(connection)
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for first in range(1, wanted // size, BLOCKS):
            connection.execute("BEGIN")
            for block in range(first, min(first + BLOCKS, wanted // size)):
                values = {"run": run, "seed": seed, "size": size, "by": block * size}
                for sql in _STEPS:
                    connection.execute(sql, values | {"block": block})
            connection.execute("COMMIT")
            passed = time.monotonic() - started
            have = (block + 1) * size
            sys.stderr.write(f"copied forward to {have} of {wanted} in {passed:.0f} s\n")
        for _, sql in triggers:
            connection.execute(sql)
        connection.execute("BEGIN")
        recount(connection, run)
        connection.execute("UPDATE runs SET episodes = ? WHERE id = ?", (wanted, run))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def _lend_functions(connection: sqlite3.Connection) -> None:
    """Let SQL make ids as the program makes them, and ids of what is a copy."""

    def copied(letter: str, name: str | None, block: int) -> str | None:
        if name is None:
            return None
        digits = hashlib.sha256(f"{name} {block}".encode()).hexdigest()
        return letter + digits[: 64 if letter == "sha256:" else 32]

    def reworded(text: str, block: int) -> str:
        letters = list(ascii_lowercase)
        random.Random(block).shuffle(letters)
        return f"{text.translate(str.maketrans(ascii_lowercase, ''.join(letters)))} [{block}]"

    def derive_seed(seed: int, n: int) -> int:
        return ids.derive_seed(seed, "episode", n)

    for function, count in (
        (ids.trajectory_id, 2),
        (ids.attempt_id, 3),
        (ids.verdict_id, 2),
        (ids.question_digest, 1),
        (reworded, 2),
        (derive_seed, 2),
        (copied, 3),
    ):
        connection.create_function(function.__name__, count, function, deterministic=True)


if __name__ == "__main__":
    copy_forward(Path(sys.argv[1]), int(sys.argv[2]))
