"""The files that `inspect --html` writes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from agents.steps.written import written_steps
from storage.errors import Missing, NotWritable
from storage.queries import Reader
from storage.report.html.standalone import write_report, write_trajectory
from tests import a_trajectory as one
from tests.markup import HOSTILE, UNSEEN, Seen, seen

RUN = Path(__file__).resolve().parents[1] / "run.py"


def written(database: Path, path: Path) -> str:
    with Reader.open(database) as reader:
        said = write_trajectory(path, reader, "0", reader.latest_run(), written_steps)
    assert said == f"wrote {path}"
    return path.read_text(encoding="utf-8")


def is_alone(html: str) -> Seen:
    """Return what stands in a page, if it needs no other file and runs nothing."""
    found = seen(html)
    assert not found.tags & {"script", "link", "img", "iframe", "form", "base", "object", "button"}
    policies = [a["content"] for tag, a in found.elements if "http-equiv" in a]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]
    for tag, attributes in found.elements:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("href", "src", "xlink:href"):
            assert attributes.get(name, "#").startswith("#"), (tag, attributes)
    styles = "".join(re.findall("(?s)<style>(.*?)</style>", html))
    assert "@import" not in styles
    assert "url(" not in styles
    assert not UNSEEN.search(found.text)
    return found


def test_a_trajectory_is_one_file_that_needs_no_other(tmp_path: Path) -> None:
    database = one.stored(tmp_path / "one.db")
    one.judged(database)
    found = is_alone(written(database, tmp_path / "page.html"))
    ids = {a["id"] for _, a in found.elements if "id" in a}
    targets = {a["href"][1:] for _, a in found.elements if "href" in a}
    assert targets <= ids
    for part in ("Janet's ducks", "first wrong step", "Ben", "own answer 1", "What becomes of it"):
        assert part in found.text, part


def test_a_hostile_trajectory_is_a_harmless_file(tmp_path: Path) -> None:
    said = "\n".join(HOSTILE)
    database = one.stored(tmp_path / "one.db", one.trajectory(said, said + "!", said), said)
    found = is_alone(written(database, tmp_path / "page.html"))
    assert "{{7*7}}" in found.text


def test_a_file_of_very_long_texts_says_what_it_leaves_out(tmp_path: Path) -> None:
    database = one.stored(tmp_path / "one.db", one.trajectory("x" * 300_000, "y"))
    found = is_alone(written(database, tmp_path / "page.html"))
    assert "200,000 of 300,000 characters are not shown here; inspect --json" in " ".join(
        found.text.split()
    )


def report(database: Path, path: Path) -> str:
    with Reader.open(database) as reader:
        assert write_report(path, reader, reader.latest_run()) == f"wrote {path}"
    return path.read_text(encoding="utf-8")


def test_a_report_of_a_run_is_one_file_that_needs_no_other(tmp_path: Path) -> None:
    found = is_alone(report(one.stored(tmp_path / "one.db"), tmp_path / "run.html"))
    text = " ".join(found.text.split())
    for part in ("Run r", "Yield by skill and level", "Curriculum", "What each role paid",
                 "Calls without an answer", "timeout", "The newest trajectories",
                 "revision 1 of attempt 2 is right", "sha256:"):  # fmt: skip
        assert part in text, part


def test_a_report_of_a_run_with_hostile_names_is_harmless(tmp_path: Path) -> None:
    said = "\n".join(HOSTILE)
    whole = one.trajectory(said=said)
    assigned = whole.assignment.model_copy(update={"skill": said})
    whole = whole.model_copy(update={"assignment": assigned, "error": said, "status": "failed"})
    found = is_alone(report(one.stored(tmp_path / "one.db", whole, said), tmp_path / "run.html"))
    assert "{{7*7}}" in found.text


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    database, path = one.stored(tmp_path / "one.db"), tmp_path / "page.html"
    path.write_text("mine")
    with pytest.raises(NotWritable, match="exists already"):
        written(database, path)
    assert path.read_text() == "mine"


def test_nothing_is_left_behind_where_nothing_could_be_written(tmp_path: Path) -> None:
    database = one.stored(tmp_path / "one.db")
    with Reader.open(database) as reader, pytest.raises(Missing):
        write_trajectory(tmp_path / "x.html", reader, "99", reader.latest_run(), written_steps)
    with pytest.raises(FileNotFoundError):
        written(database, tmp_path / "no" / "page.html")
    assert sorted(each.name for each in tmp_path.iterdir() if each.suffix == ".html") == []


def test_a_disk_that_is_full_leaves_no_half_file(tmp_path: Path) -> None:
    database, path = one.stored(tmp_path / "one.db"), tmp_path / "page.html"
    line = f"'{sys.executable}' '{RUN}' inspect 0 --db '{database}' --html '{path}'"
    done = subprocess.run(  # no file may have more than 40 KiB; the page would have more
        ["bash", "-c", f"ulimit -f 40; {line}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "too large" in done.stderr
    assert not path.exists()
