"""The page of one trajectory, as it is served."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.judge import turns
from storage.queries import Reader
from storage.report.html import calls
from storage.report.html.quoted import EXACT, MOST_SHOWN, Room
from storage.report.pages import trajectory_page
from storage.store import Store
from tests import a_trajectory as one
from tests.markup import HOSTILE, UNSEEN, seen

pytest.importorskip("starlette", reason="needs the extra `web`")

from agents.steps.written import written_steps
from tests.served import Served, served


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Iterator[Served]:
    path = one.stored(tmp_path_factory.mktemp("one") / "one.db")
    one.judged(path)
    with served(path) as found:
        yield found


def page(pages: Served) -> str:
    return pages.page(f"/trajectories/{one.ID}")


def flat(html: str) -> str:
    return " ".join(seen(html).text.split())


def test_the_page_tells_the_whole_trajectory_in_order(pages: Served) -> None:
    text = flat(page(pages))
    parts = [
        "episode 0",
        "rates, level 2",
        "accepted reward 1.00",
        "Accepted: revision 1 of attempt 2 is right, says the judge",
        "Janet's ducks lay",
        "State the answer.",
        "Reference",
        "Grown from an expert seed",
        "Attempt 1",
        "first wrong step",
        "rejected reward 0.00, decided by the program",
        "math@1 failed",
        "timeout_s 5",
        "Critique Look at step 2.",
        "rejected reward 0.00, decided by a person",
        "Ben",
        "Step 2 is wrong.",
        "by a person, withdrawn",
        "Ada",
        "It is fine.",
        "Attempt 2",
        "Revision 1 of attempt 2",
        "The judge's own answers",
        "It is 26.",
        "Criterion",
        "It holds.",
        "agreed: 2 of 2, unanimous",
        "against a false reference",
        "own answer 2, try 1 was not answered: timeout",
        "Lineage",
        "What becomes of it in exports",
        "sft",
    ]
    place = 0
    for part in parts:
        place = text.find(part, place)
        assert place >= 0, part


def test_every_call_shows_what_was_sent_and_what_came_back(pages: Served) -> None:
    html = page(pages)
    text = flat(html)
    assert html.count('<details class="call"') == 7
    for part in ("teacher-model", "120 tokens in, 45 out", "1.25 s", "critic.prompt@3 sha256:00",
                 "system You help.", "settings", '"temperature": 0.8', "the whole body as received",
                 "The attempt above, word for word."):  # fmt: skip
        assert part in text, part


def test_a_revision_is_marked_beside_what_it_revises(pages: Served) -> None:
    html = page(pages)
    assert "Beside attempt 2: there, here" in flat(html)
    assert "<del>28" in html
    assert "<ins>26" in html
    assert 'id="marking"' in html


def test_the_lineage_leads_to_the_parts_of_the_page(pages: Served) -> None:
    found = seen(page(pages))
    ids = [a["id"] for _, a in found.elements if "id" in a]
    targets = {a["href"][1:] for _, a in found.elements if (a.get("href") or "").startswith("#")}
    assert len(ids) == len(set(ids))
    assert {"lesson", "attempt-1", "attempt-2-revision-1", "exports"} <= targets <= set(ids)


def test_json_is_what_inspect_prints(pages: Served) -> None:
    with Reader.open(pages.desk.database) as reader:
        plain = trajectory_page(reader, "0", reader.run(one.RUN), written_steps).plain
    assert pages.plain(f"/trajectories/{one.ID}") == json.loads(json.dumps(plain))
    assert [act["act"] for act in plain["acts"]] == ["gave", "withdrew", "gave"]


@pytest.mark.parametrize(
    ("ref", "place"),
    [
        ("0", ""),
        (one.ID[:9], ""),
        (one.FIRST, "#attempt-1"),
        (one.REVISED[:12], "#attempt-2-revision-1"),
        (f"{one.REVISED}-{one.SECOND}", "#attempt-2-revision-1"),
    ],
)
def test_whatever_inspect_takes_leads_to_the_canonical_address(pages, ref, place) -> None:
    found = pages.ask(f"/trajectories/{ref}", Accept="text/html")
    assert found.status == 307
    assert found.headers["location"] == f"/trajectories/{one.ID}{place}"


def test_a_number_counts_in_the_run_that_is_named(pages: Served) -> None:
    found = pages.ask(f"/trajectories/0?run={one.RUN[:8]}&x=1", Accept="text/html")
    assert found.headers["location"] == f"/trajectories/{one.ID}?x=1"
    assert pages.ask("/trajectories/0?run=r00", Accept="text/html").status == 404


def test_an_id_that_does_not_exist_is_answered_with_the_nearest(pages: Served) -> None:
    found = pages.ask(f"/trajectories/{one.ID[:-1]}Z", Accept="text/html")
    assert found.status == 404
    assert one.ID in found.text
    assert pages.ask("/trajectories/77", Accept="text/html").status == 404
    assert pages.ask(f"/trajectories/{one.ID}/texts/nothing", Accept="text/html").status == 404


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Iterator[Served]:
    """Serve a database in which every text is hostile, lone surrogates aside."""
    said = "\n".join(HOSTILE)
    whole = one.trajectory(text=said + "\nAnswer: 28", other=said + "\nAnswer: 26", said=said)
    bad = {"skill": HOSTILE[3], "language": HOSTILE[4]}
    lesson = whole.lesson.model_copy(update={"made_by": HOSTILE[2], "verifier": HOSTILE[1]})
    attempts = [each.model_copy(update={"made_by": HOSTILE[0]}) for each in whole.attempts]
    assigned = whole.assignment.model_copy(update=bad)
    whole = whole.model_copy(
        update={"lesson": lesson, "attempts": tuple(attempts), "assignment": assigned}
    )
    path = one.stored(tmp_path_factory.mktemp("hostile") / "one.db", whole, said)
    one.judged(path)
    with served(path) as found:
        yield found


def test_nothing_of_a_hostile_database_is_more_than_text(hostile: Served, pages: Served) -> None:
    found, harmless = seen(page(hostile)), seen(page(pages))
    for one_of_ours in ("script", "form", "button", "input", "textarea", "select", "link", "meta"):
        counts = [
            [tag for tag, _ in each.elements].count(one_of_ours) for each in (found, harmless)
        ]
        assert counts[0] == counts[1], one_of_ours
    assert not found.tags & {"img", "iframe", "base", "object", "embed", "style"}
    for tag, attributes in found.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name != "style", tag
            assert not {"alert", "evil"} & set(re.findall("[a-z]+", value or "")), (
                tag,
                name,
                value,
            )
            if name in ("href", "src", "action", "xlink:href"):
                assert re.match("(/(?!/)|#)", value), (tag, value)
    assert not UNSEEN.search(found.text)
    assert "{{7*7}}" in found.text
    assert "{{ x }}{% endfor %} ${7*7}" in found.text
    assert "alert(1)" in found.text


def test_the_title_of_a_hostile_skill_is_its_text(hostile: Served) -> None:
    html = page(hostile)
    assert html.count("<title>") == 1
    assert '"&gt;&lt;svg onload=alert(1)&gt;' in html.replace("&#34;", '"')


def test_a_page_has_an_end_however_long_the_texts_are(tmp_path: Path) -> None:
    line = "x" * 1_000_000 + "<b>" + "\u200b" * 100_000
    whole = one.trajectory(text=line, other=line + "y", said="z" * 300_000)
    path = one.stored(tmp_path / "long.db", whole, "z" * 300_000)
    with served(path) as pages:
        html = page(pages)
        assert len(html) < MOST_SHOWN + 1_000_000
        assert "characters are not shown here" in flat(html)
        address = f"/trajectories/{one.ID}/texts/attempt-1"
        assert address in html
        assert pages.plain(address)["text"] == line
        part = flat(pages.page(f"{address}?from={EXACT}"))
        assert f"Characters {EXACT:,} to {2 * EXACT:,} of 1,100,003" in part
        assert pages.ask(f"{address}?from=9999999999999999", Accept="text/html").status == 200
        assert pages.ask(f"{address}?from=<b>", Accept="text/html").status == 200


def test_a_text_has_its_exact_form_one_step_away() -> None:
    text = Room().quoted("a", "**b** &lt; \u202e")
    assert "<strong>" in text.shown
    assert "**b** &amp;lt; <span" in text.exact


def test_room_is_given_to_what_comes_first() -> None:
    room = Room(lambda name: f"/{name}")
    texts = [room.quoted(f"t{n}", "<" * EXACT * 2) for n in range(20)]
    assert texts[0].rest == EXACT
    assert texts[-1].rest == 2 * EXACT
    assert texts[-1].shown == ""
    assert texts[-1].address == "/t19"
    assert sum(len(each.shown) for each in texts) < MOST_SHOWN + 10 * EXACT


def test_the_turns_of_the_judge_are_known_by_heart() -> None:
    assert calls.OWN_ANSWERS == turns.OWN_ANSWERS
    assert set(calls.QUESTIONS) == {
        turns.GRADING, turns.FALSE_REFERENCE, turns.FIRST_WRONG_STEP
    }  # fmt: skip
    assert (calls._VOTE, calls._JUDGE) == (turns.VOTE, turns.JUDGE)


async def test_a_trajectory_without_a_lesson_says_why(tmp_path: Path) -> None:
    whole = one.trajectory().model_copy(
        update={"lesson": None, "attempts": (), "verdicts": (), "status": "rejected",
                "reward": None, "reason": "screen", "error": None}
    )  # fmt: skip
    path = tmp_path / "bare.db"
    with Store.open(path) as store:
        await one.begin(store, "Look at step 2.")
        await store.assign(one.RUN, whole.assignment)
        await store.land(whole)
    with served(path) as pages:
        text = flat(page(pages))
    assert "the lesson screen refused every draft" in text
    assert "No draft became a lesson." in text
