"""Reads the sealed answers of the world the database holds.

`ops.answer` has one row an exercise: the world and the clock it was computed for, and digests.
"""

from __future__ import annotations

from dataclasses import dataclass

from taproom.classroom.connection import address
from taproom.exercises import Expected

QUERY = """
select
    clock.world_id, clock.as_of, answer.world_id, answer.as_of, answer.seed, answer.digests
from ops.clock as clock
left join ops.answer as answer on answer.exercise = %s
"""


class NotNow(Exception):
    """There is nothing to compare with at this moment; `remedy` says how to get there."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


@dataclass(frozen=True)
class Found:
    """A sealed answer and the world it belongs to."""

    world_id: str
    expected: Expected


def fetch(exercise: str) -> Found:
    """The sealed answer that fits the database's world and clock; NotNow if there is none."""
    world, as_of, answer_world, answer_as_of, seed, digests = _row(exercise)
    if digests is None:
        raise NotNow(
            f"The answers of exercise {exercise} were not computed for this world.",
            "Run ./taproom reset in a terminal, then this cell again.",
        )
    if answer_world != world:
        raise NotNow(
            f"The stored answers belong to another company ({answer_world}, seed {seed}); "
            f"the database holds {world}.",
            "Run ./taproom reset in a terminal, then this cell again.",
        )
    if answer_as_of != as_of:
        raise NotNow(
            f"The world's clock stands at {as_of:%Y-%m-%d %H:%M} UTC; "
            f"this exercise is asked at {answer_as_of:%Y-%m-%d %H:%M} UTC.",
            "Reset first: run ./taproom reset in a terminal, then this notebook again.",
        )
    return Found(world, Expected.from_json(digests))


def _row(exercise: str) -> tuple:
    import psycopg

    from taproom.errors import TaproomError

    try:
        with psycopg.connect(address(), options="-c timezone=UTC", connect_timeout=3) as connection:
            row = connection.execute(QUERY, [exercise]).fetchone()
    except (psycopg.OperationalError, TaproomError) as error:
        raise NotNow(
            f"The database does not answer ({str(error).strip().splitlines()[-1]}).",
            "Run ./taproom up in a terminal, then this cell again.",
        ) from error
    except psycopg.errors.UndefinedTable as error:
        raise NotNow(
            "This database holds no world with answers yet.",
            "Run ./taproom reset in a terminal, then this cell again.",
        ) from error
    if row is None:
        raise NotNow(
            "This database holds no world yet.",
            "Run ./taproom reset in a terminal, then this cell again.",
        )
    return row
