"""Small vectorised helpers on index arrays."""

from __future__ import annotations

import numpy as np


def ordinal(count):
    """0..c-1 for each c of count, concatenated: ordinal([2, 3]) = [0, 1, 0, 1, 2]."""
    count = np.asarray(count)
    start = np.cumsum(count) - count
    return np.arange(count.sum()) - np.repeat(start, count)


def order(at, key):
    """Positions by instant (any integers), equal instants by key: few of them are equal."""
    rows = np.argsort(at)
    t = at[rows]
    same = np.flatnonzero(t[1:] == t[:-1])
    if len(same):
        tied = np.unique(np.r_[same, same + 1])
        part = rows[tied]
        rows[tied] = part[np.lexsort((key[part], at[part]))]
    return rows


def running(who):
    """How many earlier entries have the same value; `who` need not be sorted."""
    order = np.argsort(who, kind="stable")
    sorted_who = who[order]
    first = np.r_[True, sorted_who[1:] != sorted_who[:-1]]
    start = np.flatnonzero(first)
    run = np.arange(len(who)) - np.repeat(start, np.diff(np.r_[start, len(who)]))
    out = np.empty(len(who), dtype=np.int64)
    out[order] = run
    return out
