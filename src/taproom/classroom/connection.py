"""The way from a notebook to the course's database.

Where it is, is read from TAPROOM_PG_HOST, _PORT, _DATABASE, _USER and _PASSWORD when a run, a
sandbox or a class server sets them; else it is the database of this home, as the role `learner`.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from taproom import settings

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Engine


def connect(database: str | None = None) -> Engine:
    """A SQLAlchemy engine on the course's database (or another one's name), session in UTC."""
    return _engine(address(database))


def sql(query: str, **parameters: object) -> pd.DataFrame:
    """The rows of a query as a pandas frame; `:name` in the query takes a parameter.

    Numbers of type numeric come as floats, as pandas.read_sql gives them.
    """
    import pandas as pd
    import sqlalchemy

    with connect().connect() as connection:
        return pd.read_sql(sqlalchemy.text(query), connection, params=parameters or None)


def address(database: str | None = None) -> str:
    """postgresql:// address for the learner, as the environment or this home says."""
    port = os.environ.get("TAPROOM_PG_PORT")
    user = os.environ.get("TAPROOM_PG_USER")
    if not (port and user):
        from taproom.services import postgres

        wanted = database or os.environ.get("TAPROOM_PG_DATABASE")
        return postgres.url(settings.LEARNER, wanted)
    host = os.environ.get("TAPROOM_PG_HOST", settings.HOST)
    password = os.environ.get("TAPROOM_PG_PASSWORD") or settings.password(user)
    name = database or os.environ.get("TAPROOM_PG_DATABASE", settings.DATABASE)
    return f"postgresql://{quote(user)}:{quote(password, safe='')}@{host}:{port}/{quote(name)}"


@cache
def _engine(target: str) -> Engine:
    import sqlalchemy

    # A notebook lives long: a connection that a restart of the server has cut is made anew.
    return sqlalchemy.create_engine(
        target,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC", "application_name": "notebook"},
    )
