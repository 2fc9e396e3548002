"""The table of trajectories: what is found, how it is paged, and what leaves it as a file."""

import csv
import html
import io
import json
import re

import pytest

pytest.importorskip("starlette", reason='the pages come with pip install "lyceum[web]"')
from agents.steps.written import written_steps
from storage.ids import trajectory_id
from storage.queries import Reader
from storage.report.pages import trajectory_page
from tests.reviewed import HOSTILE, attempt_of, by_a_judge, index_all, judge, several, whole
from tests.served import served


@pytest.fixture(scope="module")
def pages(classroom, tmp_path_factory):
    path = classroom.written(tmp_path_factory.mktemp("table") / "a.db", *several(classroom))
    with served(path) as running:
        index_all(running)
        yield running


@pytest.fixture(scope="module")
def long(classroom, tmp_path_factory):
    """A table of 120 rows, three pages."""
    made = [
        by_a_judge(classroom, n, "accepted", 0.5 + n / 1000, question=f"How many are {n} and 1?")
        for n in range(120)
    ]
    path = classroom.written(tmp_path_factory.mktemp("long") / "a.db", *made)
    with served(path) as running:
        index_all(running)
        yield running


def numbers(page):
    """Return the episodes of the rows of a page."""
    return [int(n) for n in re.findall(r'class="row-link"[^>]*>(\d+)</a>', page)]


def href(page, id):
    found = re.search(rf'<a id="{id}"[^>]*? href="([^"]+)"', page)
    return html.unescape(found[1]) if found else None


def test_a_row_says_how_its_trajectory_stands_and_why(pages):
    page = pages.page("/trajectories")
    assert numbers(page) == [4, 3, 2, 1, 0]
    row = page[page.index(f'id="{trajectory_id("r1", 2)}"') :]
    row = row[: row.index("</tr>")]
    assert '<span class="status rejected">rejected</span>' in row
    assert "is wrong, says the judge" in row
    assert "0.55" in row
    assert "student" in row
    assert "5 in all" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("status=rejected", [4, 2]),
        ("rung=judge", [3, 2]),
        ("rung=-", [1]),
        ("skill=other", [3]),
        ("level=2&status=accepted", [3, 0]),
        ("text=together", [3, 2, 1]),
        ("text=5 and 4", [4]),
        ("sort=oldest", [0, 1, 2, 3, 4]),
        ("sort=best", [3, 0, 2, 4, 1]),
        ("sort=need", [1, 2, 3]),
        ("why=unscored", [1]),
        ("run=r1&language=en&model=student", [4, 3, 2, 1, 0]),
    ],
)
def test_filters_and_orders_find_what_they_say(pages, asked, found):
    shown = numbers(pages.page(f"/trajectories?{asked.replace(' ', '+')}"))
    assert shown[: len(found)] == found
    if not asked.startswith("sort"):
        assert len(shown) == len(found)
    plain = pages.plain(f"/trajectories?{asked.replace(' ', '+')}")
    assert [row["n"] for row in plain["rows"]] == shown


def test_a_filter_offers_the_values_there_are_with_their_counts(pages):
    page = pages.page("/trajectories?status=rejected")
    assert '<option value="rejected" selected>rejected (2)</option>' in page
    assert '<option value="accepted">accepted (2)</option>' in page
    assert '<option value="other">other (1)</option>' in page


def test_pages_are_walked_forwards_and_backwards_and_to_both_ends(long):
    page = long.page("/trajectories")
    first = numbers(page)
    assert href(page, "previous-page") is None
    seen = [first]
    while (on := href(page, "next-page")) is not None:
        page = long.page(on)
        seen.append(numbers(page))
    assert [n for shown in seen for n in shown] == list(range(119, -1, -1))
    assert href(page, "last-page") is None
    back = long.page(href(page, "previous-page"))
    assert numbers(back) == seen[-2]
    assert numbers(long.page(href(back, "first-page"))) == first
    last = long.page(href(long.page("/trajectories"), "last-page"))
    assert numbers(last)[-1] == 0


def test_pages_keep_the_filter_and_the_order(long):
    page = long.page("/trajectories?sort=worst&status=accepted")
    assert numbers(page) == list(range(50))
    assert numbers(long.page(href(page, "next-page"))) == list(range(50, 100))


def test_a_column_head_sorts_and_says_how_it_is_sorted(pages):
    page = pages.page("/trajectories?sort=best&status=rejected")
    head = re.search(r'<th [^>]*aria-sort="descending"[^>]*><a href="([^"]+)">reward', page)
    assert head
    other = pages.page(html.unescape(head[1]))
    assert 'aria-sort="ascending"' in other
    assert numbers(other) == [4, 2]
    assert 'aria-sort="descending" class="number"><a' in pages.page("/trajectories")


def test_nothing_found_says_what_to_loosen(pages):
    page = pages.page("/trajectories?status=rejected&skill=other&text=zebra")
    ways = re.findall(r'<li><a href="([^"]+)">', page[page.index('id="nothing"') :])
    assert len(ways) == 3
    assert pages.ask(html.unescape(ways[0])).status == 200
    assert "without the text zebra" in page


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("status=acepted", "accepted"),
        ("statsu=accepted", "status"),
        ("skill=othr", "other"),
        ("level=two", "whole number"),
        ("sort=newst", "newest"),
        ("after=nowhere", "first page"),
        ("after=-_1&before=-_1", "only one"),
        ("run=r9", "r1"),
        ("status=accepted&status=rejected", "twice"),
        ("__class__=x", "filter"),
    ],
)
@pytest.mark.parametrize("path", ["/trajectories", "/trajectories.csv", "/trajectories.jsonl"])
def test_a_parameter_that_means_nothing_is_refused_in_a_sentence(pages, path, asked, part):
    found = pages.ask(f"{path}?{asked}", Accept="text/html")
    assert found.status == 400
    assert part in html.unescape(found.text)


@pytest.mark.parametrize(
    "text", ["'\"", "NEAR(", "a*b AND OR NOT", "%00", '"unclosed', "-", "(((("]
)
def test_any_text_can_be_looked_for(pages, text):
    found = pages.ask(f"/trajectories?text={text.replace(' ', '+')}", Accept="text/html")
    assert found.status == 200


def test_json_lines_are_the_trajectories_as_inspect_has_them(pages):
    found = pages.ask("/trajectories.jsonl?status=rejected&sort=oldest")
    assert found.headers["content-disposition"] == 'attachment; filename="trajectories.jsonl"'
    lines = [json.loads(line) for line in found.text.splitlines()]
    with Reader.open(pages.desk.database) as reader:
        run = reader.run("r1")
        wanted = [trajectory_page(reader, str(n), run, written_steps).plain for n in (2, 4)]
    assert lines == json.loads(json.dumps(wanted))


def test_csv_has_the_columns_of_the_table(long):
    found = list(csv.DictReader(io.StringIO(long.ask("/trajectories.csv?sort=oldest").text)))
    assert [int(row["n"]) for row in found] == list(range(120))
    assert found[3] | {"id": ""} == {
        "id": "", "run_id": "r1", "n": "3", "status": "accepted", "rung": "judge",
        "reward": "0.503", "reason": "", "skill": "s", "level": "2", "language": "en",
        "model": "student", "attempts": "1", "people": "0", "why": "near the threshold",
    }  # fmt: skip


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\n="])
def test_a_spreadsheet_is_given_no_formula(classroom, tmp_path, start):
    name = f'{start}HYPERLINK("http://127.0.0.1/";"x")'
    path = classroom.written(tmp_path / "a.db", by_a_judge(classroom, 0, "accepted", 1, skill=name))
    with served(path) as pages:
        index_all(pages)
        [row] = csv.DictReader(io.StringIO(pages.ask("/trajectories.csv").text, newline=""))
    assert row["skill"] == f"'{name}"


def test_hostile_text_comes_out_as_text_in_every_cell(classroom, tmp_path):
    made = by_a_judge(classroom, 0, "rejected", 0.2, skill=HOSTILE, language=HOSTILE,
                      question=HOSTILE)  # fmt: skip
    attempt = made.attempts[0].model_copy(update={"made_by": f"chat/{HOSTILE}"})
    path = classroom.written(
        tmp_path / "a.db", whole(made.model_copy(update={"attempts": (attempt,)}), reason=HOSTILE)
    )
    with served(path) as pages:
        index_all(pages)
        page = pages.page("/trajectories")
        searched = pages.page("/trajectories?text=%3Cscript%3Ealert(1)%3C/script%3E%22%3E%3Cb%3E")
    for each in (page, searched):
        inner = each.replace('<script src="/static/trajectories.js" defer></script>', "")
        inner = re.sub(r' value="[^"]*"', "", inner)  # which nobody sees, and which must be exact
        assert "<script" not in inner
        assert "<img src=x" not in inner
        assert "<b>" not in inner
        assert "\u202e" not in inner
        assert "\x1b" not in inner
    assert page.count("{{ 7*7 }}") >= 3


def test_a_persons_verdict_is_in_the_table_at_once(classroom, tmp_path):
    path = classroom.written(tmp_path / "a.db", *several(classroom))
    with served(path) as pages:
        index_all(pages)
        judge(pages, attempt_of(1), "accepted")
        assert 1 in numbers(pages.page("/trajectories?status=accepted&rung=person&people=yes"))


def test_an_empty_database_says_how_to_fill_it(classroom, tmp_path):
    with served(classroom.written(tmp_path / "a.db")) as pages:
        index_all(pages)
        assert "generate" in pages.page("/trajectories")
        assert pages.ask("/trajectories.jsonl").text == ""


def test_a_form_with_empty_fields_leads_to_a_link_without_them(pages):
    sent = pages.ask("/trajectories?text=pears&status=&skill=other&sort=newest", Accept="text/html")
    assert sent.status == 303
    assert sent.headers["location"] == "/trajectories?skill=other&text=pears"
    assert pages.ask("/trajectories?status=", Accept="text/html").headers["location"] == (
        "/trajectories"
    )
