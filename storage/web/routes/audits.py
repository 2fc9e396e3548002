"""Audits: accepted attempts drawn uniformly, judged one after the other, and what that came to.

What a newcomer gets wrong: that a machine accepted them is known, for only such are drawn; by which
rung, with what reward and on what evidence is not told before a person has judged.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from storage import rows
from storage.errors import Lacking, NotTaken
from storage.people.acts import Act, act_of, standing
from storage.people.audits import Audit, audit_of, audits, draw, next_of_audit
from storage.queries import Reader
from storage.report.purity import share_right
from storage.web.answering import page
from storage.web.desk import Desk
from storage.web.seat import MOST_GIVEN
from storage.web.sent import taking_a_form, text_of
from storage.web.ways import go_to, nobody, onward, path_of, told

SIZE = 100
"""How many attempts are drawn unless somebody says otherwise."""
MOST_LISTED = 500
"""How many of the drawn attempts the page of an audit lists."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of audits."""
    room = Auditing(desk)
    return [
        Route("/audits", room.every),
        Route("/audits", taking_a_form(room.draw), methods=["POST"]),
        Route("/audits/{audit}", room.one),
        Route("/audits/{audit}/next", room.next_one),
    ]


class Auditing:
    """The pages of audits; `desk` is what they are made from."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seat = desk.seat

    def every(self, request: Request) -> Response:
        """List all audits, and offer to draw one."""
        with self._desk.reader() as reader:
            found = audits(reader)
            runs = [(run.id, reader.counts(run.id)["accepted"]) for run in reader.runs()]
        plain = {"audits": [_plain(audit) for audit in found]}
        values = {
            "nav": "audits",
            "audits": [(audit, share_right(audit.accepted, audit.rejected)) for audit in found],
            "runs": runs,
            "size": SIZE,
            "seed": len(found) + 1,
        }
        return page(request, "audits.html", values, plain)

    def draw(self, request: Request, fields: FormData) -> Response:
        """Draw an audit."""
        if self._desk.person is None:
            return nobody(request)
        run, size, seed = (text_of(fields, name) for name in ("run", "size", "seed"))
        if not (_is_number(size) and _is_number(seed)):
            sentence = "The size and the seed of an audit are whole numbers; nothing was drawn."
            return told(request, 409, "Not drawn", sentence)
        try:
            # One of the desk's reads all of one moment, before the audit was there.
            with Reader.open(self._desk.database) as reader:
                run = run or reader.latest_run().id
                audit = draw(self._desk.people(), reader, run, int(size), int(seed))
        except (Lacking, NotTaken) as error:
            return told(request, 409, "Not drawn", str(error))
        return go_to(f"/audits/{quote(audit.id, safe='')}")

    def one(self, request: Request) -> Response:
        """Show what an audit drew and what it came to."""
        with self._desk.reader() as reader:
            audit = audit_of(reader, request.path_params["audit"])
            said = _said(reader, audit)
            listed = _listed(reader, audit, said)
        self._seat.look_at(act.trajectory_id for act in said.values())
        plain = _plain(audit) | {"attempts": listed}
        values = {
            "nav": "audits",
            "audit": audit,
            "right": share_right(audit.accepted, audit.rejected),
            "listed": [(path_of(one["attempt_id"], audit.id), one) for one in listed],
            "further": audit.size - len(listed),
            "onward": onward(audit.id),
        }
        return page(request, "audit.html", values, plain)

    def next_one(self, request: Request) -> Response:
        """Go to the first that nobody has judged for this audit."""
        if self._desk.person is None:
            return nobody(request)
        seat = self._seat
        with self._desk.reader() as reader:
            seat.begin(reader)
            audit = audit_of(reader, request.path_params["audit"])
            found = next_of_audit(reader, audit.id, seat.skipped)
            if found is not None:
                return go_to(path_of(found, audit.id), request)
            skipped = audit.left  # what nobody judged and is there was passed over
            values = {
                "nav": "audits", "audit": audit.id, "skipped": skipped, "undo": seat.last(reader),
                "given": seat.given(reader), "most_given": MOST_GIVEN,
            }  # fmt: skip
        return page(request, "review_done.html", values, {"attempt_id": None, "skipped": skipped})


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def _plain(audit: Audit) -> dict[str, object]:
    right = share_right(audit.accepted, audit.rejected)
    whole = asdict(audit) | {"judged": audit.judged, "left": audit.left}
    return whole | {"right": right and asdict(right)}


def _said(reader: Reader, audit: Audit) -> dict[str, Act]:
    """Return the last that was said of each attempt for an audit."""
    found = reader.rows("SELECT * FROM acts WHERE audit_id = ? ORDER BY id", audit.id)
    acts = (rows.read("acts", act_of, row) for row in found)
    return {act.attempt_id: act for act in standing(acts)}


def _listed(reader: Reader, audit: Audit, said: Mapping[str, Act]) -> list[dict[str, Any]]:
    """Return the drawn attempts in their order, each with what was said of it."""
    sql = "SELECT attempt_id FROM audited WHERE audit_id = ? ORDER BY place LIMIT ?"
    listed = []
    for [attempt_id] in reader.rows(sql, audit.id, MOST_LISTED):
        act = said.get(attempt_id)
        about = {"person": act.person, "status": act.status, "at": act.at} if act else {}
        listed.append(
            {"attempt_id": attempt_id, "person": None, "status": None, "at": None} | about
        )
    return listed
