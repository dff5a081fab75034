"""What would have happened without a channel: the same draws, with its touches left out.

A prospect who signed up is lost without some touches exactly where the draw behind the sign-up
lies above what is left of the probability (touches.conversion_draw). Nothing here is a model.
"""

from __future__ import annotations

from functools import lru_cache
from math import factorial

import numpy as np

from taproom.world.marketing import touches
from taproom.world.marketing.channels import CHANNELS, DIRECT

CAUSES = tuple(c for c in range(len(CHANNELS)) if c != DIRECT)
_BLOCK = 8_192


def contributions(p: np.ndarray, t: np.ndarray, only=None) -> np.ndarray:
    """Contribution to the log-odds by prospect and channel, shape (len(p), len(CHANNELS)).

    only: mask of the touches to count.
    """
    t = t if only is None else t[only]
    row = np.searchsorted(p["n"], t["n"])
    cell = row * len(CHANNELS) + t["channel"]
    total = np.bincount(cell, t["effect"], minlength=len(p) * len(CHANNELS))
    return total.reshape(len(p), len(CHANNELS))


def margin(seed: int, p: np.ndarray) -> np.ndarray:
    """How much of its contributions each sign-up could have done without: lost above that."""
    return -np.log(touches.conversion_draw(seed, p["key"]))


def removal(x: np.ndarray, spare: np.ndarray) -> np.ndarray:
    """Which sign-ups are lost without each channel alone, shape of x."""
    return x >= spare[:, None]


@lru_cache(maxsize=1)
def _coalitions() -> tuple[np.ndarray, np.ndarray]:
    """For each set of channels: those missing from it, and its weight in each one's value."""
    n = len(CAUSES)
    sets = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
    size = sets.sum(axis=1)
    full = factorial(n)
    joined = np.array([factorial(max(s - 1, 0)) * factorial(n - s) / full for s in range(n + 1)])
    apart = np.array([factorial(s) * factorial(max(n - s - 1, 0)) / full for s in range(n + 1)])
    weight = np.where(sets == 1, joined[size][:, None], -apart[size][:, None])
    return 1.0 - sets, weight


def shapley(x: np.ndarray, spare: np.ndarray) -> np.ndarray:
    """Shapley value of each channel for each sign-up, over all sets of channels that might have
    been on, exact; shape of x. What is left to 1 would have come without any channel."""
    missing, weight = _coalitions()
    out = np.zeros_like(x)
    causes = list(CAUSES)
    for a in range(0, len(x), _BLOCK):
        part = slice(a, a + _BLOCK)
        stays = x[part][:, causes] @ missing.T < spare[part][:, None]
        out[part, causes] = stays @ weight
    return out
