"""A mailbox for the alerts: an SMTP server on 127.0.0.1 that keeps every message as a file.

    ./taproom up mail        then messages are in <home>/mail, one .eml each, the newest last

Nothing leaves the machine. TAPROOM_SMTP_HOST (and _PORT, _USER, _PASSWORD, _STARTTLS, _FROM) name a
real mail server for Superset instead.
"""

from __future__ import annotations

import email
import email.policy
import os
import signal
import socket
import sys
from email.message import EmailMessage
from pathlib import Path

from taproom import settings
from taproom.services import ports, supervisor
from taproom.services.superset import place
from taproom.services.supervisor import Command

NAME = "mail"
DOMAIN = "tapwise.example"


def start() -> dict:
    """Open the mailbox unless it is; returns its status."""
    supervisor.start(sys.modules[__name__])
    return status()


def stop() -> dict:
    """Close it; the messages stay. Returns its status."""
    supervisor.stop(sys.modules[__name__])
    return status()


def status() -> dict:
    """name, state, pid, port, url, log and the folder of the messages."""
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
        "folder": str(folder()),
    }


def prepare() -> None:
    """A free port, and the folder of the messages."""
    place.remember_port(NAME, ports.choose(NAME, place.remembered_port(NAME), "TAPROOM_MAIL_PORT"))
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)


def command() -> Command:
    """The server in the foreground."""
    return Command(
        argv=[
            sys.executable,
            "-P",
            "-m",
            "taproom.services.mail_server",
            settings.HOST,
            str(place.remembered_port(NAME)),
            str(folder()),
        ],
        cwd=settings.repo(),
        stop=(signal.SIGTERM, signal.SIGKILL),
    )


def ready() -> bool:
    """Does a mail server greet on our port?"""
    port = place.remembered_port(NAME)
    if port is None:
        return False
    try:
        with socket.create_connection((settings.HOST, port), timeout=2) as line:
            return b"taproom" in line.recv(100)
    except OSError:
        return False


def url() -> str:
    """Where it is; the first port it asks for when it never ran."""
    return f"smtp://{settings.HOST}:{place.remembered_port(NAME) or settings.PORTS[NAME]}"


def folder() -> Path:
    """Where the messages are kept."""
    return settings.home() / "mail"


def messages() -> list[EmailMessage]:
    """Every message that was kept, oldest first."""
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(folder().glob("*.eml"))
    ]


def address(user: str) -> str:
    """The address of a user of Superset; nobody has it outside this machine."""
    return f"{user}@{DOMAIN}"


def settings_for_superset() -> dict:
    """Host, port and sender for superset_config.py: ours, or the mail server of the variables."""
    host = os.environ.get("TAPROOM_SMTP_HOST")
    port = os.environ.get("TAPROOM_SMTP_PORT")
    ours = place.remembered_port(NAME) or settings.PORTS[NAME]
    return {
        "host": host or settings.HOST,
        "port": int(port or 25) if host else ours,
        "starttls": os.environ.get("TAPROOM_SMTP_STARTTLS", "") == "1",
        "user": os.environ.get("TAPROOM_SMTP_USER", ""),
        "password": os.environ.get("TAPROOM_SMTP_PASSWORD", ""),
        "from": os.environ.get("TAPROOM_SMTP_FROM") or address("superset"),
    }
