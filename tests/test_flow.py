"""A gate for each endpoint, shared by all that ask it, and episodes enough to keep it busy."""

from pathlib import Path

import structlog

from graphs import events
from graphs.batch import Calls
from graphs.config import make_config
from graphs.flow import WITHOUT_CALLS, Flow
from graphs.models import SilentModel, SilentModels
from graphs.wiring import wire

SKILLS = {"skills": [{"name": "triage"}]}


def chat(place, **more):
    return {"kind": "chat", "model": "m", "base_url": f"http://127.0.0.1:{place}/v1", **more}


def gates(teacher, student, critic):
    config = make_config(
        {"curriculum": SKILLS, "teacher": teacher, "student": student, "critic": critic},
        name="t", folder=Path(),
    )  # fmt: skip
    wired = wire(config, SilentModels())
    faculty = wired.faculty
    askers = [faculty.teacher, faculty.student, *faculty.critic._judge._judges]
    return wired.flow, [asker._channel.gate for asker in askers]


def test_roles_and_judges_at_one_endpoint_share_a_gate_and_others_have_their_own():
    further = {key: value for key, value in chat(1).items() if key != "kind"}
    flow, made = gates(chat(1), chat(2), chat(2, judges=[further], model="other"))
    teacher, student, judge, second = made
    assert teacher is second
    assert student is judge
    assert teacher is not student
    assert teacher.limit == student.limit == 64
    assert flow.usual == 3 * 64


def test_an_endpoint_that_has_a_name_is_known_by_it():
    _, made = gates(chat(1, endpoint="e"), chat(2, endpoint="e"), chat(3, endpoint="e"))
    assert len(set(map(id, made))) == 1


def test_providers_that_langchain_knows_are_endpoints_of_their_own():
    flow = Flow(4)
    names = ("openai:a", "openai:b", "anthropic:a")
    one, same, other = (flow.gate(SilentModel("langchain", name)) for name in names)
    assert one is same
    assert one is not other


def test_where_no_role_is_a_model_a_fixed_number_of_episodes_is_open():
    wired = wire(make_config({"in_flight": 4000}, name="t", folder=Path()), SilentModels())
    assert wired.flow.usual == WITHOUT_CALLS
    assert wired.flow.lacking == 0


async def test_calls_that_are_stuck_lack_unless_others_wait():
    flow: Calls = Flow(1)
    gate, heard = flow.gate(SilentModel("e", "m")), []
    flow.watch(lambda: heard.append(flow.lacking))
    with gate.away():
        assert flow.lacking == 1
        with gate.away():
            assert flow.lacking == 2
    assert heard == [1, 2]
    assert flow.lacking == 0


def test_an_endpoint_that_is_slowed_is_logged_with_its_name():
    with structlog.testing.capture_logs() as logs:
        flow = Flow(8)
        flow.gate(SilentModel("e", "m"))._slowed(3, 1.23456)
    assert logs == [
        {"event": events.ENDPOINT_SLOWED, "log_level": "warning", "endpoint": "e", "limit": 3,
         "pause_s": 1.235}
    ]  # fmt: skip
