"""Companies and the history of their properties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.world import mess
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.facts import COUNTRIES
from taproom.world.marketing import prospects
from taproom.world.people import names
from taproom.world.render.app import accounts_of
from taproom.world.render.columns import build, stamp, word
from taproom.world.render.hubspot import changes
from taproom.world.render.hubspot.changes import INTEGRATION, PERSON, WORKFLOW, Changes, Collected
from taproom.world.render.hubspot.common import (
    EVANGELIST,
    LEAD,
    MQL,
    OPPORTUNITY,
    OTHER,
    STAGES,
    dollars,
    number,
    once,
    sub_key,
    versions,
    whole,
)
from taproom.world.render.hubspot.journeys import journeys
from taproom.world.render.hubspot.leads import leads
from taproom.world.render.hubspot.owners import DEVELOPMENT, SALES, SUCCESS, owner_of
from taproom.world.render.hubspot.people import LEAD_ONLY, PARTNER, USER
from taproom.world.render.hubspot.variants import company_names, variant
from taproom.world.window import Window

# key: of the row. pos: position among the journeys, for leads' companies among the leads. acct:
# -1 for leads' companies. of: position of the company this one repeats, -1 for most.
COMPANY = np.dtype(
    [
        ("key", "u8"),
        ("id", "i8"),
        ("pos", "i8"),
        ("acct", "i8"),
        ("created", "i8"),
        ("of", "i8"),
        ("merged", "i8"),
    ]
)
STAGE, OWNER, DELETED, MERGED = range(4)
LEAD_TIME = 10 * MINUTE  # before a lead's deal its company is entered


def companies(w: Window) -> np.ndarray:
    """Companies of the window's shard created before its end: COMPANY, originals first."""
    return once(w, "companies", lambda: _companies(w), whole=True)


def _companies(w: Window) -> np.ndarray:
    j, found = journeys(w), leads(w)
    i = np.flatnonzero(j.has_company & (j.known < w.hi))
    c = np.zeros(len(i), COMPANY)
    c["key"], c["pos"], c["acct"] = j.company[i], i, j.pop.acct[i]
    # HubSpot makes a company of the domain as the first contact comes.
    c["created"] = j.known[i]
    i = np.flatnonzero((found.deal >= 0) & (found.deal - LEAD_TIME < w.hi))
    d = np.zeros(len(i), COMPANY)
    d["key"], d["pos"], d["acct"] = found.company[i], i, -1
    d["created"] = found.deal[i] - LEAD_TIME
    c = np.concatenate([c, d])
    c["of"] = c["merged"] = -1
    c = c[c["created"] < w.hi]
    c = np.concatenate([c, _again(w, c)])
    c["id"] = number(c["key"])
    return c


def _again(w: Window, c: np.ndarray) -> np.ndarray:
    """M08: companies entered a second time, with the name written otherwise."""
    i = np.flatnonzero(mess.hit(w.mess, "M08", "hubspot.company", c["key"]))
    d = c[i].copy()
    d["key"] = sub_key(c["key"][i], "company again")
    days = 5 + keys.below(d["key"], 0, 160)
    d["created"] = c["created"][i] + days * DAY + keys.below(d["key"], 1, 80_000) * SECOND
    wait = (8 + keys.below(d["key"], 2, 60)) * DAY + keys.below(d["key"], 3, 30_000) * SECOND
    d["merged"] = np.where(keys.chance(d["key"], 4, 0.2), d["created"] + wait, -1)
    d["of"] = i
    return d[d["created"] < w.hi]


def company_numbers(w: Window, c: np.ndarray, at) -> np.ndarray:
    """Number of the company each contact (people.CONTACT) is associated with at an instant, -1
    without one: a lead's company is entered shortly before the deal."""
    j, found = journeys(w), leads(w)
    out = np.full(len(c), -1, dtype=np.int64)
    user = np.flatnonzero(np.isin(c["kind"], (USER, PARTNER)))
    pos = c["pos"][user]
    out[user] = np.where(j.has_company[pos], number(j.company[pos]), -1)
    lead = np.flatnonzero(c["kind"] == LEAD_ONLY)
    pos = c["pos"][lead]
    there = (found.deal[pos] >= 0) & (found.deal[pos] - LEAD_TIME <= at[lead])
    out[lead] = np.where(there, number(found.company[pos]), -1)
    # Who comes again with another address is associated with nothing.
    return np.where(c["of"] >= 0, -1, out)


def events(w: Window) -> Changes:
    """Changes of the companies before the window's end."""
    return once(w, "company events", lambda: _events(w), whole=True)


def _events(w: Window) -> Changes:
    j, found, c = journeys(w), leads(w), companies(w)
    rows, collected = np.arange(len(c)), Collected()
    add = collected.add
    m = np.full((len(c), len(STAGES)), -1, dtype=np.int64)
    own = c["acct"] >= 0
    m[own] = j.stage[c["pos"][own]]
    m[~own] = found.stage[c["pos"][~own]]
    m[:, EVANGELIST] = -1
    m[c["of"] >= 0, 1:] = -1
    now = np.where((m >= 0) & (m <= c["created"][:, None]), np.arange(len(STAGES)), -1).max(axis=1)
    add(rows, c["created"], STAGE, np.maximum(now, LEAD), INTEGRATION)
    for s in range(1, len(STAGES)):
        i = np.flatnonzero(m[:, s] > c["created"])
        by = PERSON if s == OTHER else WORKFLOW if s in (MQL, OPPORTUNITY) else INTEGRATION
        add(i, m[i, s] + MINUTE, STAGE, s, by)
    first = c["of"] < 0
    key = sub_key(c["key"], "owner")
    i = np.flatnonzero(own & first)
    p = c["pos"][i]
    dealt = np.maximum(j.deal[p], c["created"][i] + MINUTE)
    has = j.deal[p] >= 0
    add(i[has], dealt[has], OWNER, owner_of(w, SALES, key[i[has]], dealt[has]), WORKFLOW)
    # Customer success looks after everybody who pays: large ones by person, small ones in turns.
    has = j.customer[p] >= 0
    after = np.maximum(j.customer[p] + DAY, c["created"][i] + HOUR)
    add(i[has], after[has], OWNER, owner_of(w, SUCCESS, key[i[has]], after[has]), WORKFLOW)
    i = np.flatnonzero(~own & first)
    at = c["created"][i] + 2 * MINUTE
    add(i, at, OWNER, owner_of(w, DEVELOPMENT, key[i], at), PERSON)
    add(rows, c["created"], DELETED, 0, PERSON)
    i = np.flatnonzero(c["merged"] >= 0)
    add(i, c["merged"][i], DELETED, 1, PERSON)
    add(c["of"][i], c["merged"][i], MERGED, i, PERSON)
    e = collected.all()
    return e.where(e.at < w.hi)


_COUNTRY = {
    "US": "United States",
    "GB": "United Kingdom",
    "DE": "Germany",
    "CA": "Canada",
    "AU": "Australia",
    "FR": "France",
    "NL": "Netherlands",
    "IE": "Ireland",
    "JP": "Japan",
}
_INDUSTRY = ("FOOD_BEVERAGES", "RESTAURANTS", "HOSPITALITY", "ENTERTAINMENT")
_INDUSTRY_OF = np.array([0, 0, 1, 2, 3])  # by venue type


@dataclass(frozen=True)
class _Traits:
    name: pa.StringArray
    domain: pa.StringArray
    city: np.ndarray
    country: np.ndarray
    industry: np.ndarray
    revenue: np.ndarray


def _traits(w: Window, c: np.ndarray) -> _Traits:
    """What the companies are, clean, in the order of c."""
    i, r = np.flatnonzero(c["acct"] < 0), np.flatnonzero(c["acct"] >= 0)
    p = leads(w).p[c["pos"][i]]
    whole_ = prospects.person(p)
    a = accounts_of(w, c["acct"][r] if len(r) else np.zeros(1, dtype=np.int64))
    at = a.at(c["acct"][r])
    back = np.argsort(np.r_[i, r], kind="stable")
    take = pa.array(back)
    venue = np.r_[keys.below(p["key"], 46, 3), a.pop.venue_type[at]]
    n_loc = np.r_[np.ones(len(i), dtype=np.int64), a.pop.n_loc[at]]
    key = np.r_[c["key"][i], c["key"][r]]
    # A data vendor's guess: it knows the size, and that only roughly.
    each = 700_000 * keys.exp(0.45 * keys.normal(key, 43))
    return _Traits(
        pa.concat_arrays([whole_.company, names.take(a.company.name, at)]).take(take),
        pa.concat_arrays([whole_.domain, names.take(a.domain, at)]).take(take),
        np.r_[p["city"], a.city[at]][back],
        np.r_[p["country"], a.pop.country[at]][back],
        _INDUSTRY_OF[venue][back],
        (np.rint(each * n_loc / 10_000) * 10_000).astype(np.int64)[back],
    )


def deal_names(w: Window, c: np.ndarray) -> pa.StringArray:
    """Names of companies as salespeople use them, clean."""
    return _traits(w, c).name


def typed_names(w: Window, c: np.ndarray) -> pa.StringArray:
    """Names of companies as somebody typed them."""
    return _typed(w, c, _traits(w, c))


def _typed(w: Window, c: np.ndarray, t: _Traits) -> pa.StringArray:
    name = company_names(w.mess, "hubspot.company", c["key"], t.name)
    return names.where(c["of"] >= 0, variant(c["key"], t.name), name)


def company(w: Window) -> pa.Table:
    e, c = events(w), companies(w)
    v = versions(w, c["key"], e.entity, e.at, e.prop, e.value)
    some, back = np.unique(v.entity, return_inverse=True)
    r, n, t = c[some], len(v.entity), _traits(w, c[some])
    again, k, name = r["of"] >= 0, r["key"], _typed(w, r, t)
    bare = names.where(keys.chance(k, 41, 0.5), None, names.glue("www.", t.domain))
    domain = names.where(again, bare, t.domain)
    domain = names.where(keys.chance(k, 42, 0.04), None, domain)
    deleted = v.value.get(DELETED, np.zeros(n)) == 1
    merged = v.value.get(MERGED, np.full(n, -1))
    ids = pa.array(c["id"][np.maximum(merged, 0)], mask=merged < 0).cast(pa.string())
    at = pa.array(back)
    unknown = keys.chance(k, 44, 0.10)
    return build(
        "company",
        {
            "id": pa.array(r["id"][back]),
            "property_name": name.take(at),
            "property_domain": domain.take(at),
            "property_industry": word(_INDUSTRY, np.where(unknown, -1, t.industry)[back]),
            "property_city": names.take(names.CITY_NAME, t.city).take(at),
            "property_state": names.take(names.CITY_REGION, t.city).take(at),
            "property_country": word([_COUNTRY[x] for x in COUNTRIES], t.country[back]),
            "property_annualrevenue": dollars(
                np.where(keys.chance(k, 45, 0.35), -1, t.revenue)[back]
            ),
            "property_lifecyclestage": word(STAGES, v.value.get(STAGE, np.full(n, -1))),
            "property_hubspot_owner_id": whole(v.value.get(OWNER, np.full(n, -1))),
            "property_hs_merged_object_ids": ids,
            "property_createdate": stamp(r["created"][back]),
            "is_deleted": pa.array(deleted),
            "_fivetran_deleted": pa.array(deleted),
            "_fivetran_synced": stamp(v.arrived),
        },
        v.arrived,
    )


def company_property_history(w: Window) -> pa.Table:
    words = (STAGES, ("",))
    properties = ("lifecyclestage", "hubspot_owner_id")
    return changes.history(w, events(w), companies(w), "company", properties, words, OWNER)
