"""Who is a customer: merged accounts as one, test accounts as none."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import polars as pl

from taproom.answers.landing import Landing

TEST_NAME = re.compile(r"^(TEST|Demo|Tapwise)\b")
OWN_DOMAIN = "@tapwise.example"


@dataclass(frozen=True)
class Companies:
    """`survivor`: account id → the account it counts as; `real`: accounts that count at all.

    `of_customer`: Stripe customer id → account id as counted, real accounts only.
    `accounts`: newest version of every account.
    """

    accounts: pl.DataFrame
    survivor: dict[str, str]
    real: set[str]
    of_customer: dict[str, str]

    @classmethod
    def of(cls, landing: Landing) -> Companies:
        accounts = landing.newest("app", "accounts")
        customers = landing.newest("stripe", "customer")
        merged = dict(accounts.select("id", "merged_into_account_id").rows())
        survivor = {account: _last(account, merged) for account in merged}
        test = _test_accounts(accounts, customers, landing.rows("app", "users"))
        real = {account for account in merged if account not in test}
        owners = {
            customer: _account_of(metadata)
            for customer, metadata in customers.select("id", "metadata").rows()
        }
        return cls(
            accounts,
            survivor,
            {account for account in real if survivor[account] == account},
            {
                customer: survivor[account]
                for customer, account in owners.items()
                if account in real and survivor[account] in real
            },
        )


def _last(account: str, merged: dict[str, str | None]) -> str:
    seen = set()
    while merged.get(account) and account not in seen:
        seen.add(account)
        account = merged[account]
    return account


def _account_of(metadata: str | None) -> str | None:
    return json.loads(metadata).get("account_id") if metadata else None


def _test_accounts(
    accounts: pl.DataFrame, customers: pl.DataFrame, users: pl.DataFrame
) -> set[str]:
    """Marked as test, named as test, billed in test mode, or used by colleagues only."""
    found = set(accounts.filter(pl.col("is_test"))["id"])
    names = accounts.select("id", "name").rows()
    found |= {account for account, name in names if name and TEST_NAME.match(name)}
    test_mode = customers.filter(~pl.col("livemode"))
    found |= {_account_of(metadata) for metadata in test_mode["metadata"]}
    own = pl.col("email").str.to_lowercase().str.strip_chars().str.ends_with(OWN_DOMAIN)
    known = users.filter(pl.col("email").is_not_null()).group_by("account_id").agg(own.all())
    return found | set(known.filter(pl.col("email"))["account_id"])
