"""What several test files share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# An example takes as long as the machine lets it; the rest is as it is, also where CI is set.
settings.register_profile("patient", settings.default, deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout with recorded data and endpoints; not every machine has it."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder ../shared with recorded data on this machine")
    return folder


@pytest.fixture(scope="module")
def unmeasured() -> Iterator[None]:
    """Measure no coverage in the processes that the tests start, which takes as long again.

    For modules that start many, and whose lines other tests measure.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield
