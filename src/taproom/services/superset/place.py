"""Where Superset lives in the home: its environment, its secrets and what is written for it.

<home>/env/superset        the environment, from requirements/superset.txt
<home>/superset            private: secrets.json, service.json (what superset_config.py reads),
                           cache/, the ports, the note of the last preparation
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path

from taproom import bootstrap, settings
from taproom.errors import TaproomError

INSIDE = Path(__file__).with_name("inside")


def folder() -> Path:
    """Superset's own folder, closed to others; made on demand."""
    path = settings.home() / "superset"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def remembered_port(name: str) -> int | None:
    """The port a service of Superset's folder had last; None, and no folder made, without one."""
    return (read(settings.home() / "superset" / f"{name}.port.json") or {}).get("port")


def remember_port(name: str, port: int) -> None:
    """Keep the port for the next start."""
    write(folder() / f"{name}.port.json", {"port": port})


def lock() -> Path:
    """The list of packages its environment is made of."""
    return settings.repo() / "requirements" / "superset.txt"


def config() -> Path:
    """The configuration that all its processes read."""
    return settings.repo() / "superset" / "superset_config.py"


def environment() -> Path:
    """The folder of its environment; TAPROOM_SUPERSET_ENV names one shared by several homes."""
    chosen = os.environ.get("TAPROOM_SUPERSET_ENV")
    return Path(chosen) if chosen else settings.home() / "env" / "superset"


def made() -> bool:
    """Is the environment there, for the list of packages as it is now?"""
    stamp = bootstrap.stamp(environment())
    return stamp.exists() and stamp.read_bytes() == lock().read_bytes()


def make_environment() -> None:
    """Make it on first use and when the list of packages has changed; else nothing happens."""
    if made():
        return
    bootstrap.say("Making Superset's environment, about 650 MB, once. One to three minutes.")
    try:
        bootstrap.side_environment(environment(), lock())
    except bootstrap.SetupError as error:
        raise TaproomError(str(error), where=str(environment())) from error


def program(name: str) -> str:
    """A program of the environment, such as gunicorn."""
    return str(environment() / "bin" / name)


def variables() -> dict[str, str]:
    """What every process of Superset needs to find its configuration."""
    return {
        "SUPERSET_CONFIG_PATH": str(config()),
        "TAPROOM_SUPERSET_SETTINGS": str(folder() / "service.json"),
        # The course's libraries must not come before its own.
        "PYTHONPATH": "",
        "PYTHONUNBUFFERED": "1",
        "FLASK_APP": "superset.app:create_app()",
    }


def secret(name: str) -> str:
    """A secret of this installation, drawn once and kept readable for its owner only."""
    path = folder() / "secrets.json"
    known = read(path) or {}
    if name not in known:
        known[name] = secrets.token_urlsafe(42)
        write(path, known)
    return known[name]


def identity() -> str:
    """What our Superset says of itself in a header, so that no other one is taken for it."""
    return hashlib.sha256(f"identity {secret('secret_key')}".encode()).hexdigest()[:16]


def read(path: Path) -> dict | None:
    """The JSON of a file, None when there is none or only half of it."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def write(path: Path, content: dict) -> None:
    """Write JSON for the owner only, at once or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.touch(mode=0o600)
    fresh.chmod(0o600)
    fresh.write_text(json.dumps(content, indent=2) + "\n")
    fresh.replace(path)
