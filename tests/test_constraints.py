"""The verifier `constraints`: what it measures, what it refuses, and what it survives."""

import random
import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import VerifierError
from agents.verifiers.constraints import ConstraintsVerifier
from agents.verifiers.constraints.text import MAX_CHARS, Text
from agents.verifiers.constraints.verifier import MAX_DEMANDS, _Given
from agents.verifiers.scripts import RANGES, belongs

CONSTRAINTS = ConstraintsVerifier()
LETTER = """<<A Letter Home>>

Dear all, it's well-made tea at 3.50 a cup. We like it! Do YOU [name]?

# Why

- It is warm.
- It is near.

1. Go in.
2. Sit down.

P.S. Bring 1,200 friends."""
DEMANDS = [
    {"kind": "characters", "at_least": 100, "at_most": 300},
    {"kind": "words", "exactly": 36},
    {"kind": "sentences", "at_least": 9, "at_most": 14},
    {"kind": "paragraphs", "exactly": 6},
    {"kind": "lines", "exactly": 8},
    {"kind": "capital_words", "exactly": 1},
    {"kind": "bullets", "exactly": 2},
    {"kind": "numbered_items", "exactly": 2},
    {"kind": "headings", "exactly": 1},
    {"kind": "placeholders", "at_most": 1},
    {"kind": "must_contain", "text": "tea"},
    {"kind": "must_contain", "text": "it", "whole_word": True, "any_case": True, "exactly": 4},
    {"kind": "must_contain", "text": "near", "at_most": 2},
    {"kind": "must_not_contain", "text": "coffee", "any_case": True},
    {"kind": "must_not_contain", "text": "eat", "whole_word": True},
    {"kind": "starts_with", "text": "<<a letter", "any_case": True},
    {"kind": "ends_with", "text": "friends."},
    {"kind": "only_characters", "classes": ["ascii"]},
    {"kind": "script", "scripts": ["latin"], "percent_at_least": 100},
    {"kind": "title"},
    {"kind": "postscript"},
]
MARKS = ["signs", "punctuation"]
CASES = [
    *((LETTER, demand) for demand in DEMANDS),
    ("all small, 2 words", {"kind": "case", "is_all": "lower"}),
    ("ALL BIG", {"kind": "case", "is_all": "upper"}),
    ("The Old Man And 2 Seas", {"kind": "case", "is_all": "title"}),
    ('{"a": [1, {"b": null}]}', {"kind": "json_object"}),
    ("日本語の文です。はい。", {"kind": "script", "scripts": ["han", "hiragana"]}),
    ("日本語の文です。はい。", {"kind": "sentences", "exactly": 2}),
    ("हिन्दी में लिखो। हाँ।", {"kind": "words", "exactly": 4}),
    ("Привет, мир", {"kind": "script", "scripts": ["cyrillic"]}),
    ("abc 12", {"kind": "only_characters", "classes": ["ascii_letters", "digits", "spaces"]}),
    ("é+b, c!", {"kind": "only_characters", "classes": ["letters", "spaces", *MARKS]}),
    ("x" * 999, {"kind": "characters", "at_most": 1000}),
    ("one word " * 500, {"kind": "words", "at_least": 999}),
]


async def finding(answer: str, *demands: dict, reference: str | None = None) -> str:
    """Return the finding of an answer that meets the demands exactly if it is right."""
    data = {"constraints": list(demands)}
    check = await CONSTRAINTS.check(answer=answer, reference=reference or answer, data=data)
    return check.finding


async def evidence(answer: str, demand: dict, reference: str) -> str:
    check = await CONSTRAINTS.check(
        answer=answer, reference=reference, data={"constraints": [demand]}
    )
    assert check.finding == "failed"
    assert check.evidence.isprintable()
    assert len(check.evidence) < 400
    return check.evidence


@pytest.mark.parametrize(("reference", "demand"), CASES)
async def test_every_reference_is_accepted_and_its_change_refused(reference, demand):
    assert await finding(reference, demand) == "passed"

    changed = CONSTRAINTS.changed(reference, {"constraints": [demand]})
    assert changed
    assert await finding(changed, demand, reference=reference) == "failed"


async def test_all_demands_hold_at_once():
    assert await finding(LETTER, *DEMANDS) == "passed"
    assert await finding(LETTER + " Bye", *DEMANDS, reference=LETTER) == "failed"


def shortened(text: str, draw: random.Random) -> str:
    """Return a text without one of its words."""
    words = text.split(" ")
    place = draw.randrange(len(words))
    return " ".join(words[:place] + words[place + 1 :])


async def test_of_two_thousand_mutants_none_is_accepted():
    draw = random.Random(3)
    refused = 0
    vocabulary = ["sun", "moon", "star", "tree", "house", "river", "stone", "bird", "fish", "road"]
    for _ in range(500):
        words = [draw.choice(vocabulary) for _ in range(draw.randint(3, 40))]
        text = " ".join(words)
        kept = draw.choice(words)
        demands = [
            {"kind": "words", "exactly": len(words)},
            {"kind": "must_contain", "text": kept, "whole_word": True, "exactly": words.count(kept)}
            | {"any_case": True},
            {"kind": "case", "is_all": "lower"},
            {"kind": "only_characters", "classes": ["ascii_letters", "spaces"]},
        ]
        place = draw.randrange(len(text))
        mutants = [
            shortened(text, draw),
            text.replace(kept, f"{kept}s"),
            text.replace(kept, draw.choice([each for each in vocabulary if each != kept])),
            f"{text} {kept}",
            text[:place] + "\u200b" + text[place:],
            text.title(),
            CONSTRAINTS.changed(text, {"constraints": demands}),
        ]
        assert await finding(text, *demands) == "passed"
        for mutant in mutants:
            assert await finding(mutant, *demands, reference=text) == "failed", mutant
            refused += 1
    assert refused >= 2_000


@given(st.text("aB .\n\u00e9\u4e2d1-!<", max_size=40), st.data())
async def test_whatever_the_demands_a_text_that_meets_them_has_a_near_miss(text, data):
    kinds = ["characters", "words", "sentences", "paragraphs", "lines", "bullets"]
    amount = st.builds(
        lambda kind, most: {"kind": kind, "at_most": most},
        st.sampled_from(kinds),
        st.integers(0, 40),
    )
    demands = data.draw(st.lists(amount | st.sampled_from([d for _, d in CASES]), min_size=1))
    try:
        assert await finding(text, *demands) == "passed"
    except VerifierError:
        return
    changed = CONSTRAINTS.changed(text, {"constraints": demands})
    assert await finding(changed, *demands, reference=text) == "failed"


@given(
    st.lists(
        st.sampled_from(["a", "it's", "well-made", "3.50", "1,200", "B2B", "über"]), min_size=1
    ),
    st.sampled_from([" ", "\n", ", ", " - ", "\u2014", " \u200b"]),
)
def test_words_are_runs_of_letters_and_digits_with_joints_within(words, between):
    assert Text(between.join(words)).words == words


@given(st.lists(st.sampled_from(["Go", "Is it 3.5", '"Yes', "a.b"]), min_size=1, max_size=9))
def test_sentences_end_with_a_stop_before_white_space(sentences):
    for end in (". ", "!? ", '." ', "... ", ".\n", "\n \n"):
        assert len(Text(end.join(sentences)).sentences) == len(sentences)


@given(st.lists(st.sampled_from(["one", "two\nlines", "- x"]), min_size=1, max_size=9))
def test_paragraphs_are_parted_by_blank_lines_and_lines_are_not_blank(paragraphs):
    text = Text("\r\n \t\n\n".join(paragraphs))
    assert len(text.paragraphs) == len(paragraphs)
    assert len(text.lines) == sum(1 + each.count("\n") for each in paragraphs)


@given(st.text(max_size=60), st.sampled_from([demand for _, demand in CASES]))
async def test_no_answer_makes_it_raise(answer, demand):
    reference = next(text for text, each in CASES if each == demand)
    assert await finding(answer, demand, reference=reference) in ("passed", "failed")


@pytest.mark.parametrize("answer", ["", " \n", "\u200b", "\x00", "\u200e\u200f", "\ufeff"])
@pytest.mark.parametrize(
    "demand", [{"kind": "words", "at_most": 5}, {"kind": "lines", "exactly": 0}]
)
async def test_an_answer_in_which_nothing_is_seen_is_refused(answer, demand):
    if demand == {"kind": "lines", "exactly": 0}:
        with pytest.raises(VerifierError, match="1 lines, not exactly 0"):
            await finding("x", demand)
    else:
        assert await finding(answer, demand, reference="x") == "failed"


@pytest.mark.parametrize(
    "hidden", ["ba\u200bd", "b\u00adad", "b\x00ad", "\uff42\uff41\uff44", "b\u202ead"]
)
async def test_a_forbidden_text_cannot_be_hidden_and_a_hidden_one_does_not_count(hidden):
    assert (
        await finding(hidden, {"kind": "must_not_contain", "text": "bad"}, reference="x")
        == "failed"
    )
    assert (
        await finding(hidden, {"kind": "must_contain", "text": "bad"}, reference="bad") == "failed"
    )
    twice = {"kind": "must_contain", "text": "bad", "exactly": 1}
    assert await finding(f"bad {hidden}", twice, reference="bad") == "failed"


async def test_a_homoglyph_is_another_letter():
    fake = "b\N{CYRILLIC SMALL LETTER A}d"
    assert await finding(fake, {"kind": "must_contain", "text": "bad"}, reference="bad") == "failed"
    latin = {"kind": "script", "scripts": ["latin"], "percent_at_least": 100}
    assert await finding(fake, latin, reference="bad") == "failed"


async def test_the_encoding_of_accents_does_not_count():
    assert await finding("cafe\u0301", {"kind": "ends_with", "text": "caf\u00e9"}) == "passed"
    assert await finding("caf\u00e9", {"kind": "characters", "exactly": 4}) == "passed"


@pytest.mark.parametrize(
    ("answer", "demand", "reference", "said"),
    [
        ("a b", {"kind": "words", "at_least": 3}, "a b c", "(words): 2 words, not at least 3"),
        (
            "1. a\n3. b",
            {"kind": "numbered_items", "exactly": 2},
            "1. a\n2. b",
            "2 has the number 3",
        ),
        ("Ab", {"kind": "case", "is_all": "lower"}, "ab", "'A' is not lower case"),
        ("12", {"kind": "case", "is_all": "lower"}, "ab", "no letter has a case"),
        ("a1", {"kind": "only_characters", "classes": ["letters"]}, "a", "'1' is none of letters"),
        (
            "a\u0416",
            {"kind": "script", "scripts": ["latin"]},
            "a",
            "1 of 2 letters are latin, not 90",
        ),
        ("1", {"kind": "script", "scripts": ["latin"]}, "a", "there is no letter"),
        ("[1]", {"kind": "json_object"}, "{}", "it is JSON, but no object"),
        ('{"a": 1, "a": 2}', {"kind": "json_object"}, "{}", "two members of one name"),
        ("<<a>>\n<<b>>", {"kind": "title"}, "<<a>>", "2 lines are <<title>>, not 1"),
        ("<< >>", {"kind": "title"}, "<<a>>", "0 lines"),
        ("P.S.", {"kind": "postscript"}, "a\nP.S. b", "the last line is 'P.S.'"),
        ("yes", {"kind": "must_contain", "text": "no"}, "no", "'no' stands there 0 times"),
        ("xa", {"kind": "starts_with", "text": "a"}, "a", "it begins with 'x'"),
        ("ax", {"kind": "ends_with", "text": "a"}, "a", "it ends with 'x'"),
    ],
)
async def test_evidence_names_the_demand_and_what_was_measured(answer, demand, reference, said):
    found = await evidence(answer, demand, reference)
    assert found.startswith(f"constraint 1 ({demand['kind']}): ")
    assert said in found


@pytest.mark.parametrize(
    "demands",
    [
        [],
        [{}],
        [{"kind": "regex", "text": ".*"}],
        [{"kind": "words"}],
        [{"kind": "words", "exactly": True}],
        [{"kind": "words", "exactly": "3"}],
        [{"kind": "words", "exactly": -1}],
        [{"kind": "words", "at_least": 3, "exactly": 3}],
        [{"kind": "words", "at_least": 3, "at_most": 2}],
        [{"kind": "words", "at_most": 9, "more": 1}],
        [{"kind": "must_contain", "text": ""}],
        [{"kind": "must_contain", "text": "\u200b"}],
        [{"kind": "must_contain", "text": "x" * 201}],
        [{"kind": "must_contain", "text": "no"}],
        [{"kind": "script", "scripts": ["english"]}],
        [{"kind": "only_characters", "classes": []}],
        [{"kind": "words", "exactly": 1}] * (MAX_DEMANDS + 1),
        "words",
        None,
    ],
)
async def test_data_that_does_not_fit_is_the_lessons_fault(demands):
    with pytest.raises(VerifierError, match=r"^constraints: "):
        await CONSTRAINTS.check(answer="x", reference="x", data={"constraints": demands})
    with pytest.raises(VerifierError, match=r"^constraints: "):
        CONSTRAINTS.changed("x", {"constraints": demands})


HOSTILE = {
    "stops": ".!?" * 33_000,
    "stops and a letter": "." * 99_999 + "x",
    "quotes after stops": '."' * 49_000 + "x",
    "brackets": "[" * 100_000,
    "angles": "<<" * 50_000,
    "json bomb": "[" * 50_000 + "]" * 50_000,
    "object bomb": '{"a":' * 20_000,
    "great numbers": '{"a": 1e999999, "b": ' + "9" * 50_000 + "}",
    "hyphens": "a-" * 50_000,
    "apostrophes": "'" * 100_000,
    "blank lines": "\n \n" * 33_000,
    "spaces": "\n" + " " * 99_998 + "x",
    "hashes": "#" * 100_000,
    "marks": "a" + "\u0316\u0301" * 49_000,
    "double marks": "a" + "\u0f73" * 99_000,
    "one letter": "a" * 100_000,
    "nothing seen": "\u200b\u202e\x00" * 33_000,
    "half a pair": "\ud800" * 1_000,
    "every kind of space": "\u2028\u0085\u00a0" * 30_000,
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_answer_takes_little_time_and_does_not_raise(answer):
    wanted = {"kind": "must_contain", "text": "a" * 199 + "b", "whole_word": True, "at_most": 3}
    for reference, demand in [*CASES, (LETTER, wanted)]:
        start = time.process_time()
        await finding(answer, demand, reference=reference)
        assert time.process_time() - start < 2


async def test_an_answer_beyond_the_limit_is_refused():
    demand = {"kind": "words", "at_least": 1}
    assert await finding("x " * (MAX_CHARS // 2), demand) == "passed"
    assert "longer than 100000" in await evidence("x" * (MAX_CHARS + 1), demand, "x")
    assert "30 combining marks" in await evidence("x" + "\u0301" * 31, demand, "x")


async def test_the_same_arguments_give_the_same_check():
    data = {"constraints": DEMANDS}
    checks = [
        await CONSTRAINTS.check(answer=LETTER[:-1], reference=LETTER, data=data) for _ in range(2)
    ]
    assert checks[0] == checks[1]
    assert checks[0].limits["constraints_max"] == MAX_DEMANDS


def test_scripts_do_not_overlap():
    letters = "aZéßДقא中あアกकনஅ한ΩԱა"
    assert all(sum(belongs(letter, script) for script in RANGES) == 1 for letter in letters)
    ends = sorted(each for ranges in RANGES.values() for each in ranges)
    assert all(one[1] < other[0] for one, other in pairwise(ends))


def test_the_manual_lists_every_kind_of_constraint():
    page = Path(__file__).resolve().parents[1] / "docs" / "critic.md"
    section = page.read_text(encoding="utf-8").partition("| kind |")[2].partition("\n\n")[0]
    listed = re.findall(r"`(\w+)`", "".join(re.findall(r"(?m)^\|([^|]+)\|", section)))
    schema = _Given.model_json_schema()["properties"]["constraints"]["items"]["discriminator"]
    assert sorted(listed) == sorted(schema["mapping"])
