"""The disputed billing cases of the metrics: which account plays which, in closed form.

Every block of 22 account indices offers one index to each case, so cases never collide. How
many of them are taken grows with the scale, with at least one of each case at every scale.
A scripted account keeps to its script until it is done; afterwards it lives like any other.
"""

from __future__ import annotations

import numpy as np

from taproom.world.draws import keys

NAMES = (
    "backdated_cancellation",
    "annual_upgrade_proration",
    "monthly_to_annual",
    "coupon_100_three_months",
    "coupon_expiry",
    "eur_in_falling_month",
    "refund_after_churn",
    "double_charge_credit_note",
    "winter_pause",
    "two_subscriptions_one_cancelled",
    "merged_away",
    "merge_survivor",
    "plan_migration_price_rise",
    "dunning_day_19",
    "chargeback",
    "cancel_then_undo",
    "reactivated_after_12_days",
    "reactivated_after_200_days",
    "trial_extended",
    "free_pilot_converted",
    "invoice_45_days_late",
    "refund_of_current_period",
)
(
    BACKDATED,
    UPGRADE,
    TO_ANNUAL,
    COUPON100,
    COUPON_END,
    EUR,
    REFUND_AFTER,
    DOUBLE,
    PAUSE,
    TWO,
    MERGED,
    SURVIVOR,
    MIGRATE,
    DAY19,
    CHARGEBACK,
    UNDO,
    BACK12,
    BACK200,
    EXTENDED,
    PILOT,
    LATE45,
    REFUND_CURRENT,
) = range(22)
NONE = -1

# Where on the growth curve the account signs up, so that the case falls into the window.
_FROM = np.array(
    [
        0.26,
        0.26,
        0.26,
        0.26,
        0.26,
        0.10,
        0.26,
        0.26,
        0.26,
        0.26,
        0.26,
        0.26,
        0.12,
        0.26,
        0.26,
        0.26,
        0.26,
        0.24,
        0.30,
        0.26,
        0.26,
        0.26,
    ]
)
_TO = np.array(
    [
        0.62,
        0.52,
        0.52,
        0.60,
        0.60,
        0.45,
        0.62,
        0.62,
        0.50,
        0.52,
        0.52,
        0.52,
        0.50,
        0.60,
        0.62,
        0.62,
        0.55,
        0.42,
        0.72,
        0.62,
        0.52,
        0.62,
    ]
)
TRIAL_CASES = (EXTENDED,)


def script(seed: int, paying: int, total: int, acct: np.ndarray) -> np.ndarray:
    """Case of each account index, NONE for most; shape of `acct`, int8."""
    size = len(NAMES)
    blocks = total // size
    wanted = max(1, round(0.0015 * paying))
    chosen = np.full(size * (blocks + 1), NONE, dtype=np.int8)
    sk = keys.stream_key(seed, "cases")
    for case in range(size):
        # The survivor stands in the same block as the account merged into it.
        drawn_as = MERGED if case == SURVIVOR else case
        lo = int(_FROM[case] * blocks)
        hi = max(lo + 1, int(_TO[case] * blocks))
        n = min(wanted, hi - lo)
        j = np.arange(n)
        width = (hi - lo) / n
        at = lo + ((j + keys.u32(keys.key(sk, j, drawn_as), 0) / 2.0**32) * width).astype(int)
        chosen[np.minimum(at, hi - 1) * size + case] = case
    acct = np.asarray(acct)
    out = np.full(len(acct), NONE, dtype=np.int8)
    inside = acct < len(chosen)
    out[inside] = chosen[acct[inside]]
    return out
