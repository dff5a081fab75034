"""Keys and identifiers of Stripe's objects, from the facts they belong to."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world.draws import keys
from taproom.world.draws.ids import text_id
from taproom.world.facts import CURRENCIES
from taproom.world.people.population import account_key, child_key, population

CCY = tuple(c.lower() for c in CURRENCIES)
# Components of a price: plans 0-3, device 4, seat 5, metered usage 6, set-up 7.
USAGE, SETUP = 6, 7
ATTEMPTS = 16  # room for the charges of one invoice; 8 is a double charge


def account(w, acct) -> pa.Array:
    return text_id("acc_", account_key(w.seed, acct))


def customer(w, acct) -> pa.Array:
    return text_id("cus_", child_key(w.seed, "customer", acct, 0))


def subscription(w, acct, ordinal) -> pa.Array:
    return text_id("sub_", child_key(w.seed, "subscription", acct, ordinal))


def item(w, acct, ordinal, component) -> pa.Array:
    n = np.asarray(ordinal).astype(np.int64) * 4 + component
    return text_id("si_", child_key(w.seed, "item", acct, n))


def invoice(w, acct, n) -> pa.Array:
    return text_id("in_", child_key(w.seed, "invoice", acct, n))


def charge_key(w, acct, n, attempt):
    at = np.asarray(n).astype(np.int64) * ATTEMPTS + attempt
    return child_key(w.seed, "charge", acct, at)


def product(w, component) -> pa.Array:
    return text_id("prod_", keys.key(keys.stream_key(w.seed, "product"), component))


def price(w, gen, component, ccy, months) -> pa.Array:
    """Price of a component; devices, seats, usage and set-up have one generation only."""
    component = np.asarray(component).astype(np.int64)
    gen = np.where(component > 3, 0, gen)
    months = np.where(component == SETUP, 0, np.where(component == USAGE, 1, months))
    code = ((gen * 8 + component) * 8 + np.asarray(ccy)) * 16 + months
    return text_id("price_", keys.key(keys.stream_key(w.seed, "price"), code))


def coupon(codes, index) -> pa.Array:
    return pa.array(codes).take(pa.array(np.asarray(index, dtype=np.int64)))


def traits(w, acct):
    """Population traits of each distinct account, and the position of each row's account."""
    distinct, back = np.unique(np.asarray(acct), return_inverse=True)
    return population(w.seed, w.paying, distinct), back


def livemode(w, acct) -> np.ndarray:
    """False for the test accounts that Stripe knows as such."""
    from taproom.world.people.names import test_signs

    p, back = traits(w, acct)
    return ~test_signs(p.key, p.cls, w.mess).not_live[back]
