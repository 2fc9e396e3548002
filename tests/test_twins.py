"""Near-duplicates among many texts."""

import importlib.util
import random
from pathlib import Path

import pytest

from storage.export.twins import Twins
from storage.likeness import Likeness, jaccard

if importlib.util.find_spec("rensa") is None:
    pytest.skip("the extra `export` is not installed", allow_module_level=True)

WORDS = [f"{first}{second}" for first in "bdfgklmnprst" for second in ("ale", "ino", "urt", "esk")]


def drawn(chance: random.Random, length: int = 45) -> list[str]:
    return [
        str(chance.randint(2, 99)) if n % 11 == 5 else chance.choice(WORDS) for n in range(length)
    ]


def changed(chance: random.Random, words: list[str], times: int) -> list[str]:
    out = list(words)
    for _ in range(times):
        out[chance.choice([n for n, word in enumerate(out) if word.isalpha()])] = chance.choice(
            WORDS
        )
    return out


def test_it_looks_and_does_not_add(tmp_path: Path):
    with Twins(folder=tmp_path) as twins:
        text = " ".join(drawn(random.Random(1)))
        assert twins.twin("a", text) is None
        assert twins.twin("b", text) is None
        twins.add("a", text)
        assert twins.twin("b", text.upper()) == "a"
        assert twins.twin("a", text) is None


def test_planted_copies_are_found_and_nothing_else(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("storage.export.twins._WAITING", 300)
    chance = random.Random(3)
    likeness = Likeness(0.8)
    originals = [drawn(chance) for _ in range(2_000)]
    copies = [
        (n, changed(chance, originals[n], chance.choice((1, 1, 2)))) for n in range(0, 2_000, 4)
    ]
    with Twins(0.8, tmp_path) as twins:
        for n, words in enumerate(originals):
            text = " ".join(words)
            assert twins.twin(str(n), text) is None
            twins.add(str(n), text)
        found = [(n, copy, twins.twin("copy", " ".join(copy))) for n, copy in copies]

    near, far = [], []
    for n, copy, twin in found:
        one, other = (likeness.sketch(" ".join(words)) for words in (originals[n], copy))
        share = jaccard(one.shingles, other.shingles)
        if share >= 0.85:
            near.append(twin == str(n))
        if share < 0.8 and twin is not None:
            far.append(twin)
    assert len(near) > 200
    assert sum(near) >= 0.95 * len(near)
    assert far == []


def test_it_says_the_same_however_much_waits_in_memory(tmp_path: Path, monkeypatch):
    told = []
    for waiting in (1, 7, 10_000):
        monkeypatch.setattr("storage.export.twins._WAITING", waiting)
        chance = random.Random(5)
        texts = [drawn(chance, 12) for _ in range(60)]
        texts += [changed(chance, chance.choice(texts), 1) for _ in range(120)]
        with Twins(0.6, tmp_path) as twins:
            found = []
            for n, words in enumerate(texts):
                found.append(twins.twin(str(n), " ".join(words)))
                twins.add(str(n), " ".join(words))
        told.append(found)

    assert told[0] == told[1] == told[2]
    assert any(told[0])


def test_thousands_of_texts_that_are_alike_and_not_the_same_take_bounded_looks(tmp_path: Path):
    looked = 0
    chance = random.Random(8)
    frame = drawn(chance, 16)
    with Twins(0.9, tmp_path) as twins:
        read = twins._read
        twins._read = lambda found: (count(), read(found))[1]  # type: ignore[method-assign]

        def count() -> None:
            nonlocal looked
            looked += 1

        for n in range(1_500):
            text = " ".join([*frame, f"w{n}a", f"w{n}b", *frame[3:5]])
            assert twins.twin(str(n), text) is None
            twins.add(str(n), text)

    assert looked <= 1_500 * 64


def test_nothing_is_left_behind(tmp_path: Path):
    def stopped() -> None:
        with Twins(folder=tmp_path) as twins:
            twins.add("a", "one two three four")
            assert list(tmp_path.iterdir())
            raise KeyError

    with pytest.raises(KeyError):
        stopped()

    assert list(tmp_path.iterdir()) == []


def test_a_text_without_words_has_no_twin(tmp_path: Path):
    with Twins(folder=tmp_path) as twins:
        twins.add("a", "?!")
        assert twins.twin("b", "?!") is None


def test_two_questions_about_one_passage_are_no_twins_if_their_references_differ(tmp_path: Path):
    passage = " ".join(drawn(random.Random(2), 120))
    with Twins(folder=tmp_path) as twins:
        twins.add("a", f"{passage} Who came first?", "Ada")
        assert twins.twin("b", f"{passage} Who came last?", "Grace") is None
        assert twins.twin("c", f"{passage} Who came first?!", "ada.") == "a"
