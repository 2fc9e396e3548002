import asyncio
import itertools
import json
import re
import sqlite3
import sys
from pathlib import Path

import pytest

from benchmarks.endpoint import Endpoint, Options

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")
EPISODES, CALLS = 12, 36


async def bench(*arguments: str) -> tuple[int, str, str]:
    """Run the benchmark of a dozen episodes; return its exit code and what it said."""
    script = str(ROOT / "benchmarks" / "orchestration.py")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, script, "--episodes", str(EPISODES), "--in-flight", "4", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def table(text: str, title: str) -> list[dict[str, str]]:
    """Return the rows of a printed Markdown table, by column."""
    lines = [line.strip() for line in text[text.index(title) :].splitlines()[1:] if line.strip()]
    rows = itertools.takewhile(lambda line: line.startswith("|"), lines)
    header, _, *body = ([cell.strip() for cell in row.strip("|").split("|")] for row in rows)
    return [dict(zip(header, row, strict=True)) for row in body]


async def test_printed_figures_agree_with_the_database_and_the_endpoint(tmp_path):
    endpoint = Endpoint(Options(latency=0.02))
    url = await endpoint.start()
    saved = tmp_path / "figures.json"
    code, out, err = await bench(
        *("--endpoint", url, "--latency-ms", "20", "--keep", str(tmp_path), "--json", str(saved))
    )
    stats = endpoint.stats
    await endpoint.stop()
    assert code == 0, err
    ours, bare, *_ = table(out, f"{EPISODES} episodes of 3 calls, 4 in flight")
    assert (ours["client"], bare["client"]) == ("lyceum", "bare aiohttp")

    with sqlite3.connect(tmp_path / "lyceum.db") as db:
        [trajectories] = db.execute("SELECT count(*) FROM trajectories").fetchone()
        [calls] = db.execute("SELECT count(*) FROM model_calls").fetchone()
    db.close()
    assert (trajectories, calls) == (EPISODES, int(ours["calls"])) == (EPISODES, CALLS)

    wall_s = stats.last_at - stats.first_at
    assert (stats.requests, stats.peak) == (int(bare["calls"]), int(bare["at once"]))
    assert bare["wall s"] == f"{wall_s:.2f}"
    assert bare["x ideal"] == f"{wall_s / (CALLS * 0.02 / 4):.2f}"
    assert bare["episodes/s"] == f"{EPISODES / wall_s:.0f}"

    written = json.loads(saved.read_text())["figures"]
    assert [f"{one['cpu_s']:.2f}" for one in written] == [
        ours["CPU-s per 1,000"],
        bare["CPU-s per 1,000"],
    ]
    assert ours["x bare"] == f"{written[0]['cpu_s'] / written[1]['cpu_s']:.1f}"


@pytest.mark.skipif(sys.platform != "linux", reason="--profile reads the clock of every thread")
async def test_a_profile_adds_up_and_saved_figures_are_compared_with(tmp_path):
    first, then = tmp_path / "first.json", tmp_path / "then.json"
    options = ("--latency-ms", "0", "--profile")
    code, out, err = await bench(*options, "--json", str(first))
    assert code == 0, err
    whole = json.loads(first.read_text())
    [profile] = whole["profiles"]
    assert sum(profile["places"].values()) == pytest.approx(profile["cpu_s"])
    assert {"imports", "langgraph", "ours: storage, the writing thread with SQLite"} <= set(
        profile["places"]
    )
    assert "CPU time of lyceum at 0 ms by function of ours" in out

    for one in whole["figures"]:
        one["peak_mb"] *= 1000
    then.write_text(json.dumps(whole))
    code, out, err = await bench("--latency-ms", "0", "--against", str(then))
    assert code == 0, err
    rows = table(out, "now / then")
    assert {row["peak memory"] for row in rows} == {"0.00"}
    assert all(re.fullmatch(r"\d+\.\d\d", row["CPU x bare"]) for row in rows)


async def test_a_client_that_fails_is_told_in_one_line():
    url = "http://127.0.0.1:9/v1"
    code, out, err = await bench("--endpoint", url, "--latency-ms", "0")
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith(f"orchestration.py: {url}: is no benchmarks/endpoint.py")


async def test_an_endpoint_has_one_latency():
    code, _, err = await bench("--endpoint", "http://127.0.0.1:9/v1")
    assert code == 2
    assert "--latency-ms" in err
