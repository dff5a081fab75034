"""The tables of engagements: one for all, one for each type, and whom they were with."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world.clock import HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.people import names
from taproom.world.people.population import child_key
from taproom.world.render.columns import build, constant, integer, stamp, word
from taproom.world.render.hubspot.changes import Changes, Collected
from taproom.world.render.hubspot.common import (
    PORTAL,
    long_number,
    number,
    once,
    sub_key,
    synced,
    versions,
)
from taproom.world.render.hubspot.engagements import (
    CALL,
    EMAIL,
    KINDS,
    MEETING,
    NOTE,
    TASK,
    engagements,
)
from taproom.world.render.hubspot.journeys import journeys
from taproom.world.render.hubspot.leads import leads
from taproom.world.window import Window

DONE = 0
# By purpose: sale, renewal, growth, onboarding, check-in, review, outreach, none, ticket, leads.
_TITLES = (
    ("Introduction", "Questions on prices", "Follow-up on the offer", "Plans for the venue"),
    ("Renewal", "Terms of the coming year"),
    ("More lines", "Another venue", "A larger plan"),
    ("Kick-off", "Training of the team", "Set-up of the sensors"),
    ("Check-in", "How is it going", "Tips for the season"),
    ("Quarterly review",),
    ("Health outreach",),
    ("Health list: no outreach this month, no time",),
    ("Urgent ticket",),
    ("First contact", "Did you see our guide", "Shall we talk"),
)
_TITLES_R = names.Ragged(_TITLES)


def _changes(w: Window) -> Changes:
    """Engagements written down and, for meetings and tasks, what became of them."""
    return once(w, "engagement events", lambda: _events(w))


def _events(w: Window) -> Changes:
    e, found = engagements(w), Collected()
    rows = np.arange(len(e))
    found.add(rows, e["created"], DONE, 0, 0)
    planned = np.isin(e["kind"], (MEETING, TASK))
    k = sub_key(e["key"], "outcome")
    i = np.flatnonzero(planned & ((e["kind"] == MEETING) | keys.chance(k, 0, 0.86)))
    at = np.where(e["kind"] == MEETING, e["at"] + HOUR, e["at"] - 2 * HOUR)
    at = np.maximum(at + keys.below(k, 1, 8 * 3_600) * SECOND, e["created"] + HOUR)
    found.add(i, at[i], DONE, 1, 0)
    c = found.all()
    return c.where(c.at < w.hi)


def _versions(w: Window, kind: int | None = None):
    """(engagements, when they arrive, when changed, whether done) of the versions to deliver."""
    e, c = engagements(w), _changes(w)
    if kind is not None:
        c = c.where(e["kind"][c.entity] == kind)
    v = versions(w, e["key"], c.entity, c.at, c.prop, c.value)
    return e[v.entity], v.arrived, v.at, v.value.get(DONE, np.zeros(len(v.at))) == 1


def _common(e: np.ndarray) -> dict:
    return {
        "engagement_id": pa.array(e["id"]),
        "property_hs_createdate": stamp(e["created"]),
        "property_hs_timestamp": stamp(e["at"]),
        "property_hubspot_owner_id": pa.array(e["owner"]),
    }


def _title(e: np.ndarray) -> pa.StringArray:
    return _TITLES_R.draw(e["purpose"], e["key"], 30)


def engagement(w: Window) -> pa.Table:
    e, arrived, at, _ = _versions(w)
    n = len(e)
    return build(
        "engagement",
        {
            "id": pa.array(e["id"]),
            "portal_id": integer(np.full(n, PORTAL), pa.int32()),
            "type": word(KINDS, e["kind"]),
            "owner_id": pa.array(e["owner"]),
            "active": constant(True, n, pa.bool_()),
            "timestamp": stamp(e["at"]),
            "created_at": stamp(e["created"]),
            "last_updated": stamp(at),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def engagement_call(w: Window) -> pa.Table:
    e, arrived, _, _ = _versions(w, CALL)
    k = e["key"]
    how = keys.choose(k, 31, np.cumsum([0.55, 0.20, 0.20, 0.05]))
    length = np.where(how == 0, 60_000 + (keys.exponential(k, 32) * 420_000).astype(np.int64), 0)
    return build(
        "engagement_call",
        {
            **_common(e),
            "property_hs_call_title": _title(e),
            "property_hs_call_disposition": word(
                ("connected", "left_voicemail", "no_answer", "busy"), how
            ),
            "property_hs_call_duration": integer(length, pa.int32()),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def engagement_meeting(w: Window) -> pa.Table:
    e, arrived, _, done = _versions(w, MEETING)
    how = 1 + keys.choose(e["key"], 31, np.cumsum([0.82, 0.11, 0.07]))
    return build(
        "engagement_meeting",
        {
            **_common(e),
            "property_hs_meeting_title": _title(e),
            "property_hs_meeting_outcome": word(
                ("SCHEDULED", "COMPLETED", "NO_SHOW", "CANCELED"), np.where(done, how, 0)
            ),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def engagement_email(w: Window) -> pa.Table:
    e, arrived, _, _ = _versions(w, EMAIL)
    back = keys.chance(e["key"], 31, 0.3)
    subject = names.where(back, names.glue("Re: ", _title(e)), _title(e))
    return build(
        "engagement_email",
        {
            **_common(e),
            "property_hs_email_subject": subject,
            "property_hs_email_direction": word(("EMAIL", "INCOMING_EMAIL"), back),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def engagement_note(w: Window) -> pa.Table:
    e, arrived, _, _ = _versions(w, NOTE)
    return build(
        "engagement_note",
        {**_common(e), "property_hs_note_body": _title(e), "_fivetran_synced": stamp(arrived)},
        arrived,
    )


def engagement_task(w: Window) -> pa.Table:
    e, arrived, _, done = _versions(w, TASK)
    return build(
        "engagement_task",
        {
            **_common(e),
            "property_hs_task_subject": _title(e),
            "property_hs_task_status": word(("NOT_STARTED", "COMPLETED"), done),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


# --- whom they were with -----------------------------------------------------------------------
def _association(w: Window, name: str, number_of: np.ndarray) -> pa.Table:
    e = engagements(w)
    arrived = synced(e["created"])
    keep = np.flatnonzero((number_of >= 0) & (arrived >= w.lo) & (arrived < w.hi))
    keep = keep[np.lexsort((e["key"][keep], arrived[keep]))]
    arrived = arrived[keep]
    return build(
        f"engagement_{name}",
        {
            "engagement_id": pa.array(e["id"][keep]),
            f"{name}_id": pa.array(number_of[keep]),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def engagement_company(w: Window) -> pa.Table:
    e, j, found = engagements(w), journeys(w), leads(w)
    out = np.full(len(e), -1, dtype=np.int64)
    own, lead = e["pos"] >= 0, e["lead"] >= 0
    pos = e["pos"][own]
    out[own] = np.where(j.has_company[pos], number(j.company[pos]), -1)
    # A lead's company stands in HubSpot from ten minutes before its deal.
    pos = e["lead"][lead]
    there = (found.deal[pos] >= 0) & (e["created"][lead] >= found.deal[pos])
    out[lead] = np.where(there, number(found.company[pos]), -1)
    return _association(w, "company", out)


def engagement_contact(w: Window) -> pa.Table:
    e, found = engagements(w), leads(w)
    out = np.full(len(e), -1, dtype=np.int64)
    lead = e["lead"] >= 0
    out[lead] = long_number(found.key[e["lead"][lead]])
    own = np.flatnonzero(~lead)
    out[own] = _champion(w, e["acct"][own], e["created"][own])
    return _association(w, "contact", out)


def _champion(w: Window, acct, at) -> np.ndarray:
    """Number of the contact who speaks for each account at an instant: the champion, and before
    the sign-up who will be the first."""
    u = w.facts.table("user")
    u = u[u["champion"]]
    code = (u["acct"] << 27) | (u["invited"] // MINUTE)
    order = np.argsort(code, kind="stable")
    u, code = u[order], code[order]
    row = np.searchsorted(code, (acct << 27) | (at // MINUTE), side="right") - 1
    there = row >= 0
    there[there] = u["acct"][row[there]] == acct[there]
    n = np.where(there, u["n"][np.maximum(row, 0)] if len(u) else 0, 0)
    return long_number(child_key(w.seed, "hubspot_contact", acct, n.astype(np.int64)))
