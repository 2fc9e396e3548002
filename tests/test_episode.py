"""One episode as an app sees it: the graph, its routes, and what comes out when a role fails."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agents.chat.channel import Channel
from agents.chat.scripted import ScriptedModel
from agents.critic import ProgramCritic
from agents.errors import DraftError, EndpointDown, EndpointRefused
from agents.student import ChatStudent, Try
from agents.teacher import ChatTeacher
from graphs import Faculty, build_episode, embedded_faculty, make_graph
from graphs.episode import supersteps
from graphs.faculty import Settings, lent
from graphs.serve import episode
from storage.errors import StorageError
from storage.ids import lesson_id
from storage.overlap import Benchmarks
from storage.records import Lesson, Skill, Task

SNAPSHOT = Path(__file__).parent / "snapshots" / "episode.mermaid"
ITEM = "How many wheels have two cars, a cart and nine bicycles?"
ASKED = {"skill": "sorting", "level": 1, "seed": 7}


@dataclass
class Fixed:
    """An app's own teacher: the same lesson always, unless it refuses."""

    name: str = "fixed"
    refusals_first: int = 0
    question: str = "What is 2 + 2?"
    verifier: str = "math"

    def capacity(self, skill, level):
        return None

    async def write_lesson(self, assignment, site, journal, refusals=()):
        if site.idx < self.refusals_first:
            raise DraftError("nothing came of it")
        lesson = Lesson(
            id="", skill="sums", level=1, task=Task(question=self.question), reference="4",
            verifier=self.verifier, made_by="fixed",
        )  # fmt: skip
        return lesson.model_copy(update={"id": lesson_id(lesson)})


@dataclass
class Answers:
    """An app's own student: what it does depends on which attempt it is."""

    by_idx: tuple
    name: str = "answers"

    async def attempt(self, task, assignment, site, journal, earlier=None):
        answer = self.by_idx[site.idx]
        if isinstance(answer, Exception):
            raise answer
        return Try(text=f"Answer: {answer if earlier is None else 4}")


def faculty(*by_idx, **changes):
    base = replace(embedded_faculty(), teacher=Fixed(), student=Answers(by_idx), drafts=3)
    return replace(base, attempts=len(by_idx), **changes)


async def run(lent_faculty, **given):
    out = await make_graph().ainvoke({**ASKED, **given}, context=lent_faculty)
    return out["trajectory"]


def test_the_drawn_topology_is_the_known_one():
    drawn = make_graph().get_graph().draw_mermaid()
    assert drawn == SNAPSHOT.read_text(encoding="utf-8")


async def test_the_contracts_example_gives_a_trajectory():
    trajectory = await run(embedded_faculty())
    assert trajectory.status in ("accepted", "rejected")
    assert trajectory.lesson.skill == "sorting"
    assert [v.attempt_id for v in trajectory.verdicts] == [a.id for a in trajectory.attempts]


async def test_a_right_attempt_makes_an_accepted_trajectory():
    trajectory = await run(faculty("4", "5", max_revisions=0))
    assert (trajectory.status, trajectory.reward, trajectory.reason) == ("accepted", 1.0, None)
    assert [v.status for v in trajectory.verdicts] == ["accepted", "rejected"]


async def test_each_wrong_attempt_is_revised_with_its_own_critique():
    trajectory = await run(faculty("3", "4", "5"))
    assert [(a.revision, a.idx) for a in trajectory.attempts] == [
        (0, 0), (0, 1), (0, 2), (1, 0), (1, 2),
    ]  # fmt: skip
    assert trajectory.verdicts[-1].status == "accepted"


async def test_without_revisions_a_wrong_attempt_stays_wrong():
    trajectory = await run(faculty("3", max_revisions=0))
    assert (trajectory.status, trajectory.reason, trajectory.reward) == ("rejected", "wrong", 0.0)


async def test_one_failing_attempt_is_a_record_and_its_siblings_go_on():
    trajectory = await run(faculty(ValueError("no idea"), "4"))
    assert trajectory.status == "accepted"
    failed = next(a for a in trajectory.attempts if a.error)
    assert failed.error == "ValueError: no idea"
    assert {v.attempt_id: v.status for v in trajectory.verdicts}[failed.id] == "failed"


async def test_an_episode_whose_attempts_all_raise_is_failed_and_says_why():
    trajectory = await run(faculty(ValueError("a\nb"), KeyError("c")))
    assert (trajectory.status, trajectory.reward, trajectory.reason) == ("failed", None, "error")
    assert trajectory.error == "attempt: ValueError: a b"


async def test_a_teacher_that_raises_ends_the_episode_as_failed_with_its_node():
    broken = replace(faculty("4"), teacher=Broken())
    trajectory = await run(broken)
    assert trajectory.status == "failed"
    assert trajectory.error == "write_lesson: RuntimeError: out of chalk"


class Broken(Fixed):
    async def write_lesson(self, *given, **more):
        raise RuntimeError("out of chalk")


async def test_a_draft_that_is_no_lesson_is_asked_for_again():
    trajectory = await run(replace(faculty("4"), teacher=Fixed(refusals_first=2)))
    assert trajectory.status == "accepted"
    assert trajectory.findings == ("unparsable: nothing came of it",) * 2


async def test_a_teacher_that_never_writes_a_lesson_is_refused_by_the_screen():
    trajectory = await run(replace(faculty("4"), teacher=Fixed(refusals_first=9)))
    assert (trajectory.status, trajectory.reason, trajectory.lesson) == ("rejected", "screen", None)
    assert len(trajectory.findings) == 3


async def test_a_lesson_with_an_unknown_verifier_is_refused_even_by_a_lenient_screen():
    lenient = replace(faculty("4"), teacher=Fixed(verifier="no such"), strict_screen=False)
    trajectory = await run(lenient)
    assert trajectory.reason == "screen"
    assert "no such" in trajectory.findings[0]


@pytest.mark.parametrize("by_idx", [(EndpointDown("gone", endpoint="e"),),
                                    (EndpointDown("gone", endpoint="e"), "4")])  # fmt: skip
async def test_an_endpoint_that_is_down_leaves_the_episode_open(by_idx):
    with pytest.raises(EndpointDown, match="gone"):
        await run(faculty(*by_idx))


async def test_an_endpoint_that_refuses_the_key_leaves_the_episode_open():
    refused = EndpointRefused("no", endpoint="e", status=401, before_any_answer=False)
    with pytest.raises(EndpointRefused):
        await run(faculty(refused))


@pytest.mark.parametrize("role", ["teacher", "student", "critic"])
async def test_trouble_with_the_store_leaves_the_episode_open(role):
    class Full(Fixed):
        name = "full"

        async def write_lesson(self, *given, **more):
            raise StorageError("disk full")

        async def attempt(self, *given, **more):
            raise StorageError("disk full")

        async def judge(self, *given, **more):
            raise StorageError("disk full")

    with pytest.raises(StorageError, match="disk full"):
        await run(replace(faculty("4", "5"), **{role: Full()}))


async def test_a_refused_grading_leaves_its_attempt_unscored_and_its_siblings_alone():
    class Picky(ProgramCritic):
        async def judge(self, lesson, attempt, site, journal):
            if site.idx == 0:
                raise EndpointRefused("too long", endpoint="e", status=400, before_any_answer=False)
            return await super().judge(lesson, attempt, site, journal)

    trajectory = await run(replace(faculty("4", "4"), critic=Picky()))
    assert [v.status for v in trajectory.verdicts] == ["unscored", "accepted"]
    assert "too long" in trajectory.verdicts[0].grades[0].reason


async def test_two_episodes_of_an_app_have_ids_of_their_own():
    one, other = [await run(faculty("4"), seed=seed) for seed in (1, 2)]
    assert one.id != other.id
    assert one.id == (await run(faculty("4"), seed=1)).id


async def test_an_endpoint_that_refuses_one_request_fails_that_attempt_only():
    refused = EndpointRefused("too long", endpoint="e", status=400, before_any_answer=False)
    trajectory = await run(faculty(refused, "4"))
    assert trajectory.status == "accepted"


async def test_a_lesson_that_repeats_a_benchmark_is_asked_for_again_with_the_reason(tmp_path):
    (tmp_path / "test.txt").write_text(ITEM)
    benchmarks = Benchmarks.read([tmp_path / "test.txt"])

    class Learns(Fixed):
        async def write_lesson(self, assignment, site, journal, refusals=()):
            told.append(refusals)
            self.question = "What is 2 + 2?" if refusals else f"Say: {ITEM}"
            return await super().write_lesson(assignment, site, journal)

    told = []
    trajectory = await run(replace(faculty("4"), teacher=Learns(), benchmarks=benchmarks))

    reason = (
        f"contaminated: 11 words in a row with '{tmp_path / 'test.txt'}' line 1: "
        "'how many wheels have two cars a cart and nine bicycles'"
    )
    assert told == [(), (reason,)]
    assert (trajectory.status, trajectory.findings) == ("accepted", (reason,))


async def test_a_lenient_screen_takes_a_lesson_that_repeats_a_benchmark_with_a_warning(tmp_path):
    (tmp_path / "test.txt").write_text(ITEM)
    benchmarks = Benchmarks.read([tmp_path / "test.txt"])
    asked = replace(faculty("4"), teacher=Fixed(question=ITEM), benchmarks=benchmarks)
    strict, lenient = await run(asked), await run(replace(asked, strict_screen=False))

    assert (strict.status, strict.reason, strict.attempts) == ("rejected", "screen", ())
    assert (lenient.status, lenient.findings) == ("accepted", strict.findings[:1])


async def test_a_duplicate_is_refused_by_a_strict_screen_and_a_warning_to_a_lenient_one():
    class Seen:
        async def twin(self, question_digest, n):
            return 3

        async def near(self, lesson, n):
            raise AssertionError

    strict = await run(replace(faculty("4"), memory=Seen()))
    lenient = await run(replace(faculty("4"), memory=Seen(), strict_screen=False))
    assert (strict.reason, strict.findings[0]) == ("screen", "duplicate: of episode 3")
    assert (lenient.status, lenient.findings) == ("accepted", ("duplicate: of episode 3",))


async def test_the_student_is_never_shown_the_reference():
    teacher = ScriptedModel([("", '{"reference": "417", "question": "How many miles is that?"}')])
    student = ScriptedModel([("", "Answer: 5")])
    skills = (Skill(name="sorting", verifier="math", about="Distances."),)
    lent_faculty = replace(
        embedded_faculty(),
        teacher=ChatTeacher(Channel(teacher, "teacher"), skills),
        student=ChatStudent(Channel(student, "student")),
    )
    trajectory = await run(lent_faculty)
    assert trajectory.lesson.reference == "417"
    seen = "".join(m.content for request in student.requests for m in request.messages)
    assert "How many miles" in seen
    assert "417" not in seen


async def test_the_sink_gets_the_trajectory_and_its_refusal_ends_the_call():
    class Full:
        async def land(self, trajectory):
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await run(replace(faculty("4"), sink=Full()))


async def test_the_same_input_gives_the_same_trajectory():
    assert await run(embedded_faculty()) == await run(embedded_faculty())
    assert await run(embedded_faculty()) != await run(embedded_faculty(), seed=8)


def test_no_episode_takes_more_steps_than_it_is_allowed():
    most = replace(embedded_faculty(), drafts=3, max_revisions=16)
    assert supersteps(most) < 200


async def test_an_app_may_bring_a_checkpointer_and_read_the_state_back():
    known = [("storage.records", name) for name in ("Lesson", "Assignment", "Attempt", "Verdict",
             "Trajectory", "Task")] + [("agents.student", "Earlier")]  # fmt: skip
    saver = InMemorySaver(serde=JsonPlusSerializer(allowed_msgpack_modules=known))
    graph = make_graph(checkpointer=saver)
    config = {"configurable": {"thread_id": "one"}}
    out = await graph.ainvoke(ASKED, config, context=faculty("4"), durability="exit")
    state = await graph.aget_state(config)
    assert state.values["trajectory"] == out["trajectory"]


async def test_an_app_may_add_a_node_of_its_own():
    async def shout(state):
        return {"error": f"saw {state['trajectory'].status}"}

    graph = build_episode()
    graph.add_node("shout", shout)
    graph.add_edge("record", "shout")
    seen = [part async for part in graph.compile().astream(ASKED, context=faculty("4"))]
    assert seen[-1] == {"shout": {"error": "saw accepted"}}


async def test_the_served_graph_runs_with_settings_and_with_none():
    assert (await episode().ainvoke(ASKED))["trajectory"].lesson
    out = await episode().ainvoke(ASKED, context={"attempts": 1, "max_revisions": 0})
    assert len(out["trajectory"].attempts) == 1


def test_settings_out_of_range_are_refused():
    with pytest.raises(Exception, match="attempts must be from 1 to 16"):
        lent(Settings(attempts=99))


def test_a_context_that_is_a_faculty_is_lent_as_it_is():
    given = embedded_faculty()
    assert lent(given) is given
    assert isinstance(lent(None), Faculty)
