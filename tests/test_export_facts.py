import re
from pathlib import Path

from storage import __version__
from storage.export.facts import Facts, facts
from storage.queries import Reader
from storage.store import Store
from tests.exported import KEY, config, database, read, run, trajectory


async def told(path: Path) -> Facts:
    await database(path)
    return read(path)


async def test_counts_are_those_of_the_database(tmp_path: Path) -> None:
    found = await told(tmp_path / "a.db")

    assert found.trajectories == {"accepted": 2, "rejected": 1, "unscored": 1, "failed": 0}
    assert found.attempts == {"accepted": 3, "rejected": 2, "unscored": 1, "failed": 0}
    assert found.rungs == {"program": {"accepted": 3, "rejected": 2}, None: {"unscored": 1}}
    assert found.reasons == {"wrong": 2, "abstained": 1}
    assert found.refusals == {"screen": 1, "wrong": 1}
    assert found.skills["plain"] == {"accepted": 2, "rejected": 0, "unscored": 0, "failed": 0}
    assert found.levels[1] == {"accepted": 1, "rejected": 0, "unscored": 1, "failed": 0}
    assert found.languages == {"en": {"accepted": 2, "rejected": 1, "unscored": 1}}
    assert found.first_tries == {1: (3, 1), 2: (2, 2)}
    assert found.verifiers == {("exact", 2): 5}
    assert found.seeds.licences == {"plain": 1, None: 1, "CC BY 4.0": 1}
    assert ("Ada", "CC BY 4.0", 1) in found.seeds.authors
    assert found.costs["teacher"].calls == 4
    assert found.costs["teacher"].cost_usd == 1.0
    assert found.lyceum == __version__
    assert re.fullmatch(r"m\d{3}_\w+", found.schema)


async def test_the_last_verdict_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    one = trajectory(0, "accepted")
    last = one.verdicts[0].model_copy(
        update={
            "id": "v9",
            "status": "rejected",
            "reward": 0.0,
            "rung": "person",
            "reason": "wrong",
        }
    )
    with Store.open(path) as store:
        await store.begin(run())
        await store.assign("r1", one.assignment)
        await store.land(one.model_copy(update={"verdicts": (*one.verdicts, last)}))

    assert read(path).rungs == {"person": {"rejected": 1}}


async def test_models_prompts_and_settings_are_told_and_no_key_or_address(tmp_path: Path) -> None:
    found = await told(tmp_path / "a.db")

    assert [(each.role, each.model) for each in found.faculty] == [
        ("teacher", "plain"), ("student", "plain"), ("critic", "plain"), ("critic", "second-judge"),
    ]  # fmt: skip
    assert found.faculty[0].settings == {"temperature": 0.5, "top_p": 0.9}
    assert found.faculty[0].unshown == 1
    assert found.faculty[2].settings["own_answers"] == 3
    assert [(each.name, each.digest, each.calls) for each in found.prompts] == [
        ("plain@1", f"sha256:{'ab' * 32}", 4)
    ]
    whole = repr(found)
    assert KEY not in whole
    assert "127.0.0.1" not in whole
    assert "/home/" not in whole


async def test_of_several_runs_those_that_were_asked_for_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await database(path)
    alone = read(path)
    with Store.open(path) as store:
        await store.begin(run("r2", "other"))
        one = trajectory(0, "rejected", own="r2", skill="other")
        await store.assign("r2", one.assignment)
        await store.land(one)
    with Reader.open(path) as reader:
        found = facts(reader, [reader.run("r1")])
        both = facts(reader, reader.runs())

    assert found == alone
    assert {each.id for each in both.runs} == {"r1", "r2"}
    assert both.attempts["rejected"] == alone.attempts["rejected"] + 1
    assert "other" in {each.model for each in both.faculty}


async def test_a_student_that_is_a_program_is_known_as_simulated(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    embedded = config("m") | {"student": {"kind": "embedded"}}
    with Store.open(path) as store:
        await store.begin(run().model_copy(update={"config": embedded}))
    simulated = read(path)
    await database(tmp_path / "b.db")

    assert simulated.simulated
    assert simulated.trajectories == dict.fromkeys(simulated.trajectories, 0)
    assert not read(tmp_path / "b.db").simulated


async def test_a_cost_is_unknown_as_soon_as_one_price_is(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await database(path)
    with Store.open(path) as store:
        await store.writer.run(lambda db: db.execute("UPDATE call_sums SET unpriced = 1"))

    assert read(path).costs["teacher"].cost_usd is None


async def test_attempts_that_nobody_judged_count_as_failed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    one = trajectory(0, "accepted", "rejected")
    with Store.open(path) as store:
        await store.begin(run())
        await store.assign("r1", one.assignment)
        await store.land(one.model_copy(update={"verdicts": one.verdicts[:1]}))

    assert read(path).rungs == {"program": {"accepted": 1}, None: {"failed": 1}}


async def test_trajectories_are_told_apart_by_language(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Store.open(path) as store:
        await store.begin(run())
        for n, language in enumerate(["en", "sw", "sw"]):
            one = trajectory(n, "accepted" if n < 2 else "rejected")
            assignment = one.assignment.model_copy(update={"language": language})
            await store.assign("r1", assignment)
            await store.land(one.model_copy(update={"assignment": assignment}))

    assert read(path).languages == {"en": {"accepted": 1}, "sw": {"accepted": 1, "rejected": 1}}
