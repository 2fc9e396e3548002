"""Serves the pages on this machine until it is told to end.

What a newcomer gets wrong: nothing is bound to any address but 127.0.0.1, and everything that can
be wrong with the database is said before anything is bound.
"""

import secrets
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from storage.errors import NotInstalled, NotWritable
from storage.export.making import Steps
from storage.people.rubric import Criterion
from storage.queries import Reader

HOST, PORT = "127.0.0.1", 8470
_TRIES = 50
"""How many ports are tried, one after the other."""
_NEEDED = ("starlette", "uvicorn", "python_multipart", "latex2mathml")
_OF_A_PATH = "/?&=%~"
"""What stays as it is in the path that is opened first."""
_GRACE_S = 3
"""Seconds that requests have to end when the server does."""


def serve(
    db: Path,
    *,
    person: str | None,
    start: str = "/",
    port: int = PORT,
    steps: Steps,
    tell: Callable[[str], None],
    opens: bool,
    criteria: Sequence[tuple[str, float, str]] = (),
) -> None:
    """Serve the pages of a database until Ctrl-C, or until the process is told to end.

    Args:
        db: The database.
        person: Whose verdicts are given here. None: nobody's.
        start: The path that is opened first.
        port: Where to serve; if it is in use, the next free one, which is told. 0: any.
        steps: Finds the steps of an attempt.
        tell: Says a line to the person at the terminal.
        opens: Whether the browser is opened.
        criteria: The rubric of runs whose own is not known: names, weights, and when each is met.

    Raises:
        NotInstalled: the extra `web` is missing.
        StorageError: the database cannot be read, or no port is free.
    """
    require_extra()
    Reader.open(db).close()
    with listening(port) as door:
        bound = door.getsockname()[1]
        if port not in (0, bound):
            tell(f"port {port} is in use; {bound} is the next free one")
        rubric = [Criterion(*each) for each in criteria]
        desk = import_module("storage.web.desk").Desk(
            db, person=person, steps=steps, tell=tell, criteria=rubric
        )
        server = make_server(desk, bound)
        address = f"http://{HOST}:{bound}{quote(start, safe=_OF_A_PATH)}"
        tell(f"serving {db} at {address} (Ctrl-C ends)")
        if opens:
            threading.Thread(target=_open, args=(address,), daemon=True).start()
        with _ending(server):
            server.run(sockets=[door])


def require_extra() -> None:
    """Refuse to go on where a package of the extra is missing.

    Raises:
        NotInstalled: one is.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise NotInstalled(f'pages: {missing[0]} is not installed; pip install "lyceum[web]"')


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """Listen on a port of this machine, or on the next free one, for as long as the block lasts.

    Raises:
        NotWritable: none of them is free.
    """
    for tried in range(port, min(port + _TRIES, 65_536)) if port else (0,):
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((HOST, tried))
            door.listen(128)
        except (OSError, OverflowError):
            door.close()
            continue
        with door:
            yield door
        return
    raise NotWritable(
        f"port {port}: neither it nor the {_TRIES - 1} after it is free; name another"
    )


def make_server(desk: Any, port: int) -> Any:  # noqa: ANN401 - of an extra, loaded when it is used
    """Return a server of the pages, not yet running; its `run` and `should_exit` are uvicorn's."""
    uvicorn = import_module("uvicorn")
    app = import_module("storage.web.app").make_app(
        desk, port=port, token=secrets.token_urlsafe(32)
    )
    config = uvicorn.Config(
        app,
        access_log=False,
        date_header=True,
        http="h11",
        lifespan="on",
        log_config=None,
        log_level="critical",
        loop="asyncio",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        ws="none",
    )
    server = uvicorn.Server(config)
    # Its own way with signals ends the process as the signal would have.
    server.capture_signals = nullcontext
    return server


@contextmanager
def _ending(server: Any) -> Iterator[None]:  # noqa: ANN401 - as above
    """End the server gently at the first signal, and at once at the second."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: object) -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    before = {each: signal.signal(each, end) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _open(address: str) -> None:
    """Open a browser with a window; one that would take the terminal is left alone."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if type(browser) is not webbrowser.GenericBrowser:
        browser.open(address)
