"""`./taproom sql`: run a statement, print the rows as CSV with a header line."""

from __future__ import annotations

import csv
import sys
from typing import TextIO

import psycopg

from taproom.errors import TaproomError
from taproom.services import postgres

# What often follows from which class of error (SQLSTATE).
REMEDIES = {
    "42P01": "`./taproom status` and `./taproom build` tell and make what should be there",
    "42501": "this role may not do that; the owner may: --role taproom_owner",
    "3D000": 'the databases: ./taproom sql "select datname from pg_database"',
}


def run(statement: str, role: str, database: str | None = None, out: TextIO | None = None) -> None:
    """Run one or several statements as `role`; rows of the last one that has any go to `out`.

    Values are printed as PostgreSQL writes them; null is an empty field.
    Raises TaproomError with the statement and PostgreSQL's message.
    """
    out = out or sys.stdout
    postgres.start()
    try:
        with postgres.connect(role, database) as connection:
            cursor = connection.execute(statement)
            result = cursor.pgresult if cursor.description else None
            while cursor.nextset():
                if cursor.description:
                    result = cursor.pgresult
            if result is not None:
                _write(result, out)
    except psycopg.Error as error:
        remedy = REMEDIES.get(error.sqlstate or "", "correct the statement and run it again")
        raise TaproomError(str(error).strip(), where=statement, remedy=remedy) from error


def _write(result: psycopg.pq.PGresult, out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    columns = range(result.nfields)
    writer.writerow([result.fname(i).decode() for i in columns])
    for row in range(result.ntuples):
        values = (result.get_value(row, i) for i in columns)
        writer.writerow(["" if value is None else value.decode() for value in values])
