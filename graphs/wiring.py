"""From names to things: a config's roles, models and plan, ready for a batch or a replay.

Nothing here opens a file or a database; lessons, expert seeds and the environment are handed in. A
replay wires the same roles around models that never answer.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TypeVar

from agents.chat.channel import Channel
from agents.chat.meter import Meter
from agents.chat.model import Journal
from agents.chat.prices import Price, listed_price, own_price
from agents.critic import ChatCritic, Critic, ProgramCritic
from agents.embedded.domains import domains
from agents.embedded.novice import Novice
from agents.embedded.teacher import EmbeddedTeacher
from agents.errors import VerifierError
from agents.judge import Judge, Panel
from agents.reasoning_gym.data_sets import BY_DEFAULT, DATA_SETS, DataSet
from agents.reasoning_gym.generator import EXTRA, installed_version
from agents.reasoning_gym.teacher import ReasoningGymTeacher, StoredTeacher
from agents.screen import Overlap
from agents.student import ChatStudent, Student
from agents.teacher import ChatTeacher, LibraryTeacher, Teacher
from agents.verifiers import JUDGE, verifier
from graphs.config import Config
from graphs.curriculum import Curriculum
from graphs.errors import ConfigError
from graphs.faculty import Faculty, Memory
from graphs.flow import Flow
from graphs.models import Models, SilentModels
from graphs.plan import LibraryPlan, Plan
from graphs.sections import ChatSection
from prompts import Prompt, PromptError, load_file
from storage.records import ExpertSeed, Lesson, Role, Skill

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wired:
    """What a batch or a replay needs beside the database."""

    faculty: Faculty
    plan: Plan
    meter: Meter
    flow: Flow

    def with_journal(self, journal: Journal, memory: Memory | None = None) -> "Wired":
        """Return the same with a journal lent to every call, and a memory to the lesson screen."""
        return replace(self, faculty=replace(self.faculty, journal=journal, memory=memory))


def wire(
    config: Config,
    models: Models,
    *,
    lessons: tuple[Lesson, ...] = (),
    expert_seeds: tuple[ExpertSeed, ...] = (),
    journal: Journal | None = None,
    benchmarks: Overlap | None = None,
) -> Wired:
    """Return a config's faculty and plan.

    Args:
        config: The whole.
        models: Makes what answers.
        lessons: The library's, in file order; empty for other teachers.
        expert_seeds: In file order.
        journal: Lent to every call.
        benchmarks: What no lesson may repeat.

    Raises:
        ConfigError: names in the config do not fit each other or this machine.
    """
    _near_fits(config.near_duplicates)
    meter = Meter(
        max_calls=config.max_calls, max_cost=config.max_cost, max_tokens=config.max_tokens
    )
    desk = _Desk(config, models, meter, Flow(config.in_flight))
    teacher = _made("teacher", lambda: _teacher(config, desk, lessons, expert_seeds))
    plan = _plan(config, teacher, lessons, expert_seeds)
    faculty = Faculty(
        teacher=teacher,
        student=_made("student", lambda: _student(config, desk)),
        critic=_made("critic", lambda: _critic(config, desk)),
        attempts=config.attempts,
        max_revisions=config.max_revisions,
        drafts=1 if config.teacher.kind != "chat" else 3,
        strict_screen=config.strict_screen,
        journal=journal,
        benchmarks=benchmarks,
    )
    return Wired(faculty, plan, meter, desk.flow)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What all chat roles of a run share."""

    config: Config
    models: Models
    meter: Meter
    flow: Flow

    def channel(self, role: Role, judge: ChatSection | None = None) -> Channel:
        """Return a role's way to its model, or a further judge's."""
        section = judge or self.config.roles()[role]
        price = self._price(section, "[[critic.judges]]" if judge else f"[{role}]")
        parameters = {
            name: value
            for name in ("temperature", "max_tokens")
            if (value := getattr(section, name)) is not None
        }
        model = self.models.model(role, section)
        return Channel(
            model=model,
            role=role,
            parameters={**parameters, **section.extra_body},
            timeout_s=section.timeout_s,
            retries=section.retries,
            gate=self.flow.gate(model),
            meter=self.meter,
            price=price,
        )

    def _price(self, section: ChatSection, where: str) -> Price | None:
        """Return what a model costs; nothing in a replay, which pays for nothing."""
        if isinstance(self.models, SilentModels):
            return None
        price = own_price(section.price_in, section.price_out)
        if price is None and section.model:
            price = listed_price(section.model, section.base_url)
        if self.config.max_cost is not None and price is None:
            raise ConfigError(
                f"{where} price_in, price_out: missing; max_cost needs prices, and what model "
                f"{section.model!r} costs is not known: write US dollars per million tokens"
            )
        return price

    def prompt(self, role: Role, judge: ChatSection | None = None) -> Prompt | None:
        path = (judge or self.config.roles()[role]).prompt
        return load_file(path) if path else None


def _made(role: Role, make: Callable[[], T]) -> T:
    """Make a role; a prompt file that it cannot use is a fault of the config."""
    try:
        return make()
    except PromptError as error:
        raise ConfigError(f"[{role}] prompt: {error}") from error


def _teacher(
    config: Config,
    desk: _Desk,
    lessons: tuple[Lesson, ...],
    expert_seeds: tuple[ExpertSeed, ...],
) -> Teacher:
    if config.teacher.kind == "library":
        _known_verifier("[teacher]", config.teacher.verifier)
        return LibraryTeacher(lessons)
    if config.teacher.kind == "embedded":
        return EmbeddedTeacher(domains(), config.seed)
    if config.teacher.kind == "reasoning_gym":
        if isinstance(desk.models, SilentModels):  # a replay, which needs no package
            return StoredTeacher(lessons)
        return _reasoning_gym(config.seed)
    skills = tuple(config.curriculum.skills)
    return ChatTeacher(desk.channel("teacher"), skills, expert_seeds, desk.prompt("teacher"))


def _reasoning_gym(seed: int) -> Teacher:
    version = installed_version()
    if version is None:
        raise ConfigError(f"[teacher] kind: 'reasoning_gym' is not installed; {EXTRA}")
    return ReasoningGymTeacher(version, seed)


def _near_fits(threshold: float | None) -> None:
    """Refuse to look for near-duplicates without the package that finds them."""
    if threshold is not None and find_spec("rensa") is None:
        raise ConfigError(
            'near_duplicates: the package rensa is not installed; pip install "lyceum[export]"'
        )


def _student(config: Config, desk: _Desk) -> Student:
    if config.student.kind == "embedded":
        return Novice(domains())
    return ChatStudent(desk.channel("student"), desk.prompt("student"))


def _critic(config: Config, desk: _Desk) -> Critic:
    section = config.critic
    if section.kind == "program":
        return ProgramCritic()
    judges = [
        Judge(
            desk.channel("critic", further),
            own_answers=section.own_answers,
            false_reference=section.false_reference,
            agreement=section.agreement,
            prompt=desk.prompt("critic", further),
        )
        for further in (None, *section.judges)
    ]
    panel = Panel(judges, votes=section.votes, agreement=section.agreement)
    return ChatCritic(panel, step_labels=section.step_labels)


def _plan(
    config: Config,
    teacher: Teacher,
    lessons: tuple[Lesson, ...],
    expert_seeds: tuple[ExpertSeed, ...],
) -> Plan:
    if config.teacher.kind == "library":
        return LibraryPlan(lessons, config.seed)
    skills = skills_of(config)
    _seeds_fit(skills, expert_seeds)
    return Curriculum(
        skills=skills,
        seed=config.seed,
        capacity=teacher.capacity,
        languages=tuple(config.curriculum.languages),
        expert_seeds=expert_seeds,
        explore=config.curriculum.explore,
    )


def _seeds_fit(skills: tuple[Skill, ...], expert_seeds: tuple[ExpertSeed, ...]) -> None:
    """Refuse expert seeds none of which is for a skill of the curriculum."""
    known = {skill.name for skill in skills}
    strays = [seed.skill for seed in expert_seeds if seed.skill not in known | {None}]
    if strays and len(strays) == len(expert_seeds):
        raise ConfigError(
            f"[expert_seeds] skill: no expert seed is for a skill of the curriculum, the first is "
            f"for {strays[0]!r}; the curriculum has {', '.join(skill.name for skill in skills)}"
        )


def skills_of(config: Config) -> tuple[Skill, ...]:
    """Return the skills of a run: the config's, else those that the teacher has.

    Raises:
        ConfigError: the teacher is asked for a skill that it does not have.
    """
    written = tuple(config.curriculum.skills)
    if config.teacher.kind == "embedded":
        return _chosen({skill.name: skill for skill in EmbeddedTeacher(domains()).skills}, written)
    if config.teacher.kind == "reasoning_gym":
        asked = config.teacher.data_sets or (list(DATA_SETS) if written else BY_DEFAULT)
        return _chosen({name: _data_set(name).skill for name in asked}, written)
    for skill in written:
        _known_verifier(f"[[curriculum.skills]] {skill.name!r}", skill.verifier)
    return written


def _data_set(name: str) -> DataSet:
    if name not in DATA_SETS:
        near = difflib.get_close_matches(name, DATA_SETS, n=1, cutoff=0.0)[0]
        raise ConfigError(
            f"[teacher] data_sets: {name!r} is none that is taught; did you mean {near!r}?"
        )
    return DATA_SETS[name]


def _chosen(taught: dict[str, Skill], written: tuple[Skill, ...]) -> tuple[Skill, ...]:
    """Return the skills that a teacher has, or of them those that are written down.

    Raises:
        ConfigError: one that is written down is not among them.
    """
    for skill in written:
        if skill.name not in taught:
            raise ConfigError(
                f"[[curriculum.skills]] {skill.name!r}: the teacher has no such skill; "
                f"it has {', '.join(sorted(taught))}"
            )
    chosen = {skill.name for skill in written} or set(taught)
    asked = written or tuple(Skill(name=name) for name in taught)
    return tuple(_filled(taught[skill.name], skill, chosen) for skill in asked)


def _filled(taught: Skill, written: Skill, chosen: set[str]) -> Skill:
    """Return a teacher's skill with what was written of it; what it comes after must be chosen."""
    own = {name: getattr(written, name) for name in written.model_fields_set}
    after = tuple(name for name in taught.after if name in chosen)
    return taught.model_copy(update={"after": after} | own)


def _known_verifier(where: str, name: str) -> None:
    try:
        if name != JUDGE:
            verifier(name)
    except VerifierError as error:
        raise ConfigError(f"{where} verifier: {error}") from error
