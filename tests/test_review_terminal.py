"""`review --terminal`: a person at a terminal, with real keys on a real pseudo-terminal."""

import io
import itertools
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from storage.errors import Missing, NotTaken
from storage.index import Index
from storage.people.acts import Act, Said, acts_of
from storage.people.audits import draw
from storage.people.giving import People
from storage.queries import Reader
from storage.records import Grade
from storage.report.looking import Reviewing
from storage.report.review import Reviewed, review_in_terminal
from storage.report.reviewing import audit_asked

ROOT = Path(__file__).parents[1]


class Desk:
    """A database and somebody who types lines."""

    def __init__(self, path: Path) -> None:
        self.path, self.text = path, ""

    def review(self, *lines: str, person: str = "ada", **more: object) -> Reviewed:
        typed, console = iter(lines), Console(file=io.StringIO(), width=90)

        def ask(prompt: str) -> str:
            console.print(prompt, markup=False, end="")
            try:
                return next(typed)
            except StopIteration:
                raise EOFError from None

        with (
            People.open(self.path) as people,
            Reader.open(self.path) as reader,
            Index.open(self.path) as index,
        ):
            done = review_in_terminal(people, reader, index, person, console, ask, **more)
        self.text = console.file.getvalue()
        return done

    @property
    def acts(self) -> list[Act]:
        with Reader.open(self.path) as reader:
            found = [a for whole in reader.stream("r1") for a in acts_of(reader, whole.id)]
        return sorted(found, key=lambda act: act.id)

    @property
    def statuses(self) -> list[str]:
        with Reader.open(self.path) as reader:
            return [whole.status for whole in reader.stream("r1")]


@pytest.fixture
def made(classroom, tmp_path: Path) -> Callable[..., Desk]:
    numbers = itertools.count()

    def make(*statuses: str, rung: str | None = "judge", grades: tuple[Grade, ...] = ()) -> Desk:
        whole = []
        for n, status in enumerate(statuses):
            tries = classroom.tried(f"attempt {n}", status, rung=rung, critique=f"told {n}")
            one = classroom.episode(n, f"question {n}", tries)
            verdict = one.verdicts[0].model_copy(update={"grades": grades})
            whole.append(one.model_copy(update={"verdicts": (verdict,), "status": status}))
        return Desk(classroom.written(tmp_path / f"{next(numbers)}.db", *whole))

    return make


def test_one_key_is_a_verdict_with_a_note_behind_it(made):
    desk = made("unscored", "unscored", "unscored")
    done = desk.review("a", "r off by one", "u")
    assert (done.given, done.withdrawn, done.skipped, done.audit) == (3, 0, 0, None)
    assert [(act.status, act.note, act.person, act.blind) for act in desk.acts] == [
        ("accepted", "", "ada", True),
        ("rejected", "off by one", "ada", True),
        ("unscored", "", "ada", True),
    ]
    assert desk.statuses == ["accepted", "rejected", "unscored"]
    assert "Nothing is left to judge." in desk.text


def test_a_case_is_shown_without_what_others_said_until_the_person_has_spoken(made):
    desk = made("rejected")
    desk.review("q")
    for part in ("question 0", "Say it.", "Reference", "7", "attempt 0"):
        assert part in desk.text
    for told in ("rejected", "told 0", "judge", "is wrong"):
        assert told not in desk.text
    desk.review("a")
    asked, after = desk.text.split("Your verdict: accepted, reward 1.00")
    assert "rejected" not in asked
    assert "Before you: rejected" in after
    assert "says the judge" in after
    assert "It was asked about: judge alone" in after


def test_undo_takes_the_last_back_and_asks_again_no_longer_blind(made):
    desk = made("unscored", "unscored")
    done = desk.review("r", "z", "a", "q")
    assert (done.given, done.withdrawn) == (1, 1)
    assert [(act.act, act.status, act.blind) for act in desk.acts] == [
        ("gave", "rejected", True), ("withdrew", "rejected", True), ("gave", "accepted", False),
    ]  # fmt: skip
    assert {act.attempt_id for act in desk.acts} == {desk.acts[0].attempt_id}
    assert desk.statuses == ["accepted", "unscored"]


def test_who_took_it_back_and_sits_down_again_is_not_blind(made):
    desk = made("unscored", "unscored")
    desk.review("r", "z", "q")
    desk.review("a")
    assert [act.blind for act in desk.acts if act.act == "gave"] == [True, False]


def test_there_is_nothing_to_undo_at_first_and_others_words_are_not_ones_own(made):
    desk = made("unscored")
    desk.review("a", person="bo")
    assert desk.review("z", "q").given == 0
    desk = made("unscored")
    desk.review("z", "q")
    assert "nothing to undo in this sitting" in desk.text


def test_a_skip_is_not_asked_again_and_stores_nothing(made):
    desk = made("unscored", "unscored")
    done = desk.review("s", "s", "a")
    assert (done.given, done.skipped) == (0, 2)
    assert desk.acts == []
    assert desk.review("a", "a").given == 2


def test_a_critique_and_a_first_wrong_step_go_with_the_verdict(made):
    desk = made("unscored")
    desk.review("c Count the eggs again.", "w 2", "r")
    [act] = desk.acts
    assert (act.critique, act.first_wrong_step) == ("Count the eggs again.", 2)


def test_criteria_of_the_rubric_are_shown_and_can_be_graded(made):
    rubric = (
        Grade(criterion="correct", weight=0.75, grade=1.0, reason="secret"),
        Grade(criterion="clear", weight=0.25, grade=0.0),
        Grade(criterion="agreed", weight=0.0, grade=None, reason="2 of 3"),
    )
    desk = made("accepted", grades=rubric)
    desk.review("g", "1", "0.5", "a")
    [act] = desk.acts
    assert [(g.criterion, g.weight, g.grade) for g in act.grades] == [
        ("correct", 0.75, 1.0), ("clear", 0.25, 0.5),
    ]  # fmt: skip
    assert act.reward == 0.875
    assert "Criteria: correct, clear" in desk.text
    assert "secret" not in desk.text.split("Your verdict")[0]


def test_a_criterion_may_be_left_out_and_without_a_rubric_there_is_none(made):
    rubric = tuple(Grade(criterion=c, weight=0.5, grade=0.0) for c in ("correct", "clear"))
    desk = made("accepted", grades=rubric)
    desk.review("g", "", "0", "a")
    assert [g.criterion for g in desk.acts[0].grades] == ["clear"]
    assert desk.acts[0].reward == 1.0
    desk = made("unscored")
    desk.review("g", "q")
    assert "no criteria to grade" in desk.text


@pytest.mark.parametrize("line", ["", "x", "?", "accepted!", "aa", "w 0", "w -1", "w x", "w ²"])
def test_a_line_that_means_nothing_is_answered_and_asked_again(line: str, made):
    desk = made("unscored")
    assert desk.review(line, "q").given == 0
    assert desk.acts == []
    assert desk.text.count("(? help)") == 2


def test_a_grade_that_is_none_is_refused(made):
    rubric = (Grade(criterion="correct", weight=1.0, grade=0.0),)
    for line in ("2", "-1", "nan", "inf", "x"):
        desk = made("accepted", grades=rubric)
        desk.review("g", line, "q")
        assert "is no grade" in desk.text


def test_what_is_too_long_is_refused_and_asked_again(made):
    desk = made("unscored")
    assert desk.review("a " + "x" * 20_001, "a short").given == 1
    assert desk.acts[0].note == "short"


def test_keys_may_be_written_out(made):
    desk = made("unscored", "unscored", "unscored")
    done = desk.review("accept", "undo", "reject why", "skip", "quit")
    assert (done.given, done.withdrawn, done.skipped) == (1, 1, 1)
    assert desk.acts[-1].note == "why"


def test_a_name_that_is_none_is_refused_before_anything_is_asked(made):
    for name in ("", " ", "a\nb"):
        with pytest.raises(NotTaken):
            made("unscored").review("a", person=name)


def test_an_audit_is_judged_instead_of_the_queue(made):
    desk = made("accepted", "rejected", "accepted", rung="program")
    with People.open(desk.path) as people, Reader.open(desk.path) as reader:
        own = draw(people, reader, "r1", 5, 1).id
    done = desk.review("a", "r", audit_id=own[:6])
    assert {act.audit_id for act in desk.acts} == {own}
    assert (done.audit.judged, done.audit.accepted, done.audit.left) == (2, 1, 0)
    assert desk.review("a").given == 0  # the queue asks for none of what programs decided
    with pytest.raises(Missing):
        desk.review("a", audit_id="u0")


def test_an_audit_that_is_asked_for_again_on_another_day_is_gone_on_with(made):
    desk, told = made(*["accepted"] * 6, rung="program"), []
    asked = Reviewing(audit="4")
    own = audit_asked(desk.path, None, asked, told.append)
    desk.review("r", "q", audit_id=own)
    assert audit_asked(desk.path, None, asked, told.append) == own
    assert told == [
        f"audit {own}: {n} of 4 judged; to go on another day: review --audit {own}" for n in (0, 1)
    ]
    assert desk.review("a", "a", "a", audit_id=own).audit.left == 0
    assert audit_asked(desk.path, None, asked, told.append) != own
    assert audit_asked(desk.path, None, Reviewing(), told.append) is None


def test_what_strangers_wrote_sends_nothing_to_the_terminal(classroom, tmp_path: Path):
    evil = "\x1b]0;x\x07\x1b[2J[red]\u202e7"
    whole = classroom.episode(
        0, evil, classroom.tried(evil, "unscored", rung=None), skill=evil, reference=evil
    )
    desk = Desk(classroom.written(tmp_path / "a.db", whole))
    desk.review("a")
    assert not set("\x1b\x07\u202e") & set(desk.text)
    assert "[red]" in desk.text


SCRIPT = """
import sys
from pathlib import Path
from rich.console import Console
from storage.index import Index
from storage.people.giving import People
from storage.queries import Reader
from storage.report.review import review_in_terminal
path = Path(sys.argv[1])
with People.open(path) as people, Reader.open(path) as reader, Index.open(path) as index:
    print(review_in_terminal(people, reader, index, "ada", Console(), input).given, "given")
"""


@pytest.fixture
def terminal() -> Iterator[Callable[[Path], tuple[subprocess.Popen, int]]]:
    """Start a review on a pseudo-terminal."""
    opened = []

    def start(path: Path) -> tuple[subprocess.Popen, int]:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(path)], cwd=ROOT, stdin=theirs, stdout=theirs,
            stderr=theirs, start_new_session=True, env=os.environ | {"TERM": "xterm"},
        )  # fmt: skip
        os.close(theirs)
        opened.append((process, ours))
        return process, ours

    yield start
    for process, ours in opened:
        process.kill()
        process.wait()
        os.close(ours)


def read_until(terminal: int, wanted: str, seconds: float = 60.0) -> str:
    text, deadline = "", time.monotonic() + seconds
    while wanted not in text:
        assert time.monotonic() < deadline, text
        text += os.read(terminal, 65536).decode(errors="replace")
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_keys_on_a_terminal_give_verdicts_and_take_them_back(made, terminal):
    desk = made("unscored", "unscored", "unscored")
    process, keys = terminal(desk.path)
    for line in ("a fine", "r", "z", "u"):
        read_until(keys, "(? help) > ")
        os.write(keys, f"{line}\n".encode())
    read_until(keys, "Your verdict: unscored")
    read_until(keys, "(? help) > ")
    os.write(keys, b"\x04")  # the end of input
    assert "2 given" in read_until(keys, "given")
    assert process.wait(timeout=30) == 0
    assert [(act.act, act.status) for act in desk.acts] == [
        ("gave", "accepted"), ("gave", "rejected"), ("withdrew", "rejected"), ("gave", "unscored"),
    ]  # fmt: skip


def test_what_was_given_before_the_terminal_was_killed_is_there(made, terminal):
    desk = made("unscored", "unscored")
    process, keys = terminal(desk.path)
    read_until(keys, "(? help) > ")
    os.write(keys, b"a\n")
    read_until(keys, "Your verdict: accepted")
    process.kill()
    process.wait()
    assert [act.status for act in desk.acts] == ["accepted"]


def test_lines_from_a_pipe_are_as_good(made):
    desk = made("unscored", "unscored")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(desk.path)], cwd=ROOT, input="a\nr why\n", text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.endswith("2 given\n")
    assert [act.note for act in desk.acts] == ["", "why"]


def test_two_people_at_once_both_stand(made):
    desk = made("unscored")
    desk.review("a", person="ada")
    with People.open(desk.path) as people:
        attempt = desk.acts[0].attempt_id
        said = Said(status="rejected")
        people.give(attempt, said, person="bo", token="t", blind=True)
    done = desk.review("r", person="cy")
    assert done.given == 1
    assert "people disagree" in desk.text
    assert [act.person for act in desk.acts] == ["ada", "bo", "cy"]
