"""What the database says about how its rows were made, for a card and a manifest.

Names of models, skills, authors and licences are as they were stored, which is as strangers wrote
them: whoever shows them escapes them. What a newcomer gets wrong: no key, address or path of a
machine is in here, so of a role's settings only those are taken that are known to be none.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue
from sqlite_utils import Database

from storage import __version__, ids
from storage.canonical import canonical
from storage.costs import RoleCost
from storage.migrations import migrations
from storage.queries import Reader
from storage.records import Run

Counts = Mapping[str, int]
"""By status: accepted, rejected, unscored, failed; those without any may be absent."""
STATUSES = ("accepted", "rejected", "unscored", "failed")
SETTINGS = (
    "temperature", "max_tokens", "own_answers", "false_reference", "votes", "agreement",
    "step_labels",
)  # fmt: skip
"""The settings of a role that are shown; those that the defaults say are left out."""
SAMPLING = (
    "top_p", "top_k", "min_p", "seed", "presence_penalty", "frequency_penalty",
    "repetition_penalty", "reasoning_effort", "enable_thinking",
)  # fmt: skip
"""Keys of `extra_body` that are shown. The others are counted, for they may hold anything."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run."""

    id: str
    seed: int
    episodes: int
    """How many have ended."""
    finished: bool
    dataset_digest: str
    config_digest: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Maker:
    """Who had a role, with the settings that matter."""

    role: str
    kind: str
    """"embedded", "chat" and so on, as the config says."""
    model: str | None
    """None: no model."""
    made_by: str
    """The version that the run wrote down; empty if none."""
    settings: Mapping[str, JsonValue]
    unshown: int
    """How many settings of the request are not shown."""


@dataclass(frozen=True, slots=True)
class PromptFacts:
    """A prompt that was used, by the calls that used it."""

    role: str
    model: str
    name: str
    """Id and version, as "critic.judge@1"; empty if a call had no prompt file."""
    digest: str
    calls: int


@dataclass(frozen=True, slots=True)
class SeedFacts:
    """The expert seeds of the runs."""

    count: int = 0
    licences: Mapping[str | None, int] = field(default_factory=dict)
    """How many stand under each. None as a key: the file does not say."""
    authors: tuple[tuple[str | None, str | None, int], ...] = ()
    """Author, licence and how many, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it. Counts of places are of trajectories, those of rungs and reasons of attempts."""

    runs: tuple[RunFacts, ...]
    skills: Mapping[str, Counts]
    levels: Mapping[int, Counts]
    languages: Mapping[str, Counts]
    rungs: Mapping[str | None, Counts]
    """By who decided last. None: nobody; an attempt without a verdict counts as failed."""
    reasons: Mapping[str, int]
    """Why attempts are not accepted, the most frequent first."""
    refusals: Mapping[str, int]
    """Why trajectories are not accepted, the most frequent first; "screen": no lesson came."""
    first_tries: Mapping[int, tuple[int, int]]
    """By level: first tries that were scored, and those of them that were accepted."""
    faculty: tuple[Maker, ...]
    prompts: tuple[PromptFacts, ...]
    verifiers: Mapping[tuple[str, int], int]
    """Name and version, and how many verdicts it had a part in."""
    seeds: SeedFacts
    costs: Mapping[str, RoleCost]
    """By role; empty where no model was called."""
    schema: str
    """The last step that made the database's schema."""
    lyceum: str
    """The version of this program."""

    @property
    def trajectories(self) -> dict[str, int]:
        """How many trajectories have each status, zeros included."""
        return _summed(self.skills.values())

    @property
    def attempts(self) -> dict[str, int]:
        """How many attempts have each status, zeros included."""
        return _summed(self.rungs.values())

    @property
    def simulated(self) -> bool:
        """Whether a student was a program that makes mistakes on purpose."""
        return any(each.role == "student" and each.kind == "embedded" for each in self.faculty)


def facts(reader: Reader, runs: Sequence[Run]) -> Facts:
    """Read the facts of some runs of a database; each table is gone through once."""
    wanted = canonical([run.id for run in runs])
    ask = _Ask(reader, wanted, whole=len(runs) == len(reader.runs()))
    skills, levels, first_tries = _places(ask)
    statuses = _summed(skills.values())
    rungs, reasons, verifiers = _verdicts(ask)
    _add_unjudged(ask, rungs)
    return Facts(
        runs=tuple(_run(reader, run) for run in runs),
        skills=skills,
        levels=levels,
        languages=_languages(ask, statuses),
        rungs=rungs,
        reasons=reasons,
        refusals={row[0]: row[1] for row in ask(_REFUSALS)},
        first_tries=first_tries,
        faculty=_faculty(runs),
        prompts=tuple(_prompts(ask)),
        verifiers=verifiers,
        seeds=_seeds(ask),
        costs=_costs(reader, runs),
        schema=_schema(),
        lyceum=__version__,
    )


@dataclass(frozen=True, slots=True)
class _Ask:
    """Asks queries about some runs."""

    reader: Reader
    runs: str
    """Their ids, as JSON."""
    whole: bool
    """Whether these are all that the database has, and nothing need be joined to tell."""

    def __call__(self, sql: str) -> Iterator[Any]:
        return self.reader.rows(sql, runs=self.runs)


def _run(reader: Reader, run: Run) -> RunFacts:
    return RunFacts(
        id=run.id,
        seed=run.seed,
        episodes=sum(reader.counts(run.id).values()),
        finished=run.ended is not None,
        dataset_digest=ids.dataset_digest(reader.digests(run.id)),
        config_digest=ids.digest(run.config),
        versions=dict(sorted(run.versions.items())),
    )


def _places(
    ask: _Ask,
) -> tuple[dict[str, dict[str, int]], dict[int, dict[str, int]], dict[int, tuple[int, int]]]:
    skills: dict[str, dict[str, int]] = {}
    levels: dict[int, dict[str, int]] = {}
    tries: dict[int, tuple[int, int]] = {}
    for row in ask(_PLACES):
        for by, key in ((skills, row["skill"]), (levels, row["level"])):
            counts = by.setdefault(key, dict.fromkeys(STATUSES, 0))
            for status in STATUSES:
                counts[status] += row[status]
        tried, solved = tries.get(row["level"], (0, 0))
        tries[row["level"]] = tried + row["tried"], solved + row["solved"]
    return skills, dict(sorted(levels.items())), dict(sorted(tries.items()))


def _languages(ask: _Ask, statuses: dict[str, int]) -> dict[str, dict[str, int]]:
    """Return the trajectories of each language; of a single one these are all that there are."""
    spoken = [row[0] for row in ask(_SPOKEN)]
    if len(spoken) == 1:
        return {spoken[0]: {status: count for status, count in statuses.items() if count}}
    found: dict[str, dict[str, int]] = {}
    for language, status, count in ask(_LANGUAGES):
        found.setdefault(language, {})[status] = count
    return found


def _verdicts(
    ask: _Ask,
) -> tuple[dict[str | None, dict[str, int]], dict[str, int], dict[tuple[str, int], int]]:
    rungs: dict[str | None, dict[str, int]] = {}
    reasons: dict[str, int] = {}
    verifiers: dict[tuple[str, int], int] = {}
    for status, rung, reason, found, count in ask(_VERDICTS if ask.whole else _VERDICTS_OF_RUNS):
        by = rungs.setdefault(rung, {})
        by[status] = by.get(status, 0) + count
        if status != "accepted":
            reasons[reason or "error"] = reasons.get(reason or "error", 0) + count
        first, version, last, last_version = json.loads(found)
        for one in {(first, version), (last, last_version)} - {(None, None)}:
            verifiers[one] = verifiers.get(one, 0) + count
    order = dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))
    return rungs, order, dict(sorted(verifiers.items(), key=str))


def _add_unjudged(ask: _Ask, rungs: dict[str | None, dict[str, int]]) -> None:
    """Count the attempts that nobody judged, because an exception ended their episode."""
    [(attempts,)] = ask(_ATTEMPTS)
    unjudged = attempts - sum(sum(counts.values()) for counts in rungs.values())
    if unjudged > 0:
        by = rungs.setdefault(None, {})
        by["failed"] = by.get("failed", 0) + unjudged


def _faculty(runs: Sequence[Run]) -> tuple[Maker, ...]:
    found: dict[str, Maker] = {}
    for run in runs:
        for role in ("teacher", "student", "critic"):
            section = run.config.get(role)
            for each in _sections(section):
                maker = _maker(role, each, run.versions.get(role, ""))
                key = canonical([role, maker.kind, maker.model, maker.made_by, maker.settings])
                found.setdefault(key, maker)
    order = {"teacher": 0, "student": 1, "critic": 2}
    return tuple(sorted(found.values(), key=lambda maker: order[maker.role]))


def _sections(section: JsonValue) -> Iterator[dict[str, JsonValue]]:
    """Yield a role's section of a config, then those of judges beside it."""
    if isinstance(section, dict):
        yield section
        judges = section.get("judges")
        for judge in judges if isinstance(judges, list) else ():
            if isinstance(judge, dict):
                yield {"kind": "chat", **judge}


def _maker(role: str, section: dict[str, JsonValue], made_by: str) -> Maker:
    model = section.get("model")
    body = section.get("extra_body")
    body = body if isinstance(body, dict) else {}
    chat = section.get("kind") == "chat"
    settings = {name: section.get(name) for name in SETTINGS} if chat else {}
    shown = {name: body[name] for name in SAMPLING if _is_plain(body.get(name))}
    return Maker(
        role=role,
        kind=str(section.get("kind", "")),
        model=str(model) if model is not None and chat else None,
        made_by=made_by,
        settings={name: value for name, value in settings.items() if value is not None} | shown,
        unshown=len(body) - len(shown),
    )


def _is_plain(value: JsonValue) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= 20)


def _prompts(ask: _Ask) -> Iterator[PromptFacts]:
    for role, model, prompt, count in ask(_CALLS if ask.whole else _CALLS_OF_RUNS):
        name, _, digest = prompt.partition(" ")
        yield PromptFacts(role, model, name, digest, count)


def _seeds(ask: _Ask) -> SeedFacts:
    rows = tuple((row[0], row[1], row[2]) for row in ask(_SEEDS))
    licences: dict[str | None, int] = {}
    for _, licence, count in rows:
        licences[licence] = licences.get(licence, 0) + count
    return SeedFacts(sum(licences.values()), licences, rows)


def _costs(reader: Reader, runs: Sequence[Run]) -> dict[str, RoleCost]:
    summed: dict[str, RoleCost] = {}
    for run in runs:
        for role, one in reader.costs(run.id).roles.items():
            so_far = summed.get(role, RoleCost(0, 0, 0, 0.0))
            known = so_far.cost_usd is not None and one.cost_usd is not None
            summed[role] = RoleCost(
                so_far.calls + one.calls,
                so_far.tokens_in + one.tokens_in,
                so_far.tokens_out + one.tokens_out,
                (so_far.cost_usd or 0.0) + (one.cost_usd or 0.0) if known else None,
            )
    return dict(sorted(summed.items()))


def _schema() -> str:
    """Return the last step that this version knows, which every open database has taken."""
    with Database(memory=True, execute_plugins=False) as empty:
        return [step.name for step in migrations.pending(empty)][-1]


def _summed(counts: Iterable[Counts]) -> dict[str, int]:
    return {status: sum(each.get(status, 0) for each in counts) for status in STATUSES}


_IDS = "(SELECT value FROM json_each(:runs))"
_PLACES = f"""SELECT skill, level, sum(accepted) AS accepted, sum(rejected) AS rejected,
        sum(unscored) AS unscored, sum(failed) AS failed, sum(tried) AS tried,
        sum(solved) AS solved
    FROM place_sums WHERE run_id IN {_IDS} GROUP BY skill, level
    HAVING sum(accepted + rejected + unscored + failed) > 0 ORDER BY skill, level"""
_ATTEMPTS = f"SELECT coalesce(sum(attempts), 0) FROM place_sums WHERE run_id IN {_IDS}"
_REFUSALS = f"""SELECT reason, sum(trajectories) FROM reason_sums WHERE run_id IN {_IDS}
    GROUP BY reason HAVING sum(trajectories) > 0 ORDER BY 2 DESC, reason"""
_SPOKEN = f"SELECT DISTINCT language FROM assignments WHERE run_id IN {_IDS}"
_LANGUAGES = f"""SELECT language, status, count(*) FROM assignments a
    JOIN trajectories t ON t.id = a.trajectory_id WHERE a.run_id IN {_IDS}
    GROUP BY language, status ORDER BY language, status"""
_SEEDS = f"""SELECT author, licence, count(*) FROM expert_seeds WHERE id IN (
        SELECT seed.value FROM runs, json_each(runs.expert_seeds) seed WHERE runs.id IN {_IDS})
    GROUP BY author, licence ORDER BY 3 DESC, author, licence"""
# A verdict has one check, or some of one verifier between which others stand: the ends tell them.
_FOUND = """v.status, v.rung, v.reason, json_extract(v.checks, '$[0].verifier', '$[0].version',
        '$[#-1].verifier', '$[#-1].version') AS found, count(*)"""
# Few attempts have a second verdict; only for those it is looked up which is the last.
_LAST = """(v.attempt_id NOT IN (SELECT attempt_id FROM verdicts WHERE ordinal > 0)
        OR NOT EXISTS (SELECT 1 FROM verdicts w
            WHERE w.attempt_id = v.attempt_id AND w.ordinal > v.ordinal))"""
_BY_ALL = "GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
_VERDICTS = f"SELECT {_FOUND} FROM verdicts v WHERE {_LAST} {_BY_ALL}"
_VERDICTS_OF_RUNS = f"""SELECT {_FOUND} FROM trajectories t
    JOIN attempts a ON a.trajectory_id = t.id JOIN verdicts v ON v.attempt_id = a.id
    WHERE t.run_id IN {_IDS} AND {_LAST} {_BY_ALL}"""
_CALLS = """SELECT role, model, prompt, count(*) FROM model_calls
    GROUP BY role, model, prompt ORDER BY role, prompt, model"""
_CALLS_OF_RUNS = f"""SELECT role, model, prompt, count(*) FROM model_calls WHERE request_digest IN (
        SELECT u.request_digest FROM assignments a
        JOIN calls_used u ON u.trajectory_id = a.trajectory_id WHERE a.run_id IN {_IDS})
    GROUP BY role, model, prompt ORDER BY role, prompt, model"""
