"""Choosing a port: the one of last time, the one that was asked for, else the next free one."""

from __future__ import annotations

import os
import socket

from taproom import settings
from taproom.errors import TaproomError


def choose(service: str, remembered: int | None, variable: str) -> int:
    """A free port for the service; `variable` names the environment variable that asks for one.

    Raises TaproomError when none of fifty is free.
    """
    first = settings.PORTS[service]
    wanted = [remembered, int(os.environ.get(variable) or 0)]
    for port in [*filter(None, wanted), *range(first, first + 50)]:
        if free(port):
            return port
    raise TaproomError(
        f"No free port for {service} between {first} and {first + 49}.",
        where=settings.HOST,
        remedy=f"set {variable} to a free port and run ./taproom up {service}",
    )


def free(port: int) -> bool:
    """Does nobody listen on this port of 127.0.0.1, nor on that of every address?"""
    with socket.socket() as probe:
        # Somebody listening on every address would let us bind to this one, so ask first.
        probe.settimeout(1)
        if probe.connect_ex((settings.HOST, port)) == 0:
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, port))
        except OSError:
            return False
    return True
