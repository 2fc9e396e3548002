"""Whether people's acts and verdicts are what was written, and belong to each other.

What a newcomer gets wrong: a digest that was made to fit hides an edited act, so the verdicts are
held to the acts, the acts to each other and to their numbers, and audits to what they drew.
And what was said last counts, so the order of acts is held to that of the verdicts.
Nothing can tell that all of them were rewritten together.
"""

import sqlite3
from collections.abc import Callable, Iterator
from itertools import groupby

from storage import ids, rows
from storage.errors import Corrupt
from storage.people.acts import Act, act_of, in_force

Ask = Callable[..., Iterator[sqlite3.Row]]
"""Asks a query: SQL, then its values."""
Found = tuple[str, str, str, str]
"""Table, row, column, and what is wrong."""
_CHANGED = "is not what was stored; it was changed by hand, or the disk failed"
_ACTS = "SELECT * FROM acts WHERE run_id = ? ORDER BY trajectory_id, id"
_SAID = """SELECT v.*, a.trajectory_id FROM verdicts v CROSS JOIN attempts a ON a.id = attempt_id
    CROSS JOIN assignments s ON s.trajectory_id = a.trajectory_id
    WHERE v.rung = 'person' AND s.run_id = ?"""
_DIGESTS = "SELECT id, digest FROM attempts WHERE trajectory_id = ?"
_IN_ORDER = """SELECT v.id, v.attempt_id, v.ordinal FROM verdicts v
    JOIN attempts a ON a.id = attempt_id WHERE a.trajectory_id = ?
    ORDER BY v.place, a.revision, a.idx, v.ordinal"""
# What was rolled back took no number, so a number without an act is an act that was deleted.
_NUMBERS = """SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'acts'), 0) AS given,
    count(*) AS there FROM acts"""
_AUDITS = """SELECT audits.*, (SELECT json_group_array(attempt_id) FROM
        (SELECT attempt_id FROM audited WHERE audit_id = audits.id ORDER BY place)) AS drawn
    FROM audits WHERE run_id = ?"""

_NOT_DRAWN = """SELECT id, audit_id FROM acts WHERE run_id = ? AND audit_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM audited d JOIN audits u ON u.id = d.audit_id
        WHERE d.audit_id = acts.audit_id AND d.attempt_id = acts.attempt_id
        AND u.run_id = acts.run_id)"""


def audit_id(run_id: str, seed: int, population: int, drawn: list[str]) -> str:
    """Return the id of an audit from what it drew, in order."""
    return "u" + ids.digest([run_id, seed, population, drawn])[-32:]


def differing(ask: Ask, run_id: str) -> Iterator[Found]:
    """Yield what does not hold of what people did in a run, as of one moment."""
    list(ask("BEGIN"))  # somebody may be giving verdicts meanwhile
    try:
        found = list(_differing(ask, run_id))
    finally:
        list(ask("COMMIT"))
    yield from found


def _differing(ask: Ask, run_id: str) -> Iterator[Found]:
    [numbers] = ask(_NUMBERS)
    if numbers["given"] != numbers["there"]:
        what = f"{numbers['given']} were done, and {numbers['there']} are there"
        yield "acts", str(numbers["given"]), "id", f"{what}; what people did is never deleted"
    verdicts: dict[str, dict[str, sqlite3.Row]] = {}
    for row in ask(_SAID, run_id):
        verdicts.setdefault(row["trajectory_id"], {})[row["id"]] = row
    for trajectory_id, of_one in groupby(ask(_ACTS, run_id), key=lambda row: row["trajectory_id"]):
        there = verdicts.pop(trajectory_id, {})
        yield from _episode(ask, trajectory_id, list(of_one), there)
    for there in verdicts.values():
        for verdict in there:
            yield _without_an_act(verdict)
    for row in ask(_AUDITS, run_id):
        drawn = rows.parsed(row, "drawn")["drawn"]
        if audit_id(run_id, row["seed"], row["population"], drawn) != row["id"]:
            yield "audits", row["id"], "id", _CHANGED
    for row in ask(_NOT_DRAWN, run_id):
        what = f"judges for audit {row['audit_id']} what it did not draw"
        yield "acts", str(row["id"]), "audit_id", what


def _episode(
    ask: Ask, trajectory_id: str, stored: list[sqlite3.Row], there: dict[str, sqlite3.Row]
) -> Iterator[Found]:
    """Yield what does not hold of the acts on one episode, and of the verdicts they gave."""
    acts: list[Act] = []
    for row in stored:
        try:
            act = rows.read("acts", act_of, row)
        except Corrupt as error:
            yield "acts", str(row["id"]), "digest", str(error)
            return
        if act.content_digest != act.digest:
            yield "acts", str(act.id), "digest", _CHANGED
        acts.append(act)
    yield from _order(acts)
    yield from _rising(
        "acts", [(str(a.id), a.attempt_id, a.ordinal) for a in acts if a.act == "gave"]
    )
    digests = {row["id"]: row["digest"] for row in ask(_DIGESTS, trajectory_id)}
    stand = {act.verdict_id: act for act in in_force(acts, digests)}
    for verdict, act in stand.items():
        if verdict not in there:
            yield "verdicts", verdict, "id", f"is missing, and act {act.id} says that it stands"
        elif (column := _other(act, there[verdict])) is not None:
            yield "verdicts", verdict, column, f"is not what act {act.id} says"
    for verdict in there.keys() - stand.keys():
        yield _without_an_act(verdict)
    if there.keys() == stand.keys():
        yield from _places(list(stand), list(ask(_IN_ORDER, trajectory_id)))


def _order(acts: list[Act]) -> Iterator[Found]:
    """Yield acts that cannot have been done after those before them."""
    given: dict[str, Act] = {}
    for act in acts:
        if act.verdict_id != ids.verdict_id(act.attempt_id, act.ordinal):
            yield "acts", str(act.id), "verdict_id", "is not of this attempt and ordinal"
        if act.act == "gave" and act.verdict_id in given:
            yield "acts", str(act.id), "verdict_id", "was given before"
        elif act.act == "gave":
            given[act.verdict_id] = act
        elif (before := given.get(act.verdict_id)) is None or before.act == "withdrew":
            yield "acts", str(act.id), "verdict_id", "does not stand, so nobody can withdraw it"
        elif before.person != act.person:
            yield "acts", str(act.id), "person", f"withdraws what {before.person!r} gave"
        else:
            given[act.verdict_id] = act


def _places(said: list[str], stored: list[sqlite3.Row]) -> Iterator[Found]:
    """Yield verdicts in another order than they were given in; those of people are the last.

    Args:
        said: The verdicts of people, in the order of their acts.
        stored: All verdicts on the episode, in the order in which they count.
    """
    yield from _rising("verdicts", [(row[0], row[1], row[2]) for row in stored])
    for verdict, row in zip(reversed(said), reversed(stored), strict=False):
        if row["id"] != verdict:
            yield "verdicts", verdict, "place", "is not where the order of the acts puts it"
            return


def _rising(table: str, found: list[tuple[str, str, int]]) -> Iterator[Found]:
    """Yield rows that follow a later one on the same attempt: each with attempt and ordinal."""
    latest: dict[str, int] = {}
    for own, attempt, ordinal in found:
        if ordinal <= latest.get(attempt, -1):
            yield table, own, "ordinal", "is not after that of the one before it"
        latest[attempt] = ordinal


def _other(act: Act, row: sqlite3.Row) -> str | None:
    """Return the column in which a verdict is not what its act says. None: it is."""
    said = rows.verdict_row(act.verdict, act.ordinal, row["place"])
    return next((column for column, value in said.items() if row[column] != value), None)


def _without_an_act(verdict: str) -> Found:
    return "verdicts", verdict, "rung", "no act of a person says that it stands"
