"""The pages of a database, served for a test on a port of 127.0.0.1 by a thread of its own."""

import http.client
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from agents.steps.written import written_steps
from storage.web import server
from storage.web.desk import Desk


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def plain(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A running server."""

    port: int
    desk: Desk
    told: list[str] = field(default_factory=list)
    """What was said at the terminal."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> Answer:
        """Ask for exactly this path; headers are named with _ for -."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            line.request(method, path, body, given)
            found = line.getresponse()
            lower = {name.lower(): value for name, value in found.getheaders()}
            return Answer(found.status, lower, found.read())
        finally:
            line.close()

    def plain(self, path: str) -> Any:
        """Return a page as JSON; it must be there."""
        found = self.ask(path, Accept="application/json")
        assert found.status == 200, found.text
        return found.plain

    def page(self, path: str) -> str:
        """Return a page as HTML; it must be there."""
        found = self.ask(path, Accept="text/html")
        assert found.status == 200, found.text
        return found.text

    def send(self, path: str, fields: dict[str, Any], token: str | None = None) -> Answer:
        """Send a form, with the token of the pages unless another is given."""
        whole = urlencode(fields | {"token": self.token if token is None else token}, doseq=True)
        kind = "application/x-www-form-urlencoded"
        return self.ask(path, "POST", whole.encode(), Content_Type=kind, Origin=self.address)

    @property
    def token(self) -> str:
        found = re.search(r'<meta name="token" content="([^"]+)">', self.page("/"))
        assert found
        return found[1]


@contextmanager
def served(database: Path, person: str | None = "Ada") -> Iterator[Served]:
    """Serve the pages of a database for as long as the block lasts."""
    told: list[str] = []
    desk = Desk(database, person=person, steps=written_steps, tell=told.append)
    with server.listening(0) as door:
        port = door.getsockname()[1]
        running = server.make_server(desk, port)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        while not running.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield Served(port, desk, told)
        finally:
            running.should_exit = True
            thread.join(60)
            assert not thread.is_alive()
