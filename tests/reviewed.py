"""Databases with attempts that a person should look at, and how a person goes through them."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from storage import ids
from storage.records import Grade, Trajectory
from storage.worth import overruled
from tests.served import Answer, Served

HOSTILE = (
    "<script>document.title='run'</script><img src=x onerror=alert(1)> {{ 7*7 }} "
    "[a](javascript:alert(1)) \x1b[31m\u202e '; DROP TABLE acts; -- \"><b>"
)
"""What must come out as text everywhere."""
RUBRIC = (
    Grade(criterion="correct", weight=0.6, grade=1.0, reason="the sum is right"),
    Grade(criterion="complete", weight=0.25, grade=0.0, reason="no reasons"),
    Grade(criterion="clear", weight=0.15, grade=1.0, reason="short"),
)
STEPS = "1. I take 3 and 4\n2. together they are 8\nAnswer: 8"


def whole(made: Trajectory, **changes: Any) -> Trajectory:
    """Return an episode that is worth what its verdicts make of it, with a verdict changed."""
    verdicts = tuple(verdict.model_copy(update=changes) for verdict in made.verdicts)
    return overruled(made.model_copy(update={"verdicts": verdicts}), ())


def by_a_judge(
    classroom: Any, n: int, status: str, reward: float | None, **more: Any
) -> Trajectory:
    """Make an episode of one attempt that a judge judged, or could not."""
    one = classroom.tried(more.pop("text", STEPS), status, reward=reward, answer="8")
    made = classroom.episode(n, more.pop("question", f"How many are {n} and 4?"), one,
                             verifier="judge", **more)  # fmt: skip
    decided = None if status == "unscored" else "judge"
    reason = {"accepted": None, "rejected": "wrong", "unscored": "abstained"}[status]
    grades = () if status == "unscored" else RUBRIC
    return whole(made, rung=decided, reason=reason, grades=grades)


def several(classroom: Any) -> list[Trajectory]:
    """Return episodes: unscored, near the threshold, by a judge alone; 0 and 4 by a program."""
    return [
        whole(classroom.episode(0, "How many are 3 and 4?", classroom.tried("Answer: 7"))),
        by_a_judge(classroom, 1, "unscored", None),
        by_a_judge(classroom, 2, "rejected", 0.55),
        by_a_judge(classroom, 3, "accepted", 1.0, skill="other"),
        whole(
            classroom.episode(
                4, "How many are 5 and 4?", classroom.tried("Answer: 8", "rejected", answer="8")
            ),
            reason="wrong",
        ),
    ]


def attempt_of(n: int, idx: int = 0) -> str:
    """Return the id of a first try of an episode of run r1."""
    return ids.attempt_id(ids.trajectory_id("r1", n), 0, idx)


def fields_of(page: str) -> dict[str, str]:
    """Return what the form of a review page sends by itself."""
    form = page[page.index('id="verdict-form"') :]
    form = form[: form.index("</form>")]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value for name, value in found if name not in ("token", "criterion", "weight")}


def judge(pages: Served, attempt: str, verdict: str, **more: Any) -> Answer:
    """Look at an attempt and give a verdict on it, as a person does."""
    own = fields_of(pages.page(f"/review/{attempt}"))
    return pages.send(f"/review/{attempt}", own | {"verdict": verdict} | more)


def acts(path: Path) -> list[dict[str, Any]]:
    """Return what people did, oldest first."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM acts ORDER BY id")]


def queue(pages: Served) -> Iterator[str]:
    """Yield the attempts that are asked for, as long as there are any."""
    while True:
        found = pages.ask("/review", Accept="text/html")
        if found.status != 303:
            return
        yield found.headers["location"].removeprefix("/review/")


def index_all(pages: Served) -> None:
    """Wait until the index knows all that the database has."""
    while pages.desk.index().keep_up():
        time.sleep(0.01)
