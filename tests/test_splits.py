"""Families stay together, in the same split for ever."""

import itertools
import shutil
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import ids
from storage.errors import Lacking
from storage.export import FORMATS, Asked, Exporting, Manner
from storage.export.splits import IN_ORDER, TEST, TRAIN, VALIDATION, Splits
from storage.queries import Reader
from storage.records import ExpertSeed

HALVES = Splits(validation=0.25, test=0.25)


class FirstWords:
    """Calls two questions twins if their first three words are equal; remembers all of them."""

    def __init__(self):
        self.known = {}

    def twin(self, key, text, reference):
        return self.known.get((*text.split()[:3], reference))

    def add(self, key, text, reference):
        self.known.setdefault((*text.split()[:3], reference), key)


def seeds(count):
    fields = {"reference": None, "passage": None, "skill": None, "author": None, "licence": None}
    made = [{"example": f"example {n}", **fields} for n in range(count)]
    return [ExpertSeed(id=ids.expert_seed_id(each), **each) for each in made]


def episodes(classroom, count, grown=()):
    """Make episodes: of the expert seeds in turn, or of a library where there are none."""
    for n in range(count):
        seed = grown[n % len(grown)].id if grown else None
        yield classroom.episode(
            n, f"Lesson {n} asks what?", classroom.tried("1. a\nAnswer: 7"),
            classroom.tried("1. b\nAnswer: 7", "rejected", critique="No.", wrong_step=1),
            expert_seed=seed,
        )  # fmt: skip


def places(found):
    return dict(zip((row["id"] for row in found.rows), found.splits, strict=True))


def split_of_families(found):
    """Return the splits of every family."""
    homes = defaultdict(set)
    for row, split in zip(found.rows, found.splits, strict=True):
        homes[row["family"]].add(split)
    return homes


@settings(max_examples=30)
@given(
    families=st.lists(st.text(max_size=8), max_size=20),
    validation=st.floats(0, 0.5),
    test=st.floats(0, 0.5),
)
def test_a_place_hangs_on_the_name_and_the_shares_alone(families, validation, test):
    one, other = Splits(validation, test), Splits(validation, test)
    assert [one.of(each) for each in families] == [other.of(each) for each in families[::-1]][::-1]


@given(st.floats(0, 0.4), st.floats(0, 0.4), st.floats(0, 0.2))
@settings(max_examples=20)
def test_a_larger_test_split_keeps_what_it_had(validation, test, more):
    for n in range(50):
        if Splits(validation, test).of(f"f{n}") == TEST:
            assert Splits(validation, test + more).of(f"f{n}") == TEST


def test_families_fall_to_the_splits_by_their_shares():
    found = Counter(Splits(validation=0.1, test=0.2).of(f"family {n}") for n in range(20_000))

    assert found[TEST] == pytest.approx(4_000, rel=0.1)
    assert found[VALIDATION] == pytest.approx(2_000, rel=0.1)
    assert found[TRAIN] == pytest.approx(14_000, rel=0.1)
    assert {Splits(0, 0).of(f"family {n}") for n in range(100)} == {TRAIN}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", ["expert seeds", "library"])
def test_a_tenth_more_episodes_move_no_row(form, kind, classroom, tmp_path):
    grown = seeds(12) if kind == "expert seeds" else []
    path = classroom.written(tmp_path / "a.db", *episodes(classroom, 120, grown), seeds=grown)
    before = classroom.exported(path, form, splits=HALVES)
    shutil.copy(path, tmp_path / "b.db")
    more = list(episodes(classroom, 132, grown))[120:]
    after = classroom.exported(classroom.written(tmp_path / "b.db", *more), form, splits=HALVES)

    assert len(after.rows) == len(before.rows) * 11 // 10
    assert places(before).items() <= places(after).items()
    assert set(after.splits) == set(IN_ORDER)
    homes = split_of_families(after)
    assert len(homes) == (12 if grown else 132)
    assert all(len(splits) == 1 for splits in homes.values())


@pytest.fixture(scope="module")
def more(many, command, tmp_path_factory, unmeasured):
    """The run of 2,000, with a tenth more episodes."""
    path = tmp_path_factory.mktemp("more") / "lyceum.db"
    shutil.copy(many, path)
    done = command("generate", "--episodes", "2200", "--db", path, "--json")
    assert done.returncode == 0, done.stderr
    return path


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.no_cover
def test_a_tenth_more_embedded_episodes_move_no_row(form, classroom, many, more):
    with Reader.open(many) as reader:
        run = reader.latest_run().id
    before, after = (
        classroom.exported(path, form, [run], splits=Splits(0.1, 0.2)) for path in (many, more)
    )

    assert len(after.rows) > len(before.rows)
    assert places(before).items() <= places(after).items()
    assert set(after.splits) == set(IN_ORDER)
    assert all(len(splits) == 1 for splits in split_of_families(after).values())


def test_rows_of_one_split_stand_together_and_test_is_first(classroom, tmp_path):
    path = classroom.written(tmp_path / "a.db", *episodes(classroom, 40))
    found = classroom.exported(path, "kto", splits=HALVES)

    assert list(dict.fromkeys(found.splits)) == list(IN_ORDER)
    assert found.splits == sorted(found.splits, key=IN_ORDER.index)
    assert found.account.examples == Counter(found.splits)


def kin(classroom):
    """Make lessons of one question's beginning, two of each split, and one that stands alone."""
    found = {split: [] for split in IN_ORDER}
    n = 0
    while any(len(each) < 2 for each in found.values()):
        question = f"Kin asks this {n}"
        split = HALVES.of(ids.question_digest(question))
        if len(found[split]) < 2:
            found[split].append(classroom.episode(n, question, classroom.tried(f"a {n}")))
        n += 1
    alone = next(
        f"No kin {k}" for k in range(n, 10**6)
        if HALVES.of(ids.question_digest(f"No kin {k}")) == TRAIN
    )  # fmt: skip
    return found, classroom.episode(n, alone, classroom.tried("b"))


def test_near_duplicates_across_splits_are_dropped_from_the_later_split_not_moved(
    classroom, tmp_path
):
    found, alone = kin(classroom)
    path = classroom.written(tmp_path / "a.db", *itertools.chain(*found.values()), alone)
    plain = classroom.exported(path, splits=HALVES)
    near = classroom.exported(path, splits=HALVES, across=FirstWords())

    assert Counter(plain.splits) == {TEST: 2, VALIDATION: 2, TRAIN: 3}
    # Both of test stay: neighbours within a split are left alone.
    assert Counter(near.splits) == {TEST: 2, TRAIN: 1}
    assert places(near).items() <= places(plain).items()
    assert near.left() == {"across_splits": 4}
    twins = {each.id for each in found[TEST]}
    assert {each.twin for each in near.removed} <= twins
    assert len(near.removed) == 4


def test_neighbours_are_dropped_within_a_split_too_where_that_is_asked_for(classroom, tmp_path):
    found, alone = kin(classroom)
    path = classroom.written(tmp_path / "a.db", *itertools.chain(*found.values()), alone)
    kept = classroom.exported(path, splits=HALVES, near=FirstWords(), across=FirstWords())

    assert Counter(kept.splits) == {TEST: 1, TRAIN: 1}
    assert kept.left() == {"near_duplicate": 1, "across_splits": 4}


def test_a_question_that_two_families_ask_stays_in_the_split_that_is_held_out(classroom, tmp_path):
    grown = seeds(12)
    held = next(each for each in grown if HALVES.of(each.id) == TEST)
    taught = next(each for each in grown if HALVES.of(each.id) == TRAIN)
    path = classroom.written(
        tmp_path / "a.db",
        classroom.episode(0, "Same?", classroom.tried("a"), expert_seed=taught.id),
        classroom.episode(1, "same?", classroom.tried("b"), expert_seed=held.id),
        seeds=grown,
    )
    found = classroom.exported(path, splits=HALVES)

    assert found.splits == [TEST]
    assert found.left() == {"duplicate": 1}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("only", IN_ORDER)
def test_what_is_of_another_split_than_the_one_asked_for_is_left_out(
    form, only, classroom, tmp_path
):
    path = classroom.written(tmp_path / "a.db", *episodes(classroom, 60))
    whole = classroom.exported(path, form, splits=HALVES)
    part = classroom.exported(path, form, splits=HALVES, only=only)

    assert set(part.splits) == {only}
    assert places(part) == {row: split for row, split in places(whole).items() if split == only}
    assert part.account.examples.total() == len(part.rows)
    assert part.left()["other_split"] == whole.account.used - part.account.used > 0
    if form == "kto":
        order = [row["id"] for row in whole.rows if places(whole)[row["id"]] == only]
        assert [row["id"] for row in part.rows] == order


def test_a_split_into_which_no_family_falls_is_said_so(classroom, tmp_path):
    question = next(
        f"q{n}" for n in range(99) if Splits().of(ids.question_digest(f"q{n}")) == TRAIN
    )
    path = classroom.written(
        tmp_path / "a.db", classroom.episode(0, question, classroom.tried("a"))
    )
    with Reader.open(path) as reader:
        asked = Asked(FORMATS["sft"], Manner(), splits=Splits(), only=TEST)
        with pytest.raises(Lacking, match="no family falls to test"):
            list(Exporting(reader, ["r1"], asked).examples())
