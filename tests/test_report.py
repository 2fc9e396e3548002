import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType

from storage.queries import Summary, UsedCall
from storage.records import (
    Assignment,
    Attempt,
    CallError,
    CallSite,
    Check,
    Grade,
    Lesson,
    Message,
    ModelCall,
    Reply,
    Request,
    Role,
    Run,
    Skill,
    Slip,
    Task,
    Trajectory,
    Verdict,
)
from storage.report import (
    clean,
    conversation,
    curriculum_tree,
    one_line,
    run_list,
    run_summary,
    trajectory_list,
    why,
)
from storage.tallies import SkillTally, Tallies

RUN = Run(
    id="r" + "1" * 32,
    identity={},
    config={},
    seed=7,
    episodes=9,
    created_at="2026-01-02T03:04:05.678+00:00",
)
TASK = Task(question="How many eggs?", instruction="Say it.")
LESSON = Lesson(
    id="l1",
    skill="rates",
    level=2,
    task=TASK,
    reference="18",
    steps=("16 - 3 = 13", "13 + 5 = 18"),
    verifier="math",
    expert_seed="s1",
    made_by="chat/teach",
)
WRONG = Verdict(
    id="v0",
    attempt_id="a0",
    status="rejected",
    reward=0.0,
    rung="program",
    reason="wrong",
    checks=(Check(verifier="math", finding="failed", evidence="19 is not 18"),),
    critique="Subtract what she eats.",
    first_wrong_step=2,
)
RIGHT = Verdict(
    id="v1",
    attempt_id="b0",
    status="accepted",
    reward=0.75,
    rung="judge",
    grades=(
        Grade(criterion="clear", weight=0.25, grade=0.5, reason="terse"),
        Grade(criterion="right", weight=0.75, grade=None),
    ),
)
FIRST = Attempt(
    id="a0",
    trajectory_id="t1",
    lesson_id="l1",
    idx=0,
    text="1. 16 - 3 = 13\n2. 13 + 5 = 19\nAnswer: 19",
    reasoning="hmm" * 400,
    answer="19",
    slips=(Slip(misconception="drops_a_carry", step=2),),
    made_by="embedded/novice@1",
)
SECOND = FIRST.model_copy(
    update={"id": "b0", "revision": 1, "text": "Answer: 18", "reasoning": None, "slips": ()}
)
WHOLE = Trajectory(
    id="t" + "1" * 32,
    run_id=RUN.id,
    assignment=Assignment(n=4, skill="rates", level=2, seed=1),
    lesson=LESSON,
    attempts=(FIRST, SECOND),
    verdicts=(WRONG, RIGHT),
    status="accepted",
    reward=0.75,
    findings=("draft 1: the task leaks the reference",),
)


def used(
    role: Role, revision: int = 0, *, hit: bool = False, cost: float | None = 0.01
) -> UsedCall:
    site = CallSite(trajectory_id="t1", seed=1, role=role, revision=revision)
    asked = Request(endpoint="e", model="big-1", messages=(Message(role="user", content="hi"),))
    call = ModelCall(
        request_digest="d",
        request=asked,
        reply=Reply(text="x", raw="x", tokens_in=12, tokens_out=None),
        prompt=f"{role}.prompt@3 sha256:00",
        latency_s=1.25,
        cost_usd=cost,
    )
    return UsedCall(site, call, journal_hit=hit, created_at="")


def drawn(what: RenderableType, width: int = 80) -> str:
    """Return what a terminal of this width shows, without colours."""
    file = io.StringIO()
    Console(width=width, file=file, color_system=None).print(what)
    return file.getvalue()


def flat(what: RenderableType) -> str:
    return " ".join(drawn(what, 200).split())


def test_a_conversation_tells_the_lesson_the_attempts_and_their_verdicts_in_order() -> None:
    text = flat(conversation(WHOLE))
    parts = [
        "episode 4",
        "accepted reward 0.75",
        "rates, level 2, en",
        "screen: draft 1: the task leaks the reference",
        "Teacher chat/teach How many eggs? Say it.",
        "grown from expert seed s1",
        "Reference checked by math 18",
        "Worked steps 1. 16 - 3 = 13 2. 13 + 5 = 18",
        "Attempt 1 embedded/novice@1",
        "reasoning: 1200 characters",
        "1. 16 - 3 = 13 2. 13 + 5 = 19 <- first wrong step Answer: 19",
        "slip: drops_a_carry at step 2",
        "Verdict rejected reward 0.00, decided by program",
        "math@1 failed: 19 is not 18",
        "Critique: Subtract what she eats.",
        "Revision 1 of attempt 1",
        "Answer: 18",
        "Verdict accepted reward 0.75, decided by judge",
        "grade clear 0.50 (weight 0.25) terse",
        "grade right no grade (weight 0.75)",
    ]
    places = [text.index(part) for part in parts]

    assert places == sorted(places)
    assert "hmmhmm" not in text


def test_a_revision_says_which_lines_it_changed() -> None:
    text = drawn(conversation(WHOLE))
    lines = [line.strip() for line in text.splitlines()]
    place = lines.index("Changed:")

    assert lines[place + 1 : place + 5] == [
        "- 1. 16 - 3 = 13",
        "- 2. 13 + 5 = 19",
        "- Answer: 19",
        "+ Answer: 18",
    ]
    same = WHOLE.model_copy(
        update={"attempts": (FIRST, SECOND.model_copy(update={"text": FIRST.text}))}
    )
    assert "Nothing is changed." in drawn(conversation(same))
    long = SECOND.model_copy(update={"text": "\n".join(map(str, range(900)))})
    whole = WHOLE.model_copy(update={"attempts": (FIRST, long)})
    assert "and 887 lines more" in drawn(conversation(whole))


def test_a_step_without_a_number_is_marked_where_it_stands() -> None:
    plain = FIRST.model_copy(update={"text": "16 - 3 = 13\n13 + 5 = 19\nAnswer: 19"})
    whole = WHOLE.model_copy(update={"attempts": (plain, SECOND)})
    steps = {plain.text: ("16 - 3 = 13", "13 + 5 = 19")}
    text = drawn(conversation(whole, steps=lambda text, pattern: steps.get(text, ())))

    assert "13 + 5 = 19  <- first wrong step" in text
    assert "first wrong step" not in drawn(conversation(whole))


def test_reasoning_is_shown_whole_when_asked_for() -> None:
    assert "hmm" * 20 in drawn(conversation(WHOLE, reasoning=True))


def test_every_call_stands_below_what_it_made() -> None:
    calls = [used("teacher"), used("student"), used("critic", 1, hit=True, cost=None)]
    text = flat(conversation(WHOLE, calls))
    line = "call teacher big-1: 12 tokens in, ? out, 1.25 s, $0.010000, teacher.prompt@3"

    assert text.index(line) < text.index("Attempt 1") < text.index("call student")
    assert text.index("call student") < text.index("Revision 1") < text.index("call critic")
    assert "no price, critic.prompt@3, journal hit" in text


def test_tries_that_were_not_answered_are_listed() -> None:
    site = CallSite(trajectory_id="t1", seed=1, role="critic")
    error = CallError(request_digest="d", kind="timeout", message="after\n5 s", try_number=2)

    assert "critic, try 2: timeout, after 5 s" in flat(conversation(WHOLE, errors=[(site, error)]))


def test_an_attempt_that_raised_says_what() -> None:
    raised = FIRST.model_copy(update={"text": "", "error": "ValueError: no"})
    verdict = WRONG.model_copy(update={"status": "failed", "reward": None, "reason": "error"})
    whole = WHOLE.model_copy(update={"attempts": (raised,), "verdicts": (verdict,)})
    text = flat(conversation(whole))

    assert "raised ValueError: no" in text
    assert "failed no reward" in text


def test_a_trajectory_without_a_lesson_is_its_head() -> None:
    bare = {
        "lesson": None,
        "attempts": (),
        "verdicts": (),
        "status": "rejected",
        "reason": "screen",
    }
    text = flat(conversation(WHOLE.model_copy(update=bare)))

    assert "the lesson screen refused every draft; draft 1: the task leaks" in text
    assert "Teacher" not in text


@pytest.mark.parametrize(
    ("status", "verdict", "said"),
    [
        (
            "accepted",
            RIGHT,
            "Accepted: revision 1 of attempt 1 is right, says the judge: clear 0.5",
        ),
        ("rejected", WRONG, "Rejected: attempt 1 is wrong, says the program: 19 is not 18"),
        (
            "rejected",
            WRONG.model_copy(update={"reason": "no_answer", "checks": ()}),
            "Rejected: attempt 1 states no answer in the asked form, says the program",
        ),
        (
            "unscored",
            WRONG.model_copy(update={"status": "unscored", "reason": "truncated", "rung": None}),
            "Unscored: attempt 1 was cut off by a token limit: 19 is not 18",
        ),
        (
            "unscored",
            WRONG.model_copy(update={"status": "unscored", "reason": "new", "rung": None}),
            "Unscored: attempt 1 is unscored (new)",
        ),
    ],
)
def test_one_sentence_says_why(status: str, verdict: Verdict, said: str) -> None:
    update = {"status": status, "verdicts": (verdict,), "reason": verdict.reason}
    assert why(WHOLE.model_copy(update=update)).startswith(said)


def test_a_failure_names_its_exception() -> None:
    failed = {"status": "failed", "error": "attempt: KeyError: 'x'\nmore"}
    assert why(WHOLE.model_copy(update=failed)) == "Failed: attempt: KeyError: 'x' more"


def test_what_nothing_explains_is_said_plainly() -> None:
    bare = {"status": "unscored", "verdicts": ()}

    assert why(WHOLE.model_copy(update=bare)) == "Unscored: no attempt has a verdict"
    none = {"lesson": None, "status": "rejected", "findings": ()}
    assert "it gave no reason" in why(WHOLE.model_copy(update=none))


def test_the_latest_verdict_of_an_attempt_is_the_one_that_tells() -> None:
    person = {"id": "v9", "rung": "person", "checks": (), "status": "rejected"}
    overruled = {"status": "rejected", "reason": "wrong"}
    verdicts = (RIGHT, RIGHT.model_copy(update=person | {"reason": "wrong"}))
    whole = WHOLE.model_copy(update=overruled | {"verdicts": verdicts})

    assert "says a person" in why(whole)


HOSTILE = (
    "[red]x[/red][/] \x1b[2J\x1b]0;title\x07 \u202eevil\u202c a\rb \x00 \x9b31m [link=x]y[/link]"
)


def test_text_of_models_is_neither_markup_nor_terminal_control() -> None:
    attempt = FIRST.model_copy(update={"text": HOSTILE, "made_by": HOSTILE, "reasoning": HOSTILE})
    verdict = WRONG.model_copy(update={"critique": HOSTILE, "reason": HOSTILE})
    lesson = LESSON.model_copy(
        update={"task": TASK.model_copy(update={"question": HOSTILE}), "steps": (HOSTILE,)}
    )
    changed = {"attempts": (attempt,), "verdicts": (verdict,), "lesson": lesson, "error": HOSTILE}
    text = drawn(conversation(WHOLE.model_copy(update=changed), reasoning=True))
    item = Summary("t1", 0, HOSTILE, 1, "en", "failed", None, HOSTILE, None, 1)
    text += drawn(trajectory_list([item]))
    text += drawn(curriculum_tree([Skill(name=HOSTILE, after=(HOSTILE,))]))

    assert not set("\x1b\x9b\x00\r\u202e\u202c\x07") & set(text)
    assert "[red]x[/red][/]" in text
    assert "title" in text


@given(st.text())
def test_clean_text_can_always_be_printed(text: str) -> None:
    kept = clean(text)

    kept.encode()
    assert clean(kept) == kept
    assert not any(ord(mark) < 32 and mark not in "\t\n" for mark in kept)


def test_joiners_that_a_script_or_an_emoji_needs_are_kept() -> None:
    assert clean("👩\u200d🚀 \u06cc\u200c\u062e a\u200db") == "👩\u200d🚀 \u06cc\u200c\u062e ab"
    assert clean("a" + "\u0301" * 90) == "a" + "\u0301" * 8


def test_a_line_is_one_line_of_bounded_length() -> None:
    assert one_line("a\n\n  b\tc") == "a b c"
    assert one_line("x" * 300) == "x" * 199 + "…"


def test_a_text_that_hides_in_an_unfinished_sequence_is_shown() -> None:
    assert clean("\x1b]0;the answer is wrong") == "]0;the answer is wrong"


def tallies(skills: int = 2) -> Tallies:
    return Tallies(
        accepted=3,
        rejected=2,
        unscored=1,
        failed=0,
        attempts=12,
        model_calls=20,
        journal_hits=4,
        call_errors=5,
        tokens_in=1000,
        tokens_out=200,
        cost_usd=0.125,
        unpriced=2,
        skills=tuple(SkillTally(f"skill-{n}", 1, 2, 0, 0, 5, 0.5) for n in range(skills)),
        reasons={"wrong": 2, "undecided": 1},
    )


def test_a_summary_says_what_a_run_made_and_cost() -> None:
    ended = RUN.model_copy(update={"ended": "complete"})
    text = flat(run_summary(ended, tallies(), "sha256:" + "0" * 64))

    for part in (
        "episodes 6: 3 accepted, 2 rejected, 1 unscored, 0 failed",
        "calls 20 made, 4 from the journal",
        "errors 5 tries were not answered",
        "tokens 1000 in, 200 out",
        "cost $0.1250, without 2 calls of unknown price",
        "reasons 2 wrong, 1 undecided",
        "digest sha256:0000",
        "ended complete",
        "skill-1 1 2 0 0 5",
    ):
        assert part in text
    assert "0" * 64 in drawn(run_summary(ended, tallies(), "sha256:" + "0" * 64))


def test_runs_and_trajectories_are_listed_by_short_ids() -> None:
    text = flat(run_list([(RUN, {"accepted": 3, "rejected": 2})]))
    assert "r111111111 2026-01-02T03:04 7 5 of 9 3 unfinished" in text

    lines = [
        Summary("t" * 33, 4, "rates", 2, "en", "rejected", 0.0, "wrong", None, 2),
        Summary("u" * 33, 5, "rates", 2, "en", "failed", None, None, "attempt: KeyError", 0),
    ]
    text = flat(trajectory_list(lines))
    assert "4 tttttttttt rates 2 rejected 0.00 wrong" in text
    assert "5 uuuuuuuuuu rates 2 failed attempt: KeyError" in text


def test_the_curriculum_is_drawn_below_its_prerequisites_with_mastery() -> None:
    skills = [
        Skill(name="rates", after=("sums", "units"), levels=2),
        Skill(name="sums", levels=3),
        Skill(name="units"),
        Skill(name="lost", after=("nowhere",)),
        Skill(name="hen", after=("egg",)),
        Skill(name="egg", after=("hen",)),
    ]
    lines = drawn(curriculum_tree(skills, {"sums": [0.9, 0.5]})).splitlines()
    depth = {word: line.index(word) for line in lines for word in line.split() if word.isalpha()}

    assert any("sums  1:90%  2:50%  3:-" in line for line in lines)
    assert any("rates  1:-  2:-  also after units" in line for line in lines)
    assert depth["curriculum"] < depth["sums"] < depth["rates"]
    assert {"units", "lost", "hen", "egg"} <= set(depth)


@pytest.mark.parametrize("width", [80, 40])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    long = "word" * 100
    lesson = LESSON.model_copy(update={"task": Task(question=long), "reference": long})
    attempt = FIRST.model_copy(update={"text": long, "made_by": long})
    wide = WHOLE.model_copy(update={"lesson": lesson, "attempts": (attempt, SECOND)})
    item = Summary("t" * 33, 10**6, long, 1, "en", "rejected", 1.0, long, None, 2)
    for what in (
        conversation(wide, [used("teacher")]),
        run_summary(RUN, tallies(), "sha256:" + "0" * 64),
        trajectory_list([item]),
        run_list([(RUN.model_copy(update={"ended": long}), {"accepted": 10**6})]),
        curriculum_tree([Skill(name="a" * 30, levels=9), Skill(name="b", after=("a" * 30,))]),
    ):
        assert all(cell_len(line) <= width for line in drawn(what, width).splitlines())
