"""Who is answered by the pages, and what every answer says; asked of a real server."""

from collections.abc import Iterator

import pytest

pytest.importorskip("starlette", reason='the pages come with pip install "lyceum[web]"')
from tests.served import Served, served

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def pages(classroom, tmp_path_factory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("guard") / "a.db"
    one = classroom.episode(0, "How many?", classroom.tried("Answer: 7"))
    with served(classroom.written(path, one)) as running:
        yield running


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_the_server_answers_to_its_own_names(pages, host):
    assert pages.ask("/", Host=f"{host}:{pages.port}").status == 200
