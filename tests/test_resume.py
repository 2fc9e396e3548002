"""Against a real endpoint, with faults and kills: nothing is lost, doubled, or paid twice."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("unmeasured")
ROOT = Path(__file__).parents[1]
KEY = "sk-a-key-that-must-not-be-seen-anywhere"
ROLE = 'kind = "chat"\nmodel = "m"\nbase_url = "{url}"\ntimeout_s = 2\n{more}\n'
CHAT = (
    "seed = 3\nepisodes = {episodes}\nattempts = 1\nmax_revisions = 0\nin_flight = {in_flight}\n"
    '[[curriculum.skills]]\nname = "triage"\nverifier = "judge"\n'
    f"[teacher]\n{ROLE}[student]\n{ROLE}"
    f"[critic]\n{ROLE}own_answers = 0\nfalse_reference = false\n"
)


@contextmanager
def endpoint(*options):
    """Yield the address of the project's own endpoint, in a process of its own."""
    line = [sys.executable, str(ROOT / "benchmarks" / "endpoint.py"), "--port", "0", *options]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    try:
        yield next(word for word in process.stdout.readline().split() if word.startswith("http"))
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def stats(url):
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stats") as answer:
        return json.load(answer)


def write(folder, url, *, episodes=40, in_flight=8, more=""):
    path = folder / "run.toml"
    path.write_text(CHAT.format(url=url, episodes=episodes, in_flight=in_flight, more=more))
    return path


def start(*arguments, cwd, **environment):
    return subprocess.Popen(
        [sys.executable, str(ROOT / "run.py"), *map(str, arguments)], cwd=cwd, text=True,
        env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def run(*arguments, cwd, code=0, **environment):
    process = start(*arguments, "--json", cwd=cwd, **environment)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, (out, err)
    return json.loads(out) if out else err


def landed(path):
    if not path.exists():
        return 0
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return database.execute("SELECT count(*) FROM trajectories").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        database.close()


def twice(path):
    database = sqlite3.connect(path)
    try:
        sql = "SELECT count(*), count(DISTINCT n), max(n) + 1 FROM trajectories"
        return database.execute(sql).fetchone()
    finally:
        database.close()


def test_a_kill_in_the_middle_loses_nothing_and_pays_for_nothing_twice(tmp_path):
    with endpoint("--latency", "0.05") as url:
        whole = run("generate", write(tmp_path, url), "--db", "whole.db", cwd=tmp_path)
        needed = stats(url)["requests"]
        process = start("generate", "run.toml", cwd=tmp_path)
        deadline = time.monotonic() + 60
        while landed(tmp_path / "lyceum.db") < 8 and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        before = landed(tmp_path / "lyceum.db")
        resumed = run("generate", "run.toml", cwd=tmp_path)
        asked = stats(url)["requests"] - needed
    assert 8 <= before < 40
    assert twice(tmp_path / "lyceum.db") == (40, 40, 40)
    assert resumed["dataset_digest"] == whole["dataset_digest"]
    assert needed <= asked <= needed + 8
    assert resumed["model_calls"] < needed - before


def test_the_digest_does_not_depend_on_calls_in_flight_or_latency(tmp_path):
    with endpoint("--latency", "0.02", "--jitter", "0.02") as url:
        digests = {
            run("generate", write(tmp_path, url, in_flight=n), "--db", f"{n}.db", cwd=tmp_path)[
                "dataset_digest"
            ]
            for n in (1, 64)
        }
    assert len(digests) == 1


def test_faults_of_the_endpoint_are_nobodys_fault(tmp_path):
    faults = ("--fail429", "0.08", "--fail500", "0.08", "--garbage", "0.08", "--hang", "0.01")
    with endpoint(*faults, "--retry-after", "0.1") as url:
        said = run("generate", write(tmp_path, url, episodes=150, in_flight=64), cwd=tmp_path)
        seen = stats(url)
    assert said["episodes"] == 150
    assert said["failed"] == said["unscored"] == 0
    assert said["accepted"] + said["rejected"] == 150
    assert min(seen[fault] for fault in ("429", "500", "garbage", "hung")) > 0
    assert run("replay", cwd=tmp_path)["dataset_digest"] == said["dataset_digest"]


def test_a_second_run_with_another_critic_asks_the_teacher_and_student_nothing(tmp_path):
    with endpoint() as url:
        first = run("generate", write(tmp_path, url), cwd=tmp_path)
        path = tmp_path / "run.toml"
        path.write_text(path.read_text().replace("own_answers = 0", "own_answers = 1"))
        second = run("generate", path, cwd=tmp_path)
    assert second["run_id"] != first["run_id"]
    assert second["journal_hits"] >= 80
    assert second["model_calls"] <= 80


def test_an_endpoint_that_dies_in_the_middle_stops_the_run_and_resumes(tmp_path):
    with endpoint("--latency", "0.05") as url:
        port = url.split(":")[2].split("/")[0]
        process = start("generate", write(tmp_path, url, more="retries = 1"), cwd=tmp_path)
        deadline = time.monotonic() + 60
        while landed(tmp_path / "lyceum.db") < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert "resume" in err or "start it" in err
    assert 5 <= landed(tmp_path / "lyceum.db") < 40
    line = [sys.executable, str(ROOT / "benchmarks" / "endpoint.py"), "--port", port]
    again = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    try:
        again.stdout.readline()
        assert run("generate", "run.toml", cwd=tmp_path)["episodes"] == 40
    finally:
        again.terminate()
        again.wait(timeout=10)
        again.stdout.close()


@pytest.mark.parametrize(
    ("options", "more", "parts"),
    [
        (("--key", "right"), 'api_key_env = "LYCEUM_TEST_KEY"', ["[teacher]", "api_key_env"]),
        (("--models", "other"), "", ["[teacher]", "model", "'m'"]),
    ],
)
def test_an_endpoint_that_refuses_is_one_line_and_leaves_nothing(tmp_path, options, more, parts):
    with endpoint(*options) as url:
        path = write(tmp_path, url, more=more)
        err = run("generate", path, cwd=tmp_path, code=2, LYCEUM_TEST_KEY=KEY)
    assert len(err.splitlines()) == 1, err
    for part in ["run.toml", *parts]:
        assert part in err
    assert KEY not in err
    assert [each.name for each in tmp_path.iterdir()] == ["run.toml"]


def test_a_key_is_in_no_file_and_no_log(tmp_path):
    with endpoint("--key", KEY, "--fail500", "0.2") as url:
        path = write(tmp_path, url, episodes=10, more='api_key_env = "LYCEUM_TEST_KEY"')
        process = start("generate", path, cwd=tmp_path, LYCEUM_TEST_KEY=KEY)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    for place in (out, err, *(each.read_bytes().decode("latin-1") for each in tmp_path.iterdir())):
        assert KEY not in place


def test_a_missing_key_variable_is_named(tmp_path):
    path = write(tmp_path, "http://127.0.0.1:1/v1", more='api_key_env = "LYCEUM_NO_SUCH_KEY"')
    assert "LYCEUM_NO_SUCH_KEY" in run("generate", path, cwd=tmp_path, code=2)


def test_a_limit_on_calls_stops_the_run_with_a_word_on_how_to_go_on(tmp_path):
    with endpoint() as url:
        said = run("generate", write(tmp_path, url), "--max-calls", "30", cwd=tmp_path, code=3)
        assert said["model_calls"] == 30
        assert stats(url)["requests"] == 30
        assert run("generate", "run.toml", cwd=tmp_path)["episodes"] == 40
        assert stats(url)["requests"] == 120


def test_ctrl_c_finishes_what_is_open_and_a_resume_completes_it(tmp_path):
    with endpoint("--latency", "0.05") as url:
        process = start("generate", write(tmp_path, url), "--json", cwd=tmp_path)
        deadline = time.monotonic() + 60
        while landed(tmp_path / "lyceum.db") < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert 5 <= json.loads(out)["episodes"] < 40
        assert run("generate", "run.toml", cwd=tmp_path)["episodes"] == 40
        assert stats(url)["requests"] == 120


def test_a_second_process_on_the_same_run_is_told_who_holds_it(tmp_path):
    with endpoint("--latency", "0.2") as url:
        # More than can be done before the test is over, however long the second process takes.
        process = start("generate", write(tmp_path, url, episodes=20_000), cwd=tmp_path)
        deadline = time.monotonic() + 60
        while not landed(tmp_path / "lyceum.db") and time.monotonic() < deadline:
            time.sleep(0.01)
        err = run("generate", "run.toml", cwd=tmp_path, code=2)
        assert str(process.pid) in err
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_an_edited_reply_is_named(tmp_path):
    with endpoint() as url:
        run("generate", write(tmp_path, url, episodes=10), cwd=tmp_path)
    database = sqlite3.connect(tmp_path / "lyceum.db")
    for role in ("teacher", "student", "critic"):
        sql = "SELECT request_digest FROM model_calls WHERE role = ? LIMIT 1"
        [digest] = database.execute(sql, (role,)).fetchone()
        change = "UPDATE model_calls SET reply = replace(reply, 'a', 'b') WHERE request_digest = ?"
        database.execute(change, (digest,))
        database.commit()
        for name in ("replay", "verify"):
            found = run(name, cwd=tmp_path, code=1)["disagreements"]
            places = {(each["table"], each["id"], each["column"]) for each in found}
            assert ("model_calls", digest, "reply") in places
    database.close()
