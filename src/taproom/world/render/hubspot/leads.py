"""Leads who never signed up: how far sales came with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taproom.world import clock
from taproom.world.clock import DAY, HOUR, SECOND
from taproom.world.draws import keys
from taproom.world.marketing import prospects
from taproom.world.render.hubspot.common import (
    LEAD,
    MQL,
    OPPORTUNITY,
    OTHER,
    SQL,
    STAGES,
    once,
    part,
    shard,
    sub_key,
)
from taproom.world.window import Window


@dataclass(frozen=True)
class Leads:
    """Leads of a shard, sorted by their form fill. `p`: prospects.PROSPECT; `key`: of the person
    in HubSpot; `stage`: instants of STAGES, shape (leads, 8); deal: when sales opened one, -1
    for most; lost: when it gave the deal up; company: key of the company HubSpot made for those
    sales worked on."""

    p: np.ndarray
    key: np.ndarray
    stage: np.ndarray
    deal: np.ndarray
    lost: np.ndarray
    company: np.ndarray


def _year(w: Window, year: int) -> np.ndarray:
    """Leads of a calendar year, those to come included: few large steps are quicker."""
    lo, hi, of = clock.day(year, 1, 1), clock.day(year + 1, 1, 1), shard(w)
    return w.facts.once(
        ("hubspot leads", w.seed, w.paying, year, of),
        lambda: prospects.leads(w.seed, w.paying, lo, hi, of),
    )


def leads(w: Window) -> Leads:
    """Leads of the window's shard whose form came in before its end."""
    return once(w, "leads", lambda: _leads(w), whole=True)


def _leads(w: Window) -> Leads:
    first, last = (clock.as_date(d).year for d in (clock.FOUNDED, (w.hi - 1) // DAY))
    years = [_year(w, y) for y in range(first, last + 1)]
    p = np.concatenate(years) if years else np.zeros(0, prospects.PROSPECT)
    p = p[p["lead_at"] < w.hi]
    p = p[np.lexsort((p["n"], p["lead_at"]))]
    key = keys.key(keys.stream_key(w.seed, "hubspot lead"), p["key"])
    k = sub_key(key, "journey")
    at = p["lead_at"]
    s = np.full((len(p), len(STAGES)), -1, dtype=np.int64)
    s[:, LEAD] = at
    # The keener ones read on and answer the telephone.
    keen = keys.chance(k, 0, keys.logistic(-0.4 + 0.7 * p["intent"]))
    mql = at + (1 + keys.below(k, 1, 20 * 24)) * HOUR + keys.below(k, 2, 3_600) * SECOND
    s[:, MQL] = np.where(keen, mql, -1)
    spoke = keen & keys.chance(k, 3, keys.logistic(-1.3 + 0.4 * p["intent"]))
    deal = mql + (6 + keys.below(k, 4, 18 * 24)) * HOUR
    s[:, SQL] = np.where(spoke, deal, -1)
    lost = deal + (14 + keys.below(k, 5, 75)) * DAY + keys.below(k, 6, 8 * 3_600) * SECOND
    s[:, OPPORTUNITY] = np.where(spoke & keys.chance(k, 7, 0.6), part(k, 8, deal, lost), -1)
    # One lead in twelve turns out to be no prospect at all: a student, a vendor, a competitor.
    s[:, OTHER] = np.where(~keen & keys.chance(k, 9, 0.12), at + 3 * DAY, -1)
    deal = np.where(spoke, deal, -1)
    return Leads(p, key, s, deal, np.where(spoke, lost, -1), sub_key(key, "company"))
