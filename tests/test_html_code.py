"""The colours of programs."""

import re

import pytest

from storage.report.html.code import CLASSES, coloured
from storage.report.html.page import static_files

GROUNDS = ("--paper", "--panel", "--raised")


def colours(scheme: str) -> dict[str, str]:
    """Return the custom properties of a scheme, by name."""
    found: dict[str, str] = {}
    for name in ("layout.css", "code.css"):
        light, _, dark = static_files()[name].decode().partition("@media (prefers-color-scheme")
        for part in (light, dark)[: 1 if scheme == "light" else 2]:
            found |= dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", part))
    return found


def brightness(colour: str) -> float:
    """Return the relative luminance, see https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_has_a_contrast_of_aa_on_every_ground(scheme: str) -> None:
    known = colours(scheme)
    for name in sorted(CLASSES):
        for ground in GROUNDS:
            one, two = sorted((brightness(known[f"--code-{name}"]), brightness(known[ground])))
            assert (two + 0.05) / (one + 0.05) >= 4.5, (name, ground)


def test_every_class_has_a_colour() -> None:
    styles = static_files()["code.css"].decode()
    used = set(
        re.findall('class="([a-z]+)"', coloured("def f():\n  return len('a') + 1  # b", "py"))
    )
    assert used == {"k", "f", "b", "s", "n", "c"}
    assert used <= CLASSES
    for name in CLASSES:
        assert f".code .{name} {{" in styles
