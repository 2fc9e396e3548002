"""The pages of `generate` and `inspect`, made from a real database."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from agents.steps.written import written_steps
from graphs import embedded_faculty, make_graph
from storage.ids import run_id, trajectory_id
from storage.queries import Reader
from storage.records import Assignment, Run
from storage.report.figures import figures, solve_rates
from storage.report.last_page import last_page
from storage.report.pages import list_page, trajectory_page
from storage.report.progress import Bar
from storage.report.why import hint
from storage.store import Store

ID = run_id({"seed": 7})


@pytest.fixture
async def reader(tmp_path):
    faculty = embedded_faculty(seed=7, attempts=1, max_revisions=1)
    run = Run(id=ID, identity={"seed": 7}, config={}, skills=faculty.teacher.skills, seed=7,
              episodes=6, created_at="2026-01-01T00:00:00Z", ended="complete")  # fmt: skip
    with Store.open(tmp_path / "lyceum.db") as store:
        await store.begin(run)
        for n in range(6):
            asked = Assignment(n=n, skill="sums", level=1, seed=n, ordinal=n)
            await store.assign(ID, asked)
            out = await make_graph().ainvoke({"assignment": asked, "run_id": ID}, context=faculty)
            await store.land(out["trajectory"])
    with Reader.open(tmp_path / "lyceum.db") as opened:
        yield opened


def printed(*parts):
    console = Console(width=80, record=True, file=io.StringIO())
    for part in parts:
        console.print(part)
    return console.export_text()


async def test_the_figures_add_up(reader):
    said = figures(reader, ID, {"calls": 3, "cost_usd": None, "wall_s": 1.23456})
    assert said["episodes"] == 6 == said["accepted"] + said["rejected"]
    assert (said["model_calls"], said["cost_usd"], said["wall_s"]) == (3, None, 1.235)
    assert figures(reader, ID, {})["cost_usd"] == 0.0
    assert json.dumps(said)


async def test_solve_rates_are_known_only_where_something_was_tried(reader):
    skills = embedded_faculty().teacher.skills
    rates = solve_rates(reader, ID, skills)
    assert 0.0 <= rates["sums"][0] <= 1.0
    assert rates["sums"][1:] == [None, None]
    assert rates["products"] == [None] * 3


async def test_the_last_page_says_what_to_type_next(reader):
    text = printed(*last_page(reader, ID, {"wall_s": 1.0}, options=" --db d.db").parts)
    assert "python run.py inspect --db d.db" in text
    assert "nothing more to do" not in text
    assert "nothing more to do" in printed(*last_page(reader, ID, {}).parts)


async def test_the_list_shows_runs_curriculum_and_trajectories(reader):
    page = list_page(reader, reader.run(ID), status=None, skill=None, limit=4)
    text = printed(*page.parts)
    assert ID[:10] in text
    assert "sums  1:" in text
    assert [item["n"] for item in page.plain["trajectories"]] == [5, 4, 3, 2]


async def test_filters_leave_the_rest_out(reader):
    page = list_page(reader, reader.run(ID), status="failed", skill=None, limit=4)
    assert page.plain["trajectories"] == []


async def test_a_trajectory_is_told_twice(reader):
    page = trajectory_page(reader, "3", reader.run(ID), written_steps)
    assert page.plain["id"] == trajectory_id(ID, 3)
    assert page.plain["calls"] == []
    attempt = page.plain["attempts"][0]["id"]
    assert [page.plain["lesson"]["id"], attempt] in page.plain["lineage"]
    assert "Verdict" in printed(*page.parts)


def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else():
    for terminal in (True, False):
        console = Console(force_terminal=terminal, width=120, record=True, file=io.StringIO())
        with Bar(console, 4, {"accepted": 1}) as bar:
            bar.count("rejected")
        assert ("1 rejected" in console.export_text()) == terminal


@pytest.mark.parametrize(
    ("reasons", "part"),
    [
        ({"screen": 6}, "refused every lesson"),
        ({"no_answer": 6}, "answer_pattern"),
        ({"undecided": 6}, '[critic] kind = "chat"'),
        ({"wrong": 5, "no_answer": 1}, None),
        ({}, None),
    ],
)
async def test_a_run_of_no_use_comes_with_a_hint(reader, reasons, part):
    told = hint(replace(reader.tallies(ID), reasons=reasons))
    assert told is None if part is None else part in told
