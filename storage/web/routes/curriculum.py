"""The page of a run's curriculum."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from storage.report.html.skills import curriculum_told
from storage.web.answering import page
from storage.web.desk import Desk


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the route of curricula."""

    def curriculum(request: Request) -> Response:
        with desk.reader() as reader:
            told = curriculum_told(reader, reader.run(request.path_params["run"]))
        return page(request, "curriculum.html", {"nav": "runs", **told.values}, told.plain)

    return [Route("/runs/{run}/curriculum", curriculum)]
