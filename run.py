"""The command line: arguments to config, wiring, exit code.

Results go to stdout; progress and logs go to stderr. Exit codes: 0 done; 1 it ran and something
does not hold; 2 the command line, config or an input file is wrong; 3 stopped at a limit or an
outage; 130 interrupted. What a newcomer gets wrong: LangGraph is imported inside the commands that
need it, after the two variables below are set, and so that reading a database stays quick.
"""

import asyncio
import dataclasses
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from agents.loading import loading
from storage.audit import audit, missing
from storage.errors import BadRow, Corrupt, DiskError, Lacking, SourceError, StorageError
from storage.export import FORMATS, dataset
from storage.export.exported import Source
from storage.export.options import Options
from storage.ids import dataset_digest
from storage.journal import RecordedJournal
from storage.likeness import likeness_of
from storage.memory import RecordedMemory
from storage.options import taking
from storage.queries import Reader
from storage.rebuilt import landed_otherwise, rebuilding
from storage.report.agreement import agreement_page
from storage.report.exports import export_page
from storage.report.last_page import last_page
from storage.report.looking import Looking, Reviewing, Serving, look, page_of
from storage.report.machine import machine_page
from storage.report.printing import show
from storage.report.progress import Bar
from storage.report.why import fit_for_use, hint
from storage.sitting import sitting
from storage.sources import Inputs, benchmarks_of, read_inputs
from storage.traces.tracing import Tracing

if TYPE_CHECKING:
    from graphs.config import Config
    from graphs.meant import Known, Meant
    from graphs.session import Session

# Set before LangGraph is imported: revive no foreign types from checkpoints, and send no traces to
# a service because of a variable that was set for another program.
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
os.environ["LANGSMITH_TRACING"] = "false"

DONE, DISAGREES, WRONG, STOPPED, INTERRUPTED = 0, 1, 2, 3, 130
DB = Path("lyceum.db")

app = typer.Typer(
    name="run.py",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Make training data with a teacher, a student and a critic, and say how it was judged. "
    "Without a command: generate, with the embedded faculty and the defaults.",
)
Database = Annotated[Path, typer.Option("--db", metavar="FILE", help="The database.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
RunRef = Annotated[
    str | None, typer.Option("--run", metavar="ID", help="A run; if none: the latest.")
]
out, err = Console(), Console(stderr=True)


class Wrong(Exception):
    """What the user wrote cannot be done; the message says what, where, and the remedy."""


@contextmanager
def _refusing() -> Iterator[None]:
    """Make a refusal of what roles, graphs and inputs raise. It loads LangGraph."""
    with loading():
        from agents.errors import AgentError
        from graphs.errors import GraphError

    try:
        yield
    except (AgentError, GraphError, SourceError) as error:
        raise Wrong(str(error)) from error


@app.command(epilog="Example: run.py generate run.toml --episodes 500 --db triage.db")
@_refusing()
def generate(
    config: Annotated[Path | None, typer.Argument(metavar="RUN.toml", help="The config.")] = None,
    db: Database = DB,
    episodes: Annotated[int | None, typer.Option(help="In all (200); more extends it.")] = None,
    accept: Annotated[int | None, typer.Option(help="Stop once N episodes are accepted.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed is another run.")] = None,
    in_flight: Annotated[int | None, typer.Option(help="Calls at once, per endpoint (64).")] = None,
    max_cost: Annotated[float | None, typer.Option(help="US dollars; needs prices.")] = None,
    max_calls: Annotated[int | None, typer.Option(help="Answered model calls.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Tokens in and out.")] = None,
    run: Annotated[str | None, typer.Option("--run", metavar="ID", help="Go on with it.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Begin another run.")] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Do failed episodes again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a dataset, or go on with one."""
    changes = {
        "episodes": episodes, "accept": accept, "seed": seed, "in_flight": in_flight,
        "max_cost": max_cost, "max_calls": max_calls, "max_tokens": max_tokens,
    }  # fmt: skip
    if run and (config or new):
        raise Wrong("--run goes on with a stored run: leave out --new and RUN.toml")
    with loading():
        from graphs.meant import Typed, meant

        typed = Typed(config, changes, new, retry_failed)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        chosen = meant(typed, _known(db, run), _files_of, now)
    code, spent = DONE, {}
    if not chosen.idle:
        code, spent = asyncio.run(_sit(chosen, db, retry_failed=retry_failed))
    accept, shown = chosen.config.accept, chosen.run.id
    with Reader.open(db) as reader:
        sums = reader.tallies(shown)
        options = "" if db == DB else f" --db {db}"
        page = last_page(reader, shown, spent, options=options)
        show(out, page.parts, page.plain, as_json=as_json)
    if code == DONE and (told := hint(sums, accept)):
        err.print(told, markup=False, soft_wrap=True)
    raise typer.Exit(code or (DONE if fit_for_use(sums, accept) else DISAGREES))


def _known(db: Path, ref: str | None) -> "Known":
    """Read what the database holds of runs, if there is one yet."""
    from graphs.meant import Known

    with Reader.open_if_made(db) as reader:
        runs = reader.runs()[::-1]
        accepted = {each.id: reader.counts(each.id)["accepted"] for each in runs}
        return Known(runs, accepted, reader.run(ref) if ref else None)


def _files_of(config: "Config") -> Inputs:
    """Read the files that a config names."""
    seeds = dict(config.expert_seeds) if config.expert_seeds else None
    return read_inputs(config.library, seeds, config.prompts, config.benchmarks)


async def _sit(chosen: "Meant", db: Path, *, retry_failed: bool) -> tuple[int, dict[str, Any]]:
    """Do what is left of a run; return the exit code and what was spent."""
    from graphs.events import log_to

    log_to(sys.stderr, quiet=err.is_terminal)
    holding = sitting(
        db, chosen.run, chosen.stored, lag=chosen.config.window,
        expert_seeds=chosen.files.expert_seeds, retry_failed=retry_failed,
    )  # fmt: skip
    return await chosen.sit(os.environ, holding, lambda session: _watched(session, db))


async def _watched(session: "Session", db: Path) -> int:
    """Hold the session and show how it goes; return the exit code."""
    run = session.run
    with Reader.open(db) as reader:
        counts = reader.counts(run.id)
        meter = session.wired.meter
        meter.go_on(reader.tallies(run.id), reader.recent_calls(run.id))
    try:
        with Bar(err, run.episodes, counts) as bar:
            tell = bar.forecast if err.is_terminal else None
            ending = await session.hold(lambda done: bar.count(done.status), tell)
    except asyncio.CancelledError:
        err.print("stopped; what has ended is stored, and the same command goes on")
        return INTERRUPTED
    if ending.message:
        err.print(ending.message, markup=False, soft_wrap=True)
    return {"stopped": STOPPED, "interrupted": INTERRUPTED}.get(ending.kind, DONE)


@app.command(
    epilog="Examples: run.py inspect | run.py inspect 12 | run.py inspect --status rejected | "
    "run.py inspect --web | run.py inspect --follow | run.py inspect 12 --html it.html"
)
@taking(Looking)
def inspect(
    ref: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Of a trajectory, a part or an example of it, or a run."),
    ] = None,
    db: Database = DB,
    run: RunRef = None,
    as_json: AsJson = False,
    *,
    options: Looking,
) -> None:
    """List trajectories, or show one and say why; in the browser with --web."""
    from agents.steps.written import written_steps

    options.require_one_way(as_json=as_json)
    if options.web:
        return _serve(db, page_of(ref or run), None, options)
    page = look(db, ref, run, options, written_steps, err if as_json else out)
    return show(out, page.parts, page.plain, as_json=as_json)


def _say(line: str) -> None:
    """Say a line to whoever sits at the terminal."""
    err.print(line, markup=False, highlight=False, soft_wrap=True)


def _serve(db: Path, start: str, person: str | None, options: Serving) -> None:
    """Serve pages until Ctrl-C."""
    from agents.rubric import default_rubric
    from agents.steps.written import written_steps
    from storage.web.server import serve

    serve(
        db, person=person, start=start, port=options.port, steps=written_steps,
        criteria=[(each.name, each.weight, each.about) for each in default_rubric().criteria],
        tell=_say,
        opens=options.opens and err.is_terminal,
    )  # fmt: skip


@app.command(
    epilog="Examples: run.py review --as ada | run.py review --terminal | run.py review --audit 100"
)
@taking(Reviewing)
def review(db: Database = DB, run: RunRef = None, *, options: Reviewing) -> None:
    """Give a person's verdicts, where a minute of them buys most."""
    from storage.report.reviewing import audit_asked, review_here

    person = options.person or getpass.getuser()
    audit = audit_asked(db, run, options, _say)
    if options.terminal:
        reviewed = review_here(db, run, person, audit, out)
        return show(out, [reviewed.told], {}, as_json=False)
    return _serve(db, f"/audits/{audit}" if audit else "/review", person, options)


@app.command(epilog="Example: run.py trace --to http://127.0.0.1:4318 --follow")
@taking(Tracing)
def trace(
    db: Database = DB, run: RunRef = None, as_json: AsJson = False, *, options: Tracing
) -> None:
    """Send a run as OpenTelemetry spans to a collector, or write them into a file."""
    from storage.traces.sending import send

    with err.status("sending") as spinner:
        sent = send(db, run, options, lambda sofar: spinner.update(f"sending: {sofar.told}"))
    show(out, [sent.told], dataclasses.asdict(sent), as_json=as_json)
    raise typer.Exit(INTERRUPTED if sent.interrupted else DONE)


@app.command(epilog="Examples: run.py export sft train.jsonl | run.py export all dataset")
@taking(Options)
def export(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help=f"{', '.join(FORMATS)}, or all.")],
    path: Annotated[Path, typer.Argument(metavar="OUT", help="A file, or a folder: a dataset.")],
    db: Database = DB,
    run: Annotated[
        list[str] | None, typer.Option("--run", metavar="ID", help="A run; if none: the latest.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
    as_json: AsJson = False,
    *,
    options: Options,
) -> None:
    """Write training examples: a file of one format, or a folder of several with a card."""
    from agents.steps.written import written_steps

    forms = dataset.forms_of(form, path)
    with Reader.open(db) as reader, err.status("exporting") as spinner:
        runs = [reader.run(each) for each in run] if run else [reader.latest_run()]
        made = dataset.export(
            Source(reader, runs, written_steps), forms, path, options, force=force,
            tell=lambda name, count: spinner.update(f"exporting {name}: {count} examples"),
        )  # fmt: skip
    page = export_page(made, path)
    show(out, page.parts, page.plain, as_json=as_json)


@app.command(epilog="Example: run.py push dataset ada/arithmetic --private")
def push(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A dataset that was exported.")],
    repo: Annotated[str, typer.Argument(metavar="REPO", help="Its name on the hub: user/name.")],
    private: Annotated[bool, typer.Option("--private", help="Not for everyone to see.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put an exported dataset on the Hugging Face Hub, with the key in HF_TOKEN."""
    from storage.export.push import push as push_to_hub

    hub = {"token": os.environ.get("HF_TOKEN"), "endpoint": os.environ.get("HF_ENDPOINT")}
    with err.status("pushing"):
        address = push_to_hub(folder, repo, private=private, **hub)
    show(out, [f"pushed to {address}"], {"address": address}, as_json=as_json)


@app.command(epilog="Examples: run.py replay --db lyceum.db | run.py replay --into new.db")
@_refusing()
def replay(
    db: Database = DB,
    run: RunRef = None,
    into: Annotated[Path | None, typer.Option(metavar="NEW", help="A database to make.")] = None,
    as_json: AsJson = False,
) -> None:
    """Rebuild a run without model calls, and compare."""
    from graphs.replay import replayer

    with Reader.open(db) as reader, closing(RecordedJournal(db)) as journal:
        shown = reader.run(run) if run else reader.latest_run()
        like = likeness_of(shown)
        copy = rebuilding(db, into, shown.id, like) if into else nullcontext()
        with err.status("replaying") as spinner, copy as ledger:
            again = replayer(
                shown, reader, journal, lambda lag: RecordedMemory(reader, shown.id, lag, like),
                lambda n: spinner.update(f"replaying: {n + 1} episodes"), ledger,
                benchmarks_of(shown),
            )  # fmt: skip
            found = asyncio.run(again.replay(reader.stream(shown.id)))
        gaps = list(missing(reader, shown))
        if into:
            gaps += landed_otherwise(into, shown.id, found.dataset_digest)
    differences = [*found.differences, *(d["what"] for d in journal.differences)]
    named = [dataclasses.asdict(each) for each in (*gaps, *found.disagreements)]
    counts = {"episodes": found.episodes, "differences": differences}
    counts |= {"into": str(into)} if into else {}
    wrong = named + journal.disagreements
    page = agreement_page(shown.id, found.dataset_digest, wrong, counts)
    show(out, page.parts, page.plain, as_json=as_json)
    raise typer.Exit(DISAGREES if wrong else DONE)


@app.command(epilog="Example: run.py verify --db lyceum.db --json")
@_refusing()
def verify(db: Database = DB, run: RunRef = None, as_json: AsJson = False) -> None:
    """Check digests, answers and verdicts again."""
    from graphs.verify import Verification
    from graphs.verify import verify as derive_again

    found = Verification()
    with Reader.open(db) as reader, err.status("verifying"):
        shown = reader.run(run) if run else reader.latest_run()
        faults = [*audit(reader, shown.id), *missing(reader, shown)]
        with suppress(Corrupt):  # the audit has named the row
            found = asyncio.run(derive_again(reader.stream(shown.id)))
        digest = dataset_digest(reader.digests(shown.id))
    named = [dataclasses.asdict(each) for each in (*faults, *found.disagreements)]
    page = agreement_page(shown.id, digest, named, found.counts())
    show(out, page.parts, page.plain, as_json=as_json)
    raise typer.Exit(DISAGREES if named else DONE)


@app.command(epilog="Example: run.py doctor --json")
def doctor(as_json: AsJson = False) -> None:
    """Say what works on this machine, and attack its sandboxes."""
    from agents.doctor import examine

    with err.status("trying what works here"):
        found = asyncio.run(examine())
    show(out, machine_page(**found), found, as_json=as_json)
    works = any(each["usable"] for each in found["sandboxes"])
    raise typer.Exit(DONE if works else DISAGREES)


def main() -> None:
    """Run the command line; every expected error is one line on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # not every locale has every character
    argv = sys.argv[1:]
    if argv[:1] not in (["-h"], ["--help"]) and not (argv and argv[0].isidentifier()):
        argv = ["generate", *argv]  # no command: options, or a config
    try:
        sys.exit(app(argv, standalone_mode=False) or DONE)
    except typer.TyperException as error:
        code, line = WRONG, error.format_message().replace("Value error, ", "")
    except (Corrupt, Lacking, BadRow) as error:
        code, line = DISAGREES, str(error)
    except DiskError as error:
        code, line = STOPPED, str(error)
    except (Wrong, StorageError, OSError, UnicodeError) as error:
        code, line = WRONG, str(error)
    except KeyboardInterrupt:
        code, line = INTERRUPTED, "interrupted; what has ended is stored"
    _say(f"run.py: {' '.join(line.split())}")
    sys.exit(code)


if __name__ == "__main__":
    main()
