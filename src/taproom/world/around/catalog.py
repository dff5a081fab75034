"""L0: what Tapwise sells: plans, prices, coupons, in minor units of each currency.

Monthly list prices are per location (plan), per device and per extra seat. A year costs ten
months, a quarter three. Generation g2 of the plans (from clock.DRIFT_NEW_PLANS) is 8% dearer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taproom.world.facts import CURRENCIES, TIERS

EXPONENT = np.array([2, 2, 2, 2, 2, 0], dtype=np.int64)  # decimals of CURRENCIES
MINOR = 10**EXPONENT

# Components: the four plans, then devices and seats.
COMPONENTS = (*TIERS, "device", "seat")
DEVICE, SEAT = 4, 5
_USD = np.array([4_900, 9_900, 18_900, 31_900, 600, 900])
_PER_USD = np.array([100, 95, 80, 135, 150, 150])  # percent of the USD figure
_SETUP_USD = 19_900
_USAGE_USD = 2  # one API call


def _price_table() -> np.ndarray:
    """Monthly unit amounts, shape (generation 2, component 6, currency 6), minor units."""
    table = np.zeros((2, 6, 6), dtype=np.int64)
    for c, usd in enumerate(_USD):
        for y, per in enumerate(_PER_USD):
            local = usd * per // 100  # for JPY: cents x 150 / 100 = yen
            step = 100 if usd >= 4_000 else 10
            g1 = round(local / step) * step
            g2 = round(g1 * 1.08 / 10) * 10 if c < 4 else g1
            table[0, c, y], table[1, c, y] = g1, g2
    return table


UNIT = _price_table()
SETUP = np.array([_SETUP_USD * p // 100 for p in _PER_USD], dtype=np.int64)
USAGE = np.array([max(1, _USAGE_USD * p // 100) for p in _PER_USD], dtype=np.int64)


def interval_factor(months):
    """How many monthly prices an interval costs: 1, 3 or 10 (a year gives two months free)."""
    months = np.asarray(months)
    return np.where(months == 12, 10, months)


def amounts(gen, tier, ccy, months, qloc, qdev, qseat):
    """Licensed amounts of one interval by component, minor units, shape (3, n)."""
    f = interval_factor(months)
    return np.stack(
        [
            UNIT[gen, tier, ccy] * f * qloc,
            UNIT[gen, DEVICE, ccy] * f * qdev,
            UNIT[gen, SEAT, ccy] * f * qseat,
        ]
    )


@dataclass(frozen=True)
class Coupon:
    code: str
    name: str
    duration: str
    percent: int = 0
    amount: int = 0  # minor units of ccy
    ccy: int = -1
    months: int = 0


def _coupons() -> tuple[Coupon, ...]:
    percent = [
        ("FRIEND10", 10, "forever", 0),
        ("PARTNER15", 15, "forever", 0),
        ("HALFYEAR20", 20, "repeating", 6),
        ("HALFYEAR25", 25, "repeating", 6),
        ("QUARTER30", 30, "repeating", 3),
        ("QUARTER50", 50, "repeating", 3),
        ("WINBACK100", 100, "repeating", 3),
        ("FIRST20", 20, "once", 0),
        ("FIRST50", 50, "once", 0),
        ("PILOT", 100, "forever", 0),
        ("GUILD12", 12, "forever", 0),
        ("LOYAL5", 5, "forever", 0),
    ]
    out = [Coupon(c, f"{p}% off ({d})", d, percent=p, months=m) for c, p, d, m in percent]
    for stem, usd, duration, months in (
        ("TEN", 1000, "forever", 0),
        ("YEAR8", 800, "repeating", 12),
        ("HELLO25", 2500, "once", 0),
    ):
        for y, name in enumerate(CURRENCIES):
            amount = usd * int(_PER_USD[y]) // 100
            out.append(
                Coupon(
                    f"{stem}{name}",
                    f"{stem.title()} {name} off ({duration})",
                    duration,
                    amount=amount,
                    ccy=y,
                    months=months,
                )
            )
    return tuple(out)


COUPONS = _coupons()
COUPON_PERCENT = np.array([c.percent for c in COUPONS])
COUPON_AMOUNT = np.array([c.amount for c in COUPONS], dtype=np.int64)
COUPON_MONTHS = np.array([c.months for c in COUPONS])
COUPON_ONCE = np.array([c.duration == "once" for c in COUPONS])
COUPON_INDEX = {c.code: i for i, c in enumerate(COUPONS)}
