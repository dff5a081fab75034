"""The plan of sales and marketing: customers to come, what they may cost, and the budgets of the
advertising platforms, which the platforms' own reports must add up to. Closed form by month.
"""

from __future__ import annotations

import numpy as np

from taproom.world import clock
from taproom.world.draws import keys

AD_VENDORS = ("Google Ads", "Meta", "LinkedIn")
#: Dollars planned for one new customer. Customers come 5% above plan and start at some 220
#: dollars a month, so that they pay back in 11 to 15 months of gross margin.
COST_OF_CUSTOMER = 2_450
SHARES = {"salaries": 0.46, "ads": 0.31, "tools": 0.06, "events": 0.08, "agencies": 0.09}
_AD_SPLIT = np.array([0.56, 0.26, 0.18])


def planned_customers(paying: int, month) -> np.ndarray:
    """New customers the plan expects in months (since 1970-01), along the growth curve."""

    def share(day):
        u = (day - clock.FOUNDED) / (clock.END - clock.FOUNDED)
        return (u + 0.3 * u * u) / 1.3

    month = np.asarray(month)
    return paying * (share(clock.month_start(month + 1)) - share(clock.month_start(month)))


def spend(seed: int, paying: int, month) -> np.ndarray:
    """Planned sales and marketing dollars of months."""
    k = keys.key(keys.stream_key(seed, "sm plan"), month)
    season = np.array([1.06, 1.0, 1.04, 1.02, 1.0, 0.97, 0.93, 0.92, 1.05, 1.06, 1.0, 0.93])
    wobble = 1.0 + 0.04 * np.clip(keys.normal(k, 0), -2, 2)
    month = np.asarray(month)
    return planned_customers(paying, month) * COST_OF_CUSTOMER * season[month % 12] * wobble


def budgets(seed: int, paying: int, month: int) -> dict[str, int]:
    """Advertising spend of a month (since 1970-01) by vendor, in US cents."""
    k = keys.key(keys.stream_key(seed, "ad budgets"), month, np.arange(len(AD_VENDORS)))
    share = _AD_SPLIT * (1.0 + 0.10 * np.clip(keys.normal(k, 0), -2, 2))
    total = float(spend(seed, paying, month)) * SHARES["ads"]
    cents = np.rint(total * share / share.sum() * 100).astype(np.int64)
    return dict(zip(AD_VENDORS, cents.tolist(), strict=True))
