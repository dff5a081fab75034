"""Who an address, a contact or a browser belongs to."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from taproom.answers.questions.reference import Delivered

_ALIAS = re.compile(r"[+][^@]*@")


def normal(email: str | None) -> str | None:
    """An address without capitals, blanks and alias."""
    return _ALIAS.sub("@", email.strip().lower(), count=1) if email else None


def erased_addresses(given: Delivered) -> set[str]:
    """Addresses of people who asked to be forgotten, from the versions before the request."""
    found = set()
    for source, table, email, gone in (
        ("app", "users", "email", pl.col("deleted_at").is_not_null()),
        ("hubspot", "contact", "property_email", pl.col("_fivetran_deleted")),
        ("zendesk", "user", "email", ~pl.col("active")),
    ):
        rows = given.landing.rows(source, table)
        ids = rows.filter(pl.col(email).is_null(), gone)["id"].unique()
        named = rows.filter(pl.col("id").is_in(ids.to_list()), pl.col(email).is_not_null())
        found |= {normal(address) for address in named[email]}
    return found


@dataclass(frozen=True)
class Contact:
    """A person in HubSpot: the account that counts, if any, and the first form fill."""

    id: int
    address: str | None
    account: str | None
    lead_at: datetime | None
    created_at: datetime

    @property
    def person(self) -> str:
        return self.account or f"contact-{self.id}"


def contacts(given: Delivered) -> list[Contact]:
    """Contacts that are nobody's test."""
    land = given.landing
    erased = erased_addresses(given)
    users: dict[str, str] = {}
    newest_users = land.newest("app", "users").select("email", "account_id")
    for email, account in newest_users.rows():
        address = normal(email)
        if address and address not in erased:
            users[address] = min(account, users.get(address, account))
    companies: dict[int, str] = {}
    accounts = given.book.companies.accounts.select("hubspot_company_id", "id")
    for company, account in accounts.drop_nulls().rows():
        companies[company] = min(account, companies.get(company, account))
    history = land.newest("hubspot", "contact_property_history")
    forms = dict(
        history.filter(pl.col("source") == "FORM")
        .group_by("contact_id")
        .agg(pl.col("timestamp").min())
        .rows()
    )
    found = []
    columns = ("id", "property_email", "property_associatedcompanyid", "property_createdate")
    for key, email, company, created in land.newest("hubspot", "contact").select(columns).rows():
        address = normal(email)
        address = None if address in erased else address
        raw = users.get(address) or companies.get(company)
        if raw is not None and raw not in given.survivor:
            continue  # of a test account
        found.append(Contact(key, address, given.survivor.get(raw), forms.get(key), created))
    return found


def stages(given: Delivered) -> dict[int, dict[str, datetime]]:
    """Contact → lifecycle stage → when the contact first reached it."""
    history = given.landing.newest("hubspot", "contact_property_history")
    rows = history.filter(pl.col("name") == "lifecyclestage").select(
        "contact_id", "value", "timestamp"
    )
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    for contact, stage, at in rows.sort("timestamp").rows():
        found[contact].setdefault(stage, at)
    return found
