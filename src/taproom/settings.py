"""Where things are and what they are called.

Imports nothing of the package, so that every room may import it.
Two environment variables move everything: TAPROOM_HOME (services, environments, logs and,
when set, the data) and TAPROOM_PG_PORT (the port PostgreSQL is asked to try first).
"""

from __future__ import annotations

import os
from pathlib import Path

HOST = "127.0.0.1"
DATABASE = "saas_platform_dev"
TEMPLATE = "taproom_template"
OWNER, LEARNER, SUPERSET = "taproom_owner", "learner", "superset_readonly"
ROLES = (OWNER, LEARNER, SUPERSET)

# Ports the services ask for; each service keeps the one it really got in its own state file.
PORTS = {"postgres": 5432, "lab": 8888, "superset": 8088, "valkey": 6379, "mail": 1025}

# Superset's own tables (users, charts, dashboards) and the one who owns them.
SUPERSET_DATABASE, SUPERSET_OWNER = "superset_db", "superset_owner"

BUILT_SCHEMAS = ("staging", "intermediate", "entities", "marts")


def repo() -> Path:
    """The repository's root, three folders above: the package is installed editable."""
    return Path(__file__).resolve().parents[2]


def home() -> Path:
    """Where services, environments and logs live: TAPROOM_HOME, else <repo>/.taproom."""
    chosen = os.environ.get("TAPROOM_HOME")
    return Path(chosen).expanduser().resolve() if chosen else repo() / ".taproom"


def data() -> Path:
    """The world's root, with landing/, world/ and truth/ below it.

    <home>/data when TAPROOM_HOME is set, so that a second home is a second world;
    else <repo>/data, where a learner looks first.
    """
    return home() / "data" if os.environ.get("TAPROOM_HOME") else repo() / "data"


def logs() -> Path:
    """The folder of service logs; made on demand."""
    return _made(home() / "logs")


def run_dir() -> Path:
    """The folder of process ids, ports and locks; made on demand."""
    return _made(home() / "run")


def sandboxes() -> Path:
    """The folder of the sandboxes' worlds; made on demand."""
    return _made(home() / "sandboxes")


def password(role: str) -> str:
    """The password of a database role or a Superset user: TAPROOM_<ROLE>_PASSWORD, else
    <role>_password_2024.

    The defaults are for a class on one machine; nothing listens beyond 127.0.0.1 with them.
    """
    short = role.removeprefix("taproom_").upper()
    return os.environ.get(f"TAPROOM_{short}_PASSWORD") or f"{role}_password_2024"


def sandbox_database(name: str) -> str:
    """The database of the sandbox `name`."""
    return f"sandbox_{name}"


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
