"""Which Chromium of this machine is driven, and how it is started."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--force-color-profile=srgb", "--font-render-hinting=none",
)  # fmt: skip


def chromium() -> str | None:
    """Return the path of a Chromium. None: there is none, and `apt-get install chromium` helps."""
    return next(filter(None, map(shutil.which, NAMES)), None)
