"""Superset's Celery worker with its beat: looks at the alerts every minute and sends the mail.

    ./taproom up superset-worker

Needs Superset, Valkey (the queue) and a mailbox, and brings them up before it starts.
"""

from __future__ import annotations

import contextlib
import signal
import sys

import psutil

from taproom.services import mail, supervisor, valkey
from taproom.services import superset as web
from taproom.services.superset import place
from taproom.services.supervisor import Command

NAME = "superset-worker"
MODULE = "superset_worker"
START_SECONDS = 180


def start() -> dict:
    """Bring the worker up unless it is, and what it needs before it; returns its status."""
    valkey.start()
    mail.start()
    web.start()
    supervisor.start(sys.modules[__name__])
    return status()


def stop() -> dict:
    """Stop it once the task at hand is done; what it needs goes on. Returns its status."""
    supervisor.stop(sys.modules[__name__])
    return status()


def status() -> dict:
    """name, state, pid, url (it has none) and log."""
    pid = supervisor.running(MODULE)
    log = supervisor.log_path(MODULE)
    state = "down" if log.exists() else "not made"
    if pid:
        state = "up" if ready() else "starting"
    elif supervisor.crashed(MODULE):
        state = "crashed"
    return {"name": NAME, "state": state, "pid": pid, "url": None, "log": str(log)}


def prepare() -> None:
    """Settings that know of the queue and the mailbox; no note of an earlier worker."""
    _note().unlink(missing_ok=True)
    web.write_settings()


def command() -> Command:
    """One process for tasks and, within the same command, the beat."""
    return Command(
        argv=[
            place.program("celery"),
            "--app=superset.tasks.celery_app:app",
            "worker",
            "--beat",
            "--concurrency=1",
            "--loglevel=INFO",
            f"--schedule={place.folder() / 'beat'}",
        ],
        cwd=place.folder(),
        env=place.variables(),
        # SIGTERM lets the task at hand end.
        stop=(signal.SIGTERM, signal.SIGQUIT, signal.SIGKILL),
    )


def ready() -> bool:
    """Has a worker that still runs said that it takes tasks?"""
    with contextlib.suppress(OSError, ValueError):
        return psutil.pid_exists(int(_note().read_text()))
    return False


def url() -> str:
    """It listens nowhere; this is the queue it reads."""
    return valkey.url()


def _note():
    return place.folder() / "worker.ready"
