"""The review in the browser's place: real requests, a real server, a real database."""

import html
import json
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

pytest.importorskip("starlette", reason='the pages come with pip install "lyceum[web]"')
from storage.ids import trajectory_id
from storage.queries import Reader
from storage.web.seat import MOST_SEEN, Seat
from tests.reviewed import (
    HOSTILE,
    acts,
    attempt_of,
    by_a_judge,
    fields_of,
    index_all,
    judge,
    queue,
    several,
    whole,
)
from tests.served import served


@pytest.fixture
def database(classroom, tmp_path):
    return classroom.written(tmp_path / "a.db", *several(classroom))


@pytest.fixture
def pages(database):
    with served(database) as running:
        index_all(running)
        yield running


def status_of(database, n):
    with Reader.open(database) as reader:
        found = reader.trajectory(str(n))
        return found.status, found.reward, found.reason


def test_the_queue_asks_first_for_what_a_minute_buys_most_and_ends(pages, database):
    asked = []
    for attempt in queue(pages):
        asked.append(attempt)
        assert judge(pages, attempt, "accepted").status == 303
    assert asked == [attempt_of(1), attempt_of(2), attempt_of(3)]
    assert "Nothing waits for you" in pages.page("/review")
    assert [act["blind"] for act in acts(database)] == [1, 1, 1]


def test_a_verdict_counts_at_once_and_says_what_the_machine_had_said(pages, database):
    sent = judge(pages, attempt_of(2), "accepted", note="It is right.", critique="Show more.")
    assert sent.headers["location"] == f"/review/{attempt_of(2)}"
    assert status_of(database, 2) == ("accepted", 1.0, None)
    page = pages.page(sent.headers["location"])
    assert "You disagree" in page
    assert "the sum is right" in page
    assert "near the threshold" in page
    told = pages.plain(sent.headers["location"])
    assert (told["agree"], told["why"]) == (False, "near the threshold")
    left = {why: count for why, count in told["left"].items() if count}
    assert left == {"unscored": 1, "judge alone": 1}
    [act] = acts(database)
    assert (act["note"], act["critique"], act["person"]) == ("It is right.", "Show more.", "Ada")


def test_the_page_tells_nothing_that_the_machine_said(classroom, tmp_path):
    said = {
        "accepted": by_a_judge(classroom, 1, "accepted", 1.0),
        "rejected": by_a_judge(classroom, 1, "rejected", 0.55),
        "unscored": by_a_judge(classroom, 1, "unscored", None),
        "by a program": whole(by_a_judge(classroom, 1, "accepted", 1.0), rung="program", grades=()),
        "with a critique": whole(
            by_a_judge(classroom, 1, "rejected", 0.0), critique="Count again.", first_wrong_step=2,
            first_wrong_step_rung="judge",
        ),
    }  # fmt: skip
    seen = {}
    for name, one in said.items():
        path = classroom.written(tmp_path / f"{name}.db", one)
        with served(path) as pages:
            index_all(pages)
            page = pages.page(f"/review/{attempt_of(1)}")
            plain = pages.ask(f"/review/{attempt_of(1)}?format=json").text
            without = page.replace(pages.token, "TOKEN").replace(fields_of(page)["act"], "ACT")
            seen[name] = without, plain
    assert len(set(seen.values())) == 1


def test_the_page_tells_nothing_of_siblings_and_of_what_was_tried_before(classroom, tmp_path):
    tried = classroom.tried
    seen = set()
    for name, before in {"a": "accepted", "b": "rejected"}.items():
        first = tried("Answer: 7", before, critique="Count." if before == "rejected" else "")
        again = tried("Answer: 8", "rejected", idx=0, revision=1, answer="8")
        made = classroom.episode(1, "How many?", {**first, "idx": 0}, again)
        path = classroom.written(tmp_path / f"{name}.db", whole(made))
        with served(path) as pages:
            page = pages.page(f"/review/{made.attempts[1].id}")
            assert "evision" not in page
            assert made.id not in page
            seen.add(page.replace(pages.token, "T").replace(fields_of(page)["act"], "A"))
    assert len(seen) == 1


def test_the_same_form_sent_again_is_one_act(pages, database):
    path = f"/review/{attempt_of(1)}"
    form = fields_of(pages.page(path)) | {"verdict": "rejected", "note": "no"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: pages.send(path, form), range(8)))
    assert {answer.status for answer in answers} == {303}
    assert len(acts(database)) == 1


def test_a_form_from_before_that_says_something_else_is_told_so(pages, database):
    path = f"/review/{attempt_of(1)}"
    form = fields_of(pages.page(path))
    assert pages.send(path, form | {"verdict": "rejected"}).status == 303
    again = pages.send(path, form | {"verdict": "accepted"})
    assert again.status == 409
    assert "load the page again" in again.text
    assert [act["status"] for act in acts(database)] == ["rejected"]


def test_undo_takes_the_last_verdict_back_and_shows_the_attempt_again(pages, database):
    before = status_of(database, 2)
    judge(pages, attempt_of(2), "accepted")
    page = pages.page(f"/review/{attempt_of(2)}")
    action = undo_of(page)
    for _ in range(2):
        undone = pages.send(action, {"back": "review"})
        assert undone.headers["location"] == f"/review/{attempt_of(2)}"
    assert status_of(database, 2) == before
    assert [act["act"] for act in acts(database)] == ["gave", "withdrew"]
    page = pages.page(f"/review/{attempt_of(2)}")
    assert 'id="verdict-form"' in page
    assert 'id="seen-before"' in page
    assert 'id="undo-form"' not in page
    judge(pages, attempt_of(2), "rejected")
    assert [act["blind"] for act in acts(database)] == [1, 1, 0]


def test_undo_takes_back_what_its_page_shows_also_where_something_else_was_said_later(
    pages, database
):
    judge(pages, attempt_of(1), "accepted")
    judge(pages, attempt_of(2), "accepted")
    page = pages.page(f"/review/{attempt_of(1)}")
    assert "take back what you said here" in page
    undone = pages.send(undo_of(page), {"back": "review"})
    assert undone.headers["location"] == f"/review/{attempt_of(1)}"
    page = pages.page(f"/review/{attempt_of(1)}")
    assert "undo the last" in page
    assert "take back what you said last" in page
    undone = pages.send(undo_of(page), {"back": "review"})
    assert undone.headers["location"] == f"/review/{attempt_of(2)}"
    assert [(act["act"], act["attempt_id"]) for act in acts(database)] == [
        ("gave", attempt_of(1)), ("gave", attempt_of(2)),
        ("withdrew", attempt_of(1)), ("withdrew", attempt_of(2)),
    ]  # fmt: skip


def undo_of(page):
    """Return where the button leads that takes a verdict back."""
    return re.search(r'id="undo-form" method="post" action="([^"]+)"', page)[1]


def test_what_is_skipped_comes_again_when_nothing_else_is_left(pages, database):
    skipped = []
    for attempt in queue(pages):
        skipped.append(attempt)
        assert judge(pages, attempt, "skip").headers["location"] == "/review"
    assert len(skipped) == 3
    page = pages.page("/review")
    assert "You passed over 3" in page
    assert pages.send("/review", {}).status == 303
    assert next(queue(pages)) == skipped[0]
    assert acts(database) == []


def test_two_people_may_disagree_and_both_stand(database):
    with served(database, "Ada") as hers, served(database, "Grace") as his:
        for pages in (hers, his):
            index_all(pages)
        # Both have the form open before either of them speaks.
        forms = [fields_of(each.page(f"/review/{attempt_of(1)}")) for each in (hers, his)]
        for pages, form, verdict in zip((hers, his), forms, ("accepted", "rejected"), strict=True):
            sent = pages.send(f"/review/{attempt_of(1)}", form | {"verdict": verdict})
            assert sent.status == 303
        page = his.page(f"/review/{attempt_of(1)}")
        assert "Ada: " in page
        assert status_of(database, 1)[0] == "rejected"
        assert [(a["person"], a["blind"]) for a in acts(database)] == [("Ada", 1), ("Grace", 1)]
        hers_again = hers.plain(f"/review/{attempt_of(1)}")
        assert [act["person"] for act in hers_again["others"]] == ["Grace"]
        verdict = acts(database)[0]["verdict_id"]
        refused = his.send(f"/acts/{verdict}/withdraw", {})
        assert refused.status == 409
        assert "Ada" in refused.text


def test_the_rubric_is_graded_criterion_by_criterion(pages, database):
    form = fields_of(pages.page(f"/review/{attempt_of(3)}"))
    form |= {
        "verdict": "rejected", "criterion": ["correct", "complete", "clear"],
        "weight": ["0.6", "0.25", "0.15"], "grade-1": "0", "grade-3": "0.5",
        "first_wrong_step": "2",
    }  # fmt: skip
    assert pages.send(f"/review/{attempt_of(3)}", form).status == 303
    [act] = acts(database)
    graded = [(each["criterion"], each["grade"]) for each in json.loads(act["grades"])]
    assert graded == [("correct", 0.0), ("clear", 0.5)]
    assert act["first_wrong_step"] == 2


def test_criteria_are_offered_by_name_and_without_the_machines_grades(pages):
    page = pages.page(f"/review/{attempt_of(3)}")
    named = re.findall(r'name="criterion" value="([^"]+)"', page)
    assert named == ["correct", "complete", "clear"]
    assert page.count("checked") == 4  # no first wrong step, and no grade of any criterion
    assert "the sum is right" not in page
    assert [step for step in re.findall(r'class="step-text">([^<]+)<', page)] == [
        "I take 3 and 4", "together they are 8",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"verdict": "perfect"}, 409),
        ({}, 409),
        ({"verdict": "accepted", "first_wrong_step": "0"}, 409),
        ({"verdict": "accepted", "first_wrong_step": "two"}, 409),
        ({"verdict": "accepted", "criterion": "x" * 200, "weight": "1", "grade-1": "1"}, 409),
        ({"verdict": "accepted", "criterion": "x", "weight": "9", "grade-1": "1"}, 409),
        ({"verdict": "accepted", "criterion": "x", "weight": "1", "grade-1": "nan"}, 409),
        ({"verdict": "accepted", "audit": "nothing"}, 409),
    ],
)
def test_what_cannot_be_said_is_told_in_one_sentence_and_not_written(
    pages, database, fields, status
):
    sent = pages.send(f"/review/{attempt_of(1)}", fields)
    assert sent.status == status
    assert acts(database) == []
    assert "Traceback" not in sent.text


def test_an_attempt_that_is_gone_is_told_and_the_queue_goes_on(pages, database):
    form = fields_of(pages.page(f"/review/{attempt_of(1)}")) | {"verdict": "accepted"}
    with closing(sqlite3.connect(database)) as connection, connection:
        [trajectory] = connection.execute(
            "SELECT trajectory_id FROM attempts WHERE id = ?", (attempt_of(1),)
        ).fetchone()
        for sql in (
            "DELETE FROM verdicts WHERE attempt_id IN "
            "(SELECT id FROM attempts WHERE trajectory_id = ?)",
            "DELETE FROM attempts WHERE trajectory_id = ?",
            "DELETE FROM trajectories WHERE id = ?",
        ):
            connection.execute(sql, (trajectory,))
    sent = pages.send(f"/review/{attempt_of(1)}", form)
    assert sent.status == 404
    assert "Nothing was written down" in sent.text
    assert 'id="go-on"' in sent.text
    assert next(queue(pages)) == attempt_of(2)


def test_an_unknown_attempt_is_a_page_that_names_the_nearest(pages):
    almost = attempt_of(1)[:-1] + "z"
    found = pages.ask(f"/review/{almost}", Accept="text/html")
    assert found.status == 404
    assert attempt_of(1) in found.text


def test_without_a_name_nobody_reviews_and_it_is_said_how(database):
    with served(database, None) as pages:
        found = pages.ask("/review", Accept="text/html")
        assert found.status == 409
        assert "review --as NAME" in found.text
        sent = pages.send(f"/review/{attempt_of(1)}", {"verdict": "accepted"})
        assert sent.status == 409
        assert acts(database) == []


def test_a_verdict_needs_the_token_of_the_pages(pages, database):
    form = fields_of(pages.page(f"/review/{attempt_of(1)}")) | {"verdict": "accepted"}
    assert pages.send(f"/review/{attempt_of(1)}", form, token="guessed").status == 403
    assert acts(database) == []


def test_hostile_text_comes_out_as_text_in_every_field(classroom, tmp_path):
    judged = by_a_judge(
        classroom, 1, "rejected", 0.55, text=f"1. {HOSTILE}\nAnswer: 8", question=HOSTILE,
        skill=HOSTILE, language=HOSTILE, reference=HOSTILE, steps=(HOSTILE,),
    )  # fmt: skip
    grades = tuple(
        grade.model_copy(update={"reason": HOSTILE}) for grade in judged.verdicts[0].grades
    )
    told = whole(judged, grades=grades, critique=HOSTILE)
    path = classroom.written(tmp_path / "a.db", told)
    with served(path, "<script>Ada</script>") as pages:
        index_all(pages)
        blind = pages.page(f"/review/{attempt_of(1)}")
        judge(pages, attempt_of(1), "rejected", note=HOSTILE, critique=HOSTILE)
        after = pages.page(f"/review/{attempt_of(1)}")
    for page in (blind, after):
        inner = re.sub(r'<script src="/static/[a-z]+\.js" defer></script>', "", page)
        assert "<script" not in inner
        assert "<img src=x" not in inner
        assert 'href="javascript' not in inner
        assert "\u202e" not in inner
        assert "\x1b" not in inner
        assert "{{ 7*7 }}" in html.unescape(inner)


def test_a_form_without_a_number_of_its_own_says_the_same_once(pages, database):
    path = f"/review/{attempt_of(1)}"
    for _ in range(2):
        assert pages.send(path, {"verdict": "accepted", "seen": "open"}).status == 303
    assert len(acts(database)) == 1
    assert pages.send(path, {"verdict": "rejected", "seen": "open"}).status == 303
    assert pages.send(path, {"verdict": "accepted", "seen": "open"}).status == 303
    assert [act["status"] for act in acts(database)] == ["accepted", "rejected", "accepted"]
    assert {act["blind"] for act in acts(database)} == {0}


def test_what_was_said_in_this_sitting_is_listed_with_links(pages):
    assert 'id="given"' not in pages.page(f"/review/{attempt_of(1)}")
    judge(pages, attempt_of(1), "rejected")
    page = pages.page(f"/review/{attempt_of(2)}")
    assert f'href="/review/{attempt_of(1)}"' in page[page.index('id="given"') :]


def test_a_verdict_is_given_and_taken_back_on_a_trajectorys_page_and_is_not_blind(pages, database):
    address = f"/trajectories/{trajectory_id('r1', 4)}"
    page = pages.page(address)
    assert f'action="/review/{attempt_of(4)}"' in page
    assert "take back" not in page
    before = status_of(database, 4)
    sent = pages.send(
        f"/review/{attempt_of(4)}",
        {"verdict": "accepted", "seen": "open", "back": "trajectory", "first_wrong_step": ""},
    )
    assert sent.headers["location"] == address
    assert status_of(database, 4)[0] == "accepted"
    [act] = acts(database)
    assert act["blind"] == 0
    page = pages.page(address)
    withdraw = re.search(r'action="(/acts/[^"]+/withdraw)"', page)[1]
    assert pages.send(withdraw, {"back": "trajectory"}).headers["location"] == address
    assert status_of(database, 4) == before


def test_a_trajectorys_page_asks_nobody_who_has_no_name(database):
    with served(database, None) as pages:
        assert "<form" not in pages.page(f"/trajectories/{trajectory_id('r1', 4)}")


def test_who_has_read_the_trajectory_judges_it_no_more_as_if_blind(pages, database):
    form = fields_of(pages.page(f"/review/{attempt_of(1)}")) | {"verdict": "accepted"}
    pages.page(f"/trajectories/{trajectory_id('r1', 1)}")
    assert 'id="seen-before"' in pages.page(f"/review/{attempt_of(1)}")
    pages.send(f"/review/{attempt_of(1)}", form)
    judge(pages, attempt_of(2), "accepted")
    assert [act["blind"] for act in acts(database)] == [0, 1]


@pytest.mark.parametrize(
    "path",
    [
        f"/trajectories/{trajectory_id('r1', 1)}?format=json",
        f"/trajectories/{trajectory_id('r1', 1)}/texts/task",
        "/trajectories",
        "/trajectories?format=json",
        "/trajectories.csv",
        "/trajectories.jsonl",
    ],
)
def test_who_was_shown_how_it_stands_judges_it_no_more_as_if_blind(pages, database, path):
    index_all(pages)
    assert pages.ask(path).status == 200
    judge(pages, attempt_of(1), "accepted")
    assert [act["blind"] for act in acts(database)] == [0]


def test_rows_that_were_not_shown_are_still_judged_blind(pages, database):
    index_all(pages)
    pages.page("/trajectories?status=rejected")
    judge(pages, attempt_of(2), "accepted")
    judge(pages, attempt_of(1), "accepted")
    assert [act["blind"] for act in acts(database)] == [0, 1]


def test_who_was_told_of_an_attempt_judges_its_siblings_no_more_as_if_blind(classroom, tmp_path):
    two = (classroom.tried("Answer: 7", answer="7"), classroom.tried("Answer: 8", "rejected"))
    path = classroom.written(tmp_path / "a.db", whole(classroom.episode(0, "How many?", *two)))
    with served(path) as running:
        judge(running, attempt_of(0, 0), "accepted")
    with served(path) as running:  # which remembers nothing of the one before
        assert 'id="seen-before"' in running.page(f"/review/{attempt_of(0, 1)}")
        judge(running, attempt_of(0, 1), "rejected")
    assert [act["blind"] for act in acts(path)] == [1, 0]


def test_who_was_shown_more_than_is_remembered_has_seen_all():
    seat = Seat("Ada")
    seat.look_at(map(str, range(MOST_SEEN)))
    assert not seat.has_seen("another")
    seat.look_at(["one more"])
    assert seat.has_seen("another")


def test_a_verdict_changes_the_database_that_generate_made_and_verify_knows_it(command, tmp_path):
    path = tmp_path / "lyceum.db"
    assert command("generate", "--episodes", "12", "--db", path).returncode == 0
    with Reader.open(path) as reader:
        run = reader.latest_run().id
        wrong = next(one for one in reader.stream(run) if one.status == "rejected" and one.attempts)
    with served(path) as pages:
        judge(pages, wrong.attempts[0].id, "accepted", note="The slip is in the reference.")
        assert "You disagree" in pages.page(f"/review/{wrong.attempts[0].id}")
    shown = json.loads(command("inspect", wrong.id, "--db", path, "--json").stdout)
    assert (shown["status"], shown["verdicts"][-1]["rung"]) == ("accepted", "person")
    assert shown["acts"][-1]["note"] == "The slip is in the reference."
    for check in ("verify", "replay"):
        found = command(check, "--db", path, "--json")
        assert json.loads(found.stdout)["disagreements"] == []
