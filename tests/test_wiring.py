"""From a config to a faculty: what fits is made, and what does not is told by section and key."""

from pathlib import Path

import pytest

from agents.chat.openai_compatible import OpenAICompatible
from agents.embedded.teacher import EmbeddedTeacher
from agents.errors import NotInJournal
from agents.teacher import ChatTeacher, LibraryTeacher
from graphs.config import make_config
from graphs.curriculum import Curriculum
from graphs.errors import ConfigError
from graphs.models import LiveModels, SilentModels
from graphs.plan import LibraryPlan
from graphs.wiring import skills_of, wire
from storage.records import ExpertSeed, Lesson, Message, Request, Task

CHAT = {"kind": "chat", "model": "m", "base_url": "http://127.0.0.1:1/v1"}
FURTHER = {"model": "m", "base_url": "http://127.0.0.1:1/v1"}
SKILLS = {"skills": [{"name": "triage"}]}


def config(**written):
    return make_config(written, name="t", folder=Path())


def three(**more):
    return config(curriculum=SKILLS, teacher=CHAT, student=CHAT, critic=CHAT, **more)


def test_nothing_written_is_the_embedded_faculty_under_the_curriculum():
    wired = wire(config(), SilentModels())
    assert isinstance(wired.faculty.teacher, EmbeddedTeacher)
    assert isinstance(wired.plan, Curriculum)
    assert wired.faculty.drafts == 1


def test_a_library_is_asked_for_in_file_order():
    lesson = Lesson(id="l", skill="s", level=1, task=Task(question="?"), reference="1",
                    verifier="exact", made_by="library")  # fmt: skip
    teacher = {"kind": "library", "path": "a.csv", "question": "q", "reference": "r"}
    wired = wire(config(teacher=teacher, student=CHAT), SilentModels(), lessons=(lesson,))
    assert isinstance(wired.faculty.teacher, LibraryTeacher)
    assert isinstance(wired.plan, LibraryPlan)
    assert not wired.faculty.strict_screen


def test_roles_at_one_address_share_a_model():
    models = LiveModels({})
    wired = wire(three(), models)
    assert isinstance(wired.faculty.teacher, ChatTeacher)
    assert wired.faculty.drafts == 3
    assert len(models._made) == 1
    [model] = models._made.values()
    assert isinstance(model, OpenAICompatible)


def test_roles_that_wait_for_different_times_have_models_of_their_own():
    models = LiveModels({})
    waits = config(curriculum=SKILLS, teacher=CHAT | {"timeout_s": 5}, student=CHAT, critic=CHAT)
    wire(waits, models)
    assert len(models._made) == 2


def seed(skill):
    return ExpertSeed(id=f"for {skill}", example="e", skill=skill)


def test_expert_seeds_none_of_which_fits_a_skill_are_refused():
    message = r"^\[expert_seeds\] skill: .*'surgery'; the curriculum has triage$"
    with pytest.raises(ConfigError, match=message):
        wire(three(), SilentModels(), expert_seeds=(seed("surgery"), seed("anatomy")))


@pytest.mark.parametrize("fits", ["triage", None])
def test_one_expert_seed_that_fits_is_enough(fits):
    assert wire(three(), SilentModels(), expert_seeds=(seed("surgery"), seed(fits)))


def test_a_key_is_read_from_the_variable_that_the_config_names():
    keyed = config(student=CHAT | {"api_key_env": "K"}, teacher=CHAT, curriculum=SKILLS)
    assert wire(keyed, LiveModels({"K": "secret"}))
    with pytest.raises(ConfigError, match=r"\[student\] api_key_env: the variable 'K'"):
        wire(keyed, LiveModels({"K": ""}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"student": CHAT | {"base_url": "not an address"}}, r"\[student\] base_url"),
        ({"student": CHAT | {"prompt": "no/such.md"}}, r"\[student\] prompt"),
        ({"max_cost": 1.0}, r"price_in, price_out: missing; max_cost needs prices"),
        ({"curriculum": {"skills": [{"name": "t", "verifier": "maths"}]}}, "did you mean 'math'"),
    ],
)
def test_what_does_not_fit_is_told_by_section_and_key(change, message):
    written = {"curriculum": SKILLS, "teacher": CHAT, "student": CHAT} | change
    with pytest.raises(ConfigError, match=message):
        wire(config(**written), LiveModels({}))


def test_a_price_is_enough_for_a_limit_on_cost():
    priced = CHAT | {"price_in": 1.0, "price_out": 2.0}
    written = config(curriculum=SKILLS, teacher=priced, student=priced, max_cost=1.0)
    assert wire(written, LiveModels({})).meter.max_cost == 1.0


def test_the_embedded_teacher_knows_its_own_skills_only():
    assert len(skills_of(config())) >= 12
    some = config(curriculum={"skills": [{"name": "sums", "levels": 3}]})
    assert [skill.name for skill in skills_of(some)] == ["sums"]
    with pytest.raises(ConfigError, match="no such skill"):
        skills_of(config(curriculum={"skills": [{"name": "alchemy"}]}))


def test_a_model_by_name_is_langchains():
    hosted = config(student=CHAT, teacher=CHAT, curriculum=SKILLS)
    section = hosted.student.model_copy(update={"base_url": None, "model": "nobody:nothing"})
    with pytest.raises(ConfigError, match=r"\[student\] model 'nobody:nothing'"):
        LiveModels({}).model("student", section)


def test_a_provider_that_is_not_installed_is_told_with_its_remedy():
    section = config(student=CHAT, teacher=CHAT, curriculum=SKILLS).student
    section = section.model_copy(update={"base_url": None, "model": "mistralai:small"})
    with pytest.raises(ConfigError, match="pip install"):
        LiveModels({}).model("student", section)


async def test_a_silent_model_never_answers():
    model = SilentModels().model("critic", three().critic)
    request = Request(endpoint="e", model="m", messages=(Message(role="user", content="hi"),))
    with pytest.raises(NotInJournal, match="the journal lacks a call"):
        await model.complete(request)


async def test_live_models_close_their_connections():
    models = LiveModels({})
    models.model("student", three().student)
    await models.aclose()


def test_every_judge_has_its_own_model_and_the_critic_is_named_by_all():
    more = FURTHER | {"model": "other", "temperature": 0.5}
    critic = CHAT | {"votes": 2, "agreement": "majority", "judges": [more, FURTHER]}
    wired = wire(
        config(curriculum=SKILLS, teacher=CHAT, student=CHAT, critic=critic), SilentModels()
    )
    assert wired.faculty.critic.name == "chat/m+chat/other"


@pytest.mark.parametrize(
    ("judge", "message"),
    [
        (
            {"price_in": None, "price_out": None},
            r"^\[\[critic.judges\]\] price_in, price_out: missing",
        ),
        ({"api_key_env": "NONE"}, r"\[critic\] api_key_env: the variable 'NONE' is not set"),
        ({"prompt": "no/such.md"}, r"\[critic\] prompt: .*cannot be read"),
        ({"base_url": "not an address"}, r"\[critic\] base_url"),
    ],
)
def test_what_does_not_fit_of_a_further_judge_is_told(judge, message):
    prices = {"price_in": 1.0, "price_out": 1.0}
    priced, further = CHAT | prices, FURTHER | prices | judge
    further = {key: value for key, value in further.items() if value is not None}
    written = {"curriculum": SKILLS, "teacher": priced, "student": priced, "max_cost": 1.0}
    with pytest.raises(ConfigError, match=message):
        wire(config(**written, critic=priced | {"judges": [further]}), LiveModels({}))
