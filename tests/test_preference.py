"""Pairs are alike but for being right, and say which loss fits them."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.export import Manner
from storage.export.preference import ALLOWANCE, RATIO


@pytest.fixture
def paired(classroom, tmp_path):
    """Export the pairs of one episode: what is chosen, what is rejected, the kind."""

    def pairs(*tries, **more):
        path = classroom.written(tmp_path / f"{len(tries)}.db", classroom.episode(0, "q", *tries))
        found = classroom.exported(path, "preference", **more)
        rows = [
            (row["chosen"][0]["content"], row["rejected"][0]["content"], row["pair"])
            for row in found.rows
        ]
        return rows, found

    return pairs


def test_a_pair_names_both_attempts_and_what_they_were_worth(classroom, paired):
    _, found = paired(classroom.tried("right"), classroom.tried("wrong", "rejected", reward=0.25))
    [row] = found.rows

    assert row["id"] == f"{row['chosen_id']}-{row['rejected_id']}"
    assert row["prompt"] == [{"role": "user", "content": "q\n\nSay it."}]
    assert row["chosen"] == [{"role": "assistant", "content": "right"}]
    assert row["rejected"] == [{"role": "assistant", "content": "wrong"}]
    assert (row["chosen_reward"], row["rejected_reward"], row["mean_reward"]) == (1.0, 0.25, 0.625)
    assert (row["reward"], row["weight"]) == (1.0, 0.75)
    assert found.account.used == 2


def test_a_pair_is_of_the_attempts_that_are_nearest_in_length(classroom, paired):
    tries = [classroom.tried("a" * 9), classroom.tried("b" * 50)]
    tries += [classroom.tried("c" * 40, "rejected"), classroom.tried("d" * 10, "rejected")]
    rows, _ = paired(*tries)

    assert rows == [("b" * 50, "c" * 40, "siblings"), ("a" * 9, "d" * 10, "siblings")]


def test_attempts_of_very_different_length_are_in_no_pair(classroom, paired):
    most = int(RATIO * 100 + ALLOWANCE)
    rows, _ = paired(classroom.tried("a" * 100), classroom.tried("b" * most, "rejected"))
    assert len(rows) == 1

    tries = [classroom.tried("a" * 100), classroom.tried("b" * (most + 1), "rejected")]
    rows, found = paired(*tries, classroom.tried("c" * (most + 2), "rejected"))
    assert rows == []
    assert found.left() == {"unlike": 3}


def test_an_attempt_without_an_answer_is_never_rejected_for_another(classroom, paired):
    silent = [classroom.tried(text, "rejected", answer=None) for text in ("hm", "well")]
    rows, found = paired(classroom.tried("yes"), *silent, classroom.tried("no", "unscored"))

    assert rows == []
    assert found.left() == {"no_answer": 2, "unscored": 1, "no_wrong_attempt": 1}


def test_wrong_attempts_alone_make_no_pair(classroom, paired):
    _, found = paired(classroom.tried("a", "rejected"), classroom.tried("b", "rejected"))

    assert found.left() == {"no_accepted_attempt": 2}


def test_of_the_revisions_of_a_wrong_attempt_the_smallest_is_chosen(classroom, paired):
    wrong = "1. so\n2. bad\n3. thus"
    small, large = "1. so\n2. good\n3. thus", "1. other\n2. good\n3. hence"
    tries = [
        classroom.tried(wrong, "rejected", idx=0),
        classroom.tried(wrong, "rejected", idx=1),
        classroom.tried(large, idx=0, revision=1),
        classroom.tried(small, idx=1, revision=1),
    ]
    rows, found = paired(*tries)

    assert rows == [(small, wrong, "revision"), (large, wrong, "siblings")]
    assert found.left() == {"same_text": 1}


def test_a_revision_is_of_the_try_before_it(classroom, paired):
    tries = [
        classroom.tried("first", "rejected", idx=0),
        classroom.tried("second", "rejected", idx=0, revision=1),
        classroom.tried("third", idx=0, revision=2),
    ]
    rows, _ = paired(*tries)

    assert rows == [("third", "second", "revision"), ("third", "first", "siblings")]


def test_a_text_on_which_two_verdicts_were_given_is_in_no_pair(classroom, paired):
    rows, found = paired(classroom.tried("same"), classroom.tried("same", "rejected"))

    assert rows == []
    assert found.left() == {"same_text": 2}


@pytest.mark.parametrize(
    ("chosen", "others", "loss"),
    [(1.0, 0.0, "apo_zero"), (0.6, 0.6, "apo_zero"), (0.6, 0.9, "apo_down")],
)
def test_the_loss_is_apo_down_where_first_tries_are_better_on_average(
    chosen, others, loss, classroom, paired
):
    tries = [classroom.tried(f"try {n}", "unscored", reward=others) for n in range(3)]
    tries += [classroom.tried("fixed", idx=0, revision=1, reward=chosen, rung="judge")]
    tries += [classroom.tried("wrong", "rejected", idx=7, revision=1, reward=0.1, rung="judge")]
    _, found = paired(*tries)

    [row] = found.rows
    assert row["mean_reward"] == others
    assert row["loss"] == loss


def test_the_mean_is_of_all_first_tries_whatever_a_filter_lets_pass(classroom, paired):
    tries = [classroom.tried("good"), classroom.tried("fair", reward=0.5)]
    tries.append(classroom.tried("wrong", "rejected"))
    _, found = paired(*tries, per_lesson=1)

    assert found.rows[0]["mean_reward"] == 0.5


STATUSES = st.sampled_from(["accepted", "accepted", "rejected", "rejected", "unscored", "failed"])
TRIES = st.lists(
    st.tuples(
        st.text("ab", min_size=0, max_size=4),
        st.integers(0, 90),
        STATUSES,
        st.sampled_from([None, "7"]),
        st.sampled_from([0, 0, 1]),
    ),
    max_size=9,
)


@settings(max_examples=25)
@given(tries=TRIES, revisions=st.sampled_from(["alone", "none"]))
def test_every_attempt_is_in_a_pair_or_has_a_reason_and_no_pair_is_unlike(
    tries, revisions, classroom, tmp_path_factory
):
    seen, made = set(), []
    for idx, (text, length, status, answer, revision) in enumerate(tries):
        place = (idx // 2 if revision and (idx // 2, 1) not in seen else idx, revision)
        seen.add(place)
        more = {"idx": place[0], "revision": revision, "answer": answer}
        made.append(classroom.tried(text + "x" * length, status, **more))
    path = tmp_path_factory.mktemp("pairs") / "a.db"
    one = classroom.episode(0, "q", *made)
    manner = Manner(revisions=revisions)
    found = classroom.exported(classroom.written(path, one), "preference", manner=manner)

    by_id = {each.id: each for each in one.attempts}
    status = {each.attempt_id: each.status for each in one.verdicts}
    named = [(row["chosen_id"], row["rejected_id"]) for row in found.rows]
    for chosen, rejected in named:
        assert (status[chosen], status[rejected]) == ("accepted", "rejected")
        assert by_id[rejected].answer
        assert by_id[chosen].text != by_id[rejected].text
        shorter, longer = sorted(len(by_id[each].text) for each in (chosen, rejected))
        assert longer <= RATIO * shorter + ALLOWANCE
    used = {each for pair in named for each in pair}
    assert found.account.used == len(used)
    assert len(used) + sum(found.left().values()) == len(one.attempts)
    assert len(set(named)) == len(named)
    rejected_once = Counter(pair[1] for pair in named)
    assert all(rejected_once[each] <= len(named) for each in rejected_once)
