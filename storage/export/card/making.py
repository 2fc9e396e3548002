"""Of the card: how the rows were made, and how right they are."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from storage.export.card.markdown import Safe, counted, name, share, shortened, table
from storage.export.facts import STATUSES, Counts, Facts

WHY = {
    "wrong": "the answer is wrong",
    "no_answer": "no answer in the asked form",
    "truncated": "cut off by a token limit",
    "abstained": "the judge abstained",
    "undecided": "nobody could decide",
    "error": "could not be made or judged",
}
"""What a verdict's reason says of an attempt."""
COLUMNS = tuple(f">{status}" for status in STATUSES)
_DIGITS = 12


def making(facts: Facts) -> dict[str, Any]:
    """Return who made the rows, with which prompts and verifiers, and in which runs."""
    faculty = [
        (
            each.role,
            name(each.model or each.made_by or each.kind),
            _settings(each.settings, each.unshown),
        )
        for each in facts.faculty
    ]
    verifiers = [(name(who), version, n) for (who, version), n in facts.verifiers.items()]
    prompts = [
        (each.role, name(each.name), name(each.model), each.calls, short(each.digest))
        for each in facts.prompts
    ]
    runs = [
        (
            short(run.id),
            Safe(run.seed),
            run.episodes,
            "yes" if run.finished else "no",
            name(run.versions.get("lyceum")),
            short(run.dataset_digest),
        )
        for run in facts.runs
    ]
    return {
        "faculty": table(("role", "who", "settings"), shortened(faculty)),
        "simulated": facts.simulated,
        "verifiers": table(("verifier", ">version", ">verdicts"), shortened(verifiers)),
        "prompts": table(("role", "prompt", "model", ">calls", "digest"), shortened(prompts)),
        "runs": table(
            ("run", ">seed", ">episodes", "finished", "by Lyceum", "dataset digest"),
            shortened(runs),
        ),
    }


def rightness(facts: Facts) -> dict[str, Any]:
    """Return who decided, and why attempts are not accepted."""
    total = sum(facts.attempts.values())
    rungs = [
        (rung or "nobody", *by_status(facts.rungs[rung]))
        for rung in ("program", "judge", "person", None)
        if rung in facts.rungs
    ]
    reasons = [
        (name(reason), n, share(n, total), WHY.get(reason, ""))
        for reason, n in facts.reasons.items()
    ]
    screened = facts.refusals.get("screen", 0)
    return {
        "rungs": table(("decided by", *COLUMNS), rungs),
        "reasons": table(("reason", ">attempts", ">of all", "meaning"), shortened(reasons)),
        "screened": counted(screened, "episode") if screened else None,
    }


def by_status(counts: Counts) -> list[int]:
    """Return the counts of accepted, rejected, unscored and failed."""
    return [counts.get(status, 0) for status in STATUSES]


def short(digest: str) -> Safe:
    """Return the beginning of a digest or an id, which are safe by what they are made of."""
    tag, colon, digits = digest.rpartition(":")
    return name(f"{tag}{colon}{digits[:_DIGITS]}")


def _settings(settings: Mapping[str, JsonValue], unshown: int) -> Safe:
    shown = [f"{key} {name(_plain(value))}" for key, value in settings.items()]
    if unshown:
        shown.append(f"{unshown} more that are not shown")
    return Safe(", ".join(shown).replace("_", r"\_"))


def _plain(value: JsonValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
