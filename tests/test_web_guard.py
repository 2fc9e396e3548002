"""Who is answered by the pages, and what every answer says; asked of a real server."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

pytest.importorskip("starlette", reason='the pages come with pip install "lyceum[web]"')
from storage.web.guard import HEADERS, MOST_BYTES
from tests.served import Answer, Served, served

FORM = "application/x-www-form-urlencoded"
BAD_TOKENS = [None, "", "wrong", "\N{SNOWMAN}", "a" * 10_000]


@pytest.fixture(scope="module")
def pages(classroom, tmp_path_factory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("guard") / "a.db"
    one = classroom.episode(0, "How many?", classroom.tried("Answer: 7"))
    with served(classroom.written(path, one)) as running:
        yield running


def raw(pages: Served, request: bytes) -> bytes:
    """Send bytes, and return what comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", pages.port), timeout=20) as line:
        line.sendall(request)
        found = b""
        while part := line.recv(65_536):
            found += part
    return found


def is_one_sentence(answer: Answer) -> bool:
    return answer.text.count("\n") == 1 and "Traceback" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_the_server_answers_to_its_own_names(pages, host):
    assert pages.ask("/", Host=f"{host}:{pages.port}").status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", "127.0.0.1.evil:{port}",
        "localhost:{port}.evil", "user@localhost:{port}", "localhost:{port}/", "0.0.0.0:{port}",
        "[::1]", "localhost:0{port}", "",
    ],
)  # fmt: skip
def test_another_host_is_refused(pages, host):
    found = pages.ask("/", Host=host.replace("{port}", str(pages.port)))

    assert found.status == 403
    assert "its own address" in found.text
    assert is_one_sentence(found)


def test_two_hosts_are_refused(pages):
    own = f"127.0.0.1:{pages.port}"
    asked = f"GET / HTTP/1.1\r\nHost: {own}\r\nHost: {own}\r\nConnection: close\r\n\r\n"

    assert raw(pages, asked.encode()).startswith((b"HTTP/1.1 403", b"HTTP/1.1 400"))


def test_an_address_in_the_first_line_leads_to_no_other_server(pages):
    asked = (
        f"GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:{pages.port}\r\n"
        "Connection: close\r\n\r\n"
    )

    assert raw(pages, asked.encode()).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "",
     "http://localhost:{port}", "http://127.0.0.1:{port}/", "http://127.0.0.1:{port}.evil"],
)  # fmt: skip
def test_a_page_from_elsewhere_is_refused_whatever_it_asks(pages, method, origin):
    found = pages.ask("/", method, Origin=origin.replace("{port}", str(pages.port)))

    assert found.status == 403
    assert method == "HEAD" or is_one_sentence(found)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_our_own_pages_may_ask(pages, name):
    own = f"{name}:{pages.port}"

    assert pages.ask("/", Host=own, Origin=f"http://{own}").status == 200


@pytest.mark.parametrize(
    ("site", "status"),
    [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200), ("odd", 403)],
)
def test_what_a_browser_says_of_the_page_that_led_here_counts(pages, site, status):
    assert pages.ask("/", Sec_Fetch_Site=site).status == status


def test_a_link_that_a_person_follows_leads_to_a_page_and_nothing_else_from_elsewhere_does(
    pages,
) -> None:
    followed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}

    assert pages.ask("/", Sec_Fetch_Dest="document", **followed).status == 200
    for place in ("iframe", "image", "script", "empty"):
        assert pages.ask("/", Sec_Fetch_Dest=place, **followed).status == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "LOCK"])
def test_other_methods_are_refused(pages, method):
    found = pages.ask("/", method)

    assert found.status == 405
    assert found.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("token", BAD_TOKENS)
def test_a_form_without_the_token_is_refused(pages, token):
    fields = {} if token is None else {"token": token}

    found = pages.send("/", fields | {"a": "b"}, token=token) if token is not None else pages.ask(
        "/", "POST", b"a=b", Content_Type=FORM
    )  # fmt: skip

    assert found.status == 403
    assert "load its page again" in found.text


def test_the_token_may_stand_in_the_form_or_in_a_header(pages):
    # The page takes no writes, so what gets past the guard is told that.
    assert pages.send("/", {"a": "b"}).status == 405
    json = {"Content_Type": "application/json", "X_Lyceum_Token": pages.token}
    assert pages.ask("/", "POST", b"{}", **json).status == 405


def test_a_token_in_the_address_is_none(pages):
    assert pages.ask(f"/?token={pages.token}", "POST", b"a=b", Content_Type=FORM).status == 403


def test_two_tokens_are_none(pages):
    for body in (f"token={pages.token}&token=x", f"token={pages.token}&token={pages.token}"):
        assert pages.ask("/", "POST", body.encode(), Content_Type=FORM).status == 403


def test_every_server_has_a_token_of_its_own(pages, classroom, tmp_path):
    with served(classroom.written(tmp_path / "b.db")) as other:
        assert len(other.token) >= 32
        assert other.token != pages.token


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "multipart/form-data; boundary=x", "", "application/xml",
     "text/plain; application/json"],
)  # fmt: skip
def test_a_write_of_another_kind_is_refused(pages, kind):
    found = pages.ask("/", "POST", b"x", Content_Type=kind, X_Lyceum_Token=pages.token)

    assert found.status == 415


def test_a_body_that_is_too_long_is_refused_before_it_is_read(pages):
    found = pages.ask("/", "POST", b"", Content_Type=FORM, Content_Length=str(10**12))

    assert found.status == 413


def test_a_body_that_turns_out_too_long_is_refused(pages):
    def parts() -> Iterator[bytes]:
        for _ in range(MOST_BYTES // 50_000 + 2):
            yield b"a" * 50_000

    line = http.client.HTTPConnection("127.0.0.1", pages.port, timeout=20)
    try:
        # The server has answered before it was sent all, and reads no further.
        with suppress(BrokenPipeError, ConnectionResetError):
            line.request("POST", "/", parts(), {"Content-Type": FORM}, encode_chunked=True)
        assert line.getresponse().status == 413
    finally:
        line.close()


def test_a_body_with_a_million_fields_is_refused_soon(pages):
    assert pages.ask("/", "POST", b"&a=" * 300_000, Content_Type=FORM).status == 403


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {}), ("/nothing", {}), ("/runs/nope", {}), ("/static/layout.css", {}),
        ("/static/nothing.css", {}), ("/", {"Host": "evil"}), ("/", {"Origin": "null"}),
        ("/?format=json", {}), ("/nothing?format=json", {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST"])
def test_every_answer_says_what_a_browser_may_do_with_it(pages, path, headers, method):
    found = pages.ask(path, method, **headers)

    assert {name: found.headers.get(name) for name in HEADERS} == HEADERS
    assert found.headers["cache-control"] in ("no-store", "no-cache")
    assert "server" not in found.headers
    assert found.headers["content-type"]


def test_the_policy_lets_nothing_in_from_elsewhere_and_nothing_run_in_a_page(pages):
    policy = pages.ask("/").headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/static/../page.py", "/static/..%2fpage.py", "/static/%2e%2e/page.py",
        "/static/%2e%2e%2fpage.py", "/static/..%5cpage.py", "/static//etc/passwd",
        "/static/%2fetc%2fpasswd", "/static/layout.css/..", "/static/", "/static", "/static/.",
        "/static/layout.css%00.js", "/static/../templates/layout.html", "//etc/passwd",
        "/../../../../etc/passwd", "/static/LAYOUT.CSS", "/static/~root",
        "/%2e%2e/%2e%2e/etc/passwd", "/static/..;/page.py", "/static/%252e%252e%252fpage.py",
        "/runs/..%2f..%2fetc%2fpasswd", "/static/%c0%ae%c0%ae/page.py",
    ],
)  # fmt: skip
def test_no_path_reads_another_file(pages, path):
    found = pages.ask(path)

    assert found.status == 404
    assert b"root:" not in found.body
    assert b"jinja" not in found.body


def test_a_path_and_a_query_are_shown_as_text(pages):
    found = pages.ask("/runs/%3Cscript%3Ealert(1)%3C%2Fscript%3E?x=%3Cscript%3E")

    assert found.status == 404
    assert b"<script>" not in found.body


@pytest.mark.parametrize(
    "name",
    ["%00", "%ff", "%F0%9F%98%80", "%27%3B%20DROP%20TABLE%20runs", "%25", "*", "%0d%0aX-Bad:%201",
     "r" * 5_000, "%20", "-1", "%7B%7B7*7%7D%7D"],
)  # fmt: skip
def test_an_id_that_no_run_can_have_is_not_found(pages, name):
    found = pages.ask(f"/runs/{name}")

    assert found.status == 404
    assert "x-bad" not in found.headers
    assert "49" not in found.text.partition("<h1>")[2]
    assert pages.told == []


@pytest.mark.parametrize(
    "asked", [b"GET /\xff HTTP/1.1", b"nonsense", b"GET  HTTP/1.1", b"\x16\x03"]
)
def test_what_is_no_request_is_told_so_and_stops_nobody(pages, asked):
    own = f"Host: 127.0.0.1:{pages.port}\r\nConnection: close\r\n\r\n".encode()

    assert raw(pages, asked + b"\r\n" + own)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 404", b"")
    assert pages.ask("/").status == 200
    assert pages.told == []


def test_there_is_no_way_to_talk_on(pages):
    asked = (
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{pages.port}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", pages.port), timeout=20) as line:
        line.sendall(asked.encode())
        assert not line.recv(100).startswith(b"HTTP/1.1 101")


def test_what_a_proxy_would_say_is_not_believed(pages):
    found = pages.ask("/", Host="evil", X_Forwarded_Host=f"127.0.0.1:{pages.port}")

    assert found.status == 403
