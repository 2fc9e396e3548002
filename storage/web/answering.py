"""Answers a request with one page: as HTML for a person, or as JSON for a program.

What a newcomer gets wrong: both say the same. A page's JSON is what its template was filled from,
under the same address with `?format=json`, or where JSON is what the request accepts.
"""

import json
from collections.abc import Generator, Mapping

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from storage.report.html.page import render


def page(
    request: Request,
    template: str,
    values: Mapping[str, object],
    plain: object,
    *,
    status: int = 200,
) -> Response:
    """Return an answer.

    Args:
        request: What is answered.
        template: A file of `storage.report.html`.
        values: What the template needs beside what all pages get.
        plain: The same as plain data, for a program.
        status: Of HTTP.
    """
    if wants_json(request):
        return as_json(plain, status=status)
    desk = request.app.state.desk
    everywhere = {
        "base": "",
        "indexing": desk.indexing,
        "nav": "",
        "person": desk.person,
        "token": request.app.state.token,
    }
    text = render(template, **(everywhere | dict(values)))
    return Response(
        text.encode("utf-8", "replace"), status, media_type="text/html", headers=_VARIES
    )


def problem(request: Request, status: int, title: str, sentence: str) -> Response:
    """Return an answer that says in one sentence what is wrong and what to do."""
    values = {"title": title, "sentence": sentence}
    return page(request, "problem.html", values, {"error": sentence}, status=status)


def as_json(plain: object, *, status: int = 200) -> Response:
    """Return plain data as JSON."""
    text = json.dumps(plain, allow_nan=False, separators=(",", ":"))
    return Response(text.encode(), status, media_type="application/json", headers=_VARIES)


class Download(StreamingResponse):
    """A file that is made while it is sent; what makes it ends when whoever asked is gone.

    Args:
        parts: Makes the file.
        name: What it is called.
        kind: Its media type.
    """

    def __init__(self, parts: Generator[bytes, None, None], name: str, kind: str) -> None:
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        super().__init__(parts, media_type=f"{kind}; charset=utf-8", headers=disposition)
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._parts.close()  # else it ends when Python next looks for what nobody holds


def wants_json(request: Request) -> bool:
    """Return whether a program asks: by `format`, or because HTML is not what it accepts."""
    asked = request.query_params.get("format")
    if asked is not None:
        return asked == "json"
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted


_VARIES = {"vary": "accept"}
