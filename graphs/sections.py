"""The tables of RUN.toml, each a frozen section with its keys, ranges and defaults."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from agents.judge import MOST_OWN_ANSWERS, MOST_VOTES, Agreement
from storage.records import Level, Skill

Positive = Annotated[int, Field(ge=1, le=10**9)]
Dollars = Annotated[float, Field(ge=0, le=1e6)]


class Section(BaseModel):
    """The ancestor of all sections: frozen, closed, strict about types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ChatSection(Section):
    """What every role that may be a model has."""

    model: str | None = None
    """A model's name at `base_url`; without one, "provider:name" as LangChain knows it."""
    base_url: str | None = None
    """Address of an OpenAI-compatible server, such as "http://127.0.0.1:8000/v1"."""
    endpoint: str | None = None
    """A name for the address, so that the journal knows it when it moves. None: `base_url`."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the key. None: no key is sent."""
    temperature: Annotated[float, Field(ge=0, le=5)] | None = None
    max_tokens: Positive | None = None
    timeout_s: Annotated[float, Field(gt=0, le=86_400)] = 120.0
    """Seconds to wait for one reply."""
    retries: Annotated[int, Field(ge=0, le=100)] = 5
    """How often a call is asked again after 429, 5xx, a timeout or a lost connection."""
    extra_body: dict[str, JsonValue] = Field(default_factory=dict)
    """Put into every request as it stands."""
    prompt: Path | None = None
    """A prompt file of one's own, in place of the role's."""
    price_in: Dollars | None = None
    """US dollars per million tokens read. None for both: the provider's, if the address says whose
    model it is; else the cost is not known."""
    price_out: Dollars | None = None
    """US dollars per million tokens written."""

    @field_validator("extra_body")
    @classmethod
    def _not_ours(cls, body: dict[str, JsonValue]) -> dict[str, JsonValue]:
        for key in ("model", "messages", "response_format", "stream", "n"):
            if key in body:
                raise ValueError(f"{key!r} is not for extra_body to set; leave it out")
        try:
            json.dumps(body, allow_nan=False)
        except ValueError as error:
            raise ValueError("nan and inf cannot be sent; write a finite number") from error
        return body


class TeacherSection(ChatSection):
    """Who writes the lessons, and for a library, how its file is read."""

    kind: Literal["embedded", "library", "reasoning_gym", "chat"] = "embedded"
    data_sets: list[str] = Field(default_factory=list)
    """Of reasoning-gym, by name. Empty: all those whose answers cannot well be guessed."""
    path: Path | None = None
    question: str | None = None
    reference: str | None = None
    reference_pattern: str | None = None
    answer_pattern: str | None = None
    verifier: str = "exact"
    skill: str = "library"
    level: Level = 1
    language: str = "en"
    instruction: str | None = None
    data: dict[str, str] = Field(default_factory=dict)
    """Columns of the verifier's data, by the name that the verifier knows."""


class StudentSection(ChatSection):
    """Who tries."""

    kind: Literal["embedded", "chat"] = "embedded"


class CriticSection(ChatSection):
    """Who gives verdicts."""

    kind: Literal["program", "chat"] = "program"
    own_answers: Annotated[int, Field(ge=0, le=MOST_OWN_ANSWERS)] = 3
    """How often each judge solves the task itself before it looks."""
    false_reference: bool = True
    """Whether it is asked again with a deliberately false reference."""
    votes: Annotated[int, Field(ge=1, le=MOST_VOTES)] = 1
    """How often each judge grades an attempt."""
    agreement: Agreement = "unanimous"
    """How many of all votes must say the same, or the attempt is unscored."""
    step_labels: bool = True
    """Whether the judge is asked for the first wrong step where no program can tell."""
    judges: Annotated[list[ChatSection], Field(max_length=15)] = Field(default_factory=list)
    """Judges beside the one that this section itself names."""


class CurriculumSection(Section):
    """The skills, and how they are drawn."""

    languages: Annotated[list[str], Field(min_length=1)] = Field(default_factory=lambda: ["en"])
    skills: list[Skill] = Field(default_factory=list)
    """Empty: the embedded skills."""
    explore: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Share of assignments drawn evenly from all open levels."""


class ContaminationSection(Section):
    """Benchmarks that no lesson may repeat."""

    files: Annotated[list[str], Field(min_length=1)]
    """Each a file, or `file:column`."""
    ngram: Annotated[int, Field(ge=2, le=100)] = 13
    """So many words in a row are no chance."""


class ExpertSeedsSection(Section):
    """A file of expert seeds, and which of its columns is what."""

    path: Path
    example: str
    reference: str | None = None
    passage: str | None = None
    skill: str | None = None
    author: str | None = None
    """A column, or where the file has no such column, the author of all of it."""
    licence: str | None = None
    """A column, or where the file has no such column, the licence of all of it."""
