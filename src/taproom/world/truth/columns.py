"""Identifiers and dates of truth tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world.draws.ids import text_id
from taproom.world.people.population import account_key, child_key


def account(seed: int, acct) -> pa.Array:
    """acc_… of account indices."""
    return text_id("acc_", account_key(seed, acct))


def subscription(seed: int, acct, ordinal) -> pa.Array:
    """sub_… of an account's subscriptions."""
    return text_id("sub_", child_key(seed, "subscription", acct, ordinal))


def date(day) -> pa.Array:
    """Dates of days since 1970-01-01."""
    return pa.array(np.asarray(day).astype(np.int32)).cast(pa.date32())
