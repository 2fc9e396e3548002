"""What several test files share."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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


@contextmanager
def _small_disk(folder: Path, kilobytes: int) -> Iterator[Callable[..., None]]:
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(folder)]
    if sys.platform != "linux" or os.geteuid() or subprocess.run(options, check=False).returncode:
        pytest.skip("no small disk can be mounted here")

    def mount(*options: str) -> None:
        given = ",".join(("remount", *options))
        subprocess.run(["mount", "-o", given, str(folder)], check=True)

    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def small_disk() -> Any:
    """Mounts a file system of so many kilobytes, or skips the test where that is not allowed."""
    return _small_disk


@pytest.fixture(scope="module")
def unmeasured() -> Iterator[None]:
    """Measure no coverage in the processes that the tests start, which takes as long again.

    For modules that start many, and whose lines other tests measure.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield
