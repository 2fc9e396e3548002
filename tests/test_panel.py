"""Several judges and several votes: what they come to together, and where each call stands."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from agents.chat.channel import Channel
from agents.chat.scripted import ScriptedModel
from agents.critic import ChatCritic
from agents.errors import EndpointDown
from agents.judge import Judge, Panel
from agents.judge.judgement import AGREED, Judgement, Vote, combined
from storage.records import Attempt, CallSite, Grade, Lesson, ModelCall, Reply, Request, Task

LESSON = Lesson(id="l", skill="s", level=1, task=Task(question="Who is first?"),
                reference="The one who cannot breathe.", verifier="judge", made_by="m")  # fmt: skip
ATTEMPT = Attempt(id="a", trajectory_id="t", lesson_id="l", idx=1, made_by="m",
                  text="The patient who cannot breathe.")  # fmt: skip
SITE = CallSite(trajectory_id="t", seed=5, role="critic", idx=1)
SOLVE, FALSE = "Reply with your answer", "It is not the case that"


def graded(correct: bool, clear: bool = True, reason: str = "I see.") -> str:
    found = {"quote": "who cannot breathe", "reason": reason, "met": True}
    said = {"correct": found | {"met": correct}, "complete": found, "clear": found | {"met": clear}}
    return json.dumps({**said, "critique": f"{reason} Look again."})


ACCEPT = [(SOLVE, "third"), (FALSE, graded(False)), ("", graded(True))]
REJECT = [(SOLVE, "third"), ("", graded(False))]
ABSTAIN = [(SOLVE, "third"), ("", "no JSON")]


class Notebook:
    """A journal that remembers every call with its site."""

    def __init__(self) -> None:
        self.calls: list[tuple[CallSite, Request, str]] = []

    async def find(self, request: Request, site: CallSite) -> Reply | None:
        return None

    async def keep(self, call: ModelCall, site: CallSite) -> Reply:
        self.calls.append((site, call.request, call.request.model))
        return call.reply

    async def fail(self, error: object, site: CallSite) -> None:
        """Nothing is kept of it."""


def judge(script: object, name: str = "m", **options: object) -> Judge:
    return Judge(Channel(ScriptedModel(script, name=name), "critic", retries=0), **options)


async def judged(*judges: Judge, **options: object) -> tuple[Judgement, Notebook]:
    journal = Notebook()
    return await Panel(judges, **options).judge(LESSON, ATTEMPT, SITE, journal), journal


async def test_a_panel_of_one_with_one_vote_is_the_judge_itself():
    found, journal = await judged(judge(ACCEPT))
    alone = Notebook()
    assert found == await judge(ACCEPT).judge(LESSON, ATTEMPT, SITE, alone)
    assert [site.turn for site, *_ in journal.calls] == [site.turn for site, *_ in alone.calls]
    assert len(journal.calls) == 3 + 1 + 1


async def test_judges_who_agree_decide_and_the_verdict_says_how_many():
    found, _ = await judged(judge(ACCEPT, "one"), judge(ACCEPT, "two"))
    assert (found.status, found.reward) == ("accepted", 1.0)
    assert found.grades[-1] == Grade(
        criterion=AGREED, weight=0.0, grade=None, reason="2 of 2, unanimous"
    )
    said = 'I see. Quoted: "who cannot breathe"'
    assert found.grades[0].reason == f"chat/one: {said} / chat/two: {said}"


@pytest.mark.parametrize("other", [REJECT, ABSTAIN])
async def test_one_who_does_not_agree_leaves_the_attempt_to_a_person(other):
    found, _ = await judged(judge(ACCEPT, "one"), judge(other, "two"))
    assert (found.status, found.reward) == ("unscored", None)
    assert "no agreement (unanimous): chat/one: accepted; chat/two: " in found.grades[-1].reason


async def test_under_a_majority_rule_more_than_half_of_all_votes_decide():
    found, _ = await judged(
        judge(ACCEPT), judge(ACCEPT), judge(REJECT, "odd"), agreement="majority"
    )
    assert (found.status, found.grades[-1].reason) == ("accepted", "2 of 3, majority")
    assert "odd" not in found.grades[0].reason
    tied, _ = await judged(judge(ACCEPT), judge(REJECT), agreement="majority")
    assert tied.status == "unscored"
    doubted, _ = await judged(judge(ACCEPT), judge(ABSTAIN), judge(ABSTAIN), agreement="majority")
    assert doubted.status == "unscored"


async def test_grades_and_reward_are_the_mean_of_those_who_agree():
    dull = [(SOLVE, "third"), (FALSE, graded(False)), ("", graded(True, clear=False))]
    found, _ = await judged(judge(ACCEPT), judge(dull))
    assert [grade.grade for grade in found.grades] == [1.0, 1.0, 0.5, None]
    assert found.reward == 0.925


async def test_the_critique_of_several_is_the_first_ones():
    first, then = ([(SOLVE, "third"), ("", graded(False, reason=r))] for r in ("First.", "Then."))
    found, _ = await judged(judge(first), judge(then))
    assert (found.status, found.critique) == ("rejected", "First. Look again.")


async def test_every_vote_is_put_to_the_test_with_a_false_reference():
    gullible = [(SOLVE, "third"), ("", graded(True))]
    found, journal = await judged(judge(gullible), votes=2)
    assert found.status == "unscored"
    assert [site.turn for site, request, _ in journal.calls if FALSE in str(request)] == [4, 104]


async def test_every_call_has_a_turn_of_its_own_and_votes_share_the_own_answers():
    garbage = [(SOLVE, "third"), ("", "garbage")]
    _, journal = await judged(judge(garbage), judge(garbage), votes=2, agreement="majority")
    turns = [site.turn for site, *_ in journal.calls]
    expected = [j + t for j, t in product((0, 1000), (0, 1, 10, 12, 14, 100, 101))]
    assert sorted(turns) == expected
    assert len({request.draw for _, request, _ in journal.calls}) == len(turns)


async def test_votes_of_one_judge_can_differ_because_each_is_drawn():
    given = iter((graded(True), graded(False)))
    found, _ = await judged(
        judge([(SOLVE, "third"), (FALSE, graded(False)), ("", lambda request: next(given))]),
        votes=2,
    )
    assert found.status == "unscored"


async def test_an_endpoint_that_is_down_is_no_abstention_and_the_others_are_kept():
    down = EndpointDown("down", endpoint="scripted")
    journal = Notebook()
    panel = Panel((judge([("", down)]), judge(ACCEPT)), agreement="majority")
    with pytest.raises(EndpointDown):
        await panel.judge(LESSON, ATTEMPT, SITE, journal)
    assert len(journal.calls) == 5


async def test_a_panel_is_named_by_its_models_and_decides_through_the_critic():
    panel = Panel((judge(ACCEPT, "one"), judge(REJECT, "two"), judge(ACCEPT, "one")))
    critic = ChatCritic(panel)
    assert critic.name == "chat/one+chat/two"
    verdict = await critic.judge(LESSON, ATTEMPT, SITE, None)
    assert (verdict.status, verdict.reason, verdict.rung) == ("unscored", "abstained", None)


@pytest.mark.parametrize(("judges", "votes"), [(0, 1), (1, 0), (1, 11)])
def test_a_panel_needs_a_judge_and_a_vote(judges, votes):
    with pytest.raises(ValueError, match="needs 1 or more"):
        Panel([judge(ACCEPT)] * judges, votes=votes)


def test_an_acceptance_is_never_made_of_anything_but_acceptances():
    statuses = ("accepted", "rejected", "unscored")
    for said in product(statuses, repeat=3):
        votes = [Vote("m", Judgement(s, None if s == "unscored" else 1.0, ())) for s in said]
        assert (combined(votes, "unanimous").status == "accepted") == (
            said == ("accepted", "accepted", "accepted")
        )
        assert (combined(votes, "majority").status == "accepted") == (said.count("accepted") > 1)


ROOT = Path(__file__).parents[1]
PLACE = 'model = "{name}"\nbase_url = "{url}"\n'
RUN = (
    "episodes = 12\nattempts = 1\nmax_revisions = 0\n"
    '[[curriculum.skills]]\nname = "triage"\nverifier = "judge"\n'
    f'[teacher]\nkind = "chat"\n{PLACE}[student]\nkind = "chat"\n{PLACE}'
    f'[critic]\nkind = "chat"\n{PLACE}own_answers = 1\nfalse_reference = false\nvotes = 2\n'
    f'agreement = "majority"\n[[critic.judges]]\n{PLACE}'
)


@pytest.mark.usefixtures("unmeasured")
def test_a_run_with_two_judges_and_two_votes_is_stored_replayed_and_verified(tmp_path):
    def run(*arguments: str) -> dict[str, object]:
        command = [sys.executable, ROOT / "run.py", *arguments, "--json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    served = [sys.executable, ROOT / "benchmarks" / "endpoint.py"]
    with subprocess.Popen(served, stdout=subprocess.PIPE, text=True) as endpoint:
        try:
            url = endpoint.stdout.readline().strip()
            (tmp_path / "run.toml").write_text(RUN.format(url=url, name="m"))
            said = run("generate", "run.toml")
        finally:
            endpoint.terminate()
    assert said["model_calls"] == 12 * (1 + 1 + 2 * (1 + 2))
    assert said["accepted"] > 0
    assert said["unscored"] + said["rejected"] > 0
    for name in ("replay", "verify"):
        assert run(name)["disagreements"] == []
    with closing(sqlite3.connect(tmp_path / "lyceum.db")) as database:
        turns = "SELECT DISTINCT turn FROM calls_used WHERE role = 'critic' ORDER BY turn"
        assert [turn for (turn,) in database.execute(turns)] == [0, 10, 100, 1000, 1010, 1100]
        notes = "SELECT DISTINCT value ->> 'reason' FROM verdicts, json_each(grades)"
        notes += " WHERE value ->> 'criterion' = 'agreed'"
        assert {"4 of 4, majority"} <= {note for (note,) in database.execute(notes)}
