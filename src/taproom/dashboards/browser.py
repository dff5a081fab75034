"""Dashboards as a reader sees them: opened in a headless Chromium, timed, looked at.

Playwright has a small environment of its own, made on first use; the browser is the system's.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from taproom import bootstrap, settings
from taproom.errors import TaproomError
from taproom.services import superset

NAMES = ("chromium", "chromium-browser", "google-chrome")
SCRIPT = Path(__file__).with_name("open_in_browser.py")


def chromium() -> str | None:
    """The program of a browser on the PATH, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def python() -> Path:
    """A Python that has Playwright, from requirements/browser.txt."""
    lock = settings.repo() / "requirements" / "browser.txt"
    environment = settings.home() / "env" / "browser"
    try:
        return bootstrap.side_environment(environment, lock)
    except bootstrap.SetupError as error:
        raise TaproomError(str(error), where=str(environment)) from error


def look(
    dashboards: dict[str, int],
    width: int = 1440,
    pictures: Path | None = None,
    rounds: int = 1,
    tabs: bool = True,
    primed: bool = False,
    user: str = superset.ADMIN,
) -> list[dict]:
    """Open each dashboard (slug → charts it has) so many times; one record each time.

    A record has `dashboard`, `seconds` until its first view stood (None if it never did), `drawn`
    (charts drawn, on all tabs if `tabs`), `wrong` (what a reader would see go wrong), `overflow`
    (pixels the page is wider than the window), `requests` (for chart data). Pictures of the first
    round go to the folder, <slug>-<width>[-<tab>].png. `primed`: the browser has been here before.
    """
    program = chromium()
    if program is None:
        raise TaproomError(
            "There is no browser to look at the dashboards with.",
            remedy="install Chromium (Debian: apt-get install chromium) and try again",
        )
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    work = {
        "url": superset.url(),
        "user": user,
        "password": settings.password(user),
        "chromium": program,
        "width": width,
        "pictures": None if pictures is None else str(pictures),
        "rounds": rounds,
        "tabs": tabs,
        "primed": primed,
        "dashboards": dashboards,
    }
    done = subprocess.run(
        [str(python()), str(SCRIPT)], input=json.dumps(work), capture_output=True, text=True
    )
    if done.returncode:
        raise TaproomError(
            "The browser did not come to its end.",
            where=(done.stdout + done.stderr)[-2000:],
            remedy="./taproom status says whether Superset is up",
        )
    return [json.loads(line) for line in done.stdout.splitlines()]
