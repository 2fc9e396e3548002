"""A replay rebuilds what was made, and tells a disagreement from a mere difference."""

from dataclasses import replace

import pytest

from agents.chat.channel import Channel
from agents.chat.scripted import ScriptedModel
from agents.errors import NotInJournal
from agents.student import ChatStudent
from graphs import embedded_faculty, make_graph
from graphs.batch import Batch
from graphs.curriculum import Curriculum
from graphs.models import SilentModel
from graphs.replay import Replayer, in_place
from storage.ids import dataset_digest, trajectory_digest
from storage.journal import RecordedJournal, SqliteJournal
from storage.queries import Reader
from storage.records import Run
from storage.store import Store

RUN = "r" + "1" * 32
LAG = 8


def plan():
    teacher = embedded_faculty(seed=7).teacher
    return Curriculum(teacher.skills, seed=7, capacity=teacher.capacity)


def faculty(student=None, journal=None):
    made = embedded_faculty(seed=7, attempts=1, journal=journal)
    return replace(made, student=student) if student else made


@pytest.fixture
async def path(tmp_path):
    """A database of 16 embedded episodes."""
    with Store.open(tmp_path / "lyceum.db") as store:
        await fill(store, faculty())
    return tmp_path / "lyceum.db"


async def fill(store, lent, episodes=16):
    run = Run(id=RUN, identity={}, config={}, seed=7, episodes=episodes, created_at="2026-01-01")
    await store.begin(run)
    await Batch(
        run_id=RUN, graph=make_graph(), faculty=replace(lent, sink=store), plan=plan(),
        ledger=store, episodes=episodes, lag=LAG, open_limit=4,
    ).run()  # fmt: skip


async def replayed(stored, lent=None):
    replayer = Replayer(make_graph(), lent or faculty(), plan(), LAG)
    return await replayer.replay(stored)


def stored_in(path):
    with Reader.open(path) as reader:
        return list(reader.stream(RUN))


async def test_what_was_made_is_made_again(path):
    stored = stored_in(path)
    found = await replayed(stored)
    assert (found.disagreements, found.differences, found.episodes) == ([], [], 16)
    assert found.dataset_digest == dataset_digest(trajectory_digest(t) for t in stored)


async def test_gaps_in_an_unfinished_run_are_no_disagreement(path):
    stored = [t for t in stored_in(path) if t.assignment.n not in (13, 15)]
    assert (await replayed(stored)).disagreements == []


async def test_an_assignment_that_the_curriculum_would_not_make_is_named(path):
    stored = stored_in(path)
    asked = stored[3].assignment.model_copy(update={"practice": {"sums": 5}})
    stored[3] = stored[3].model_copy(update={"assignment": asked})
    found = await replayed(stored)
    [named] = [d for d in found.disagreements if d.table == "assignments"]
    assert (named.id, named.column) == (stored[3].id, "practice")


async def test_an_attempt_that_is_missing_or_too_many_is_named(path):
    stored = stored_in(path)
    extra = stored[0].attempts[0].model_copy(update={"id": "a-foreign", "idx": 9})
    stored[0] = stored[0].model_copy(update={"attempts": (*stored[0].attempts, extra)})
    stored[1] = stored[1].model_copy(update={"attempts": (), "verdicts": ()})
    told = {(d.table, d.what) for d in (await replayed(stored)).disagreements}
    assert ("attempts", "stored, but nothing makes it") in told
    assert ("verdicts", "made, but not stored") in told


async def test_another_embedded_version_is_a_difference_and_told_once(path):
    older = [
        t.model_copy(update={"lesson": t.lesson.model_copy(update={"made_by": "embedded/old@0"})})
        for t in stored_in(path)
    ]
    found = await replayed(older)
    assert found.disagreements == []
    assert found.differences
    assert all(d.startswith("made by embedded/old@0; this version has") for d in found.differences)


async def test_another_version_of_a_verifier_is_a_difference_and_no_disagreement(path):
    def with_older_checks(verdict):
        older = [check.model_copy(update={"version": 99}) for check in verdict.checks]
        return verdict.model_copy(update={"checks": tuple(older)})

    older = [
        t.model_copy(update={"verdicts": tuple(map(with_older_checks, t.verdicts))})
        for t in stored_in(path)
    ]
    found = await replayed(older)

    assert found.disagreements == []
    assert all("@99; this version has" in told for told in found.differences)
    assert found.differences


async def test_a_library_lesson_whose_content_was_changed_does_not_have_its_id(path):
    stored = stored_in(path)
    changed = stored[2].lesson.model_copy(update={"reference": "0"})
    stored[2] = stored[2].model_copy(update={"lesson": changed})
    places = {(d.table, d.id, d.column) for d in (await replayed(stored)).disagreements}
    assert {("lessons", changed.id, "reference"), ("lessons", changed.id, "id")} <= places


async def test_calls_are_found_by_place_and_another_prompt_is_a_difference(tmp_path):
    model = ScriptedModel([("", "Answer: 12")])
    with Store.open(tmp_path / "lyceum.db") as store:
        student = ChatStudent(Channel(model, "student"))
        await fill(store, faculty(student, SqliteJournal(store.writer)), episodes=4)
    stored = stored_in(tmp_path / "lyceum.db")
    for name, differences in (("scripted", 0), ("another", 1)):
        journal = RecordedJournal(tmp_path / "lyceum.db")
        silent = ChatStudent(Channel(SilentModel("scripted", name), "student"))
        found = await replayed(stored, faculty(silent, journal))
        journal.close()
        assert [d for d in found.disagreements if d.column != "made_by"] == []
        assert bool(journal.differences) == differences


async def test_a_call_that_is_not_in_the_journal_is_named(path):
    silent = ChatStudent(Channel(SilentModel("e", "m"), "student"))
    stored = stored_in(path)
    found = await replayed(stored, faculty(silent))
    assert {d.what.split(":")[0] for d in found.disagreements} == {"cannot be rebuilt"}
    assert found.dataset_digest == dataset_digest(trajectory_digest(t) for t in stored)


async def test_a_failed_episode_that_lacks_its_call_is_left_as_it_is(path):
    failed = [t.model_copy(update={"status": "failed"}) for t in stored_in(path)]
    silent = ChatStudent(Channel(SilentModel("e", "m"), "student"))
    assert (await replayed(failed, faculty(silent))).disagreements == []
    with pytest.raises(NotInJournal):
        await SilentModel("e", "m").complete(None)


async def test_a_librarys_lessons_stand_at_their_index(path):
    stored = stored_in(path)
    placed = in_place(t for t in stored if t.assignment.n not in (0, 1, 7))
    assert len(placed) == 16
    assert placed[3] == stored[3].lesson
    assert placed[7] == stored[6].lesson
    assert in_place([]) == ()
