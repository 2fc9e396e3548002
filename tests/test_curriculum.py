"""The curriculum is a fold: what it asks for follows from outcomes in order, and nothing else."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.curriculum import Curriculum, Mastery, learnability, skill_graph
from graphs.errors import ConfigError
from storage.ids import derive_seed
from storage.records import ExpertSeed, Outcome, Skill

SKILLS = (
    Skill(name="sums", levels=2),
    Skill(name="products", after=("sums",), levels=2),
    Skill(name="fractions", after=("products",)),
)


def outcome(n, skill="sums", level=1, tried=2, solved=2, critiques=0):
    return Outcome(
        n=n, skill=skill, level=level, tried=tried, solved=solved, critiques=critiques,
        question_digest=None,
    )  # fmt: skip


def taught(*outcomes, **options):
    curriculum = Curriculum(SKILLS, seed=7, **options)
    for one in outcomes:
        curriculum.learn(one)
    return curriculum


def test_a_task_teaches_most_at_a_solve_rate_of_one_half():
    assert learnability(0.5) == 1.0
    assert learnability(0.0) == learnability(1.0) == 0.0


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_solve_rate_outside_its_range_is_refused(rate):
    with pytest.raises(ValueError, match="solve_rate"):
        learnability(rate)


@given(st.floats(0, 1))
def test_learnability_is_symmetric_and_within_zero_and_one(rate):
    assert 0.0 <= learnability(rate) <= 1.0
    assert learnability(rate) == pytest.approx(learnability(1 - rate), abs=1e-9)


def test_only_skills_without_prerequisites_are_open_at_the_start():
    assert taught().open_places() == [("sums", 1)]


def test_a_skill_opens_when_its_prerequisite_stands():
    curriculum = taught(outcome(0), outcome(1))
    assert ("products", 1) in curriculum.open_places()
    assert ("sums", 2) in curriculum.open_places()


def test_a_skill_stays_closed_while_its_prerequisite_is_failed():
    curriculum = taught(outcome(0, solved=0), outcome(1, solved=0))
    assert curriculum.open_places() == [("sums", 1)]


def test_little_evidence_makes_nothing_stand():
    assert not Mastery(tried=2, solved=2).stands
    assert Mastery(tried=4, solved=4).stands


def test_an_exhausted_level_is_not_asked_for_and_what_builds_on_it_opens():
    curriculum = taught(capacity=lambda skill, level: 1 if skill == "sums" else None)
    assert curriculum.assign(0).skill == "sums"
    assert curriculum.exhausted(("sums", 1))
    assert curriculum.open_places() == [("products", 1)]


def test_when_everything_is_exhausted_there_is_no_assignment():
    curriculum = taught(capacity=lambda skill, level: 0)
    assert curriculum.assign(0) is None


def test_ordinals_count_the_assignments_of_a_skill_and_level():
    curriculum = taught()
    assert [curriculum.assign(n).ordinal for n in range(4)] == [0, 1, 2, 3]


def test_an_assignment_carries_the_practice_learnt_so_far():
    curriculum = taught(outcome(0, critiques=2), outcome(1, critiques=1))
    assert curriculum.assign(2).practice == {"sums": 3}


def test_outcomes_out_of_order_are_refused():
    with pytest.raises(ValueError, match="expected 0"):
        taught(outcome(1))


def test_two_folds_over_the_same_outcomes_ask_for_the_same():
    one, two = (taught(outcome(0), outcome(1)) for _ in range(2))
    assert [one.assign(n) for n in range(20)] == [two.assign(n) for n in range(20)]


def test_another_seed_asks_for_something_else():
    outcomes = (outcome(0), outcome(1))
    one = taught(*outcomes)
    other = Curriculum(SKILLS, seed=8)
    for each in outcomes:
        other.learn(each)
    assert [one.assign(n) for n in range(20)] != [other.assign(n) for n in range(20)]


def test_most_assignments_go_where_learnability_is_high():
    curriculum = taught(
        *(outcome(n) for n in range(40)),
        *(outcome(40 + n, skill="products", solved=1) for n in range(40)),
        explore=0.1,
    )
    drawn = Counter((a.skill, a.level) for a in map(curriculum.assign, range(80, 380)))
    assert drawn["products", 1] > 3 * drawn["sums", 1]


def test_every_expert_seed_has_its_turn_before_one_comes_again():
    seeds = tuple(ExpertSeed(id=f"s{i}", example="e") for i in range(5))
    curriculum = Curriculum((Skill(name="triage"),), seed=7, expert_seeds=seeds)
    drawn = [curriculum.assign(n).expert_seed for n in range(10)]
    assert sorted(drawn[:5]) == sorted(drawn[5:]) == [f"s{i}" for i in range(5)]
    assert drawn[:5] != drawn[5:]


def test_the_order_of_a_turn_is_the_seeds_shuffled_by_skill_and_turn():
    seeds = tuple(ExpertSeed(id=f"s{i}", example="e") for i in range(5))
    curriculum = Curriculum(SKILLS[:1], seed=7, expert_seeds=seeds)
    for n in range(8):
        curriculum.learn(outcome(n))
    levels = set()
    for n in range(8, 68):
        given = curriculum.assign(n)
        turn, place = divmod(given.ordinal, 5)
        ids = [seed.id for seed in seeds]
        Random(derive_seed(7, "expert_seeds", "sums", turn)).shuffle(ids)
        assert given.expert_seed == ids[place]
        levels.add(given.level)
    assert levels == {1, 2}


def test_expert_seeds_are_read_once_a_turn_and_not_once_an_assignment():
    class Watched(tuple):
        reads = 0

        def __iter__(self):
            Watched.reads += 1
            return super().__iter__()

    seeds = Watched(ExpertSeed(id=f"s{i}", example="e") for i in range(50))
    curriculum = Curriculum((Skill(name="triage"),), seed=7, expert_seeds=seeds)
    assert len({curriculum.assign(n).expert_seed for n in range(50)}) == 50
    assert Watched.reads == 1


def test_an_expert_seed_of_another_skill_is_left_alone():
    seeds = (ExpertSeed(id="a", example="e", skill="triage"), ExpertSeed(id="b", example="e",
             skill="anatomy"))  # fmt: skip
    curriculum = Curriculum((Skill(name="triage"),), seed=7, expert_seeds=seeds)
    assert {curriculum.assign(n).expert_seed for n in range(6)} == {"a"}


@pytest.mark.parametrize(
    ("skills", "message"),
    [
        ((Skill(name="a"), Skill(name="a")), "stands twice"),
        ((Skill(name="a", after=("b",)),), "is no skill"),
        ((Skill(name="a", after=("b",)), Skill(name="b", after=("a",))), "wait for each other"),
    ],
)
def test_skills_that_form_no_dag_are_refused(skills, message):
    with pytest.raises(ConfigError, match=message):
        skill_graph(skills)
