"""When what happens to an invoice: the moments its rows, charges and events come from."""

from __future__ import annotations

import numpy as np

from taproom.world.clock import DAY, HOUR, SECOND
from taproom.world.facts import CYCLE
from taproom.world.state.billing import RETRY_DAYS

CREATED, FINALIZED, FAILED, PAID, VOIDED, GAVE_UP = range(6)
OFFSETS = np.r_[0, RETRY_DAYS] * DAY  # of the charge attempts, from the first


def ordered(w) -> np.ndarray:
    """Every invoice, by account and number."""
    inv = w.facts.table("invoice")
    return inv[np.lexsort((inv["n"], inv["acct"]))]


def finalized_at(inv: np.ndarray) -> np.ndarray:
    """Renewals stay drafts for an hour; other invoices are final at once."""
    return inv["at"] + np.where(inv["reason"] == CYCLE, HOUR, SECOND)


def first_attempt(inv: np.ndarray) -> np.ndarray:
    return inv["at"] + np.where(inv["reason"] == CYCLE, HOUR, 0) + 5 * SECOND


def failed_attempts(inv: np.ndarray) -> np.ndarray:
    """How many charges of each invoice were declined."""
    card = inv["mode"] == 0
    return np.where(
        card & (inv["gave_up"] >= 0),
        inv["attempts"],
        np.where(card, np.maximum(inv["attempts"] - 1, 0), 0),
    ).astype(np.int64)


def moments(inv: np.ndarray):
    """(row, at, what, tries): every moment of every invoice, by invoice and time.

    row: position in inv. what: one of the constants above. tries: charges so far.
    """
    n = len(inv)
    all_rows = np.arange(n)
    fails = failed_attempts(inv)
    f_row = np.repeat(all_rows, fails)
    f_no = np.arange(len(f_row)) - np.repeat(np.cumsum(fails) - fails, fails)
    paid = np.flatnonzero(inv["paid"] >= 0)
    void = np.flatnonzero(inv["voided"] >= 0)
    gave = np.flatnonzero(inv["gave_up"] >= 0)
    row = np.concatenate([all_rows, all_rows, f_row, paid, void, gave])
    at = np.concatenate(
        [
            inv["at"],
            finalized_at(inv),
            first_attempt(inv)[f_row] + OFFSETS[f_no],
            inv["paid"][paid],
            inv["voided"][void],
            inv["gave_up"][gave],
        ]
    )
    what = np.repeat(np.arange(6), [n, n, len(f_row), len(paid), len(void), len(gave)])
    tries = np.concatenate(
        [
            np.zeros(2 * n, dtype=np.int64),
            f_no + 1,
            inv["attempts"][paid].astype(np.int64),
            np.zeros(len(void), dtype=np.int64),
            inv["attempts"][gave].astype(np.int64),
        ]
    )
    # A voided invoice never gets past its draft.
    drop = (what == FINALIZED) & (inv["voided"][row] >= 0)
    order = np.lexsort((what, at, row))
    order = order[~drop[order]]
    return row[order], at[order], what[order], tries[order]
