import json
import re
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import Unfit, Unspoken
from storage.export.columns import SOURCE, Columns, Example, Kind, Shape
from storage.export.containers import open_file
from storage.export.containers.declared import Declared
from storage.export.containers.files import Container
from storage.export.dialects import DIALECTS, sidecars
from storage.export.dialects.sidecars import Piece
from tests import consumers
from tests.consumers import Row, misfits

PNG = b"\x89PNG\r\n\x1a\n\x00\x01"
JPEG = b"\xff\xd8\xff\xe0\x00\x02"
ORIGIN: Row = {
    **dict.fromkeys(SOURCE, "x"),
    "expert_seed": None,
    "licence": None,
    "level": 2,
    "reward": 1.0,
    "weight": 1.0,
}
TASK = "What is 3 + 4?"
RIGHT, WRONG = "3 + 4 = 7\nAnswer: 7", "3 + 4 = 8\nAnswer: 8\n"


def message(role: str, content: object, **more: object) -> Row:
    return {"role": role, "content": content, **more}


ASKED, ANSWERED, ERRED = (
    message("user", TASK),
    message("assistant", RIGHT),
    message("assistant", WRONG),
)
PAIR: Row = {
    "chosen_id": "a",
    "rejected_id": "b",
    "pair": "siblings",
    "loss": "apo_zero",
    "chosen_reward": 1.0,
    "rejected_reward": 0.0,
    "mean_reward": 0.5,
}
ROWS: dict[str, Row] = {
    "sft": {"messages": [ASKED, ANSWERED]},
    "prompt-completion": {"prompt": [ASKED], "completion": [ANSWERED]},
    "preference": {"prompt": [ASKED], "chosen": [ANSWERED], "rejected": [ERRED], **PAIR},
    "kto": {"prompt": [ASKED], "completion": [ERRED], "label": False},
    "stepwise": {"prompt": TASK, "completions": ["3 + 4 = 8", "8"], "labels": [False, False]},
    "rl": {
        "prompt": [ASKED],
        "reference": "7",
        "verifier": "integer",
        "data": "{}",
        "answer_pattern": "x",
        "tried": 2,
        "solved": 1,
        "solve_rate": 0.5,
    },
    "critique": {
        "prompt": [ASKED],
        "completion": [ANSWERED],
        "task": TASK,
        "attempt": WRONG,
        "critique": "It is 7.",
        "verdict": "rejected",
        "first_wrong_step": 1,
    },
}
"""By format, without what they all have."""
KINDS: Columns = {
    **dict.fromkeys(("messages", "prompt", "completion", "chosen", "rejected"), "messages"),
    "completions": "texts",
    "labels": "flags",
    "images": "images",
}


def row(form: str, **changed: object) -> Example:
    return cast("Example", ORIGIN | ROWS[form] | changed)


def columns(example: Example) -> Columns:
    """Return what the columns of a canonical row hold, by what is in them."""
    kinds: dict[type, Kind] = {bool: "flag", int: "integer", float: "number"}
    return {
        name: SOURCE.get(name)
        or kinds.get(type(value))
        or ("text" if isinstance(value, str) else KINDS.get(name, "text"))
        for name, value in example.items()
    }


def thinking(example: Example, thought: str | None = "3 and 4\nare 7") -> Example:
    """Let the assistant think; the others get the key, as all messages of an export have it."""
    return {
        name: [
            each | {"reasoning_content": thought if each["role"] == "assistant" else None}
            for each in cast("list[Row]", value)
        ]
        if KINDS.get(name) == "messages" and isinstance(value, list)
        else value
        for name, value in example.items()
    }


def shape(example: Example) -> Shape:
    """Return which keys the messages of a canonical row have."""
    found = {
        key
        for name, value in example.items()
        if KINDS.get(name) == "messages" and isinstance(value, list)
        for each in cast("list[Row]", value)
        for key in each
    }
    return Shape(
        reasoning="reasoning_content" in found,
        tool_calls="tool_calls" in found,
        images="images" in example,
        train="train" in found,
    )


CALL = {"name": "add", "arguments": {"b": 4, "a": 3, "of": None}}
CALLED = [{"type": "function", "function": CALL}]


def with_tools() -> Example:
    """Two calls at once, and what they returned."""
    found = [
        message("system", "Use the tool.", tool_calls=None),
        message("user", TASK, tool_calls=None),
        message("assistant", "", tool_calls=CALLED * 2),
        message("tool", "7", tool_calls=None),
        message("tool", "8", tool_calls=None),
        message("assistant", RIGHT, tool_calls=None),
    ]
    return row("sft", messages=found)


def part(text: str | None) -> Row:
    return {"type": "image" if text is None else "text", "text": text}


def with_pictures(form: str = "sft") -> Example:
    asked = message("user", [part(None), part("Which is longer, this or "), part(None), part("?")])
    answered = message("assistant", [part(RIGHT)])
    both = {"messages": [asked, answered], "prompt": [asked], "completion": [answered]}
    kept = {name: value for name, value in both.items() if name in ROWS[form]}
    return row(form, **kept, images=[PNG, JPEG])


def by_turns(*, marked: bool = True) -> Example:
    """A wrong attempt, its critique, and the revision."""
    found = [ASKED, ERRED, message("user", "It is 7."), ANSWERED]
    trained = [False, False, False, True]
    marks = [{"train": each} if marked else {} for each in trained]
    return row("sft", messages=[m | mark for m, mark in zip(found, marks, strict=True)])


def said(dialect: str, form: str, example: Example) -> Row:
    """Return an example in a dialect, after what holds of all of them."""
    speaker = DIALECTS[dialect]
    before = json.dumps(example, default=repr)
    found = speaker.row(form, example)

    assert json.dumps(example, default=repr) == before
    declared = speaker.columns(form, columns(example))
    assert list(declared) == list(found)
    promised = Declared(declared, speaker.shape(form, shape(example)))
    promised.require_columns(found)
    promised.require_messages(found)
    assert misfits(found, consumers.SHAPES[dialect][form]) == []
    return cast("Row", found)


EVERY = [(name, form) for name, each in DIALECTS.items() for form in each.projections]


def test_the_dialects_are_those_that_the_command_names() -> None:
    assert list(DIALECTS) == ["trl", "axolotl", "llama-factory", "openai", "sharegpt", "alpaca"]
    assert [each.name for each in DIALECTS.values()] == list(DIALECTS)
    assert {name: set(each.projections) for name, each in DIALECTS.items()} == {
        name: set(each) for name, each in consumers.SHAPES.items()
    }


@pytest.mark.parametrize(("dialect", "form"), EVERY)
def test_every_format_is_said_as_its_consumer_documents_it(dialect: str, form: str) -> None:
    said(dialect, form, row(form))


@pytest.mark.parametrize(("dialect", "form"), EVERY)
def test_what_the_assistant_thought_is_said_or_left_out_but_breaks_no_shape(
    dialect: str, form: str
) -> None:
    said(dialect, form, thinking(row(form)))
    said(dialect, form, thinking(row(form), None))


@pytest.mark.parametrize("dialect", ["llama-factory", "sharegpt", "alpaca"])
def test_thoughts_stand_before_the_answer_where_there_is_no_place_of_their_own(
    dialect: str,
) -> None:
    found = json.dumps(said(dialect, "kto", thinking(row("kto"))))

    assert json.dumps("<think>\n3 and 4\nare 7\n</think>\n\n" + WRONG) in found


@pytest.mark.parametrize("dialect", ["trl", "axolotl", "llama-factory", "sharegpt", "alpaca"])
def test_where_a_row_comes_from_is_kept_where_consumers_ignore_it(dialect: str) -> None:
    found = said(dialect, "preference", row("preference"))

    assert {name: found[name] for name in (*SOURCE, *PAIR)} == ORIGIN | PAIR


def test_openai_gets_none_of_our_columns_but_for_its_graders() -> None:
    assert said("openai", "sft", row("sft")) == {"messages": [ASKED, ANSWERED]}
    assert set(said("openai", "preference", row("preference"))) == {
        "input",
        "preferred_output",
        "non_preferred_output",
    }
    graded = said("openai", "rl", row("rl"))
    assert {name: graded[name] for name in ("reference", "verifier", "id")} == {
        "reference": "7",
        "verifier": "integer",
        "id": "x",
    }


def test_trl_has_the_canonical_row_and_is_the_default() -> None:
    assert next(iter(DIALECTS)) == "trl"
    for form in ROWS:
        example = thinking(row(form))
        assert said("trl", form, example) == example


# Tools


def test_axolotl_gets_arguments_as_text_in_which_no_null_is_lost() -> None:
    found = said("axolotl", "sft", with_tools())["messages"][2]["tool_calls"]

    assert [json.loads(each["function"]["arguments"]) for each in found] == [CALL["arguments"]] * 2


def test_llama_factory_reads_calls_and_joins_what_they_returned() -> None:
    example = with_tools()
    asked, answers = converted("llama-factory", "sft", example)

    assert consumers.called(asked[1]) == [CALL, CALL]
    assert asked[2] == "7\n</tool_response>\n<tool_response>\n8"
    assert answers == [RIGHT]
    thoughtful = thinking(example)
    assert consumers.called(converted("llama-factory", "sft", thoughtful)[0][1]) == [CALL, CALL]


def test_openai_names_each_call_and_the_call_that_a_tool_answers() -> None:
    found = said("openai", "sft", with_tools())

    assert consumers.answers_its_calls(found)
    assert found["messages"][2]["content"] is None
    assert len({call["id"] for call in found["messages"][2]["tool_calls"]}) == 2
    lost = [each for each in with_tools()["messages"] if not each.get("tool_calls")]  # type: ignore[union-attr]
    refuses("openai", "sft", row("sft", messages=lost))


def test_a_call_is_refused_where_it_cannot_be_said() -> None:
    example = with_tools()
    beside = [*cast("list[Row]", example["messages"])]
    beside[2] = beside[2] | {"content": "Let me add."}

    refuses("alpaca", "sft", example)
    refuses("llama-factory", "sft", row("sft", messages=beside))
    refuses("sharegpt", "sft", row("sft", messages=beside))
    calling = message("assistant", "", tool_calls=CALLED)
    refuses("axolotl", "preference", row("preference", chosen=[calling]))
    refuses("axolotl", "kto", row("kto", completion=[calling]))


def refuses(dialect: str, form: str, example: Example) -> str:
    with pytest.raises(Unfit) as found:
        DIALECTS[dialect].row(form, example)
    assert "\n" not in str(found.value)
    return str(found.value)


# Pictures


@pytest.mark.parametrize("form", ["sft", "prompt-completion", "critique"])
def test_axolotl_gets_pictures_in_their_parts(form: str) -> None:
    found = said("axolotl", form, with_pictures(form))

    shown = [part["base64"] for part in found["messages"][0]["content"] if part["type"] == "image"]
    assert [b64decode(each) for each in shown] == [PNG, JPEG]
    assert "images" not in found


def test_openai_gets_pictures_as_addresses_that_hold_them() -> None:
    content = said("openai", "sft", with_pictures())["messages"][0]["content"]

    assert [part["type"] for part in content] == ["image_url", "text", "image_url", "text"]
    assert content[0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert content[2]["image_url"]["url"].startswith("data:image/jpeg;base64,")
    urls = [part["image_url"]["url"] for part in content[::2]]
    again = with_pictures() | {"images": urls}
    assert said("openai", "sft", again)["messages"][0]["content"] == content


def test_llama_factory_gets_a_placeholder_for_each_picture() -> None:
    example = with_pictures()
    found = said("llama-factory", "sft", example)

    assert found["messages"][0]["content"].count(consumers.PLACEHOLDER) == 2
    assert found["images"] == [PNG, JPEG]
    entry = DIALECTS["llama-factory"].sidecar("sft", columns(example), {"path": "x.parquet"})
    assert entry is not None
    assert cast("Row", entry["columns"])["images"] == "images"


@pytest.mark.parametrize("dialect", ["axolotl", "llama-factory", "openai"])
def test_pictures_that_do_not_fit_their_places_are_refused(dialect: str) -> None:
    refuses(dialect, "sft", with_pictures() | {"images": [PNG]})


@pytest.mark.parametrize(
    ("dialect", "form"),
    [("openai", "preference"), ("axolotl", "kto"), ("sharegpt", "sft"), ("alpaca", "sft")],
)
def test_a_format_without_pictures_says_which_dialects_show_them(dialect: str, form: str) -> None:
    with pytest.raises(Unspoken, match=f"'{form}' with pictures: {dialect} has .+: trl"):
        DIALECTS[dialect].columns(form, columns(row(form, images=[])))
    assert DIALECTS[dialect].held_by(form, columns(row(form, images=[]))) == set()


def test_axolotl_reads_nothing_beside_the_content_of_messages_with_pictures() -> None:
    example = with_pictures()
    found = said("axolotl", "sft", thinking(example))["messages"][1]
    wrong = message("assistant", [part(WRONG)], train=False)
    turns = [*cast("list[Row]", example["messages"]), wrong]

    assert set(found) == {"role", "content"}
    assert "3 and 4" in found["content"][0]["text"]
    refuses("axolotl", "sft", example | {"messages": turns})  # type: ignore[dict-item]


# Turns that are not to be learned


def test_axolotl_trains_the_last_turn_of_a_revision_only() -> None:
    found = said("axolotl", "sft", by_turns())

    assert consumers.axolotl_trains(found) == [RIGHT]
    asked = row(
        "critique", prompt=[ASKED | {"train": True}], completion=[ANSWERED | {"train": True}]
    )
    assert consumers.axolotl_trains(said("axolotl", "critique", asked)) == [RIGHT]


def test_openai_gives_no_weight_to_what_is_not_to_be_learned() -> None:
    found = said("openai", "sft", by_turns())["messages"]

    assert [each.get("weight") for each in found] == [None, 0, None, None]
    assert not any("train" in each for each in found)


def test_llama_factory_takes_a_revision_that_ends_with_what_is_to_be_learned() -> None:
    asked, answers = converted("llama-factory", "sft", by_turns())

    assert answers == [RIGHT]
    assert len(asked) == 3
    turns = cast("list[Row]", by_turns()["messages"])
    refuses("llama-factory", "sft", row("sft", messages=[ASKED | {"train": True}, *turns[1:2]]))
    longer = [ASKED, ANSWERED | {"train": True}, *turns]
    refuses("llama-factory", "sft", row("sft", messages=longer))


@pytest.mark.parametrize("dialect", ["trl", "sharegpt", "alpaca"])
def test_a_dialect_that_would_teach_the_wrong_turn_refuses_it(dialect: str) -> None:
    assert not DIALECTS[dialect].masks_turns
    refuses(dialect, "sft", by_turns())


@pytest.mark.parametrize("dialect", ["axolotl", "llama-factory", "openai", "sharegpt", "alpaca"])
def test_an_answer_within_a_prompt_is_not_learned_though_nobody_marked_it(dialect: str) -> None:
    turns = cast("list[Row]", by_turns(marked=False)["messages"])
    example = row("prompt-completion", prompt=turns[:-1], completion=turns[-1:])

    if dialect in ("llama-factory", "openai"):
        found = said(dialect, "prompt-completion", example)
        assert dialect != "openai" or found["messages"][1]["weight"] == 0
    else:
        refuses(dialect, "prompt-completion", example)


@pytest.mark.parametrize(
    ("dialect", "form"),
    [("axolotl", "rl"), *(("trl", form) for form in ROWS if form != "stepwise")],
)
def test_a_trainer_of_trl_never_sees_the_mark(dialect: str, form: str) -> None:
    example = {
        name: [each | {"train": each["role"] == "assistant"} for each in cast("list[Row]", value)]
        if name in ("messages", "prompt", "completion", "chosen", "rejected")
        else value
        for name, value in row(form).items()
    }

    assert said(dialect, form, example) == row(form)  # type: ignore[arg-type]


# Pairs and labels


def test_axolotl_keeps_the_whole_of_both_sides_of_a_pair() -> None:
    found = said("axolotl", "preference", row("preference"))

    for side, text in (("chosen", RIGHT), ("rejected", WRONG)):
        kept = consumers.trimmed(found[side]["content"], consumers.LLAMA_HEADER)
        assert kept == f"{text.strip()}<|eot_id|>"


def test_axolotl_would_keep_one_character_of_an_answer_that_is_not_stripped() -> None:
    assert consumers.trimmed(WRONG, consumers.LLAMA_HEADER) == ">"


@pytest.mark.parametrize("answer", ["26", "2023\n", "December", "user"])
def test_axolotl_gets_no_pair_with_an_answer_that_stands_in_a_header(answer: str) -> None:
    assert consumers.trimmed(answer.strip(), consumers.LLAMA_HEADER).count("<|") > 1

    refuses("axolotl", "preference", row("preference", chosen=[message("assistant", answer)]))
    thoughtful = thinking(row("preference", chosen=[message("assistant", answer)]))
    assert said("axolotl", "preference", thoughtful)["chosen"]["content"].endswith(answer.strip())


def test_a_pair_that_differs_in_white_space_only_is_none() -> None:
    same = [message("assistant", f"{RIGHT}\n")]

    refuses("axolotl", "preference", row("preference", rejected=same))


@pytest.mark.parametrize("dialect", ["axolotl", "llama-factory", "openai", "sharegpt", "alpaca"])
def test_a_side_of_a_pair_is_one_message(dialect: str) -> None:
    refuses(dialect, "preference", row("preference", chosen=[ANSWERED, ANSWERED]))


def test_axolotl_has_prompts_of_one_turn_for_kto_and_a_place_for_the_system() -> None:
    asked = [message("system", "Be brief."), ASKED]
    found = said("axolotl", "kto", row("kto", prompt=asked))

    assert (found["system"], found["prompt"], found["completion"]) == ("Be brief.", TASK, WRONG)
    refuses("axolotl", "kto", row("kto", prompt=[ASKED, ERRED, ASKED]))


def test_llama_factory_learns_a_label_by_its_side() -> None:
    assert converted("llama-factory", "kto", row("kto"))[1] == ["", WRONG]
    assert converted("llama-factory", "kto", row("kto", label=True))[1] == [WRONG, ""]
    refuses("llama-factory", "kto", row("kto", completion=[message("assistant", "")]))
    refuses("llama-factory", "kto", row("kto", label=1))


def converted(dialect: str, form: str, example: Example) -> tuple[list[str], list[str]]:
    """Return what LLaMA-Factory makes of an example."""
    entry = DIALECTS[dialect].sidecar(form, columns(example), {"path": "x.jsonl"})
    assert entry is not None
    assert misfits(entry, consumers.DATASET_INFO) == []
    return consumers.converted(said(dialect, form, example), entry)


# LLaMA-Factory's turns

TEXTS = st.sampled_from([TASK, RIGHT, "", "a <image> b", "<b>"])
CONVERSATIONS = st.lists(
    st.builds(message, st.sampled_from(["system", "user", "assistant", "tool"]), TEXTS),
    min_size=1,
    max_size=6,
)


@given(CONVERSATIONS)
def test_llama_factory_drops_no_conversation_that_it_is_given(found: list[Row]) -> None:
    try:
        asked, answers = converted("llama-factory", "sft", row("sft", messages=found))
    except Unfit:
        return

    assert len(answers) == 1
    assert len(asked) % 2 == 1
    assert not any(consumers.PLACEHOLDER in each for each in [*asked, *answers])


@given(CONVERSATIONS, st.sampled_from(["kto", "preference"]))
def test_llama_factory_drops_no_prompt_that_it_is_given(found: list[Row], form: str) -> None:
    try:
        asked, answers = converted("llama-factory", form, row(form, prompt=found))
    except Unfit:
        return

    assert len(asked) % 2 == 1
    assert len(answers) == 2


@given(CONVERSATIONS)
def test_sharegpt_is_read_by_what_llama_factory_takes_for_granted(found: list[Row]) -> None:
    try:
        spoken = said("sharegpt", "sft", row("sft", messages=found))
    except Unfit:
        return

    assert len(consumers.converted(spoken, consumers.DEFAULTS)[1]) == 1


@given(CONVERSATIONS)
def test_alpaca_says_a_conversation_or_refuses_it(found: list[Row]) -> None:
    try:
        spoken = said("alpaca", "sft", row("sft", messages=found))
    except Unfit:
        return

    texts = [text for pair in spoken["history"] for text in pair]
    system = [spoken["system"]] if found[0]["role"] == "system" else []
    assert [*system, *texts, spoken["instruction"], spoken["output"]] == [
        each["content"] for each in found
    ]


def test_roles_that_do_not_alternate_are_refused() -> None:
    for dialect in ("llama-factory", "sharegpt", "alpaca"):
        for found in ([ASKED], [ASKED, ASKED, ANSWERED], [ANSWERED], [ASKED, ANSWERED, ASKED]):
            assert refuses(dialect, "sft", row("sft", messages=found))


def test_an_empty_conversation_is_refused() -> None:
    for name, dialect in DIALECTS.items():
        for form in {"sft", "rl"} & set(dialect.projections):
            if (name, form) != ("axolotl", "rl"):
                refuses(name, form, row(form, messages=[], prompt=[]))


# Which formats, columns, containers


@pytest.mark.parametrize(
    ("dialect", "form", "able"),
    [
        ("openai", "kto", "trl, axolotl, llama-factory, sharegpt, alpaca"),
        ("llama-factory", "stepwise", "trl, axolotl"),
        ("alpaca", "rl", "trl, axolotl, openai"),
    ],
)
def test_a_format_that_a_dialect_lacks_names_the_dialects_that_have_it(
    dialect: str, form: str, able: str
) -> None:
    for asked in (
        lambda: DIALECTS[dialect].columns(form, columns(row(form))),
        lambda: DIALECTS[dialect].row(form, row(form)),
    ):
        with pytest.raises(Unspoken) as found:
            asked()
        assert str(found.value) == (
            f"{form!r}: {dialect} has no such format; the dialects that do: {able}"
        )


@pytest.mark.parametrize(("dialect", "form"), EVERY)
def test_columns_that_parquet_cannot_hold_are_for_json_lines(dialect: str, form: str) -> None:
    speaker = DIALECTS[dialect]
    kinds = speaker.columns(form, columns(row(form))).values()

    containers = speaker.held_by(form, columns(row(form)))
    assert containers == speaker.containers
    assert "json" not in kinds or containers <= {"jsonl", "jsonl.zst"}


OTHERS_CANNOT = [
    ("openai", "sft", "parquet", "does not read 'sft' from it; use .jsonl"),
    ("sharegpt", "kto", "parquet", "does not read 'kto' from it; use .jsonl or .jsonl.zst"),
    ("llama-factory", "sft", "jsonl.zst", "does not read 'sft' from it; use .jsonl or .parquet"),
    ("openai", "kto", "jsonl", "openai has no such format"),
]


@pytest.mark.parametrize(("dialect", "form", "container", "why"), OTHERS_CANNOT)
def test_a_file_that_the_consumer_cannot_open_is_refused(
    dialect: str, form: str, container: Container, why: str
) -> None:
    with pytest.raises(Unspoken, match=why):
        DIALECTS[dialect].require(form, columns(row(form)), container)
    DIALECTS["trl"].require(form, columns(row(form)), container)


def test_pictures_are_refused_where_the_consumer_looks_for_files() -> None:
    found = columns(with_pictures())

    with pytest.raises(Unspoken, match=r"^\.jsonl: llama-factory .+; use \.parquet$"):
        DIALECTS["llama-factory"].require("sft", found, "jsonl")
    with pytest.raises(Unspoken, match="'kto' with pictures: axolotl has no such format"):
        DIALECTS["axolotl"].require("kto", found, "jsonl")
    DIALECTS["llama-factory"].require("sft", found, "parquet")


EXAMPLES = [(form, row(form)) for form in ROWS] + [
    *((form, thinking(row(form))) for form in ROWS),
    ("sft", with_tools()),
    ("sft", by_turns()),
    ("sft", with_pictures()),
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_dialect_says_is_written_and_read_as_it_was(dialect: str, tmp_path: Path) -> None:
    speaker = DIALECTS[dialect]
    for number, (form, example) in enumerate(EXAMPLES):
        try:
            found = speaker.row(form, example)
        except (Unfit, Unspoken):
            continue
        for container in speaker.held_by(form, columns(example)):
            path = tmp_path / f"{number}.{container}"
            declared = speaker.columns(form, columns(example))
            with open_file(path, declared, speaker.shape(form, shape(example))) as file:
                file.write(found)
            if container == "jsonl":
                [line] = path.read_text(encoding="utf-8").splitlines()
                assert json.loads(line) == json.loads(json.dumps(found, default=data_url))
            elif container == "parquet":
                parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `export`")
                [again] = parquet.read_table(path).to_pylist()
                assert again.keys() == found.keys()
                assert again["id"] == found["id"]


def data_url(picture: bytes) -> str:
    kind = "png" if picture == PNG else "jpeg"
    return f"data:image/{kind};base64,{b64encode(picture).decode()}"


def test_messages_have_the_keys_that_their_shape_says() -> None:
    full = Shape(reasoning=True, tool_calls=True, images=False, train=True)
    example = thinking(with_tools())
    marked = [
        each | {"train": each["role"] == "assistant"}
        for each in cast("list[Row]", example["messages"])
    ]
    example = example | {"messages": marked}  # type: ignore[dict-item]

    for name in ("trl", "axolotl", "llama-factory"):
        shape = DIALECTS[name].shape("sft", full)
        for each in said(name, "sft", example)["messages"]:
            assert ("reasoning_content" in each) is shape.reasoning
            assert ("tool_calls" in each) is shape.tool_calls
            assert ("train" in each) is shape.train
            assert isinstance(each["content"], list) is shape.images


# Files beside an export


def test_a_file_and_a_folder_load_with_the_entry_of_llama_factory() -> None:
    dialect = DIALECTS["llama-factory"]
    found = columns(row("preference"))

    file = dialect.sidecar("preference", found, {"path": "pairs.jsonl"})
    assert file is not None
    assert (file["file_name"], file["ranking"]) == ("pairs.jsonl", True)
    where = {"path": ".", "name": "preference", "split": "train"}
    folder = dialect.sidecar("preference", found, where)
    assert folder is not None
    assert misfits(folder, consumers.DATASET_INFO) == []
    assert (folder["script_url"], folder["subset"], folder["split"]) == (".", "preference", "train")
    assert dialect.sidecar_name == "dataset_info.json"


@pytest.mark.parametrize(
    ("form", "kind", "overall"),
    [
        ("sft", "chat_template", {}),
        ("preference", "chat_template.default", {"rl": "dpo"}),
        ("kto", "chatml.ultra", {"rl": "kto", "remove_unused_columns": False}),
        ("stepwise", "stepwise_supervised", {"process_reward_model": True}),
        ("rl", None, {"rl": "grpo"}),
    ],
)
def test_axolotl_is_told_how_to_read_a_format(form: str, kind: str | None, overall: Row) -> None:
    made = DIALECTS["axolotl"].sidecar(form, columns(row(form)), {"path": "x.jsonl"})
    assert made is not None
    [dataset] = cast("list[Row]", made.pop("datasets"))

    assert made == overall
    assert dataset["path"] == "x.jsonl"
    assert dataset["split"] == "train"
    assert dataset.get("type") == kind
    assert dataset.get("message_field_training") == ("train" if form == "sft" else None)


def pieces(*forms: str, splits: tuple[str, ...] = ("train",)) -> list[Piece]:
    return [Piece(form, split, columns(row(form))) for form in forms for split in splits]


def test_llama_factory_is_told_of_a_file_by_its_name(tmp_path: Path) -> None:
    made = sidecars(
        DIALECTS["llama-factory"], pieces("kto"), tmp_path / "my.labels.jsonl", folder=False
    )

    assert list(made) == ["dataset_info.json"]
    entries = json.loads(made["dataset_info.json"])
    assert list(entries) == ["my.labels"]
    assert entries["my.labels"]["file_name"] == "my.labels.jsonl"


def test_llama_factory_is_told_of_a_folder_by_format_and_split(tmp_path: Path) -> None:
    found = pieces("sft", "preference", splits=("train", "test"))
    made = sidecars(DIALECTS["llama-factory"], found, tmp_path / "dataset", folder=True)

    entries = json.loads(made["dataset_info.json"])
    assert list(entries) == ["sft_train", "sft_test", "preference_train", "preference_test"]
    assert all(misfits(each, consumers.DATASET_INFO) == [] for each in entries.values())
    assert {each["script_url"] for each in entries.values()} == {"."}


def test_axolotl_is_given_a_config_for_each_format(tmp_path: Path) -> None:
    dialect = DIALECTS["axolotl"]
    made = sidecars(dialect, pieces("kto"), tmp_path / "no: #1.jsonl", folder=False)
    config = yaml.safe_load(made["axolotl.yaml"])
    assert config == dialect.sidecar("kto", columns(row("kto")), {"path": "no: #1.jsonl"})

    found = pieces("sft", "rl", splits=("train", "test"))
    made = sidecars(dialect, found, tmp_path / "dataset", folder=True)
    assert list(made) == ["axolotl-sft.yaml", "axolotl-rl.yaml"]
    [dataset] = yaml.safe_load(made["axolotl-rl.yaml"])["datasets"]
    assert dataset == {"path": "dataset", "name": "rl", "split": "train"}


def test_the_others_need_no_file_beside_them() -> None:
    quiet = [name for name, each in DIALECTS.items() if each.sidecar_name is None]

    assert quiet == ["trl", "openai", "sharegpt", "alpaca"]
    for name in quiet:
        assert DIALECTS[name].sidecar("sft", columns(row("sft")), {"path": "x.jsonl"}) is None
        assert sidecars(DIALECTS[name], pieces("sft"), Path("x.jsonl"), folder=False) == {}


def test_the_manual_lists_what_each_dialect_has() -> None:
    page = Path(__file__).resolve().parents[1] / "docs" / "export.md"
    section = page.read_text(encoding="utf-8").partition("## Dialects\n")[2]
    lines = section.partition("\n### ")[0].splitlines()
    listed = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "|" in line]

    assert [cells[0].strip("`") for cells in listed[2:]] == list(DIALECTS)
    for (name, forms, _, masks, _), dialect in zip(listed[2:], DIALECTS.values(), strict=True):
        named = re.findall(r"`([a-z-]+)`", forms) or list(ROWS)
        assert named == list(dialect.projections), name
        assert masks.startswith("yes") is dialect.masks_turns, name


# The checks themselves


def test_the_restated_shapes_tell_right_from_wrong() -> None:
    shape = consumers.OPENAI["sft"]

    assert misfits({"messages": [ASKED]}, shape) == []
    wrong: list[Any] = [
        {},
        {"messages": []},
        {"messages": [ASKED], "id": "x"},
        {"messages": [ASKED | {"weight": 0}]},
        {"messages": [ANSWERED | {"weight": 2}]},
        {"messages": [message("tool", "7")]},
        {"messages": [message("assistant", None)]},
    ]
    assert [each for each in wrong if not misfits(each, shape)] == []
    kto = consumers.SHAREGPT["kto"]
    spoken = [{"from": "human", "value": TASK}, {"from": "gpt", "value": RIGHT}]
    assert misfits({"conversations": spoken, "kto_tag": True}, kto) == []
    assert misfits({"conversations": spoken, "kto_tag": 1}, kto) != []
    assert consumers.converted({"conversations": spoken[:1]}, consumers.DEFAULTS) == ([], [])
    assert consumers.converted({"conversations": spoken[::-1]}, consumers.DEFAULTS) == ([], [])
