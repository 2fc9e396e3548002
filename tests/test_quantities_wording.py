"""The stories are grammatical, and their word lists hold what the sentences need."""

import re
from fractions import Fraction
from functools import cache
from random import Random

import pytest

from agents.embedded.quantities import Quantities
from agents.embedded.quantities.people import (
    FAMILY_NAMES,
    FIRST_NAMES,
    OPENINGS,
    SEASONS,
    TOWNS,
    WEATHERS,
)
from agents.embedded.quantities.scene import COUNTED, WEIGHED, scene, scenes
from agents.embedded.quantities.settings import Setting
from agents.embedded.quantities.wording import MONEY, Noun, a, listed, sentence

DOMAIN = Quantities()
SETTINGS = list({place: setting for setting, place in (*COUNTED, *WEIGHED)}.items())
FLOUR = Noun("flour", "flour", "g", "grams")
ROLLS = Noun("roll", "rolls")


@cache
def questions() -> list[str]:
    """Return questions of every skill and level, drawn at random."""
    rng = Random(8)
    return [
        DOMAIN.draft(skill.name, level, rng.randrange(DOMAIN.capacity(skill.name, level)))
        .task.question
        for skill in DOMAIN.skills
        for level in (1, 2, 3)
        for _ in range(250)
    ]  # fmt: skip


def test_there_are_dozens_of_settings() -> None:
    assert len({id(setting) for setting, _ in COUNTED}) >= 40
    assert len({id(setting) for setting, _ in WEIGHED}) >= 15


@pytest.mark.parametrize("words", [
    [place for place, _ in SETTINGS], FIRST_NAMES, FAMILY_NAMES, TOWNS, WEATHERS, SEASONS, OPENINGS,
])  # fmt: skip
def test_a_list_that_tells_indices_apart_holds_nothing_twice(words: tuple[str, ...]) -> None:
    assert len(set(words)) == len(words)
    assert not any(one in other for one in words if one.strip() for other in words if one != other)


def test_no_place_stands_in_both_kinds_of_settings() -> None:
    assert len(SETTINGS) == len(COUNTED) + len(WEIGHED)


@pytest.mark.parametrize("setting", [setting for _, setting in SETTINGS], ids=lambda s: s.places[0])
def test_a_setting_has_all_the_forms_of_its_words(setting: Setting) -> None:
    assert all(verb.count("/") == 2 for verb in (*setting.gets, *setting.drops))
    nouns = (*setting.packs, *setting.takers, *setting.sights)
    assert all(noun.count("/") == 1 for noun in nouns)
    assert all(thing.count("/") == (setting.dimension == "count") for thing in setting.things)
    assert len(setting.crews) >= 2
    assert len(setting.sights) >= 2
    assert not any(crew.endswith("s") or not crew.startswith("the ") for crew in setting.crews)
    assert len(setting.takers) != 1
    assert not {noun.split("/")[1] for noun in setting.sights} & set(nouns_of(setting))


def nouns_of(setting: Setting) -> list[str]:
    return [noun.split("/")[-1] for noun in (*setting.things, *setting.packs)]


def test_no_name_needs_a_special_possessive() -> None:
    assert not any(name.endswith("s") for name in FIRST_NAMES)


def test_scenes_are_told_by_their_index_alone() -> None:
    for measured in (False, True):
        indices = [*range(3000), *range(scenes(measured) - 3000, scenes(measured))]
        assert len({scene(i, measured).opening for i in indices}) == 6000


@pytest.mark.no_cover
def test_questions_are_whole_sentences_with_one_question_at_the_end() -> None:
    for question in questions():
        assert question.endswith("?")
        assert question.count("?") == 1
        assert re.fullmatch(r"[A-Z0-9$][^{}<>\n]*", question)
        assert not re.search(r"[.?] [a-z]|  | [,.]|,,|\.\.", question), question


@pytest.mark.no_cover
def test_no_word_is_doubled() -> None:
    for question in questions():
        assert not re.search(r"\b([a-z]+) \1\b", question), question


@pytest.mark.no_cover
def test_one_of_a_thing_is_never_told_in_the_plural() -> None:
    for question in questions():
        assert not re.search(r"(?<![\d./:$] )(?<![\d./$])\b1 [a-z]+s\b", question), question


@pytest.mark.no_cover
def test_articles_fit_the_sound_that_follows() -> None:
    assert [a("office"), a("school"), a("university"), a("umbrella"), a("hotel")] == [
        "an office",
        "a school",
        "a university",
        "an umbrella",
        "a hotel",
    ]
    for question in questions():
        assert not re.search(r"\b(a [aeio]|an [bcdfgjklmnpqrstvwxyz])", question), question


def test_stuff_is_measured_and_things_are_counted() -> None:
    seven, one = Fraction(7), Fraction(1)
    assert (ROLLS.amount(seven), ROLLS.amount(one)) == ("7 rolls", "1 roll")
    assert (ROLLS.difference(seven), ROLLS.difference(-one)) == ("7 more rolls", "1 fewer roll")
    assert FLOUR.amount(seven) == "7 g of flour"
    assert (FLOUR.difference(seven), FLOUR.difference(-seven)) == (
        "7 g more flour",
        "7 g less flour",
    )
    assert (ROLLS.as_many, FLOUR.as_many) == ("as many rolls", "as much flour")
    assert (ROLLS.how_many, FLOUR.how_many, MONEY.how_many) == (
        "how many rolls",
        "how many grams of flour",
        "how many dollars",
    )


def test_lists_and_sentences_are_written_as_in_prose() -> None:
    assert listed(["Rosa", "Leo", "the cook"]) == "Rosa, Leo and the cook"
    assert sentence("the cook baked 7 rolls") == "The cook baked 7 rolls."
