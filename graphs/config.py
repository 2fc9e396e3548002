"""What the user writes: RUN.toml as frozen values, with every default in one place.

Config is names and numbers. It holds no key (only the name of the variable that does), no open file
and no model; `graphs.models` makes those. `identity` is the part that decides what is made.
"""

import difflib
import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, JsonValue, ValidationError, model_validator

from graphs.errors import ConfigError
from graphs.sections import (
    ChatSection,
    ContaminationSection,
    CriticSection,
    CurriculumSection,
    ExpertSeedsSection,
    Positive,
    Section,
    StudentSection,
    TeacherSection,
)
from storage.records import Skill

EMBEDDED_LAG = 32
CHAT_LAG = 1024


class Config(Section):
    """A whole run."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 7
    episodes: Positive | None = None
    """None: 200, or with a library as many as it has lessons."""
    accept: Positive | None = None
    """Stop with the shortest prefix that has this many accepted episodes."""
    in_flight: Annotated[int, Field(ge=1, le=4096)] = 64
    """Model calls at once at each endpoint; see `agents.chat.gate`."""
    attempts: Annotated[int, Field(ge=1, le=64)] = 2
    max_revisions: Annotated[int, Field(ge=0, le=16)] = 1
    lag: Positive | None = None
    """How many episodes an assignment runs ahead of what it knows. None: 32; 1,024 with models."""
    screen: Literal["strict", "lenient"] | None = None
    """None: lenient for a library, strict for everyone else."""
    near_duplicates: Annotated[float, Field(ge=0.5, le=1)] | None = None
    """From which share of three words in a row in common two questions are nearly the same. None:
    that is not looked for."""
    max_cost: Annotated[float, Field(ge=0, le=1e9)] | None = None
    """US dollars that the run may cost in all its sittings."""
    max_calls: Annotated[int, Field(ge=1, le=10**12)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=10**15)] | None = None
    curriculum: CurriculumSection = Field(default_factory=CurriculumSection)
    expert_seeds: ExpertSeedsSection | None = None
    contamination: ContaminationSection | None = None
    """None: no benchmark is looked into."""
    teacher: TeacherSection = Field(default_factory=TeacherSection)
    student: StudentSection = Field(default_factory=StudentSection)
    critic: CriticSection = Field(default_factory=CriticSection)

    @model_validator(mode="after")
    def _sections_fit(self) -> Self:
        for role, section in self.roles().items():
            if section.kind == "chat" and section.model is None:
                raise ValueError(f"[{role}] model: missing; a chat {role} needs a model's name")
        _judges_fit(self.critic)
        _library_fits(self.teacher)
        _data_sets_fit(self.teacher)
        if self.student.kind == "embedded" and self.teacher.kind != "embedded":
            raise ValueError(
                '[student] kind: "embedded" reads only the embedded teacher\'s tasks; set "chat"'
            )
        if self.teacher.kind == "chat" and not self.curriculum.skills:
            raise ValueError("[[curriculum.skills]]: missing; a chat teacher needs skills to teach")
        for skill in self.curriculum.skills if self.teacher.kind == "chat" else ():
            if skill.verifier in NEED_DATA:
                raise ValueError(
                    f"[[curriculum.skills]] {skill.name!r}: verifier {skill.verifier!r} needs data "
                    'that a chat teacher does not write; use a library, or verifier "judge"'
                )
        return self

    def roles(self) -> dict[str, TeacherSection | StudentSection | CriticSection]:
        """Return the three roles' sections by role."""
        return {"teacher": self.teacher, "student": self.student, "critic": self.critic}

    @property
    def library(self) -> dict[str, Any] | None:
        """How the library's file is read, by name; None for other teachers."""
        if self.teacher.kind != "library":
            return None
        return {key: getattr(self.teacher, key) for key in LIBRARY_KEYS}

    @property
    def benchmarks(self) -> dict[str, Any] | None:
        """Which benchmarks are read, by name; None: none."""
        return dict(self.contamination) if self.contamination else None

    @property
    def prompts(self) -> list[Path]:
        """The prompt files of one's own."""
        sections = (*self.roles().values(), *self.critic.judges)
        return [section.prompt for section in sections if section.prompt]

    @property
    def window(self) -> int:
        """The lag in force."""
        embedded = all(section.kind in ("embedded", "program") for section in self.roles().values())
        return self.lag or (EMBEDDED_LAG if embedded else CHAT_LAG)

    @property
    def strict_screen(self) -> bool:
        """Whether every finding of the lesson screen refuses."""
        usual = "lenient" if self.teacher.kind == "library" else "strict"
        return (self.screen or usual) == "strict"


NEED_DATA = {"choice", "code", "constraints", "decimal", "grounded", "json", "reasoning_gym", "sql"}
"""Verifiers that decide nothing without data of the lesson's own."""
PATHS = {"path", "prompt"}
LIBRARY_KEYS = (
    set(TeacherSection.model_fields) - set(ChatSection.model_fields) - {"kind", "data_sets"}
)
LIMITS = {"episodes", "accept", "in_flight", "max_cost", "max_calls", "max_tokens"}
ADDRESSES = {
    "base_url", "endpoint", "api_key_env", "timeout_s", "retries", "price_in", "price_out",
}  # fmt: skip

_NO_PART: dict[str, Any] = {**dict.fromkeys(ADDRESSES, True), "judges": {"__all__": ADDRESSES}}
"""What a role's section leaves out of the identity."""


def identity(config: Config, file_digests: dict[str, str]) -> dict[str, JsonValue]:
    """Return the part of a config that decides what is made.

    Args:
        config: The whole.
        file_digests: Digest of every file that the config names, by the path as it stands in it; of
            a benchmark with its column, if it has one.

    Returns:
        The config without limits, paths and addresses; a file stands as its content's digest. The
        lag stands resolved, for a default may change.
    """
    whole = config.model_dump(mode="json", exclude=LIMITS | set(config.roles()))
    whole["lag"] = config.window
    # What came later and is off stands in no identity, so that older runs keep theirs.
    if config.near_duplicates is None:
        del whole["near_duplicates"]
    if config.contamination is None:
        del whole["contamination"]
    else:
        whole["contamination"]["files"] = [file_digests[f] for f in config.contamination.files]
    for role, section in config.roles().items():
        kept = section.model_dump(mode="json", exclude=_NO_PART, exclude_defaults=True)
        whole[role] = {"kind": section.kind, **kept}
    parts = [whole.get(name) or {} for name in ("expert_seeds", *config.roles())]
    for part in (*parts, *whole["critic"].get("judges", ())):
        for key in PATHS:
            if part.get(key) is not None:
                part[key] = file_digests[part[key]]
    return whole


def read_config(path: Path) -> Config:
    """Return the config of a TOML file; paths in it are relative to the file.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or a key or value does not fit. One line
            that names the file, the key and the remedy.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except ValueError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error
    return make_config(written, name=str(path), folder=path.parent)


def make_config(written: dict[str, Any], *, name: str, folder: Path) -> Config:
    """Return the config of a table; `name` says in messages where it came from.

    Raises:
        ConfigError: a key or a value does not fit.
    """
    try:
        config = Config.model_validate_json(json.dumps(_resolved(written, folder)))
        return _accept_fits(config, name)
    except ValidationError as error:
        raise ConfigError(f"{name}: {_told(error)}") from error
    except TypeError as error:
        raise ConfigError(f"{name}: {error}; dates and times have no place in a run") from error
    except ValueError as error:
        raise ConfigError(f"{name}: a number has too many digits; write a smaller one") from error


def override(config: Config, **changes: object) -> Config:
    """Return the config with what the command line says in place of what the file says.

    Raises:
        ConfigError: a value does not fit.
    """
    given = {key: value for key, value in changes.items() if value is not None}
    try:
        return _accept_fits(Config.model_validate({**dict(config), **given}), "command line")
    except ValidationError as error:
        raise ConfigError(f"command line: {_told(error)}") from error


def _resolved(written: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the table with its paths relative to the working directory instead of its folder."""
    out = dict(written)
    for name in ("expert_seeds", "teacher", "student", "critic"):
        section = out.get(name)
        if isinstance(section, dict):
            out[name] = _from(folder, section)
            if isinstance(section.get("judges"), list):
                out[name]["judges"] = [
                    _from(folder, judge) if isinstance(judge, dict) else judge
                    for judge in section["judges"]
                ]
    section = out.get("contamination")
    if isinstance(section, dict) and isinstance(files := section.get("files"), list):
        placed = [str(folder / each) if isinstance(each, str) else each for each in files]
        out["contamination"] = {**section, "files": placed}
    return out


def _from(folder: Path, section: dict[str, Any]) -> dict[str, Any]:
    """Return a section whose paths begin with the folder, unless they are absolute."""
    return {
        key: str(folder / value) if key in PATHS and isinstance(value, str) else value
        for key, value in section.items()
    }


def _accept_fits(config: Config, name: str) -> Config:
    """Return the config, unless more are to be accepted than tried; stored ones may say that."""
    if config.accept and config.episodes and config.accept > config.episodes:
        raise ConfigError(
            f"{name}: accept: of {config.episodes} episodes no {config.accept} can be accepted; "
            "lower accept or raise episodes"
        )
    return config


def _judges_fit(critic: CriticSection) -> None:
    """Refuse further judges without a model, or where there is no first one."""
    if critic.judges and critic.kind != "chat":
        raise ValueError(f'[[critic.judges]]: is for [critic] kind = "chat", not {critic.kind!r}')
    if any(judge.model is None for judge in critic.judges):
        raise ValueError("[[critic.judges]] model: missing; a judge needs a model's name")


def _library_fits(teacher: TeacherSection) -> None:
    """Refuse a library without its columns, and a library's keys where there is none."""
    if teacher.kind == "library":
        for key in ("path", "question", "reference"):
            if getattr(teacher, key) is None:
                raise ValueError(
                    f"[teacher] {key}: missing; a library needs path, question, reference"
                )
        return
    usual = TeacherSection()
    stray = sorted(k for k in LIBRARY_KEYS if getattr(teacher, k) != getattr(usual, k))
    if stray:
        raise ValueError(f'[teacher] {stray[0]}: is for kind = "library", not {teacher.kind!r}')


def _data_sets_fit(teacher: TeacherSection) -> None:
    """Refuse data sets for a teacher that has none, and one that is named twice."""
    named = teacher.data_sets
    if named and teacher.kind != "reasoning_gym":
        raise ValueError(
            f'[teacher] data_sets: is for kind = "reasoning_gym", not {teacher.kind!r}'
        )
    if len(set(named)) < len(named):
        raise ValueError("[teacher] data_sets: one of them stands twice; leave it out once")


def _told(error: ValidationError) -> str:
    """Return the first error on one line: where it is, what is wrong, what to write instead."""
    first = error.errors(include_url=False, include_context=False)[0]
    place = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        known = _known(place[:-1])
        near = difflib.get_close_matches(place[-1], known, n=1, cutoff=0.5)
        remedy = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
        return f"{_where(place)}: unknown key; {remedy}"
    message = first["msg"].removeprefix("Value error, ")
    if not place:
        return message
    return f"{_where(place)}: {message[0].lower()}{message[1:]}, got {first['input']!r:.60}"


def _where(place: list[str]) -> str:
    """Return a place as it stands in TOML: the table in brackets, then the key."""
    table = ".".join(part for part in place[:-1] if not part.isdecimal())
    return f"[{table}] {place[-1]}" if table else place[-1]


def _known(place: list[str]) -> list[str]:
    """Return the keys that a table of the config may have."""
    tables: dict[str, type[BaseModel]] = {
        "curriculum": CurriculumSection,
        "curriculum.skills": Skill,
        "expert_seeds": ExpertSeedsSection,
        "contamination": ContaminationSection,
        "teacher": TeacherSection,
        "student": StudentSection,
        "critic": CriticSection,
        "critic.judges": ChatSection,
    }
    name = ".".join(part for part in place if not part.isdecimal())
    return sorted(tables.get(name, Config).model_fields)
