"""A person's afternoon: find what went wrong, read why, judge three attempts, take one back."""

import re
import sqlite3

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

REJECTED = """SELECT t.id, l.question FROM trajectories t JOIN lessons l ON l.id = t.lesson_id
    JOIN calls_used u ON u.trajectory_id = t.id WHERE t.status = 'rejected' LIMIT 1"""
ACTS = "SELECT act, status, attempt_id, trajectory_id, blind FROM acts ORDER BY id"
PEOPLE = "SELECT attempt_id, status FROM verdicts WHERE rung = 'person'"


def rows(path, sql, *values):
    """Return rows as any SQLite tool would see them now."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        found = db.execute(sql, values).fetchall()
    db.close()
    return found


def whole(page, part):
    """Wait for a page with this part, and for its script."""
    expect(page.locator(part)).to_be_visible()
    page.wait_for_load_state()


def test_a_rejected_trajectory_is_found_by_its_text_and_says_why(opening, pages, school):
    [(wanted, question)] = rows(school, REJECTED)
    words = re.search(r"notebook of (.*?, page \d+)", question)[1]
    watched = opening(pages.address, path="/")
    page = watched.page
    page.get_by_role("navigation").get_by_role("link", name="Trajectories").click()
    page.locator("#filter-status").select_option("rejected")
    page.keyboard.press("/")
    page.keyboard.press("Control+A")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator(f'a.row-link[href$="{wanted}"]')).to_be_visible()
    assert "status=rejected" in page.url
    page.locator(f'a.row-link[href$="{wanted}"]').click()

    expect(page.locator(".lead")).to_contain_text("rejected")
    expect(page.locator(".why")).to_contain_text("wrong, says the judge")
    call = page.locator("details.call").filter(has_text="grading").first
    call.locator("summary").first.click()
    expect(call).to_contain_text("You judge a student's attempt at a task.")
    expect(call).to_contain_text("tokens in")
    call.get_by_text("the whole body as received").click()
    expect(call).to_contain_text('"usage"')
    assert not watched.wrongs


@pytest.fixture
def unread(school, serving):
    """A server of the school's pages where somebody begins who was shown nothing yet."""
    with serving(school, person="grace") as started:
        yield started


def test_three_are_judged_by_keyboard_and_one_is_taken_back(opening, unread, school):
    pages = unread
    watched = opening(pages.address, path="/review")
    page, keys = watched.page, watched.page.keyboard
    before = rows(school, ACTS)
    for key, status in (("a", "accepted"), ("r", "rejected"), ("a", "accepted")):
        keys.press("Enter")  # goes on; nothing before the first
        whole(page, "#verdict-form")
        assert page.locator("#machine").count() == 0
        keys.press(key)
        whole(page, "#machine")
        expect(page.locator("#own-status")).to_have_text(status)
    keys.press("z")
    whole(page, "#verdict-form")

    done = rows(school, ACTS)[len(before) :]
    assert [(act, status) for act, status, *_ in done] == [
        ("gave", "accepted"), ("gave", "rejected"), ("gave", "accepted"), ("withdrew", "accepted"),
    ]  # fmt: skip
    assert all(blind for *_, blind in done)
    stands = {attempt: status for _, status, attempt, *_ in done[:2]}
    assert stands.items() <= dict(rows(school, PEOPLE)).items()
    assert done[3][2] not in dict(rows(school, PEOPLE))
    for _, status, attempt, trajectory, _ in done[:2]:
        [(now,)] = rows(school, "SELECT status FROM trajectories WHERE id = ?", trajectory)
        others = rows(school, "SELECT id FROM attempts WHERE trajectory_id = ?", trajectory)
        assert now == "accepted" if status == "accepted" else len(others) > 1 or now == status
        page.goto(f"{pages.address}/trajectories/{attempt}")
        expect(page.locator(".act").filter(has_text="grace").first).to_be_visible()
    assert not watched.wrongs


def test_a_key_pressed_in_a_field_is_a_letter(opening, pages, school):
    watched = opening(pages.address, path="/review")
    page, keys = watched.page, watched.page.keyboard
    before = len(rows(school, ACTS))
    keys.press("n")
    keys.type("a rare sort of error")
    expect(page.locator("#note")).to_have_value("a rare sort of error")
    keys.press("Escape")
    keys.press("s")
    expect(page.locator("#note")).to_have_value("")
    assert len(rows(school, ACTS)) == before


def test_a_page_sent_twice_is_one_verdict(opening, pages, school):
    watched = opening(pages.address, path="/review")
    page = watched.page
    before = len(rows(school, ACTS))
    page.keyboard.press("u")
    expect(page.locator("#own-status")).to_have_text("unscored")
    page.reload()
    page.go_back()
    page.go_forward()
    assert len(rows(school, ACTS)) == before + 1
