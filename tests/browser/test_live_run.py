"""A run is followed while it writes, and what was killed is shown as that."""

import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from tests.browser.serving import ROOT, unmeasured
from tests.browser.simulated import config, simulated

expect = pytest.importorskip("playwright.sync_api").expect

EPISODES = 9_000
"""More than are made before the process is killed."""


@pytest.fixture
def writing(tmp_path):
    """A process that is in the middle of a run, and its database."""
    path = tmp_path / "live.db"
    line = [sys.executable, str(ROOT / "run.py"), "generate", "--db", str(path)]
    with simulated(latency_s=0.2) as address, subprocess.Popen(
        [*line, str(config(address, tmp_path, episodes=EPISODES))], env=unmeasured(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            until = time.monotonic() + 60
            while not path.exists() or not ended(path):
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.1)  # for another process, which tells nobody
            yield process, path
        finally:
            process.kill()


def ended(path):
    """Return how many episodes have ended. None: there is no such table yet."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        try:
            return db.execute("SELECT count(*) FROM trajectories").fetchone()[0]
        except sqlite3.OperationalError:
            return None


def test_a_run_that_writes_is_followed_and_one_that_was_killed_is_named(opening, serving, writing):
    process, path = writing
    with serving(path) as served:
        watched = opening(served.address, path="/")
        page = watched.page
        page.locator("table.runs a").first.click()
        expect(page.locator("#live h1")).to_contain_text("running")
        page.evaluate("window.stayed = true")
        count = page.locator("#live dl.figures dd").first
        for _ in range(2):
            before = number(count.inner_text())
            page.wait_for_function(
                "before => parseInt(document.querySelector('#live dl.figures dd').innerText"
                ".replaceAll(/[^0-9].*$|[,.\\u202f\\u2009 ]/g, '')) !== before",
                arg=before,
            )
            assert number(count.inner_text()) > before
        assert page.evaluate("window.stayed")

        process.kill()
        process.wait()
        expect(page.locator("#live h1")).not_to_contain_text("running")
        assert page.evaluate("window.stayed")
        assert number(count.inner_text()) == ended(path)
        expect(page.locator("#live")).to_contain_text(re.compile("same command goes on|unfinished"))
        assert not watched.wrongs


def number(text):
    return int(re.sub(r"\D", "", text.split("of")[0]))
