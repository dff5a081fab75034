"""The finance team's sheets: exchange rates, budget rates, gross margin, and what sales and
marketing cost. Closed form by day and month; nothing here depends on what customers do.

Sales and marketing follow the growth plan: the new customers a month is planned to bring times
the cost of one. The advertising part is split into budgets of the three platforms, which the
platforms' own reports must add up to.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom import contracts
from taproom.world import clock
from taproom.world.around import fx, spending
from taproom.world.draws import keys
from taproom.world.facts import CURRENCIES
from taproom.world.window import Window

_FOUNDED_MONTH = int(clock.month_of(clock.FOUNDED))
_RATE = 18, 8
_AMOUNT = 18, 6


def margin(seed: int, month) -> np.ndarray:
    """Gross margin of months (since 1970-01), in ten-thousandths, between 7,400 and 8,000."""
    month = np.asarray(month)
    k = keys.key(keys.stream_key(seed, "gross margin"), month)
    better = np.minimum(month - _FOUNDED_MONTH, 48) * 8  # scale helps a little every month
    return np.clip(7_530 + better + keys.below(k, 0, 121) - 60, 7_400, 8_000)


# --- the expense sheet -------------------------------------------------------------------------
_TOOLS = (("HubSpot", 0.42), ("Segment", 0.22), ("Zoom", 0.08), ("Figma", 0.06), ("Outreach", 0.22))
_AGENCIES = (
    ("Bright Pint Studio", "GBP", 0.45),
    ("Nordlicht Kreativ", "EUR", 0.3),
    ("Maple & Main PR", "USD", 0.25),
)
_EVENTS = {
    0: "Winter Brewers Meeting",
    2: "Craft Brewers Conference",
    4: "BrauBeviale roadshow",
    8: "Great American Beer Festival",
    10: "Hospitality Tech Expo",
}
_ROLES = (("Marketing team", 0.38), ("Account executives", 0.44), ("Sales operations", 0.18))


def expenses(seed: int, paying: int, month: int) -> list[tuple]:
    """Lines of one month's sheet: (category, vendor, cents, currency, note, months late).

    A line that is late arrives so many months after the others.
    """
    k = keys.key(keys.stream_key(seed, "sm sheet"), month)
    spend = float(spending.spend(seed, paying, month))
    lines: list[tuple] = []
    for note, share in _ROLES:
        cents = round(spend * spending.SHARES["salaries"] * share * 100)
        lines.append(("salaries", None, cents, "USD", note, 0))
    for vendor, cents in spending.budgets(seed, paying, month).items():
        lines.append(("ads", vendor, cents, "USD", None, 0))
    for vendor, share in _TOOLS:
        lines.append(
            (
                "tools",
                vendor,
                round(spend * spending.SHARES["tools"] * share * 100),
                "USD",
                "annual contract, 1/12" if vendor == "HubSpot" else None,
                0,
            )
        )
    event = _EVENTS.get(month % 12)
    if event:
        # Five shows carry the year's budget of twelve months.
        cents = round(spend * spending.SHARES["events"] * 12 / len(_EVENTS) * 100)
        lines.append(("events", event, cents, "USD", "booth, travel, samples", 0))
    for vendor, currency, share in _AGENCIES:
        dollars = spend * spending.SHARES["agencies"] * share
        rate = float(fx.rate_on(seed, CURRENCIES.index(currency), clock.month_start(month)))
        lines.append(("agencies", vendor, round(dollars / rate * 100), currency, None, 0))
    # A supplier's invoice was entered twice; the second one is taken back a month later.
    if month % 12 == 3 + int(keys.below(k, 0, 3)) or month == _FOUNDED_MONTH + 16:
        category, vendor, cents, currency, _, _ = lines[-2]
        lines.append((category, vendor, cents, currency, None, 0))
        lines.append(
            (
                category,
                vendor,
                -cents,
                currency,
                "correction: invoice entered twice, see previous sheet",
                1,
            )
        )
    return lines


def _as_typed(w: Window, month: int, n: int, vendor: str | None) -> str | None:
    """Vendor as somebody typed it: mostly right, at times with a blank or in small letters."""
    if vendor is None or w.mess == "none":
        return vendor
    k = keys.key(keys.stream_key(w.seed, "sm typing"), month, n)
    how = int(keys.below(k, 0, 100))
    return vendor + " " if how < 9 else vendor.lower() if how < 13 else vendor


def sm_expense(w: Window) -> pa.Table | None:
    rows = []
    # Late lines come a month later, so the sheet of two months before may still grow.
    for month in _months(w, behind=2):
        for n, line in enumerate(expenses(w.seed, w.paying, month)):
            category, vendor, cents, currency, note, late = line
            arrived = _sheet_day(month + late, 3)
            if w.lo <= arrived < w.hi:
                typed = _as_typed(w, month, n, vendor)
                rows.append((_first(month), category, typed, cents, currency, note, arrived))
    if not rows:
        return None
    month, category, vendor, cents, currency, note, arrived = zip(*rows, strict=True)
    return _arrow(
        "sm_expense",
        {
            "month": _dates(month),
            "category": pa.array(category),
            "vendor": pa.array(vendor, pa.string()),
            "amount": decimal(cents, 2, *_AMOUNT),
            "currency": pa.array(currency),
            "note": pa.array(note, pa.string()),
        },
        arrived,
    )


# --- rates and margin --------------------------------------------------------------------------
def fx_rate(w: Window) -> pa.Table | None:
    """Rates of business days, delivered at 16:00 UTC; older ones when the company opens."""
    days = fx.business_days(w.lo // clock.DAY - 1, w.hi // clock.DAY + 1)
    opening = clock.FOUNDED * clock.DAY + 6 * clock.HOUR
    if w.lo <= opening < w.hi:
        days = fx.business_days(fx.FIRST, w.hi // clock.DAY + 1)
    arrived = np.maximum(days * clock.DAY + 16 * clock.HOUR, opening)
    days = days[(arrived >= w.lo) & (arrived < w.hi)]
    if not len(days):
        return None
    n = len(fx.FOREIGN)
    day = np.repeat(days, n)
    ccy = np.tile(np.arange(1, n + 1), len(days))
    return _arrow(
        "fx_rate",
        {
            "date": _dates(day),
            "from_ccy": pa.array(CURRENCIES).take(pa.array(ccy)),
            "to_ccy": pa.repeat("USD", len(day)),
            "rate": decimal(fx.rate_e8(w.seed, ccy, day), 8, *_RATE),
        },
        np.maximum(day * clock.DAY + 16 * clock.HOUR, opening),
    )


def budget_rate(w: Window) -> pa.Table | None:
    arrived = clock.FOUNDED * clock.DAY
    if not w.lo <= arrived < w.hi:
        return None
    return _arrow(
        "budget_rate",
        {
            "currency": pa.array(CURRENCIES),
            "rate": decimal([fx.budget_rate(c) for c in CURRENCIES], 8, *_RATE),
        },
        [arrived] * len(CURRENCIES),
    )


def gross_margin(w: Window) -> pa.Table | None:
    months = [m for m in _months(w, behind=1) if w.lo <= _sheet_day(m, 3) < w.hi]
    if not months:
        return None
    return _arrow(
        "gross_margin",
        {
            "month": _dates([_first(m) for m in months]),
            "margin": decimal(margin(w.seed, np.array(months)), 4, *_AMOUNT),
        },
        [_sheet_day(m, 3) for m in months],
    )


RENDERERS = {
    "fx_rate": fx_rate,
    "budget_rate": budget_rate,
    "gross_margin": gross_margin,
    "sm_expense": sm_expense,
}
WORLD = set(RENDERERS)


# --- helpers -----------------------------------------------------------------------------------
def _months(w: Window, behind: int) -> range:
    """Months whose sheets can arrive in the window, none before the company opened."""
    lo = int(clock.month_of(w.lo // clock.DAY)) - behind
    return range(max(lo, _FOUNDED_MONTH), int(clock.month_of((w.hi - 1) // clock.DAY)))


def _sheet_day(month: int, dom: int) -> int:
    """Instant the sheet of a month is delivered: that day of the next month, 09:00."""
    return (int(clock.month_start(month + 1)) + dom - 1) * clock.DAY + 9 * clock.HOUR


def _first(month: int) -> int:
    return int(clock.month_start(month))


def _dates(days) -> pa.Date32Array:
    return pc.cast(pa.array(np.asarray(days, dtype=np.int32)), pa.date32())


def decimal(units, decimals: int, precision: int, scale: int) -> pa.Decimal128Array:
    """Exact decimals of integers that count units of 10**-decimals."""
    units = np.asarray(units, dtype=np.int64) * 10 ** (scale - decimals)
    # Little-endian two's complement of 128 bits: the number and its sign.
    both = np.ascontiguousarray(np.stack([units, units >> 63], axis=1))
    kind = pa.decimal128(precision, scale)
    return pa.Decimal128Array.from_buffers(kind, len(units), [None, pa.py_buffer(both)])


def _arrow(table: str, columns: dict, arrived) -> pa.Table:
    schema = contracts.load("finance").tables[table].arrow_schema()
    at = pa.array(np.asarray(arrived, dtype=np.int64))
    columns = columns | {contracts.ARRIVED_AT: at}
    return pa.table([pc.cast(columns[f.name], f.type) for f in schema], schema=schema)
