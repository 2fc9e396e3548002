"""Hostile texts are texts: on every page that can be reached, and in files opened from disk."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from agents.steps.written import written_steps
from storage.queries import Reader
from storage.report.html.standalone import write_trajectory
from tests import hostile
from tests.browser.crawling import Crawled, crawl, fetch
from tests.browser.serving import ROOT

AWAY = ("/%3Cscript%3Ewindow.hacked=1%3C/script%3E", "/trajectories/%22%3E%3Cimg%20src=x%3E")
BAD = (f"/trajectories?skill={quote(hostile.MARKUP[0])}", f"/review/{quote(hostile.MARKUP[13])}")
PARSED = """async ({paths}) => {
    const found = {};
    for (const path of paths) {
        const text = await (await fetch(path, {headers: {Accept: "text/html"}})).text();
        const page = new DOMParser().parseFromString(text, "text/html");
        const parts = new Set(), outward = new Set();
        for (const one of page.querySelectorAll("*")) {
            const name = one.namespaceURI.split("/").pop() + ":" + one.localName;
            parts.add(name);
            for (const each of one.attributes) {
                parts.add(name + " " + each.name);
                if (/href$|^src|^action$|^formaction$|^data$|^poster$|^ping$/.test(each.name))
                    outward.add(each.value);
            }
        }
        const said = [page.title, page.body.textContent];
        for (const name of ["title", "aria-label", "alt", "placeholder"])
            for (const one of page.querySelectorAll(`[${name}]`)) said.push(one.getAttribute(name));
        found[path] = [[...parts], [...outward], said.join("\\n")];
    }
    return found;
}"""


def starts(path: Path) -> list[str]:
    """Return paths to begin with: pages that no link leads to among them."""
    with sqlite3.connect(path) as db:
        attempts = [row[0] for row in db.execute("SELECT id FROM attempts ORDER BY rowid LIMIT 9")]
    db.close()
    return ["/", *AWAY, *BAD, *(f"/review/{each}" for each in attempts)]


@pytest.fixture(scope="package")
def hostile_pages(strangers) -> list[Crawled]:
    served, path = strangers
    return [each for each in crawl(served.address, *starts(path)) if each.media == "text/html"]


@pytest.fixture(scope="package")
def harmless_pages(friends) -> list[Crawled]:
    served, path = friends
    return [each for each in crawl(served.address, *starts(path)) if each.media == "text/html"]


@pytest.fixture(scope="package")
def parsed(browser, strangers, friends, hostile_pages, harmless_pages):
    """What a browser finds in each page: parts, links, and what is said; hostile, then harmless."""
    found = []
    for served, pages in ((strangers[0], hostile_pages), (friends[0], harmless_pages)):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{served.address}/static/layout.css")
        found.append(page.evaluate(PARSED, {"paths": [each.path for each in pages]}))
        context.close()
    return found


def test_every_page_answers(hostile_pages):
    broken = [(each.path, each.status) for each in hostile_pages if each.status >= 500]
    assert not broken
    expected = {"/", "/trajectories", "/trajectories/*", "/runs/*", "/runs/*/curriculum"}
    expected |= {"/review/*", "/audits"}
    assert expected <= {each.kind for each in hostile_pages}


def test_hostile_texts_add_no_element_no_attribute_and_no_link(parsed):
    theirs, ours = parsed
    known = {part for found, *_ in ours.values() for part in found}
    added = {part: path for path, (found, *_) in theirs.items() for part in set(found) - known}
    assert not added
    links = {link: path for path, (_, links, _) in theirs.items() for link in links}
    assert not {link: path for link, path in links.items() if not link.startswith(("/", "#", "?"))}
    assert not {link: path for link, path in links.items() if link[1:2] in ("/", "\\")}


def test_no_page_shows_a_control_or_a_mark_that_turns_text_round(parsed):
    wrong = set("\x1b\x9b\x00\x07\x08\u202e\u2066\u2067\u202b\u200f\u2028\u2029")
    found = {path: wrong & set(said) for path, (*_, said) in parsed[0].items()}
    assert not {path: sorted(map(ascii, marks)) for path, marks in found.items() if marks}


def test_no_template_in_a_text_is_filled_in(hostile_pages):
    assert not [each.path for each in hostile_pages if hostile.PRODUCT in each.text]


@pytest.mark.parametrize("is_strict", [True, False], ids=["with policy", "without policy"])
def test_nothing_runs_and_nothing_is_asked_elsewhere(opening, strangers, hostile_pages, is_strict):
    watched = opening(strangers[0].address, bypass_csp=not is_strict)
    kinds: dict[str, list[Crawled]] = {}
    for each in hostile_pages:
        kinds.setdefault(each.kind, []).append(each)
    hacked, titles = [], set()
    whole = {"/trajectories/*"} if is_strict else set()
    for kind, pages in kinds.items():
        answered = [each for each in pages if each.status < 400]
        for each in answered if kind in whole else answered[:1]:
            found = watched.go(each.path).poke().made_of()
            titles.add(found.title)
            hacked += [each.path] if found.hacked else []
    assert not hacked
    assert not watched.wrongs
    assert not [title for title in titles if "\n" in title or set(title) & set("\x1b\u202e\x00")]


def test_a_file_opened_from_disk_is_as_safe(opening, strangers, tmp_path):
    _, path = strangers
    watched = opening("file://")
    names = [str(n) for n in range(0, hostile.EPISODES, 3)]
    with Reader.open(path) as reader:
        run = reader.latest_run()
        files = [tmp_path / f"{name}.html" for name in (*names, "run")]
        for name, file in zip(names, files, strict=False):
            write_trajectory(file, reader, name, run, written_steps)
    line = [sys.executable, str(ROOT / "run.py"), "inspect", run.id, "--db", str(path)]
    subprocess.run([*line, "--html", str(files[-1])], check=True, capture_output=True)
    for file in files:
        found = watched.go(file.as_uri()).poke().made_of()
        assert not found.hacked
        assert not [link for link in found.outward if not link.startswith("#")]
        assert not watched.wrongs
        assert not [part for part in found.found if part.startswith("xhtml:script")]
        assert hostile.PRODUCT not in file.read_text(encoding="utf-8")


def test_json_says_the_same_and_is_no_page(strangers, hostile_pages):
    served, _ = strangers
    for kind in {each.kind: each.path for each in hostile_pages if each.status == 200}.values():
        status, media, _ = fetch(served.address + kind, Accept="application/json")
        assert (status, media) == (200, "application/json"), kind
