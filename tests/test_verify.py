"""Verify re-derives what a program can: answers, program verdicts, statuses; audit the digests."""

import sqlite3
from dataclasses import replace

import pytest

from agents.chat.channel import Channel
from agents.chat.scripted import ScriptedModel
from agents.critic import REFUSED, ChatCritic
from agents.errors import EndpointRefused, ToolMissing
from agents.judge import Judge
from agents.student import ChatStudent
from agents.verifiers import Data, register
from graphs import embedded_faculty, make_graph
from graphs.verify import AT_ONCE, verify
from storage.audit import audit
from storage.ids import run_id
from storage.queries import Reader
from storage.records import Assignment, Check, Lesson, Run, Trajectory
from storage.store import Store

RUN = run_id({})


class Named:
    """A verifier that does what its name says; undecided only about questions."""

    version = 1

    def __init__(self, name: str) -> None:
        self.name = name

    async def check(self, *, answer: str, reference: str, data: Data) -> Check:
        if self.name == "verify_toolless":
            raise ToolMissing("no sandbox works here; run `python run.py doctor`")
        finding = "passed" if answer == reference else "failed"
        return Check(
            verifier=self.name,
            finding="undecided" if answer.endswith("?") else finding,
            evidence="who knows",
        )

    def changed(self, reference: str, data: Data) -> str:
        return f"{reference}x"


TOOLLESS, UNDECIDED = Named("verify_toolless"), Named("verify_undecided")


@pytest.fixture(autouse=True)
def _registered():
    register(TOOLLESS)
    register(UNDECIDED)


@pytest.fixture
async def path(tmp_path):
    faculty = embedded_faculty(seed=7, attempts=2, max_revisions=0)
    with Store.open(tmp_path / "lyceum.db") as store:
        await store.begin(
            Run(id=RUN, identity={}, config={}, seed=7, episodes=6, created_at="2026-01-01")
        )
        for n in range(6):
            asked = Assignment(n=n, skill="sorting", level=2, seed=n, ordinal=n)
            await store.assign(RUN, asked)
            out = await make_graph().ainvoke({"assignment": asked, "run_id": RUN}, context=faculty)
            await store.land(out["trajectory"])
    return tmp_path / "lyceum.db"


def stored_in(path):
    with Reader.open(path) as reader:
        return list(reader.stream(RUN))


def bent(trajectory: Trajectory, place: int = 0, **fields: object) -> Trajectory:
    """Return a trajectory with fields of one of its verdicts changed."""
    verdicts = list(trajectory.verdicts)
    verdicts[place] = verdicts[place].model_copy(update=fields)
    return trajectory.model_copy(update={"verdicts": tuple(verdicts)})


async def found_in(stored):
    return [(d.table, d.id, d.column) for d in (await verify(stored)).disagreements]


def edit(path, sql, *values):
    database = sqlite3.connect(path)
    database.execute("PRAGMA ignore_check_constraints = ON")
    database.execute(sql, values)
    database.commit()
    database.close()


def faults(path):
    with Reader.open(path) as reader:
        return {(f.table, f.column) for f in audit(reader, RUN)}


async def test_what_was_made_holds_and_every_check_is_run_again(path):
    found = await verify(stored_in(path))
    assert (found.disagreements, found.trajectories, found.checks) == ([], 6, 12)
    assert found.counts() == {
        "episodes": 6,
        "checks": 12,
        "code_checks": 0,
        "not_rerun": 0,
        "not_rerun_why": [],
        "differences": [],
    }
    assert faults(path) == set()


async def test_however_many_are_looked_at_at_once_what_is_found_comes_in_order(path):
    stored = [bent(each, reward=0.5) for each in stored_in(path) * AT_ONCE]
    found = await verify(iter(stored))
    assert found.trajectories == len(stored)
    rewards = [d.id for d in found.disagreements if d.column == "reward" and d.table == "verdicts"]
    assert rewards == [each.verdicts[0].id for each in stored]


async def test_a_row_that_cannot_be_read_ends_it_with_its_error(path):
    def broken():
        yield from stored_in(path)
        raise LookupError("row 7")

    with pytest.raises(LookupError, match="row 7"):
        await verify(broken())


async def test_checks_of_programs_are_counted_apart_and_their_evidence_is_not_compared():
    assignment = Assignment(n=0, skill="functions_numbers", level=1, seed=3)
    faculty = embedded_faculty(attempts=2, max_revisions=0)
    out = await make_graph().ainvoke({"assignment": assignment, "run_id": RUN}, context=faculty)
    made = out["trajectory"]
    check = made.verdicts[0].checks[0]
    elsewhere = {"evidence": "died elsewhere", "limits": {"sandbox": "another"}}
    stored = [made, bent(made, checks=(check.model_copy(update=elsewhere),))]
    found = await verify(stored)
    assert (found.checks, found.code_checks, found.disagreements) == (0, 4, [])
    other = {"finding": "failed" if check.finding == "passed" else "passed"}
    assert await found_in([bent(made, checks=(check.model_copy(update=other),))]) == [
        ("verdicts", made.verdicts[0].id, "checks")
    ]


async def test_what_cannot_be_run_again_here_is_counted_with_the_reason_and_no_disagreement(path):
    stored = stored_in(path)
    assert stored[0].lesson is not None
    lesson = stored[0].lesson.model_copy(update={"verifier": "verify_toolless"})
    stored[0] = stored[0].model_copy(update={"lesson": lesson})
    found = await verify(stored)
    assert (found.disagreements, found.checks) == ([], 10)
    counts = found.counts()
    assert counts["not_rerun"] == 2
    assert counts["not_rerun_why"] == [
        "2 because no sandbox works here; run `python run.py doctor`"
    ]


async def test_of_another_version_of_a_verifier_only_the_finding_must_be_the_same(path):
    stored = stored_in(path)
    check = stored[0].verdicts[0].checks[0]
    newer = check.model_copy(update={"version": 99, "evidence": "said otherwise", "limits": {}})
    found = await verify([bent(stored[0], checks=(newer,))])
    assert found.disagreements == []
    (difference,) = found.counts()["differences"]
    assert difference == f"1 made by {check.verifier}@99, here is @{check.version}"
    against = newer.model_copy(update={"finding": "undecided"})
    assert await found_in([bent(stored[0], checks=(against,))]) == [
        ("verdicts", stored[0].verdicts[0].id, "checks")
    ]


def with_arithmetic(stored: Trajectory, made_by: str) -> Trajectory:
    """Return an episode of another teacher in which the first attempt holds a false equation."""
    first = stored.attempts[0].model_copy(
        update={"text": f"2 + 2 = 5\nAnswer: {stored.attempts[0].answer}"}
    )
    assert stored.lesson is not None
    lesson = stored.lesson.model_copy(update={"made_by": made_by, "steps": ("2 + 2 = 4",)})
    attempts = (first, *stored.attempts[1:])
    return stored.model_copy(update={"lesson": lesson, "attempts": attempts})


async def test_a_verdict_of_before_arithmetic_was_worked_out_again_is_a_difference(path):
    plain = {"first_wrong_step": None, "first_wrong_step_rung": None}
    old = bent(with_arithmetic(stored_in(path)[0], "library"), **plain)
    found = await verify([old])
    assert found.disagreements == []
    (difference,) = found.counts()["differences"]
    assert difference.startswith("1 older verdicts name no step")
    first = old.verdicts[0].id
    for fields, columns in (
        ({"first_wrong_step": 2, "first_wrong_step_rung": "program"}, ["first_wrong_step"]),
        ({"first_wrong_step": 1, "first_wrong_step_rung": None}, ["first_wrong_step_rung"]),
        ({"first_wrong_step": 1, "first_wrong_step_rung": "judge"}, []),
    ):
        places = await found_in([bent(old, **fields)])
        assert [at for at in places if "step" in at[2]] == [("verdicts", first, c) for c in columns]


async def test_a_step_that_an_embedded_verdict_lacks_is_named(path):
    stored = next(each for each in stored_in(path) if each.verdicts[0].first_wrong_step)
    plain = {"first_wrong_step": None, "first_wrong_step_rung": None}
    columns = [place[2] for place in await found_in([bent(stored, **plain)])]
    assert columns == ["critique", "first_wrong_step", "first_wrong_step_rung"][1:]


async def test_a_judges_request_that_is_refused_for_good_leaves_the_programs_checks(path):
    class Fixed:
        name = "fixed"

        def capacity(self, skill: str, level: int) -> int:
            return 1

        async def write_lesson(self, *given: object) -> Lesson | None:
            made = stored_in(path)[0].lesson
            return made and made.model_copy(update={"verifier": "verify_undecided"})

    refused = EndpointRefused("too long", endpoint="e", status=400, before_any_answer=False)
    channel = Channel(ScriptedModel([("", refused)]), "critic", retries=0)
    student = ChatStudent(Channel(ScriptedModel({"": "Answer: who knows?"}), "student"))
    faculty = replace(
        embedded_faculty(attempts=1, max_revisions=0),
        teacher=Fixed(),
        student=student,
        critic=ChatCritic(Judge(channel, own_answers=0)),
    )
    out = await make_graph().ainvoke({"skill": "sorting", "seed": 1}, context=faculty)
    (verdict,) = out["trajectory"].verdicts
    assert (verdict.status, verdict.reason) == ("unscored", "abstained")
    assert [grade.criterion for grade in verdict.grades] == [REFUSED]
    assert [check.evidence for check in verdict.checks] == ["who knows"]
    assert (await verify([out["trajectory"]])).disagreements == []


async def test_an_answer_that_the_text_does_not_state_is_named(path):
    stored = stored_in(path)
    wrong = stored[0].attempts[0].model_copy(update={"answer": "7"})
    stored[0] = stored[0].model_copy(update={"attempts": (wrong, *stored[0].attempts[1:])})
    assert ("attempts", wrong.id, "answer") in await found_in(stored)


async def test_a_verdict_that_the_program_does_not_give_is_named(path):
    stored = stored_in(path)
    bent = stored[0].verdicts[0].model_copy(update={"reward": 0.5})
    stored[0] = stored[0].model_copy(update={"verdicts": (bent, *stored[0].verdicts[1:])})
    places = await found_in(stored)
    assert ("verdicts", bent.id, "reward") in places


async def test_a_judges_verdict_is_held_to_its_checks_only_and_a_persons_to_nothing(path):
    stored = stored_in(path)
    first = stored[0].verdicts[0]
    judge = first.model_copy(update={"rung": "judge", "critique": "well said"})
    person = first.model_copy(update={"id": "v-person", "rung": "person", "checks": ()})
    stored[0] = stored[0].model_copy(update={"verdicts": (judge, *stored[0].verdicts[1:], person)})
    assert [place for place in await found_in(stored) if place[0] == "verdicts"] == []


async def test_a_verdict_on_no_attempt_of_the_episode_is_named(path):
    stored = stored_in(path)
    stray = stored[0].verdicts[0].model_copy(update={"attempt_id": "a-none"})
    stored[0] = stored[0].model_copy(update={"verdicts": (stray, *stored[0].verdicts[1:])})
    assert ("verdicts", stray.id, "attempt_id") in await found_in(stored)


async def test_a_status_that_does_not_follow_from_its_verdicts_is_named(path):
    stored = stored_in(path)
    stored[0] = stored[0].model_copy(update={"status": "unscored", "reason": "abstained"})
    columns = {place[2] for place in await found_in(stored)}
    assert {"status", "reason"} <= columns


@pytest.mark.parametrize(
    ("table", "column", "value", "named"),
    [
        ("lessons", "question", "Why?", "question"),
        ("lessons", "reference", "7", "id"),
        ("attempts", "text", "7", "digest"),
        ("attempts", "slips", '["no slip"]', "digest"),
        ("verdicts", "critique", "7", "digest"),
        ("trajectories", "solved", 99, "solved"),
        ("trajectories", "digest", "sha256:0", "digest"),
        ("runs", "identity", '{"seed": 8}', "identity"),
        ("runs", "identity", '{"seed": 8}', "seed"),
    ],
)
async def test_the_audit_names_the_table_and_what_no_longer_fits(path, table, column, value, named):
    edit(
        path,
        f"UPDATE {table} SET {column} = ? WHERE rowid = (SELECT max(rowid) FROM {table})",
        value,
    )
    assert (table, named) in faults(path)


async def test_an_assignment_that_was_moved_is_named(path):
    edit(path, "UPDATE assignments SET n = 70 WHERE n = 2")
    assert ("assignments", "trajectory_id") in faults(path)
