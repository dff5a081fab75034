"""Databases as a whole: made, cloned from a sealed template, dropped."""

from __future__ import annotations

import re

import psycopg
from psycopg import sql

from taproom import settings
from taproom.errors import TaproomError
from taproom.services.postgres import access

OURS = re.compile(r"[a-z][a-z0-9_]{0,62}")
KEPT = ("postgres", "template0", "template1")


def database_exists(name: str) -> bool:
    """Is there a database of this name?"""
    with _maintenance() as connection:
        return _exists(connection, name)


def create_database(name: str, owner: str = settings.OWNER) -> None:
    """An empty database with the extensions; only `owner` (and the readers of the course's) enter.

    The schemas of the course are not made in it: `access.make_schemas` does that where wanted.
    """
    _make(name, "template1", owner)


def clone_database(
    name: str, template: str = settings.TEMPLATE, owner: str = settings.LEARNER
) -> None:
    """Copy a sealed database; `owner` owns the copy and everything in it.

    A database of that name is dropped first. A live database is never cloned: raises TaproomError
    unless `template` was sealed.
    """
    with _maintenance() as connection:
        sealed = connection.execute(
            "select not datallowconn from pg_database where datname = %s", [template]
        ).fetchone()
    if not sealed or not sealed[0]:
        raise TaproomError(
            f"{template} is not a sealed template." if sealed else f"There is no {template} yet.",
            where=f"cloning {template} to {name}",
            remedy="build the templates with ./taproom reset",
        )
    drop_database(name)
    _make(name, template, owner)
    with _connect(name) as connection:
        access.give_everything(connection, owner)


def seal_database(name: str) -> None:
    """Make a database a template: nobody connects to it any more, it can only be cloned."""
    with _maintenance() as connection:
        database = sql.Identifier(_checked(name))
        connection.execute(
            sql.SQL("alter database {} with allow_connections false is_template true").format(
                database
            )
        )
        connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s",
            [name],
        )


def rename_database(name: str, to: str) -> None:
    """Give a database that nobody is connected to another name, not yet taken."""
    with _maintenance() as connection:
        connection.execute(
            sql.SQL("alter database {} rename to {}").format(
                sql.Identifier(_checked(name)), sql.Identifier(_checked(to))
            )
        )


def drop_database(name: str) -> None:
    """Drop a database, sealed or in use; nothing happens when there is none."""
    _checked(name)
    with _maintenance() as connection:
        if not _exists(connection, name):
            return
        database = sql.Identifier(name)
        connection.execute(sql.SQL("alter database {} with is_template false").format(database))
        _undo_prepared(connection, name)
        connection.execute(sql.SQL("drop database {} with (force)").format(database))


def _undo_prepared(connection: psycopg.Connection, name: str) -> None:
    """Undo what a killed ingest left prepared: with it a database cannot be dropped."""
    prepared = connection.execute(
        "select gid from pg_prepared_xacts where database = %s", [name]
    ).fetchall()
    if not prepared:
        return
    with _connect(name) as there:
        for (gid,) in prepared:
            there.execute(sql.SQL("rollback prepared {}").format(sql.Literal(gid)))


def _make(name: str, template: str, owner: str) -> None:
    with _maintenance() as connection:
        connection.execute(
            sql.SQL("create database {} template {} owner {}").format(
                sql.Identifier(_checked(name)), sql.Identifier(template), sql.Identifier(owner)
            )
        )
        access.close_database(connection, name, owner)


def _checked(name: str) -> str:
    if not OURS.fullmatch(name) or name in KEPT:
        raise TaproomError(
            f"{name!r} cannot be the name of a database of the course.",
            remedy="use lower-case letters, digits and underscores",
        )
    return name


def _exists(connection: psycopg.Connection, name: str) -> bool:
    found = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
    return found is not None


def _maintenance() -> psycopg.Connection:
    return _connect("postgres")


def _connect(database: str) -> psycopg.Connection:
    # Late, because the package's front door imports this file.
    from taproom.services import postgres

    return postgres.connect(postgres.SUPERUSER, database, autocommit=True)
