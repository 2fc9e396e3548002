"""Filters let pass what they name, and a value that nobody has is refused."""

import dataclasses
from collections import Counter

import pytest

from storage.errors import Unfit, Unknown
from storage.export import FORMATS
from storage.export.exporting import Compared
from storage.export.selection import Selection
from storage.queries import Reader
from storage.records import ExpertSeed


def seed(name, licence):
    return ExpertSeed(id=name, example=name, licence=licence)


@pytest.fixture
def varied(classroom, tmp_path):
    """Four lessons that differ in everything that a filter looks at."""
    tried = classroom.tried
    return classroom.written(
        tmp_path / "a.db",
        classroom.episode(0, "q0", tried("a0"), tried("b0", "rejected"), skill="sums"),
        classroom.episode(1, "q1", tried("a1", reward=0.6, rung="judge"), skill="sets", level=3),
        classroom.episode(2, "q2", tried("a2"), language="tr", expert_seed="s1"),
        classroom.episode(
            3, "q3", tried("a3", "rejected", later=[tried("")]), tried("b3", "unscored"),
            expert_seed="s2",
        ),
        seeds=[seed("s1", "CC0-1.0"), seed("s2", None)],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "texts"),
    [
        ({}, "a0 b0 a1 a2 a3"),
        ({"status": ["rejected"]}, "b0"),
        ({"status": ["accepted", "unscored"]}, "a0 a1 a2 a3"),
        ({"rung": ["judge"]}, "a1"),
        ({"rung": ["person"]}, "a3"),
        ({"rung": ["person", "judge"]}, "a1 a3"),
        ({"skill": ["sums"]}, "a0 b0"),
        ({"level": [3]}, "a1"),
        ({"language": ["tr"]}, "a2"),
        ({"licence": ["CC0-1.0"]}, "a2"),
        ({"min_reward": 0.6}, "a0 a1 a2 a3"),
        ({"min_reward": 0.61}, "a0 a2 a3"),
        ({"min_weight": 0.5}, "a0 b0 a2 a3"),
        ({"skill": ["sums"], "status": ["accepted"]}, "a0"),
        ({"skill": ["sums"], "level": [3]}, ""),
    ],
)
def test_only_what_a_filter_names_gets_in(wanted, texts, varied, classroom):
    found = classroom.exported(varied, "critique", selection=Selection(**wanted))
    kto = classroom.exported(varied, "kto", selection=Selection(**wanted))

    said = sorted(row["completion"][0]["content"] for row in kto.rows)
    assert said == sorted(texts.split())
    assert kto.account.used + sum(kto.left().values()) == 6
    assert found.account.attempts == {"accepted": 4, "rejected": 1, "unscored": 1}
    if not wanted:
        assert "not_selected" not in kto.left()


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, 3),  # of the fourth a person overruled the verifier
        ({"skill": ["sums"]}, 1),
        ({"status": ["rejected"]}, 1),
        ({"min_reward": 0.61}, 2),
        ({"language": ["tr"], "level": [3]}, 0),
    ],
)
def test_tasks_are_chosen_by_their_lesson_and_their_attempts(wanted, ids, varied, classroom):
    found = classroom.exported(varied, "rl", selection=Selection(**wanted))

    assert len(found.rows) == ids


def test_how_often_a_task_was_solved_does_not_hang_on_the_filters(varied, classroom):
    for wanted in ({"status": ["accepted"]}, {"status": ["rejected"]}):
        selection = Selection(skill=["sums"], **wanted)
        [row] = classroom.exported(varied, "rl", selection=selection).rows
        assert (row["tried"], row["solved"], row["solve_rate"]) == (2, 1, 0.5)


def test_a_filter_asks_for_the_weight_that_stands_in_the_row(classroom, many):
    with Reader.open(many) as reader:
        run = reader.latest_run().id
    for least in (0.4, 0.8, 1.0):
        chosen = classroom.exported(many, "kto", [run], selection=Selection(min_weight=least))
        assert all(row["weight"] >= least for row in chosen.rows)


@pytest.mark.parametrize(
    ("name", "value", "nearest"),
    [
        ("status", "acepted", "'accepted'"),
        ("rung", "programm", "'program'"),
        ("skill", "sum", "'sums'"),
        ("level", 33, "'3'"),
        ("language", "trk", "'tr'"),
        ("licence", "CC-0", "'CC0-1.0'"),
        ("skill", "zzz", "there is 'sums'|'s', 'sets', 'sums'"),
    ],
)
def test_an_unknown_value_is_refused_with_the_nearest(name, value, nearest, varied):
    with Reader.open(varied) as reader, pytest.raises(Unknown, match=nearest) as error:
        Selection(**{name: [value]}).require_known(reader, ["r1"])

    assert f"--{name}" in str(error.value)
    assert repr(str(value)) in str(error.value)


def test_where_there_is_no_value_at_all_none_is_named(classroom, tmp_path):
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "q", classroom.tried("a")))
    with Reader.open(path) as reader, pytest.raises(Unknown, match="nor is there any other"):
        Selection(licence=["MIT"]).require_known(reader, ["r1"])


def test_every_value_that_there_is_is_known(varied):
    wanted = Selection(
        status=["failed"], rung=["person"], skill=["sums", "s"], level=[2, 3], language=["en"],
        licence=["CC0-1.0"], min_reward=0.5, min_weight=0.5,
    )  # fmt: skip
    assert all(getattr(wanted, each.name) for each in dataclasses.fields(wanted))
    with Reader.open(varied) as reader:
        wanted.require_known(reader, ["r1"])


@pytest.mark.parametrize("form", ["sft", "prompt-completion", "preference", "kto", "critique"])
def test_a_lesson_gives_at_most_as_many_rows_as_it_may(form, classroom, tmp_path):
    tries = [classroom.tried(f"a{n}") for n in range(3)]
    tries += [classroom.tried(f"b{n}", "rejected", critique="No.") for n in range(3)]
    some = [classroom.episode(n, f"q{n}", *tries) for n in range(4)]
    path = classroom.written(tmp_path / "a.db", *some)

    for most in (1, 2):
        found = classroom.exported(path, form, per_lesson=most)
        counts = Counter(row["lesson_id"] for row in found.rows)
        assert set(counts.values()) == {most}
        assert len(counts) == 4
        assert found.left()["per_lesson"] > 0


def skewed(classroom, path):
    """Write skills of 40, 11 and 5 lessons; some questions come twice."""
    some, n = [], 0
    for skill, count in (("many", 40), ("some", 11), ("few", 5)):
        for k in range(count):
            question = f"{skill} {k % 30}"
            some.append(classroom.episode(n, question, classroom.tried("a"), skill=skill))
            n += 1
    return classroom.written(path, *some)


def test_balance_gives_every_skill_as_many_rows_as_the_rarest_evenly_spread(classroom, tmp_path):
    found = classroom.exported(skewed(classroom, tmp_path / "a.db"), balanced=True)

    assert Counter(row["skill"] for row in found.rows) == {"many": 5, "some": 5, "few": 5}
    # 30 of 40 are no repetition: every sixth of them.
    places = [int(row["messages"][0]["content"].split()[1]) for row in found.rows[:5]]
    assert places == [5, 11, 17, 23, 29]
    assert found.left() == {"balance": 25 + 6, "duplicate": 10}


def test_balance_is_exact_where_a_dialect_drops_rows_and_neighbours_are_left_out(
    classroom, tmp_path
):
    class Prefix:
        def __init__(self):
            self.known = {}

        def twin(self, key, text, reference):
            return self.known.get(text[:-1])

        def add(self, key, text, reference):
            self.known.setdefault(text[:-1], key)

    def dropping(row):
        if row["lesson_id"] < "l4":
            raise Unfit("cannot be said")
        return row

    found = classroom.exported(
        skewed(classroom, tmp_path / "a.db"), balanced=True, says=dropping,
        near=Prefix(), counting=Compared(Prefix()),
    )  # fmt: skip
    counts = Counter(row["skill"] for row in found.rows)

    assert len(set(counts.values())) == 1
    assert found.left()["near_duplicate"] > 0


def test_balance_is_of_every_split_for_itself(classroom, many):
    with Reader.open(many) as reader:
        run = reader.latest_run().id
    for form in ("sft", "kto"):
        found = classroom.exported(many, form, [run], balanced=True)
        counts = Counter(row["skill"] for row in found.rows)
        assert len(counts) >= 8
        assert len(set(counts.values())) == 1


def test_weights_are_in_the_unit_interval_in_every_format(classroom, many):
    with Reader.open(many) as reader:
        run = reader.latest_run().id
    for form in FORMATS:
        assert all(0 <= row["weight"] <= 1 for row in classroom.exported(many, form, [run]).rows)
