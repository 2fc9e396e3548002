"""The command line as a person types it: real processes, real files, exit codes."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACT = {
    "run_id", "episodes", "accepted", "rejected", "unscored", "failed", "attempts", "model_calls",
    "journal_hits", "cost_usd", "tokens_in", "tokens_out", "wall_s", "dataset_digest",
}  # fmt: skip
ROLE = 'kind = "chat"\nmodel = "m"\nbase_url = "{url}"\n'
CHAT = (
    "seed = 3\nepisodes = {episodes}\nattempts = 1\nmax_revisions = 0\nin_flight = 8\n"
    '[[curriculum.skills]]\nname = "triage"\nverifier = "judge"\n'
    f"[teacher]\n{ROLE}[student]\n{ROLE}"
    f"[critic]\n{ROLE}own_answers = 0\nfalse_reference = false\n"
)


WATCH = """
import socket, sys

def watch(event, arguments):
    lookups = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
    network = event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6)
    if network or event in lookups:
        with open({seen!r}, "a") as file:
            print(event, arguments, file=file)

sys.addaudithook(watch)
"""


def run(*arguments, cwd, code=0, **environment):
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *map(str, arguments)], cwd=cwd, timeout=120,
        env={**os.environ, "COLUMNS": "200", **environment}, text=True, capture_output=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout, done.stderr


def figures(*arguments, cwd, code=0):
    return json.loads(run(*arguments, "--json", cwd=cwd, code=code)[0])


def refusal(*arguments, cwd):
    """Return the one line on stderr of a command that is refused."""
    out, err = run(*arguments, cwd=cwd, code=2)
    assert out == ""
    assert len(err.splitlines()) == 1, err
    assert "Traceback" not in err
    return err


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A database of 40 embedded episodes, and what `generate --json` said of it."""
    folder = tmp_path_factory.mktemp("made")
    return folder / "lyceum.db", figures("--episodes", 40, cwd=folder)


def copied(made, tmp_path):
    path = tmp_path / "lyceum.db"
    path.write_bytes(made[0].read_bytes())
    return path


def test_without_a_word_it_makes_the_default_dataset(tmp_path):
    said = figures(cwd=tmp_path)
    assert said["episodes"] == 200
    assert said["episodes"] == sum(said[s] for s in ("accepted", "rejected", "unscored", "failed"))
    assert said["skills"] >= 8
    assert 0.10 <= 1 - said["accepted"] / 200 <= 0.50
    assert said["failed"] == said["unscored"] == said["model_calls"] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lyceum.db"]


def test_the_default_run_opens_no_network_socket_and_looks_up_no_name(tmp_path):
    seen = tmp_path / "seen"
    (tmp_path / "sitecustomize.py").write_text(WATCH.format(seen=str(seen)))
    run("--episodes", 20, cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert not seen.exists(), seen.read_text()
    probe = "import socket; socket.socket(); socket.getaddrinfo('localhost', 80)"
    subprocess.run([sys.executable, "-c", probe], env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert len(seen.read_text().splitlines()) == 2


def test_json_is_one_object_with_the_contracts_keys(made):
    assert set(made[1]) >= CONTRACT


def test_the_summary_shows_a_trajectory_and_what_to_type_next(tmp_path):
    out, _ = run("--episodes", 20, cwd=tmp_path)
    for part in ("Teacher", "Verdict", "accepted", "digest", "python run.py inspect"):
        assert part in out


def test_the_same_command_again_says_that_the_run_is_complete(made, tmp_path):
    path = copied(made, tmp_path)
    out, _ = run("--episodes", 40, "--db", path, cwd=tmp_path)
    assert "--episodes N extends it" in out
    again = figures("--episodes", 40, "--db", path, cwd=tmp_path)
    assert again["dataset_digest"] == made[1]["dataset_digest"]


def test_a_larger_total_extends_a_run_and_equals_one_made_at_once(made, tmp_path):
    path = copied(made, tmp_path)
    extended = figures("--episodes", 60, "--db", path, cwd=tmp_path)
    at_once = figures("--episodes", 60, "--db", "other.db", cwd=tmp_path)
    assert extended["episodes"] == 60
    assert extended["run_id"] == made[1]["run_id"]
    assert extended["dataset_digest"] == at_once["dataset_digest"]


def test_another_seed_and_new_begin_other_runs(made, tmp_path):
    path = copied(made, tmp_path)
    other = figures("--episodes", 10, "--seed", 8, "--db", path, cwd=tmp_path)
    new = figures("--episodes", 10, "--new", "--db", path, cwd=tmp_path)
    assert len({made[1]["run_id"], other["run_id"], new["run_id"]}) == 3
    assert len(json.loads(run("inspect", "--db", path, "--json", cwd=tmp_path)[0])["runs"]) == 3


def test_a_changed_config_over_an_unfinished_run_is_refused_until_told(made, tmp_path):
    path = copied(made, tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE runs SET ended = NULL")
    database.close()
    line = refusal("--seed", 9, "--db", path, cwd=tmp_path)
    assert "seed" in line
    assert "--new" in line
    short = made[1]["run_id"][:9]
    assert figures("--run", short, "--db", path, cwd=tmp_path)["run_id"] == made[1]["run_id"]


def test_the_digest_does_not_depend_on_calls_in_flight(made, tmp_path):
    for in_flight in (1, 64):
        said = figures("--episodes", 40, "--in-flight", in_flight, "--db", f"{in_flight}.db",
                       cwd=tmp_path)  # fmt: skip
        assert said["dataset_digest"] == made[1]["dataset_digest"]


def test_accept_stops_with_exactly_that_many(tmp_path):
    said = figures("--accept", 12, cwd=tmp_path)
    assert said["accepted"] == 12
    assert run("verify", cwd=tmp_path)


def test_a_larger_accept_extends_and_what_was_trimmed_is_made_again(tmp_path):
    figures("--accept", 5, cwd=tmp_path)
    assert figures("--accept", 9, cwd=tmp_path)["accepted"] == 9
    assert figures(cwd=tmp_path)["accepted"] == 9
    at_once = figures("--accept", 9, "--db", "other.db", cwd=tmp_path)
    extended = figures("--episodes", 30, cwd=tmp_path)
    assert extended["episodes"] == 30
    assert at_once["dataset_digest"] != extended["dataset_digest"]


def test_accept_gives_up_with_a_word_when_the_episodes_do_not_suffice(tmp_path):
    _, err = run("--accept", 40, "--episodes", 40, cwd=tmp_path, code=1)
    assert "of 40 were accepted in" in err
    assert "--episodes N tries more; at this yield of" in err


def test_replay_and_verify_agree_with_what_was_made(made, tmp_path):
    for name in ("replay", "verify"):
        said = figures(name, "--db", made[0], cwd=tmp_path)
        assert said["disagreements"] == []
        assert said["dataset_digest"] == made[1]["dataset_digest"]


EDITS = {
    "task": ("lessons", "question", "question || ' Or not?'"),
    "reference": ("lessons", "reference", "reference || '1'"),
    "attempt": ("attempts", "text", "replace(text, '1. ', '1.  ')"),
    "answer": ("attempts", "answer", "answer || '1'"),
    "verdict": ("verdicts", "critique", "critique || '!'"),
    "reward": ("verdicts", "reward", "0.5"),
    "status": ("verdicts", "status", "'unscored'"),
    "episode's status": ("trajectories", "status", "'failed'"),
}


OF_AN_EPISODE = {
    "lessons": "id = (SELECT lesson_id FROM trajectories WHERE id = ?)",
    "attempts": "trajectory_id = ?",
    "verdicts": "attempt_id IN (SELECT id FROM attempts WHERE trajectory_id = ?)",
    "trajectories": "id = ?",
}


def edited(database, table, column, value, trajectory):
    """Edit a row of an episode and return its id; None: it has none that would be another."""
    changes = f"{OF_AN_EPISODE[table]} AND {column} IS NOT {value}"
    sql = f"UPDATE {table} SET {column} = {value} WHERE id = (SELECT id FROM {table} "
    found = database.execute(f"{sql} WHERE {changes} LIMIT 1) RETURNING id", (trajectory,))
    return next((row for (row,) in found.fetchall()), None)


def test_replay_and_verify_name_every_row_that_was_edited(made, tmp_path):
    path, rows = copied(made, tmp_path), {}
    with sqlite3.connect(path) as database:
        trajectories = database.execute("SELECT id FROM trajectories ORDER BY n").fetchall()
        # Each in an episode of its own, so that none is named because of another.
        for (trajectory,), what in zip(trajectories[3::4], EDITS, strict=False):
            rows[what] = edited(database, *EDITS[what], trajectory)
    database.close()
    assert len(rows) == len(EDITS)
    assert all(rows.values()), rows
    for name in ("replay", "verify"):
        found = figures(name, "--db", path, cwd=tmp_path, code=1)["disagreements"]
        for what, row in rows.items():
            table, column, _ = EDITS[what]
            assert (table, row) in {(each["table"], each["id"]) for each in found}, (name, what)
            if name == "replay":
                named = {(each["table"], each["id"], each["column"]) for each in found}
                assert (table, row, column) in named, (what, found)


def test_inspect_tells_why_a_trajectory_is_not_accepted(made, tmp_path):
    listed = json.loads(run("inspect", "--status", "rejected", "--db", made[0], "--json",
                            cwd=tmp_path)[0])["trajectories"]  # fmt: skip
    assert listed
    out, _ = run("inspect", listed[0]["id"][:12], "--db", made[0], cwd=tmp_path)
    assert "wrong" in out
    assert "check" in out
    assert "first wrong step" in out


def test_reading_a_database_loads_no_langgraph(made, tmp_path):
    for arguments in (["inspect", "3"], ["export", "sft", "o.jsonl"]):
        line = [sys.executable, "-X", "importtime", str(ROOT / "run.py"), *arguments]
        done = subprocess.run(
            [*line, "--db", made[0]], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0
        assert "sqlite_utils" in done.stderr
        assert "langgraph" not in done.stderr
        assert "langchain" not in done.stderr


def test_inspect_writes_a_page_and_never_over_a_file(made, tmp_path):
    run("inspect", 3, "--html", "page.html", "--db", made[0], cwd=tmp_path)
    assert "<html" in (tmp_path / "page.html").read_text()
    path = copied(made, tmp_path)
    assert "exists" in refusal("inspect", 3, "--html", path, "--db", path, cwd=tmp_path)
    assert "is the database" in refusal(
        "export", "sft", path, "--db", path, "--force", cwd=tmp_path
    )
    assert figures("verify", "--db", path, cwd=tmp_path)["disagreements"] == []


def test_an_episode_that_was_taken_out_is_missed(made, tmp_path):
    path = copied(made, tmp_path)
    with sqlite3.connect(path) as database:
        [row] = database.execute("SELECT id FROM trajectories WHERE n = 7").fetchone()
        attempts = "SELECT id FROM attempts WHERE trajectory_id = ?"
        database.execute(f"DELETE FROM verdicts WHERE attempt_id IN ({attempts})", (row,))
        database.execute("DELETE FROM attempts WHERE trajectory_id = ?", (row,))
        database.execute("DELETE FROM trajectories WHERE id = ?", (row,))
    database.close()
    for name in ("replay", "verify"):
        found = figures(name, "--db", path, cwd=tmp_path, code=1)["disagreements"]
        assert ("trajectories", row) in {(each["table"], each["id"]) for each in found}


def test_export_writes_a_row_for_each_accepted_text(made, tmp_path):
    run("export", "sft", "out.jsonl", "--db", made[0], cwd=tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(rows) >= made[1]["accepted"] * 0.8
    assert [m["role"] for m in rows[0]["messages"]] == ["user", "assistant"]
    assert "exists already" in refusal("export", "sft", "out.jsonl", "--db", made[0], cwd=tmp_path)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["generate", "no.toml"], ["no.toml", "check the path"]),
        (["generate", "bad.toml"], ["bad.toml", "sed", "'seed'"]),
        (["--episodes", "none"], ["--episodes"]),
        (["--episodes", "0"], ["episodes"]),
        (["inspct"], ["inspect"]),
        (["inspect", "--db", "no.db"], ["no.db", "generate"]),
        (["verify", "--db", "bad.toml"], ["bad.toml", "not a SQLite file"]),
        (["--db", "foreign.db"], ["foreign.db", "not Lyceum's"]),
        (["--db", "nowhere/a.db"], ["nowhere", "folder"]),
        (["export", "sftt", "o.jsonl"], ["sftt", "sft"]),
        (["--run", "rabc"], ["rabc", "lyceum.db"]),
        (["generate", "seeds.toml"], ["seeds.jsonl"]),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(tmp_path, arguments, parts):
    (tmp_path / "bad.toml").write_text("sed = 1\n")
    url = "http://127.0.0.1:1/v1"
    (tmp_path / "seeds.toml").write_text(
        CHAT.format(url=url, episodes=3) + "[expert_seeds]\npath='seeds.jsonl'\nexample='q'\n"
    )
    sqlite3.connect(tmp_path / "foreign.db").execute("CREATE TABLE t (a)").connection.close()
    before = sorted(path.name for path in tmp_path.iterdir())
    line = refusal(*arguments, cwd=tmp_path)
    for part in parts:
        assert part in line, line
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_an_endpoint_that_is_down_is_one_line_and_leaves_no_database(tmp_path):
    (tmp_path / "run.toml").write_text(CHAT.format(url="http://127.0.0.1:1/v1", episodes=3))
    line = refusal("generate", "run.toml", cwd=tmp_path)
    assert "run.toml: [teacher]" in line
    assert "base_url" in line
    assert [path.name for path in tmp_path.iterdir()] == ["run.toml"]


def test_a_skill_of_which_little_is_written_is_the_teachers_in_every_sitting(tmp_path):
    (tmp_path / "a.toml").write_text('episodes = 8\n[[curriculum.skills]]\nname = "sql_select"\n')
    made = figures("generate", "a.toml", cwd=tmp_path)
    assert figures("replay", cwd=tmp_path)["disagreements"] == []
    more = figures("generate", "--run", made["run_id"], "--episodes", 16, cwd=tmp_path)
    assert (more["run_id"], more["episodes"]) == (made["run_id"], 16)
    assert figures("replay", cwd=tmp_path)["disagreements"] == []
