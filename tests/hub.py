"""A dataset hub on 127.0.0.1 that speaks as much of the Hub's language as a push needs.

It keeps what is committed in memory, and refuses what it is told to refuse.
"""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Hub(ThreadingHTTPServer):
    """The server and what it holds."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.repos: dict[str, dict[str, bytes]] = {}
        """Files by repository."""
        self.private: dict[str, bool] = {}
        self.tags: dict[str, str] = {}
        """Commit by tag."""
        self.asked: list[tuple[str, str, str | None]] = []
        """Method, path and authorization of each request."""
        self.refusals: dict[str, tuple[int, str]] = {}
        """By a part of the path: status and body of the answer to it."""
        self.commits = 0


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _serve(self, body: bytes) -> None:
        hub = self.server
        path = self.path.partition("?")[0]
        hub.asked.append((self.command, path, self.headers.get("Authorization")))
        for part, (status, text) in hub.refusals.items():
            if part in path:
                return self._answer(status, text.encode())
        parts = path.split("/")
        if parts[2] == "datasets" and "/".join(parts[3:5]) not in hub.repos:
            return self._answer(404, b'{"error": "Repository not found"}')
        return self._answer(200, json.dumps(self._does(path, body)).encode())

    def _does(self, path: str, body: bytes) -> Any:
        hub = self.server
        parts = path.strip("/").split("/")
        if parts[:3] == ["api", "repos", "create"]:
            asked = json.loads(body)
            name = f"{asked['organization'] or 'me'}/{asked['name']}"
            is_private = asked.get("private") or asked.get("visibility") == "private"
            hub.private.setdefault(name, bool(is_private))
            hub.repos.setdefault(name, {})
            return {"url": f"{hub.address}/datasets/{name}", "name": name}
        if parts[1] == "validate-yaml":
            return {"errors": [], "warnings": []}
        name, deed = "/".join(parts[2:4]), parts[4] if len(parts) > 4 else "info"
        if deed == "preupload":
            files = json.loads(body)["files"]
            regular = {"uploadMode": "regular", "shouldIgnore": False}
            return {"files": [{"path": each["path"], **regular} for each in files]}
        if deed == "commit":
            return self._commit(name, body)
        if deed == "tag":
            hub.tags[json.loads(body)["tag"]] = parts[5]
            return {}
        siblings = [{"rfilename": each} for each in hub.repos[name]]
        sha = f"{hub.commits:040x}"
        return {"id": name, "private": hub.private[name], "siblings": siblings, "sha": sha}

    def _commit(self, name: str, body: bytes) -> Any:
        hub = self.server
        for line in body.splitlines():
            change = json.loads(line)
            value = change["value"]
            if change["key"] == "file":
                hub.repos[name][value["path"]] = base64.b64decode(value["content"])
            elif change["key"] == "deletedFile":
                del hub.repos[name][value["path"]]
        hub.commits += 1
        oid = f"{hub.commits:040x}"
        return {"commitUrl": f"{hub.address}/datasets/{name}/commit/{oid}", "commitOid": oid}

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving() -> Iterator[Hub]:
    """Run a hub in a thread of its own."""
    hub = Hub()
    thread = threading.Thread(target=hub.serve_forever)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()
