"""The review: one attempt after the other, judged before anything is told about it.

What a newcomer gets wrong: who has said nothing yet gets `storage.web.blind`, which knows no
verdict; how many are left, and of what kind, would tell of which kind this one is, so that waits as
well. And a verdict is answered with a redirect, so that to load the page again sends nothing again.
"""

from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from storage.errors import Ambiguous, Missing, NotTaken
from storage.people.acts import Act, acts_of, standing
from storage.people.audits import audit_of
from storage.people.queue import next_wanted, queue_counts
from storage.people.saying import LONGEST
from storage.queries import Reader
from storage.records import Attempt
from storage.report.html.quoted import Quoted, Room, manner_of
from storage.web.answering import page
from storage.web.blind import Blind, attempt_called, blind
from storage.web.desk import Desk
from storage.web.seat import MOST_GIVEN
from storage.web.sent import (
    SKIP,
    form_of,
    fresh,
    taking_a_form,
    text_of,
    token_of,
    withdrawal_of,
)
from storage.web.told import asked_because, told_of
from storage.web.ways import go_to, nobody, onward, path_of, told

_OWN = 200
"""How many changes the index reads at once after an act, so that the person sees their own."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the review."""
    room = Reviewing(desk)
    return [
        Route("/review", room.next_one),
        Route("/review", taking_a_form(room.look_again), methods=["POST"]),
        Route("/review/{attempt}", room.show),
        Route("/review/{attempt}", taking_a_form(room.give), methods=["POST"]),
        Route("/acts/{verdict}/withdraw", taking_a_form(room.withdraw), methods=["POST"]),
    ]


class Reviewing:
    """The pages of the review; `desk` is what they are made from."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seat = desk.seat

    def next_one(self, request: Request) -> Response:
        """Go to the attempt that a person's minute is best spent on."""
        if self._desk.person is None:
            return nobody(request)
        with self._desk.reader() as reader:
            self._seat.begin(reader)
            skip, person = self._seat.skipped, self._desk.person
            found = next_wanted(self._desk.index(), reader, skip=skip, person=person)
            if found is not None:
                return go_to(path_of(found.attempt_id), request)
            values = self._values(reader, "")
        skipped = len(self._seat.skipped)
        plain = {"attempt_id": None, "skipped": skipped}
        return page(request, "review_done.html", values | plain, plain)

    def look_again(self, request: Request, fields: FormData) -> Response:
        """Ask again for what was passed over."""
        audit = text_of(fields, "audit")
        self._seat.look_again()
        return go_to(onward(audit))

    def show(self, request: Request) -> Response:
        """Show an attempt: blind until the person has judged it, with all that is known after."""
        if self._desk.person is None:
            return nobody(request)
        audit = request.query_params.get("audit", "")
        with self._desk.reader() as reader:
            attempt = attempt_called(reader, request.path_params["attempt"])
            if audit:
                audit = _drawn(reader, audit, attempt.id)
            acts = acts_of(reader, attempt.trajectory_id)
            # For an audit counts what was said for it, so what was said before is no answer.
            mine = [act for act in standing(acts) if self._is_mine(act, attempt)]
            if any(act.audit_id == audit or not audit for act in mine):
                return self._judged(request, reader, attempt, acts, audit)
            return self._blind(request, reader, attempt, acts, audit)

    def give(self, request: Request, fields: FormData) -> Response:
        """Write a verdict down, or pass the attempt over."""
        person = self._desk.person
        if person is None:
            return nobody(request)
        form = form_of(fields)
        try:
            with self._desk.reader() as reader:
                self._seat.begin(reader)
                attempt = attempt_called(reader, request.path_params["attempt"])
                done = [a for a in acts_of(reader, attempt.trajectory_id) if a.person == person]
            if form.verdict == SKIP:
                self._seat.skip(attempt.id)
                return go_to(onward(form.audit))
            said = form.said()
            token = token_of(form, said, person, attempt.id, done)
            unseen = not self._seat.has_seen(attempt.trajectory_id)
            self._desk.people().give(
                attempt.id, said, person=person, token=token,
                blind=form.seen_blind and unseen, audit_id=form.audit or None,
            )  # fmt: skip
            self._desk.index().keep_up(most=_OWN)
        except (Missing, Ambiguous) as error:
            return told(request, 404, "It is gone", f"{error}. Nothing was written down.")
        except NotTaken as error:
            return told(request, 409, "Not written down", str(error))
        if form.back == "trajectory":
            return go_to(f"/trajectories/{quote(attempt.trajectory_id, safe='')}")
        return go_to(path_of(attempt.id, form.audit))

    def withdraw(self, request: Request, fields: FormData) -> Response:
        """Take back what the person said, and show the attempt again."""
        person = self._desk.person
        if person is None:
            return nobody(request)
        verdict_id = request.path_params["verdict"]
        token = withdrawal_of(verdict_id, person)
        try:
            act = self._desk.people().withdraw(verdict_id, person=person, token=token)
            self._desk.index().keep_up(most=_OWN)
        except (Missing, Ambiguous) as error:
            return told(request, 404, "It is gone", str(error))
        except NotTaken as error:
            return told(request, 409, "Not taken back", str(error))
        if text_of(fields, "back") == "trajectory":
            return go_to(f"/trajectories/{quote(act.trajectory_id, safe='')}")
        return go_to(path_of(act.attempt_id, act.audit_id or ""))

    def _is_mine(self, act: Act, attempt: Attempt) -> bool:
        return (act.person, act.attempt_id) == (self._desk.person, attempt.id)

    def _values(self, reader: Reader, audit: str) -> dict[str, object]:
        """Return what all pages of the review have."""
        self._seat.begin(reader)
        return {
            "nav": "audits" if audit else "review",
            "audit": audit,
            "given": self._seat.given(reader),
            "most_given": MOST_GIVEN,
            "undo": self._seat.last(reader),
            "onward": onward(audit),
        }

    def _blind(
        self, request: Request, reader: Reader, attempt: Attempt, acts: tuple[Act, ...], audit: str
    ) -> Response:
        seen = any(act.person == self._desk.person for act in acts)
        seen = seen or self._seat.has_seen(attempt.trajectory_id)
        view = blind(reader, attempt, self._desk.steps, self._desk.criteria)
        own = {"blind": view, "texts": _texts(view), "seen": seen, "act": fresh()}
        own["longest"] = LONGEST
        plain = {"attempt": view.plain(), "person": self._desk.person, "seen": seen}
        return page(request, "review.html", self._values(reader, audit) | own, plain)

    def _judged(
        self, request: Request, reader: Reader, attempt: Attempt, acts: tuple[Act, ...], audit: str
    ) -> Response:
        person = self._desk.person or ""
        view = blind(reader, attempt, self._desk.steps, self._desk.criteria)
        trajectory = reader.trajectory(attempt.trajectory_id)
        found = told_of(trajectory, attempt, acts, person)
        why = "an audit drew it" if audit else asked_because(trajectory, attempt, acts, person)
        left = queue_counts(self._desk.index())
        own = {
            "texts": _texts(view),
            "told": found,
            "why": why,
            "left": left,
            "trajectory_id": trajectory.id,
            "attempt_id": attempt.id,
            "undo": found.own,
        }
        plain: dict[str, object] = dict(found.plain())
        plain |= {"attempt": view.plain(), "person": person, "why": why, "left": left}
        plain["trajectory_id"] = trajectory.id
        return page(request, "judged.html", self._values(reader, audit) | own, plain)


def _texts(view: Blind) -> dict[str, Quoted]:
    """Return the texts of an attempt and its lesson as a page shows them."""
    room, of_it = Room(), manner_of(view.text, view.verifier)
    return {
        "task": room.quoted("task", view.task),
        "text": room.quoted("text", view.text, of_it),
        "reference": room.quoted(
            "reference", view.reference, manner_of(view.reference, view.verifier)
        ),
        "reasoning": room.quoted("reasoning", view.reasoning or ""),
    }


def _drawn(reader: Reader, ref: str, attempt_id: str) -> str:
    """Return the id of an audit that drew an attempt.

    Raises:
        Missing: there is no such audit, or it drew others.
    """
    audit = audit_of(reader, ref).id
    sql = "SELECT 1 FROM audited WHERE audit_id = ? AND attempt_id = ?"
    if not list(reader.rows(sql, audit, attempt_id)):
        raise Missing(f"{attempt_id!r}: audit {audit} did not draw it; its page lists what it drew")
    return audit
