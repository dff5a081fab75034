"""Superset's own tables: the database superset_db and the role superset_owner, who owns only it.

Not taproom_owner: a hole in Superset then opens no table of the warehouse. What charts read, they
read as superset_readonly.
"""

from __future__ import annotations

from urllib.parse import quote

from psycopg import sql

from taproom import settings
from taproom.services import postgres
from taproom.services.superset import place


def make() -> None:
    """The role with its password, and its empty database; safe to repeat."""
    with postgres.connect(postgres.SUPERUSER, "postgres", autocommit=True) as connection:
        known = connection.execute(
            "select 1 from pg_roles where rolname = %s", [settings.SUPERSET_OWNER]
        ).fetchone()
        connection.execute(
            sql.SQL(
                ("alter" if known else "create")
                + " role {} login nosuperuser nocreatedb nocreaterole noreplication password {}"
            ).format(sql.Identifier(settings.SUPERSET_OWNER), sql.Literal(place.secret("metadata")))
        )
    if not postgres.database_exists(settings.SUPERSET_DATABASE):
        postgres.create_database(settings.SUPERSET_DATABASE, settings.SUPERSET_OWNER)


def uri() -> str:
    """The address of the database for Superset's sqlalchemy 1.4."""
    port = postgres.status()["port"]
    secret = quote(place.secret("metadata"), safe="")
    return (
        f"postgresql+psycopg2://{settings.SUPERSET_OWNER}:{secret}@{settings.HOST}:{port}"
        f"/{settings.SUPERSET_DATABASE}"
    )
