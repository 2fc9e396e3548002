"""Where a request of the review leads: to another page, or to a sentence on why it does not.

What a newcomer gets wrong: a redirect goes only to an address made here; nothing that was sent
decides where.
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from storage.web.answering import page, wants_json

_NOBODY = (
    "Verdicts are given under a name, and this server was started without one: end it, and start "
    "it with `python run.py review --as NAME`."
)


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
