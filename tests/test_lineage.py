import networkx as nx

from storage.lineage import lineage
from storage.queries import UsedCall
from storage.records import (
    Assignment,
    Attempt,
    CallSite,
    Lesson,
    ModelCall,
    Reply,
    Request,
    Role,
    Task,
    Trajectory,
    Verdict,
)

LESSON = Lesson(
    id="l1",
    skill="s",
    level=1,
    task=Task(question="q"),
    reference="7",
    verifier="exact",
    expert_seed="s1",
    made_by="chat/m",
)


def attempt(one: str, revision: int, idx: int) -> Attempt:
    fields = {"trajectory_id": "t1", "lesson_id": "l1", "text": "x", "made_by": "m"}
    return Attempt.model_validate({"id": one, "revision": revision, "idx": idx} | fields)


def verdict(one: str, of: str, rung: str = "program") -> Verdict:
    fields = {"id": one, "attempt_id": of, "status": "rejected", "reward": 0.0, "rung": rung}
    return Verdict.model_validate(fields)


def used(digest: str, role: Role, revision: int = 0, idx: int = 0) -> UsedCall:
    site = CallSite(trajectory_id="t1", seed=1, role=role, revision=revision, idx=idx)
    asked = Request(endpoint="e", model="m", messages=())
    call = ModelCall(
        request_digest=digest,
        request=asked,
        reply=Reply(text="", raw=""),
        latency_s=0,
        cost_usd=None,
    )
    return UsedCall(site, call, journal_hit=False, created_at="")


WHOLE = Trajectory(
    id="t1",
    run_id="r1",
    assignment=Assignment(n=0, skill="s", seed=1),
    lesson=LESSON,
    attempts=(attempt("a0", 0, 0), attempt("a1", 0, 1), attempt("b1", 1, 1)),
    verdicts=(
        verdict("v0", "a0"),
        verdict("v1", "a1"),
        verdict("w1", "b1"),
        verdict("p0", "a0", "person"),
    ),
    status="rejected",
    reward=0.0,
)


def test_a_trajectory_grows_from_expert_seed_to_verdict() -> None:
    edges = {
        *[("s1", "l1"), ("l1", "a0"), ("l1", "a1"), ("l1", "b1"), ("a1", "b1")],
        *[("a0", "v0"), ("a1", "v1"), ("b1", "w1"), ("a0", "p0")],
    }
    graph = lineage(WHOLE)

    assert set(graph.edges) == edges
    assert nx.is_directed_acyclic_graph(graph)
    assert graph.nodes["b1"] == {"kind": "attempt", "revision": 1, "idx": 1}
    assert graph.nodes["s1"] == {"kind": "expert_seed"}


def test_every_call_leads_to_what_it_made_and_none_to_a_persons_verdict() -> None:
    calls = [
        used("d1", "teacher"),
        used("d2", "student", 1, 1),
        used("d3", "critic"),
        used("d4", "student", 5, 5),
        used("d5", "critic", 5, 5),
    ]
    graph = lineage(WHOLE, calls)
    made = {node: list(graph.successors(node)) for node in graph if graph.nodes[node].get("role")}

    assert made == {"d1": ["l1"], "d2": ["b1"], "d3": ["v0"], "d4": [], "d5": []}


def test_a_trajectory_without_a_lesson_has_only_its_calls() -> None:
    bare = WHOLE.model_copy(update={"lesson": None, "attempts": (), "verdicts": ()})

    assert dict(lineage(bare, [used("d1", "teacher")]).nodes) == {
        "d1": {"kind": "call", "role": "teacher"}
    }
