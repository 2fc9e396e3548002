"""A real Chromium for the tests beside this file, and servers of real databases.

What a newcomer gets wrong: Playwright's synchronous interface leaves its thread with a running
event loop, in which no test of `asyncio` can start. So the browser lives as long as this folder's
tests run, no test here is asynchronous, and what needs a loop gets a thread of its own.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import hostile
from tests.browser.chromium import FLAGS, chromium
from tests.browser.serving import ROOT, Served, served, unmeasured
from tests.browser.simulated import config, simulated

PATIENCE_MS = 30_000


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """A Chromium of this machine; a profile of its own, no window, no network but what is asked."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: install chromium, and these tests run")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    playwright.expect.set_options(timeout=PATIENCE_MS)
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=path, args=list(FLAGS))
        yield opened
        opened.close()


Opening = Callable[..., Any]


@pytest.fixture
def opening(browser: Any) -> Iterator[Opening]:
    """Open a page in a context of its own: address, and options of a context; see `Watched`."""
    watching = pytest.importorskip("tests.browser.watching", reason="axe-core is missing")
    contexts = []

    def opened(address: str, *, path: str | None = None, width: int = 1280, **more: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **more)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        watched = watching.Watched(context.new_page(), address)
        return watched if path is None else watched.go(path)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="package")
def serving() -> Any:
    """See `served`."""
    return served


@pytest.fixture(scope="package")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two finished runs: one of the embedded faculty, one of simulated models."""
    folder = tmp_path_factory.mktemp("school")
    path = folder / "school.db"
    generate = [sys.executable, str(ROOT / "run.py"), "generate", "--db", str(path)]
    with simulated() as address:
        for more in (["--episodes", "60"], [str(config(address, folder))]):
            done = subprocess.run(
                [*generate, *more], env=unmeasured(), capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="package")
def pages(school: Path, serving: Any) -> Iterator[Any]:
    """A server of the school's pages, where ada reviews."""
    with serving(school, person="ada") as started:
        yield started


Open = Iterator[tuple[Served, Path]]


@pytest.fixture(scope="package")
def strangers(tmp_path_factory: pytest.TempPathFactory, serving: Any) -> Open:
    """A server of a database in which every text is hostile."""
    path = hostile.database(tmp_path_factory.mktemp("strangers") / "hostile.db", hostile.HOSTILE)
    hostile.escape_by_hand(path)
    with serving(path, person="ada") as started:
        yield started, path


@pytest.fixture(scope="package")
def friends(tmp_path_factory: pytest.TempPathFactory, serving: Any) -> Open:
    """A server of a database of the same shape, in which no text is."""
    path = hostile.database(tmp_path_factory.mktemp("friends") / "harmless.db", hostile.HARMLESS)
    with serving(path, person="ada") as started:
        yield started, path
