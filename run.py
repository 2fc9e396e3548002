"""The command line: arguments to config, wiring, exit code.

Results go to stdout; progress and logs go to stderr. Exit codes: 0 done; 1 it ran and something
does not hold; 2 the command line, config or an input file is wrong; 3 stopped at a limit or an
outage; 130 interrupted. What a newcomer gets wrong: LangGraph is imported inside the commands that
need it, after the two variables below are set, and so that reading a database stays quick.
"""

import asyncio
import dataclasses
import json
import os
import sys
import time
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
from storage.export.options import Options, taking
from storage.ids import dataset_digest
from storage.journal import RecordedJournal
from storage.likeness import likeness_of
from storage.memory import RecordedMemory
from storage.queries import Reader
from storage.rebuilt import rebuilding
from storage.records import Run, Status
from storage.report.agreement import agreement_page
from storage.report.exports import export_page
from storage.report.last_page import last_page
from storage.report.machine import machine_page
from storage.report.pages import list_page, trajectory_page, write_html
from storage.report.printing import show
from storage.report.progress import Bar
from storage.report.why import fit_for_use, hint
from storage.sitting import sitting
from storage.sources import Inputs, benchmarks_of, read_inputs

if TYPE_CHECKING:
    from graphs.config import Config
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
def _refusing(name: str = "") -> Iterator[None]:
    """Make a refusal of what roles, graphs and inputs raise. It loads LangGraph."""
    with loading():
        from agents.errors import AgentError
        from graphs.errors import GraphError

    try:
        yield
    except (AgentError, GraphError, SourceError) as error:
        raise Wrong(f"{name}: {error}" if name else str(error)) from error


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
    with loading():
        job = _prepared(db, config, run, changes, new=new, retry_failed=retry_failed)
    code, spent = (DONE, {}) if job.idle else asyncio.run(job.done(db))
    accept = job.config.accept
    with Reader.open(db) as reader:
        sums = reader.tallies(job.run.id)
        options = "" if db == DB else f" --db {db}"
        page = last_page(reader, job.run.id, spent, options=options)
        show(out, page.parts, page.plain, as_json=as_json)
    if code == DONE and (told := hint(sums, accept)):
        err.print(told, markup=False, soft_wrap=True)
    raise typer.Exit(code or (DONE if fit_for_use(sums, accept) else DISAGREES))


def _prepared(
    db: Path,
    path: Path | None,
    ref: str | None,
    changes: dict[str, Any],
    *,
    new: bool,
    retry_failed: bool,
) -> "Job":
    """Read what is there and decide which run is meant; nothing is written yet."""
    from graphs.config import Config, identity, override, read_config
    from graphs.life import decide, go_on
    from graphs.wiring import skills_of

    if ref and (path or new):
        raise Wrong("--run goes on with a stored run: leave out --new and RUN.toml")
    with Reader.open_if_made(db) as reader:
        runs = reader.runs()[::-1]
        stored = reader.run(ref) if ref else None
        accepted = {each.id: reader.counts(each.id)["accepted"] for each in runs}
    if stored:
        written = Config.model_validate_json(json.dumps(stored.config))
    else:
        written = read_config(path) if path else Config()
    config = override(written, **changes)
    with _refusing(name := str(path or "run.py")):
        seeds = dict(config.expert_seeds) if config.expert_seeds else None
        inputs = read_inputs(config.library, seeds, config.prompts, config.benchmarks)
        skills = skills_of(config)
        known, wanted = identity(config, inputs.digests), config.episodes
        decision = go_on(stored, known, wanted) if stored else decide(runs, known, wanted, new=new)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    run = decision.run(config, known, inputs, skills, now)
    enough = accepted.get(run.id, 0) >= (config.accept or 0)
    idle = decision.kind == "complete" and enough and not retry_failed
    return Job(name, config, inputs, run, decision.stored, retry_failed, idle)


@dataclasses.dataclass(frozen=True)
class Job:
    """One sitting of `generate`; `name` says in messages where its config came from."""

    name: str
    config: "Config"
    inputs: Inputs
    run: Run
    stored: Run | None
    """The run as it stood when that was decided. None: it was not there."""
    retry_failed: bool
    idle: bool
    """Whether there is nothing to do."""

    async def done(self, db: Path) -> tuple[int, dict[str, Any]]:
        """Do what is left of the run; return the exit code and what was spent."""
        from graphs.events import log_to
        from graphs.models import LiveModels
        from graphs.session import Session
        from graphs.wiring import wire

        models, inputs = LiveModels(os.environ), self.inputs
        with _refusing(self.name):
            wired = wire(self.config, models, **inputs.lent)
        log_to(sys.stderr, quiet=err.is_terminal)
        started = time.monotonic()
        try:
            async with sitting(
                db, self.run, self.stored, lag=self.config.window,
                expert_seeds=inputs.expert_seeds, retry_failed=self.retry_failed,
            ) as held:  # fmt: skip
                wired = wired.with_journal(held.journal, held.memory)
                session = Session(self.name, self.config, self.run, wired, held.store)
                code = await self._watched(session, db)
        finally:
            await models.aclose()
        return code, wired.meter.figures() | {"wall_s": time.monotonic() - started}

    async def _watched(self, session: "Session", db: Path) -> int:
        """Hold the session and show how it goes; return the exit code."""
        with Reader.open(db) as reader:
            counts = reader.counts(self.run.id)
            meter = session.wired.meter
            meter.go_on(reader.tallies(self.run.id), reader.recent_calls(self.run.id))
        try:
            with Bar(err, self.run.episodes, counts) as bar:
                tell = bar.forecast if err.is_terminal else None
                ending = await session.hold(lambda done: bar.count(done.status), tell)
        except asyncio.CancelledError:
            err.print("stopped; what has ended is stored, and the same command goes on")
            return INTERRUPTED
        if ending.message:
            err.print(ending.message, markup=False, soft_wrap=True)
        return {"stopped": STOPPED, "interrupted": INTERRUPTED}.get(ending.kind, DONE)


@app.command(
    epilog="Examples: run.py inspect | run.py inspect 12 | run.py inspect --status rejected"
)
def inspect(
    ref: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Of a trajectory, a part or an example of it, or a run."),
    ] = None,
    db: Database = DB,
    run: RunRef = None,
    status: Annotated[Status | None, typer.Option(help="Only these.")] = None,
    skill: Annotated[str | None, typer.Option(help="Only of this skill.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 30,
    reasoning: Annotated[bool, typer.Option("--reasoning", help="Unfold the reasoning.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page.")] = None,
    as_json: AsJson = False,
) -> None:
    """List trajectories, or show one and say why."""
    from agents.steps.written import written_steps

    if html and as_json:
        raise Wrong("--json and --html exclude each other; ask twice")
    # Where the locale is not of UTF-8, Python hands words over as bytes in disguise.
    skill = skill and os.fsencode(skill).decode(errors="replace")
    with Reader.open(db) as reader:
        if ref is not None and ref.startswith("r"):
            ref, run = None, ref
        shown = reader.run(run) if run else reader.latest_run()
        if ref is None:
            page = list_page(
                reader, shown, status=status, skill=skill, limit=limit, asked=bool(run)
            )
        else:
            page = trajectory_page(reader, ref, shown, written_steps, reasoning=reasoning)
        parts = [write_html(html, page.parts)] if html else page.parts
        show(out, parts, page.plain, as_json=as_json)


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
    err.print(f"run.py: {' '.join(line.split())}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
