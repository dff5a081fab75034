"""Questions about single customers: why they left, how they fare, who needs a call."""

from __future__ import annotations

import polars as pl

from taproom.answers.questions.reference import Delivered, reference
from taproom.answers.terms import Subscription


@reference("Q26")
def churn_reasons(given: Delivered) -> pl.DataFrame:
    last: dict[str, tuple] = {}
    living = set()
    for one in given.book.subscriptions:
        if one.states and one.states[-1].is_alive:
            living.add(one.account_id)
        end = _end(one)
        if end and end > last.get(one.account_id, (end[0].min.replace(tzinfo=end[0].tzinfo),)):
            last[one.account_id] = end
    rows = pl.DataFrame(
        [
            {"churn_type": kind, "churn_reason": reason}
            for account, (_, kind, reason) in last.items()
            if account not in living
        ]
    )
    counts = rows.group_by("churn_type", "churn_reason").agg(customers=pl.len())
    return counts.with_columns(share=pl.col("customers") / rows.height)


def _end(one: Subscription) -> tuple | None:
    """Instant, type and reason of the end of a subscription's last life; None if none ended."""
    found = None
    for number in range(1, len(one.states)):
        before, after = one.states[number - 1], one.states[number]
        if before.is_alive and not after.is_alive:
            unpaid = after.status == "unpaid"
            given_up = before.status == "past_due" and not before.is_leaving
            found = (one.instants[number], "involuntary" if unpaid or given_up else "voluntary")
    if found is None:
        return None
    row = max(one.versions, key=lambda version: version.start).row
    return (*found, row["cancellation_feedback"] or row["cancellation_reason"])
