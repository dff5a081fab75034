"""A company ten times tiny, for tests that look at shares: simulated once a session."""

from __future__ import annotations

from functools import cache

from taproom.world import clock
from taproom.world.clock import DAY
from taproom.world.making.lifecycle import canonical
from taproom.world.render import Window
from taproom.world.state.engine import Engine

SEED, PAYING = 7, 1_000


@cache
def window() -> Window:
    """Everything that has arrived by the end of a new world."""
    e = Engine(SEED, PAYING, latent=True)
    e.run(clock.END)
    return Window(SEED, PAYING, "default", canonical(e.facts), 0, clock.END * DAY)
