"""The benchmark of faults counts what the endpoint and the database say, and fails when it must."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("unmeasured")


async def bench(*arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "benchmarks" / "faults.py"), *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_every_request_beyond_the_needed_ones_is_a_fault_that_struck(tmp_path):
    saved = tmp_path / "faults.json"
    size = ("--episodes", "60", "--in-flight", "16", "--latency-ms", "10", "--timeout-s", "1")
    code, out, err = await bench(*size, "--json", str(saved))
    assert code == 0, err
    assert "| no faults |" in out
    plain, faults = json.loads(saved.read_text())["figures"]
    assert (plain["well"], plain["requests"], sum(plain["struck"].values())) == (60, 180, 0)
    assert faults["well"] == 60
    assert faults["beyond"] == sum(faults["struck"].values()) > 10
    unanswered = sum(faults["struck"][kind] for kind in ("429", "500", "hung"))
    assert faults["requests"] == faults["answered"] + unanswered
    assert faults["most_s"] <= faults["wall_s"]


async def test_a_client_that_fails_is_told_in_one_line():
    code, out, err = await bench("--episodes", "0")
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith("faults.py: ")


@pytest.mark.parametrize(("well", "requests", "said"), [
    (60, 181, []), (59, 181, ["1 episodes"]), (60, 182, ["1 calls too many"]),
])  # fmt: skip
def test_a_lost_episode_and_a_call_too_many_do_not_hold(monkeypatch, well, requests, said):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import faults  # noqa: PLC0415 - it stands beside the modules that it imports

    struck = {"429": 1, "500": 0, "garbage": 0, "hung": 0}
    found = faults.Found("one", 16, 60, well, requests, 180, struck, 1.0, 1.0, 16)
    lines = faults.wrong([found])
    assert len(lines) == len(said)
    assert all(part in line for part, line in zip(said, lines, strict=True))
