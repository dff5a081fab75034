"""How the command line shows states, progress and results. Progress goes to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any


def states(services: list[dict]) -> None:
    """One line a service: name, state, address, and what to look at when it is not up."""
    width = max([10, *(len(service["name"]) for service in services)])
    for service in services:
        hint = ""
        if service["state"] == "crashed":
            hint = f"  it ended by itself; see {service['log']}, then ./taproom up"
        address = service.get("url") or ""
        print(f"{service['name']:<{width}} {service['state']:<9} {address}{hint}".rstrip())


def mapping(result: Any, indent: str = "") -> None:
    """Name and value of each entry, one a line, a mapping inside indented; nothing for None."""
    if result is None:
        return
    if not isinstance(result, dict):
        print(result)
        return
    width = max(map(len, map(str, result)), default=0)
    for name, value in result.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            mapping(value, indent + "  ")
        else:
            print(f"{indent}{name!s:<{width}}  {_plain(value)}")


def as_json(result: Any) -> None:
    """The same for machines."""
    print(json.dumps(result, indent=2, default=str))


@contextmanager
def progress(doing: str) -> Iterator[Callable[..., None]]:
    """A function to call with how far the work has come; shown on one line of a terminal.

    Without a terminal only `doing` is written, so that logs stay short.
    """
    terminal = sys.stderr.isatty()
    if not terminal:
        print(doing, file=sys.stderr, flush=True)

    def tell(*parts: object) -> None:
        if terminal:
            text = " ".join([doing, *map(str, parts)])
            sys.stderr.write(f"\r\033[K{text[:120]}")
            sys.stderr.flush()

    tell()
    try:
        yield tell
    finally:
        if terminal:
            sys.stderr.write("\r\033[K")


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
