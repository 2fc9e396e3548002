"""Pictures: what stands in them, and that a text in them stays a text."""

import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.report.html.drawing.bars import status_bar
from storage.report.html.drawing.curriculum import Node, drawn, heat
from storage.report.html.drawing.layers import Bend, layered
from storage.report.html.drawing.plot import HEIGHT, WIDTH, Plot, Series, worked
from storage.report.html.drawing.plot import drawn as plotted
from storage.report.html.drawing.svg import picture, tag
from storage.report.html.numbers import brief

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '"><script>alert(1)</script>&\' onload="x'


def parsed(markup):
    return ElementTree.fromstring(str(markup))


def plot(values, stacked=False, **more):
    series = [Series(name, each, name) for name, each in values.items()]
    places = list(range(len(next(iter(values.values())))))
    return Plot("Things", places, series, brief, stacked=stacked, **more)


def test_a_text_or_an_attribute_that_is_markup_stays_a_text():
    root = parsed(picture(10, 10, HOSTILE, HOSTILE, tag("text", HOSTILE, class_=HOSTILE)))

    assert [each.tag for each in root.iter() if "script" in each.tag] == []
    assert root.find(f"{SVG}title").text == HOSTILE
    assert root.find(f"{SVG}text").get("class") == HOSTILE


def test_no_picture_has_a_style_or_a_handler_in_it():
    node = Node("s", (), (0.5,), 1, 1, "/x")
    whole = "".join(
        map(
            str,
            [plotted(plot({"accepted": [1.0, 2.0]})), status_bar({"accepted": 1}), drawn([node])],
        )
    )

    assert " style=" not in whole
    assert " on" not in whole
    assert "<script" not in whole


@pytest.mark.parametrize(
    "made",
    [plotted(plot({"accepted": [1.0, 2.0]})), status_bar({"accepted": 3, "failed": 1})],
)
def test_a_picture_says_what_it_is_and_what_is_in_it(made):
    root = parsed(made)

    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text


def test_the_parts_of_a_bar_are_as_long_as_their_shares_and_none_hides_another():
    root = parsed(status_bar({"accepted": 50, "rejected": 30, "failed": 0}, whole=160))
    parts = {each.get("class"): each for each in root.iter(f"{SVG}rect")}

    assert set(parts) == {"ground", "accepted", "rejected"}
    whole = float(parts["ground"].get("width"))
    assert float(parts["accepted"].get("width")) == pytest.approx(whole * 50 / 160)
    ends = float(parts["accepted"].get("x")) + float(parts["accepted"].get("width"))
    assert float(parts["rejected"].get("x")) == pytest.approx(ends)
    assert "50 accepted" in root.find(f"{SVG}desc").text


@pytest.mark.parametrize(("counts", "whole"), [({}, None), ({}, 10), ({"accepted": 12}, 3)])
def test_a_bar_of_nothing_or_of_more_than_was_expected_is_drawn(counts, whole):
    width = sum(
        float(each.get("width"))
        for each in parsed(status_bar(counts, whole)).iter(f"{SVG}rect")
        if each.get("class") != "ground"
    )

    assert width == pytest.approx(200 if counts else 0)


def coordinates(root):
    for path in root.iter(f"{SVG}path"):
        for pair in path.get("d").strip("MZ").replace("Z", "").split("L"):
            yield tuple(map(float, pair.split()))


@given(
    st.lists(
        st.one_of(st.none(), st.floats(min_value=0, max_value=1e12, allow_nan=False)),
        min_size=1,
        max_size=30,
    ),
    st.booleans(),
)
@example([None, 5e-324], True)
def test_whatever_is_drawn_stands_within_the_picture(values, stacked):
    root = parsed(plotted(plot({"accepted": values, "rejected": values[::-1]}, stacked)))

    for x, y in coordinates(root):
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


def test_a_line_is_broken_where_nothing_is_known():
    root = parsed(plotted(plot({"line": [1.0, 2.0, None, 3.0, 4.0, None, 5.0]})))

    assert len(list(root.iter(f"{SVG}path"))) == 2
    assert len(list(root.iter(f"{SVG}circle"))) == 1


def test_areas_stand_on_each_other():
    root = parsed(plotted(plot({"accepted": [1.0, 1.0], "rejected": [1.0, 1.0]}, stacked=True)))
    lower, upper = (path.get("d") for path in root.iter(f"{SVG}path"))

    top_of_lower = lower.strip("MZ").split("L")[:2]
    bottom_of_upper = upper.strip("MZ").split("L")[2:]
    assert bottom_of_upper == top_of_lower[::-1]


def test_a_plot_of_nothing_says_that_nothing_is_known():
    root = parsed(plotted(Plot("Things", [], [Series("x", [], "line")], brief)))

    assert root.find(f"{SVG}desc").text == "Nothing is known yet."


def test_a_night_without_work_is_a_pause_and_takes_no_place():
    places, pauses = worked([0, 5, 10, 15, 40_000, 40_005, 40_010])

    assert places == [0, 5, 10, 15, 20, 25, 30]
    assert pauses == [17.5]


def test_a_slow_step_is_no_pause():
    places, pauses = worked([0, 5, 10, 40, 45])

    assert places == [0, 5, 10, 40, 45]
    assert pauses == []


@given(st.lists(st.floats(min_value=0, max_value=1e7), max_size=40).map(sorted))
def test_work_never_goes_back(times):
    places, _ = worked(times)

    assert len(places) == len(times)
    assert all(early <= late for early, late in pairwise(places))


def test_what_comes_before_stands_in_an_earlier_layer():
    laid = layered(list("abcd"), [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")])
    depth = {spot: n for n, layer in enumerate(laid.layers) for spot in layer}

    assert [depth[name] for name in "abcd"] == [0, 1, 2, 3]
    assert depth[Bend("a", "c", 1)] == 1


def test_a_circle_or_an_edge_to_nowhere_is_left_out_and_the_rest_is_drawn():
    laid = layered(["a", "b"], [("a", "b"), ("b", "a"), ("a", "a"), ("x", "b"), ("b", "y")])

    assert laid.ways == (("a", "b"),)
    assert laid.layers == (("a",), ("b",))


def test_edges_that_need_not_cross_do_not():
    edges = [("a", "z"), ("b", "y"), ("c", "x")]
    laid = layered(list("abcxyz"), edges)

    assert laid.layers == (("a", "b", "c"), ("z", "y", "x"))


names = st.integers(min_value=0, max_value=11).map(str)


@given(st.lists(st.tuples(names, names), max_size=30))
def test_every_node_and_every_bend_has_one_place(edges):
    laid = layered([str(n) for n in range(12)], edges)
    spots = [spot for layer in laid.layers for spot in layer]

    assert len(spots) == len(set(spots))
    assert {spot for spot in spots if isinstance(spot, str)} == {str(n) for n in range(12)}
    depth = {spot: n for n, layer in enumerate(laid.layers) for spot in layer}
    for way in laid.ways:
        assert [depth[spot] for spot in way] == list(range(depth[way[0]], depth[way[-1]] + 1))


def curriculum(size):
    return [
        Node(
            f"skill {n}", [f"skill {n - 7}"] if n >= 7 else [], (0.9, None), n % 3, n % 5, f"/?{n}"
        )
        for n in range(size)
    ]


@pytest.mark.parametrize("size", [0, 1, 3, 60])
def test_a_curriculum_of_any_size_has_every_skill_as_a_link_of_its_own(size):
    root = parsed(drawn(curriculum(size)))
    links = list(root.iter(f"{SVG}a"))

    assert [link.get("href") for link in links] == [f"/?{n}" for n in range(size)]
    assert all(link.get("aria-label").startswith("skill ") for link in links)
    assert root.get("role") == "group"


def test_boxes_of_a_curriculum_do_not_overlap():
    root = parsed(drawn(curriculum(60)))
    boxes = [
        tuple(float(each.get(key)) for key in ("x", "y", "width", "height"))
        for each in root.iter(f"{SVG}rect")
        if each.get("class") == "box"
    ]
    wide, tall = map(float, root.get("viewBox").split()[2:])

    for n, (x, y, width, height) in enumerate(boxes):
        assert x >= 0
        assert y >= 0
        assert x + width <= wide
        assert y + height <= tall
        for left, top, *_ in boxes[:n]:
            assert abs(left - x) >= width or abs(top - y) >= height


def test_names_of_strangers_are_cut_cleaned_and_never_markup():
    name = f"<b>\u202e{'long ' * 30}"
    root = parsed(drawn([Node(name, [name], (None,), 0, 0, "javascript:alert(1)//")]))
    [text] = [each for each in root.iter(f"{SVG}text") if each.get("class") == "name"]

    assert text.text.startswith("<b>long")
    assert len(text.text) <= 26
    assert "\u202e" not in "".join(root.itertext())


def test_what_is_known_of_a_skill_is_said_in_words():
    assert Node("s", (), (0.5, None), 3, 9, "").about == "level 1 50\xa0%; asked for 3 times lately"
    assert Node("s", (), (None,), 0, 0, "").about == "nothing tried yet; not asked for yet"


@pytest.mark.parametrize(
    ("rate", "shade"),
    [(None, "none"), (0.0, "0"), (0.099, "0"), (0.1, "1"), (0.95, "9"), (1.0, "9")],
)
def test_a_rate_has_one_of_ten_shades(rate, shade):
    assert heat(rate) == f"heat-{shade}"
