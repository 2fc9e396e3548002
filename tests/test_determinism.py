"""The same config, seed and replies: the same ids, rows and bytes, whatever else is different."""

import asyncio
import json
import locale
import os
import sqlite3
import sys
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.endpoint import Endpoint, Options
from graphs.config import Config, identity, make_config, override
from graphs.life import decide
from graphs.models import LiveModels
from graphs.session import Session
from graphs.wiring import skills_of, wire
from storage.export import FORMATS, examples
from storage.ids import canonical, dataset_digest
from storage.journal import SqliteJournal
from storage.memory import SqliteMemory
from storage.queries import Reader
from storage.sources import read_inputs
from storage.store import Store

ROOT = Path(__file__).parents[1]
pytestmark = [pytest.mark.usefixtures("unmeasured"), pytest.mark.no_cover]
EPISODES = 10
OF_THE_HOUR = {
    "runs": ("config", "created_at"),
    "model_calls": ("reply", "reply_digest", "latency_s", "created_at"),
    "call_errors": None,
    "changes": None,
    "pulses": None,
    "call_sums": ("call_errors", "cost_usd"),
    "place_sums": ("reward",),
}
"""Columns that time, an address, the endpoint's mood or the order of landing decides.

None: the whole table.
"""


def chat(url: str, **more: object) -> dict:
    return {
        "kind": "chat", "model": "m", "base_url": url, "endpoint": "mock", "timeout_s": 1.0,
        "retries": 8, **more,
    }  # fmt: skip


def config(url: str, folder: Path) -> Config:
    """A run in which the order of completion could matter: skills that open, a tight lag."""
    seeds = folder / "seeds.jsonl"
    rows = [{"q": f"Wie groß ist Stück {n}? £ 漢 İ", "who": "Žofie"} for n in range(5)]
    seeds.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    skills = [
        {"name": "triage", "levels": 2},
        {"name": "dosage", "levels": 3, "after": ["triage"]},
        {"name": "İğne", "after": ["triage"], "verifier": "integer"},
    ]
    written = {
        "seed": 11, "episodes": EPISODES, "attempts": 2, "max_revisions": 1, "lag": 4,
        "curriculum": {"skills": skills, "languages": ["en", "tr", "de"]},
        "expert_seeds": {"path": str(seeds), "example": "q", "author": "who"},
        "teacher": chat(url), "student": chat(url, temperature=0.5),
        "critic": chat(
            url, own_answers=1, false_reference=False, votes=2, agreement="majority",
            judges=[{k: v for k, v in chat(url).items() if k != "kind"} | {"model": "n"}],
        ),
    }  # fmt: skip
    return make_config(written, name="test", folder=folder)


@dataclass(frozen=True)
class Told:
    """All of a run that must not differ."""

    digest: str
    export: bytes
    tables: dict[str, list[str]]


def told(path: Path) -> Told:
    with Reader.open(path) as reader:
        run = reader.latest_run().id
        export = "\n".join(canonical(row) for row in examples(reader, run, FORMATS["sft"])).encode()
        digest = dataset_digest(reader.digests(run))
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '*sqlite_*'"
        tables = {}
        for (name,) in database.execute(sql).fetchall():
            leave = OF_THE_HOUR.get(name, ())
            if leave is None:
                continue
            rows = [dict(row) for row in database.execute(f"SELECT * FROM {name}")]
            kept = [{k: v for k, v in row.items() if k not in leave} for row in rows]
            tables[name] = sorted(canonical(row) for row in kept)
    return Told(digest, export, tables)


async def ended(path: Path, made: Config, **changes: object) -> Told:
    """Hold a whole run in this process and return what it came to."""
    made = override(made, **changes)
    seeds = dict(made.expert_seeds) if made.expert_seeds else None
    inputs, models = read_inputs(made.library, seeds, made.prompts), LiveModels({})
    known = identity(made, inputs.digests)
    decision = decide([], known, made.episodes)
    run = decision.run(made, known, inputs, skills_of(made), "2026-01-01T00:00:00.000+00:00")
    wired = wire(made, models, lessons=inputs.lessons, expert_seeds=inputs.expert_seeds)
    try:
        with Store.open(path) as store:
            await store.add_expert_seeds(inputs.expert_seeds)
            memory = SqliteMemory(store.writer, run.id, made.window)
            wired = wired.with_journal(SqliteJournal(store.writer), memory)
            ending = await Session("test", made, run, wired, store).hold(lambda trajectory: None)
    finally:
        await models.aclose()
    assert (ending.kind, ending.episodes) == ("complete", made.episodes)
    return told(path)


@asynccontextmanager
async def serving(**options: object):
    endpoint = Endpoint(Options(**options))
    try:
        yield endpoint, await endpoint.start()
    finally:
        await endpoint.stop()


async def test_nothing_hangs_on_calls_in_flight_or_on_which_call_ends_first(tmp_path):
    async with serving(latency=0.005, jitter=0.005) as (_, url):
        made = config(url, tmp_path)
        found = [await ended(tmp_path / f"{n}.db", made, in_flight=n) for n in (1, 8, 64, 256)]
    async with serving() as (_, url):
        found.append(await ended(tmp_path / "quick.db", config(url, tmp_path)))
    first = found[0]
    assert all(other == first for other in found[1:])
    asked = [json.loads(row)["skill"] for row in first.tables["assignments"]]
    assert len(asked) == EPISODES
    assert len(set(asked)) > 1
    revised = [row for row in first.tables["attempts"] if json.loads(row)["revision"]]
    assert revised
    assert len(first.tables["model_calls"]) == len(first.tables["calls_used"]) > 6 * EPISODES


async def test_nothing_hangs_on_faults_that_a_retry_mends(tmp_path):
    async with serving() as (_, url):
        whole = await ended(tmp_path / "whole.db", config(url, tmp_path))
    faults = {"fail429": 0.15, "fail500": 0.15, "hang": 0.08, "retry_after": 0.05, "seed": 1}
    async with serving(jitter=0.02, **faults) as (endpoint, url):
        assert await ended(tmp_path / "faults.db", config(url, tmp_path), in_flight=64) == whole
        struck = {name: endpoint.stats.faults[name] for name in ("429", "500", "hung")}
        assert all(struck.values()), struck


async def test_garbage_is_a_reply_and_the_same_garbage_gives_the_same_run(tmp_path):
    found = []
    for n in (2, 128):
        async with serving(garbage=0.2, jitter=0.01) as (endpoint, url):
            made = config(url, tmp_path)
            found.append(await ended(tmp_path / f"{n}.db", made, in_flight=n))
            assert endpoint.stats.faults["garbage"]
    assert found[0] == found[1]


ELSEWHERE = {
    "another place": {
        "PYTHONHASHSEED": "4242", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C",
        "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0",
    },
    "Turkey": {"PYTHONHASHSEED": "0", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.ISO-8859-9"},
}  # fmt: skip


def there_is(name: str) -> bool:
    usual = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_ALL, usual)
    return True


async def typed(folder: Path, variables: dict[str, str], *arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "run.py"), *arguments),
        cwd=folder, env={**os.environ, **variables},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, (out, err)
    assert b"Traceback" not in err
    return out


@pytest.mark.parametrize("where", ELSEWHERE)
async def test_nothing_hangs_on_hash_seed_time_zone_or_locale(tmp_path, where):
    variables = ELSEWHERE[where]
    if not there_is(variables["LC_ALL"]):
        pytest.skip(f"no locale {variables['LC_ALL']} here")
    async with serving() as (_, url):
        made = config(url, tmp_path)
        here = await ended(tmp_path / "here.db", made)
        (tmp_path / "run.toml").write_text(toml(made.model_dump(mode="json")), "utf-8")
        await typed(tmp_path, variables, "generate", "run.toml", "--db", "there.db")
    assert told(tmp_path / "there.db") == here
    await typed(tmp_path, variables, "export", "sft", "out.jsonl", "--db", "there.db")
    assert (tmp_path / "out.jsonl").read_bytes() == here.export + b"\n"
    line = ("inspect", "--skill", "İğne", "--db", "there.db", "--json")
    out = await typed(tmp_path, variables, *line)
    assert {each["skill"] for each in json.loads(out)["trajectories"]} == {"İğne"}
    embedded = await ended(tmp_path / "embedded.db", Config(episodes=24, lag=4))
    (tmp_path / "run.toml").write_text("episodes = 24\nlag = 4\n")
    await typed(tmp_path, variables, "generate", "run.toml", "--in-flight", "3")
    assert told(tmp_path / "lyceum.db") == embedded


def toml(value: dict) -> str:
    """Return a config as TOML, which JSON is but for what is missing."""

    def inline(part: object) -> str:
        if isinstance(part, dict):
            items = (f"{json.dumps(k)} = {inline(v)}" for k, v in part.items() if v is not None)
            return "{" + ", ".join(items) + "}"
        if isinstance(part, list):
            return "[" + ", ".join(inline(each) for each in part) + "]"
        return json.dumps(part, ensure_ascii=False)

    return "\n".join(f"{k} = {inline(v)}" for k, v in value.items() if v is not None)
