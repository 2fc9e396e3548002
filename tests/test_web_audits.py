"""Audits in the browser's place: drawn, judged blind one after the other, and what they come to."""

import re

import pytest

pytest.importorskip("starlette", reason='the pages come with pip install "lyceum[web]"')
from storage.queries import Reader
from tests.reviewed import acts, attempt_of, by_a_judge, fields_of, index_all, judge, whole
from tests.served import served


@pytest.fixture
def pages(classroom, tmp_path):
    made = [by_a_judge(classroom, n, "accepted", 0.9) for n in range(4)]
    made.append(by_a_judge(classroom, 4, "rejected", 0.1))
    with served(classroom.written(tmp_path / "a.db", *made)) as running:
        index_all(running)
        yield running


def drawn(pages, **fields):
    sent = pages.send("/audits", {"size": "3", "seed": "1", "run": "r1"} | fields)
    assert sent.status == 303, sent.text
    return sent.headers["location"]


def next_of(pages, audit):
    found = pages.ask(f"{audit}/next", Accept="text/html")
    return found.headers.get("location") if found.status == 303 else None


def test_an_audit_is_drawn_judged_and_comes_to_a_share_with_its_interval(pages):
    audit = drawn(pages)
    assert "drawn with seed 1" in pages.page(audit)
    asked = []
    for verdict in ("accepted", "rejected", "accepted"):
        here = next_of(pages, audit)
        path, _, query = here.partition("?")
        asked.append(path.removeprefix("/review/"))
        page = pages.page(here)
        assert 'id="verdict-form"' in page
        sent = pages.send(path, fields_of(page) | {"verdict": verdict})
        assert sent.headers["location"] == here
        after = pages.page(here)
        assert "an audit drew it" in after
        assert f'href="{audit}/next"' in after
        assert query == "audit=" + audit.removeprefix("/audits/")
    assert len(set(asked)) == 3
    assert attempt_of(4) not in asked
    assert next_of(pages, audit) is None
    told = pages.plain(audit)
    assert (told["judged"], told["accepted"], told["rejected"], told["left"]) == (3, 2, 1, 0)
    assert told["right"]["share"] == pytest.approx(2 / 3)
    assert 0 < told["right"]["low"] < 2 / 3 < told["right"]["high"] < 1
    assert re.search(r"67\s%", pages.page(audit))
    assert re.search(r"67\s%", pages.page("/audits"))
    assert {act["audit_id"] for act in acts(pages.desk.database)} == {told["id"]}
    assert {act["blind"] for act in acts(pages.desk.database)} == {1}


def test_the_same_draw_is_the_same_audit_and_another_seed_another(pages):
    first = drawn(pages)
    assert drawn(pages) == first
    assert drawn(pages, seed="2") != first
    assert len(pages.plain("/audits")["audits"]) == 2


def test_what_was_said_before_is_no_answer_to_an_audit(pages):
    audit = drawn(pages, size="4")
    here = next_of(pages, audit)
    attempt = here.partition("?")[0].removeprefix("/review/")
    judge(pages, attempt, "accepted")
    assert pages.plain(audit)["judged"] == 0
    assert next_of(pages, audit) == here
    page = pages.page(here)
    assert 'id="seen-before"' in page
    pages.send(here.partition("?")[0], fields_of(page) | {"verdict": "accepted"})
    assert pages.plain(audit)["judged"] == 1
    assert [act["blind"] for act in acts(pages.desk.database)] == [1, 0]


def test_who_was_shown_what_others_said_for_an_audit_judges_it_no_more_as_if_blind(pages):
    database, audit = pages.desk.database, drawn(pages)
    here = next_of(pages, audit)
    with served(database, "Bob") as other:
        form = fields_of(other.page(here)) | {"verdict": "rejected"}
        other.send(here.partition("?")[0], form)
    assert "Bob" in pages.page(audit)
    judge(pages, here.partition("?")[0].removeprefix("/review/"), "accepted")
    assert [act["blind"] for act in acts(database)] == [1, 0]


def test_what_an_audit_shows_depends_on_no_verdict_of_a_machine(classroom, tmp_path):
    seen = set()
    for name, changes in {"a": {}, "b": {"rung": "program", "grades": (), "reward": 1.0}}.items():
        made = [whole(by_a_judge(classroom, 0, "accepted", 0.9), **changes)]
        with served(classroom.written(tmp_path / f"{name}.db", *made)) as pages:
            here = next_of(pages, drawn(pages, size="1"))
            page = pages.page(here)
            seen.add(page.replace(pages.token, "T").replace(fields_of(page)["act"], "A"))
    assert len(seen) == 1


def test_undo_and_skip_stay_within_the_audit(pages):
    audit = drawn(pages)
    here = next_of(pages, audit)
    path = here.partition("?")[0]
    pages.send(path, fields_of(pages.page(here)) | {"verdict": "rejected"})
    undo = re.search(r'id="undo-form" method="post" action="([^"]+)"', pages.page(here))[1]
    assert pages.send(undo, {"back": "review"}).headers["location"] == here
    assert pages.plain(audit)["judged"] == 0
    skipped = pages.send(path, fields_of(pages.page(here)) | {"verdict": "skip"})
    assert skipped.headers["location"] == f"{audit}/next"
    assert next_of(pages, audit) != here


@pytest.mark.parametrize(
    ("fields", "status", "part"),
    [
        ({"size": "0"}, 409, "size 0"),
        ({"size": "many"}, 409, "whole numbers"),
        ({"seed": "-1"}, 409, "whole numbers"),
        ({"seed": "9" * 19}, 409, "seed"),
        ({"run": "r9"}, 404, "r1"),
        ({"run": "'; --"}, 404, "no such id"),
    ],
)
def test_a_draw_that_cannot_be_is_told_in_one_sentence(pages, fields, status, part):
    sent = pages.send("/audits", {"size": "3", "seed": "1", "run": "r1"} | fields)
    assert sent.status == status
    assert part in sent.text
    assert pages.plain("/audits")["audits"] == []


def test_an_audit_asks_only_for_what_it_drew(pages):
    audit = drawn(pages, size="1").removeprefix("/audits/")
    found = pages.ask(f"/review/{attempt_of(4)}?audit={audit}", Accept="text/html")
    assert found.status == 404
    sent = judge(pages, attempt_of(4), "rejected", audit=audit)
    assert sent.status == 409
    assert acts(pages.desk.database) == []


def test_an_unknown_audit_is_a_page_that_says_which_there_is(pages):
    audit = drawn(pages).removeprefix("/audits/")
    for path in ("/audits/nothing", "/audits/nothing/next"):
        found = pages.ask(path, Accept="text/html")
        assert found.status == 404
        assert audit in found.text


def test_a_run_without_an_accepted_attempt_has_no_audit(classroom, tmp_path):
    made = by_a_judge(classroom, 0, "rejected", 0.1)
    with served(classroom.written(tmp_path / "a.db", made)) as pages:
        sent = pages.send("/audits", {"size": "3", "seed": "1", "run": "r1"})
        assert sent.status == 409
        assert "no accepted attempt" in sent.text


def test_without_a_name_audits_are_shown_and_none_is_drawn(pages):
    audit = drawn(pages)
    with served(pages.desk.database, None) as others:
        assert 'id="draw"' not in others.page("/audits")
        assert others.send("/audits", {"size": "3", "seed": "2", "run": "r1"}).status == 409
        assert "review --as NAME" in others.page(audit)
    with Reader.open(pages.desk.database) as reader:
        assert len(list(reader.rows("SELECT * FROM audits"))) == 1
