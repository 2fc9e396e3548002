"""Hostile texts are texts in the terminal too: nothing in them moves a cursor or turns a line."""

import io
import re
import sqlite3

import pytest
from rich.console import Console

from agents.steps.written import written_steps
from storage.queries import Reader
from storage.report.pages import list_page, trajectory_page
from tests import hostile

WRONG = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    path = hostile.database(tmp_path_factory.mktemp("terminal") / "hostile.db", hostile.HOSTILE)
    hostile.escape_by_hand(path)
    return path


def printed(parts):
    console = Console(width=100, file=io.StringIO(), force_terminal=False)
    for part in parts:
        console.print(part, markup=False)
    return console.file.getvalue()


def test_no_control_and_no_mark_of_the_data_is_printed(strangers):
    with Reader.open(strangers) as reader:
        run = reader.latest_run()
        whole = printed(list_page(reader, run, status=None, skill=None, limit=99).parts)
        whole += printed(list_page(reader, run, status="failed", skill=None, limit=99).parts)
        whole += printed(list_page(reader, run, status=None, skill=None, limit=1, asked=True).parts)
        for n in range(hostile.EPISODES):
            page = trajectory_page(reader, str(n), run, written_steps, reasoning=True)
            whole += printed(page.parts)
    assert not WRONG.findall(whole)
    assert "window.hacked" in whole
    assert hostile.PRODUCT not in whole


def test_the_commands_print_no_control_and_no_mark_of_the_data(strangers, command):
    for words in (["inspect"], ["inspect", "5", "--reasoning"], ["inspect", "--status", "failed"]):
        done = command(*words, "--db", strangers)
        assert done.returncode == 0
        assert not WRONG.findall(done.stdout + done.stderr)
    wrong = command("inspect", "\x1b[2J\u202ex", "--db", strangers)
    assert wrong.returncode == 2
    assert not WRONG.findall(wrong.stdout + wrong.stderr)


def test_a_name_that_is_no_unicode_is_told_in_one_line(strangers, tmp_path, command):
    torn = tmp_path / "torn.db"
    torn.write_bytes(strangers.read_bytes())
    with sqlite3.connect(torn) as db:
        db.execute("UPDATE lessons SET skill = CAST(x'ff3c' AS TEXT)")
    db.close()
    for words in (["inspect"], ["inspect", "3"]):
        done = command(*words, "--db", torn)
        assert done.returncode in (0, 1, 2)
        assert "Traceback" not in done.stderr
