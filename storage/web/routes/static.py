"""Styles, scripts and pictures: the files of the package, and no others."""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from storage.report.html.page import static_files
from storage.web.answering import problem
from storage.web.desk import Desk

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the route of the files."""
    return [Route("/static/{name}", _file)]


def _file(request: Request) -> Response:
    # Looked up among the names of the package's files, so that a name is never a path.
    name = request.path_params["name"]
    content = static_files().get(name)
    if content is None:
        return problem(request, 404, "No such file", "There is nothing at this address.")
    digest = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"cache-control": "no-cache", "etag": digest}
    if request.headers.get("if-none-match") == digest:
        return Response(status_code=304, headers=headers)
    kind = _KINDS.get(name.rpartition(".")[2], "application/octet-stream")
    return Response(content, headers=headers, media_type=kind)
