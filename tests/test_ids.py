import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import ids
from storage.records import Assignment, Attempt, Lesson, Message, Request, Task, Trajectory, Verdict


def lesson(**changes: object) -> Lesson:
    fields = {
        "id": "",
        "skill": "s",
        "level": 1,
        "task": Task(question="How many?"),
        "reference": "7",
        "verifier": "exact",
        "made_by": "library",
    }
    return Lesson.model_validate(fields | changes)


def trajectory(run: str = "r", **changes: object) -> Trajectory:
    own = ids.trajectory_id(run, 3)
    attempt = Attempt(
        id=ids.attempt_id(own, 0, 0), trajectory_id=own, lesson_id="l", idx=0, text="7", made_by="m"
    )
    verdict = Verdict(
        id=ids.verdict_id(attempt.id, 0),
        attempt_id=attempt.id,
        status="accepted",
        reward=1.0,
        rung="program",
    )
    whole = Trajectory(
        id=own,
        run_id=run,
        assignment=Assignment(n=3, skill="s", seed=1),
        lesson=lesson(),
        attempts=(attempt,),
        verdicts=(verdict,),
        status="accepted",
        reward=1.0,
    )
    return whole.model_copy(update=changes)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers()))
def test_the_order_of_keys_changes_no_digest(value: dict[str, int]) -> None:
    assert ids.digest(value) == ids.digest(dict(reversed(value.items())))


def test_a_digest_is_tagged_sha256_over_canonical_json() -> None:
    expected = hashlib.sha256('{"a":[1,"é"]}'.encode()).hexdigest()
    assert ids.digest({"a": (1, "é")}) == f"sha256:{expected}"


def test_nan_and_strange_types_have_no_digest() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        ids.digest(float("nan"))
    with pytest.raises(TypeError, match="set has no canonical JSON"):
        ids.digest({1})


def test_derived_seeds_are_distinct_within_range_and_the_same_in_every_process() -> None:
    seeds = {ids.derive_seed(root, "assign", n) for root in range(20) for n in range(500)}
    code = "from storage.ids import derive_seed; print(derive_seed(7, 'assign', 12))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert len(seeds) == 10_000
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert int(said.stdout) == ids.derive_seed(7, "assign", 12)


def test_ids_tell_their_kind_by_their_letter() -> None:
    made = {
        "r": ids.run_id({"a": 1}),
        "t": ids.trajectory_id("r", 0),
        "a": ids.attempt_id("t", 0, 0),
        "v": ids.verdict_id("a", 0),
        "s": ids.expert_seed_id({"example": "x"}),
        "l": ids.lesson_id(lesson()),
        "q": ids.question_digest("x"),
    }
    for letter, one in made.items():
        assert one[0] == letter
        assert len(one) == 33


def test_who_wrote_a_lesson_and_what_it_is_called_change_no_id() -> None:
    assert ids.lesson_id(lesson()) == ids.lesson_id(lesson(id="x", made_by="somebody"))


@pytest.mark.parametrize(
    "change",
    [{"reference": "8"}, {"task": Task(question="How few?")}, {"data": {"ordered": True}}],
)
def test_every_change_of_content_changes_a_lessons_id(change: dict[str, object]) -> None:
    assert ids.lesson_id(lesson()) != ids.lesson_id(lesson(**change))


def test_a_moved_file_changes_no_lessons_id_and_a_changed_one_does(tmp_path: Path) -> None:
    found = []
    for name, content in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        path = tmp_path / name
        path.write_bytes(content)
        data = {"database": str(path), "variants": [str(path)]}
        files = {str(path): ids.file_digest(path)}
        found.append(ids.lesson_id(lesson(data=data, files=files)))

    assert found[0] == found[1] != found[2]


def test_a_draw_tells_two_equal_requests_apart() -> None:
    one = Request(endpoint="e", model="m", messages=(Message(role="user", content="hi"),))

    assert ids.request_digest(one) != ids.request_digest(one.model_copy(update={"draw": 1}))


def test_two_runs_that_made_the_same_have_the_same_digest() -> None:
    assert ids.trajectory_digest(trajectory("r1")) == ids.trajectory_digest(trajectory("r2"))
    assert ids.trajectory_digest(trajectory()) == ids.trajectory_digest(trajectory(error="other"))


@pytest.mark.parametrize(
    "change",
    [{"lesson": None}, {"attempts": ()}, {"verdicts": ()}, {"status": "rejected"}, {"reward": 0.5}],
)
def test_whatever_an_episode_made_is_in_its_digest(change: dict[str, object]) -> None:
    assert ids.trajectory_digest(trajectory()) != ids.trajectory_digest(trajectory(**change))


def test_the_order_of_episodes_is_in_the_dataset_digest() -> None:
    assert ids.dataset_digest(["a", "b"]) != ids.dataset_digest(["b", "a"])
    assert ids.dataset_digest(["ab"]) != ids.dataset_digest(["a", "b"])


def test_a_question_is_the_same_whatever_its_case_and_spaces() -> None:
    assert ids.question_digest("How  many\ncats?") == ids.question_digest("how many CATS?")
    assert ids.question_digest("How many cats?") != ids.question_digest("How many dogs?")


def test_an_outcome_counts_first_tries_that_programs_or_judges_scored() -> None:
    whole = trajectory()
    person = whole.verdicts[0].model_copy(update={"id": "v2", "rung": "person"})
    revised = whole.attempts[0].model_copy(update={"id": "a2", "revision": 1})
    more = {"verdicts": (*whole.verdicts, person), "attempts": (*whole.attempts, revised)}
    outcome = ids.outcome(whole.model_copy(update=more))

    assert (outcome.tried, outcome.solved, outcome.critiques) == (1, 1, 1)
    assert outcome.question_digest == ids.question_digest("How many?")
    assert ids.outcome(trajectory(lesson=None)).question_digest is None
