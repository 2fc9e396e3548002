"""Which attempt of an episode a person should look at, and why."""

from itertools import pairwise

from storage.canonical import canonical
from storage.people.need import WEIGHTS, Need, Opinion, Tried, needed
from storage.records import Check, Grade


def by(rung: str | None, status: str, reward: float | None = None, **more) -> Opinion:
    reason = more.pop("reason", {"rejected": "wrong", "unscored": "undecided"}.get(status))
    return Opinion(rung, status, reward, reason, **more)


def tried(idx: int, *verdicts: Opinion, answer: str | None = None, **more) -> Tried:
    fields = {"error": None, "finish_reason": "stop"} | more
    return Tried(f"a{idx}", idx, 0, answer, verdicts=verdicts, **fields)


RIGHT = by("program", "accepted", 1.0)
WRONG = by("program", "rejected", 0.0)
OPEN = by(None, "unscored")
SURE = by("judge", "accepted", 1.0)


def why(*tries: Tried) -> tuple[str, str] | None:
    need = needed(tries)
    return need and (need.attempt_id, need.why)


def test_what_programs_decided_needs_nobody():
    assert needed([tried(0, RIGHT), tried(1, WRONG)]) is None
    assert needed([]) is None
    assert needed([tried(0)]) is None


def test_a_need_names_the_attempt_the_reason_and_its_weight():
    assert needed([tried(0, RIGHT), tried(1, OPEN)]) == Need("a1", "unscored", WEIGHTS["unscored"])


def test_what_is_passed_over_is_not_wanted_and_still_counts():
    tries = [tried(0, OPEN, by("person", "accepted", 1.0)), tried(1, SURE), tried(2, OPEN, SURE)]
    assert needed(tries, {"a0"}) is None
    assert needed([tried(0, OPEN), tried(1, OPEN)], {"a0"}).attempt_id == "a1"


def test_reasons_are_in_the_order_of_what_a_minute_buys():
    weights = list(WEIGHTS.values())
    assert list(WEIGHTS)[:2] == ["people disagree", "unscored"]
    assert all(more > less for more, less in pairwise(weights))
    assert min(weights) > 0


def test_the_most_valuable_attempt_of_an_episode_is_wanted_and_of_equals_the_first():
    near = by("judge", "accepted", 0.6)
    assert why(tried(0, SURE), tried(1, near), tried(2, OPEN), tried(3, OPEN)) == ("a2", "unscored")
    assert why(tried(0, SURE), tried(1, near)) == ("a1", "near the threshold")
    assert why(tried(0, SURE), tried(1, SURE)) == ("a0", "judge alone")


def test_attempts_that_raised_or_were_cut_off_are_worth_no_minute():
    cut = by(None, "unscored", reason="truncated")
    raised = by(None, "failed", reason="error")
    assert why(tried(0, cut, finish_reason="length"), tried(1, cut)) is None
    assert why(tried(0, raised, error="ValueError: x")) is None
    assert why(tried(0, OPEN, finish_reason="length"), tried(1, OPEN)) == ("a1", "unscored")


def test_a_reward_within_fifteen_hundredths_of_the_threshold_is_near_it():
    for reward, near in ((0.44, False), (0.45, True), (0.6, True), (0.75, True), (0.76, False)):
        status = "accepted" if reward >= 0.6 else "rejected"
        found = why(tried(0, by("judge", status, reward)))
        assert found == ("a0", "near the threshold" if near else "judge alone")


def test_the_same_answer_that_came_out_both_ways_is_a_disagreement_and_the_judges_one_is_wanted():
    judged = by("judge", "accepted", 1.0)
    both = (tried(0, WRONG, answer="42"), tried(1, judged, answer=" 42\n"))
    assert why(*both) == ("a1", "rungs disagree")
    apart = (tried(0, WRONG, answer="42"), tried(1, judged, answer="43"))
    assert why(*apart) == ("a1", "judge alone")
    assert why(tried(0, WRONG, answer="x"), tried(1, RIGHT, answer="x")) == ("a0", "rungs disagree")


def test_an_answer_that_a_person_decided_sends_its_twin_to_a_person():
    person = by("person", "accepted", 1.0, person="ada")
    twins = (tried(0, WRONG, person, answer="7"), tried(1, WRONG, answer="7"))
    assert why(*twins) == ("a1", "rungs disagree")


def test_a_program_that_found_the_opposite_of_what_stands_is_a_disagreement():
    check = Check(verifier="exact", finding="failed", evidence='says "finding":"passed"')
    for checks in (canonical([check]), [check.model_dump()]):
        found = why(tried(0, by("judge", "accepted", 1.0, checks=checks)))
        assert found == ("a0", "rungs disagree")
        assert why(tried(0, by("program", "rejected", 0.0, checks=checks))) is None


def test_votes_that_were_outvoted_are_a_disagreement():
    def agreed(count: str) -> Opinion:
        notes = [Grade(criterion="agreed", weight=0.0, grade=None, reason=count)]
        return by("judge", "accepted", 1.0, grades=canonical(notes))

    assert why(tried(0, agreed("2 of 3, majority"))) == ("a0", "rungs disagree")
    assert why(tried(0, agreed("3 of 3, majority"))) == ("a0", "judge alone")


def test_an_attempt_of_which_a_person_has_spoken_needs_nobody():
    for status in ("accepted", "rejected", "unscored"):
        assert why(tried(0, OPEN, by("person", status, person="ada"))) is None


def test_after_a_persons_word_weak_reasons_are_none_and_an_unscored_sibling_is_one_until_accepted():
    no = by("person", "rejected", 0.0, person="ada")
    yes = by("person", "accepted", 1.0, person="ada")
    assert why(tried(0, SURE, no), tried(1, SURE)) is None
    assert why(tried(0, OPEN, no), tried(1, OPEN)) == ("a1", "unscored")
    assert why(tried(0, OPEN, yes), tried(1, OPEN)) is None


def test_people_disagree_until_more_than_half_of_them_say_what_counts():
    def said(*words: str) -> tuple[str, str] | None:
        people = ("ada", "bo", "cy", "di")
        given = [by("person", w, person=p) for p, w in zip(people, words, strict=False)]
        return why(tried(0, OPEN, *given))

    assert said("accepted", "accepted") is None
    assert said("accepted", "rejected") == ("a0", "people disagree")
    assert said("accepted", "rejected", "rejected") is None
    assert said("rejected", "rejected", "accepted") == ("a0", "people disagree")


def test_who_changes_their_mind_does_not_disagree_with_themselves():
    changed = [by("person", "accepted", person="ada"), by("person", "rejected", person="ada")]
    assert why(tried(0, OPEN, *changed)) is None
    unnamed = [by("person", "accepted"), by("person", "rejected")]
    assert why(tried(0, OPEN, *unnamed)) == ("a0", "people disagree")


def test_json_that_was_edited_by_hand_says_nothing():
    for broken in ('{"finding":"failed"', '["finding":"failed"]', '{"a":"agreed"}', '["agreed"]'):
        opinion = by("judge", "accepted", 1.0, checks=broken, grades=broken)
        assert why(tried(0, opinion)) == ("a0", "judge alone")
