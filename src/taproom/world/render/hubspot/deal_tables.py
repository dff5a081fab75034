"""The tables of deals: their newest versions, their stays in stages, their companies."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import clock, mess
from taproom.world.clock import DAY, HOUR
from taproom.world.draws import keys
from taproom.world.people import names
from taproom.world.render.columns import build, integer, last_of, stamp, word
from taproom.world.render.hubspot.changes import BY, INTEGRATION, PERSON, Changes, Collected
from taproom.world.render.hubspot.common import (
    PORTAL,
    dollars,
    number,
    once,
    sub_key,
    synced,
    versions,
    whole,
)
from taproom.world.render.hubspot.companies import companies, deal_names
from taproom.world.render.hubspot.deals import ENTERED, FIRST, GROWTH, LEAD_DEAL, RENEWAL, deals
from taproom.world.render.hubspot.journeys import journeys
from taproom.world.render.hubspot.owners import (
    AGREED,
    COMING,
    CONTRACT,
    DEAL_STAGES,
    DEMO,
    DISCOVERY,
    GIVEN_UP,
    GROWN,
    LOST,
    PIPELINES,
    QUALIFIED,
    SALES,
    STAGE_PIPELINE,
    SUCCESS,
    TALKS,
    WON,
    owner_of,
)
from taproom.world.window import Window

STAGE, CLOSED, DELETED = range(3)
_REASONS = (
    "No budget this year.",
    "Took another supplier.",
    "No answer after the demo.",
    "The venue is not ready; call again next season.",
    "Wants to stay with what they have.",
    "Too small for the monitoring to pay.",
)


def events(w: Window) -> Changes:
    """Changes of the deals (deals.deals): stages, closings, deletions."""
    return once(w, "deal events", lambda: _events(w), whole=True)


def _events(w: Window) -> Changes:
    d, found = deals(w), Collected()
    k = sub_key(d["key"], "stages")
    rows, kind = np.arange(len(d)), d["kind"]
    closed = np.where(d["closed"] < 0, np.iinfo(np.int64).max, d["closed"])
    purchase = np.isin(kind, (FIRST, LEAD_DEAL))
    direct = purchase & (d["created"] < _signup(w, d))
    # A direct sale or a lead goes through the pipeline in its time; a trial enters half way.
    span = np.where(d["closed"] > 0, d["closed"], d["due"]) - d["created"]
    for n, (stage, share) in enumerate(
        ((DISCOVERY, 0.0), (QUALIFIED, 0.14), (DEMO, 0.38), (AGREED, 0.62), (CONTRACT, 0.84))
    ):
        share = share + (keys.u32(k, n) / float(1 << 32) - 0.5) * 0.12 * (n > 0)
        at = d["created"] + (span / 1e6 * share).astype(np.int64) * clock.SECOND
        reached = ~keys.chance(k, 10 + n, 0.22) | (n == 0)
        # What is lost was mostly lost on the way.
        end = np.where(d["won"], 9, 1 + keys.below(k, 20, 4))
        i = np.flatnonzero(direct & reached & (n <= end))
        found.add(i, at[i], STAGE, stage, PERSON)
    trial = purchase & ~direct
    for n, (stage, hours, share) in enumerate(
        ((QUALIFIED, 0, 1.0), (DEMO, 30 + keys.below(k, 5, 100), 0.7), (CONTRACT, 220, 0.4))
    ):
        at = d["created"] + hours * HOUR
        i = np.flatnonzero(trial & keys.chance(k, 6 + n, share) & (at < closed))
        found.add(i, np.broadcast_to(at, len(d))[i], STAGE, stage, PERSON)
    for this, first, then, days in (
        (RENEWAL, COMING, TALKS, 15),
        (GROWTH, COMING, TALKS, 6),
        (ENTERED, TALKS, -1, 0),
    ):
        i = rows[kind == this]
        found.add(i, d["created"][i], STAGE, first, PERSON)
        at = d["created"] + days * DAY + keys.below(k, 9, 15 * 24) * HOUR
        i = i[(at < closed)[i]] if then >= 0 else i[:0]
        found.add(i, at[i], STAGE, then, PERSON)
    end = np.where(purchase, np.where(d["won"], WON, LOST), np.where(d["won"], GROWN, GIVEN_UP))
    i = np.flatnonzero(d["closed"] >= 0)
    by = np.where(d["won"][i] & (kind[i] != LEAD_DEAL), INTEGRATION, PERSON)
    found.add(i, d["closed"][i], STAGE, end[i], by)
    found.add(rows, d["created"], CLOSED, 0, PERSON)
    found.add(i, d["closed"][i], CLOSED, 1, PERSON)
    # M10: some lost deals are tidied away.
    tidy = mess.hit(w.mess, "M10", "hubspot.deal", d["key"]) & ~d["won"] & (d["closed"] >= 0)
    found.add(rows, d["created"], DELETED, 0, PERSON)
    i = np.flatnonzero(tidy)
    found.add(i, d["closed"][i] + (5 + keys.below(k[i], 21, 60)) * DAY, DELETED, 1, PERSON)
    e = found.all()
    return e.where(e.at < w.hi)


def _signup(w: Window, d: np.ndarray) -> np.ndarray:
    """Sign-up of the account behind each deal; far away for leads, who never sign up."""
    j = journeys(w)
    own = d["acct"] >= 0
    out = np.full(len(d), np.iinfo(np.int64).max)
    out[own] = j.pop.signup[d["pos"][own]]
    return out


def _company_rows(w: Window, d: np.ndarray) -> np.ndarray:
    """Position of each deal's company among the companies, -1 where HubSpot has none."""
    c = companies(w)
    if not len(c):
        return np.full(len(d), -1)
    order = np.argsort(c["key"], kind="stable")
    at = np.minimum(np.searchsorted(c["key"][order], d["company"]), len(c) - 1)
    there = (c["key"][order[at]] == d["company"]) & d["has_company"]
    return np.where(there, order[at], -1)


def deal_owner(w: Window, d: np.ndarray, now=None) -> np.ndarray:
    """Owner of deals: of purchases sales, of renewals and growth who looks after the account; at
    `now` (by default when the deal is opened) somebody stands in for who has left."""
    now = d["created"] if now is None else now
    lead, own = d["kind"] == LEAD_DEAL, d["acct"] >= 0
    key = np.where(lead, sub_key(d["key"], "owner"), sub_key(d["company"], "owner"))
    out = owner_of(w, SALES, key, d["created"], now)
    i = np.flatnonzero(own & (d["kind"] != FIRST))
    since = journeys(w).customer[d["pos"][i]] + DAY
    now = np.broadcast_to(now, len(d))
    out[i] = owner_of(w, SUCCESS, key[i], since, now[i])
    return out


_ABOUT = ("new business", "renewal", "growth", "growth", "new business")


def deal(w: Window) -> pa.Table:
    e, d = events(w), deals(w)
    v = versions(w, d["key"], e.entity, e.at, e.prop, e.value)
    some, back = np.unique(v.entity, return_inverse=True)
    r, n, at = d[some], len(v.entity), pa.array(back)
    stage, closed = (v.value.get(p, np.full(n, -1)) for p in (STAGE, CLOSED))
    closed = closed == 1
    deleted = v.value.get(DELETED, np.zeros(n)) == 1
    row = _company_rows(w, r)
    c = companies(w)
    called = np.flatnonzero(row >= 0)
    name = names.take(("Unknown venue",), np.zeros(len(r), dtype=np.int64))
    if len(called):
        known = deal_names(w, c[row[called]])
        where = np.zeros(len(r), dtype=np.int64)
        where[called] = np.arange(len(called))
        name = names.where(row >= 0, known.take(pa.array(where)), name)
    year = pc.cast(pa.array(1970 + clock.month_of(r["due"] // DAY) // 12), pa.string())
    about = names.take(_ABOUT, r["kind"])
    title = names.glue(name, names.glue(about, year, sep=" "), sep=" - ")
    lost = closed & ~r["won"][back]
    reason = np.where(lost, keys.below(r["key"], 30, len(_REASONS))[back], -1)
    reason = np.where(keys.chance(r["key"], 31, 0.7)[back], reason, -1)
    amount = np.where(closed & r["won"][back], r["amount"][back], r["guess"][back])
    sells = np.isin(r["kind"], (FIRST, LEAD_DEAL))[back]
    return build(
        "deal",
        {
            "deal_id": pa.array(r["id"][back]),
            "deal_pipeline_id": word([p[0] for p in PIPELINES], STAGE_PIPELINE[stage]),
            "deal_pipeline_stage_id": word([s[0] for s in DEAL_STAGES], stage),
            "owner_id": whole(deal_owner(w, r)[back]),
            "portal_id": integer(np.full(n, PORTAL), pa.int32()),
            "property_dealname": title.take(at),
            "property_dealtype": word(("newbusiness", "existingbusiness"), np.where(sells, 0, 1)),
            "property_amount": dollars(amount),
            "property_closedate": stamp(np.where(closed, r["closed"][back], r["due"][back])),
            "property_createdate": stamp(r["created"][back]),
            "property_description": word(_REASONS, reason),
            "is_deleted": pa.array(deleted),
            "_fivetran_deleted": pa.array(deleted),
            "_fivetran_synced": stamp(v.arrived),
        },
        v.arrived,
    )


def deal_company(w: Window) -> pa.Table:
    d = deals(w)
    row = _company_rows(w, d)
    arrived = synced(d["created"])
    keep = np.flatnonzero((row >= 0) & (arrived >= w.lo) & (arrived < w.hi))
    keep = keep[np.lexsort((d["key"][keep], arrived[keep]))]
    arrived = arrived[keep]
    return build(
        "deal_company",
        {
            "deal_id": pa.array(d["id"][keep]),
            "company_id": pa.array(number(d["company"][keep])),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def deal_stage(w: Window) -> pa.Table:
    """Stays in stages: delivered when they begin and again when they end."""
    e, d = events(w), deals(w)
    e = e.where(e.prop == STAGE)
    e = e.where(np.lexsort((np.arange(len(e.at)), e.at, d["key"][e.entity])))
    n = len(e.at)
    until = np.full(n, -1, dtype=np.int64)
    same = e.entity[1:] == e.entity[:-1]
    until[:-1][same] = e.at[1:][same]
    row = np.r_[np.arange(n), np.flatnonzero(until >= 0)]
    closing = np.r_[np.zeros(n, dtype=bool), np.ones(len(row) - n, dtype=bool)]
    arrived = synced(np.where(closing, until[row], e.at[row]))
    order = np.argsort(row, kind="stable")
    row, closing, arrived = row[order], closing[order], arrived[order]
    keep = last_of((row,), arrived)
    keep = keep[(arrived[keep] >= w.lo) & (arrived[keep] < w.hi)]
    keep = keep[np.lexsort((row[keep], arrived[keep]))]
    row, closing, arrived = row[keep], closing[keep], arrived[keep]
    e, until = e.where(row), until[row]
    user = pa.array(10_000_000 + keys.below(d["key"][e.entity], 61, 60)).cast(pa.string())
    return build(
        "deal_stage",
        {
            "deal_id": pa.array(d["id"][e.entity]),
            "value": word([s[0] for s in DEAL_STAGES], e.value),
            "date_entered": stamp(e.at),
            "source": word(BY, e.by),
            "source_id": names.where(e.by == PERSON, names.glue("userId:", user), None),
            "_fivetran_active": pa.array(~closing),
            "_fivetran_start": stamp(e.at),
            "_fivetran_end": stamp(np.where(closing, until - 1000, clock.FOREVER)),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )
