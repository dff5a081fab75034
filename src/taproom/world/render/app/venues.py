"""Venues: their traits, opening hours and versions."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from taproom.world import clock, facts, mess
from taproom.world.draws import ids, keys
from taproom.world.facts import COUNTRIES, CURRENCIES, VENUE_TYPES
from taproom.world.people import names
from taproom.world.people.population import Population, child_key
from taproom.world.render.app.accounts import accounts_of
from taproom.world.render.app.changes import Changes, Rows, dates, from_instants, instants, touched
from taproom.world.window import Window

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


def location_changes(w: Window) -> tuple[np.ndarray, Changes]:
    f = w.facts.table("location")
    f = f[touched(w, f["created"], f["closed"]) | (f["closed"] >= 0)]
    v = _locations(w, f)
    v = v[touched(w, v["created"], v["closed"], v["deleted"])]
    instants = np.stack([v["created"], v["closed"], v["deleted"]], axis=1)
    return v, from_instants(w.seed, "locations", v["key"], instants)


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


def location_rows(w: Window, v: np.ndarray, row, at, arrived) -> Rows:
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
            "opened_on": dates((v["created"] + local) // clock.DAY - age),
            "created_at": instants(v["created"]),
        },
        entity,
        {
            "closed_on": dates((moving["closed"] + local[entity]) // clock.DAY, closed),
            "status": names.take(("open", "closed"), closed),
            "updated_at": instants(at),
            "deleted_at": instants(moving["deleted"], at),
        },
        nested=_OPENING,
    )
