"""Tapwise's support team: people, groups, and the numbers Zendesk gives its objects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from taproom.world import clock
from taproom.world.draws import keys
from taproom.world.draws.ids import number
from taproom.world.people.population import account_key, child_key, population, total_accounts

GROUPS = ("Front line", "Devices and field service", "Billing", "Integrations")
GROUP_OF = np.array([1, 2, 0, 3, 0])  # by what a ticket is about
SYSTEM = -1  # Zendesk's own automations write this as the user
MONITOR = 0  # the login by which device alerts come in


@dataclass(frozen=True)
class Team:
    """Logins of the team, the alerting system first, in order of their first day.

    `home` is the account whose sign-up made it necessary to hire: the team grows with the
    customers, and a shard that holds the account delivers the login.
    """

    home: np.ndarray
    hired: np.ndarray
    key: np.ndarray

    def someone(self, key, lane: int, at) -> np.ndarray:
        """A colleague who works here at instants `at`, as a position."""
        there = np.searchsorted(self.hired[1:], at, side="right")
        return 1 + keys.below(key, lane, np.maximum(there, 1))


@lru_cache(maxsize=8)
def team(seed: int, paying: int) -> Team:
    """The team of a company of a size; closed form."""
    people = 4 + paying // 600
    home = np.r_[0, total_accounts(paying) * np.arange(people) // people]
    hired = population(seed, paying, home).signup + clock.MINUTE
    hired[0] -= 30 * clock.SECOND
    return Team(home, hired, keys.key(keys.stream_key(seed, "zendesk team"), np.arange(people + 1)))


def user_id(seed: int, acct, n) -> np.ndarray:
    """Zendesk's number of the n-th user of accounts, as a requester of tickets."""
    key = child_key(seed, "user", acct, n)
    return number(keys.mix(key ^ keys.stream_key(seed, "zendesk user")))


def organization_id(seed: int, acct) -> np.ndarray:
    """Zendesk's number of the organization of accounts."""
    return number(keys.mix(account_key(seed, acct) ^ keys.stream_key(seed, "zendesk organization")))


def agent_id(seed: int, paying: int, position) -> np.ndarray:
    """Zendesk's number of members of the team; -1 (the system) stays."""
    position = np.asarray(position)
    return np.where(position < 0, SYSTEM, number(team(seed, paying).key)[np.maximum(position, 0)])


def group_id(seed: int, group) -> np.ndarray:
    """Zendesk's number of groups by position in GROUPS."""
    every = np.arange(len(GROUPS))
    return number(keys.key(keys.stream_key(seed, "zendesk group"), every))[np.asarray(group)]
