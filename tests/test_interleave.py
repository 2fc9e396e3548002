"""KTO's rows stand in an order in which its estimate means something."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from storage.export.interleave import APART, interleave
from storage.export.making import Made

LESSONS = st.lists(st.lists(st.booleans(), min_size=1, max_size=4), max_size=60)
SEEDS = st.integers(0, 10**6)


def rows_of(lessons, seed=0):
    """Return a row for each label of each lesson, in the order of episodes."""
    return [
        Made({"id": f"{seed}/{n}/{k}", "lesson_id": f"{seed}/{n}", "label": label}, ())
        for n, labels in enumerate(lessons)
        for k, label in enumerate(labels)
    ]


def nearest(rows):
    """Return the least distance of two rows of one lesson; a large number if there are none."""
    last, least = {}, 10**9
    for place, row in enumerate(rows):
        lesson = row.example["lesson_id"]
        least = min(least, place - last.get(lesson, -(10**9)))
        last[lesson] = place
    return least


def uneven(rows):
    """Return by how many rows at worst a beginning has more of a label, or less, than its share."""
    share = sum(row.example["label"] for row in rows) / len(rows)
    so_far, most = 0, 0.0
    for place, row in enumerate(rows, 1):
        so_far += row.example["label"]
        most = max(most, abs(so_far - place * share))
    return most


@given(lessons=LESSONS, seed=SEEDS, window=st.integers(1, 60))
def test_no_row_is_lost_and_none_comes_twice(lessons, seed, window):
    rows = rows_of(lessons, seed)
    found = list(interleave(rows, window))

    assert Counter(row.example["id"] for row in found) == Counter(r.example["id"] for r in rows)
    assert found == list(interleave(rows, window))


@given(lessons=LESSONS, seed=SEEDS, window=st.integers(1, 60))
def test_no_more_than_a_window_is_held(lessons, seed, window):
    taken = 0

    def counted():
        nonlocal taken
        for row in rows_of(lessons, seed):
            taken += 1
            yield row

    for given_out, _ in enumerate(interleave(counted(), window)):
        assert taken <= given_out + window


@settings(max_examples=50)
@given(
    lessons=st.lists(st.lists(st.booleans(), min_size=1, max_size=4), min_size=80, max_size=120),
    seed=SEEDS,
)
def test_labels_are_evenly_mixed_and_kin_stand_apart(lessons, seed):
    found = list(interleave(rows_of(lessons, seed)))

    assert nearest(found) >= APART
    assert uneven(found) <= 2


@given(share=st.sampled_from([0.03, 0.1, 0.9]), seed=SEEDS)
@settings(max_examples=20)
def test_a_rare_label_is_spread_over_the_whole(share, seed):
    lessons = [[(n * 7 + k) % 100 < 100 * share for k in range(3)] for n in range(200)]
    found = list(interleave(rows_of(lessons, seed)))

    assert uneven(found) <= 2
    assert nearest(found) >= APART


def test_where_one_lesson_has_most_rows_none_is_lost_and_the_others_stand_between():
    rows = rows_of([[True] * 30, *([[False]] * 29)])
    found = list(interleave(rows))

    assert len(found) == 59
    assert uneven(found) <= 2


def test_kin_stand_apart_across_the_edge_of_a_window_too():
    rows = rows_of([[True, False]] * 300)
    for window in range(100, 120):
        assert nearest(list(interleave(rows, window))) >= APART - (600 % window < 4 * APART) * APART


def test_the_order_is_none_of_episodes_and_none_of_labels():
    rows = rows_of([[True, False]] * 200)
    found = list(interleave(rows))
    lessons = [row.example["lesson_id"] for row in found]

    assert lessons != sorted(lessons)
    assert lessons[:200] != list(dict.fromkeys(row.example["lesson_id"] for row in rows))


def test_rows_of_kto_are_handed_out_so(classroom, tmp_path):
    some = [
        classroom.episode(
            n, f"Which is {n}?", classroom.tried("a"), classroom.tried("b", "rejected")
        )
        for n in range(40)
    ]
    path = classroom.written(tmp_path / "a.db", *some)
    found = [Made(row, ()) for row in classroom.exported(path, "kto").rows]

    assert nearest(found) >= APART
    assert uneven(found) <= 1
