"""Makes the pictures of the manual: real pages of real runs, of a school of simulated models.

    python -m tests.browser.pictures docs/pictures

What a newcomer gets wrong: fonts are the machine's, so pictures made elsewhere differ in every
letter. Make all of them again, or none.
"""

import io
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import FLAGS, chromium
from tests.browser.serving import ROOT, served
from tests.browser.simulated import config, simulated

MOST_BYTES = 250_000
RUNNING_S = 45
"""How long a run has gone on when it is looked at: a few pulses make a plot."""


@dataclass(frozen=True)
class Picture:
    """What is taken."""

    name: str
    path: str
    width: int = 1280
    height: int = 1000
    scheme: str = "light"
    keys: tuple[str, ...] = ()
    """Pressed before it is taken."""
    opens: str = ""
    """A selector of what is unfolded first."""
    at: str = ""
    """A selector of what stands at the top. Empty: the page from its beginning."""
    waits: str = field(default="h1")


def main(folder: Path) -> None:
    """Make all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        school = Path(scratch) / "school.db"
        with simulated() as address:
            generate(school, str(config(address, Path(scratch))))
        generate(school, "--episodes", "400", "--seed", "11")
        with served(school, person="ada") as pages:
            for each in of_school(school):
                take(browser, pages.address, each, folder)
        with running(Path(scratch)) as live, served(live) as pages:
            time.sleep(RUNNING_S)
            [run] = asked(live, "SELECT id FROM runs")
            for each in (
                Picture("run-live", f"/runs/{run}", height=1250),
                Picture("run-live-dark", f"/runs/{run}", height=1250, scheme="dark"),
                Picture("run-live-narrow", f"/runs/{run}", width=390, height=1100),
            ):
                take(browser, pages.address, each, folder)
        browser.close()


def of_school(path: Path) -> list[Picture]:
    """Return the pictures of finished runs and of the review."""
    judged, embedded = asked(path, "SELECT id FROM runs ORDER BY rowid")
    revised = """SELECT t.id FROM trajectories t JOIN attempts a ON a.trajectory_id = t.id
        JOIN lessons l ON l.id = t.lesson_id WHERE t.run_id = ? AND t.status = ?
        AND l.question LIKE ? GROUP BY t.id HAVING max(revision) = 1 AND count(*) = 3
        AND sum(a.text LIKE '%frac%')"""
    [glue, *_] = asked(path, revised, judged, "accepted", "%glues%")
    wrong = """SELECT t.id FROM trajectories t JOIN attempts a ON a.trajectory_id = t.id
        JOIN verdicts v ON v.attempt_id = a.id WHERE t.run_id = ? AND t.status = 'rejected'
        AND v.first_wrong_step > 1 GROUP BY t.id"""
    [slip, *_] = asked(path, wrong, embedded)
    return [
        Picture("runs", "/", height=420),
        Picture("run", f"/runs/{embedded}", height=1250),
        Picture("curriculum", f"/runs/{embedded}/curriculum", height=1250),
        Picture("trajectories", "/trajectories?status=rejected", height=950),
        Picture("trajectories-narrow", "/trajectories?status=rejected", width=390, height=1000),
        Picture("trajectory", f"/trajectories/{glue}", height=1500),
        Picture("trajectory-dark", f"/trajectories/{slip}", height=1300, scheme="dark"),
        Picture("trajectory-narrow", f"/trajectories/{glue}", width=390, height=1200),
        Picture("attempts", f"/trajectories/{glue}", height=1300, at="h2:has-text('Attempts')"),
        Picture("lineage", f"/trajectories/{glue}", height=700, at="h2:has-text('Lineage')"),
        Picture(
            "call", f"/trajectories/{glue}", height=900, opens="details.call:has-text('grading')",
            at="details.call:has-text('grading')",
        ),
        Picture("review", "/review", height=950, waits="#verdict-form"),
        Picture("review-narrow", "/review", width=390, height=1100, scheme="dark",
                waits="#verdict-form"),
        Picture("review-told", "/review", height=950, keys=("r",), waits="#own-status"),
        Picture("audits", "/audits", height=700),
    ]  # fmt: skip


def take(browser: Browser, address: str, wanted: Picture, folder: Path) -> None:
    """Take a picture and write it, with a palette, which is a third of the size."""
    context = browser.new_context(
        viewport={"width": wanted.width, "height": wanted.height}, reduced_motion="reduce",
        color_scheme="dark" if wanted.scheme == "dark" else "light",
    )  # fmt: skip
    page = context.new_page()
    page.goto(address + wanted.path)
    for key in wanted.keys:
        page.locator("#verdict-form").wait_for()
        page.keyboard.press(key)
    page.locator(wanted.waits).first.wait_for()
    if wanted.opens:
        page.locator(wanted.opens).first.evaluate("one => { one.open = true; }")
    if wanted.at:
        page.locator(wanted.at).first.evaluate("one => one.scrollIntoView({block: 'start'})")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    path = folder / f"{wanted.name}.png"
    few_colours(shot).save(path, optimize=True)
    size = path.stat().st_size
    sys.stdout.write(f"{path} {shot.width} x {shot.height}, {size // 1000} kB\n")
    assert size < MOST_BYTES, f"{path}: {size} bytes; crop it"


def few_colours(shot: Image.Image) -> Image.Image:
    """Return a picture in its 256 most frequent colours, so that all areas stay as they are."""
    counted = shot.getcolors(shot.width * shot.height) or []
    frequent = [colour for _, colour in sorted(counted, reverse=True)[:256]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in frequent for part in colour])
    return shot.quantize(palette=palette, dither=Image.Dither.NONE)


def generate(db: Path, *arguments: str) -> None:
    line = [sys.executable, str(ROOT / "run.py"), "generate", "--db", str(db), *arguments]
    subprocess.run(line, check=True, capture_output=True)


@contextmanager
def running(scratch: Path) -> Iterator[Path]:
    """Have a run go on for as long as the block lasts; yields its database."""
    live = scratch / "live.db"
    with simulated(latency_s=0.4, refuses_every=150) as address:
        toml = config(address, scratch, episodes=1500)
        line = [sys.executable, str(ROOT / "run.py"), "generate", str(toml), "--db", str(live)]
        with subprocess.Popen(
            [*line, "--in-flight", "24"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            while not live.exists() or not asked(live, "SELECT 1 FROM sqlite_master"):
                time.sleep(0.2)
            yield live
            process.kill()


def asked(path: Path, sql: str, *values: object) -> list[Any]:
    """Return the first column of a query's rows."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [row[0] for row in db.execute(sql, values)]
    finally:
        db.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures")
