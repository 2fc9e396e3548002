"""A stored trajectory that has everything: a seed, two attempts, a revision, a judge and people."""

import asyncio
from pathlib import Path

from storage.ids import (
    attempt_id,
    derive_seed,
    expert_seed_id,
    lesson_id,
    request_digest,
    run_id,
    trajectory_id,
    verdict_id,
)
from storage.journal import SqliteJournal
from storage.people.acts import Said
from storage.people.giving import People
from storage.records import (
    Assignment,
    Attempt,
    CallError,
    CallSite,
    Check,
    ExpertSeed,
    Grade,
    Lesson,
    Message,
    ModelCall,
    Reply,
    Request,
    Run,
    Slip,
    Task,
    Trajectory,
    Verdict,
)
from storage.store import Store

RUN = run_id({"seed": 7})
ID = trajectory_id(RUN, 0)
FIRST, SECOND, REVISED = attempt_id(ID, 0, 0), attempt_id(ID, 0, 1), attempt_id(ID, 1, 1)
ATTEMPT = r"""There are 16 eggs a day, and she eats 3 for breakfast.

1. $16 - 3 = 13$
2. \(13 \cdot 2 = 28\), as each costs $2 and not $5.
3. So she makes \[\frac{28}{1} = 28.\]

| eggs | price |
| ---: | :---- |
| 13   | **2** |

```python
def earned(eggs: int) -> int:
    return (eggs - 3) * 2  # each
```

Answer: 28"""
BETTER = ATTEMPT.replace("28", "26")


def trajectory(
    text: str = ATTEMPT, other: str = BETTER, said: str = "Look at step 2."
) -> Trajectory:
    """Return it; `text` is what the first tries say, `other` the revision, `said` all else."""
    seed = _seed(said)
    lesson = Lesson(
        id="", skill="rates", level=2, reference="26", verifier="judge", expert_seed=seed.id,
        task=Task(question=text if text != ATTEMPT else QUESTION, instruction="State the answer."),
        steps=("16 - 3 = 13", "13 * 2 = 26"), data={"note": said}, made_by="chat/teach",
    )  # fmt: skip
    lesson = lesson.model_copy(update={"id": lesson_id(lesson)})
    tries = {FIRST: (0, 0, text), SECOND: (0, 1, text + "\n"), REVISED: (1, 1, other)}
    attempts = tuple(
        Attempt(
            id=one, trajectory_id=ID, lesson_id=lesson.id, idx=idx, revision=revision, text=each,
            reasoning=f"Let me think. {said}", answer=each.rpartition("Answer: ")[2][:300],
            slips=(Slip(misconception=said[:80], step=2),) if one == SECOND else (),
            made_by="chat/small", finish_reason="stop",
        )
        for one, (revision, idx, each) in tries.items()
    )  # fmt: skip
    return Trajectory(
        id=ID, run_id=RUN, lesson=lesson, attempts=attempts, verdicts=_verdicts(said),
        assignment=Assignment(n=0, skill="rates", level=2, seed=1, expert_seed=seed.id),
        status="accepted", reward=1.0, findings=(f"draft 1: {said}",),
    )  # fmt: skip


QUESTION = """Janet's ducks lay 16 eggs a day. She eats 3 and sells the rest for $2 each.

How much does she make, if $x$ is the number of eggs?"""


def stored(path: Path, whole: Trajectory | None = None, said: str = "Look at step 2.") -> Path:
    """Store a trajectory with its run, seed, calls and what people say; return the path."""
    asyncio.run(_store(path, whole or trajectory(), said))
    return path


def judged(path: Path) -> None:
    """Let two people say what they think of the first attempt, and one of them take it back."""
    with People.open(path) as people:
        right = Said(status="accepted", note="It is fine.", critique="", grades=())
        act = people.give(FIRST, right, person="Ada", token="1", blind=True)
        people.withdraw(act.verdict_id, person="Ada", token="2")
        wrong = Said(status="rejected", note="Step 2 is wrong.", critique="13 times 2 is 26.")
        people.give(FIRST, wrong, person="Ben", token="3", blind=False)


def _seed(said: str) -> ExpertSeed:
    fields = {
        "example": f"A farmer sells eggs. {said}", "reference": "26", "passage": None,
        "skill": None, "author": "Ada", "licence": "CC0",
    }  # fmt: skip
    return ExpertSeed(id=expert_seed_id(fields), **fields)


def _verdicts(said: str) -> tuple[Verdict, ...]:
    check = Check(verifier="math", finding="failed", evidence=f"28 is not 26. {said}",
                  limits={"timeout_s": 5, "sandbox": said[:80]})  # fmt: skip
    wrong = Verdict(
        id=verdict_id(FIRST, 0), attempt_id=FIRST, status="rejected", reward=0.0, rung="program",
        reason="wrong", checks=(check,), critique=said, first_wrong_step=2,
        first_wrong_step_rung="program",
    )  # fmt: skip
    grades = (
        Grade(criterion="correct", weight=0.6, grade=1.0, reason=f'It holds. Quoted: "{said}"'),
        Grade(criterion="complete", weight=0.25, grade=None, reason=said),
        Grade(criterion="clear", weight=0.15, grade=1.0),
        Grade(criterion="agreed", weight=0.0, grade=None, reason="2 of 2, unanimous"),
    )
    second = wrong.model_copy(update={"id": verdict_id(SECOND, 0), "attempt_id": SECOND})
    right = Verdict(
        id=verdict_id(REVISED, 0), attempt_id=REVISED, status="accepted", reward=1.0, rung="judge",
        grades=grades,
    )  # fmt: skip
    return wrong, second, right


async def begin(store: Store, said: str) -> None:
    """Store the run and its expert seed."""
    seed = _seed(said)
    run = Run(id=RUN, identity={"seed": 7}, config={"model": said}, seed=7, episodes=1,
              created_at="2026-01-01T00:00:00Z", expert_seeds=(seed.id,))  # fmt: skip
    await store.add_expert_seeds([seed])
    await store.begin(run)


async def _store(path: Path, whole: Trajectory, said: str) -> None:
    with Store.open(path) as store:
        journal = SqliteJournal(store.writer)
        await begin(store, said)
        await store.assign(RUN, whole.assignment)
        for role, idx, revision, turn, text in (
            ("teacher", 0, 0, 0, said), ("student", 0, 0, 0, whole.attempts[0].text),
            ("student", 1, 0, 0, "another text"), ("critic", 1, 1, 0, said),
            ("critic", 1, 1, 4, said), ("critic", 1, 1, 10, f"It is 26. {said}"),
            ("critic", 1, 1, 12, "26"),
        ):  # fmt: skip
            site = CallSite(trajectory_id=ID, seed=derive_seed(1), role=role, idx=idx,
                            revision=revision, turn=turn)  # fmt: skip
            await journal.keep(_call(role, text, said, turn), site)
        lost = CallError(request_digest="sha256:0", kind="timeout", message=f"after 5 s {said}",
                         try_number=1)  # fmt: skip
        await journal.fail(lost, site)
        await store.land(whole)


def _call(role: str, text: str, said: str, turn: int) -> ModelCall:
    request = Request(
        endpoint="local", model=f"{role}-model", draw=turn,
        messages=(Message(role="system", content="You help."), Message(role="user", content=said)),
        parameters={"temperature": 0.8},
    )  # fmt: skip
    return ModelCall(
        request_digest=request_digest(request), request=request,
        reply=Reply(text=text, reasoning=said, raw=f'{{"said": {text!r}}}', tokens_in=120,
                    tokens_out=45),
        prompt=f"{role}.prompt@3 sha256:00", latency_s=1.25, cost_usd=0.0004,
    )  # fmt: skip
