"""Histories of campaigns, groups and ads, as the connectors of the advertising platforms keep
them: a row for every version, and when each row is delivered."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.around import spending
from taproom.world.clock import DAY, HOUR, MINUTE
from taproom.world.marketing import campaigns, holdouts
from taproom.world.marketing.ad_reports import RUN
from taproom.world.marketing.campaigns import Platform
from taproom.world.marketing.holdouts import Holdout
from taproom.world.render.columns import build, stamp
from taproom.world.window import Window

DRAFT, RUNNING, ENDED = range(3)
OPENED = clock.FOUNDED * DAY + HOUR  # the accounts at the platforms, and what is older


def account(w: Window, columns: dict) -> pa.Table | None:
    """The company's account at a platform, which never changes: one row, with the first run."""
    arrived = int(runs(OPENED))
    if not w.lo <= arrived < w.hi:
        return None
    columns = columns | {"_fivetran_synced": stamp([arrived])}
    return build("account_history", columns, [arrived])


def flights(w: Window, platform: Platform) -> np.ndarray:
    """Campaigns that may change in the window."""
    return campaigns.flights(platform, w.paying, w.lo // DAY - 40, w.hi // DAY + 40)


def changes(platform: Platform, f: np.ndarray) -> np.ndarray:
    """Instants at which campaigns are drafted, started and ended, shape (len(f), 3)."""
    start, end = platform.midnight(f["start"]), platform.midnight(f["end"])
    ahead = np.where(f["made"] & (f["start"] == clock.DRIFT_GOOGLE_RESTRUCTURE), 1, 5)
    drafted = np.maximum(start - ahead * DAY + 15 * HOUR, OPENED)
    return np.stack([drafted, np.maximum(start, OPENED) + 5 * MINUTE, end + MINUTE], axis=1)


def runs(at) -> np.ndarray:
    """Instant of the first connector run after an instant."""
    return -((RUN - np.asarray(at)) // DAY) * DAY + RUN


def versions(w: Window, at: np.ndarray):
    """Deliveries of histories in the window: (object, version, active, arrival).

    at: instants of each object's versions, rising, -1 where there is none, shape (objects,
    versions). A version is delivered by the next run, and again, no longer active, by the run
    that brings its successor.
    """
    objects, count = at.shape
    never = np.iinfo(np.int64).max
    run = runs(at)
    after = np.full(at.shape, never)
    for n in range(count - 1, 0, -1):
        after[:, n - 1] = np.where(at[:, n] >= 0, run[:, n], after[:, n])
    obj, ver = np.divmod(np.arange(objects * count), count)
    first, again, real = run.ravel(), after.ravel(), at.ravel() >= 0
    arrived = np.concatenate([first, again])
    active = np.concatenate([first != again, np.zeros(len(again), dtype=bool)])
    obj, ver = np.tile(obj, 2), np.tile(ver, 2)
    wanted = np.concatenate([real, real & (first != again)])
    keep = np.flatnonzero((arrived >= w.lo) & (arrived < w.hi) & wanted)
    keep = keep[np.lexsort((ver[keep], obj[keep], arrived[keep]))]
    return obj[keep], ver[keep], active[keep], arrived[keep]


def exclusions(w: Window, channel: int, start, end) -> tuple[np.ndarray, np.ndarray, Holdout]:
    """When ads that run from `start` to `end` (µs UTC) shut out the places of a channel's geo
    holdout: from, until, both -1 where they do not overlap; and the holdout."""
    (h,) = (h for h in holdouts.holdouts(w.seed, w.paying) if h.channel == channel)
    lo, hi = np.maximum(start, h.lo), np.minimum(end, h.hi)
    both = lo < hi
    return np.where(both, lo, -1), np.where(both, hi, -1), h


def parts(platform: Platform, paying: int, f: np.ndarray, ads: bool):
    """Groups, or ads, of campaigns: (position in f, area, group, ad), each an array."""
    groups, each = platform.groups(paying)
    rows = []
    for i, flight in enumerate(f):
        split = (int(flight["area"]),)
        if platform.name != "google_ads":
            split = platform.areas(paying, int(flight["start"]))
        rows += [
            (i, area, g, a)
            for area in split
            for g in range(groups)
            for a in range(each if ads else 1)
        ]
    return tuple(np.array(rows, dtype=np.int64).reshape(-1, 4).T)


def daily_budget(w: Window, platform: Platform, f: np.ndarray) -> np.ndarray:
    """Dollars a day a campaign may spend, by finance's plan for its quarter."""

    out = np.zeros(len(f))
    for i, flight in enumerate(f):
        first = int(clock.month_of(int(flight["start"])) // 3 * 3)
        cents = sum(
            spending.budgets(w.seed, w.paying, m)[platform.vendor] for m in range(first, first + 3)
        )
        share = platform.theme_shares(int(flight["start"]))
        share = share[flight["campaign"] % len(campaigns.THEMES) - platform.themes[0]]
        out[i] = cents / 100 * share / 91.0
    return out
