"""A run as spans: whole, the same each time, and only values whatever its texts are."""

import asyncio
import gzip
import json
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from storage import ids
from storage.errors import Missing, NotSent, NotWritable, Unknown
from storage.hold import held
from storage.journal import SqliteJournal
from storage.people.acts import Said
from storage.people.giving import People
from storage.queries import Reader
from storage.records import CallError, CallSite, Message, ModelCall, Reply, Request
from storage.store import Store
from storage.traces.episode import spans_of
from storage.traces.landed import Landed
from storage.traces.lines import message
from storage.traces.manner import Manner
from storage.traces.sending import MOST_SPANS, send
from storage.traces.span import nanoseconds, span_of, told, trace_of
from storage.traces.tracing import Tracing

pb2 = pytest.importorskip(
    "opentelemetry.proto.collector.trace.v1.trace_service_pb2",
    reason='needs the extra: pip install "lyceum[otel]"',
)
ROOT = Path(__file__).parents[1]
RUN = "r" + "1" * 32
HOSTILE = "\x00\x1b[2J<script>alert(1)</script>\u202e ${jndi:ldap://x} {{7*7}} ' OR 1=1 --"
KEY = "sk-a-key-that-must-not-be-seen"
OWN = ("OTEL_EXPORTER_OTLP_", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME")


class Collector:
    """A collector that keeps what it is sent, as long as it is asked to."""

    def __init__(self):
        self.requests, self.headers, self.status, self.rejects = [], [], 200, 0
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                answer = pb2.ExportTraceServiceResponse()
                if kept.status == 200:
                    kept.requests.append(pb2.ExportTraceServiceRequest.FromString(body))
                    kept.headers.append((self.path, dict(self.headers)))
                if kept.rejects:
                    answer.partial_success.rejected_spans = kept.rejects
                    answer.partial_success.error_message = "too \x1b[31mold"
                said = answer.SerializeToString()
                self.send_response(kept.status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def spans(self):
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector():
    kept = Collector()
    thread = threading.Thread(target=kept.server.serve_forever)
    thread.start()
    yield kept
    kept.server.shutdown()
    thread.join()
    kept.server.server_close()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Nothing of this machine's own settings, and no long wait for who does not answer."""
    for name in ("ENDPOINT", "HEADERS", "TRACES_ENDPOINT", "TRACES_HEADERS", "COMPRESSION"):
        monkeypatch.delenv(f"OTEL_EXPORTER_OTLP_{name}", raising=False)
    monkeypatch.delenv("OTEL_RESOURCE_ATTRIBUTES", raising=False)
    monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value(each) for each in any_value.array_value.values]
    return getattr(any_value, kind)


def attributes(told):
    return {each.key: value(each.value) for each in told.attributes}


def tree(spans):
    """Return names below names, by the parents' ids."""
    by_id = {span.span_id: span for span in spans}
    assert len(by_id) == len(spans)
    found = {}
    for span in spans:
        parent = by_id.get(span.parent_span_id)
        assert bool(span.parent_span_id) == (parent is not None)
        found.setdefault(parent.name if parent else None, []).append(span.name)
    return {name: sorted(below) for name, below in found.items()}


def a_call(role, text, *, model="m", endpoint="https://user:pw@api.example.org:8443/v1?key=k"):
    request = Request(
        endpoint=endpoint, model=model,
        messages=(
            Message(role="system", content="You are."), Message(role="user", content=f"{role}?"),
        ),
        parameters={"temperature": 0.5, "max_tokens": 99, "stop": ["x"]},
    )  # fmt: skip
    raw = json.dumps({"id": "chatcmpl-1", "model": "m-2026"})
    reply = Reply(text=text, reasoning="Hm.", raw=raw, tokens_in=12, tokens_out=3)
    return ModelCall(
        request_digest=ids.request_digest(request), request=request, reply=reply,
        prompt=f"{role}.write@2 sha256:ab", latency_s=0.25, cost_usd=0.5,
    )  # fmt: skip


@pytest.fixture
def talked(tmp_path, classroom):
    """A database with one episode of two attempts, one revised, which called models."""
    tried = classroom.tried
    made = classroom.episode(
        0, "1 + 6?", tried("It is 7."),
        tried("8", "rejected", reason="wrong", critique="Count again.", wrong_step=1),
        tried("7 now", idx=1, revision=1), run=RUN, skill="sums",
    )  # fmt: skip
    path = classroom.written(tmp_path / "talked.db", runs=(RUN,))
    places = [("teacher", 0, 0), ("student", 0, 0), ("student", 1, 0), ("critic", 0, 0)]

    async def write():
        with Store.open(path) as store:
            journal = SqliteJournal(store.writer)
            await store.assign(RUN, made.assignment)
            for role, idx, revision in places:
                site = CallSite(
                    trajectory_id=made.id, seed=0, role=role, idx=idx, revision=revision
                )
                error = CallError(
                    request_digest="sha256:1", kind="timeout", message="too slow", try_number=1
                )
                if role == "student":
                    await journal.fail(error, site)
                await journal.keep(a_call(role, f"{role} {idx} says"), site)
            await store.land(made)

    asyncio.run(write())
    return path


def test_an_episode_comes_out_as_a_whole_tree(talked, collector):
    sent = send(talked, None, Tracing(to=collector.url))
    run, *rest = sorted(collector.spans(), key=lambda span: span.name != f"run {RUN[:10]}")

    assert (sent.episodes, sent.spans, sent.requests) == (1, len(rest) + 1, 2)
    assert tree(rest) == {
        None: ["episode 0 sums"],
        "episode 0 sums": [
            *["invoke_agent critic"] * 3, *["invoke_agent student"] * 3, "invoke_agent teacher"
        ],
        "invoke_agent teacher": ["chat m"],
        "invoke_agent student": ["chat m"] * 2,
        "invoke_agent critic": ["chat m", *["verdict program"] * 3],
    }  # fmt: skip
    episode = next(span for span in rest if span.name.startswith("episode"))
    assert {span.trace_id for span in rest} == {episode.trace_id}
    [link] = episode.links
    assert (link.trace_id, link.span_id) == (run.trace_id, run.span_id)
    assert run.trace_id.hex() == RUN[1:]


def test_a_small_run_may_be_one_trace(talked, collector):
    send(talked, None, Tracing(to=collector.url, one_trace=True))

    assert tree(collector.spans())[None] == [f"run {RUN[:10]}"]
    assert tree(collector.spans())[f"run {RUN[:10]}"] == ["episode 0 sums"]
    assert {span.trace_id.hex() for span in collector.spans()} == {RUN[1:]}


def test_two_sendings_are_equal(talked, collector):
    send(talked, None, Tracing(to=collector.url))
    first = [request.SerializeToString() for request in collector.requests]
    collector.requests.clear()
    send(talked, RUN[:8], Tracing(to=collector.url))

    assert [request.SerializeToString() for request in collector.requests] == first


def test_a_model_call_is_told_in_the_words_of_both_conventions(talked, collector):
    send(talked, None, Tracing(to=collector.url))
    call = next(span for span in collector.spans() if span.name == "chat m")
    found = attributes(call)

    wanted = {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m", "gen_ai.response.model": "m-2026",
        "gen_ai.response.id": "chatcmpl-1", "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.request.temperature": 0.5, "gen_ai.request.max_tokens": 99,
        "gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 3,
        "gen_ai.usage.cost": 0.5, "gen_ai.output.type": "text",
        "server.address": "api.example.org", "server.port": 8443,
        "openinference.span.kind": "LLM", "llm.model_name": "m",
        "llm.token_count.prompt": 12, "llm.token_count.completion": 3,
        "llm.token_count.total": 15, "llm.cost.total": 0.5, "llm.finish_reason": "stop",
        "llm.input_messages.0.message.role": "system",
        "llm.input_messages.1.message.role": "user",
        "llm.input_messages.1.message.content": "teacher?",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "teacher 0 says",
        "input.value": "teacher?", "output.value": "teacher 0 says",
        "session.id": RUN, "prompt.id": "teacher.write", "llm.prompt_template.version": "2",
        "lyceum.call.endpoint": "https://api.example.org:8443/v1",
    }  # fmt: skip
    assert {name: found.get(name) for name in wanted} == wanted
    assert json.loads(found["gen_ai.input.messages"])[1] == {
        "role": "user", "parts": [{"type": "text", "content": "teacher?"}]
    }  # fmt: skip
    assert json.loads(found["gen_ai.output.messages"]) == [
        {
            "role": "assistant", "finish_reason": "stop",
            "parts": [
                {"type": "reasoning", "content": "Hm."},
                {"type": "text", "content": "teacher 0 says"},
            ],
        }
    ]  # fmt: skip
    assert call.kind == 3
    assert call.end_time_unix_nano - call.start_time_unix_nano == 250_000_000
    assert "pw" not in str(found)


def test_every_name_of_openinference_is_one_that_there_is(talked, collector):
    conventions = pytest.importorskip("openinference.semconv.trace", reason="looked at only")
    kinds = {kind.value for kind in conventions.OpenInferenceSpanKindValues}
    groups = [getattr(conventions, name) for name in dir(conventions) if name.endswith("butes")]
    known = {each for group in groups for each in vars(group).values() if isinstance(each, str)}
    send(talked, None, Tracing(to=collector.url))

    for span in collector.spans():
        found = attributes(span)
        assert found["openinference.span.kind"] in kinds
        for name in found:
            if name.startswith(("llm.", "input.", "output.", "agent.", "tag.", "prompt.")):
                plain = [part for part in name.split(".") if not part.isdigit()]
                heads = {".".join(plain[:n]) for n in range(1, len(plain) + 1)}
                assert heads & known, name


def test_a_verdict_is_an_evaluation_with_status_reward_and_rung(talked, collector):
    send(talked, None, Tracing(to=collector.url))
    found = [attributes(span) for span in collector.spans() if span.name == "verdict program"]
    wrong = next(each for each in found if each["lyceum.verdict.status"] == "rejected")
    student = next(
        span
        for span in collector.spans()
        if attributes(span).get("lyceum.attempt.id") == wrong["lyceum.attempt.id"]
        and span.name == "invoke_agent student"
    )

    assert wrong["openinference.span.kind"] == "EVALUATOR"
    assert wrong["gen_ai.evaluation.score.label"] == "rejected"
    assert wrong["gen_ai.evaluation.score.value"] == 0.0
    assert wrong["lyceum.verdict.rung"] == "program"
    assert wrong["lyceum.verdict.first_wrong_step"] == 1
    assert json.loads(wrong["output.value"])["critique"] == "Count again."
    own = attributes(student)
    assert own["evaluations.0.evaluation.label"] == "rejected"
    assert own["evaluations.0.evaluation.annotator_kind"] == "CODE"
    assert [event.name for event in student.events] == ["exception", "gen_ai.evaluation.result"]
    assert attributes(student.events[0])["exception.type"] == "timeout"
    assert attributes(student.events[0])["exception.message"] == "too slow"


def test_children_lie_within_their_parents(talked, collector):
    send(talked, None, Tracing(to=collector.url))
    spans = {span.span_id: span for span in collector.spans()}

    assert all(span.start_time_unix_nano <= span.end_time_unix_nano for span in spans.values())
    for span in spans.values():
        if parent := spans.get(span.parent_span_id):
            assert parent.start_time_unix_nano <= span.start_time_unix_nano
            assert span.end_time_unix_nano <= parent.end_time_unix_nano


def test_what_people_did_is_told_with_name_and_time_also_where_it_was_withdrawn(talked, collector):
    with Reader.open(talked) as reader:
        attempt = reader.trajectory("0", run_id=RUN).attempts[0]
    with People.open(talked) as people:
        said = Said(status="rejected", note="the unit is missing")
        act = people.give(attempt.id, said, person="ada", token="1", blind=True)
        people.withdraw(act.verdict_id, person="ada", token="2")
        people.give(attempt.id, said, person="bo", token="3", blind=True)
    send(talked, None, Tracing(to=collector.url))

    acts = [span for span in collector.spans() if span.name.startswith("a person")]
    assert [span.name for span in acts] == [
        "a person gave a verdict", "a person withdrew a verdict", "a person gave a verdict"
    ]  # fmt: skip
    told = [attributes(span) for span in acts]
    assert [each["lyceum.act.person"] for each in told] == ["ada", "ada", "bo"]
    assert [each.get("lyceum.act.note", "") for each in told] == [said.note, "", said.note]
    assert nanoseconds(act.at) == acts[0].start_time_unix_nano
    assert len({span.span_id for span in collector.spans()}) == len(collector.spans())


def test_a_verdict_of_a_person_without_an_act_is_told_as_well(tmp_path, classroom, collector):
    tried = classroom.tried("8", "rejected", later=[{"status": "accepted"}])
    path = classroom.written(tmp_path / "old.db", classroom.episode(0, "1 + 7?", tried))
    send(path, None, Tracing(to=collector.url))

    assert tree(collector.spans())["episode 0 s"][-1] == "verdict person"


def test_an_episode_without_calls_stands_at_the_moment_in_which_it_landed(
    tmp_path, classroom, collector
):
    path = classroom.written(tmp_path / "a.db", classroom.episode(0, "1?", classroom.tried("7")))
    with Reader.open(path) as reader:
        [(at,)] = reader.rows("SELECT at FROM changes")
    send(path, None, Tracing(to=collector.url))

    for span in collector.spans():
        if not span.name.startswith("run"):
            both = (span.start_time_unix_nano, span.end_time_unix_nano)
            assert both == (nanoseconds(at), nanoseconds(at))


def test_a_call_of_the_journal_takes_no_time_and_costs_nothing(talked, collector, classroom):
    made = classroom.episode(1, "2 + 6?", classroom.tried("8"), run=RUN, skill="sums")

    async def write():
        with Store.open(talked) as store:
            await store.assign(RUN, made.assignment)
            site = CallSite(trajectory_id=made.id, seed=1, role="student", idx=0, revision=0)
            assert await SqliteJournal(store.writer).find(a_call("student", "x").request, site)
            await store.land(made)

    asyncio.run(write())
    send(talked, None, Tracing(to=collector.url))
    hits = [span for span in collector.spans() if attributes(span).get("lyceum.call.journal_hit")]

    assert {span.end_time_unix_nano - span.start_time_unix_nano for span in hits} == {0}
    assert all("gen_ai.usage.cost" not in attributes(span) for span in hits)


def test_a_failed_episode_is_an_error_with_its_exception(tmp_path, classroom, collector):
    failed = classroom.episode(0, "1?", classroom.tried("", None)).model_copy(
        update={
            "status": "failed", "reward": None, "reason": "error",
            "error": "attempt: ValueError: it broke",
        }
    )  # fmt: skip
    path = classroom.written(tmp_path / "failed.db", failed)
    send(path, None, Tracing(to=collector.url))
    episode = next(span for span in collector.spans() if span.name.startswith("episode"))

    assert (episode.status.code, episode.status.message) == (2, "attempt: ValueError: it broke")
    [event] = episode.events
    assert attributes(event) == {"exception.type": "ValueError", "exception.message": "it broke"}


@pytest.mark.parametrize("no_text", [True, False])
def test_without_text_nothing_that_somebody_wrote_is_told(talked, collector, no_text):
    with Reader.open(talked) as reader:
        attempt = reader.trajectory("0", run_id=RUN).attempts[0]
    with People.open(talked) as people:
        said = Said(status="rejected", note="a note", critique="some advice")
        people.give(attempt.id, said, person="ada", token="1", blind=True)
    send(talked, None, Tracing(to=collector.url, no_text=no_text))
    whole = "".join(str(span) for span in collector.spans())

    texts = ("1 + 6?", "It is 7.", "Count again", "student 0 says", "teacher?", "You are.", "Hm.",
             "too slow", "a note", "some advice", "Say it.")  # fmt: skip
    assert [text in whole for text in texts] == [not no_text] * len(texts)
    assert "gen_ai.usage.input_tokens" in whole
    assert "rejected" in whole


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        ("ValueError: it: broke", "ValueError", "it: broke"),
        ("httpx.ReadTimeout: ", "httpx.ReadTimeout", ""),
        ("the answer is 42", "error", "the answer is 42"),
        ("the answer: 42", "error", "the answer: 42"),
    ],
)
def test_without_text_an_error_is_told_by_its_class_alone(
    tmp_path, classroom, collector, error, kind, message
):
    made = classroom.episode(0, "1?", classroom.tried("", None))
    raised = made.attempts[0].model_copy(update={"error": error, "answer": None})
    made = made.model_copy(update={"attempts": (raised,)})
    path = classroom.written(tmp_path / "a.db", made)
    for no_text, wanted in ((False, {"exception.message": message}), (True, {})):
        collector.requests.clear()
        send(path, None, Tracing(to=collector.url, no_text=no_text))
        events = [event for span in collector.spans() for event in span.events]
        found = [attributes(event) for event in events if event.name == "exception"]
        assert found == [{"exception.type": kind} | wanted]


def test_hostile_text_is_only_values(tmp_path, classroom, collector):
    hostile = classroom.episode(
        0, HOSTILE, classroom.tried(HOSTILE, "rejected", reason=HOSTILE, critique=HOSTILE),
        skill=HOSTILE, made_by=HOSTILE,
    ).model_copy(update={"findings": (HOSTILE,), "error": HOSTILE})  # fmt: skip
    spans = spans_of(Landed(hostile, (), (), (), "2026-01-01"), Manner("r1"))
    [line] = [json.dumps(message(spans))]
    found = json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    keys = {each["key"] for span in found for each in span["attributes"]}

    assert all(key.isascii() and key.replace(".", "").replace("_", "").isalnum() for key in keys)
    assert all("\x1b" not in span["name"] and "\u202e" not in span["name"] for span in found)
    task = next(each for each in found[0]["attributes"] if each["key"] == "input.value")
    assert task["value"]["stringValue"].startswith(HOSTILE)
    path = classroom.written(tmp_path / "h.db", hostile.model_copy(update={"error": None}))
    send(path, None, Tracing(to=collector.url))
    assert any(attributes(span).get("output.value") == HOSTILE for span in collector.spans())


def test_a_file_holds_the_same_spans_as_a_collector_is_sent(talked, collector, tmp_path):
    send(talked, None, Tracing(to=collector.url))
    send(talked, None, Tracing(file=tmp_path / "spans.jsonl"))
    lines = (tmp_path / "spans.jsonl").read_text(encoding="utf-8").splitlines()
    found = [
        span
        for line in lines
        for resource in json.loads(line)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]

    sent = collector.spans()
    assert [span["spanId"] for span in found] == [span.span_id.hex() for span in sent]
    for mine, theirs in zip(found, sent, strict=True):
        assert mine["traceId"] == theirs.trace_id.hex()
        assert mine.get("parentSpanId", "") == theirs.parent_span_id.hex()
        assert (mine["name"], mine["kind"]) == (theirs.name, theirs.kind)
        assert int(mine["startTimeUnixNano"]) == theirs.start_time_unix_nano
        assert int(mine["endTimeUnixNano"]) == theirs.end_time_unix_nano
        assert [each["key"] for each in mine["attributes"]] == list(attributes(theirs))
        assert [each["name"] for each in mine["events"]] == [each.name for each in theirs.events]
        assert mine.get("status", {}).get("code", 0) == theirs.status.code


def test_a_file_that_exists_stays_as_it_is(talked, tmp_path):
    (tmp_path / "spans.jsonl").write_text("mine")
    with pytest.raises(NotWritable, match="exists already"):
        send(talked, None, Tracing(file=tmp_path / "spans.jsonl"))
    assert (tmp_path / "spans.jsonl").read_text() == "mine"


def test_a_collector_that_is_not_there_is_one_line_and_nothing_is_lost(talked, caplog):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent) as caught:
        send(talked, None, Tracing(to=f"http://127.0.0.1:{port}"))

    assert str(caught.value) == (
        f"'http://127.0.0.1:{port}/v1/traces': cannot be reached; is it running?; "
        "nothing is lost, the same command sends it again"
    )
    assert caplog.records == []


@pytest.mark.parametrize(
    ("status", "said"), [(401, "is the key right"), (404, "address of a collector"), (500, "500")]
)
def test_a_collector_that_refuses_is_one_line_without_the_key(
    talked, collector, monkeypatch, caplog, status, said
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"authorization=Bearer%20{KEY}")
    collector.status = status
    with pytest.raises(NotSent, match=said) as caught:
        send(talked, None, Tracing(to=collector.url))

    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caplog.records == []
    collector.status = 200
    send(talked, None, Tracing(to=collector.url))
    assert collector.headers[0][1]["authorization"] == f"Bearer {KEY}"


def test_spans_that_a_collector_leaves_out_are_told(talked, collector):
    collector.rejects = 3
    with pytest.raises(NotSent, match="left out 3 spans: too old"):
        send(talked, None, Tracing(to=collector.url))


def test_the_environment_names_the_collector_and_the_service(talked, collector, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url + "/api/otel")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "openinference.project.name=mine")
    send(talked, None, Tracing())

    assert {path for path, _ in collector.headers} == {"/api/otel/v1/traces"}
    [resource] = {
        tuple(sorted(attributes(each.resource).items()))
        for request in collector.requests
        for each in request.resource_spans
    }
    assert dict(resource) == {"service.name": "lyceum", "openinference.project.name": "mine"}


@pytest.mark.parametrize(
    "to", ["127.0.0.1:4318", "file:///etc/passwd", "http://", "http://h:99999", "http://a:b@h"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(talked, to):
    with pytest.raises(Unknown, match="--to"):
        send(talked, None, Tracing(to=to))
    with pytest.raises(Unknown, match="exclude each other"):
        send(talked, None, Tracing(to="http://h", file=Path("x")))


def test_a_database_that_is_missing_is_told_and_not_made(tmp_path):
    with pytest.raises(Missing):
        send(tmp_path / "none.db", None, Tracing(file=tmp_path / "f"))
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_followed_until_nobody_works_on_it(talked, collector, classroom):
    seen = threading.Event()

    def work():
        with held(talked, RUN):
            begun.set()
            seen.wait(20)
            made = classroom.episode(1, "2 + 6?", classroom.tried("8"), run=RUN, skill="sums")
            classroom.written(talked, made, runs=())
            time.sleep(0.2)

    begun = threading.Event()
    worker = threading.Thread(target=work)
    worker.start()
    begun.wait()
    options = Tracing(to=collector.url, follow=True)
    sent = send(talked, None, options, lambda sent: seen.set(), look_s=0.05)
    worker.join()

    assert (sent.episodes, sent.interrupted) == (2, False)
    names = [span.name for span in collector.spans()]
    assert names[-1] == f"run {RUN[:10]}"
    assert [name for name in names if name.startswith("episode")] == [
        "episode 0 sums", "episode 1 sums"
    ]  # fmt: skip


def test_a_run_that_is_followed_outlasts_a_collector_that_is_away(talked, collector, classroom):
    first, away = threading.Event(), threading.Event()

    def work():
        with held(talked, RUN):
            begun.set()
            first.wait(20)
            collector.status = 503
            made = classroom.episode(1, "2 + 6?", classroom.tried("8"), run=RUN, skill="sums")
            classroom.written(talked, made, runs=())
            away.wait(20)
            collector.status = 200
            time.sleep(0.1)

    def tell(sent):
        first.set()
        if sent.waiting:
            away.set()

    begun = threading.Event()
    worker = threading.Thread(target=work)
    worker.start()
    begun.wait()
    sent = send(talked, None, Tracing(to=collector.url, follow=True), tell, look_s=0.05)
    worker.join()

    assert away.is_set()
    assert (sent.episodes, sent.waiting) == (2, False)
    assert sum(span.name == "episode 1 sums" for span in collector.spans()) == 1


def test_a_key_that_is_refused_ends_the_following(talked, collector):
    def refuse(sent):
        collector.status = 401

    with pytest.raises(NotSent, match="is the key right"):
        send(talked, None, Tracing(to=collector.url, follow=True), refuse, look_s=0.05)
    assert len(collector.requests) == 1


def test_an_episode_that_a_person_judges_meanwhile_is_sent_again_as_the_same(talked, collector):
    with Reader.open(talked) as reader:
        attempt = reader.trajectory("0", run_id=RUN).attempts[0]
    seen = threading.Event()

    def judge():
        with held(talked, RUN):
            begun.set()
            seen.wait(20)
            with People.open(talked) as people:
                said = Said(status="rejected")
                people.give(attempt.id, said, person="ada", token="1", blind=True)
            time.sleep(0.2)

    begun = threading.Event()
    worker = threading.Thread(target=judge)
    worker.start()
    begun.wait()
    options = Tracing(to=collector.url, follow=True)
    send(talked, None, options, lambda sent: seen.set(), look_s=0.05)
    worker.join()

    twice = [span for span in collector.spans() if span.name == "episode 0 sums"]
    assert len({span.span_id for span in twice}) == 1
    assert len({(s.start_time_unix_nano, s.end_time_unix_nano) for s in twice}) == 1
    assert len(twice) == 2


def test_many_episodes_are_sent_in_batches_each_once(tmp_path, classroom, collector):
    made = [classroom.episode(n, f"{n}?", classroom.tried("7")) for n in range(400)]
    sent = send(classroom.written(tmp_path / "a.db", *made), None, Tracing(to=collector.url))

    sizes = [
        sum(len(s.spans) for r in each.resource_spans for s in r.scope_spans)
        for each in collector.requests
    ]
    assert (sent.episodes, sent.spans) == (400, sum(sizes))
    assert max(sizes) <= MOST_SPANS < sum(sizes) / 2
    found = collector.spans()
    assert len({(span.trace_id, span.span_id) for span in found}) == len(found)
    assert sum(span.name.startswith("episode") for span in found) == 400


def test_sending_leaves_nothing_behind(talked, collector):
    code = (
        "import sys, threading, logging; from pathlib import Path\n"
        "from storage.traces.sending import send; from storage.traces.tracing import Tracing\n"
        "assert not any('opentelemetry' in name for name in sys.modules)\n"
        "send(Path(sys.argv[1]), None, Tracing(to=sys.argv[2]))\n"
        "from opentelemetry import trace\n"
        "assert trace._TRACER_PROVIDER is None\n"
        "assert threading.enumerate() == [threading.main_thread()], threading.enumerate()\n"
        "assert logging.getLogger('opentelemetry').level == logging.NOTSET\n"
        "assert logging.getLogger().handlers == []\n"
    )
    line = [sys.executable, "-c", code, str(talked), collector.url]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(talked.parent.iterdir()) == [talked]


def test_ids_are_ours_where_ours_can_be_ids():
    ours = "t" + "0123456789abcdef" * 2

    assert trace_of(ours) == ours[1:]
    assert span_of(ours) == ours[1:17]
    assert span_of(ours, "teacher") != span_of(ours, "critic") != span_of(ours)
    for other in ("r1", "r" + "0" * 32, HOSTILE):
        assert len(trace_of(other)) == 32
        assert len(span_of(other)) == 16
        assert int(span_of(other), 16)


def test_values_that_no_attribute_can_hold_are_told_as_text():
    assert told({"a": 2**63, "b": None, "c": [1, {"d": 2}], "e": True, "f": "\ud800"}) == {
        "a": str(2**63), "c": '[1, {"d": 2}]', "e": True, "f": "?",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "ns"),
    [
        ("1970-01-01T00:00:01.000001+00:00", 1_000_001_000), ("2026-01-01", 1767225600 * 10**9),
        ("1969-01-01T00:00:00Z", 0), ("no time", 0), ("1970-01-01T01:00:00+01:00", 0),
    ],
)  # fmt: skip
def test_moments_are_read_to_the_microsecond(moment, ns):
    assert nanoseconds(moment) == ns
