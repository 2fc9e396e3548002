"""Model calls as a page shows them: what each was for, what was sent, and what came back.

What a newcomer gets wrong: which question a call asked is told by its turn, as the judge counts
turns; storage knows that count by heart, because it may not ask the judge.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.queries import UsedCall
from storage.records import Attempt, CallError, CallSite, ModelCall
from storage.report.html.quoted import Quoted, Room

MOST = 300
"""Calls of one page that are shown whole; the others are lines."""
OWN_ANSWERS = 10
_VOTE, _JUDGE = 100, 1_000
QUESTIONS = {0: "grading", 4: "against a false reference", 6: "first wrong step"}
"""By the turn among a vote's hundred; own answers begin at 10 and are 2 apart."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call."""

    place: str
    """Its name among the parts of the page."""
    purpose: str
    call: ModelCall
    site: CallSite
    journal_hit: bool
    created_at: str
    messages: tuple[tuple[str, Quoted], ...]
    """Role and text, as sent, in order."""
    settings: Quoted
    """Parameters, form and draw, as JSON."""
    reply: Quoted | None
    """None: it is the attempt, which stands above."""
    reasoning: Quoted | None
    raw: Quoted


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One try that was not answered."""

    purpose: str
    error: CallError


def purpose(site: CallSite) -> str:
    """Return what a call at this place is for, in a few words."""
    repair = ", repair" if site.turn % 2 else ""
    if site.role == "teacher":
        return f"draft {site.idx + 1}{', repair' if site.turn else ''}"
    if site.role == "student":
        return f"revision {site.revision}" if site.revision else "attempt"
    judge, vote = site.turn // _JUDGE, site.turn % _JUDGE // _VOTE
    turn = site.turn % _VOTE
    asked = QUESTIONS.get(turn - turn % 2, "question")
    if turn >= OWN_ANSWERS:
        asked = f"own answer {(turn - OWN_ANSWERS) // 2 + 1}"
    who = f"judge {judge + 1}, " if judge else ""
    return f"{who}{asked}{f', vote {vote + 1}' if vote else ''}{repair}"


def is_own_answer(site: CallSite) -> bool:
    """Return whether a judge was asked for its own answer, before it saw the attempt."""
    return site.role == "critic" and site.turn % _VOTE >= OWN_ANSWERS and site.turn % 2 == 0


def calls(
    used: Sequence[UsedCall], attempts: Sequence[Attempt], room: Room
) -> tuple[tuple[Call, ...], int]:
    """Return the calls that a page shows, in order, and how many more there are."""
    texts = {(a.revision, a.idx): a.text for a in attempts}
    shown = tuple(
        _call(f"call-{number}", each, texts, room)
        for number, each in enumerate(used[:MOST], start=1)
    )
    return shown, max(0, len(used) - MOST)


def unanswered(
    errors: Iterable[tuple[CallSite, CallError]],
) -> tuple[tuple[CallSite, Unanswered], ...]:
    """Return the tries that were not answered, with where they were made."""
    return tuple((site, Unanswered(purpose(site), error)) for site, error in errors)


def _call(place: str, used: UsedCall, texts: dict[tuple[int, int], str], room: Room) -> Call:
    request, reply, site = used.call.request, used.call.reply, used.site
    settings = {"parameters": request.parameters, "draw": request.draw}
    if request.response_format is not None:
        settings["response_format"] = request.response_format
    same = site.role == "student" and texts.get((site.revision, site.idx)) == reply.text
    reasoning = reply.reasoning
    return Call(
        place=place,
        purpose=purpose(site),
        call=used.call,
        site=site,
        journal_hit=used.journal_hit,
        created_at=used.created_at,
        messages=tuple(
            (message.role, room.quoted(f"{place}-message-{n}", message.content, "exact"))
            for n, message in enumerate(request.messages, start=1)
        ),
        settings=room.quoted(f"{place}-settings", json.dumps(settings, indent=1), "json"),
        reply=None if same else room.quoted(f"{place}-reply", reply.text, "exact"),
        reasoning=room.quoted(f"{place}-reasoning", reasoning, "exact") if reasoning else None,
        raw=room.quoted(f"{place}-raw", reply.raw, "exact"),
    )
