"""Every value that is stored or handed between roles, defined once.

Records are plain values: frozen, closed, free of SQLite and of LangGraph. What a newcomer gets
wrong: a `Task` is all that a student ever sees, and it has no field for the reference; and a reward
of None means that nobody could score the attempt, which is not 0.0.
"""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from storage.canonical import canonical

Unit = Annotated[float, Field(ge=0.0, le=1.0)]
"""A share, a grade or a reward, in [0, 1]; NaN is refused by every record."""
Count = Annotated[int, Field(ge=0, lt=2**63)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
"""The integer of a random generator; SQLite holds no longer ones."""
Level = Annotated[int, Field(ge=1, le=1_000_000)]
"""Difficulty, from 1."""
Status = Literal["accepted", "rejected", "unscored", "failed"]
Rung = Literal["program", "judge", "person"]
"""Who decided. None, where it is allowed, means that nobody did."""
Finding = Literal["passed", "failed", "undecided"]
Role = Literal["teacher", "student", "critic"]

ANSWER_PATTERN = r"^[ \t]*Answer:[ \t]*(.+)$"
"""How an answer is found unless a lesson says otherwise; see `agents.parsing.extract_answer`, which
strips it. A lazy group before trailing blanks would take quadratic time."""
WHOLE_REPLY = r"(?s)\A(.*)\Z"
"""The answer pattern of a task whose whole attempt is judged."""
ANSWER_INSTRUCTION = "State your final answer on the last line, in the form: Answer: <answer>"
"""The sentence that goes with `ANSWER_PATTERN`."""


class Record(BaseModel):
    """The ancestor of all records: frozen, closed, and without NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Skill(Record):
    """A node of the curriculum."""

    name: str
    after: tuple[str, ...] = ()
    """Names of the skills that must stand before this one is asked for."""
    levels: Level = 1
    """How many levels there are; they run from 1 to this."""
    verifier: str = "judge"
    """A verifier's name, or "judge": no program decides."""
    about: str = ""
    """What the skill is, in words for a teacher who is a model."""


class ExpertSeed(Record):
    """A person's example, passage or table that lessons grow from."""

    id: str
    """The digest of the other fields."""
    example: str
    reference: str | None = None
    passage: str | None = None
    skill: str | None = None
    """None: good for every skill."""
    author: str | None = None
    """None: the file does not say, which is not the same as nobody."""
    licence: str | None = None
    """None: the file does not say; such rows are not safe to publish."""


class Assignment(Record):
    """What the curriculum asks the teacher for; written down before anything is called."""

    n: Count
    """The episode's place in its run, from 0."""
    skill: str
    level: Level = 1
    language: str = "en"
    """BCP 47 tag."""
    seed: Seed
    """Derived from the run's seed and `n`; everything random in the episode hangs on it."""
    ordinal: Count = 0
    """How many earlier assignments of the run asked for this skill and level."""
    expert_seed: str | None = None
    """Id of the expert seed to grow the lesson from, if the run has any."""
    practice: dict[str, int] = Field(default_factory=dict)
    """How many critiques a simulated student has had per skill; skills without any are absent."""


class Task(Record):
    """All that the student sees."""

    question: str
    instruction: str = ""
    """How to state the answer; added to the question with a blank line between."""
    answer_pattern: str = ANSWER_PATTERN
    """Python `re` with MULTILINE; group 1 of the last match is the answer (the whole match if it
    has no group)."""
    givens: dict[str, JsonValue] | None = None
    """The question's facts as data, for a simulated student, which reads no prose. None: prose
    only."""

    @property
    def text(self) -> str:
        """The question with its instruction, as a student who reads prose is asked."""
        return f"{self.question}\n\n{self.instruction}" if self.instruction else self.question


class Lesson(Record):
    """What the teacher writes: a task, its reference, its verifier."""

    id: str
    """The digest of the content, see `storage.ids.lesson_id`."""
    skill: str
    level: Level
    language: str = "en"
    task: Task
    reference: str
    steps: tuple[str, ...] = ()
    """The worked solution, first step first; empty if the teacher wrote none."""
    verifier: str
    """A verifier's name, or "judge": no program decides."""
    data: dict[str, JsonValue] = Field(default_factory=dict)
    """What the verifier needs beside the reference."""
    files: dict[str, str] = Field(default_factory=dict)
    """Digest of every file that `data` names by path, so that a moved file changes no id."""
    expert_seed: str | None = None
    """Id of the expert seed that the lesson grew from."""
    made_by: str
    """Who wrote it: "embedded/quantities@1", "library", or "chat/" and the model's name."""

    @field_validator("data")
    @classmethod
    def _in_order(cls, data: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Put the members of objects in order, as they are stored, so that nothing hangs on it."""
        return {name: _ordered(data[name]) for name in sorted(data)}


def _ordered(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    return [_ordered(each) for each in value] if isinstance(value, list) else value


class Slip(Record):
    """One place where a simulated student acted on a misconception."""

    misconception: str
    step: Level
    """Number of the first step that it made wrong, from 1."""


class Attempt(Record):
    """One reply of the student to one task."""

    id: str
    trajectory_id: str
    lesson_id: str
    idx: Count
    """Which of the parallel attempts, from 0; a revision keeps the idx of what it revises."""
    revision: Count = 0
    """0 for the first try, then one more for each critique acted on."""
    text: str
    """The whole reply; empty if the student raised."""
    reasoning: str | None = None
    """What the model thought before it replied. None: it gave nothing of the kind."""
    answer: str | None = None
    """The part that is compared. None: the reply states no answer in the asked form."""
    finish_reason: str = "stop"
    """Why the model stopped: "stop", "length" (cut off by a token limit), or the endpoint's own
    word."""
    slips: tuple[Slip, ...] = ()
    """What a simulated student did wrong, oldest first; always empty for a model. Never shown to
    the critic."""
    made_by: str
    """Who tried: "embedded/novice@1", or "chat/" and the model's name."""
    error: str | None = None
    """Type and message of what the student raised. None: it replied."""


class Check(Record):
    """What a verifier found."""

    verifier: str
    version: Level = 1
    finding: Finding
    evidence: str
    """Why, in one line for a person."""
    limits: dict[str, JsonValue] = Field(default_factory=dict)
    """The limits it worked under, by name, with the unit in the name."""


class Grade(Record):
    """What a judge found for one criterion."""

    criterion: str
    weight: Unit
    grade: Unit | None
    """None: the judge did not say."""
    reason: str = ""


class Verdict(Record):
    """What the critic says about one attempt."""

    id: str
    attempt_id: str
    status: Status
    reward: Unit | None
    """None means nobody could score the attempt, which is not 0.0."""
    rung: Rung | None
    """Who decided. None: nobody, and then the status is "unscored" or "failed"."""
    reason: str | None = None
    """Why it is not accepted: "wrong", "no_answer", "truncated", "abstained", "undecided",
    "error". None: it is."""
    checks: tuple[Check, ...] = ()
    grades: tuple[Grade, ...] = ()
    critique: str = ""
    """Advice to the student."""
    first_wrong_step: Level | None = None
    """Number of the first wrong step, from 1. None: not known."""
    first_wrong_step_rung: Rung | None = None
    """Who says which step it is, which need not be who decided. None: no step is known."""


class Trajectory(Record):
    """One episode as it is stored."""

    id: str
    run_id: str
    assignment: Assignment
    lesson: Lesson | None
    """None: no teacher's draft became a lesson."""
    attempts: tuple[Attempt, ...] = ()
    """In order of revision, then idx."""
    verdicts: tuple[Verdict, ...] = ()
    """Oldest first; one for each attempt, in the same order, and later ones by people."""
    status: Status
    reward: Unit | None
    """The highest reward among the scored attempts."""
    reason: str | None = None
    """Why it is not accepted: a verdict's reason, or "screen". None: it is."""
    findings: tuple[str, ...] = ()
    """What the lesson screen found, oldest first: refusals of earlier drafts, and warnings."""
    error: str | None = None
    """Node, type and message of the exception that ended the episode."""


class Message(Record):
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class Request(Record):
    """One question to a model, as it is known to the journal; its digest is its identity."""

    endpoint: str
    """The endpoint's name: its base URL unless the config names it."""
    model: str
    messages: tuple[Message, ...]
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    """Sampling parameters as sent: temperature, max_tokens and the like."""
    response_format: dict[str, JsonValue] | None = None
    """JSON Schema that the reply must meet. None: free text. How it is put to an endpoint is no
    part of it."""
    draw: int = 0
    """Tells two otherwise equal requests apart, so that two attempts at one task are two calls."""

    @cached_property
    def canonical(self) -> str:
        """Its canonical JSON: what its digest is of and what is stored, worked out once."""
        return canonical(self)

    def __copy__(self) -> Self:
        copied = super().__copy__()
        copied.__dict__.pop("canonical", None)  # or a copy that is changed would keep the old one
        return copied


class Reply(Record):
    """What a model answered."""

    text: str
    """The reply without reasoning, inline `<think>` included."""
    reasoning: str | None = None
    raw: str
    """The whole body as it was received."""
    finish_reason: str = "stop"
    tokens_in: Count | None = None
    """None: the endpoint does not say."""
    tokens_out: Count | None = None


class CallSite(Record):
    """The place in an episode from which a model is called."""

    trajectory_id: str
    seed: int
    """The assignment's seed."""
    role: Role
    idx: Count = 0
    """Which attempt; for a teacher, which draft; see the role for what it means there."""
    revision: Count = 0
    turn: Count = 0
    """Calls of one role about one thing, in order: 0, then repair turns and further questions."""


class ModelCall(Record):
    """One answered request."""

    request_digest: str
    request: Request
    reply: Reply
    prompt: str = ""
    """Id, version and digest of the prompt file, as "critic.judge@1 sha256:..."; empty if there
    is none."""
    latency_s: Annotated[float, Field(ge=0.0)]
    """Seconds from sending to the whole reply, the last try only."""
    cost_usd: Annotated[float, Field(ge=0.0)] | None = None
    """US dollars. None: the price is not known."""


class CallError(Record):
    """One request that was not answered; logged apart, never a journal hit."""

    request_digest: str
    kind: str
    """"rate_limited", "overloaded", "timeout", "connection", "refused" or "garbled"."""
    message: str
    """What the endpoint said, at most 500 characters, without headers."""
    try_number: Level
    """Which sending of the same request, from 1."""


class Run(Record):
    """One batch under one config."""

    id: str
    """The digest of `identity` and `begun`."""
    begun: Count = 0
    """How many runs of the same identity were begun before it, with `--new`."""
    identity: dict[str, JsonValue]
    """The part of the config that decides what is made; no limits, paths or addresses."""
    config: dict[str, JsonValue]
    """The whole config, defaults included, as it stood when the run was last gone on with."""
    skills: tuple[Skill, ...] = ()
    """The curriculum; empty for a library."""
    expert_seeds: tuple[str, ...] = ()
    """Ids of the expert seeds that it was given, in the order of their file."""
    seed: Seed
    episodes: Annotated[int, Field(ge=1)]
    """How many it is to have in all; once it has ended, how many it has."""
    versions: dict[str, str] = Field(default_factory=dict)
    """What made it, by name: lyceum with its version, and the three roles. Domains and prompts
    stand with the lessons and calls that they made."""
    created_at: str
    """UTC, ISO 8601."""
    ended: str | None = None
    """Why there is no more to do: "complete", or a sentence. None: unfinished."""


class Outcome(Record):
    """The little that later episodes of a run may know of an earlier one."""

    n: Count
    skill: str
    level: Level
    tried: Count
    """First tries (revision 0) that were scored."""
    solved: Count
    """First tries (revision 0) that were accepted."""
    critiques: Count
    """Critiques that the student acted on: attempts with a revision above 0."""
    question_digest: str | None
    """Digest of the normalised question. None: no lesson came of the episode."""
