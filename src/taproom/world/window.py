"""What a renderer is given: the facts, and the span of arrival it is to render."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from taproom.world.facts import Facts
from taproom.world.people.population import Population, population
from taproom.world.state.weekly import Weeks


@dataclass(frozen=True)
class Window:
    """What to render: the world's facts and the span of arrival [lo, hi), int64 µs UTC.

    `paying` is the scale: ever-paying accounts at the end of a new world. `mess` is none,
    default or heavy. The facts may be those of a shard of the accounts: `shard` (k, n) says of
    which, accounts with `shard_of(seed, acct) % n == k`. Who is no account (a lead, a visitor)
    is dealt out likewise, by its own index.
    """

    seed: int
    paying: int
    mess: str
    facts: Facts
    lo: int
    hi: int
    shard: tuple[int, int] = (0, 1)

    def once(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` derives for this window, made at the first asking and kept as long as the
        window: for what several tables of a source need. (`facts.once` keeps it for all windows.)
        """
        kept = self.__dict__.setdefault("_kept", {})
        if name not in kept:
            kept[name] = make()
        return kept[name]

    @cached_property
    def population(self) -> Population:
        """Accounts of the facts that have signed up before `hi`, by account index."""
        whole = self.facts.once(("population", self.seed, self.paying), self._everyone)
        here = whole.signup < self.hi
        return whole if here.all() else whole.take(here)

    def _everyone(self) -> Population:
        acct = np.unique(self.facts.table("account_version")["acct"])
        return population(self.seed, self.paying, acct)

    @cached_property
    def weeks(self) -> Weeks:
        """The accounts' weekly states."""
        return self.facts.once("weeks", lambda: Weeks(self.facts))
