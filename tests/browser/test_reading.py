"""The pages read well: narrow and wide, light and dark, by keyboard alone, and without scripts."""

import sqlite3

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

NARROW, WIDE = 390, 1280


@pytest.fixture(scope="package")
def tour(school):
    """Paths of every kind of page, by a name."""
    with sqlite3.connect(school) as db:
        judged, embedded = [row[0] for row in db.execute("SELECT id FROM runs ORDER BY rowid DESC")]
        one = "SELECT id FROM trajectories WHERE run_id = ? AND status = 'rejected' LIMIT 1"
        [wrong], [judged_wrong] = (db.execute(one, (r,)).fetchone() for r in (embedded, judged))
    db.close()
    return {
        "runs": "/",
        "run": f"/runs/{embedded}",
        "judged run": f"/runs/{judged}",
        "curriculum": f"/runs/{embedded}/curriculum",
        "trajectories": "/trajectories",
        "nothing found": "/trajectories?text=nowhere+at+all",
        "trajectory": f"/trajectories/{wrong}",
        "judged trajectory": f"/trajectories/{judged_wrong}",
        "review": "/review",
        "audits": "/audits",
        "missing": "/trajectories/t0000",
    }


# What axe looks at hangs on the scheme or on the width, and on both only through these two.
@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    opening, pages, tour, width, scheme
):
    watched = opening(pages.address, width=width, color_scheme=scheme, reduced_motion="reduce")
    found = []
    for name, path in tour.items():
        watched.go(path)
        watched.page.evaluate("for (const o of document.querySelectorAll('details')) o.open = true")
        found += [f"{name}: {wrong}" for wrong in (*watched.unreadable(), *watched.wide())]
    assert not found, "\n".join(found)


def test_everything_is_reached_by_keyboard_and_shows_that_it_has_the_focus(opening, pages, tour):
    watched = opening(pages.address, reduced_motion="reduce")
    found = []
    for name in ("run", "curriculum", "trajectories", "judged trajectory", "review", "audits"):
        found += [f"{name}: {wrong}" for wrong in watched.go(tour[name]).unreached()]
    assert not found, "\n".join(found)


def test_without_scripts_links_filters_and_verdicts_work(opening, pages, school):
    watched = opening(pages.address, path="/", java_script_enabled=False)
    page = watched.page
    page.get_by_role("navigation").get_by_role("link", name="Trajectories").click()
    page.locator("#filter-status").select_option("rejected")
    page.locator("#show").click()
    expect(page.locator("#rows tbody tr").first).to_contain_text("rejected")
    assert page.locator("#rows .status.accepted").count() == 0
    page.locator("a.row-link").first.click()
    expect(page.locator("h1")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="Review").click()
    page.locator("#give-unscored").click()
    expect(page.locator("#own-status")).to_have_text("unscored")
    page.locator("#undo").click()
    expect(page.locator("#verdict-form")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="Runs").click()
    page.locator("table.runs a").first.click()
    expect(page.locator("h1")).to_be_visible()
    assert not watched.wrongs
