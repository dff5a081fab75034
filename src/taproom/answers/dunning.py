"""Invoices that were charged: how the first attempt went, and whether they are paid now."""

from __future__ import annotations

import polars as pl

from taproom.answers.landing import Landing


def tried_invoices(landing: Landing) -> pl.DataFrame:
    """One row an invoice with a live-mode charge.

    invoice_id, first_tried, first_failed, failed_attempts, is_paid, paid_at.
    """
    charges = (
        landing.newest("stripe", "charge")
        .filter(pl.col("livemode"), pl.col("invoice_id").is_not_null())
        .sort("invoice_id", "created", "id")
    )
    invoices = landing.newest("stripe", "invoice").select(
        invoice_id="id",
        is_paid=pl.col("status") == "paid",
        paid_at="status_transitions_paid_at",
    )
    failed = pl.col("status") == "failed"
    return (
        charges.group_by("invoice_id", maintain_order=True)
        .agg(
            first_tried=pl.col("created").first(),
            first_failed=failed.first(),
            failed_attempts=failed.sum(),
        )
        .join(invoices, on="invoice_id")
    )
