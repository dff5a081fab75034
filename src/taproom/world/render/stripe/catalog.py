"""Products, prices and coupons: the price list as it stands in Stripe."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.around import catalog
from taproom.world.facts import CURRENCIES, GENERATIONS
from taproom.world.render.columns import (
    build,
    constant,
    in_window,
    integer,
    join,
    quoted,
    stamp,
    synced,
    text,
    word,
)
from taproom.world.render.stripe import keys_of
from taproom.world.render.stripe.keys_of import SETUP, USAGE

_NAMES = (
    "Tapwise Starter",
    "Tapwise Growth",
    "Tapwise Pro",
    "Tapwise Enterprise",
    "Device monitoring",
    "Extra seat",
    "API usage",
    "On-site set-up",
)
_UNITS = ("location", "location", "location", "location", "device", "seat", "call", None)
_COMPONENT = ("plan", "plan", "plan", "plan", "device", "seat", "usage", "setup")
_BEGIN = clock.FOUNDED * clock.DAY


def product(w) -> pa.Table:
    c = np.arange(8)
    arrived = synced(np.full(8, _BEGIN))
    at = in_window(w, arrived)
    c, arrived, n = c[at], arrived[at], len(at)
    yes, no = constant(True, n, pa.bool_()), constant(False, n, pa.bool_())
    return build(
        "product",
        {
            "id": keys_of.product(w, c),
            "active": yes,
            "created": stamp(np.full(n, _BEGIN)),
            "name": word(_NAMES, c),
            "description": constant(None, n, pa.string()),
            "type": constant("service", n, pa.string()),
            "unit_label": word(_UNITS, c),
            "livemode": yes,
            "updated": stamp(np.full(n, _BEGIN)),
            "is_deleted": no,
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def _price_rows() -> np.ndarray:
    rows = []
    for gen in range(2):
        for c in range(4 if gen else 8):
            for y in range(len(CURRENCIES)):
                for months in (0,) if c == SETUP else (1,) if c == USAGE else (1, 3, 12):
                    rows.append((gen, c, y, months))
    return np.array(rows)


def price(w) -> pa.Table:
    gen, c, y, months = _price_rows().T
    created = np.where(gen == 1, (clock.DRIFT_NEW_PLANS - 1) * clock.DAY, _BEGIN)
    arrived = synced(created)
    at = in_window(w, arrived)
    gen, c, y, months, created, arrived = (v[at] for v in (gen, c, y, months, created, arrived))
    n = len(at)
    unit = catalog.UNIT[gen, np.minimum(c, 5), y] * catalog.interval_factor(months)
    unit = np.where(c == USAGE, catalog.USAGE[y], np.where(c == SETUP, catalog.SETUP[y], unit))
    once, metered = c == SETUP, c == USAGE
    interval = np.where(once, -1, np.where(months == 12, 1, 0))
    tier = np.where(c < 4, c, -1)
    tiers = word(("starter", "growth", "pro", "enterprise"), tier)
    nickname = join(
        word(_NAMES, c),
        " ",
        word([k.upper() for k in keys_of.CCY], y),
        " ",
        word(
            ("once", "monthly", "quarterly", "yearly"),
            np.select([once, months == 1, months == 3], [0, 1, 2], 3),
        ),
        " ",
        word(GENERATIONS, gen),
    )
    meta = join(
        '{"component": ',
        quoted(word(_COMPONENT, c)),
        ', "plan_tier": ',
        quoted(tiers),
        ', "generation": ',
        quoted(word(GENERATIONS, gen)),
        "}",
    )
    return build(
        "price",
        {
            "id": keys_of.price(w, gen, c, y, months),
            "active": constant(True, n, pa.bool_()),
            "billing_scheme": constant("per_unit", n, pa.string()),
            "created": stamp(created),
            "currency": word(keys_of.CCY, y),
            "nickname": nickname,
            "product_id": keys_of.product(w, c),
            "recurring_interval": word(("month", "year"), interval),
            "recurring_interval_count": integer(np.where(months == 3, 3, 1), pa.int32(), once),
            "recurring_usage_type": word(("licensed", "metered"), np.where(once, -1, metered * 1)),
            "recurring_aggregate_usage": word(("sum",), np.where(metered, 0, -1)),
            "unit_amount": integer(unit, pa.int64()),
            "unit_amount_decimal": text(unit),
            "livemode": constant(True, n, pa.bool_()),
            "metadata": meta,
            "is_deleted": constant(False, n, pa.bool_()),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def coupon(w) -> pa.Table:
    rows = catalog.COUPONS
    arrived = synced(np.full(len(rows), _BEGIN))
    at = in_window(w, arrived)
    rows, arrived, n = [rows[i] for i in at], arrived[at], len(at)
    none = constant(None, n, pa.int32())
    return build(
        "coupon",
        {
            "id": pa.array([c.code for c in rows], pa.string()),
            "name": pa.array([c.name for c in rows], pa.string()),
            "percent_off": pa.array([float(c.percent) or None for c in rows], pa.float64()),
            "amount_off": pa.array([c.amount or None for c in rows], pa.int64()),
            "currency": pa.array(
                [keys_of.CCY[c.ccy] if c.ccy >= 0 else None for c in rows], pa.string()
            ),
            "duration": pa.array([c.duration for c in rows], pa.string()),
            "duration_in_months": pa.array([c.months or None for c in rows], pa.int32()),
            "max_redemptions": none,
            "times_redeemed": none,
            "redeem_by": stamp(np.full(n, -1)),
            "valid": constant(True, n, pa.bool_()),
            "created": stamp(np.full(n, _BEGIN)),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )
