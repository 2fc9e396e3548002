"""The review: one attempt after the other, judged before anything is told about it.

What a newcomer gets wrong: who has said nothing yet gets `storage.web.blind`, which knows no
verdict; how many are left, and of what kind, would tell of which kind this one is, so that waits as
well. And a verdict is answered with a redirect, so that to load the page again sends nothing again.
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from storage.errors import Ambiguous, Missing, NotTaken
from storage.people.acts import Act, acts_of, standing
from storage.queries import Reader
from storage.records import Attempt
from storage.report.html.quoted import Quoted, Room, manner_of
from storage.web.answering import page, wants_json
from storage.web.asking import require_drawn, waiting, wanted
from storage.web.blind import Blind, attempt_called, blind
from storage.web.desk import Desk
from storage.web.seat import MOST_GIVEN, Seat
from storage.web.sent import LONGEST, SKIP, form_of, fresh, text_of, token_of, withdrawal_of
from storage.web.told import asked_because, told_of

_NOBODY = (
    "Verdicts are given under a name, and this server was started without one: end it, and start "
    "it with `python run.py review --as NAME`."
)

_OWN = 200
"""How many changes the index reads at once after an act, so that the person sees their own."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the review."""
    room = Reviewing(desk, Seat(desk.person or ""))
    return [
        Route("/review", room.next_one),
        Route("/review", room.look_again, methods=["POST"]),
        Route("/review/{attempt}", room.show),
        Route("/review/{attempt}", room.give, methods=["POST"]),
        Route("/acts/{verdict}/withdraw", room.withdraw, methods=["POST"]),
    ]


def told(request: Request, status: int, title: str, sentence: str) -> Response:
    """Return a page that says why nothing was done, with a way on."""
    values = {"nav": "review", "title": title, "sentence": sentence}
    return page(request, "review_told.html", values, {"error": sentence}, status=status)


def nobody(request: Request) -> Response:
    """Return the page that says how a person gets a name."""
    return told(request, 409, "Nobody reviews here", _NOBODY)


def go_to(path: str, request: Request | None = None) -> Response:
    """Return a redirect to a page of ours; what asked for JSON gets JSON there."""
    if request is not None and "format" in request.query_params and wants_json(request):
        path += ("&" if "?" in path else "?") + "format=json"
    return RedirectResponse(path, 303)


def path_of(attempt_id: str, audit: str = "") -> str:
    """Return where an attempt is judged."""
    asked = f"?audit={quote(audit, safe='')}" if audit else ""
    return f"/review/{quote(attempt_id, safe='')}{asked}"


def onward(audit: str) -> str:
    """Return where the next attempt is asked for."""
    return f"/audits/{quote(audit, safe='')}/next" if audit else "/review"


class Reviewing:
    """The pages of the review.

    Args:
        desk: What they are made from.
        seat: What is remembered of whoever reviews.
    """

    def __init__(self, desk: Desk, seat: Seat) -> None:
        self._desk = desk
        self._seat = seat

    def next_one(self, request: Request) -> Response:
        """Go to the attempt that a person's minute is best spent on."""
        if self._desk.person is None:
            return nobody(request)
        with self._desk.reader() as reader:
            self._seat.begin(reader)
            found = wanted(self._desk.index(), reader, self._seat)
            if found is not None:
                return go_to(path_of(found), request)
            values = self._values(reader, "")
        skipped = len(self._seat.skipped)
        plain = {"attempt_id": None, "skipped": skipped}
        return page(request, "review_done.html", values | plain, plain)

    def look_again(self, request: Request) -> Response:
        """Ask again for what was passed over."""
        audit = text_of(request, "audit")
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
                require_drawn(reader, audit, attempt.id)
            acts = acts_of(reader, attempt.trajectory_id)
            if any(self._is_mine(act, attempt) for act in standing(acts)):
                return self._judged(request, reader, attempt, acts, audit)
            return self._blind(request, reader, attempt, acts, audit)

    def give(self, request: Request) -> Response:
        """Write a verdict down, or pass the attempt over."""
        person = self._desk.person
        if person is None:
            return nobody(request)
        form = form_of(request)
        try:
            with self._desk.reader() as reader:
                self._seat.begin(reader)
                attempt = attempt_called(reader, request.path_params["attempt"])
                done = [a for a in acts_of(reader, attempt.trajectory_id) if a.person == person]
            if form.verdict == SKIP:
                self._seat.skip(attempt.id)
                return go_to(onward(form.audit))
            said = form.said()
            earlier = [act for act in done if act.attempt_id == attempt.id]
            token = token_of(form, said, person, attempt.id, earlier)
            unseen = all(act.token == token for act in earlier)
            self._desk.people().give(
                attempt.id, said, person=person, token=token,
                blind=form.seen_blind and unseen, audit_id=form.audit or None,
            )  # fmt: skip
            self._desk.index().keep_up(most=_OWN)
        except (Missing, Ambiguous) as error:
            return told(request, 404, "It is gone", f"{error}. Nothing was written down.")
        except NotTaken as error:
            return told(request, 409, "Not written down", str(error))
        return go_to(path_of(attempt.id, form.audit))

    def withdraw(self, request: Request) -> Response:
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
        if text_of(request, "back") == "trajectory":
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
        seen = any(self._is_mine(act, attempt) for act in acts)
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
        left = waiting(self._desk.index())
        own = {
            "texts": _texts(view),
            "told": found,
            "why": why,
            "left": left,
            "trajectory_id": trajectory.id,
            "attempt_id": attempt.id,
        }
        plain: dict[str, object] = dict(found.plain())
        plain |= {"attempt": view.plain(), "person": person, "why": why, "left": dict(left)}
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
