"""`./taproom doctor`: what is wrong on this machine, and what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from taproom import services, settings
from taproom.errors import TaproomError

GB = 1e9
MEMORY_WARN, MEMORY_FAIL = 6 * GB, 3 * GB
DISK_WARN, DISK_FAIL = 20 * GB, 8 * GB
PIN = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it stands (ok, note or wrong), what was seen, what to do."""

    about: str
    state: str
    seen: str
    remedy: str = ""


def report() -> int:
    """Print every finding; 1 when something is wrong, else 0."""
    wrong = 0
    for finding in examine():
        print(f"{finding.state:<6} {finding.about:<12} {finding.seen}")
        if finding.remedy:
            print(f"{'':<19} what to do: {finding.remedy}")
        wrong += finding.state == "wrong"
    print(f"\n{wrong} wrong." if wrong else "\nNothing is wrong.")
    return 1 if wrong else 0


def examine() -> Iterator[Finding]:
    """All findings, one after the other."""
    yield _python()
    yield _memory()
    yield _disk()
    yield _packages()
    yield from _ports()
    yield from _services()
    yield _world()


def _python() -> Finding:
    seen = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.platform not in ("linux", "darwin"):
        return Finding("python", "wrong", seen, "on Windows run everything in WSL2")
    return Finding("python", "ok", f"{seen}, {sys.executable}")


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    seen = f"{memory.available / GB:.1f} of {memory.total / GB:.1f} GB free, {os.cpu_count()} cores"
    remedy = "close other programs, or use --scale tiny"
    return Finding("memory", *_judged(memory.available, MEMORY_WARN, MEMORY_FAIL, seen, remedy))


def _disk() -> Finding:
    place = settings.home()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    remedy = "free some space, or set TAPROOM_HOME to a folder on another disk"
    seen = f"{free / GB:.1f} GB free at {place}"
    return Finding("disk", *_judged(free, DISK_WARN, DISK_FAIL, seen, remedy))


def _judged(have: float, note: float, wrong: float, seen: str, remedy: str) -> tuple[str, str, str]:
    if have < wrong:
        return "wrong", seen, remedy
    return ("note", seen, remedy) if have < note else ("ok", seen, "")


def _packages() -> Finding:
    """Is what is installed what the lock says? Packages for other systems are not missed."""
    lock = settings.repo() / "requirements" / "course.txt"
    other, same = [], 0
    for line in lock.read_text().splitlines():
        pin = PIN.match(line)
        if not pin:
            continue
        name, locked = pin.groups()
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            if ";" not in line:
                other.append(f"{name} is missing")
            continue
        if installed == locked:
            same += 1
        else:
            other.append(f"{name} {installed}, locked {locked}")
    if other:
        return Finding(
            "packages",
            "wrong",
            "; ".join(other[:5]) + (f" and {len(other) - 5} more" if len(other) > 5 else ""),
            f"remove {Path(sys.prefix)} and run ./taproom again",
        )
    return Finding("packages", "ok", f"{same} as locked")


def _ports() -> Iterator[Finding]:
    mine = {state.get("port") for state in services.status() if state["state"] == "up"}
    for name, port in settings.PORTS.items():
        with socket.socket() as probe:
            probe.settimeout(1)
            taken = probe.connect_ex((settings.HOST, port)) == 0
        if not taken:
            yield Finding("port", "ok", f"{port} ({name}) is free")
        elif port in mine:
            yield Finding("port", "ok", f"{port} ({name}) is ours")
        else:
            yield Finding(
                "port",
                "note",
                f"{port} ({name}) is used by another program",
                "nothing: another port is chosen",
            )


def _services() -> Iterator[Finding]:
    for state in services.status():
        about, seen = state["name"], f"{state['state']} {state.get('url') or ''}".strip()
        if state["state"] == "crashed":
            yield Finding(about, "wrong", seen, f"./taproom up; if it stays, read {state['log']}")
        elif state["state"] == "up":
            yield Finding(about, "ok", seen)
        else:
            yield Finding(about, "note", seen, "./taproom up starts it")


def _world() -> Finding:
    from taproom import world

    try:
        status = world.status(settings.data())
    except (TaproomError, OSError) as error:
        return Finding("world", "note", str(error).splitlines()[0], "./taproom run makes one")
    seen = f"seed {status.get('seed')}, {status.get('scale')}, as of {status.get('as_of')}"
    return Finding("world", "ok", seen)
