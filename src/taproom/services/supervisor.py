"""Start, watch and stop one process a service, without a daemon of our own.

A service outlives the command that started it: it runs in a session of its own, its output goes
to <home>/logs/<name>.log, and <home>/run/<name>.json keeps its process id together with its
command line, so that a recycled id is never mistaken for it. Home-made rather than supervisord
(no readiness) or python-dmon (one author), because it is this short.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import psutil

from taproom import settings
from taproom.errors import TaproomError

START_SECONDS = 60
STOP_SECONDS = 30

# The shell goes away at once, so the service belongs to init and not to this process;
# standard output carries the process id only, the service writes to the log.
LAUNCH = 'umask 077; "$@" </dev/null >&2 & echo $!'


@dataclass(frozen=True)
class Command:
    """How to run a service in the foreground.

    `user` is (uid, gid) to run as, None for the current one; `stop` are the signals that end
    the service, the politest first.
    """

    argv: list[str]
    cwd: Path
    env: dict[str, str] = field(default_factory=dict)
    user: tuple[int, int] | None = None
    stop: tuple[int, ...] = (signal.SIGTERM, signal.SIGKILL)


def start(service: ModuleType) -> None:
    """Bring the service up unless it is; returns when it is ready and provisioned."""
    name = _name(service)
    with lock(name):
        _adopt(service, name)
        if not (running(name) and service.ready()):
            _start(service, name)
        if hasattr(service, "provision"):
            service.provision()


def stop(service: ModuleType) -> None:
    """Stop the service and wait until it is gone; nothing happens when it is not up."""
    name = _name(service)
    with lock(name):
        _adopt(service, name)
        pid = running(name)
        if pid:
            for number in service.command().stop:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
                if _gone(pid, STOP_SECONDS):
                    break
            else:
                raise TaproomError(
                    f"{name} did not stop within {STOP_SECONDS} seconds.",
                    where=f"process {pid}",
                    remedy=f"look at {log_path(name)}, then kill {pid}",
                )
        _state_path(name).unlink(missing_ok=True)


def running(name: str) -> int | None:
    """The process id of the service as we started it, or None."""
    try:
        state = json.loads(_state_path(name).read_text())
    except (OSError, ValueError):
        return None
    return state["pid"] if _cmdline(state["pid"]) == state["cmdline"] else None


def crashed(name: str) -> bool:
    """Was the service started, never stopped, and is it gone nevertheless?"""
    return _state_path(name).exists() and running(name) is None


def log_path(name: str) -> Path:
    """Where the service writes its output."""
    return settings.logs() / f"{name}.log"


@contextlib.contextmanager
def lock(name: str, seconds: float = 120) -> Iterator[None]:
    """One command at a time for this service; waits for the other one to finish."""
    path = settings.run_dir() / f"{name}.lock"
    with path.open("w") as handle:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TaproomError(
                        f"Another command has been busy with {name} for {seconds:.0f} seconds.",
                        where=str(path),
                        remedy="let it finish, or stop it, and run this one again",
                    ) from None
                time.sleep(0.1)
        yield


def _start(service: ModuleType, name: str) -> None:
    worth_retrying = getattr(service, "start_failed", lambda log: False)
    # Making what a service needs may take minutes the first time; starting it may not.
    service.prepare()
    deadline = time.monotonic() + getattr(service, "START_SECONDS", START_SECONDS)
    while True:
        command = service.command()
        log = log_path(name)
        begin = log.stat().st_size if log.exists() else 0
        pid = _launch(command, log)
        try:
            came_up = _wait_ready(service, pid, deadline)
        except BaseException:
            # Ctrl-C: nothing we started may stay behind unknown.
            os.kill(pid, signal.SIGTERM)
            raise
        if came_up:
            _remember(name, pid)
            return
        said = _tail(log, begin)
        alive = not _gone(pid, 0)
        if alive:
            os.kill(pid, signal.SIGTERM)
        if alive or time.monotonic() > deadline or not worth_retrying(said):
            raise TaproomError(
                f"{name} did not start.",
                where=said or str(log),
                remedy=f"read the last lines of {log}; `./taproom doctor` checks disk and ports",
            )
        time.sleep(0.3)
        service.prepare()


def _adopt(service: ModuleType, name: str) -> None:
    # Somebody deleted run/, or a command died before it wrote there: the service still knows.
    if hasattr(service, "survivor") and not running(name):
        pid = service.survivor()
        if pid:
            _remember(name, pid)


def _launch(command: Command, log: Path) -> int:
    identity = {}
    if command.user is not None:
        uid, gid = command.user
        identity = {"user": uid, "group": gid, "extra_groups": []}
    with log.open("ab") as handle:
        done = subprocess.run(
            ["/bin/sh", "-c", LAUNCH, "sh", *command.argv],
            cwd=command.cwd,
            env={**os.environ, **command.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=handle,
            start_new_session=True,
            check=True,
            text=True,
            **identity,
        )
    return int(done.stdout)


def _wait_ready(service: ModuleType, pid: int, deadline: float) -> bool:
    while time.monotonic() < deadline:
        if _gone(pid, 0):
            return False
        if service.ready():
            return True
        time.sleep(0.05)
    return False


def _remember(name: str, pid: int) -> None:
    path = _state_path(name)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"pid": pid, "cmdline": _cmdline(pid)}))
    fresh.replace(path)


def _cmdline(pid: int) -> list[str] | None:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return process.cmdline()
    return None


def _gone(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _cmdline(pid) is not None:
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def _tail(log: Path, begin: int, lines: int = 12) -> str:
    with log.open("rb") as handle:
        handle.seek(begin)
        return "\n".join(handle.read().decode(errors="replace").splitlines()[-lines:])


def _state_path(name: str) -> Path:
    return settings.run_dir() / f"{name}.json"


def _name(service: ModuleType) -> str:
    return service.__name__.rpartition(".")[2]
