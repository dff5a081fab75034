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

from taproom import settings
from taproom.errors import TaproomError

# In the order of starting; stopping goes the other way round.
SERVICES = ("postgres", "valkey", "mail", "superset", "superset-worker")
# What `up` starts when nothing is named: the others take minutes the first time, and memory.
ALWAYS = ("postgres",)


def module(name: str) -> ModuleType:
    """The module of the service `name`."""
    if name not in SERVICES:
        raise TaproomError(
            f"There is no service called {name}.", remedy=f"choose from: {', '.join(SERVICES)}"
        )
    return import_module(f"taproom.services.{name.replace('-', '_')}")


def up(names: list[str] | None = None) -> list[dict]:
    """Start the services (PostgreSQL by default) that are not up; their states afterwards."""
    return [module(name).start() for name in names or ALWAYS]


def down(names: list[str] | None = None) -> list[dict]:
    """Stop the services (all by default); the states of what there is afterwards."""
    return _there([module(name).stop() for name in reversed(names or SERVICES)], names)


def status(names: list[str] | None = None) -> list[dict]:
    """The states of the services: name, state, pid, url and what else the service tells.

    Without names: of those that are always there and those that were ever started here.
    """
    return _there([module(name).status() for name in names or SERVICES], names)


def tables_changed(database: str | None = None) -> None:
    """To be told after a build or a reset: Superset then forgets the results it kept."""
    # Asked first, because most homes have no Superset and its module takes time to import.
    if database in (None, settings.DATABASE) and (settings.home() / "superset").exists():
        module("superset").forget_results()


def _there(states: list[dict], names: list[str] | None) -> list[dict]:
    return [s for s in states if names or s["name"] in ALWAYS or s["state"] != "not made"]
