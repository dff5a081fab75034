"""Contacts and the history of their properties."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world.clock import DAY, HOUR, MINUTE
from taproom.world.draws import keys
from taproom.world.render.columns import build, stamp, word
from taproom.world.render.hubspot import changes, people
from taproom.world.render.hubspot.changes import (
    FORM,
    IMPORT,
    INTEGRATION,
    PERSON,
    TRACKING,
    WORKFLOW,
    Changes,
    Collected,
)
from taproom.world.render.hubspot.common import (
    EVANGELIST,
    LEAD,
    MQL,
    OTHER,
    STAGES,
    once,
    sub_key,
    versions,
    whole,
)
from taproom.world.render.hubspot.companies import company_numbers
from taproom.world.render.hubspot.journeys import journeys
from taproom.world.render.hubspot.leads import leads
from taproom.world.render.hubspot.owners import DEVELOPMENT, SALES, SUCCESS, owner_of
from taproom.world.render.hubspot.people import LEAD_ONLY, PARTNER, USER, contacts
from taproom.world.window import Window

STATUSES = (
    "NEW",
    "ATTEMPTED_TO_CONTACT",
    "IN_PROGRESS",
    "OPEN_DEAL",
    "CONNECTED",
    "UNQUALIFIED",
    "BAD_TIMING",
)
_NEW, _ATTEMPTED, _PROGRESS, _OPEN_DEAL, _CONNECTED, _UNQUALIFIED, _BAD_TIMING = range(7)
# Properties; those from DELETED on are not in the property history.
STAGE, STATUS, SOURCE, OWNER, DELETED, MERGED, ERASED, GROUP = range(8)
_NAMES = ("lifecyclestage", "hs_lead_status", "hs_analytics_source", "hubspot_owner_id")


def events(w: Window) -> Changes:
    """Changes of the contacts (people.contacts) before the window's end."""
    return once(w, "contact events", lambda: _events(w), whole=True)


def _events(w: Window) -> Changes:
    c = contacts(w)
    rows = np.arange(len(c))
    found = Collected()
    add = found.add
    first_by = np.select(
        [c["of"] >= 0, c["kind"] == LEAD_ONLY, c["kind"] == PARTNER],
        [IMPORT, FORM, PERSON],
        INTEGRATION,
    )
    m = _stages(w, c)
    now = np.where((m >= 0) & (m <= c["created"][:, None]), np.arange(len(STAGES)), -1).max(axis=1)
    now = np.where(c["kind"] == PARTNER, OTHER, np.maximum(now, LEAD))
    add(rows, c["created"], STAGE, now, first_by)
    for s in range(1, len(STAGES)):
        i = np.flatnonzero(m[:, s] > c["created"])
        by = np.select([s >= OTHER or s == EVANGELIST, s == MQL], [PERSON, WORKFLOW], INTEGRATION)
        add(i, m[i, s], STAGE, s, by)
    add(rows, c["created"], SOURCE, people.source_code(w, c), TRACKING)
    _work(w, c, m, add)
    for kind, arm in ((USER, journeys(w).arm), (LEAD_ONLY, leads(w).p["arm"])):
        i = np.flatnonzero((c["kind"] == kind) & (c["n"] <= 0) & (c["of"] < 0))
        i = i[arm[c["pos"][i]] >= 0]
        # The lot is drawn as the form comes in.
        form = m[i, LEAD] if kind == LEAD_ONLY else journeys(w).lead_at[c["pos"][i]]
        add(i, np.maximum(form, c["created"][i]), GROUP, arm[c["pos"][i]], WORKFLOW)
    add(rows, c["created"], DELETED, 0, PERSON)
    for i, at, by in (
        (np.flatnonzero(c["merged"] >= 0), c["merged"], PERSON),
        (np.flatnonzero(c["erased"] >= 0), c["erased"], PERSON),
        (np.flatnonzero(c["deleted"] >= 0), c["deleted"], PERSON),
    ):
        add(i, at[i], DELETED, 1, by)
    i = np.flatnonzero(c["merged"] >= 0)
    add(c["of"][i], c["merged"][i], MERGED, i, PERSON)
    i = np.flatnonzero(c["erased"] >= 0)
    add(i, c["erased"][i], ERASED, 1, PERSON)
    e = found.all()
    # Nothing happens to a contact that is gone.
    end = c["merged"].copy()
    for other in (c["erased"], c["deleted"]):
        end = np.where((other >= 0) & ((end < 0) | (other < end)), other, end)
    last = np.where(end < 0, np.iinfo(np.int64).max, end)[e.entity]
    return e.where((e.at <= last) & (e.at < w.hi))


def _stages(w: Window, c: np.ndarray) -> np.ndarray:
    """Instants at which each contact enters each stage; a colleague follows the company."""
    j, found = journeys(w), leads(w)
    m = np.full((len(c), len(STAGES)), -1, dtype=np.int64)
    user, lead = c["kind"] == USER, c["kind"] == LEAD_ONLY
    m[user] = j.stage[c["pos"][user]]
    m[lead] = found.stage[c["pos"][lead]]
    # A colleague is nobody's lead: those stages are the company's before he or she came.
    plain = user & (c["n"] > 0)
    m[plain, EVANGELIST] = -1
    # The second contact of a person is found in the import only: it stays a lead.
    m[c["of"] >= 0, 1:] = -1
    spread = 1 + keys.below(c["key"], 60, 40)
    return np.where(m >= 0, m + (spread * MINUTE * plain)[:, None], m)


def _work(w: Window, c: np.ndarray, m, add) -> None:
    """Lead status and owner: sales development works on leads, sales on deals, then success."""
    j, found = journeys(w), leads(w)
    original = c["of"] < 0
    own = np.flatnonzero((c["kind"] == USER) & (c["n"] == 0) & original)
    p = c["pos"][own]
    key = sub_key(j.company[p], "owner")
    asked = (j.lead_at[p] >= 0) & (j.lead_at[p] <= c["created"][own] + HOUR)
    i = own[asked]
    add(i, c["created"][i], STATUS, _NEW, FORM)
    i = np.flatnonzero(j.deal[p] >= 0)
    at = np.maximum(j.deal[p][i], c["created"][own[i]] + MINUTE)
    add(own[i], at, STATUS, _OPEN_DEAL, PERSON)
    add(own[i], at, OWNER, owner_of(w, SALES, key[i], at), WORKFLOW)
    first = np.maximum(j.customer[p], c["created"][own])
    i = np.flatnonzero(j.customer[p] >= 0)
    add(own[i], first[i] + 10 * MINUTE, STATUS, _CONNECTED, PERSON)
    i = np.flatnonzero((j.customer[p] >= 0) & (j.pop.n_loc[p] > 1))
    at = first[i] + DAY
    add(own[i], at, OWNER, owner_of(w, SUCCESS, key[i], at), WORKFLOW)
    # Leads who never sign up.
    i = np.flatnonzero((c["kind"] == LEAD_ONLY) & original)
    p, k = c["pos"][i], sub_key(c["key"][i], "work")
    add(i, c["created"][i], STATUS, _NEW, FORM)
    mql = m[i, MQL]
    called = mql >= 0
    at = mql + keys.below(k, 0, 3 * 24) * HOUR
    add(i[called], at[called], OWNER, owner_of(w, DEVELOPMENT, k[called], at[called]), WORKFLOW)
    add(i[called], at[called] + HOUR, STATUS, _ATTEMPTED, PERSON)
    deal, lost = found.deal[p], found.lost[p]
    spoke = deal >= 0
    add(i[spoke], deal[spoke] + HOUR, STATUS, _OPEN_DEAL, PERSON)
    when = deal[spoke] + HOUR
    add(i[spoke], when, OWNER, owner_of(w, SALES, k[spoke], when), PERSON)
    add(i[spoke], lost[spoke] + HOUR, STATUS, _BAD_TIMING, PERSON)
    cold = called & ~spoke & keys.chance(k, 1, 0.5)
    late = mql + (9 + keys.below(k, 2, 30)) * DAY
    how = np.where(keys.chance(k, 3, 0.6), _UNQUALIFIED, _BAD_TIMING)
    add(i[cold], late[cold], STATUS, how[cold], PERSON)


def contact(w: Window) -> pa.Table:
    e, c = events(w), contacts(w)
    v = versions(w, c["key"], e.entity, e.at, e.prop, e.value)
    some, back = np.unique(v.entity, return_inverse=True)
    r, n = c[some], len(v.entity)
    who = people.person(w, r)

    def get(p: int) -> np.ndarray:
        return v.value.get(p, np.full(n, -1))

    known, merged = pa.array(get(ERASED) != 1), get(MERGED)
    ids = pa.array(c["id"][np.maximum(merged, 0)], mask=merged < 0).cast(pa.string())

    def personal(column) -> pa.Array:
        return pc.if_else(known, column.take(pa.array(back)), pa.scalar(None, pa.string()))

    return build(
        "contact",
        {
            "id": pa.array(r["id"][back]),
            "property_email": personal(who.email),
            "property_firstname": personal(who.first),
            "property_lastname": personal(who.last),
            "property_phone": personal(who.phone),
            "property_company": who.company.take(pa.array(back)),
            "property_jobtitle": who.job.take(pa.array(back)),
            "property_lifecyclestage": word(STAGES, get(STAGE)),
            "property_hs_lead_status": word(STATUSES, get(STATUS)),
            "property_hs_analytics_source": word(people.SOURCES, get(SOURCE)),
            "property_associatedcompanyid": whole(company_numbers(w, c[v.entity], v.at)),
            "property_hubspot_owner_id": whole(get(OWNER)),
            "property_hs_merged_object_ids": ids,
            "property_email_test_group": word(("holdout", "mailed"), get(GROUP)),
            "property_createdate": stamp(r["created"][back]),
            "_fivetran_deleted": pa.array(get(DELETED) == 1),
            "_fivetran_synced": stamp(v.arrived),
        },
        v.arrived,
    )


def contact_property_history(w: Window) -> pa.Table:
    words = (STAGES, STATUSES, people.SOURCES, ("",))
    return changes.history(w, events(w), contacts(w), "contact", _NAMES, words, OWNER)
