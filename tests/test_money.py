"""Money on the command line: ceilings of the run, what is said when one stops it, forecasts."""

import asyncio
import json
import os
import runpy
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.endpoint import Endpoint, Options

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")
ROLE = 'kind = "chat"\nmodel = "m"\nbase_url = "{url}"\nprice_in = 1.0\nprice_out = 10.0\n'
CHAT = (
    "seed = 3\nepisodes = 400\nattempts = 1\nmax_revisions = 0\nin_flight = 16\n{more}\n"
    '[[curriculum.skills]]\nname = "triage"\nverifier = "judge"\n'
    f"[teacher]\n{ROLE}[student]\n{ROLE}"
    f"[critic]\n{ROLE}own_answers = 0\nfalse_reference = false\n"
)


@contextmanager
def serving(**options):
    """An endpoint in a thread of its own; gives its address and what it counts."""
    loop, endpoint = asyncio.new_event_loop(), Endpoint(Options(**options))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(endpoint.start(), loop).result(20), endpoint
    finally:
        asyncio.run_coroutine_threadsafe(endpoint.stop(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def command(*arguments):
    return [sys.executable, str(ROOT / "run.py"), *map(str, arguments)]


def run(*arguments, cwd, code=0):
    done = subprocess.run(
        command(*arguments), cwd=cwd, timeout=120, text=True, capture_output=True,
        stdin=subprocess.DEVNULL, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout, done.stderr


def lines(err):
    """Return the log lines and the other lines of standard error."""
    found = err.splitlines()
    return [json.loads(each) for each in found if each.startswith("{")], [
        each for each in found if not each.startswith("{")
    ]


def write(folder, url, more=""):
    (folder / "run.toml").write_text(CHAT.format(url=url, more=more))


@pytest.fixture
def refused(monkeypatch, capsys, tmp_path):
    """Run a command line that is refused in this process; return the one line that it says."""
    monkeypatch.chdir(tmp_path)
    for name in ("LANGSMITH_TRACING", "LANGGRAPH_STRICT_MSGPACK"):
        monkeypatch.setenv(name, "false")  # so that what run.py sets is taken back

    def typed(*arguments):
        monkeypatch.setattr("sys.argv", ["run.py", *arguments])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(ROOT / "run.py"), run_name="__main__")
        out, err = capsys.readouterr()
        assert (ended.value.code, out, len(err.splitlines())) == (2, "", 1), err
        assert "Traceback" not in err
        return err

    return typed


def test_after_a_twentieth_the_cost_is_forecast_within_15_percent(tmp_path):
    with serving(thinking=600, latency=0.004, jitter=0.004) as (url, _):
        write(tmp_path, url)
        out, err = run("generate", "run.toml", "--json", cwd=tmp_path)
    said = json.loads(out)
    first, *later = [line for line in lines(err)[0] if line["event"] == "run.forecast"]
    assert 20 <= first["ended"] <= 40
    assert abs(first["cost_usd"] - said["run_cost_usd"]) <= 0.15 * said["run_cost_usd"]
    low, high = first["between"]["cost_usd"]
    assert low < first["cost_usd"] < high
    assert abs(later[-1]["tokens"] - said["run_tokens_in"] - said["run_tokens_out"]) <= 0.15 * (
        said["run_tokens_in"] + said["run_tokens_out"]
    )
    assert "limit.foreseen" not in err
    each = said["roles"].values()
    assert sum(role["cost_usd"] for role in each) == pytest.approx(said["run_cost_usd"])
    assert said["cost_per_call_usd"] == pytest.approx(said["run_cost_usd"] / 1200)
    assert said["cost_per_episode_usd"] == pytest.approx(said["run_cost_usd"] / 400)
    assert said["cost_per_accepted_attempt_usd"] == pytest.approx(
        said["run_cost_usd"] / said["accepted_attempts"]
    )
    shown = run("inspect", said["run_id"], cwd=tmp_path)[0]
    assert "an accepted attempt" in shown
    assert f"student ${said['roles']['student']['cost_usd']:.4f}" in shown


def test_a_limit_is_one_of_the_run_and_the_same_command_again_makes_no_call(tmp_path):
    with serving(thinking=300) as (url, endpoint):
        write(tmp_path, url, "max_cost = 0.6")
        out, err = run("generate", "run.toml", "--json", cwd=tmp_path, code=3)
        first = json.loads(out)
        assert 0.4 < first["run_cost_usd"] <= 0.6
        logged, [line] = lines(err)
        for part in ("max_cost = 0.6 stops the run: $0.", "teacher $", "of 400 episodes are done",
                     "the whole is forecast to come to about $", "with --max-cost"):  # fmt: skip
            assert part in line
        [warned] = [each for each in logged if each["event"] == "limit.foreseen"]
        assert (warned["level"], warned["limit"]) == ("warning", "max_cost")
        assert warned["stops_at"] == pytest.approx(first["episodes"], rel=0.4)
        asked = endpoint.stats.requests
        out, err = run("generate", "run.toml", "--json", cwd=tmp_path, code=3)
        assert endpoint.stats.requests == asked
        again = json.loads(out)
        assert again["model_calls"] == 0
        assert again["episodes"] == first["episodes"]
        assert "max_cost = 0.6 stops the run" in err
        raised = json.loads(
            run("generate", "run.toml", "--max-cost", 0.8, "--json", cwd=tmp_path, code=3)[0]
        )
        assert raised["model_calls"] > 0
        assert 0.6 < raised["run_cost_usd"] <= 0.8


def test_a_ceiling_holds_over_kills(tmp_path):
    with serving(latency=0.05, jitter=0.05) as (url, endpoint):
        write(tmp_path, url, "max_calls = 150")
        for _ in range(3):
            going = subprocess.Popen(
                command("generate", "run.toml"), cwd=tmp_path, start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            before, deadline = endpoint.stats.answered, time.monotonic() + 60
            while endpoint.stats.answered < before + 20 and time.monotonic() < deadline:
                time.sleep(0.01)
            os.killpg(going.pid, signal.SIGKILL)
            going.wait()
        said = json.loads(run("generate", "run.toml", "--json", cwd=tmp_path, code=3)[0])
    assert said["run_model_calls"] == 150
    assert 10 <= 150 - said["model_calls"] < 150
    assert endpoint.stats.requests <= 150 + 3 * 16


def test_a_limit_below_the_price_of_one_call_stops_without_a_call(tmp_path):
    with serving() as (url, endpoint):
        write(tmp_path, url)
        _, err = run("generate", "run.toml", "--max-cost", 1e-6, cwd=tmp_path, code=3)
        assert endpoint.stats.requests == 0
    assert "one call may come to $" in err
    assert "--max-cost" in err


def test_a_model_of_unknown_price_costs_nobody_knows_what_and_never_0(tmp_path):
    with serving() as (url, _):
        write(tmp_path, url)
        config = (tmp_path / "run.toml").read_text().replace("price_", "# price_")
        (tmp_path / "run.toml").write_text(config)
        out, err = run("generate", "run.toml", "--episodes", 30, "--json", cwd=tmp_path)
        said = json.loads(out)
        found = [said[key] for key in said if key.endswith("cost_usd") or key.startswith("cost_")]
        assert found == [None] * len(found)
        assert {role["cost_usd"] for role in said["roles"].values()} == {None}
        told = [line for line in lines(err)[0] if line["event"] == "run.forecast"]
        assert {line["cost_usd"] for line in told} == {None}
        assert told[0]["tokens"] > 0
        shown, _ = run("generate", "run.toml", "--episodes", 31, cwd=tmp_path)
        assert "not known: no call has a known price" in shown
        _, line = run("generate", "run.toml", "--max-cost", 1, cwd=tmp_path, code=2)
    for part in ("[teacher] price_in, price_out", "'m'", "max_cost", "per million tokens"):
        assert part in line
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--max-cost", "-1"], ["max_cost", "greater than or equal to 0"]),
        (["--max-cost", "nan"], ["max_cost", "finite"]),
        (["--max-cost", "inf"], ["max_cost", "finite"]),
        (["--max-cost", "1e12"], ["max_cost", "less than or equal"]),
        (["--max-calls", "0"], ["max_calls", "greater than or equal to 1"]),
        (["--max-calls", "-5"], ["max_calls", "greater than or equal to 1"]),
        (["--max-tokens", "0"], ["max_tokens", "greater than or equal to 1"]),
        (["--in-flight", "0"], ["in_flight", "greater than or equal to 1"]),
        (["--in-flight", "1000000000"], ["in_flight", "4096"]),
        (["--episodes", "0"], ["episodes", "greater than or equal to 1"]),
        (["--episodes", "-3"], ["episodes", "greater than or equal to 1"]),
        (["--episodes", str(10**15)], ["episodes", "less than or equal to 1000000000"]),
        (["--accept", "0"], ["accept", "greater than or equal to 1"]),
        (["--accept", "30", "--episodes", "12"], ["accept", "12", "lower accept or raise"]),
    ],
)
@pytest.mark.parametrize("where", ["command", "file"])
def test_an_absurd_limit_is_one_line_with_the_key_and_the_remedy(
    tmp_path, refused, where, arguments, parts
):
    if where == "file":
        pairs = zip(arguments[::2], arguments[1::2], strict=True)
        keys = (f"{name.strip('-').replace('-', '_')} = {value}\n" for name, value in pairs)
        (tmp_path / "run.toml").write_text("".join(keys))
        arguments, parts = ["run.toml"], ["run.toml", *parts]
    line = refused("generate", *arguments)
    for part in parts:
        assert part in line
    assert not list(tmp_path.glob("*.db"))


@pytest.mark.parametrize("price", ["-0.5", "nan", "inf", "2e6"])
@pytest.mark.parametrize("key", ["price_in", "price_out"])
def test_an_absurd_price_is_one_line_with_the_key_and_the_remedy(tmp_path, refused, key, price):
    write(tmp_path, "http://127.0.0.1:1/v1")
    config = (tmp_path / "run.toml").read_text()
    value = {"price_in": "1.0", "price_out": "10.0"}[key]
    (tmp_path / "run.toml").write_text(config.replace(f"{key} = {value}", f"{key} = {price}", 1))
    line = refused("generate", "run.toml")
    assert f"[teacher] {key}: input should be" in line
    assert not list(tmp_path.glob("*.db"))


def test_a_run_gives_up_when_its_yield_says_that_too_few_will_be_accepted(tmp_path):
    with serving() as (url, _):
        write(tmp_path, url)
        made, asked = [], ("--episodes", 120, "--accept", 115)
        for in_flight in (2, 32):
            out, err = run("generate", "run.toml", *asked, "--in-flight", in_flight,
                           "--db", f"{in_flight}.db", "--json", cwd=tmp_path, code=1)  # fmt: skip
            made.append(json.loads(out))
            [line] = lines(err)[1]
            assert "of 115 were accepted" in line
            assert "--episodes N tries more; at this yield of" in line
        assert made[0]["episodes"] == made[1]["episodes"] < 120
        assert made[0]["dataset_digest"] == made[1]["dataset_digest"]
        again = json.loads(run("generate", "run.toml", *asked, "--db", "32.db", "--json",
                               cwd=tmp_path, code=1)[0])  # fmt: skip
        assert (again["model_calls"], again["episodes"]) == (0, made[0]["episodes"])
    with sqlite3.connect(tmp_path / "32.db") as database:
        assert database.execute("SELECT ended FROM runs").fetchall() == [("complete",)]
    database.close()
