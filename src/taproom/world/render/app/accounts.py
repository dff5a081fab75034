"""Accounts: who they are, what never changes about them, and their versions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import clock, mess
from taproom.world.draws import ids, keys
from taproom.world.facts import ACCOUNT_STATUS, COUNTRIES, CURRENCIES, TIERS
from taproom.world.marketing import channels
from taproom.world.people import names
from taproom.world.people.population import TEST, Population, account_key, child_key, population
from taproom.world.render.app.changes import (
    Changes,
    Rows,
    changes,
    instants,
    json_rows,
    touched,
    typed,
)
from taproom.world.window import Window

_CHURNED = ACCOUNT_STATUS.index("churned")


@dataclass(frozen=True)
class Accounts:
    """Accounts with what their children need to know of them."""

    seed: int
    paying: int
    mess: str
    pop: Population

    def at(self, acct) -> np.ndarray:
        """Positions of account indices."""
        return np.searchsorted(self.pop.acct, acct)

    @cached_property
    def id(self) -> pa.StringArray:
        return ids.text_id("acc_", self.pop.key)

    @cached_property
    def city(self) -> np.ndarray:
        return names.home_city(self.pop.key, self.pop.country)

    @cached_property
    def company(self) -> names.Companies:
        p = self.pop
        return names.companies(p.key, p.country, p.venue_type, p.cls)

    @cached_property
    def signs(self) -> names.TestSigns:
        return names.test_signs(self.pop.key, self.pop.cls, self.mess)

    @cached_property
    def domain(self) -> pa.StringArray:
        name, slug = self.company.name, self.company.slug
        return names.domain(self.pop.key, self.city, name, self.signs.email, slug)

    @cached_property
    def columns(self) -> dict:
        """Columns of app.accounts that never change."""
        return _account_columns(self)

    @cached_property
    def json(self) -> pa.StringArray:
        return json_rows(typed("accounts", self.columns))


FEW = 2_000
_BLOCK = 8_192


def accounts_of(w: Window, acct) -> Accounts:
    """Traits, names and domains of the accounts that stand in `acct`, and maybe of others.

    A few are computed alone; for many, all accounts are, once for all windows of a world.
    """
    wanted = np.unique(acct)
    if len(wanted) > FEW:
        return _everyone(w.seed, w.paying, w.mess, (int(wanted[-1]) // _BLOCK + 1) * _BLOCK)
    return Accounts(w.seed, w.paying, w.mess, population(w.seed, w.paying, wanted))


@lru_cache(maxsize=4)
def _everyone(seed: int, paying: int, mess: str, n: int) -> Accounts:
    return Accounts(seed, paying, mess, population(seed, paying, np.arange(n)))


def _referral(seed: int, paying: int, pop: Population) -> pa.StringArray:
    """REF- and the end of the identifier of an earlier account, for one sign-up in twelve."""
    k = keys.key(keys.stream_key(seed, "referral"), pop.key)
    by = keys.below(k, 0, np.maximum(pop.acct, 1))
    real = population(seed, paying, by).cls < 2  # accounts that pay, now or later
    code = pc.utf8_upper(pc.utf8_slice_codeunits(ids.text_id("", account_key(seed, by)), -6))
    used = real & (pop.acct > 20) & keys.chance(k, 1, 0.14)
    return names.where(used, names.glue("REF-", code), None)


def account_changes(w: Window) -> tuple[np.ndarray, Changes]:
    f = w.facts.table("account_version")
    f = f[np.isin(f["acct"], f["acct"][touched(w, f["at"])])]
    f = f[np.lexsort((f["at"], f["acct"]))]
    same = np.zeros(len(f), dtype=np.int64)
    same[1:] = (f["acct"][1:] == f["acct"][:-1]) & (f["at"][1:] == f["at"][:-1])
    again = np.cumsum(same) - np.maximum.accumulate(np.where(same == 0, np.cumsum(same), 0))
    key = account_key(w.seed, f["acct"])
    c = changes(w.seed, "accounts", key, f["acct"], f["at"], again)
    return f, replace(c, row=np.arange(len(f)))


def _account_columns(a: Accounts) -> dict:
    pop = a.pop
    source, medium, campaign = mess.utm(a.mess, pop.key, *channels.utm(a.seed, pop))
    tail = ids.text_id("", keys.lane(pop.key, 40))
    registered = ~((pop.n_loc == 1) & keys.chance(pop.key, 41, 0.15))
    currency = names.take(CURRENCIES, pop.ccy)
    company = child_key(a.seed, "hubspot_company", pop.acct, 0)
    known = keys.chance(company, 0, 0.96) & (pop.cls != TEST)
    legal = names.legal(pop.key, pop.country, a.company.name)
    return {
        "id": a.id,
        "name": a.company.name,
        "legal_name": names.where(registered, legal, None),
        "slug": names.glue(a.company.slug, pc.utf8_slice_codeunits(tail, 0, 4), sep="-"),
        "country": names.take(COUNTRIES, pop.country),
        "timezone": names.take(names.CITY_TIMEZONE, a.city),
        "currency": mess.lower_case(a.mess, "app.accounts", pop.key, currency),
        "venue_group_type": names.group_type(pop.venue_type, pop.n_loc),
        "hubspot_company_id": pa.array(ids.number(company), mask=~known),
        "referral_code": _referral(a.seed, a.paying, pop),
        "utm_source": source,
        "utm_medium": medium,
        "utm_campaign": campaign,
        "is_test": pa.array(a.signs.flag),
        "created_at": instants(pop.signup),
    }


def account_rows(w: Window, f: np.ndarray, row, at, arrived) -> Rows:
    v = f[row]
    a = accounts_of(w, v["acct"])
    status = names.take(ACCOUNT_STATUS, v["status"])
    renamed = (arrived >= clock.DRIFT_CANCELLED * clock.DAY) & (v["status"] == _CHURNED)
    customer = ids.text_id("cus_", child_key(w.seed, "customer", v["acct"], 0), v["has_stripe"])
    return Rows(
        "accounts",
        a.columns,
        a.at(v["acct"]),
        {
            "status": names.where(renamed, "cancelled", status),
            "plan_code": names.where(
                v["tier"] >= 0, names.take(TIERS, np.maximum(v["tier"], 0)), None
            ),
            "trial_ends_at": instants(v["trial_end"]),
            "stripe_customer_id": customer,
            "merged_into_account_id": ids.text_id(
                "acc_", account_key(w.seed, np.maximum(v["merged_into"], 0)), v["merged_into"] >= 0
            ),
            "merged_at": instants(v["merged_at"]),
            "updated_at": instants(v["at"]),
            "deleted_at": instants(v["deleted_at"]),
        },
        lambda: a.json,
    )
