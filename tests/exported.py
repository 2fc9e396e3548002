"""A small database with names that strike back, and rows of every format, for tests of exports."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from storage import ids
from storage.export.facts import Facts, facts
from storage.export.figures import Figures
from storage.export.manifest import ExportFile
from storage.journal import SqliteJournal
from storage.queries import Reader
from storage.records import (
    Assignment,
    Attempt,
    CallSite,
    Check,
    ExpertSeed,
    Lesson,
    Message,
    ModelCall,
    Reply,
    Request,
    Run,
    Status,
    Task,
    Trajectory,
    Verdict,
)
from storage.store import Store

NASTY = (
    "# heading",
    "<script>alert(1)</script>",
    "[link](http://evil.example) ![x](http://evil.example/x.png)",
    "a | b | c\n\n| --- |",
    '"quoted": yes\n- item\n---\nlicense: mit',
    "`code` *em* **strong** ~~gone~~ $x$ https://evil.example www.evil.example",
    "{{ 7 * 7 }} {% raw %} \u202e txt \x1b[31m red \ufffe \u2028 end",
    "no",
)
"""Names that would become something else in Markdown, HTML, YAML or a template."""
KEY = "sk-this-is-a-key-0123456789"


def config(model: str) -> dict[str, Any]:
    """Return the config of a run with a chat faculty, as it is stored."""
    chat = {
        "kind": "chat",
        "model": model,
        "base_url": f"http://user:{KEY}@127.0.0.1:1/v1",
        "temperature": 0.5,
        "extra_body": {"top_p": 0.9, "api_key": KEY},
        "prompt": "/home/somebody/prompt.md",
    }
    critic = {**chat, "own_answers": 3, "judges": [{**chat, "model": "second-judge"}]}
    return {"teacher": chat, "student": chat, "critic": critic}


def run(own: str = "r1", model: str = "m") -> Run:
    return Run(
        id=own, identity={"of": own}, config=config(model), seed=7, episodes=9,
        created_at="2026-01-01", versions={"lyceum": "0.1.0", "student": f"chat/{model}"},
    )  # fmt: skip


def seed(author: str | None, licence: str | None) -> ExpertSeed:
    fields = {"example": f"by {author}", "author": author, "licence": licence}
    return ExpertSeed(id=ids.expert_seed_id(fields), **fields)


def trajectory(
    n: int, *statuses: Status, own: str = "r1", skill: str = "s", expert_seed: str | None = None
) -> Trajectory:
    """Return an episode with an attempt of each status; none: the screen refused its lesson."""
    name = ids.trajectory_id(own, n)
    task = Task(question=f"How many, {n}?")
    lesson = Lesson(
        id="", skill=skill, level=1 + n % 2, task=task, reference="7", verifier="exact",
        expert_seed=expert_seed, made_by="chat/m",
    )  # fmt: skip
    lesson = lesson.model_copy(update={"id": ids.lesson_id(lesson)})
    attempts, verdicts = [], []
    for idx, status in enumerate(statuses):
        one = ids.attempt_id(name, 0, idx)
        place = {"trajectory_id": name, "lesson_id": lesson.id, "idx": idx}
        attempts.append(Attempt(id=one, **place, text=f"{n} {idx}", made_by="chat/m"))
        is_scored = status in ("accepted", "rejected")
        checks = (Check(verifier="exact", version=2, finding="passed", evidence="so"),)
        verdicts.append(
            Verdict(
                id=ids.verdict_id(one, 0), attempt_id=one, status=status,
                reward=float(status == "accepted") if is_scored else None,
                rung="program" if is_scored else None,
                reason={"rejected": "wrong", "unscored": "abstained"}.get(status),
                checks=checks if is_scored else (),
            )
        )  # fmt: skip
    order: tuple[Status, ...] = ("accepted", "unscored", "rejected", "failed")
    status = next((each for each in order if each in statuses), "rejected")
    return Trajectory(
        id=name,
        run_id=own,
        assignment=Assignment(
            n=n, skill=skill, level=lesson.level, seed=n, expert_seed=expert_seed
        ),
        lesson=lesson if statuses else None,
        attempts=tuple(attempts),
        verdicts=tuple(verdicts),
        status=status,
        reward=1.0 if status == "accepted" else None,
        reason=None if status == "accepted" else "wrong" if statuses else "screen",
    )


def call(n: int, model: str, prompt: str) -> ModelCall:
    messages = (Message(role="user", content=f"{n}"),)
    request = Request(endpoint=f"http://{KEY}@host", model=model, messages=messages)
    reply = Reply(text="x", raw="{}", tokens_in=10, tokens_out=5)
    digest = ids.request_digest(request)
    return ModelCall(
        request_digest=digest, request=request, reply=reply, prompt=prompt, latency_s=1.0,
        cost_usd=0.25,
    )  # fmt: skip


async def database(path: Path, nasty: str = "plain") -> None:
    """Make a database in which names of all kinds are the given one."""
    seeds = [seed(nasty, nasty), seed(None, None), seed("Ada", "CC BY 4.0")]
    with Store.open(path) as store:
        await store.add_expert_seeds(seeds)
        given = {"expert_seeds": tuple(each.id for each in seeds)}
        await store.begin(run(model=nasty).model_copy(update=given))
        journal = SqliteJournal(store.writer)
        episodes = [
            trajectory(0, "accepted", "rejected", skill=nasty, expert_seed=seeds[0].id),
            trajectory(1, "accepted", "accepted", skill=nasty, expert_seed=seeds[1].id),
            trajectory(2, "rejected", "unscored", skill="sums", expert_seed=seeds[2].id),
            trajectory(3, skill="sums"),
        ]
        for one in episodes:
            await store.assign("r1", one.assignment)
            prompt = f"{nasty.split()[0]}@1 sha256:{'ab' * 32}"
            await journal.keep(
                call(one.assignment.n, nasty, prompt),
                CallSite(trajectory_id=one.id, seed=one.assignment.seed, role="teacher"),
            )
            await store.land(one)


def read(path: Path) -> Facts:
    with Reader.open(path) as reader:
        return facts(reader, reader.runs())


def example(n: int, **more: Any) -> dict[str, Any]:
    """Return the columns that every row has, and others in place of them or beside them."""
    return {
        "id": f"a{n:032x}", "trajectory_id": f"t{n}", "lesson_id": f"l{n}", "expert_seed": None,
        "licence": None, "family": "f", "skill": "sums", "level": 1, "language": "en",
        "made_by": "chat/m", "rung": "program", "reward": 1.0, "weight": 1.0, **more,
    }  # fmt: skip


def user(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def assistant(text: str) -> list[dict[str, Any]]:
    return [{"role": "assistant", "content": text}]


def rows(nasty: str = "plain") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield format, split and row: some of every format."""
    more = {"skill": nasty, "licence": nasty, "expert_seed": "s1", "made_by": f"chat/{nasty}"}
    for n in range(6):
        split = "test" if n == 5 else "train"
        asked, said = user(f"How many, {n}?"), assistant(f"It is {n}.")
        yield "sft", split, example(n, **more, messages=asked + said)
        yield "prompt-completion", split, example(n, **more, prompt=asked, completion=said)
        yield "kto", split, example(n, **more, prompt=asked, completion=said, label=n < 2)
        yield "preference", split, example(
            n, id=f"a{n}-b{n}", prompt=asked, chosen=said, rejected=assistant("No"),
            chosen_id=f"a{n}", rejected_id=f"b{n}", pair="siblings", loss="apo_zero",
            chosen_reward=1.0, rejected_reward=0.0, mean_reward=0.5,
        )  # fmt: skip
        yield (
            "stepwise",
            split,
            example(
                n,
                id=f"w{n}",
                prompt="How many?",
                completions=["One.", "Two."],
                labels=[True, False],
            ),
        )
        yield "rl", split, example(
            n, id=f"t{n}", level=1 + n % 2, rung=None, reward=None, prompt=asked, reference="7",
            verifier="exact", data="{}", answer_pattern="x", tried=2, solved=n % 3,
            solve_rate=min(1.0, n % 3 / 2),
        )  # fmt: skip
        yield "critique", split, example(
            n, prompt=user("Judge it"), completion=assistant("No."), task="How many?",
            attempt="It is.", critique=f"Not {n}.", verdict="rejected", first_wrong_step=None,
        )  # fmt: skip


def figures(nasty: str = "plain") -> Figures:
    taken = Figures()
    for row in rows(nasty):
        taken.add(*row)
    return taken


def files(taken: Figures) -> list[ExportFile]:
    return [
        ExportFile(f"{form}/{split}-00000-of-00001.parquet", 9, "0" * 64, form, split, 1)
        for form in taken.forms
        for split in taken.splits
    ]
