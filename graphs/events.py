"""Every log event of the project, in one place; the README's table says what each carries.

Names are `noun.past_participle`. Fields instead of sentences, and never a lesson's, prompt's or
reply's text.
"""

from typing import TextIO

import structlog

RUN_STARTED = "run.started"
RUN_FORECAST = "run.forecast"
RUN_FINISHED = "run.finished"
EPISODE_FINISHED = "episode.finished"
EPISODE_POSTPONED = "episode.postponed"
LIMIT_FORESEEN = "limit.foreseen"
LEVEL_EXHAUSTED = "level.exhausted"
ENDPOINT_SLOWED = "endpoint.slowed"
PULSE_MISSED = "pulse.missed"


def log_to(stream: TextIO, *, quiet: bool = False) -> None:
    """Log JSON lines to a stream; for the application to call once, never for a library.

    Args:
        stream: Usually stderr, since stdout is for results.
        quiet: Only warnings, as where a person watches a progress bar.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(30 if quiet else 20),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
    )
