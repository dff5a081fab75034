"""Beginnings and ends as the sources tell them: requests to cancel, trials, conversions."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from taproom.answers.days import Book


def requests(book: Book) -> list[date]:
    """The day of every request to cancel that a version of a subscription tells of, once each."""
    found = set()
    for one in book.subscriptions:
        for version in one.versions:
            asked = version.row["canceled_at"]
            if version.row["cancel_at_period_end"] and asked is not None:
                found.add((one.id, asked))
    return [asked.date() for _, asked in found]


def trials(book: Book) -> pl.DataFrame:
    """One row an account: signed_up, trial_started, converted (instants, null if never), ever_paid.

    A trial begins at the sign-up and converts when the account first becomes a customer.
    """
    companies = book.companies
    signed_up: dict[str, datetime] = {}
    for account, created in companies.accounts.select("id", "created_at").rows():
        survivor = companies.survivor[account]
        signed_up[survivor] = min(created, signed_up.get(survivor, created))
    first_alive: dict[str, datetime] = {}
    paid = set()
    for one in book.subscriptions:
        for instant, state in zip(one.instants, one.states, strict=True):
            if state.is_alive:
                first_alive[one.account_id] = min(instant, first_alive.get(one.account_id, instant))
            if state.is_counted and state.list_local > state.discount_local:
                paid.add(one.account_id)
    zone = pl.Datetime("us", "UTC")
    return pl.DataFrame(
        [
            (
                signed_up[account],
                signed_up[account] if trial_end else None,
                first_alive.get(account) if trial_end else None,
                account in paid,
            )
            for account, trial_end in companies.accounts.select("id", "trial_ends_at").rows()
            if account in companies.real
        ],
        schema={
            "signed_up": zone,
            "trial_started": zone,
            "converted": zone,
            "ever_paid": pl.Boolean,
        },
        orient="row",
    )
