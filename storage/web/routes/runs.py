"""The page of all runs."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from storage.web.answering import page
from storage.web.desk import Desk


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of runs."""

    def all_runs(request: Request) -> Response:
        with desk.reader() as reader:
            found = [(run, reader.counts(run.id)) for run in reader.runs()]
        plain = {
            "runs": [
                {"id": run.id, "created_at": run.created_at, "seed": run.seed, "ended": run.ended}
                | {"episodes": run.episodes, **counts}
                for run, counts in found
            ]
        }
        return page(request, "runs.html", {"nav": "runs", **plain}, plain)

    return [Route("/", all_runs)]
