import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from storage.export.plots import LEVELS, SKILLS, plots
from tests.exported import NASTY, database, figures, read

WHY = 'matplotlib comes with pip install "lyceum[export]"'
matplotlib = pytest.importorskip("matplotlib", reason=WHY)


async def test_two_plots_are_drawn_and_the_same_again(tmp_path: Path) -> None:
    await database(tmp_path / "a.db")
    found, taken = read(tmp_path / "a.db"), figures()
    drawn = plots(found, taken)

    assert sorted(drawn) == sorted([SKILLS, LEVELS])
    assert all(each.startswith(b"\x89PNG") for each in drawn.values())
    assert plots(found, taken) == drawn


async def test_the_style_of_a_user_changes_no_byte(tmp_path: Path) -> None:
    await database(tmp_path / "a.db")
    found, taken = read(tmp_path / "a.db"), figures()
    drawn = plots(found, taken)
    with matplotlib.rc_context({"font.size": 30.0, "savefig.dpi": 20, "axes.facecolor": "red"}):
        assert plots(found, taken) == drawn
        assert matplotlib.rcParams["font.size"] == 30.0


@pytest.mark.parametrize("nasty", [NASTY[5], NASTY[6], "$\\frac{1}{0$", "三角形 مثلث", "x" * 500])
async def test_a_name_is_drawn_as_it_is_whatever_it_holds(tmp_path: Path, nasty: str) -> None:
    await database(tmp_path / "a.db", nasty)
    drawn = plots(read(tmp_path / "a.db"), figures(nasty))

    assert all(width(each) == 880 for each in drawn.values())


def width(picture: bytes) -> int:
    assert zlib.crc32(picture[12:29]) == struct.unpack(">I", picture[29:33])[0]
    found: int = struct.unpack(">I", picture[16:20])[0]
    return found


async def test_a_picture_does_not_say_what_drew_it(tmp_path: Path) -> None:
    await database(tmp_path / "a.db")
    drawn = plots(read(tmp_path / "a.db"), figures())

    assert not any(b"atplotlib" in each or b"tEXt" in each for each in drawn.values())


def test_nothing_is_loaded_before_something_is_drawn() -> None:
    code = "import sys, storage.export.plots; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
