"""What trainers swallow without a word is dropped and counted, or stops the export.

The faults are those that were tried with TRL 1.16, which trains on nearly all of them.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import BadRow
from storage.export import FORMATS, Asked, Exporting, Manner
from storage.export.account import REASONS, REMOVALS
from storage.export.faults import ROLES, Limits, fault
from storage.export.making import Form, Made
from storage.queries import Reader


def user(content="q"):
    return {"role": "user", "content": content}


def assistant(content="a", **more):
    return {"role": "assistant", "content": content, **more}


SYSTEM = {"role": "system", "content": "Be brief."}
CALL = {"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}
GOOD = {
    "sft": {"messages": [user(), assistant()]},
    "prompt-completion": {"prompt": [user()], "completion": [assistant()]},
    "preference": {"prompt": [user()], "chosen": [assistant("a")], "rejected": [assistant("b")]},
    "kto": {"prompt": [user()], "completion": [assistant()], "label": True},
    "stepwise": {"prompt": "q", "completions": ["a", "b"], "labels": [True, False]},
    "rl": {"prompt": [user()]},
}
PLANTED = [
    ("sft", {"messages": [user(), assistant("")]}, "empty_answer"),
    ("sft", {"messages": [user(), assistant(" \n\t")]}, "empty_answer"),
    ("sft", {"messages": [user(), assistant(None)]}, "empty_answer"),
    ("sft", {"messages": [user(), assistant([{"type": "text", "text": None}])]}, "empty_answer"),
    ("sft", {"messages": [user()]}, "unanswered"),
    ("sft", {"messages": []}, "no_messages"),
    ("sft", {"messages": [assistant()]}, "no_question"),
    ("sft", {"messages": [SYSTEM, assistant()]}, "no_question"),
    ("sft", {"messages": [user(), {"role": "bot", "content": "a"}]}, "unknown_role"),
    ("sft", {"messages": [user(), {"content": "a"}]}, "unknown_role"),
    ("sft", {"messages": [user(), {"role": "assistant"}]}, "no_content"),
    ("sft", {"messages": [user(), "a"]}, "no_content"),
    ("sft", {"messages": [user(), user(), assistant()]}, "roles_do_not_alternate"),
    ("sft", {"messages": [user(), assistant(), assistant()]}, "roles_do_not_alternate"),
    ("sft", {"messages": [user(), SYSTEM, assistant()]}, "roles_do_not_alternate"),
    ("sft", {"messages": [user(""), assistant()]}, "empty_prompt"),
    ("prompt-completion", {"completion": []}, "no_messages"),
    ("prompt-completion", {"completion": [assistant("")]}, "empty_answer"),
    ("prompt-completion", {"completion": [user()]}, "unanswered"),
    ("prompt-completion", {"completion": [user(), assistant()]}, "roles_do_not_alternate"),
    ("prompt-completion", {"prompt": [user(), assistant()]}, "no_question"),
    ("prompt-completion", {"prompt": [SYSTEM]}, "no_question"),
    ("prompt-completion", {"prompt": "q"}, "kinds_mixed"),
    ("prompt-completion", {"completion": "a"}, "kinds_mixed"),
    ("preference", {"rejected": [assistant("a")]}, "chosen_is_rejected"),
    ("preference", {"prompt": None}, "no_messages"),
    ("preference", {"prompt": ...}, "no_question"),
    ("preference", {"prompt": []}, "no_messages"),
    ("preference", {"chosen": "a", "rejected": "b"}, "kinds_mixed"),
    ("kto", {"label": 1}, "label_no_bool"),
    ("kto", {"label": 0}, "label_no_bool"),
    ("kto", {"label": "true"}, "label_no_bool"),
    ("kto", {"label": None}, "label_no_bool"),
    ("stepwise", {"labels": [True]}, "labels_do_not_match"),
    ("stepwise", {"labels": [1, 0]}, "label_no_bool"),
    ("stepwise", {"completions": [], "labels": []}, "empty_answer"),
    ("stepwise", {"completions": ["a", " "]}, "empty_answer"),
    ("stepwise", {"prompt": " "}, "empty_prompt"),
    ("rl", {"prompt": [user("  ")]}, "empty_prompt"),
    ("rl", {"prompt": [user(), assistant()]}, "no_question"),
]


def planted(form, change):
    row = {"id": "x", **GOOD[form], **change}
    return {name: value for name, value in row.items() if value is not ...}


@pytest.mark.parametrize("form", GOOD)
def test_a_good_row_has_no_fault(form):
    assert fault(GOOD[form], Limits(prompt_tokens=99)) is None


@pytest.mark.parametrize(
    "messages",
    [
        [SYSTEM, user(), assistant()],
        [user(), assistant(), user(), assistant()],
        [user(), assistant("", tool_calls=[CALL]), {"role": "tool", "content": "1"}, assistant()],
        [user([{"type": "image", "text": None}]), assistant()],
        [user(), assistant([{"type": "text", "text": "a"}])],
    ],
)
def test_turns_tools_and_pictures_are_no_fault(messages):
    assert fault({"messages": messages}) is None
    assert fault({"prompt": messages[:-1], "completion": messages[-1:]}) is None


@pytest.mark.parametrize(("form", "change", "reason"), PLANTED)
def test_a_planted_fault_is_found(form, change, reason):
    assert fault(planted(form, change)) == reason
    assert REASONS[reason].startswith("bad row: ")
    assert reason in REMOVALS


@pytest.mark.parametrize(("form", "change", "reason"), PLANTED)
def test_a_planted_fault_is_dropped_and_counted_or_stops_the_export(
    form, change, reason, lessons, removing
):
    def make(episode, chosen, manner, leave):
        for attempt in chosen:
            bad = attempt.text == "bad"
            row = planted(form, change) if bad else {"id": "y", **GOOD[form]}
            yield Made(row | {"skill": "s", "id": attempt.id}, (attempt.id,))

    planting = Form("planted", FORMATS[form].own, make, "", "")
    account, rows, removed = removing(Asked(planting, Manner()))
    assert account.left_out == {reason: 1}
    assert len(rows) == account.used == 2
    assert [each.reason for each in removed] == [reason]
    with pytest.raises(BadRow, match="without --on-bad stop it is dropped") as error:
        removing(Asked(planting, Manner(), on_bad="stop"))
    assert REASONS[reason] in str(error.value)


@pytest.fixture(scope="module")
def lessons(classroom, tmp_path_factory):
    tried = classroom.tried
    return classroom.written(
        tmp_path_factory.mktemp("faults") / "a.db",
        classroom.episode(0, "q0", tried("good"), tried("bad"), tried("fine", "rejected")),
    )


@pytest.fixture
def removing(lessons):
    def exported(asked):
        removed = []
        with Reader.open(lessons) as reader:
            making = Exporting(reader, ["r1"], asked, on_removed=removed.append)
            return making.account, list(making.examples()), removed

    return exported


@pytest.mark.parametrize(
    "form", ["sft", "prompt-completion", "kto", "critique", "preference", "rl"]
)
def test_an_answer_of_nothing_and_a_long_prompt_are_dropped_from_real_formats(
    form, classroom, tmp_path
):
    tried = classroom.tried
    path = classroom.written(
        tmp_path / "a.db",
        classroom.episode(0, "q", tried("a"), tried("  "), tried("", "rejected", critique="No.")),
        classroom.episode(1, "long " * 90, tried("b"), tried("c", "rejected", critique="No.")),
        classroom.episode(2, "short", tried("d"), tried("e", "rejected", critique="No.")),
    )
    found = classroom.exported(path, form, limits=Limits(prompt_tokens=100))
    left = found.left()

    assert left.pop("long_prompt") == (1 if form in ("sft", "prompt-completion") else 2)
    if form not in ("rl", "critique"):
        assert left["empty_answer"] >= 1
    columns = ("messages", "completion", "chosen", "rejected")
    answers = [row[name] for row in found.rows for name in columns if name in row]
    texts = [each["content"] for answer in answers for each in answer]
    assert all(text.strip() for text in texts)


def test_tokens_are_a_third_of_the_bytes_of_all_that_is_asked():
    row = {"prompt": [SYSTEM, user("é" * 10)], "completion": [assistant("x" * 500)]}
    size = len(SYSTEM["content"]) + 20
    need = -(-size // 3)

    assert fault(row, Limits(prompt_tokens=need)) is None
    assert fault(row, Limits(prompt_tokens=need - 1)) == "long_prompt"
    sft = {"messages": [*row["prompt"], *row["completion"]]}
    assert fault(sft, Limits(prompt_tokens=need)) is None
    assert fault(sft, Limits(prompt_tokens=need - 1)) == "long_prompt"
    steps = {"prompt": "x" * 30, "completions": ["a"], "labels": [False]}
    assert fault(steps, Limits(prompt_tokens=9)) == "long_prompt"
    assert fault(steps, Limits(prompt_tokens=10)) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "text", "type"]), inner, max_size=3)
    ),
    max_leaves=8,
)
COLUMNS = st.sampled_from(
    ["messages", "prompt", "completion", "chosen", "rejected", "label", "completions", "labels"]
)


@settings(max_examples=200)
@given(row=st.dictionaries(COLUMNS, VALUES, max_size=4))
def test_anything_at_all_has_a_word_or_none(row):
    if "chosen" in row or "rejected" in row:
        row = {"chosen": None, "rejected": None, **row}
    if "completions" in row or "labels" in row:
        row = {"completions": None, "labels": None, **row}
    assert fault(row, Limits(prompt_tokens=5)) in {None, *REASONS}


MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from([*ROLES, "bot"]), "content": st.sampled_from(["", " ", "a"])}
    ),
    max_size=4,
)


@settings(max_examples=200)
@given(messages=MESSAGES)
def test_a_conversation_without_a_fault_ends_with_an_answer_that_is_not_empty(messages):
    if fault({"messages": messages}) is None:
        assert messages[-1]["role"] == "assistant"
        assert all(each["content"].strip() for each in messages)
        roles = [each["role"] for each in messages if each["role"] in ("user", "assistant")]
        assert roles[0] == "user"
