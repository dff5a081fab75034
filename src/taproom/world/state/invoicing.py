"""Invoice arithmetic, once: used by the engine for totals and by the renderer for lines.

All amounts are integers in minor units; halves are rounded away from zero.
"""

from __future__ import annotations

import numpy as np

from taproom.world.around import catalog
from taproom.world.clock import SECOND

# Columns of line_amounts: licensed of the period, then credit of old and charge of new terms.
(
    PLAN,
    DEVICES,
    SEATS,
    SETUP,
    USAGE,
    OLD_PLAN,
    OLD_DEVICES,
    OLD_SEATS,
    NEW_PLAN,
    NEW_DEVICES,
    NEW_SEATS,
) = range(11)


def divide(numerator, denominator):
    """Integer division rounded half away from zero (denominator > 0)."""
    numerator = np.asarray(numerator, dtype=np.int64)
    half = np.asarray(denominator, dtype=np.int64)
    return np.sign(numerator) * ((2 * np.abs(numerator) + half) // (2 * half))


def line_amounts(inv: np.ndarray) -> np.ndarray:
    """Amounts of every possible line of invoices, shape (n, 11); 0 where there is none.

    An invoice of a change (reason subscription_update) has only proration lines: the unused rest
    of the period at the old terms back, the same rest at the new terms.
    """
    out = np.zeros((len(inv), 11), dtype=np.int64)
    update = inv["reason"] == 2
    terms = catalog.amounts(
        inv["gen"], inv["tier"], inv["ccy"], inv["months"], inv["qloc"], inv["qdev"], inv["qseat"]
    )
    out[:, :3] = np.where(update, 0, terms).T
    out[:, SETUP] = np.where(inv["setup"], catalog.SETUP[inv["ccy"]], 0)
    out[:, USAGE] = np.maximum(inv["usage"], 0) * catalog.USAGE[inv["ccy"]]
    if update.any():
        u = inv[update]
        old = catalog.amounts(
            u["o_gen"], u["o_tier"], u["ccy"], u["o_months"], u["o_qloc"], u["o_qdev"], u["o_qseat"]
        )
        rest = (u["p_end"] - u["at"]) // SECOND
        whole = (u["p_end"] - u["p_start"]) // SECOND
        changed = old != terms[:, update]
        out[update, OLD_PLAN : OLD_SEATS + 1] = np.where(changed, -divide(old * rest, whole), 0).T
        out[update, NEW_PLAN:] = np.where(changed, divide(terms[:, update] * rest, whole), 0).T
    return out


def fill_totals(inv: np.ndarray) -> None:
    """Set subtotal, discount, tax and total of invoices in place.

    The percentage applies to licensed and prorated amounts, then the fixed amount; never to
    set-up fees and metered usage. Tax is on top, on what is left.
    """
    lines = line_amounts(inv)
    subtotal = lines.sum(axis=1)
    discountable = subtotal - lines[:, SETUP] - lines[:, USAGE]
    pct = divide(discountable * np.maximum(inv["pct_off"], 0), 100)
    amount = np.minimum(np.maximum(inv["amt_off"], 0), np.maximum(discountable - pct, 0))
    discount = np.where(discountable > 0, pct + amount, 0)
    tax = divide(np.maximum(subtotal - discount, 0) * inv["tax_bp"], 10_000)
    inv["subtotal"], inv["discount"], inv["tax"] = subtotal, discount, tax
    inv["total"] = subtotal - discount + tax


def mrr_minor(sub: np.ndarray) -> np.ndarray:
    """List MRR of subscription versions in minor units (float64, not rounded)."""
    total = catalog.amounts(
        sub["gen"], sub["tier"], sub["ccy"], sub["months"], sub["qloc"], sub["qdev"], sub["qseat"]
    ).sum(axis=0)
    return total / sub["months"].astype(np.float64)
