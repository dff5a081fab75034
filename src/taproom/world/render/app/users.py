"""Users and the roles they hold at venues."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock, facts, mess
from taproom.world.draws import ids, keys
from taproom.world.facts import USER_ROLES
from taproom.world.people import names
from taproom.world.people.population import child_key
from taproom.world.render.app.accounts import Accounts, accounts_of
from taproom.world.render.app.changes import Changes, Rows, from_instants, instants, touched
from taproom.world.window import Window

_USER = np.dtype([*facts.USER.descr, ("key", "u8"), ("deleted", "i8")])


def _users(w: Window, f: np.ndarray) -> np.ndarray:
    """Users with their key and the instant of deletion: an erasure, or (M10) some time after
    the login was taken away. Nothing happens to a user after an erasure."""
    out = np.empty(len(f), _USER)
    for name in f.dtype.names:
        out[name] = f[name]
    erased = f["erased"]
    for name in ("activated", "deactivated"):
        out[name] = np.where((erased >= 0) & (f[name] > erased), -1, f[name])
    out["key"] = child_key(w.seed, "user", f["acct"], f["n"])
    gone = mess.hit(w.mess, "M10", "app.users", out["key"]) & (out["deactivated"] >= 0)
    days = 25 + keys.below(out["key"], 30, 20)
    later = np.where(gone & (erased < 0), out["deactivated"] + days * clock.DAY, -1)
    out["deleted"] = np.where(erased >= 0, erased, later)
    return out


def user_changes(w: Window) -> tuple[np.ndarray, Changes]:
    f = w.facts.table("user")
    times = ("invited", "activated", "deactivated", "erased")
    f = f[touched(w, *(f[c] for c in times)) | (f["deactivated"] >= 0)]
    v = _users(w, f)
    times = ("invited", "activated", "deactivated", "deleted")
    v = v[touched(w, *(v[c] for c in times))]
    instants = np.stack([v[c] for c in times], axis=1)
    return v, from_instants(w.seed, "users", v["key"], instants)


def user_emails(w: Window, a: Accounts, v: np.ndarray) -> pa.StringArray:
    """E-mail addresses as typed into the application, of users with `acct`, `n` and `key`."""
    i = a.at(v["acct"])
    who = names.people(v["key"], a.pop.country[i])
    solo = (v["n"] == 0) & (a.pop.n_loc[i] == 1) & ~a.signs.email[i]
    clean = names.email(v["key"], who, names.take(a.domain, i), solo)
    return mess.emails(w.mess, "app.users", v["key"], clean)


def user_rows(w: Window, v: np.ndarray, row, at, arrived) -> Rows:
    some, entity = np.unique(row, return_inverse=True)
    m, v = v[row], v[some]
    a = accounts_of(w, v["acct"])
    i = a.at(v["acct"])
    key, country, city = v["key"], a.pop.country[i], a.city[i]
    known = ~((m["erased"] >= 0) & (m["erased"] <= at))
    active = (m["activated"] >= 0) & (m["activated"] <= at)
    gone = ~known | ((m["deactivated"] >= 0) & (m["deactivated"] <= at))
    # The last sign-in before this version: days before a leaver's end, minutes before else.
    k = keys.key(m["key"], at)
    idle = np.where(
        gone,
        clock.DAY // 4 + keys.below(k, 0, 20 * 86_400) * clock.SECOND,
        keys.below(k, 1, 3_600) * clock.SECOND,
    )
    login = np.where(active, np.maximum(m["activated"], at - idle), -1)
    number = names.phone(key, city, mess.phone_style(w.mess, key))
    phone = names.where(keys.chance(key, 31, 0.8), number, None)
    french = np.array([c.region == "QC" for c in names.CITIES])[city]
    person = (user_emails(w, a, v), names.people(key, country).full_name, phone)
    email, full_name, phone = (names.where(known, names.take(x, entity), None) for x in person)
    return Rows(
        "users",
        {
            "id": ids.text_id("usr_", key),
            "account_id": names.take(a.id, i),
            "role": names.take(USER_ROLES, v["role"]),
            "locale": names.where(french, "fr-CA", names.take(names.LOCALES, country)),
            "timezone": names.take(names.CITY_TIMEZONE, city),
            "invited_by": ids.text_id("usr_", child_key(w.seed, "user", v["acct"], 0), v["n"] > 0),
            "invited_at": instants(v["invited"]),
            "created_at": instants(v["invited"]),
        },
        entity,
        {
            "email": email,
            "full_name": full_name,
            "phone": phone,
            "activated_at": instants(m["activated"], at),
            "last_login_at": instants(login),
            "status": names.take(
                ("invited", "active", "deactivated"), np.where(gone, 2, active.astype(np.int64))
            ),
            "updated_at": instants(at),
            "deleted_at": instants(m["deleted"], at),
        },
    )


# --- roles at venues ---------------------------------------------------------------------------
_GRANT = np.dtype(
    [
        ("user", "u8"),
        ("loc", "u8"),
        ("key", "u8"),
        ("role", "i1"),
        ("granted", "i8"),
        ("revoked", "i8"),
    ]
)
_STAFF = USER_ROLES.index("staff")
_VENUE_ROLES = (*USER_ROLES, "shift_lead")


def _grants(w: Window) -> np.ndarray:
    """Roles at venues of the accounts where a user or a venue came or went in the window.

    Staff work at one of the venues there were when they were invited, all others at every one.
    """
    u, v = w.facts.table("user"), w.facts.table("location")
    moved = touched(w, u["invited"], u["deactivated"], u["erased"])
    accounts = np.union1d(u["acct"][moved], v["acct"][touched(w, v["created"], v["closed"])])
    u = u[np.isin(u["acct"], accounts)]
    v = v[np.isin(v["acct"], accounts)]
    v = v[np.lexsort((v["n"], v["acct"]))]
    start = np.searchsorted(v["acct"], u["acct"], side="left")
    count = np.searchsorted(v["acct"], u["acct"], side="right") - start
    one = np.repeat(np.arange(len(u)), count)
    first = np.cumsum(count) - count
    rank = np.arange(len(one)) - first[one]
    loc = v[start[one] + rank]
    there = loc["created"] <= u["invited"][one]
    known = np.bincount(one[there], minlength=len(u))
    key = child_key(w.seed, "user", u["acct"], u["n"])
    mine = keys.below(key, 32, np.maximum(known, 1))
    keep = (u["role"][one] != _STAFF) | (rank == mine[one])
    one, loc = one[keep], loc[keep]
    user = u[one]
    out = np.empty(len(one), _GRANT)
    out["user"], out["loc"] = key[one], child_key(w.seed, "location", loc["acct"], loc["n"])
    with np.errstate(over="ignore"):
        out["key"] = keys.mix(out["user"] + out["loc"] * keys.G)
    leads = (user["role"] == _STAFF) & keys.chance(out["key"], 0, 0.12)
    out["role"] = np.where(leads, len(USER_ROLES), user["role"])
    out["granted"] = np.maximum(user["invited"], loc["created"])
    ends = np.stack([user["deactivated"], user["erased"], loc["closed"]])
    end = np.where(ends >= 0, ends, np.iinfo(np.int64).max).min(axis=0)
    out["revoked"] = np.where((ends >= 0).any(axis=0), end, -1)
    return out[(out["revoked"] < 0) | (out["revoked"] > out["granted"])]


def grant_changes(w: Window) -> tuple[np.ndarray, Changes]:
    v = _grants(w)
    v = v[touched(w, v["granted"], v["revoked"])]
    instants = np.stack([v["granted"], v["revoked"]], axis=1)
    return v, from_instants(w.seed, "user_location_roles", v["key"], instants)


def grant_rows(w: Window, v: np.ndarray, row, at, arrived) -> Rows:
    some, entity = np.unique(row, return_inverse=True)
    m, v = v[row], v[some]
    return Rows(
        "user_location_roles",
        {
            "user_id": ids.text_id("usr_", v["user"]),
            "location_id": ids.text_id("loc_", v["loc"]),
            "role": names.take(_VENUE_ROLES, v["role"]),
            "granted_at": instants(v["granted"]),
        },
        entity,
        {"revoked_at": instants(m["revoked"], at)},
    )
