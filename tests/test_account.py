"""Every attempt that there is was used or left out for a reason, as the database counts them."""

import json
import re
import shutil
import socket
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing

import pytest

from storage.export import FORMATS
from storage.export.account import REASONS, REMOVALS, Account
from storage.export.making import Form
from storage.export.splits import IN_ORDER, Splits
from storage.queries import Reader

BY_STATUS = """SELECT coalesce((SELECT status FROM verdicts WHERE attempt_id = attempts.id
        ORDER BY ordinal DESC LIMIT 1), 'failed'), count(*) FROM attempts
    JOIN trajectories ON trajectories.id = attempts.trajectory_id WHERE run_id = ? GROUP BY 1"""


def counted(path, run):
    """Count the attempts of a run by the status of their last verdict, in plain SQL."""
    with closing(sqlite3.connect(path)) as database:
        return dict(database.execute(BY_STATUS, (run,)).fetchall())


def attempts_of(path, run, form, rows):
    """Return the ids of the attempts that rows name, found out from the rows and the database."""
    if form == "preference":
        return {row[column] for row in rows for column in ("chosen_id", "rejected_id")}
    if form != "rl":
        return {row["id"] for row in rows}
    sql = """SELECT id, trajectory_id FROM attempts WHERE revision = 0 AND (SELECT reward
        FROM verdicts WHERE attempt_id = attempts.id ORDER BY ordinal DESC LIMIT 1) IS NOT NULL"""
    tasks = {row["trajectory_id"] for row in rows}
    with closing(sqlite3.connect(path)) as database:
        return {one for one, trajectory in database.execute(sql) if trajectory in tasks}


def assert_accounted(path, run, form, found):
    account = found.account
    used = attempts_of(path, run, form, found.rows)

    assert account.attempts == counted(path, run)
    assert sum(account.attempts.values()) == account.used + sum(account.left_out.values())
    assert account.used == len(used)
    assert account.left_out.keys() <= REASONS.keys()
    assert len(found.rows) == account.examples.total()
    assert Counter(each.reason for each in found.removed) == {
        reason: count for reason, count in account.left_out.items() if reason in REMOVALS
    }
    removed = {each.attempt_id for each in found.removed}
    assert len(removed) == len(found.removed)
    assert not removed & used


def run_of(path):
    with Reader.open(path) as reader:
        return reader.latest_run().id


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"splits": Splits(0.2, 0.2), "only": "test"},
        {"balanced": True, "per_lesson": 1, "revisions": "turns"},
        {"revisions": "none", "splits": Splits(0.1, 0.1)},
    ],
    ids=["plain", "one split", "balanced", "no revisions"],
)
def test_the_attempts_of_2000_episodes_are_used_or_left_out_for_a_reason(
    form, more, many, classroom
):
    run, more = run_of(many), dict(more)
    revisions = more.pop("revisions", "alone")
    found = classroom.exported(
        many, form, [run], manner=classroom.manner(revisions=revisions), **more
    )

    assert found.rows
    assert_accounted(many, run, form, found)


RECORDED = """
attempts = 1
max_revisions = 0
[teacher]
kind = "library"
path = {path}
question = "question"
reference = "ground_truth"
skill = "gsm8k"
reference_pattern = '^A: *(.*)$'
answer_pattern = '^A: *(.*)$'
verifier = "math"
[student]
kind = "chat"
model = "{model}"
base_url = "{address}"
endpoint = "recorded"
[critic]
kind = "program"
"""


MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")


@pytest.fixture(scope="module", params=MODELS)
def recorded(request, shared, command, tmp_path_factory, unmeasured):
    """A database with the attempts of a real model at 795 school problems."""
    node, data = shutil.which("node"), shared / "data" / "gsm8k_recorded_attempts.jsonl"
    if node is None:
        pytest.skip("no node on this machine")
    folder = tmp_path_factory.mktemp("recorded")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [node, shared / "bench" / "replay_openai.mjs", "--port", str(port), "--data", data]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as served:
        try:
            [address] = re.findall(r"http://\S+", served.stdout.readline())
            text = RECORDED.format(path=json.dumps(str(data)), address=address, model=request.param)
            (folder / "run.toml").write_text(text)
            done = command("generate", "run.toml", "--json", cwd=folder)
            assert done.returncode == 0, done.stderr
        finally:
            served.terminate()
    return folder / "lyceum.db"


@pytest.mark.parametrize("form", FORMATS)
def test_recorded_attempts_of_a_real_model_are_used_or_left_out_for_a_reason(
    form, recorded, classroom
):
    run = run_of(recorded)
    found = classroom.exported(recorded, form, [run], splits=Splits())

    assert_accounted(recorded, run, form, found)
    assert found.account.attempts.total() == 795
    if form in ("kto", "sft", "rl"):
        assert set(found.splits) == set(IN_ORDER)


def test_statuses_of_every_kind_are_accounted_for(classroom, tmp_path):
    tried = classroom.tried
    tries = [tried(status, status) for status in ("accepted", "rejected", "unscored", "failed")]
    tries += [tried("nobody", None), tried("over", "accepted", later=[tried("", "unscored")])]
    path = classroom.written(
        tmp_path / "a.db", classroom.episode(0, "q", *tries), classroom.episode(1, "Q", *tries)
    )
    expected = {"accepted": 2, "rejected": 2, "unscored": 4, "failed": 4}

    for form in FORMATS:
        found = classroom.exported(path, form)
        assert found.account.attempts == expected == counted(path, "r1")
        assert_accounted(path, "r1", form, found)


def test_a_format_that_forgets_an_attempt_is_a_bug_that_shows(classroom, tmp_path, monkeypatch):
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", classroom.tried("a")))
    monkeypatch.setitem(FORMATS, "sft", Form("sft", {}, lambda *_: [], "", ""))
    with pytest.raises(KeyError):
        classroom.exported(path, "sft")


def test_every_reason_is_told_in_words_the_most_frequent_first():
    account = Account()
    account.left_out.update({"rejected": 2, "failed": 5})

    assert list(account.by_reason()) == [
        ("failed", 5, REASONS["failed"]),
        ("rejected", 2, REASONS["rejected"]),
    ]
    assert not account.balances()
    account.attempts.update({"failed": 5, "rejected": 2})
    assert account.balances()


@pytest.mark.parametrize("reason", [r for r in REASONS if REASONS[r].startswith("bad row")])
def test_what_is_bad_is_listed_one_by_one(reason):
    assert reason in REMOVALS
    assert reason.isidentifier()
