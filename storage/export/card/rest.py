"""Of the card: what was left out, what it cost, whose expert seeds it grew from, what was asked."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from storage.export.account import REASONS
from storage.export.card.markdown import (
    Safe,
    counted,
    dollars,
    name,
    shortened,
    table,
)
from storage.export.facts import Facts
from storage.export.figures import Figures, in_order
from storage.export.left_out import LeftOut


def what_was_left_out(left_out: LeftOut) -> dict[str, Any]:
    """Return the attempts by reason and format, and what was found of twins and benchmarks."""
    counts = left_out.plain()
    forms = in_order({*counts, *left_out.attempts})
    reasons = sorted({reason for by in counts.values() for reason in by})
    rows: list[Sequence[object]] = [
        (Safe(f"*{title}*"), *(numbers.get(form, 0) for form in forms), Safe(what))
        for title, numbers, what in (
            ("attempts", left_out.attempts, "of the database"),
            ("used", left_out.used, "in at least one row"),
        )
        if numbers
    ]
    rows += shortened(
        [
            (name(reason), *(counts.get(form, {}).get(reason, 0) for form in forms),
             REASONS.get(reason, ""))
            for reason in reasons
        ]
    )  # fmt: skip
    columns = ("reason", *(f">{name(form)}" for form in forms), "why")
    return {"left_out": table(columns, rows), "twins": _twins(left_out)}


def _twins(left_out: LeftOut) -> Safe:
    near, across = left_out.total("near_duplicate"), left_out.total("across_splits")
    if left_out.were_looked_for("near_duplicate", "across_splits"):
        told = (
            f"Near-duplicates: {counted(near + across, 'attempt')} at tasks that nearly repeat "
            f"another were found and left out, {across:,} of them across splits."
        )
    else:
        told = "Near-duplicates were not looked for."
    if left_out.were_looked_for("contaminated"):
        found = counted(left_out.total("contaminated"), "attempt")
        return Safe(
            f"{told} Contamination: {found} at tasks that share a run of words with the named "
            "benchmarks were found and left out."
        )
    return Safe(f"{told} Contamination: no benchmark was named, so none was looked for.")


def costs(facts: Facts) -> Safe:
    """Return what each role paid for."""
    if not facts.costs:
        return Safe("Nothing: no model was called.")
    rows = [
        (role, one.calls, one.tokens_in, one.tokens_out, dollars(one.cost_usd))
        for role, one in facts.costs.items()
    ]
    known = [one.cost_usd for one in facts.costs.values() if one.cost_usd is not None]
    whole = dollars(sum(known)) if len(known) == len(rows) else dollars(None)
    sums = [sum(getattr(one, of) for one in facts.costs.values()) for of in _SUMMED]
    rows.append(("all", *sums, whole))
    return table(("role", ">calls", ">tokens in", ">tokens out", ">cost"), rows)


_SUMMED = ("calls", "tokens_in", "tokens_out")


def seeds(facts: Facts, figures: Figures) -> dict[str, Any]:
    """Return under which licences the expert seeds stand, and who wrote them."""
    found, rows = facts.seeds, figures.licences
    if not found.count:
        return {
            "seeds": Safe("There are none: the lessons grew from nobody's text."),
            "credits": "",
        }
    licences = [
        (name(licence) if licence else Safe("*not stated*"), count, rows.get(licence, 0))
        for licence, count in sorted(found.licences.items(), key=lambda each: -each[1])
    ]
    authors = [
        (name(author) if author else Safe("*not stated*"),
         name(licence) if licence else Safe("*not stated*"), count)
        for author, licence, count in found.authors
    ]  # fmt: skip
    unstated = found.licences.get(None, 0)
    warning = (
        f"\n\n**{counted(unstated, 'expert seed')} of {found.count:,} "
        f"{'states' if unstated == 1 else 'state'} no licence. Rows that grew from them are not "
        "safe to publish:** their column `licence` is null."
    )
    licences_table = table(("licence", ">expert seeds", ">rows"), shortened(licences))
    credits_table = table(("author", "licence", ">expert seeds"), shortened(authors))
    return {
        "seeds": Safe(licences_table + (warning if unstated else "")),
        "credits": credits_table,
    }


def option_table(options: Mapping[str, JsonValue]) -> Safe:
    """Return what was asked for; what was not is left out."""
    rows = [
        (name(key), name(value if isinstance(value, str) else json.dumps(value)))
        for key, value in sorted(options.items())
        if value not in (None, [], {}, "")
    ]
    return table(("option", "value"), shortened(rows, 60))
