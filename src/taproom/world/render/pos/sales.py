"""pos.location_daily_sales: draft units, takings and receipts of a venue's business day.

The units sold are what was poured (rhythm.py), whether a device recorded it or not, less what
was wasted. A day is exported at 07:30 local time of the next morning; one in thirty is exported
again some days later, when voided receipts have been taken out. With defects, some days are
missing at first and come later (M12); times are local wall clock without an offset (M05).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import clock, mess
from taproom.world.around import festivals, zones
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.facts import CURRENCIES
from taproom.world.people import names
from taproom.world.people.population import COUNTRY_CURRENCY
from taproom.world.render.iot.fleet import Fleet, fleet_of
from taproom.world.render.iot.words import dictionary, instants
from taproom.world.venues import rhythm
from taproom.world.window import Window

TABLE = "pos.location_daily_sales"
EXPORT = 7 * HOUR + 30 * MINUTE
RUN = 15 * MINUTE
LONGEST = 14  # days after which nothing of a day comes any more
SIZE = 131_072
#: A glass of 473 ml in the middle of the range, in minor units, by currency, at the opening.
_PRICE = np.array([660, 560, 640, 830, 1_120, 75_000])
_YEARLY = 104  # percent of the year before
_WASTE, _MUCH = 500, 2_000  # hundredths of a percent
_DATES = festivals.date_texts(festivals.FIRST, festivals.LAST)


@dataclass(frozen=True)
class Till:
    """What never changes about the tills of the fleet's venues; arrays by venue."""

    ref: pa.StringArray
    currency: np.ndarray
    price: np.ndarray
    share: np.ndarray
    waste: np.ndarray


def waste_of(fleet: Fleet) -> np.ndarray:
    """Share of the beer that a venue wastes on a mean day, hundredths of a percent."""
    k = keys.key(keys.stream_key(fleet.seed, "waste"), fleet.venues.key)
    careless = fleet.skill + 0.6 * keys.normal(k, 0) < -1.1
    return np.where(careless, _MUCH, _WASTE) + keys.below(k, 1, 201) - 100


def tills(fleet: Fleet) -> Till:
    v = fleet.venues
    k = keys.key(keys.stream_key(fleet.seed, "till"), v.key)
    currency = COUNTRY_CURRENCY[v.country].astype(np.int64)
    price = _PRICE[currency] * fleet.glass / 473.0 * (1 + 0.12 * keys.normal(k, 0))
    step = np.where(currency == CURRENCIES.index("JPY"), 1_000, 10)
    tail = pc.utf8_upper(pc.utf8_slice_codeunits(fleet.venue_ids, -8))
    return Till(
        ref=names.glue(pc.utf8_upper(names.take(names.CITY_CODE, v.city)), tail, sep="-"),
        currency=currency,
        price=np.maximum(np.rint(price / step) * step, step).astype(np.int64),
        share=3_500 + keys.below(k, 1, 3_000),
        waste=waste_of(fleet),
    )


@dataclass(frozen=True)
class Pairs:
    """Venues' business days: venue, day, the keys of their sales; pours and keys of the custom
    where most of the block will need them."""

    venue: np.ndarray
    day: np.ndarray
    key: np.ndarray
    custom: tuple[np.ndarray, np.ndarray] | None = None

    def take(self, i) -> Pairs:
        custom = self.custom and (self.custom[0][i], self.custom[1][i])
        return Pairs(self.venue[i], self.day[i], self.key[i], custom)


def _pairs(fleet: Fleet, first: int, last: int, drawn_from: int):
    """Blocks of venues in service by day, sorted by day, then venue.

    Of days before `drawn_from` only few rows will be made: their custom is not drawn yet.
    """
    venue, begin, end = fleet.venue_span
    here = np.flatnonzero((begin <= last) & (end >= first))
    if not len(here):
        return
    step = max(1, SIZE // len(here))
    sk = keys.stream_key(fleet.seed, "sales")
    for d in range(first, last + 1, step):
        days = np.arange(d, min(d + step, last + 1))
        for a in range(0, len(here), SIZE):
            some = here[a : a + SIZE]
            i, j = np.nonzero((begin[some] <= days[:, None]) & (days[:, None] <= end[some]))
            v = venue[some[j]]
            if len(v):
                custom = None
                if days[-1] >= drawn_from:
                    pours, key = rhythm.demand(fleet.venues.take(venue[some]), days[:, None])
                    custom = pours[i, j], key[i, j]
                yield Pairs(v, days[i], keys.key(sk, fleet.venues.key[v], days[i]), custom)


def _backfill(w: Window, key) -> np.ndarray:
    """M12: days after which the export of a missing day comes, 0 for most."""
    limit = round(mess.rate(w.mess, "M12", TABLE) * 65_536)
    days = 3 + rhythm.bits(key, 16, 3)
    return np.where(rhythm.bits(key, 0, 16) < limit, days, 0)


def _again(w: Window, key) -> np.ndarray:
    """Days after which a day is exported again, 0 for most; 1 to 4."""
    days = 1 + rhythm.bits(key, 30, 2)
    hit = (rhythm.bits(key, 19, 11) < 68) & (_backfill(w, key) == 0)
    return np.where(hit, days, 0)


def _export(fleet: Fleet, p: Pairs, after) -> tuple[np.ndarray, np.ndarray]:
    """(local wall clock, arrival in UTC) of exports `after` days later than usual, µs."""
    into = EXPORT + rhythm.bits(p.key, 32, 9) * SECOND
    day = p.day + 1 + after
    opens = zones.business_start(fleet.venues.zone[p.venue], day)
    arrived = opens + into - zones.FIRST_HOUR * HOUR
    return day * DAY + into, (arrived // RUN + 1) * RUN


def location_daily_sales(w: Window) -> pa.Table | None:
    """Rows of location_daily_sales that arrive in the window."""
    f = fleet_of(w)
    till = w.facts.once(("tills", w.seed), lambda: tills(f))
    first, last = max(w.lo // DAY, clock.FOUNDED) - LONGEST, (w.hi + 12 * HOUR) // DAY
    parts, later = [], []
    for p in _pairs(f, first, last, drawn_from=w.lo // DAY - 2):
        back = _backfill(w, p.key)
        wall, arrived = _export(f, p, back)
        again = _again(w, p.key)
        i = np.flatnonzero((arrived >= w.lo) & (arrived < w.hi))
        if len(i):
            parts.append(
                _batch(f, till, p.take(i), wall[i], arrived[i], restated=again[i] > 0, final=False)
            )
        i = np.flatnonzero(again)
        some = p.take(i)
        wall, arrived = _export(f, some, again[i])
        i = np.flatnonzero((arrived >= w.lo) & (arrived < w.hi))
        if len(i):
            yes = np.ones(len(i), dtype=bool)
            later.append(
                _batch(f, till, some.take(i), wall[i], arrived[i], restated=yes, final=True)
            )
    parts = [p for p in (*parts, *later) if len(p)]
    return pa.Table.from_batches(parts) if parts else None


def units(fleet: Fleet, p: Pairs, waste) -> tuple[np.ndarray, np.ndarray]:
    """(glasses sold, ml poured) of venues' days; the sold ones are whole glasses."""
    pours, key = p.custom or rhythm.demand(fleet.venues.take(p.venue), p.day)
    glass = fleet.glass[p.venue]
    poured = rhythm.volume(pours, key, glass)
    lost = waste[p.venue] + rhythm.bits(p.key, 41, 8) - 128
    return (poured * (10_000 - lost) // 10_000 + glass // 2) // glass, poured


def _batch(f: Fleet, till: Till, p: Pairs, wall, arrived, restated, final: bool) -> pa.RecordBatch:
    sold, _ = units(f, p, till.waste)
    i = np.flatnonzero(sold > 0)
    if len(i) < len(sold):
        sold, wall, arrived, restated = sold[i], wall[i], arrived[i], restated[i]
        p = p.take(i)
    if not final:
        # Receipts that will be voided are still in: 1% to 5%.
        extra = sold * (100 + 3 * rhythm.bits(p.key, 22, 7)) // 10_000 + 1
        sold = np.where(restated, sold + extra, sold)
    years = np.clip(festivals.year_of(p.day) - 2023, 0, None)
    factor = np.array([_YEARLY**n * 1_000_000 // 100**n for n in range(20)])[years]
    price = till.price[p.venue] * factor // 1_000_000
    yen = till.currency[p.venue] == CURRENCIES.index("JPY")
    price = np.where(yen, price // 100 * 100, price // 10 * 10)
    promo = rhythm.bits(p.key, 49, 9)
    draft = sold * price
    draft -= draft * promo // 10_000
    gross = draft * 10_000 // (till.share[p.venue] + rhythm.bits(p.key, 53, 10) - 512)
    receipts = sold * 64 // (90 + rhythm.bits(p.key, 58, 6)) + 1
    return pa.record_batch(
        {
            "location_ref": dictionary(till.ref, p.venue),
            "business_date": dictionary(_dates(), p.day - festivals.FIRST),
            "gross_sales": amounts(gross, yen),
            "draft_sales": amounts(draft, yen),
            "draft_units": pa.array(sold.astype(np.int32)),
            "serving_ml": pa.array(f.glass[p.venue].astype(np.int32)),
            "transactions": pa.array(receipts.astype(np.int32)),
            "currency": dictionary(CURRENCIES, till.currency[p.venue]),
            "exported_at": wall_clock(wall),
            "_arrived_at": instants(arrived),
        }
    )


@cache
def _dates() -> pa.StringArray:
    return pa.array(_DATES, pa.string())


def amounts(cents: np.ndarray, whole: np.ndarray) -> pa.StringArray:
    """Minor units as text in major units, two decimals; none where `whole` (yen)."""
    parts = np.zeros((len(cents), 2), dtype=np.int64)
    parts[:, 0] = cents
    text = pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(parts)])
    text = text.cast(pa.string())
    if not whole.any():
        return text
    yen = pa.array(cents[whole] // 100).cast(pa.string())
    return pc.replace_with_mask(text, pa.array(whole), yen)


@cache
def _clock_texts() -> tuple[np.ndarray, np.ndarray]:
    """Dates and times of day as fixed-width bytes."""
    two = np.array([f"{n:02d}" for n in range(60)], dtype="S2")
    times = np.full((24, 60, 60, 8), b":", dtype="S1")
    times[..., 0:2] = two[:24].view("S1").reshape(24, 1, 1, 2)
    times[..., 3:5] = two.view("S1").reshape(60, 1, 2)
    times[..., 6:8] = two.view("S1").reshape(60, 2)
    return np.array([f"{d} " for d in _DATES], dtype="S11"), times.reshape(-1).view("S8")


def wall_clock(at: np.ndarray) -> pa.StringArray:
    """Local instants (µs since 1970 there) as YYYY-MM-DD HH:MM:SS, without an offset."""
    dates, times = _clock_texts()
    out = np.empty(len(at), dtype=[("date", "S11"), ("time", "S8")])
    out["date"] = dates[at // DAY - festivals.FIRST]
    out["time"] = times[at % DAY // SECOND]
    offsets = np.arange(0, (len(at) + 1) * 19, 19, dtype=np.int32)
    return pa.StringArray.from_buffers(len(at), pa.py_buffer(offsets), pa.py_buffer(out))


def ledger(w: Window) -> pa.Table | None:
    """M12 by venue and day; M05 once, for it touches every row."""
    from taproom.world.render.iot.ledger import joined, rows

    f = fleet_of(w)
    till = w.facts.once(("tills", w.seed), lambda: tills(f))
    first, last = max(w.lo // DAY, clock.FOUNDED) - LONGEST, (w.hi + 12 * HOUR) // DAY
    out = []
    if w.mess != "none" and w.lo <= clock.START * DAY < w.hi:
        out.append(rows("M05", TABLE, pa.array(["*"]), "exported_at", None, None))
    for p in _pairs(f, first, last, drawn_from=last + 1):
        back = _backfill(w, p.key)
        i = np.flatnonzero(back)
        usual, _ = _export(f, p.take(i), 0)
        wall, arrived = _export(f, p.take(i), back[i])
        sold, _ = units(f, p.take(i), till.waste)
        j = np.flatnonzero((arrived >= w.lo) & (arrived < w.hi) & (sold > 0))
        pk = names.glue(
            till.ref.take(pa.array(p.venue[i[j]])),
            _dates().take(pa.array(p.day[i[j]] - festivals.FIRST)),
            sep="|",
        )
        before, after = wall_clock(usual[j]), wall_clock(wall[j])
        out.append(rows("M12", TABLE, pk, "exported_at", before, after))
    return joined(out)
