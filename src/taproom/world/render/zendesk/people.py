"""zendesk.user and zendesk.organization: who writes, and the customer they write for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import clock, mess
from taproom.world.clock import DAY, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.draws.ids import text_id
from taproom.world.people import names
from taproom.world.people.population import account_key, child_key
from taproom.world.render import app
from taproom.world.render.columns import build, constant, last_of, stamp, synced
from taproom.world.render.zendesk import team as teams
from taproom.world.render.zendesk.life import API, EMAIL, VOICE, channels
from taproom.world.render.zendesk.requests import of_customers
from taproom.world.window import Window

ERASED = "Permanently deleted user"


def _askers(w: Window) -> np.ndarray:
    """First request of each person who ever asked: rows of requests, one a person."""

    def make() -> np.ndarray:
        r = of_customers(w)
        r = r[np.lexsort((r["at"], r["who"], r["acct"]))]
        first = np.ones(len(r), dtype=bool)
        first[1:] = (r["acct"][1:] != r["acct"][:-1]) | (r["who"][1:] != r["who"][:-1])
        return r[first]

    return w.facts.once(("zendesk askers", w.seed), make)


def _erasures(w: Window, r: np.ndarray) -> np.ndarray:
    """When the person of each first request asked to be forgotten, or -1."""
    u = w.facts.table("user")
    u = u[np.lexsort((u["n"], u["acct"]))]
    code = (u["acct"] << 24) + u["n"]
    found = np.searchsorted(code, (r["acct"] << 24) + r["who"])
    at = u["erased"][np.minimum(found, len(u) - 1)] if len(u) else r["at"] * 0 - 1
    # A request that came after the erasure was a slip; the person is forgotten a day later.
    return np.where(at < 0, -1, np.maximum(at, r["at"] + DAY))


def user(w: Window) -> pa.Table | None:
    """Customers' people from their first request on, and the team."""
    parts = [p for p in (_customers(w), _team(w)) if p is not None]
    return pa.concat_tables(parts) if parts else None


def _customers(w: Window) -> pa.Table | None:
    r = _askers(w)
    at = np.column_stack([r["at"] - 2 * SECOND, _erasures(w, r)])
    arrived = synced(at, clock.HOUR)
    row, step = np.nonzero((at >= 0) & (arrived >= w.lo) & (arrived < w.hi))
    if not len(row):
        return None
    keep = last_of((row,), arrived[row, step])
    keep = keep[np.lexsort((r["key"][row[keep]], at[row, step][keep]))]
    row, step = row[keep], step[keep]
    r, at, arrived, gone = r[row], at[row, step], arrived[row, step], step == 1
    a = app.accounts_of(w, r["acct"])
    i = a.at(r["acct"])
    key = child_key(w.seed, "user", r["acct"], r["who"])
    channel = channels(r)
    person = np.empty(len(r), dtype=[("acct", "i8"), ("n", "i8"), ("key", "u8")])
    person["acct"], person["n"], person["key"] = r["acct"], r["who"], key
    mail = app.user_emails(replace(w, mess="none"), a, person)
    mail = mess.emails(w.mess, "zendesk.user", key, mail)
    full = names.people(key, a.pop.country[i]).full_name
    # Who only ever sent a mail is known by the part of it before the @, unless he signed it.
    bare = (channel == EMAIL) & keys.chance(key, 70, 0.3)
    name = names.where(bare, pc.list_element(pc.split_pattern(mail, "@"), 0), full)
    phone = names.phone(key, a.city[i], np.zeros(len(r), dtype=np.int64))
    french = np.array([c.region == "QC" for c in names.CITIES])[a.city[i]]
    # The application passes its own identifier on; mail and telephone know none.
    known = (channel != EMAIL) & (channel != VOICE) & (channel != API)
    return build(
        "user",
        {
            "id": pa.array(teams.user_id(w.seed, r["acct"], r["who"])),
            "name": names.where(gone, ERASED, name),
            "email": names.where(gone, None, mail),
            "phone": names.where((channel == VOICE) & ~gone, phone, None),
            "role": constant("end-user", len(r), pa.string()),
            "organization_id": pa.array(teams.organization_id(w.seed, r["acct"])),
            "external_id": text_id("usr_", key, known & ~gone),
            "locale": names.where(french, "fr-CA", names.take(names.LOCALES, a.pop.country[i])),
            "active": pa.array(~gone),
            "created_at": stamp(r["at"] - 2 * SECOND),
            "updated_at": stamp(at),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def _team(w: Window) -> pa.Table | None:
    t = teams.team(w.seed, w.paying)
    arrived = synced(t.hired, clock.HOUR)
    here = np.isin(t.home, w.population.acct) & (arrived >= w.lo) & (arrived < w.hi)
    j = np.flatnonzero(here)
    if not len(j):
        return None
    key = t.key[j]
    who = names.people(key, np.zeros(len(j), dtype=np.int64))
    machine = j == teams.MONITOR
    domain = pa.repeat(names.TAPWISE, len(j))
    mail = names.email(key, who, domain, np.zeros(len(j), dtype=bool))
    return build(
        "user",
        {
            "id": pa.array(teams.agent_id(w.seed, w.paying, j)),
            "name": names.where(machine, "Tapwise Monitoring", who.full_name),
            "email": names.where(machine, f"alerts@{names.TAPWISE}", mail),
            "phone": constant(None, len(j), pa.string()),
            "role": names.where(machine | (j == 1), "admin", pa.repeat("agent", len(j))),
            "organization_id": constant(None, len(j), pa.int64()),
            "external_id": constant(None, len(j), pa.string()),
            "locale": constant("en-US", len(j), pa.string()),
            "active": constant(True, len(j), pa.bool_()),
            "created_at": stamp(t.hired[j]),
            "updated_at": stamp(t.hired[j]),
            "_fivetran_synced": stamp(arrived[j]),
        },
        arrived[j],
    )


def late(w: Window, acct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """M13: which accounts' organizations come late, and by how much (µs); -1 never come."""
    key = account_key(w.seed, acct)
    hit = mess.hit(w.mess, "M13", "zendesk.organization", key)
    delay = (10 + keys.below(key, 71, 60)) * DAY
    return hit, np.where(keys.chance(key, 72, 0.5), -1, delay)


def organization(w: Window) -> pa.Table | None:
    """One row an account, made by the application soon after the sign-up."""
    p = w.population
    created = p.signup + 5 * MINUTE
    hit, delay = late(w, p.acct)
    at = np.where(hit, np.where(delay < 0, -1, created + delay), created)
    arrived = synced(at, clock.HOUR)
    i = np.flatnonzero((at >= 0) & (arrived >= w.lo) & (arrived < w.hi))
    if not len(i):
        return None
    i = i[np.lexsort((p.key[i], at[i]))]
    a = app.accounts_of(w, p.acct[i])
    return build(
        "organization",
        {
            "id": pa.array(teams.organization_id(w.seed, p.acct[i])),
            "name": names.take(a.company.name, a.at(p.acct[i])),
            "external_id": text_id("acc_", p.key[i]),
            "created_at": stamp(created[i]),
            "updated_at": stamp(created[i]),
            "_fivetran_synced": stamp(arrived[i]),
        },
        arrived[i],
    )
