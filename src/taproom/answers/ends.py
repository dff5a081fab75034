"""Beginnings and ends as the sources tell them: requests to cancel, trials, conversions."""

from __future__ import annotations

from datetime import date

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

    A trial converts when the subscription that was trialing first has MRR.
    """
    accounts = book.companies.accounts.select("id", "created_at").rows()
    rows = {
        account: {"signed_up": created, "trial_started": None, "converted": None, "paid": False}
        for account, created in accounts
        if account in book.companies.real
    }
    for one in book.subscriptions:
        row = rows[one.account_id]
        paying = [
            instant
            for instant, state in zip(one.instants, one.states, strict=True)
            if state.is_counted and state.list_local > state.discount_local
        ]
        row["paid"] = row["paid"] or bool(paying)
        started = next((v.row["trial_start"] for v in one.versions if v.row["trial_start"]), None)
        if started and (row["trial_started"] is None or started < row["trial_started"]):
            row["trial_started"] = started
            row["converted"] = paying[0] if paying else None
    zone = pl.Datetime("us", "UTC")
    schema = {
        "signed_up": zone,
        "trial_started": zone,
        "converted": zone,
        "ever_paid": pl.Boolean,
    }
    return pl.DataFrame(
        [
            (row["signed_up"], row["trial_started"], row["converted"], row["paid"])
            for row in rows.values()
        ],
        schema=schema,
        orient="row",
    )
