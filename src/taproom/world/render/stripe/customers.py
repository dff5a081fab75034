"""Stripe customers: one an account, with the address and the e-mail of who pays."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import mess
from taproom.world.clock import SECOND
from taproom.world.draws import keys
from taproom.world.draws.ids import text_id
from taproom.world.facts import COUNTRIES, PAST_DUE, UNPAID
from taproom.world.people import names
from taproom.world.people.population import account_key, child_key
from taproom.world.render.columns import (
    build,
    constant,
    integer,
    join,
    last_of,
    quoted,
    stamp,
    synced,
    word,
)
from taproom.world.render.stripe import keys_of


def _versions(w):
    """(acct, at, created, delinquent, deleted) of every delivered state, in order."""
    sub = w.facts.table("subscription")
    sub = sub[np.lexsort((sub["at"], sub["ord"], sub["acct"]))]
    owing = np.isin(sub["status"], (PAST_DUE, UNPAID))
    fresh = np.r_[True, sub["acct"][1:] != sub["acct"][:-1]] if len(sub) else owing
    before = np.r_[False, owing[:-1]] & ~fresh
    flips = np.flatnonzero(fresh | (owing != before))
    first = sub[fresh]
    created = np.repeat(first["at"], np.diff(np.r_[np.flatnonzero(fresh), len(sub)]))
    acct, at = sub["acct"][flips], sub["at"][flips]
    at = np.where(fresh[flips], at - 60 * SECOND, at)
    gone = w.facts.table("account_version")
    gone = gone[(gone["deleted_at"] == gone["at"]) & np.isin(gone["acct"], first["acct"])]
    start = first["at"][np.searchsorted(first["acct"], gone["acct"])]
    parts = (
        np.r_[acct, gone["acct"]],
        np.r_[at, gone["at"]],
        np.r_[created[flips], start] - 60 * SECOND,
        np.r_[owing[flips], np.zeros(len(gone), dtype=bool)],
        np.r_[np.zeros(len(flips), dtype=bool), np.ones(len(gone), dtype=bool)],
    )
    order = np.lexsort((parts[1], parts[0]))
    return tuple(p[order] for p in parts)


def customer(w) -> pa.Table:
    acct, at, created, owing, deleted = _versions(w)
    arrived = synced(at)
    keep = last_of((acct,), arrived)
    keep = keep[(arrived[keep] >= w.lo) & (arrived[keep] < w.hi)]
    acct, at, created, owing, deleted, arrived = (
        v[keep] for v in (acct, at, created, owing, deleted, arrived)
    )
    n = len(acct)
    p, back = keys_of.traits(w, acct)
    city = names.home_city(p.key, p.country)
    company = names.company(p.key, p.country, p.venue_type, p.cls)
    signs = names.test_signs(p.key, p.cls, w.mess)
    owner = child_key(w.seed, "user", p.acct, 0)
    who = names.people(owner, p.country)
    mail = names.email(owner, who, names.domain(p.key, city, company, signs.email), p.n_loc == 1)
    mail = mess.emails(w.mess, "stripe.customer", p.key, mail)
    street = names.street(p.key, p.country)
    card = text_id("card_", keys.mix(p.key ^ keys.stream_key(w.seed, "card")))
    back = pa.array(back)
    index = back.to_numpy()
    none = constant(None, n, pa.string())
    currency = word(keys_of.CCY, p.ccy[index])
    return build(
        "customer",
        {
            "id": keys_of.customer(w, acct),
            "created": stamp(created),
            "email": mail.take(back),
            "name": company.take(back),
            "phone": names.phone(p.key, city, np.zeros(len(p), dtype=np.int64)).take(back),
            "currency": currency,
            "balance": integer(np.zeros(n), pa.int32()),
            "delinquent": pa.array(owing),
            "description": none,
            "address_city": pa.array([names.CITIES[c].name for c in city], pa.string()).take(back),
            "address_country": word(COUNTRIES, p.country[index]),
            "address_line_1": street.take(back),
            "address_postal_code": names.postal(p.key, city).take(back),
            "address_state": pa.array([names.CITIES[c].region for c in city], pa.string()).take(
                back
            ),
            "invoice_prefix": prefix(w, acct),
            "tax_exempt": constant("none", n, pa.string()),
            "default_card_id": card.take(back),
            "livemode": pa.array(~signs.not_live[index]),
            "is_deleted": pa.array(deleted),
            "metadata": join('{"account_id": ', quoted(keys_of.account(w, acct)), "}"),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def prefix(w, acct) -> pa.Array:
    """The eight characters that begin a customer's invoice numbers."""
    import pyarrow.compute as pc

    k = keys.mix(account_key(w.seed, acct) ^ keys.stream_key(w.seed, "prefix"))
    return pc.utf8_upper(pc.utf8_slice_codeunits(text_id("", k), 0, 8))
