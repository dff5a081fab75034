"""Computes every answer of a world and seals it into `ops.answer`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl
import psycopg
from psycopg.types.json import Jsonb

from taproom import contracts
from taproom.answers import (  # noqa: F401 (they fill ROADS)
    attribution,
    campaigns,
    charts,
    customers,
    devices,
    features,
    locations,
    risk,
    subscriptions_and_mrr,
    users,
)
from taproom.answers.answer import ROADS, Answer
from taproom.answers.days import Book
from taproom.answers.landing import Landing
from taproom.exercises import Exercise, Expected, Sealed, load, seal, to_frame

BILLING = ("app", "finance", "stripe")
TABLE = """
create table if not exists ops.answer (
    exercise text primary key,
    world_id text not null,
    seed bigint not null,
    as_of timestamptz not null,
    digests jsonb not null
)
"""
COMMENT = (
    "Answers of the exercises as salted digests, one row an exercise, "
    "for the world and the clock in which it is asked."
)
READERS = """
do $$ begin
    if exists (select from pg_roles where rolname = 'learner') then
        grant usage on schema ops to learner;
        grant select on ops.answer, ops.clock to learner;
    end if;
end $$
"""


def _needs(name: str) -> frozenset[str]:
    """Systems an exercise's answer is worked out from; a sandbox may lack some."""
    billing = ROADS[name].__module__ in (customers.__name__, subscriptions_and_mrr.__name__)
    return frozenset(BILLING if billing else contracts.SOURCES)


def compute(root: Path) -> dict[str, Answer]:
    """Every exercise's answer and its misconceptions' in the world below `root`, in plain."""
    book = Book(Landing.of(Path(root)))
    return {name: ROADS[name](book) for name in load()}


def write(root: Path, dsn: str, progress: Callable[..., None] | None = None) -> int:
    """Seal the answers of the world into the database; returns how many were written.

    Does nothing at a clock at which no exercise is asked: the stored answers keep theirs, so that
    a check can say that the world has moved on.
    """
    landing = Landing.of(Path(root))
    if landing.as_of != asked_at(landing):
        return 0
    if progress:
        progress("answers of the exercises")
    book = Book(landing)
    asked = {name: exercise for name, exercise in load().items() if _needs(name) <= landing.sources}
    rows = [
        (
            name,
            landing.world_id,
            landing.seed,
            landing.as_of,
            Jsonb(sealed(exercise, ROADS[name](book), salt(landing, name)).to_json()),
        )
        for name, exercise in asked.items()
    ]
    with psycopg.connect(dsn) as connection:
        connection.execute("create schema if not exists ops")
        connection.execute(TABLE)
        connection.execute(f"comment on table ops.answer is '{COMMENT}'")
        connection.execute("delete from ops.answer")
        with connection.cursor() as cursor:
            cursor.executemany("insert into ops.answer values (%s, %s, %s, %s, %s)", rows)
        connection.execute(READERS)
    return len(rows)


def asked_at(landing: Landing) -> datetime:
    """The clock the exercises are asked at: where the world stood when it was made."""
    first = [one for one in landing.manifest["batches"] if "T" not in one["batch_id"]]
    return datetime.fromisoformat(first[-1]["to"])


def salt(landing: Landing, exercise: str) -> str:
    """Differs by world, clock and exercise, so that digests of one tell nothing of another."""
    text = f"taproom {landing.world_id} {landing.as_of.isoformat()} {exercise}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def sealed(exercise: Exercise, answer: Answer, salt: str) -> Expected:
    """The answer as digests; a misconception that leads to the right answer here is left out."""
    right = seal(exercise, _frame(exercise, answer.right), salt, coarse=True)
    wrong: dict[str, Sealed] = {}
    for one in exercise.misconceptions:
        digests = seal(exercise, _frame(exercise, answer.wrong[one.id]), salt)
        if digests.rows and not agree(right, digests):
            wrong[one.id] = digests
    return Expected(right, wrong)


def agree(one: Sealed, other: Sealed) -> bool:
    """Whether no answer could be told apart by the two: same rows, a shared spelling each."""
    return all(
        one.cells[column].keys() == other.cells[column].keys()
        and all(set(known) & set(other.cells[column][row]) for row, known in cells.items())
        for column, cells in one.cells.items()
    )


def _frame(exercise: Exercise, frame: pl.DataFrame):
    plain = frame.to_pandas() if exercise.kind == "table" else frame.item()
    return to_frame(exercise, plain, may_be_empty=True)
