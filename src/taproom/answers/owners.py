"""Whose a row of another system is, as addresses, names and links between systems tell.

Read from the delivered files alone, so that it knows no more than the warehouse can.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from taproom.answers.questions.people import erased_addresses, normal
from taproom.answers.questions.reference import Delivered

LEGAL_FORM = re.compile(r"( (llc|inc[.]?|(pty )?limited|ltd[.]?|gmbh|& co[.]?|group))+$")
ARTICLE = re.compile(r"^(the|le|de) ")
NO_LETTER = re.compile(r"[\W_]")


def owners(given: Delivered) -> dict[tuple[str, str], str]:
    """(system, id there) → account that counts; absent where nothing tells, and for tests."""
    found = _Found(given)
    every = (
        *(("survey.nps_response", *one) for one in found.answers()),
        *(("zendesk.organization", *one) for one in found.organizations.items()),
        *(("zendesk.user", *one) for one in found.requesters()),
        *(("hubspot.company", *one) for one in found.companies.items()),
        *(("hubspot.contact", *one) for one in found.contacts()),
    )
    real = given.book.companies.real
    return {(system, str(key)): account for system, key, account in every if account in real}


def name_key(name: str | None) -> str | None:
    """A company's name without article, legal form, signs and capitals."""
    if name is None:
        return None
    key = LEGAL_FORM.sub("", name.strip().lower().replace(" and ", " & "))
    return NO_LETTER.sub("", ARTICLE.sub("", key))


class _Found:
    """What is known of accounts, test accounts among them, and who is matched by it."""

    def __init__(self, given: Delivered) -> None:
        self.land, self.erased = given.landing, erased_addresses(given)
        survivor = given.book.companies.survivor
        users = self.land.rows("app", "users")
        masked = users.filter(pl.col("email").is_null(), pl.col("deleted_at").is_not_null())
        gone = set(masked["id"])
        newest = self.land.newest("app", "users").select("id", "account_id", "email")
        people = [
            (key, survivor[account], None if key in gone else normal(email))
            for key, account, email in newest.rows()
        ]
        accounts = self.land.newest("app", "accounts")
        names = accounts.select("name", "id").rows()
        recorded = accounts.select("hubspot_company_id", "id").drop_nulls().rows()
        self.of_user = {key: account for key, account, _ in people}
        self.of_address = _told_by_one((address, account) for _, account, address in people)
        self.of_domain = _told_by_one(
            (address.split("@")[1], account) for _, account, address in people if address
        )
        self.of_name = _told_by_one((name_key(name), survivor[key]) for name, key in names)
        self.companies = self._companies(_least((c, survivor[a]) for c, a in recorded))
        self.organizations = self._organizations(survivor)

    def _companies(self, recorded: dict[int, str]) -> dict[int, str]:
        columns = ("id", "property_domain", "property_name", "property_hs_merged_object_ids")
        found, merged = {}, []
        for key, domain, name, others in (
            self.land.newest("hubspot", "company").select(columns).rows()
        ):
            domain = re.sub("^www[.]", "", domain.strip().lower()) if domain else None
            account = recorded.get(key) or self.of_domain.get(domain)
            if account is None and domain is None:
                account = self.of_name.get(name_key(name))
            if account is not None:
                found[key] = account
                merged += [(other, account) for other in _listed(others)]
        return _least(merged) | found

    def _organizations(self, survivor: dict[str, str]) -> dict[int, str]:
        requesters = self.land.newest("zendesk", "user").filter(
            pl.col("organization_id").is_not_null()
        )
        columns = ("organization_id", "external_id", "email")
        by_people = _told_by_one(
            (key, self.of_user.get(user) or self.of_address.get(normal(email)))
            for key, user, email in requesters.select(columns).rows()
        )
        rows = self.land.newest("zendesk", "organization").select("id", "external_id").rows()
        return by_people | {key: survivor[account] for key, account in rows if account in survivor}

    def requesters(self) -> Iterable[tuple[int, str | None]]:
        columns = ("id", "role", "external_id", "email", "organization_id")
        for key, role, user, email, company in (
            self.land.newest("zendesk", "user").select(columns).rows()
        ):
            if role == "end-user":
                known = self.of_user.get(user) or self.of_address.get(normal(email))
                yield key, known or self.organizations.get(company)

    def answers(self) -> Iterable[tuple[str, str | None]]:
        for key, email in self.land.newest("survey", "nps_response").select("id", "email").rows():
            address = normal(email)
            yield key, None if address in self.erased else self.of_address.get(address)

    def contacts(self) -> Iterable[tuple[int, str | None]]:
        columns = (
            "id",
            "property_email",
            "property_associatedcompanyid",
            "property_company",
            "property_hs_merged_object_ids",
        )
        found, merged = {}, []
        for key, email, company, typed, others in (
            self.land.newest("hubspot", "contact").select(columns).rows()
        ):
            account = self.of_address.get(normal(email)) or self.companies.get(company)
            if account is None and company is None:
                account = self.of_name.get(name_key(typed))
            if account is not None:
                found[key] = account
                merged += [(other, account) for other in _listed(others)]
        return (found | _least(merged)).items()


def _told_by_one(pairs: Iterable[tuple]) -> dict:
    """Key → account, where all rows of the key that name one name the same."""
    found: dict = {}
    for key, account in pairs:
        if key is not None and account is not None:
            found.setdefault(key, set()).add(account)
    return {key: min(several) for key, several in found.items() if len(several) == 1}


def _least(pairs: Iterable[tuple]) -> dict:
    found: dict = {}
    for key, account in pairs:
        found[key] = min(account, found.get(key, account))
    return found


def _listed(text: str | None) -> list[int]:
    return [int(part) for part in text.split(";")] if text else []
