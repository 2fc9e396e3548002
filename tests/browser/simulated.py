"""A school of simulated models on this machine, whose texts are worth looking at.

Teacher, student and judge answer as models would, from a handful of readings that people wrote.
What a newcomer gets wrong: nothing here is drawn; a reply hangs on the question, and on how often
it was asked.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "examples" / "data" / "reading_seeds.jsonl"
_LINE = re.compile(r'^"(?:[^"\\\x00-\x1f]|\\.)*"$', re.MULTILINE)


@dataclass(frozen=True)
class Said:
    """A reply of the student, and what the judge finds in it."""

    text: str
    met: tuple[bool, bool, bool]
    """Correct, complete, clear."""
    quote: str
    why: str
    critique: str = ""


GLUE = (
    Said(
        "**Bone glue**, because five of its pairs are named before casein.\n\nSo:\n\n"
        "1. Bone glue is mentioned first.\n2. The first pair came apart on day 9.\n"
        "3. Therefore bone glue held longer.",
        (False, False, True), "Therefore bone glue held longer.",
        "The conclusion turns the counts round: coming apart is not holding.",
        "Ask of each glue how many pairs still held after 30 days.",
    ),
    Said(
        "Count what still held after 30 days:\n\n| glue | pairs | came apart | share |\n"
        "| --- | --- | --- | --- |\n| bone | 6 | 5 | $\\frac{5}{6}$ |\n"
        "| casein | 6 | 1 | $\\frac{1}{6}$ |\n\n"
        "The **casein glue** held longer: one pair came apart, on day 26, against five, the first "
        "on day 9.",
        (True, True, True), "The **casein glue** held longer",
        "It names the right glue and gives the counts and days that show it.",
    ),
    Said(
        "The casein glue held longer.", (True, False, True), "The casein glue held longer.",
        "It names the right glue, but gives none of the counts.",
        "Say which counts and which days show it.",
    ),
)  # fmt: skip
PONDS = (
    Said(
        "Yes. The shaded pond was cooler on every one of the 20 days, by 2 degrees.",
        (False, False, True), "on every one of the 20 days",
        "It was cooler on 18 of the 20 days; the two rainy days are left out.",
        "Look again at the days on which it rained.",
    ),
    Said(
        "On dry days, yes. In $\\frac{18}{20} = 90\\,\\%$ of the afternoons the shaded pond was "
        "cooler, by 2 degrees on average. On the two rainy days there was no difference.\n\n"
        "> Only two ponds were compared, so the place may have had a part in it.",
        (True, True, True), "On the two rainy days there was no difference.",
        "It gives the count, the mean and the exception, and names the limit of two ponds.",
    ),
)  # fmt: skip
BUSES = (
    Said(
        "Yes. Late buses fell from $61/280 \\approx 21.8\\,\\%$ to $24/224 \\approx 10.7\\,\\%$, "
        "so the new timetable works.",
        (False, False, True), "so the new timetable works",
        "It takes one cause for granted; the road works ended in between.",
        "Which else changed between March and May?",
    ),
    Said(
        "It cannot be told. Late buses became rarer (61 of 280, then 24 of 224), but in April the "
        "road works ended as well, so either may be why.",
        (True, True, True), "in April the road works ended as well",
        "It names both changes and says that they cannot be told apart.",
    ),
    Said(
        "Perhaps. There are fewer late buses now.", (True, True, True),
        "there were fewer complaints",
        "It seems to weigh the counts against each other.",
    ),
)  # fmt: skip
WORDS = (
    Said(
        "Yes: 13 words with breakfast and 12 without, therefore breakfast helps the memory.",
        (False, False, True), "therefore breakfast helps the memory",
        "One word is small beside a spread of twelve, and nobody drew the groups by chance.",
        "Compare the difference with how far pupils of one group are apart.",
    ),
    Said(
        "Hardly.\n\n- The means differ by $13 - 12 = 1$ word.\n"
        "- Within a group the numbers go from 7 to 19, a spread of $19 - 7 = 12$.\n"
        "- 24 pupils chose for themselves whether to eat.\n\n"
        "So nothing follows from it.",
        (True, True, True), "The means differ by $13 - 12 = 1$ word.",
        "It compares the difference with the spread and says that chance did not make the groups.",
    ),
)  # fmt: skip
_REPLIES = {"glues": GLUE, "ponds": PONDS, "timetable": BUSES, "breakfast": WORDS}
"""What the student says, by a word of the question."""
_OWN = {
    "glues": "Casein: 1 of 6 pairs came apart, against 5 of 6 with bone glue.",
    "ponds": "On dry days it did, on 18 of 20 afternoons; on the two rainy ones it did not.",
    "timetable": "Not to be told: the timetable and the road works changed together.",
    "breakfast": "There is next to no difference: one word, within a spread of twelve.",
}


def config(address: str, folder: Path, *, episodes: int = 24) -> Path:
    """Write a config of a run with these models, and return its path."""
    chat = f'kind = "chat"\nbase_url = "{address}/v1"\nprice_in = 0.4\nprice_out = 1.6\n'
    path = folder / "readings.toml"
    path.write_text(
        f"""episodes = {episodes}
attempts = 2
in_flight = 4

[expert_seeds]
path = "{SEEDS}"
example = "question"
reference = "answer"
passage = "passage"
author = "author"
licence = "licence"

[[curriculum.skills]]
name = "reading_studies"
levels = 2
verifier = "judge"
about = "Answer a question about a small study from a report of it, and say what supports it."

[[curriculum.skills]]
name = "weighing_evidence"
after = ["reading_studies"]
verifier = "judge"
about = "Say how far the evidence of a small study goes, and what else may explain it."

[teacher]
model = "simulated-teacher"
endpoint = "simulated"
{chat}
[student]
model = "simulated-student"
endpoint = "simulated"
{chat}
[critic]
model = "simulated-judge"
endpoint = "simulated"
own_answers = 1
{chat}""",
        encoding="utf-8",
    )
    return path


@contextmanager
def simulated(*, latency_s: float = 0.0, refuses_every: int = 0) -> Iterator[str]:
    """Serve the models while the block lasts; yields their address.

    Args:
        latency_s: Before every reply.
        refuses_every: One request of so many is answered with 429. 0: none is.
    """
    server = _Server(("127.0.0.1", 0), _Handler)
    server.latency_s, server.refuses_every = latency_s, refuses_every
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    latency_s = 0.0
    refuses_every = 0
    count = 0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: Counter[str] = Counter()
        self.lock = Lock()
        rows = [json.loads(line) for line in SEEDS.read_text(encoding="utf-8").splitlines()]
        self.seeds = {row["question"]: row for row in rows}

    def handle_error(self, *arguments: Any) -> None:
        """Say nothing: whoever asked may be killed meanwhile."""

    def reply(self, body: Any) -> str:
        """Return what the model that is asked says."""
        system, said = body["messages"][0]["content"], body["messages"][-1]["content"]
        texts = [json.loads(line) for line in _LINE.findall(said)]
        if system.startswith("You are a teacher"):
            return self._lesson(said)
        if system.startswith("You solve"):
            return _OWN[_word(texts[0])]
        if system.startswith("You judge"):
            return _grading(texts, self.seeds)
        if system.startswith("You find"):
            return json.dumps({"reason": "It cannot be told.", "quote": "", "number": None})
        question = body["messages"][0]["content"]
        replies = _REPLIES[_word(question)]
        if _draw(question) % 3 == 0:  # it does not get this one
            replies = tuple(each for each in replies if not all(each.met))
        elif len(body["messages"]) > 1:
            return next(each.text for each in replies if all(each.met))
        with self.lock:
            self.asked[question] += 1
            return replies[_draw(f"{self.asked[question]} {question}") % len(replies)].text

    def _lesson(self, said: str) -> str:
        row = next(row for question, row in self.seeds.items() if question in said)
        setting = re.search(r"Setting: (.*?), if", said)
        code = re.search(r"Lesson code (\d+)", said)
        assert setting
        assert code
        told = "\n\n".join(row["passage"])
        question = (
            f"From the notebook of {setting[1]}, page {int(code[1]) + 3}:\n\n{told}\n\n"
            f"**{row['question']}** Say what supports your answer."
        )
        return json.dumps({"reference": _reference(row), "question": question})


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(self.server.latency_s)
        self.server.count += 1
        if self.server.refuses_every and self.server.count % self.server.refuses_every == 0:
            return self._send(429, {"error": {"message": "Too many requests; slow down."}})
        text = self.server.reply(body)
        usage = {"prompt_tokens": len(json.dumps(body)) // 4, "completion_tokens": len(text) // 4}
        message = {"role": "assistant", "content": text}
        if "student" in body["model"]:
            message["reasoning_content"] = (
                "First I look for the counts, then for what else changed."
            )
        return self._send(
            200,
            {
                "id": "chatcmpl-1", "object": "chat.completion", "created": 1,
                "model": body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": usage,
            },
        )  # fmt: skip

    def _send(self, status: int, said: object) -> None:
        whole = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole)


def _draw(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:4], "big")


def _word(text: str) -> str:
    return next(word for word in _REPLIES if word in text)


def _reference(row: dict[str, Any]) -> str:
    """Return an expert's answer without the words that it has from the passage."""
    told = str(row["answer"])
    return told.replace(
        "The shaded pond was cooler on 18 of 20 afternoons", "It was so on 18 of 20"
    )


def _grading(texts: list[str], seeds: dict[str, Any]) -> str:
    """Return the judge's reply: what it finds of the last text, if the reference is a true one."""
    said = next(
        each for each in _REPLIES[_word(texts[0])] if each.text.strip() == texts[-1].strip()
    )
    is_true = any(_reference(row) in texts[1:-1] for row in seeds.values())
    reasons = {
        "correct": said.why,
        "complete": "It gives the reasons that the task asks for."
        if said.met[1]
        else "The counts that would support it are missing.",
        "clear": "It can be followed from beginning to end.",
    }
    found = {
        name: {
            "quote": said.quote,
            "reason": reasons[name],
            "met": met and (is_true or name != "correct"),
        }
        for name, met in zip(reasons, said.met, strict=True)
    }
    return json.dumps({**found, "critique": said.critique if is_true else "Look again."})
