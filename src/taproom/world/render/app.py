"""The application's own database: accounts, venues, users, roles, and the log of every change.

Each table is a list of changes in the order they were committed; a change is one version of a
row. The connector reads every five minutes and delivers the newest version of a row that
changed since; the change log delivers all of them, with the row before and after.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ... import contracts
from .. import clock, facts, ids, keys, mess, names
from ..facts import ACCOUNT_STATUS, COUNTRIES, CURRENCIES, TIERS, USER_ROLES, VENUE_TYPES
from ..population import TEST, Population, account_key, child_key, population
from . import Window

RUN = 5 * clock.MINUTE
_JITTER = 400_000  # a commit comes up to 0.4 s after the instant it writes


# --- changes -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Changes:
    """Versions of rows, sorted by row and time.

    `row` points into the table of entities, `at` is the instant the version is about, `last`
    says that no later version of the row came in the same run of the connector.
    """

    row: np.ndarray
    at: np.ndarray
    committed: np.ndarray
    arrived: np.ndarray
    first: np.ndarray
    last: np.ndarray


@dataclass(frozen=True)
class Rows:
    """Versions of rows: columns that never change, by entity, and columns by version.

    `entity` says which entity each version is of; `cached` may hold the entities' JSON.
    """

    table: str
    fixed: dict
    entity: np.ndarray
    moving: dict
    cached: Accounts | None = None

    def columns(self) -> dict:
        at = pa.array(self.entity)
        return {k: x.take(at) for k, x in self.fixed.items()} | self.moving

    def json(self) -> pa.StringArray:
        """Versions as JSON objects."""
        fixed = self.cached.json if self.cached else _json(_typed(self.table, self.fixed))
        head = pc.ascii_rtrim(fixed, characters="}").take(pa.array(self.entity))
        tail = pc.ascii_ltrim(_json(_typed(self.table, self.moving)), characters="{")
        return names.glue(head, tail, sep=",")


def _changes(seed: int, table: str, key, row, at, again=0) -> Changes:
    """Changes of rows `row` (sorted, then by `at`); `again` counts equal instants of a row."""
    k = keys.key(keys.stream_key(seed, f"commit {table}"), key, at)
    committed = at + 1 + keys.below(k, 0, _JITTER) + again * (clock.SECOND // 2)
    arrived = (committed // RUN + 1) * RUN
    first = np.ones(len(row), dtype=bool)
    first[1:] = row[1:] != row[:-1]
    last = np.ones(len(row), dtype=bool)
    last[:-1] = first[1:] | (arrived[1:] != arrived[:-1])
    return Changes(row, at, committed, arrived, first, last)


def _from_instants(seed: int, table: str, key, instants: np.ndarray) -> Changes:
    """One change for each instant that is set (not negative), equal ones of a row taken once."""
    ordered = np.sort(instants, axis=1)
    new = ordered >= 0
    new[:, 1:] &= ordered[:, 1:] != ordered[:, :-1]
    row, column = np.nonzero(new)
    return _changes(seed, table, key[row], row, ordered[row, column])


def _touched(w: Window, *columns: np.ndarray) -> np.ndarray:
    """Rows with an instant that can arrive in the window."""
    hit = np.zeros(len(columns[0]), dtype=bool)
    for c in columns:
        hit |= (c >= w.lo - 2 * RUN) & (c < w.hi)
    return hit


# --- account traits ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Accounts:
    """Accounts with what their children need to know of them."""

    seed: int
    paying: int
    mess: str
    pop: Population

    def at(self, acct) -> np.ndarray:
        """Positions of account indices."""
        return np.searchsorted(self.pop.acct, acct)

    @cached_property
    def id(self) -> pa.StringArray:
        return ids.text_id("acc_", self.pop.key)

    @cached_property
    def city(self) -> np.ndarray:
        return names.home_city(self.pop.key, self.pop.country)

    @cached_property
    def company(self) -> names.Companies:
        p = self.pop
        return names.companies(p.key, p.country, p.venue_type, p.cls)

    @cached_property
    def signs(self) -> names.TestSigns:
        return names.test_signs(self.pop.key, self.pop.cls, self.mess)

    @cached_property
    def domain(self) -> pa.StringArray:
        name, slug = self.company.name, self.company.slug
        return names.domain(self.pop.key, self.city, name, self.signs.email, slug)

    @cached_property
    def columns(self) -> dict:
        """Columns of app.accounts that never change."""
        return _account_columns(self)

    @cached_property
    def json(self) -> pa.StringArray:
        return _json(_typed("accounts", self.columns))


_FEW = 2_000
_BLOCK = 8_192


def accounts_of(w: Window, acct) -> Accounts:
    """Traits, names and domains of the accounts that stand in `acct`, and maybe of others.

    A few are computed alone; for many, all accounts are, once for all windows of a world.
    """
    wanted = np.unique(acct)
    if len(wanted) > _FEW:
        return _everyone(w.seed, w.paying, w.mess, (int(wanted[-1]) // _BLOCK + 1) * _BLOCK)
    return Accounts(w.seed, w.paying, w.mess, population(w.seed, w.paying, wanted))


@lru_cache(maxsize=4)
def _everyone(seed: int, paying: int, mess: str, n: int) -> Accounts:
    return Accounts(seed, paying, mess, population(seed, paying, np.arange(n)))


_CHANNELS = (  # source, medium, themes
    ("google", "cpc", ("brand-search", "draft-beer-software", "keg-monitoring")),
    ("facebook", "paid_social", ("owners-lookalike", "spring-launch", "retargeting")),
    ("linkedin", "paid_social", ("operations-directors", "hospitality-groups")),
    ("newsletter", "email", ("monthly-digest", "webinar-invite")),
    ("capterra", "referral", ("listing",)),
    ("partner", "referral", ("pos-partner", "distributor")),
)
_CHANNEL_CDF = np.cumsum([0.38, 0.22, 0.10, 0.13, 0.10, 0.07])
_THEMES = names.Ragged([c[2] for c in _CHANNELS])


def utm(seed: int, pop: Population) -> tuple[pa.StringArray, pa.StringArray, pa.StringArray]:
    """Campaign tags at sign-up as they were meant: source, medium, campaign; null for 40%."""
    k = keys.key(keys.stream_key(seed, "utm"), pop.key)
    channel = np.minimum(keys.choose(k, 0, _CHANNEL_CDF), len(_CHANNELS) - 1)
    tagged = keys.chance(k, 1, 0.6)
    month = clock.month_of(pop.signup // clock.DAY)
    year = pc.cast(pa.array(1970 + month // 12), pa.string())
    quarter = pc.cast(pa.array(1 + month % 12 // 3), pa.string())
    campaign = names.glue(_THEMES.draw(channel, k, 2), names.glue(year, quarter, sep="q"), sep="_")
    source = names.take([c[0] for c in _CHANNELS], channel)
    medium = names.take([c[1] for c in _CHANNELS], channel)
    return tuple(names.where(tagged, x, None) for x in (source, medium, campaign))


def _referral(seed: int, paying: int, pop: Population) -> pa.StringArray:
    """REF- and the end of the identifier of an earlier account, for one sign-up in twelve."""
    k = keys.key(keys.stream_key(seed, "referral"), pop.key)
    by = keys.below(k, 0, np.maximum(pop.acct, 1))
    real = population(seed, paying, by).cls < 2  # accounts that pay, now or later
    code = pc.utf8_upper(pc.utf8_slice_codeunits(ids.text_id("", account_key(seed, by)), -6))
    used = real & (pop.acct > 20) & keys.chance(k, 1, 0.14)
    return names.where(used, names.glue("REF-", code), None)


# --- accounts ----------------------------------------------------------------------------------
def _account_changes(w: Window) -> tuple[np.ndarray, Changes]:
    f = w.facts.table("account_version")
    f = f[np.isin(f["acct"], f["acct"][_touched(w, f["at"])])]
    f = f[np.lexsort((f["at"], f["acct"]))]
    same = np.zeros(len(f), dtype=np.int64)
    same[1:] = (f["acct"][1:] == f["acct"][:-1]) & (f["at"][1:] == f["at"][:-1])
    again = np.cumsum(same) - np.maximum.accumulate(np.where(same == 0, np.cumsum(same), 0))
    key = account_key(w.seed, f["acct"])
    c = _changes(w.seed, "accounts", key, f["acct"], f["at"], again)
    return f, replace(c, row=np.arange(len(f)))


def _account_columns(a: Accounts) -> dict:
    pop = a.pop
    source, medium, campaign = mess.utm(a.mess, pop.key, *utm(a.seed, pop))
    tail = ids.text_id("", keys.lane(pop.key, 40))
    registered = ~((pop.n_loc == 1) & keys.chance(pop.key, 41, 0.15))
    currency = names.take(CURRENCIES, pop.ccy)
    company = child_key(a.seed, "hubspot_company", pop.acct, 0)
    known = keys.chance(company, 0, 0.96) & (pop.cls != TEST)
    legal = names.legal(pop.key, pop.country, a.company.name)
    return {
        "id": a.id,
        "name": a.company.name,
        "legal_name": names.where(registered, legal, None),
        "slug": names.glue(a.company.slug, pc.utf8_slice_codeunits(tail, 0, 4), sep="-"),
        "country": names.take(COUNTRIES, pop.country),
        "timezone": names.take(names.CITY_TIMEZONE, a.city),
        "currency": mess.lower_case(a.mess, "app.accounts", pop.key, currency),
        "venue_group_type": names.group_type(pop.venue_type, pop.n_loc),
        "hubspot_company_id": pa.array(ids.number(company), mask=~known),
        "referral_code": _referral(a.seed, a.paying, pop),
        "utm_source": source,
        "utm_medium": medium,
        "utm_campaign": campaign,
        "is_test": pa.array(a.signs.flag),
        "created_at": _instants(pop.signup),
    }


def _account_rows(w: Window, f: np.ndarray, row, at, arrived) -> Rows:
    v = f[row]
    a = accounts_of(w, v["acct"])
    status = names.take(ACCOUNT_STATUS, v["status"])
    renamed = (arrived >= clock.DRIFT_CANCELLED * clock.DAY) & (v["status"] == _CHURNED)
    customer = ids.text_id("cus_", child_key(w.seed, "customer", v["acct"], 0), v["has_stripe"])
    return Rows(
        "accounts",
        a.columns,
        a.at(v["acct"]),
        {
            "status": names.where(renamed, "cancelled", status),
            "plan_code": names.where(
                v["tier"] >= 0, names.take(TIERS, np.maximum(v["tier"], 0)), None
            ),
            "trial_ends_at": _instants(v["trial_end"]),
            "stripe_customer_id": customer,
            "merged_into_account_id": ids.text_id(
                "acc_", account_key(w.seed, np.maximum(v["merged_into"], 0)), v["merged_into"] >= 0
            ),
            "merged_at": _instants(v["merged_at"]),
            "updated_at": _instants(v["at"]),
            "deleted_at": _instants(v["deleted_at"]),
        },
        a,
    )


_CHURNED = ACCOUNT_STATUS.index("churned")

# --- locations ---------------------------------------------------------------------------------
_LOCATION = np.dtype([*facts.LOCATION.descr, ("key", "u8"), ("deleted", "i8")])


def _locations(w: Window, f: np.ndarray) -> np.ndarray:
    """Venues with their key and, for some closed ones (M10), the instant of removal."""
    out = np.empty(len(f), _LOCATION)
    for name in f.dtype.names:
        out[name] = f[name]
    out["key"] = child_key(w.seed, "location", f["acct"], f["n"])
    removed = mess.hit(w.mess, "M10", "app.locations", out["key"]) & (f["closed"] >= 0)
    days = 20 + keys.below(out["key"], 30, 40)
    out["deleted"] = np.where(removed, f["closed"] + days * clock.DAY, -1)
    return out


def _location_changes(w: Window) -> tuple[np.ndarray, Changes]:
    f = w.facts.table("location")
    f = f[_touched(w, f["created"], f["closed"]) | (f["closed"] >= 0)]
    v = _locations(w, f)
    v = v[_touched(w, v["created"], v["closed"], v["deleted"])]
    instants = np.stack([v["created"], v["closed"], v["deleted"]], axis=1)
    return v, _from_instants(w.seed, "locations", v["key"], instants)


def venue_type(pop: Population, i, key, n) -> np.ndarray:
    """Position in VENUE_TYPES: of the first venue the account's, of others mostly."""
    other = (np.asarray(n) > 0) & keys.chance(key, 31, 0.15)
    return np.where(other, keys.below(key, 32, 4), pop.venue_type[i])


_SEATS = np.array([70, 120, 90, 80, 400])
_TAPS = np.array([16, 22, 12, 9, 34])


def seats(key, kind) -> np.ndarray:
    """Seats of a venue, by its type."""
    factor = np.clip(1.0 + 0.4 * keys.normal(key, 33), 0.3, 3.0)
    return np.rint(_SEATS[kind] * factor).astype(np.int64)


def taps(key, kind) -> np.ndarray:
    """Beer taps of a venue, by its type; 17 on average."""
    return np.maximum(4, np.rint(_TAPS[kind] * (1.0 + 0.4 * keys.normal(key, 34)))).astype(np.int64)


def _hours(weekday, late, sunday, rest=None) -> str:
    week = dict.fromkeys(("mon", "tue", "wed", "thu"), weekday)
    week |= {"fri": late, "sat": late, "sun": sunday}
    if rest:
        week[rest] = None
    return json.dumps(week, separators=(",", ":"))


_OPENING = (
    _hours("16:00-00:00", "15:00-02:00", "14:00-22:00"),
    _hours("15:00-23:00", "12:00-01:00", "12:00-22:00", "mon"),
    _hours("17:00-01:00", "17:00-02:00", "16:00-23:00", "mon"),
    _hours("12:00-23:00", "12:00-00:00", "12:00-22:30"),
    _hours("11:30-22:00", "11:30-23:00", "11:00-21:00"),
    _hours("11:00-23:30", "11:00-01:00", "12:00-21:00", "tue"),
    _hours("07:00-00:00", "07:00-01:00", "07:00-23:00"),
    _hours("17:00-22:00", "12:00-23:00", "12:00-22:00", "mon"),
)
_OPENING_OF = np.array([[0, 1, 2, 3], [1, 3, 5, 0], [4, 3, 5, 7], [6, 6, 3, 4], [7, 7, 1, 4]])


def opening_hours(key, kind) -> pa.StringArray:
    """Opening hours by weekday as JSON, local wall clock; past midnight belongs to the day."""
    return names.take(_OPENING, _OPENING_OF[kind, keys.below(key, 35, 4)])


def _location_rows(w: Window, v: np.ndarray, row, at, arrived) -> Rows:
    some, entity = np.unique(row, return_inverse=True)
    moving, v = v[row], v[some]
    a = accounts_of(w, v["acct"])
    pop, i = a.pop, a.at(v["acct"])
    country, key, n = pop.country[i], v["key"], v["n"]
    city = names.venue_city(pop.key[i], country, key, n)
    lat, lon = names.position(key, city)
    kind = venue_type(pop, i, key, n)
    closed = (moving["closed"] >= 0) & (moving["closed"] <= at)
    # A first venue stood before its owner signed up; a later one opens as it is added.
    age = np.where(
        n == 0,
        120 + (keys.exponential(key, 36) * 2_600).astype(np.int64),
        keys.below(key, 37, 20) * (1 + 60 * keys.chance(key, 38, 0.3)),
    )
    local = np.rint(lon / 15.0).astype(np.int64) * clock.HOUR
    return Rows(
        "locations",
        {
            "id": ids.text_id("loc_", key),
            "account_id": names.take(a.id, i),
            "name": names.venue(key, country, n, names.take(a.company.name, i)),
            "venue_type": names.take(VENUE_TYPES, kind),
            "address_line1": names.street(key, country),
            "city": names.take(names.CITY_NAME, city),
            "region": names.take(names.CITY_REGION, city),
            "postal_code": names.postal(key, city),
            "country": names.take(COUNTRIES, country),
            "lat": pa.array(lat),
            "lon": pa.array(lon),
            "timezone": names.take(names.CITY_TIMEZONE, city),
            "currency": names.take(CURRENCIES, pop.ccy[i]),
            "seating_capacity": pa.array(seats(key, kind)),
            "tap_count": pa.array(taps(key, kind)),
            "opening_hours": opening_hours(key, kind),
            "opened_on": _dates((v["created"] + local) // clock.DAY - age),
            "created_at": _instants(v["created"]),
        },
        entity,
        {
            "closed_on": _dates((moving["closed"] + local[entity]) // clock.DAY, closed),
            "status": names.take(("open", "closed"), closed),
            "updated_at": _instants(at),
            "deleted_at": _instants(moving["deleted"], at),
        },
    )


# --- users -------------------------------------------------------------------------------------
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


def _user_changes(w: Window) -> tuple[np.ndarray, Changes]:
    f = w.facts.table("user")
    times = ("invited", "activated", "deactivated", "erased")
    f = f[_touched(w, *(f[c] for c in times)) | (f["deactivated"] >= 0)]
    v = _users(w, f)
    times = ("invited", "activated", "deactivated", "deleted")
    v = v[_touched(w, *(v[c] for c in times))]
    instants = np.stack([v[c] for c in times], axis=1)
    return v, _from_instants(w.seed, "users", v["key"], instants)


def user_emails(w: Window, a: Accounts, v: np.ndarray) -> pa.StringArray:
    """E-mail addresses as typed into the application, of users with `acct`, `n` and `key`."""
    i = a.at(v["acct"])
    who = names.people(v["key"], a.pop.country[i])
    solo = (v["n"] == 0) & (a.pop.n_loc[i] == 1) & ~a.signs.email[i]
    clean = names.email(v["key"], who, names.take(a.domain, i), solo)
    return mess.emails(w.mess, "app.users", v["key"], clean)


def _user_rows(w: Window, v: np.ndarray, row, at, arrived) -> Rows:
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
            "invited_at": _instants(v["invited"]),
            "created_at": _instants(v["invited"]),
        },
        entity,
        {
            "email": email,
            "full_name": full_name,
            "phone": phone,
            "activated_at": _instants(m["activated"], at),
            "last_login_at": _instants(login),
            "status": names.take(
                ("invited", "active", "deactivated"), np.where(gone, 2, active.astype(np.int64))
            ),
            "updated_at": _instants(at),
            "deleted_at": _instants(m["deleted"], at),
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
    touched = _touched(w, u["invited"], u["deactivated"], u["erased"])
    accounts = np.union1d(u["acct"][touched], v["acct"][_touched(w, v["created"], v["closed"])])
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


def _grant_changes(w: Window) -> tuple[np.ndarray, Changes]:
    v = _grants(w)
    v = v[_touched(w, v["granted"], v["revoked"])]
    instants = np.stack([v["granted"], v["revoked"]], axis=1)
    return v, _from_instants(w.seed, "user_location_roles", v["key"], instants)


def _grant_rows(w: Window, v: np.ndarray, row, at, arrived) -> Rows:
    some, entity = np.unique(row, return_inverse=True)
    m, v = v[row], v[some]
    return Rows(
        "user_location_roles",
        {
            "user_id": ids.text_id("usr_", v["user"]),
            "location_id": ids.text_id("loc_", v["loc"]),
            "role": names.take(_VENUE_ROLES, v["role"]),
            "granted_at": _instants(v["granted"]),
        },
        entity,
        {"revoked_at": _instants(m["revoked"], at)},
    )


# --- delivery ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Table:
    name: str
    changes: Callable
    rows: Callable


_TABLES = (
    _Table("accounts", _account_changes, _account_rows),
    _Table("locations", _location_changes, _location_rows),
    _Table("users", _user_changes, _user_rows),
    _Table("user_location_roles", _grant_changes, _grant_rows),
)


def _arrow(table: str, columns: dict, arrived) -> pa.Table:
    return _typed(table, columns | {contracts.ARRIVED_AT: _instants(arrived)})


def _typed(table: str, columns: dict) -> pa.Table:
    """Columns in the order and with the types of the contract."""
    fields = [f for f in contracts.load("app").tables[table].arrow_schema() if f.name in columns]
    return pa.table([pc.cast(columns[f.name], f.type) for f in fields], schema=pa.schema(fields))


def _deliver(w: Window, t: _Table) -> pa.Table | None:
    """The newest version of each row that changed, run by run of the connector."""
    v, c = t.changes(w)
    kept = np.flatnonzero((c.arrived >= w.lo) & (c.arrived < w.hi) & c.last)
    if not len(kept):
        return None
    kept = kept[np.lexsort((c.committed[kept], c.arrived[kept]))]
    arrived = c.arrived[kept]
    return _arrow(t.name, t.rows(w, v, c.row[kept], c.at[kept], arrived).columns(), arrived)


def accounts(w: Window) -> pa.Table | None:
    return _deliver(w, _TABLES[0])


def locations(w: Window) -> pa.Table | None:
    return _deliver(w, _TABLES[1])


def users(w: Window) -> pa.Table | None:
    return _deliver(w, _TABLES[2])


def user_location_roles(w: Window) -> pa.Table | None:
    return _deliver(w, _TABLES[3])


def _log(w: Window, t: _Table) -> pa.Table | None:
    """Change log of one table: every version, with the row before and after."""
    v, c = t.changes(w)
    kept = np.flatnonzero((c.arrived >= w.lo) & (c.arrived < w.hi))
    if not len(kept):
        return None
    kept = kept[np.argsort(c.committed[kept], kind="stable")]
    old = kept[~c.first[kept]] - 1
    both = np.concatenate([kept, old])
    # The row before is written in the words in use when it is delivered, as the row after.
    arrived = np.concatenate([c.arrived[kept], c.arrived[kept[~c.first[kept]]]])
    rows = t.rows(w, v, c.row[both], c.at[both], arrived)
    row_json = rows.json()
    where_old = np.full(len(kept), -1)
    where_old[~c.first[kept]] = np.arange(len(kept), len(both))
    before = row_json.take(pa.array(where_old, mask=where_old < 0))
    after = row_json.slice(0, len(kept))
    contract = contracts.load("app").tables[t.name]
    entity = pa.array(rows.entity[: len(kept)])
    parts = [_text(rows.fixed[k].take(entity)) for k in contract.key]
    columns = {
        "lsn": _lsn(w.seed, t.name, v, c, kept),
        "table_name": pa.repeat(t.name, len(kept)),
        "op": names.take(("update", "insert"), c.first[kept]),
        "pk": names.glue(*parts, sep="|"),
        "before": before,
        "after": after,
        "committed_at": _instants(c.committed[kept]),
    }
    return _arrow("change_log", columns, c.arrived[kept])


def _lsn(seed: int, table: str, v, c: Changes, kept) -> pa.Array:
    """Microseconds since the company opened, and ten bits that tell rows of one instant apart."""
    entity = v["key"] if "key" in v.dtype.names else account_key(seed, v["acct"])
    low = keys.mix(entity[c.row[kept]] ^ keys.stream_key(seed, f"lsn {table}")) & np.uint64(1023)
    at = c.committed[kept] - clock.FOUNDED * clock.DAY
    return pa.array(at * 1024 + low.astype(np.int64))


def change_log(w: Window) -> pa.Table | None:
    """Changes of the four tables, one table after the other, each in order of commit."""
    parts = [p for t in _TABLES if (p := _log(w, t)) is not None]
    return pa.concat_tables(parts) if parts else None


def _json(table: pa.Table) -> pa.StringArray:
    """Rows as JSON objects; opening hours as an object, not as text in it."""
    frame = pl.from_arrow(table)
    out = frame.select(pl.struct(pl.all()).struct.json_encode()).to_series()
    if "opening_hours" in table.column_names:
        quoted = {json.dumps(hours): hours for hours in _OPENING}
        out = out.str.replace_many(list(quoted), list(quoted.values()))
    return pc.cast(out.to_arrow(), pa.string())


def _text(column: pa.Array) -> pa.StringArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(pc.cast(column, pa.timestamp("s", "UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    return column


def _instants(at, until=None) -> pa.TimestampArray:
    """Timestamps in UTC; null where -1, and where later than `until`."""
    at = np.asarray(at, dtype=np.int64)
    absent = at < 0 if until is None else (at < 0) | (at > until)
    return pc.cast(pa.array(at, mask=absent), pa.timestamp("us", "UTC"))


def _dates(day, valid=None) -> pa.Date32Array:
    mask = None if valid is None else ~valid
    return pc.cast(pa.array(np.asarray(day).astype(np.int32), mask=mask), pa.date32())


RENDERERS = {
    "accounts": accounts,
    "locations": locations,
    "users": users,
    "user_location_roles": user_location_roles,
    "change_log": change_log,
}


# --- ledger ------------------------------------------------------------------------------------
_DEFECTS = {
    "accounts": {
        "currency": "M06",
        "utm_source": "M17",
        "utm_medium": "M17",
        "utm_campaign": "M17",
        "is_test": "M09",
    },
    "users": {"email": "M07", "phone": "M07"},
}


def ledger(w: Window) -> pa.Table | None:
    """Every damaged value of the window's rows: defect, table, key, column, before, after."""
    parts = []
    for name, columns in _DEFECTS.items():
        dirty = RENDERERS[name](w)
        if dirty is not None:
            clean = _rewritten(w, name)
            parts.append(mess.compare(columns, f"app.{name}", ["id"], clean, dirty))
    return pa.concat_tables(parts) if parts else None


def _rewritten(w: Window, name: str) -> pa.Table:
    """The same rows as delivered, written without defects."""
    t = next(t for t in _TABLES if t.name == name)
    plain = replace(w, mess="none")
    return _deliver(plain, replace(t, changes=lambda _: t.changes(w)))
