"""Rows are made ahead of their use: in order, within bounds, and failures come in their place."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import dataclass

import pytest

from taproom.ingest.ahead import Ahead


@dataclass
class Thing:
    number: int
    size: int = 10


def test_order_and_a_failure_in_its_place():
    def things():
        yield from (Thing(number) for number in range(100))
        raise LookupError("after a hundred")

    seen = []
    with pytest.raises(LookupError, match="after a hundred"), closing(Ahead(things(), 55)) as made:
        for thing in made:
            seen.append(thing.number)
    assert seen == list(range(100))


def test_the_thread_rests_at_its_limit_and_ends_when_closed():
    made = []
    rested = threading.Event()

    def things():
        for number in range(1000):
            made.append(number)
            if number == 5:
                rested.set()
            yield Thing(number)

    ahead = Ahead(things(), 55)
    assert rested.wait(60)
    assert next(ahead).number == 0
    ahead.close()
    assert len(made) <= 8  # six wait, one was taken, one may be in the making
    assert not ahead._thread.is_alive()


def test_one_ahead_of_another():
    with (
        closing(Ahead((Thing(n) for n in range(500)), 100)) as first,
        closing(Ahead((Thing(-t.number) for t in first), 100)) as second,
    ):
        assert next(second).number == 0
        assert next(second).number == -1
