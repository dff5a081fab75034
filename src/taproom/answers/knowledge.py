"""What was known of the subscriptions at an instant: only what had been delivered before it."""

from __future__ import annotations

from datetime import datetime

from taproom.answers.terms import COUNTED, Subscription

LIVING = (*COUNTED, "paused")


def status_as_known(one: Subscription, at: datetime, known_before: datetime) -> str | None:
    """The status at an instant, from versions and refunds that had arrived before another one."""
    end = one.refund_end
    if end is not None and end.created <= at and end.known_at < known_before:
        return "canceled"
    for version in reversed(one.versions):
        if version.valid_from <= at and version.known_at < known_before:
            return version.row["status"]
    return None


def ever_alive_as_known(one: Subscription, known_before: datetime) -> bool:
    """Whether any version known before the instant says that the subscription lived."""
    return any(
        version.row["status"] in LIVING
        for version in one.versions
        if version.known_at < known_before and version.valid_from < known_before
    )
