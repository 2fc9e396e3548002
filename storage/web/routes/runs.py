"""The pages of all runs, and of one while it goes on."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from storage.report.html.run import run_told, runs_told
from storage.web.answering import page
from storage.web.desk import Desk


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of runs."""

    def all_runs(request: Request) -> Response:
        with desk.reader() as reader:
            told = runs_told(reader, desk.database)
        return page(request, "runs.html", {"nav": "runs", **told.values}, told.plain)

    def one_run(request: Request) -> Response:
        with desk.reader() as reader:
            run = reader.run(request.path_params["run"])
            told = run_told(reader, run, desk.database)
        values = {"nav": "runs", "as_of": f"{desk.now():%H:%M:%S}", **told.values}
        # The part that is fetched again while a run goes on; the page holds the same.
        part = request.query_params.get("part") == "live"
        return page(request, "run_live.html" if part else "run.html", values, told.plain)

    return [Route("/", all_runs), Route("/runs/{run}", one_run)]
