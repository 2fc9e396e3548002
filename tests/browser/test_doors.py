"""What the server refuses, asked as no browser would ask: byte by byte."""

import re
import socket
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.crawling import fetch

GET = "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n"
POST = (
    "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}"
    "Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
)
FORM = "application/x-www-form-urlencoded"
PATHS = (
    "/static/../../../../../../../etc/passwd",
    "/static/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/static/....//....//etc/passwd",
    "/static/..\\..\\..\\etc\\passwd",
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static/layout.css%00.png",
    "/static/../page.py",
    "/static/%2e%2e%2fpage.py",
    "/static/..;/page.py",
    "/static/",
    "/static/.",
    "/trajectories/..%2f..%2f..%2fetc%2fpasswd",
    "/runs/..%2f..%2f..%2fetc%2fpasswd",
    "/review/..%2f..%2f..%2fetc%2fpasswd",
    "/audits/..%2f..%2f..%2fetc%2fpasswd",
    "//etc/passwd",
    "/etc/passwd",
    "/..%c0%af..%c0%afetc/passwd",
    "file:///etc/passwd",
    "http://evil.example/etc/passwd",
)


@pytest.fixture(scope="module")
def door(friends):
    """The port of a server, the token that its forms have, and its database."""
    served, path = friends
    with sqlite3.connect(path) as db:
        [attempt] = db.execute("SELECT id FROM attempts WHERE error IS NULL").fetchone()
    db.close()
    _, _, page = fetch(f"{served.address}/review/{attempt}")
    [token, *_] = re.findall(r'name="token" value="(.+?)"', page)
    return urlsplit(served.address).port, token, path


def asked(port: int, text: str) -> tuple[int, str]:
    """Return the status and the whole answer to these bytes. 0: the door was shut."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(text.encode("latin-1"))
        answer = b""
        while part := line.recv(65_536):
            answer += part
    found = re.match(rb"HTTP/1\.1 (\d+)", answer)
    return int(found[1]) if found else 0, answer.decode("utf-8", "replace")


def acts(path: Path) -> int:
    with sqlite3.connect(path) as db:
        count = db.execute("SELECT count(*) FROM acts").fetchone()[0]
    db.close()
    return int(count)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "127.0.0.1",
     "127.0.0.1:1", "localhost:{port}@evil.example", "0.0.0.0:{port}", "[::]:{port}", "",
     "127.0.0.1:{port}\r\nHost: evil.example", "127.0.0.1:{port}, evil.example"],
)  # fmt: skip
def test_a_foreign_host_is_refused(door, host):
    port = door[0]
    status, answer = asked(port, GET.format(path="/", host=host.format(port=port), more=""))
    assert status in (400, 403)
    assert "Trajectories" not in answer


@pytest.mark.parametrize(
    "more",
    ["Origin: http://evil.example", "Origin: null", "Origin: http://127.0.0.1:1",
     "Origin: https://127.0.0.1:{port}", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site",
     "Origin: http://127.0.0.1:{port}\r\nOrigin: http://evil.example"],
)  # fmt: skip
def test_a_page_from_elsewhere_gets_nothing(door, more):
    port = door[0]
    host = f"127.0.0.1:{port}"
    told = more.format(port=port) + "\r\n"
    assert asked(port, GET.format(path="/", host=host, more=told))[0] == 403
    right = POST.format(
        path="/review/a1", host=host, more=told, kind=FORM, length=len(door[1]) + 6,
        body=f"token={door[1]}",
    )  # fmt: skip
    assert asked(port, right)[0] == 403


def test_its_own_address_is_answered_with_a_strict_policy(door):
    port = door[0]
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LOCALHOST:{port}"):
        status, answer = asked(port, GET.format(path="/", host=host, more=""))
        assert status == 200
        [policy] = re.findall(r"(?im)^content-security-policy: (.*)\r$", answer)
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.findall(r"(?im)^access-control-allow-origin:", answer)


@pytest.mark.parametrize("path", ["/review/{attempt}", "/acts/{verdict}/withdraw", "/audits", "/"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [(FORM, "verdict=accepted"), (FORM, "verdict=accepted&token="),
     (FORM, "verdict=accepted&token=wrong"), (FORM, "verdict=accepted&token={t}&token={t}"),
     ("text/plain", "verdict=accepted&token={t}"), ("application/json", '{{"verdict":"accepted"}}'),
     ("multipart/form-data; boundary=x", "--x\r\n\r\n--x--"), ("", "token={t}")],
)  # fmt: skip
def test_a_write_without_the_token_changes_nothing(door, path, kind, body):
    port, token, database = door
    before = acts(database)
    told = body.format(t=token or "t")
    where = path.format(attempt="a1", verdict="v1")
    text = POST.format(
        path=where, host=f"127.0.0.1:{port}", more="", kind=kind, length=len(told), body=told
    )
    assert asked(port, text)[0] in (400, 403, 405, 415)
    assert acts(database) == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "X"])
def test_other_methods_are_refused(door, method):
    port = door[0]
    text = GET.format(path="/", host=f"127.0.0.1:{port}", more="").replace("GET", method, 1)
    status, answer = asked(port, text)
    assert 400 <= status < 500
    assert "Trajectories" not in answer


@pytest.mark.parametrize("path", PATHS)
def test_no_path_reads_another_file(door, path):
    port = door[0]
    status, answer = asked(port, GET.format(path=path, host=f"127.0.0.1:{port}", more=""))
    assert 400 <= status < 500
    assert "root:" not in answer
    assert "import " not in answer


def test_a_header_that_comes_back_starts_no_line_of_its_own(door):
    port = door[0]
    for path in ("/trajectories?after=%0d%0aX-Evil:1", "/%0d%0aX-Evil:1", "/runs/a%0aX-Evil:1"):
        answer = asked(port, GET.format(path=path, host=f"127.0.0.1:{port}", more=""))[1]
        assert not re.search(r"(?im)^x-evil", answer)


def test_only_this_machine_can_ask(door):
    port = door[0]
    elsewhere = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port)}
    for address in elsewhere - {"127.0.0.1", "::1"}:
        with pytest.raises(OSError, match=r"refused|unreachable|assign|timed out"):
            socket.create_connection((address, port), timeout=2).close()


def test_an_unknown_id_is_named_with_the_nearest(door):
    port, _, path = door
    address = f"http://127.0.0.1:{port}"
    for kind, table in (("trajectories", "trajectories"), ("runs", "runs"), ("review", "attempts")):
        with sqlite3.connect(path) as db:
            [known] = db.execute(f"SELECT id FROM {table} ORDER BY id LIMIT 1").fetchone()
        db.close()
        status, _, text = fetch(f"{address}/{kind}/{known[:12]}0000")
        assert status == 404
        assert f"the nearest is &#39;{known}&#39;" in text
