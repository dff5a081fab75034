"""The services of the platform, each a module with the same four verbs.

    prepare()  make everything the service needs before it starts; safe to repeat
    command()  how to start it in the foreground (a `supervisor.Command`)
    ready()    does it answer, and is what answers ours?
    url()      where it is

A module may also have `provision()`, run once the service is ready (databases, users),
`start_failed(log)`, which says whether a failed start is worth another try, and `survivor()`, the
process id of one of ours that runs although nobody remembers having started it.
`supervisor` starts, watches and stops whatever has these verbs.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from taproom.errors import TaproomError

# In the order of starting; stopping goes the other way round.
SERVICES = ("postgres",)


def module(name: str) -> ModuleType:
    """The module of the service `name`."""
    if name not in SERVICES:
        raise TaproomError(
            f"There is no service called {name}.", remedy=f"choose from: {', '.join(SERVICES)}"
        )
    return import_module(f"taproom.services.{name}")


def up(names: list[str] | None = None) -> list[dict]:
    """Start the services (all by default) that are not up; their states afterwards."""
    return [module(name).start() for name in names or SERVICES]


def down(names: list[str] | None = None) -> list[dict]:
    """Stop the services (all by default); their states afterwards."""
    chosen = names or SERVICES
    return [module(name).stop() for name in reversed(chosen)]


def status(names: list[str] | None = None) -> list[dict]:
    """The states of the services: name, state, pid, url and what else the service tells."""
    return [module(name).status() for name in names or SERVICES]
