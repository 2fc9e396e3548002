"""The options of `export` mean what they say, and what nobody can mean is refused."""

import dataclasses
import inspect
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import Unknown
from storage.export.options import Options
from storage.export.selection import Selection
from storage.export.splits import Splits
from storage.options import taking


def test_the_filters_are_those_that_were_given():
    options = Options(status=["accepted"], skill=["a", "b"], level=[2], min_reward=0.5)

    assert options.selection() == Selection(
        status=("accepted",), skill=("a", "b"), level=(2,), min_reward=0.5
    )
    assert Options().selection() == Selection()
    filters = {each.name for each in dataclasses.fields(Selection)}
    assert filters <= {each.name for each in dataclasses.fields(Options)}


@pytest.mark.parametrize(
    ("given", "usual", "shares"),
    [
        ({}, False, None),
        ({}, True, Splits(0.05, 0.05)),
        ({"split": "test"}, False, Splits(0.05, 0.05)),
        ({"splits": "80,15,5"}, False, Splits(0.15, 0.05)),
        ({"splits": "80, 20, 0", "split": "validation"}, True, Splits(0.2, 0.0)),
        ({"splits": "99.5,0.25,0.25"}, False, Splits(0.0025, 0.0025)),
        ({"splits": "100,0,0"}, True, Splits(0.0, 0.0)),
    ],
)
def test_shares_are_percent_of_train_validation_and_test(given, usual, shares):
    assert Options(**given).shares(usual=usual) == shares


@pytest.mark.parametrize(
    "text",
    ["80", "80,20", "80,10,5", "50,50,50", "-10,100,10", "a,b,c", "", "80,10,10,0", "nan,0,0"],
)
def test_shares_that_make_no_whole_are_refused(text):
    with pytest.raises(Unknown, match="90,5,5"):
        Options(splits=text).shares(usual=False)


def test_a_split_and_a_dialect_that_there_are_not_are_refused():
    with pytest.raises(Unknown, match="train, validation or test"):
        Options(split="dev").shares(usual=False)
    with pytest.raises(Unknown, match="did you mean 'axolotl'"):
        Options(dialect="axolot").consumer()


@given(train=st.integers(0, 100), validation=st.integers(0, 100), test=st.integers(0, 100))
def test_three_numbers_are_shares_if_they_make_a_hundred(train, validation, test):
    options = Options(splits=f"{train},{validation},{test}")
    if train + validation + test == 100:
        assert options.shares(usual=False) == Splits(validation / 100, test / 100)
    else:
        with pytest.raises(Unknown):
            options.shares(usual=False)


def test_only_what_is_not_as_usual_is_told_and_of_files_the_name_alone():
    assert Options().told() == {}
    options = Options(balance=True, benchmark=[Path("/secret/place/gsm8k.jsonl")], min_reward=0.5)

    assert options.told() == {"balance": True, "benchmark": ["gsm8k.jsonl"], "min_reward": 0.5}


def test_a_command_takes_the_options_as_one_value():
    said = []

    @taking(Options)
    def command(form: str, *, options: Options) -> None:
        """Say it."""
        said.append((form, options))

    names = list(inspect.signature(command).parameters)
    assert names == ["form", *(each.name for each in dataclasses.fields(Options))]
    assert command.__doc__ == "Say it."
    given = {each.name: each.default for each in dataclasses.fields(Options)}
    command(form="kto", **{**given, "balance": True})
    assert said == [("kto", Options(balance=True))]
