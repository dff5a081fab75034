"""Apache Superset, the dashboards' server, on PostgreSQL and on 127.0.0.1.

    ./taproom up superset

It has an environment of its own (requirements/superset.txt), its metadata in superset_db, its
configuration in superset/superset_config.py, and here the four verbs of a service.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys

import requests

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import mail, ports, postgres, supervisor, valkey
from taproom.services.superset import cache, metadata, place
from taproom.services.superset.client import Client, Refused
from taproom.services.supervisor import Command

__all__ = [
    "ADMIN",
    "Client",
    "Refused",
    "client",
    "command",
    "forget_results",
    "prepare",
    "ready",
    "start",
    "start_failed",
    "status",
    "stop",
    "url",
]

NAME = "superset"
ADMIN = "admin"
START_SECONDS = 180
forget_results = cache.forget_results


def start() -> dict:
    """Bring Superset up unless it is, PostgreSQL before it; returns its status.

    The first time takes minutes (650 MB of packages), later ones some ten seconds.
    """
    postgres.start()
    known = place.read(place.folder() / "service.json") or {}
    if supervisor.running(NAME) and known.get("metadata_uri") != metadata.uri():
        # PostgreSQL had to take another port since: what runs looks for it in the wrong place.
        supervisor.stop(sys.modules[__name__])
    supervisor.start(sys.modules[__name__])
    return status()


def stop() -> dict:
    """Stop it; what it kept stays. Returns its status."""
    supervisor.stop(sys.modules[__name__])
    return status()


def status() -> dict:
    """name, state (up, down, starting, crashed, not made), pid, port, url and log."""
    pid = supervisor.running(NAME)
    state = "not made" if place.remembered_port(NAME) is None else "down"
    if pid:
        state = "up" if ready() else "starting"
    elif supervisor.crashed(NAME):
        state = "crashed"
    return {
        "name": NAME,
        "state": state,
        "pid": pid,
        "port": place.remembered_port(NAME),
        "url": url() if pid else None,
        "log": str(supervisor.log_path(NAME)),
    }


def prepare() -> None:
    """Environment, database, settings, a free port; tables and administrator when due."""
    place.make_environment()
    metadata.make()
    port = ports.choose(NAME, place.remembered_port(NAME), "TAPROOM_SUPERSET_PORT")
    place.remember_port(NAME, port)
    write_settings()
    _prepare_tables()


def write_settings() -> None:
    """What superset_config.py reads: secrets, addresses and folders of this installation."""
    place.write(
        place.folder() / "service.json",
        {
            "folder": str(place.folder()),
            "identity": place.identity(),
            "secret_key": place.secret("secret_key"),
            "guest_secret": place.secret("guest_secret"),
            "metadata_uri": metadata.uri(),
            "url": url(),
            "valkey": valkey.url() if valkey.ready() else None,
            "smtp": mail.settings_for_superset(),
        },
    )


def command() -> Command:
    """gunicorn in the foreground: two processes of eight threads."""
    return Command(
        argv=[
            place.program("gunicorn"),
            "--config",
            str(place.INSIDE / "gunicorn_conf.py"),
            "--bind",
            f"{settings.HOST}:{place.remembered_port(NAME)}",
        ],
        cwd=place.folder(),
        env=place.variables(),
        # Politely, at once, by force.
        stop=(signal.SIGTERM, signal.SIGINT, signal.SIGKILL),
    )


def ready() -> bool:
    """Does a Superset answer on our port, and is it the one of this home?"""
    if place.remembered_port(NAME) is None:
        return False
    try:
        with requests.Session() as http:
            http.trust_env = False
            answer = http.get(f"{url()}/health", timeout=5)
    except requests.RequestException:
        return False
    return answer.ok and answer.headers.get("X-Taproom") == place.identity()


def start_failed(log: str) -> bool:
    """Is a failed start worth another try? Somebody may have taken the port meanwhile."""
    return "Address already in use" in log or "already in use" in log


def url() -> str:
    """Where it is. Raises TaproomError when it was never started here."""
    port = place.remembered_port(NAME)
    if port is None:
        raise TaproomError("Superset was never started here.", remedy="run ./taproom up superset")
    return f"http://{settings.HOST}:{port}"


def client(user: str = ADMIN, password: str | None = None) -> Client:
    """A session of a user, the administrator by default, with the password the settings tell."""
    return Client(url(), user, password or settings.password(user))


def _prepare_tables() -> None:
    # Costs twenty seconds: only when the release, the database or the password is another one.
    mark = place.folder() / "prepared"
    parts = [
        place.lock().read_bytes(),
        (place.INSIDE / "prepare.py").read_bytes(),
        place.secret("metadata").encode(),
        settings.password(ADMIN).encode(),
    ]
    due = hashlib.sha256(b"\n".join(parts)).hexdigest()
    if mark.exists() and mark.read_text() == due and _has_tables():
        return
    log = supervisor.log_path("superset-prepare")
    with log.open("wb") as handle:
        done = subprocess.run(
            [place.program("python"), str(place.INSIDE / "prepare.py"), ADMIN, mail.address(ADMIN)],
            cwd=place.folder(),
            env={**os.environ, **place.variables()},
            input=settings.password(ADMIN).encode(),
            stdout=handle,
            stderr=subprocess.STDOUT,
        )
    if done.returncode:
        raise TaproomError(
            "Superset's tables could not be made.",
            where="\n".join(log.read_text(errors="replace").splitlines()[-12:]),
            remedy=f"read {log}; `./taproom doctor` checks disk and ports",
        )
    mark.write_text(due)


def _has_tables() -> bool:
    with postgres.connect(postgres.SUPERUSER, settings.SUPERSET_DATABASE) as connection:
        row = connection.execute("select to_regclass('public.ab_user') is not null").fetchone()
    return row[0]
