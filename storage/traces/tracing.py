"""The options of `trace`: where spans go, and what they tell."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer


@dataclass(frozen=True, kw_only=True)
class Tracing:
    """What the command line says of a trace beside its database and its run."""

    to: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A collector; else as OTEL_EXPORTER_OTLP_* say."),
    ] = None
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A new file, with lines of OTLP's JSON.")
    ] = None
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what lands until the run has ended.")
    ] = False
    no_text: Annotated[
        bool, typer.Option("--no-text", help="Leave out what models and people wrote.")
    ] = False
    one_trace: Annotated[
        bool, typer.Option("--one-trace", help="The whole run as one trace, if it is small.")
    ] = False
