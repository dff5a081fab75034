"""Everybody HubSpot has as a contact: users, leads, partners, and who stands there twice.

Contacts are rows of CONTACT with their key; what they are called comes from `person`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import mess
from taproom.world.clock import DAY, HOUR, SECOND
from taproom.world.draws import keys
from taproom.world.facts import USER_ROLES
from taproom.world.marketing import prospects
from taproom.world.people import names
from taproom.world.people.population import TEST, child_key
from taproom.world.render.app import accounts_of
from taproom.world.render.columns import word
from taproom.world.render.hubspot.common import long_number, once, sub_key
from taproom.world.render.hubspot.journeys import journeys
from taproom.world.render.hubspot.leads import leads
from taproom.world.render.hubspot.variants import company_names
from taproom.world.window import Window

USER, LEAD_ONLY, PARTNER = range(3)
_OWNER, _STAFF = USER_ROLES.index("owner"), USER_ROLES.index("staff")
STAFF_SHARE = 0.55  # of staff are taken into the CRM, of all others everybody

# kind: of the three above. pos: position among the journeys, for leads among the leads. n and
# person: of the user. of: position of the contact this one repeats, -1 for most. merged: when it
# was merged into that one. left: when the person left the company. erased: an erasure request.
# deleted: when a colleague deleted the contact. Instants in µs UTC, -1 for never.
CONTACT = np.dtype(
    [
        ("key", "u8"),
        ("id", "i8"),
        ("kind", "i1"),
        ("pos", "i8"),
        ("acct", "i8"),
        ("n", "i4"),
        ("role", "i1"),
        ("person", "u8"),
        ("created", "i8"),
        ("of", "i8"),
        ("merged", "i8"),
        ("left", "i8"),
        ("erased", "i8"),
        ("deleted", "i8"),
    ]
)


def contacts(w: Window) -> np.ndarray:
    """Contacts of the window's shard created before its end: CONTACT, originals first."""
    return once(w, "contacts", lambda: _contacts(w), whole=True)


def _blank(n: int) -> np.ndarray:
    c = np.zeros(n, CONTACT)
    for name in ("acct", "n", "role", "of", "merged", "left", "erased", "deleted"):
        c[name] = -1
    return c


def _contacts(w: Window) -> np.ndarray:
    c = np.concatenate([_users(w), _owners_to_be(w), _leads(w), _partners(w)])
    c["deleted"] = _deleted(w, c)
    c = c[c["created"] < w.hi]
    c = np.concatenate([c, _again(w, c)])
    c["id"] = long_number(c["key"])
    return c


def _users(w: Window) -> np.ndarray:
    """Users of the application: an integration passes them on within minutes."""
    f, j = w.facts.table("user"), journeys(w)
    f = f[f["invited"] < w.hi]
    pos = j.at(f["acct"])
    key = child_key(w.seed, "hubspot_contact", f["acct"], f["n"])
    taken = (f["role"] != _STAFF) | keys.chance(key, 0, STAFF_SHARE)
    taken &= (j.pop.cls[pos] != TEST) | keys.chance(key, 1, 0.5)
    f, pos, key = f[taken], pos[taken], key[taken]
    c = _blank(len(f))
    c["key"], c["kind"], c["pos"], c["acct"], c["n"] = key, USER, pos, f["acct"], f["n"]
    c["role"], c["person"] = f["role"], child_key(w.seed, "user", f["acct"], f["n"])
    sent = f["invited"] + (2 + keys.below(key, 2, 13 * 60)) * SECOND
    c["created"] = np.where(f["n"] == 0, j.known[pos], sent)
    later = keys.below(key, 3, 40 * 3_600) * SECOND + HOUR
    c["erased"] = np.where(f["erased"] >= 0, f["erased"] + later, -1)
    c["left"] = f["deactivated"]
    return c


def _owners_to_be(w: Window) -> np.ndarray:
    """Those who will sign up, once they are known and until then."""
    j = journeys(w)
    there = np.zeros(len(j.pop), dtype=bool)
    f = w.facts.table("user")
    there[j.at(f["acct"][(f["n"] == 0) & (f["invited"] < w.hi)])] = True
    pos = np.flatnonzero(~there & (j.known < w.hi))
    c = _blank(len(pos))
    acct = j.pop.acct[pos]
    key = child_key(w.seed, "hubspot_contact", acct, np.zeros(len(pos), dtype=np.int64))
    keep = (j.pop.cls[pos] != TEST) | keys.chance(key, 1, 0.5)
    c["key"], c["kind"], c["pos"], c["acct"], c["n"] = key, USER, pos, acct, 0
    c["role"], c["person"] = _OWNER, child_key(w.seed, "user", acct, np.zeros(len(pos), int))
    c["created"] = j.known[pos]
    return c[keep]


def _leads(w: Window) -> np.ndarray:
    found = leads(w)
    c = _blank(len(found.p))
    c["key"], c["person"] = found.key, found.p["key"]
    c["kind"], c["pos"], c["created"] = LEAD_ONLY, np.arange(len(c)), found.p["lead_at"]
    asked = keys.chance(c["key"], 4, 0.0005)
    later = c["created"] + (60 + keys.below(c["key"], 5, 300)) * DAY
    c["erased"] = np.where(asked, later, -1)
    return c


def _partners(w: Window) -> np.ndarray:
    """People of tills' makers and distributors who look after an account: no customers (M09)."""
    j = journeys(w)
    key = child_key(w.seed, "hubspot_partner", j.pop.acct, np.zeros(len(j.pop), dtype=np.int64))
    at = j.pop.signup + (1 + keys.below(key, 2, 30)) * DAY
    here = mess.hit(w.mess, "M09", "hubspot.contact", key)
    pos = np.flatnonzero(here & (j.pop.cls != TEST) & (at < w.hi))
    c = _blank(len(pos))
    c["key"] = c["person"] = key[pos]
    c["kind"], c["pos"], c["acct"] = PARTNER, pos, j.pop.acct[pos]
    c["created"] = at[pos]
    return c


def _deleted(w: Window, c: np.ndarray) -> np.ndarray:
    """M10: one contact in a hundred is deleted by hand, mostly of people who left."""
    left = c["left"] >= 0
    much = mess.hit(w.mess, "M10", "hubspot.contact", c["key"])
    some = mess.hit(w.mess, "M10", "hubspot.contact of leads", c["key"])
    after = np.where(left, c["left"], c["created"] + 200 * DAY)
    at = after + (20 + keys.below(c["key"], 6, 90)) * DAY
    return np.where((left & much) | (~left & some & (c["kind"] == LEAD_ONLY)), at, -1)


def _again(w: Window, c: np.ndarray) -> np.ndarray:
    """M08: people who come a second time with another address; one in five is merged."""
    i = np.flatnonzero(mess.hit(w.mess, "M08", "hubspot.contact", c["key"]))
    i = i[c["kind"][i] != PARTNER]
    d = c[i].copy()
    d["deleted"] = -1
    d["key"] = sub_key(c["key"][i], "contact again")
    days = 4 + keys.below(d["key"], 0, 170)
    d["created"] = c["created"][i] + days * DAY + keys.below(d["key"], 1, 80_000) * SECOND
    wait = (8 + keys.below(d["key"], 2, 60)) * DAY + keys.below(d["key"], 3, 30_000) * SECOND
    d["merged"] = np.where(keys.chance(d["key"], 4, 0.2), d["created"] + wait, -1)
    d["of"] = i
    gone = (d["erased"] >= 0) & (d["erased"] <= d["created"])
    return d[(d["created"] < w.hi) & ~gone]


# --- what they are called ----------------------------------------------------------------------
@dataclass(frozen=True)
class Person:
    """Columns of contacts as HubSpot has them; e-mail and telephone with their defects."""

    first: pa.StringArray
    last: pa.StringArray
    email: pa.StringArray
    phone: pa.StringArray
    company: pa.StringArray
    job: pa.StringArray


_JOBS = (
    ("Owner", "Founder", "Managing Director", "General Manager", "Proprietor"),
    ("Operations Manager", "Bar Manager", "General Manager", "Beverage Director"),
    ("Shift Lead", "Bartender", "Cellar Manager", "Assistant Manager"),
    ("Finance Manager", "Controller", "Business Analyst", "Accountant"),
    ("Owner", "Bar Manager", "Operations Manager", "Student", "Consultant", "Brewer"),
    ("Partner Manager", "Account Manager, Channel", "Reseller"),
)
_JOBS_R = names.Ragged(_JOBS)
_PARTNERS = ("tillworks.example", "pourpos.example", "kegline-distribution.example")
_PARTNER_NAMES = ("Tillworks", "PourPOS", "Kegline Distribution")


def emails(w: Window, c: np.ndarray) -> pa.StringArray:
    """Addresses of contacts, in order, without the effect of erasure."""
    return _addresses(w, c)[1]


def _addresses(w: Window, c: np.ndarray):
    """(names, addresses, city, company, given and family name) of contacts."""
    n = len(c)
    lead = c["kind"] == LEAD_ONLY
    out: dict[str, pa.Array] = {}
    city = np.zeros(n, dtype=np.int64)
    # Leads first, then everybody who belongs to an account; put in order at the end.
    i, r = np.flatnonzero(lead), np.flatnonzero(~lead)
    p = leads(w).p[c["pos"][i]]
    whole = prospects.person(p)
    city[i] = p["city"]
    a = accounts_of(w, c["acct"][r] if len(r) else np.zeros(1, dtype=np.int64))
    at = a.at(c["acct"][r])
    city[r] = a.city[at]
    country = a.pop.country[at]
    who = names.people(c["person"][r], country)
    partner = c["kind"][r] == PARTNER
    which = keys.below(c["key"][r], 8, len(_PARTNERS))
    domain = names.where(partner, names.take(_PARTNERS, which), names.take(a.domain, at))
    solo = (c["n"][r] == 0) & (a.pop.n_loc[at] == 1) & ~a.signs.email[at] & ~partner
    mail = names.email(c["person"][r], who, domain, solo)
    full = pc.split_pattern(who.full_name, " ", max_splits=1)
    firm = names.where(partner, names.take(_PARTNER_NAMES, which), names.take(a.company.name, at))
    back = pa.array(np.argsort(np.r_[i, r], kind="stable"))
    for name, of_leads, of_rest in (
        ("first", whole.first_name, pc.list_element(full, 0)),
        ("last", whole.last_name, pc.list_element(full, 1)),
        ("email", whole.email, mail),
        ("company", whole.company, firm),
    ):
        parts = [pc.cast(x, pa.string()) for x in (of_leads, of_rest)]
        parts = [x.combine_chunks() if isinstance(x, pa.ChunkedArray) else x for x in parts]
        out[name] = pa.concat_arrays(parts).take(back)
    clean = _other_address(c, out["email"])
    return out, mess.emails(w.mess, "hubspot.contact", c["key"], clean), city


def _other_address(c: np.ndarray, email: pa.StringArray) -> pa.StringArray:
    """Who comes again has another address: a private one, or the team's."""
    again = c["of"] >= 0
    if not again.any():
        return email
    parts = pc.split_pattern(email, "@")
    local, domain = pc.list_element(parts, 0), pc.list_element(parts, 1)
    k = c["key"]
    digits = pc.cast(pa.array(10 + keys.below(k, 20, 90)), pa.string())
    mail = names.take(names.FREE_MAIL, keys.below(k, 21, len(names.FREE_MAIL)))
    private = names.glue(local, digits, "@", mail)
    box = names.take(("bookings", "events", "admin"), keys.below(k, 22, 3))
    team = names.glue(box, domain, sep="@")
    return names.where(again, names.where(keys.chance(k, 23, 0.7), private, team), email)


def person(w: Window, c: np.ndarray) -> Person:
    """What contacts are called, whom they work for and how to reach them."""
    out, email, city = _addresses(w, c)
    k = c["key"]
    phone = names.phone(c["person"], city, mess.phone_style(w.mess, k))
    role = np.select([c["kind"] == LEAD_ONLY, c["kind"] == PARTNER], [4, 5], c["role"])
    job = _JOBS_R.draw(np.maximum(role, 0), k, 10)
    return Person(
        out["first"],
        out["last"],
        email,
        names.where(keys.chance(k, 11, 0.62), phone, None),
        company_names(w.mess, "hubspot.contact", k, out["company"]),
        names.where(keys.chance(k, 12, 0.82), job, None),
    )


def source_code(w: Window, c: np.ndarray) -> np.ndarray:
    """Position in SOURCES of each contact: the first channel of the owners and the leads who
    left a trace; M17 loses some."""
    j, found = journeys(w), leads(w)
    user = c["kind"] == USER
    first = np.full(len(c), -1, dtype=np.int64)
    own = user & (c["n"] == 0)
    first[own] = j.source[c["pos"][own]]
    lead = c["kind"] == LEAD_ONLY
    first[lead] = found.p["source"][c["pos"][lead]]
    code = np.where(first >= 0, _SOURCE_OF[np.maximum(first, 0)], _OFFLINE)
    lost = mess.hit(w.mess, "M17", "hubspot.contact", c["key"]) & (first >= 0)
    how = keys.chance(c["key"], 13, 0.7)
    return np.where(lost, np.where(how, _DIRECT, _OTHER), code)


SOURCES = (
    "PAID_SEARCH",
    "ORGANIC_SEARCH",
    "PAID_SOCIAL",
    "SOCIAL_MEDIA",
    "EMAIL_MARKETING",
    "REFERRALS",
    "DIRECT_TRAFFIC",
    "OTHER_CAMPAIGNS",
    "OFFLINE",
)
_DIRECT, _OTHER, _OFFLINE = 6, 7, 8
# By channel of channels.CHANNELS: brand, generic, social, linkedin, email, organic, review site,
# partner, direct.
_SOURCE_OF = np.array([0, 0, 2, 2, 4, 1, 5, 5, 6])


def spoken(code) -> pa.Array:
    """Sources by position."""
    return word(SOURCES, code)
