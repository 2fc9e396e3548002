"""Every format says of an attempt what it is to say, and nothing of those that it must not use."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import ids
from storage.errors import Lacking
from storage.export import FORMATS, Manner, examples
from storage.export.columns import SOURCE, Shape
from storage.queries import Reader
from storage.records import ExpertSeed


def said(row):
    return row["messages"][-1]["content"]


def test_an_example_is_the_task_and_the_attempt_and_says_where_it_is_from(classroom, tmp_path):
    seed = {"example": "e", "reference": None, "passage": None, "skill": None, "author": "A"}
    seed |= {"licence": "CC0-1.0"}
    grown = ExpertSeed(id=ids.expert_seed_id(seed), **seed)
    one = classroom.episode(0, "How many?", classroom.tried("Answer: 7"), expert_seed=grown.id)
    path = classroom.written(tmp_path / "a.db", one, seeds=[grown])

    assert classroom.exported(path).rows == [
        {
            "id": one.attempts[0].id,
            "trajectory_id": one.id,
            "lesson_id": one.lesson.id,
            "expert_seed": grown.id,
            "licence": "CC0-1.0",
            "family": grown.id,
            "skill": "s",
            "level": 2,
            "language": "en",
            "made_by": "student",
            "rung": "program",
            "reward": 1.0,
            "weight": 1.0,
            "messages": [
                {"role": "user", "content": "How many?\n\nSay it."},
                {"role": "assistant", "content": "Answer: 7"},
            ],
        }
    ]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.no_cover
def test_every_row_has_the_columns_that_its_format_declares_in_order(form, classroom, many):
    with Reader.open(many) as reader:
        run = reader.latest_run().id
    found = classroom.exported(many, form, [run])

    assert len(found.rows) > 100
    assert {tuple(row) for row in found.rows} == {tuple(FORMATS[form].columns)}
    assert tuple(FORMATS[form].columns)[: len(SOURCE)] == tuple(SOURCE)
    assert len({row["id"] for row in found.rows}) == len(found.rows)


def test_a_prompt_is_apart_from_what_completes_it(classroom, tmp_path):
    one = classroom.episode(0, "q", classroom.tried("a"), classroom.tried("no", "rejected"))
    [row] = classroom.exported(classroom.written(tmp_path / "a.db", one), "prompt-completion").rows

    assert row["prompt"] == [{"role": "user", "content": "q\n\nSay it."}]
    assert row["completion"] == [{"role": "assistant", "content": "a"}]


def test_every_scored_attempt_has_its_label(classroom, tmp_path):
    tries = [
        classroom.tried(status, status) for status in ("accepted", "rejected", "unscored", "failed")
    ]
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", *tries))
    found = classroom.exported(path, "kto")

    assert {row["completion"][0]["content"]: row["label"] for row in found.rows} == {
        "accepted": True,
        "rejected": False,
    }
    assert found.left() == {"unscored": 1, "failed": 1}


def test_a_critic_is_taught_the_last_critique_and_verdict_but_never_the_reference(
    classroom, tmp_path
):
    wrong = classroom.tried("6", "rejected", critique="Count again.", wrong_step=1)
    silent = classroom.tried("5", "rejected")
    one = classroom.episode(0, "How many?", classroom.tried("7"), wrong, silent, reference="seven")
    found = classroom.exported(classroom.written(tmp_path / "a.db", one), "critique")

    right, wrong = found.rows
    assert right["completion"][0]["content"] == "Verdict: accepted"
    assert wrong["completion"][0]["content"] == "Count again.\n\nVerdict: rejected"
    assert [wrong[name] for name in ("task", "attempt", "critique", "verdict")] == [
        "How many?\n\nSay it.", "6", "Count again.", "rejected",
    ]  # fmt: skip
    assert wrong["first_wrong_step"] == 1
    assert "6" in wrong["prompt"][0]["content"]
    assert "seven" not in json.dumps(found.rows)
    assert found.left() == {"no_critique": 1}


def test_a_task_to_try_has_its_reference_and_how_often_it_was_solved(classroom, tmp_path):
    tries = [
        classroom.tried("a"),
        classroom.tried("b", "rejected"),
        classroom.tried("c", "rejected"),
        classroom.tried("d", "unscored"),
        classroom.tried("e", idx=1, revision=1),
    ]
    one = classroom.episode(0, "q", *tries, data={"b": [1], "a": "é"})
    untried = classroom.episode(1, "untried")
    found = classroom.exported(classroom.written(tmp_path / "a.db", one, untried), "rl")

    row, bare = found.rows
    assert row["id"] == row["trajectory_id"] == one.id
    assert (row["tried"], row["solved"], row["solve_rate"]) == (3, 1, 0.333333)
    assert (row["reference"], row["verifier"], row["made_by"]) == ("7", "exact", "library")
    assert (row["rung"], row["reward"]) == (None, None)
    assert json.loads(row["data"]) == {"a": "é", "b": [1]}
    assert (bare["tried"], bare["solved"], bare["solve_rate"]) == (0, 0, None)
    assert (found.account.used, found.left()) == (3, {"unscored": 1, "revision": 1})


def test_a_task_that_a_judge_decides_has_no_reward_function(classroom, tmp_path):
    one = classroom.episode(0, "q", classroom.tried("a"), verifier="judge")
    path = classroom.written(tmp_path / "a.db", one)

    assert classroom.exported(path, "rl").left() == {"no_verifier": 1}


@pytest.mark.parametrize("form", ["sft", "prompt-completion", "preference"])
def test_what_is_right_by_luck_is_nothing_to_imitate(form, classroom, tmp_path):
    lucky = classroom.tried("lucky", wrong_step=2)
    one = classroom.episode(0, "q", lucky, classroom.tried("no", "rejected"))
    path = classroom.written(tmp_path / "a.db", one)

    assert classroom.exported(path, form).left()["wrong_step"] == 1
    assert classroom.exported(path, form).rows == []
    [yes] = [row for row in classroom.exported(path, "kto").rows if row["label"]]
    assert yes["weight"] == 0.5


@pytest.mark.parametrize(
    ("program", "person", "count"), [("accepted", "rejected", 0), ("rejected", "accepted", 1)]
)
def test_a_person_overrules(program, person, count, classroom, tmp_path):
    later = [classroom.tried("", person, critique="Mine.")]
    tries = [
        classroom.tried("a", program, critique="Its.", later=later),
        classroom.tried("b", person, critique="x"),
    ]
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", *tries))

    assert len(classroom.exported(path).rows) == 2 * count
    row, _ = classroom.exported(path, "critique").rows
    assert (row["verdict"], row["critique"], row["rung"]) == (person, "Mine.", "person")
    assert classroom.exported(path).account.attempts == {person: 2}


@pytest.mark.parametrize(("last", "critique"), [("rejected", "Its."), ("accepted", "")])
def test_a_critique_stands_as_long_as_the_verdict_does(last, critique, classroom, tmp_path):
    twice = [classroom.tried("", "rejected"), classroom.tried("", last)]
    one = classroom.tried("a", "rejected", critique="Its.", later=twice)
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", one))
    [row] = classroom.exported(path, "critique").rows

    assert (row["verdict"], row["critique"]) == (last, critique)


@pytest.mark.parametrize("form", FORMATS)
def test_an_attempt_that_nobody_judged_counts_as_failed(form, classroom, tmp_path):
    """So an episode ends in which the critic raised."""
    tries = [classroom.tried("a", None), classroom.tried("b", None, idx=0, revision=1)]
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", *tries))
    found = classroom.exported(path, form)

    assert found.account.attempts == {"failed": 2}
    assert found.account.used == 0
    assert sum(found.left().values()) == 2
    assert set(found.left()) <= {"failed", "revision"}


def test_only_an_episode_that_gave_a_row_makes_later_ones_superfluous(classroom, tmp_path):
    path = classroom.written(
        tmp_path / "a.db",
        classroom.episode(3, "how  MANY?", classroom.tried("late")),
        classroom.episode(0, "How many?", classroom.tried("none", "rejected")),
        classroom.episode(1, "How many?", classroom.tried("first"), classroom.tried("second")),
        classroom.episode(2, "Other?", classroom.tried("other")),
    )
    found = classroom.exported(path)

    assert [said(row) for row in found.rows] == ["first", "second", "other"]
    [removed] = found.removed
    assert (removed.reason, removed.twin) == ("duplicate", ids.trajectory_id("r1", 1))
    assert removed.trajectory_id == ids.trajectory_id("r1", 3)
    assert {row["completion"][0]["content"] for row in classroom.exported(path, "kto").rows} == {
        "none",
        "other",
    }
    assert found.left() == {"rejected": 1, "duplicate": 1}


def test_a_text_is_given_once_and_its_twin_is_named(classroom, tmp_path):
    tries = [classroom.tried("a"), classroom.tried("b"), classroom.tried("a")]
    one = classroom.episode(0, "q", *tries)
    found = classroom.exported(classroom.written(tmp_path / "a.db", one))

    assert [said(row) for row in found.rows] == ["a", "b"]
    [removed] = found.removed
    assert (removed.attempt_id, removed.reason, removed.twin) == (
        one.attempts[2].id, "same_text", one.attempts[0].id,
    )  # fmt: skip


@pytest.fixture
def revised(classroom, tmp_path):
    """An attempt that was right at its second revision, beside one that was right at once."""
    tries = [
        classroom.tried("one", "rejected", idx=0, critique="Not one."),
        classroom.tried("two", "rejected", idx=0, revision=1, critique="Not two."),
        classroom.tried("three", idx=0, revision=2),
        classroom.tried("right", idx=1),
    ]
    tries[0]["later"] = [classroom.tried("", "rejected", critique="A person's, too late.")]
    return classroom.written(tmp_path / "a.db", classroom.episode(0, "q", *tries))


def test_a_revision_stands_alone_for_the_task(revised, classroom):
    rows = classroom.exported(revised, manner=Manner(revisions="alone")).rows

    assert [[each["content"] for each in row["messages"]] for row in rows] == [
        ["q\n\nSay it.", "right"],
        ["q\n\nSay it.", "three"],
    ]


@pytest.mark.parametrize("form", ["sft", "prompt-completion"])
def test_a_revision_ends_the_conversation_in_which_it_was_made(form, revised, classroom):
    manner = Manner(revisions="turns", shape=Shape(train=True))
    rows = classroom.exported(revised, form, manner=manner).rows
    whole = [row.get("messages") or row["prompt"] + row["completion"] for row in rows]
    [row] = [messages for messages in whole if len(messages) > 2]

    assert [(each["role"], each["content"], each["train"]) for each in row] == [
        ("user", "q\n\nSay it.", False),
        ("assistant", "one", False),
        ("user", "Not one.", False),
        ("assistant", "two", False),
        ("user", "Not two.", False),
        ("assistant", "three", True),
    ]
    assert [each["train"] for each in whole[0]] == [False, True]


@pytest.mark.parametrize("form", ["sft", "prompt-completion", "preference", "kto", "stepwise"])
def test_revisions_are_left_out_where_none_are_asked_for(form, revised, classroom):
    found = classroom.exported(revised, form, manner=Manner(revisions="none"))

    texts = json.dumps(found.rows)
    assert "two" not in texts
    assert "three" not in texts
    assert found.left()["revision"] >= 1


@pytest.mark.parametrize("form", FORMATS)
def test_every_message_has_reasoning_or_none_has(form, classroom, tmp_path):
    steps = "1. so\n2. thus\nAnswer: 7"
    thought = classroom.tried("a", reasoning="hm", later=[])
    other = classroom.tried(steps, "rejected", critique="No.", wrong_step=2)
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", thought, other))
    manner = classroom.manner(shape=Shape(reasoning=True))
    rows = classroom.exported(path, form, manner=manner).rows

    assert rows
    messages = [
        each for row in rows for column in row.values() if isinstance(column, list)
        for each in column if isinstance(each, dict)
    ]  # fmt: skip
    assert {tuple(each) for each in messages} <= {("role", "content", "reasoning_content")}
    plain = classroom.exported(path, form).rows
    assert "reasoning_content" not in json.dumps(plain)


def test_what_nobody_scored_is_worth_nothing_and_a_judge_less_than_a_program(classroom, tmp_path):
    tries = [
        classroom.tried("a", reward=0.75),
        classroom.tried("b", reward=0.75, rung="judge"),
        classroom.tried("c", "rejected", reward=0.25, rung="judge"),
        classroom.tried("d", later=[classroom.tried("", "accepted")]),
    ]
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", *tries))
    found = {
        row["completion"][0]["content"]: row["weight"]
        for row in classroom.exported(path, "kto").rows
    }

    assert found == {"a": 0.75, "b": 0.525, "c": 0.525, "d": 1.0}
    pairs = classroom.exported(path, "preference").rows
    assert {row["weight"] for row in pairs} == {0.525}


TEXTS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1
).filter(str.strip)
HOSTILE = [
    "\u202eabc\u202c",
    "a\u2028b\x85c\x0b",
    "</s><|im_end|>",
    "\ufeffx",
    "😀" * 30_000,
    "\\u0000",
]


@settings(max_examples=12)
@given(question=TEXTS, answer=TEXTS)
def test_hostile_texts_pass_unchanged(question, answer, classroom, tmp_path_factory):
    assert_unchanged(classroom, tmp_path_factory.mktemp("a") / "a.db", question, answer)


@pytest.mark.parametrize("text", HOSTILE)
def test_long_texts_and_marks_of_other_programs_pass_unchanged(text, classroom, tmp_path):
    assert_unchanged(classroom, tmp_path / "a.db", text, text)


def assert_unchanged(classroom, path, question, answer):
    one = classroom.episode(0, question, classroom.tried(answer))
    [row] = classroom.exported(classroom.written(path, one)).rows

    assert [each["content"] for each in row["messages"]] == [f"{question}\n\nSay it.", answer]


def test_an_episode_without_a_lesson_gives_nothing(classroom, tmp_path):
    bare = {"lesson": None, "attempts": (), "verdicts": (), "status": "rejected"}
    one = classroom.episode(0, "q").model_copy(update=bare)
    path = classroom.written(tmp_path / "a.db", one)

    for form in FORMATS:
        assert classroom.exported(path, form).rows == []


def test_runs_stand_one_after_the_other_and_a_question_is_given_once(classroom, tmp_path):
    path = classroom.written(
        tmp_path / "a.db",
        classroom.episode(0, "q", classroom.tried("a")),
        classroom.episode(1, "Only here?", classroom.tried("b")),
        classroom.episode(0, "Q", classroom.tried("c"), run="r2"),
        classroom.episode(1, "Only there?", classroom.tried("d"), run="r2"),
        runs=("r1", "r2"),
    )

    for runs, texts in ((["r1", "r2"], "abd"), (["r2", "r1"], "cdb"), (["r2"], "cd")):
        assert "".join(said(row) for row in classroom.exported(path, runs=runs).rows) == texts


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_of_which_there_is_nothing_says_what_is_missing(form, classroom, tmp_path):
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", verifier="judge"))
    with Reader.open(path) as reader, pytest.raises(Lacking, match=form) as error:
        list(examples(reader, "r1", FORMATS[form]))

    assert FORMATS[form].lacking in str(error.value)
