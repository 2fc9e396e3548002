"""The page of one trajectory, and of each text that is too long for it."""

import threading
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from storage.errors import Missing
from storage.queries import Reader
from storage.records import Trajectory
from storage.report.html.page import environment
from storage.report.html.prose import as_written, prose
from storage.report.html.quoted import EXACT, Listing, Room
from storage.report.html.trajectory import values
from storage.report.whole import name_of, place_of, plain, whole
from storage.web.answering import page, wants_json
from storage.web.desk import Desk
from storage.web.told import spoken

_MOST_SAYABLE = 50
"""Of how many attempts a verdict can be given on the page."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of one trajectory."""
    # So that who asks first does not wait for templates and converters.
    threading.Thread(target=_get_ready, name="ready", daemon=True).start()

    def one(request: Request) -> Response:
        ref = request.path_params["ref"]
        with desk.reader() as reader:
            trajectory = _asked(reader, request)
            if ref != trajectory.id and not wants_json(request):
                return _canonical(request, trajectory, ref)
            known = whole(reader, trajectory, desk.steps)
        desk.seat.look_at([trajectory.id])
        if wants_json(request):
            return page(request, "", {}, plain(known))
        here = f"/trajectories/{quote(trajectory.id)}"
        room = Room(lambda name: f"{here}/texts/{quote(name)}")
        found = {"nav": "trajectories", **values(known, desk.steps, room)}
        found |= {"sayable": _sayable(trajectory), "mine": spoken(known.acts, desk.person)}
        return page(request, "trajectory.html", found, None)

    def text(request: Request) -> Response:
        name = request.path_params["name"]
        with desk.reader() as reader:
            trajectory = _asked(reader, request)
            known = whole(reader, trajectory, desk.steps)
        desk.seat.look_at([trajectory.id])
        room = Listing()
        values(known, desk.steps, room)
        if name not in room.texts:
            raise Missing(f"{name!r}: the trajectory has no such text; its page has those it has")
        found = _part(room.texts[name], request.query_params.get("from", "0"))
        found |= {"nav": "trajectories", "trajectory": trajectory, "name": name}
        return page(request, "text.html", found, {"name": name, "text": room.texts[name]})

    return [Route("/trajectories/{ref}", one), Route("/trajectories/{ref}/texts/{name}", text)]


def _get_ready() -> None:
    environment().get_template("trajectory.html")
    environment().get_template("trajectory_body.html")
    environment().get_template("reading.html")
    prose("$x$\n\n```python\nx = 1\n```")


def _sayable(trajectory: Trajectory) -> list[tuple[str, str]]:
    """Return the attempts that a person can judge, each with what it is called."""
    replied = [attempt for attempt in trajectory.attempts if attempt.error is None]
    return [(attempt.id, name_of(attempt)) for attempt in replied[:_MOST_SAYABLE]]


def _asked(reader: Reader, request: Request) -> Trajectory:
    """Return the trajectory that the address names; a number counts in `run`, or the latest."""
    run = request.query_params.get("run")
    run_id = reader.run(run).id if run else None
    return reader.trajectory(request.path_params["ref"], run_id=run_id)


def _canonical(request: Request, trajectory: Trajectory, ref: str) -> Response:
    """Send to the address that does not change with what is run later."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "run"]
    asked = f"?{urlencode(rest)}" if rest else ""
    place = place_of(trajectory, ref)
    address = f"/trajectories/{quote(trajectory.id)}{asked}{'#' + place if place else ''}"
    return RedirectResponse(address, 307)


def _part(text: str, wanted: str) -> dict[str, object]:
    """Return a part of a text, from a character on, and where the others begin."""
    start = int(wanted[:12]) if wanted.isascii() and wanted.isdigit() else 0
    start = min(start, len(text)) // EXACT * EXACT
    return {
        "shown": as_written(text[start : start + EXACT]),
        "length": len(text),
        "start": start,
        "end": min(start + EXACT, len(text)),
        "earlier": start - EXACT if start else None,
        "later": start + EXACT if start + EXACT < len(text) else None,
    }
