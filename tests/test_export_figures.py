import random

import pytest

from storage.export.diversity import diversity, percentile
from storage.export.draw import Draw
from storage.export.figures import CLIP, MOST_PLACES, OTHERS, TEXTS, Figures, kto_weights
from tests.exported import assistant, example, figures, rows, user


def test_rows_are_counted_by_format_and_split() -> None:
    taken = figures()

    assert taken.forms == [
        "sft", "prompt-completion", "preference", "kto", "stepwise", "rl", "critique",
    ]  # fmt: skip
    assert taken.splits == ["train", "test"]
    assert (taken.rows(), taken.rows("sft"), taken.rows("sft", "test")) == (42, 6, 1)
    assert taken.by("skill") == {"sums": 24, "plain": 18}
    assert taken.by("skill", "kto") == {"plain": 6}
    assert taken.by("label", "kto", "train") == {False: 3, True: 2}
    assert taken.by("level", "rl") == {1: 3, 2: 3}
    assert taken.licences == {"plain": 18}


def test_a_seed_without_a_licence_is_told_from_a_row_without_a_seed() -> None:
    taken = Figures()
    for n, (seed, licence) in enumerate([(None, None), ("s1", None), ("s2", "mit")]):
        row = example(n, expert_seed=seed, licence=licence, messages=user("q") + assistant("a"))
        taken.add("sft", "train", row)

    assert taken.licences == {None: 1, "mit": 1}


def test_lengths_are_of_what_is_asked_and_of_what_is_answered() -> None:
    taken = Figures()
    messages = user("12345") + assistant("123") + user("12") + assistant("1234")
    taken.add("sft", "train", example(0, messages=messages))
    parts = [{"type": "image", "text": None}, {"type": "text", "text": "123"}]
    asked = [{"role": "user", "content": parts}]
    taken.add("kto", "train", example(1, prompt=asked, completion=assistant("12"), label=True))
    pair = {"chosen": assistant("1"), "rejected": assistant("1234"), "chosen_id": "a2"}
    taken.add("preference", "train", example(2, prompt=user("1"), **pair))
    steps = {"prompt": "123", "completions": ["12", "3"], "labels": [True, False]}
    taken.add("stepwise", "train", example(3, **steps))

    assert taken.lengths("sft") == [(10, 4, 0)]
    assert taken.lengths("kto") == [(4, 2, 0)]
    assert taken.lengths("preference") == [(1, 1, -3)]
    assert taken.lengths("stepwise") == [(3, 3, 0)]
    assert taken.lengths("critique") == []


def test_a_message_that_only_calls_a_tool_has_no_characters() -> None:
    taken = Figures()
    called = [{"role": "assistant", "content": None, "tool_calls": [{}]}]
    taken.add("kto", "train", example(0, prompt=user("q"), completion=called, label=True))

    assert taken.lengths("kto") == [(1, 0, 0)]


def test_figures_do_not_hang_on_the_order_of_rows() -> None:
    mixed = list(rows())
    random.Random(3).shuffle(mixed)
    other = Figures()
    for row in mixed:
        other.add(*row)
    one = figures()

    assert one.diversity("answers") == other.diversity("answers")
    assert one.diversity("critiques") == other.diversity("critiques")
    assert one.by("made_by") == other.by("made_by")
    for form in one.forms:
        assert sorted(one.lengths(form)) == sorted(other.lengths(form))


def test_an_attempt_that_is_in_several_formats_counts_once_for_diversity() -> None:
    alone, together = Figures(), Figures()
    for n in range(9):
        row = example(n, prompt=user(f"q {n}"), completion=assistant(f"a {n}"), label=True)
        alone.add("kto", "train", row)
        for form in ("kto", "prompt-completion"):
            together.add(form, "train", row)
        pair = {"chosen": assistant(f"a {n}"), "rejected": assistant("b"), "chosen_id": row["id"]}
        together.add("preference", "train", row | pair | {"id": f"{row['id']}-b"})

    assert together.diversity("answers") == alone.diversity("answers")
    assert together.diversity("tasks") == alone.diversity("tasks")


def test_memory_stays_flat_whatever_comes() -> None:
    taken = Figures()
    for n in range(MOST_PLACES + 500):
        said = assistant("long " * 1_000)
        row = example(n, skill=f"skill {n}", prompt=user("q"), completion=said, label=True)
        taken.add("kto", "train", row)
    drawn = taken.diversity("answers")

    assert taken.by("skill")[OTHERS] == 500
    assert taken.rows() == MOST_PLACES + 500
    assert drawn is not None
    assert drawn.texts == TEXTS
    assert all(len(each.answer) == CLIP for each in taken._texts["answers"].drawn())


def test_solve_rates_are_those_of_tasks_that_were_tried() -> None:
    taken = Figures()
    for n, rate in enumerate([0.0, 0.5, 1.0, 1.0, None]):
        taken.add("rl", "train", example(n, level=2, prompt=user("q"), solve_rate=rate))

    assert taken.solved.tasks == 4
    assert taken.solved.mean == 0.625
    assert (taken.solved.never, taken.solved.always) == (1, 2)
    assert Figures().solved.mean is None


def test_texts_that_repeat_each_other_compress_better_and_have_fewer_words() -> None:
    draw = random.Random(1)
    same = diversity(["The same words as ever."] * 50)
    other = diversity(["".join(draw.choices("abcdefg ", k=23)) for _ in range(50)])

    assert same is not None
    assert other is not None
    assert same.compression > 2 * other.compression
    assert same.distinct_1 < other.distinct_1
    assert same.distinct_2 < other.distinct_2
    assert diversity([" ", ""]) is None


def test_a_script_without_spaces_has_words() -> None:
    found = diversity(["一共有多少个苹果", "สวัสดี", "😀 \ud800"])

    assert found is not None
    assert found.distinct_2 == 1.0


def test_a_percentile_is_one_of_the_lengths() -> None:
    assert [percentile([3, 1, 2, 4], share) for share in (0.0, 0.25, 0.5, 0.51, 1.0)] == [
        1, 1, 2, 3, 4,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no lengths"):
        percentile([], 0.5)


def test_a_draw_holds_the_lowest_checksums_and_each_key_once() -> None:
    offered = [(checksum, f"{checksum}", checksum) for checksum in range(100)] * 2
    random.Random(2).shuffle(offered)
    draw: Draw[int] = Draw(7)
    for each in offered:
        if each[0] <= draw.limit:
            draw.offer(*each)

    assert draw.drawn() == list(range(7))


def test_of_equal_checksums_the_same_keys_stay_in_whatever_order_they_come() -> None:
    found = set()
    for order in (range(20), reversed(range(20))):
        draw: Draw[int] = Draw(5)
        for n in order:
            draw.offer(1, f"{n:02}", n)
        found.add(tuple(draw.drawn()))

    assert len(found) == 1


@pytest.mark.parametrize(
    ("right", "wrong"), [(1, 1), (4, 3), (1, 2), (3, 1), (1, 1000), (999, 1), (333, 366), (7, 5)]
)
def test_kto_weights_bring_the_labels_to_what_trl_asks_for(right: int, wrong: int) -> None:
    desirable, undesirable = kto_weights(right, wrong)

    assert 1 <= desirable * right / (undesirable * wrong) <= 4 / 3
    assert min(desirable, undesirable) == 1.0


def test_no_weight_mends_labels_of_one_kind() -> None:
    with pytest.raises(ValueError, match="both labels"):
        kto_weights(3, 0)
