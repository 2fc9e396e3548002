"""The web application: its pages, what it says when something is wrong, and the guard around it.

What a newcomer gets wrong: only `storage.web.server` imports this, and only when a command serves
pages; what it needs comes with the extra `web`.
"""

import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from storage.errors import (
    Ambiguous,
    Away,
    Locked,
    Missing,
    NotTaken,
    Refused,
    StorageError,
    Unknown,
)
from storage.report.clean import one_line
from storage.web.answering import problem
from storage.web.desk import Desk
from storage.web.guard import Guard
from storage.web.routes import audits, curriculum, review, runs, static, trajectories, trajectory

ROOMS: tuple[Callable[[Desk], list[BaseRoute]], ...] = (
    static.routes,
    runs.routes,
    trajectories.routes,
    trajectory.routes,
    review.routes,
    audits.routes,
    curriculum.routes,
)


def make_app(desk: Desk, *, port: int, token: str) -> ASGIApp:
    """Return the application, guarded.

    Args:
        desk: What the pages are made from; it is closed when the application ends.
        port: The port that it is served on.
        token: What a write must know.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        desk.start()
        yield
        desk.close()

    app = Starlette(
        routes=[route for room in ROOMS for route in room(desk)],
        exception_handlers={
            HTTPException: _not_answered,
            StorageError: _storage,
            OSError: _storage,
            Exception: _broken,
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.desk, app.state.token = desk, token
    return Guard(app, port=port, token=token)


def _not_answered(request: Request, error: Exception) -> Response:
    """Say why an address has no page, or takes no such request."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    title, sentence = _NOT_ANSWERED.get(
        status, ("Not possible", "This request cannot be answered.")
    )
    return problem(request, status, title, sentence)


_NOT_ANSWERED = {
    404: ("No such page", "There is nothing at this address."),
    405: ("Not possible", "Nothing can be written at this address."),
}


def _storage(request: Request, error: Exception) -> Response:
    said = str(error)
    for kinds, status, title in _KINDS:
        if isinstance(error, kinds):
            return problem(request, status, title, said)
    return problem(request, 503, "The database cannot be read", said)


_KINDS: tuple[tuple[tuple[type[StorageError], ...], int, str], ...] = (
    ((Away,), 503, "The database is gone"),
    ((Locked,), 503, "The database is busy"),
    ((Missing, Ambiguous), 404, "Not found"),
    ((Unknown,), 400, "No such filter"),
    ((Refused, NotTaken), 409, "Not possible"),
)


def _broken(request: Request, error: Exception) -> Response:
    """Say to the person that it is our fault, and to the terminal where."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
    what = one_line(f"{type(error).__name__}: {error}")
    request.app.state.desk.tell(f"{one_line(request.url.path)}: {what} ({where})")
    sentence = "This page could not be made; the terminal says why, and a report would help."
    return problem(request, 500, "A fault of ours", sentence)
