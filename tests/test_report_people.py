"""What people said, in the terminal: by name, with time and note, withdrawn ones struck."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from storage.people.acts import Said, acts_of
from storage.people.giving import People
from storage.queries import Reader
from storage.records import Verdict
from storage.report.conversation import conversation
from storage.report.pages import trajectory_page
from storage.report.why import why
from storage.worth import first_wrong_step


class Desk:
    def __init__(self, path: Path, attempts: list[str]) -> None:
        self.path, self.attempts, self.count = path, attempts, 0

    def say(self, place: int, person: str, **said: object):
        self.count += 1
        with People.open(
            self.path, clock=lambda: f"2026-11-28T03:0{self.count}:00+00:00"
        ) as people:
            return people.give(
                self.attempts[place], Said(**said), person=person, token=f"t{self.count}",
                blind=person == "ada",
            )  # fmt: skip

    def take_back(self, act) -> None:
        with People.open(self.path, clock=lambda: "2026-11-28T04:00:00+00:00") as people:
            people.withdraw(act.verdict_id, person=act.person, token="w" + act.token)

    @property
    def read(self):
        with Reader.open(self.path) as reader:
            whole = reader.trajectory("0")
            return whole, acts_of(reader, whole.id)

    def shown(self, **more: object) -> str:
        whole, acts = self.read
        console = Console(file=io.StringIO(), width=100, **more)
        console.print(conversation(whole, acts=acts))
        return console.file.getvalue()


@pytest.fixture
def desk(classroom, tmp_path: Path) -> Desk:
    tries = (classroom.tried("1. a", wrong_step=1, status="rejected"), classroom.tried("b"))
    whole = classroom.episode(0, "q", *tries)
    path = classroom.written(tmp_path / "a.db", whole)
    return Desk(path, [attempt.id for attempt in whole.attempts])


def test_who_decided_is_called_by_name_and_is_said_to_be_a_person(desk: Desk):
    desk.say(1, "ada", status="rejected", note="off by one")
    assert why(*desk.read) == "Rejected: attempt 2 is wrong, says ada (a person): off by one"
    desk.say(1, "the program", status="accepted")
    assert why(*desk.read) == "Accepted: attempt 2 is right, says the program (a person)"
    whole, _ = desk.read
    assert why(whole).endswith("says a person")


def test_all_verdicts_are_shown_with_name_time_and_note(desk: Desk):
    desk.say(1, "ada", status="rejected", note="off by one", critique="Count again.")
    desk.say(1, "bo", status="accepted")
    text = desk.shown()
    assert "rejected  reward 0.00, by ada (a person), 2026-11-28T03:01, blind" in text
    assert "off by one" in text
    assert "Critique: Count again." in text
    assert "by bo (a person), 2026-11-28T03:02, with the others in sight" in text
    assert "decided by program" in text


def test_a_withdrawn_verdict_is_struck_and_dim(desk: Desk):
    desk.take_back(desk.say(1, "ada", status="rejected", note="a slip of mine"))
    text = desk.shown()
    assert "  by ada (a person), 2026-11-28T03:01, blind; withdrawn 2026-11-28T04:00" in text
    assert "a slip of mine" in text
    coloured = desk.shown(force_terminal=True, color_system="standard", legacy_windows=False)
    line = next(each for each in coloured.split("\n") if "withdrawn" in each)
    assert Text.from_ansi(line).spans
    assert "9m" in line  # the code of struck text
    assert why(*desk.read) == "Accepted: attempt 2 is right, says the program"


def test_names_and_notes_of_strangers_send_nothing_to_the_terminal(desk: Desk):
    desk.say(1, "[red]eve[/red]", status="rejected", note="x\x1b[2J\u202ey [bold]z")
    text = desk.shown()
    assert "[red]eve[/red] (a person)" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_inspect_tells_a_program_what_people_did(desk: Desk):
    act = desk.say(1, "ada", status="rejected", note="n")
    with Reader.open(desk.path) as reader:
        page = trajectory_page(reader, "0", reader.latest_run(), lambda text, pattern: ())
    assert page.plain["acts"] == [act.model_dump(mode="json", exclude={"token"})]
    assert page.plain["status"] == "rejected"


def verdict(status: str, step: int | None) -> Verdict:
    return Verdict(
        id="v", attempt_id="a", status=status, reward=None, rung="person", first_wrong_step=step
    )


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ([], None),
        ([("rejected", 2)], 2),
        ([("rejected", 2), ("rejected", None)], 2),
        ([("rejected", 2), ("rejected", 3)], 3),
        ([("rejected", 2), ("accepted", None)], None),
        ([("rejected", 2), ("accepted", None), ("rejected", None)], None),
        ([("accepted", None), ("accepted", 4)], 4),
    ],
)
def test_who_overrules_takes_the_step_back_and_who_confirms_keeps_it(said, step):
    assert first_wrong_step(verdict(*each) for each in said) == step


def test_the_step_is_marked_only_while_it_is_said_to_be_wrong(desk: Desk):
    assert "<- first wrong step" in desk.shown()
    desk.say(0, "ada", status="accepted")
    assert "<- first wrong step" not in desk.shown()
