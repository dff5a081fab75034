"""Cash, revenue and expense by month, from Stripe's documents and finance's sheets."""

from __future__ import annotations

from datetime import date

import polars as pl

from taproom.answers.questions.reference import Delivered
from taproom.answers.terms import minor_units


def sm_expense(given: Delivered) -> pl.DataFrame:
    """month, sm_expense_usd: sales and marketing expense at the rate of the month's end."""
    sheet = given.landing.rows("finance", "sm_expense")
    currency, month = pl.col("currency").str.to_uppercase(), pl.col("month").dt.month_start()
    sums = sheet.group_by(month=month, currency=currency).agg(pl.col("amount").sum())
    sums = in_usd(given, sums.with_columns(date=pl.col("month").dt.month_end()), "amount")
    return sums.group_by("month").agg(sm_expense_usd=pl.col("amount_usd").sum().round(2))


def in_usd(given: Delivered, rows: pl.DataFrame, amount: str) -> pl.DataFrame:
    """Adds `<amount>_usd`: a local amount at the rate of `date`, the last one before if missing."""
    rates = given.book.rates
    dollars = pl.DataFrame({"currency": ["USD"], "rate": [1.0]})
    usd = rates.select("date").unique().join(dollars, how="cross")
    rates = pl.concat([rates.filter(pl.col("currency") != "USD"), usd], how="diagonal_relaxed")
    known = pl.min_horizontal("date", pl.lit(given.today)).alias("rate_date")
    joined = rows.with_columns(known).join(
        rates.rename({"date": "rate_date"}), on=["rate_date", "currency"], how="left"
    )
    return joined.with_columns((pl.col(amount) * pl.col("rate")).alias(f"{amount}_usd"))


def major(amount: str, currency: str = "currency") -> pl.Expr:
    """Minor units as major ones, by the currency in upper case."""
    units = pl.col(currency).map_elements(minor_units, pl.Int64)
    return pl.col(amount) / units


def invoices(given: Delivered) -> pl.DataFrame:
    """One row a final invoice that was not voided, of an account that counts.

    invoice_id, billed_on, currency, net (without tax), total, subtotal: major units; rate.
    """
    owners = given.book.companies.of_customer
    rows = given.landing.newest("stripe", "invoice").filter(
        ~pl.col("status").is_in(["draft", "void"]),
        ~pl.col("is_deleted").fill_null(False),
        pl.col("customer_id").is_in(list(owners)),
    )
    rows = rows.select(
        invoice_id="id",
        currency=pl.col("currency").str.to_uppercase(),
        date=pl.coalesce("finalized_at", "created").dt.date(),
        total="total",
        subtotal="subtotal",
        tax=pl.col("tax").fill_null(0),
    )
    rows = rows.with_columns(major(name).alias(name) for name in ("total", "subtotal", "tax"))
    rows = rows.with_columns(net=pl.col("total") - pl.col("tax"))
    return in_usd(given, rows, "net").rename({"date": "billed_on"})


def revenue_daily(given: Delivered) -> pl.DataFrame:
    """date, revenue_usd: what was earned on each day, taken back on the day it was given back."""
    billed = invoices(given)
    prices = given.landing.newest("stripe", "price").select(
        plan_id="id", licensed=pl.col("recurring_usage_type") == "licensed"
    )
    lines = given.landing.newest("stripe", "invoice_line_item")
    price = "price_id" if "price_id" in lines.columns else "plan_id"
    lines = lines.select(
        "invoice_id",
        "amount",
        first=pl.col("period_start").dt.date(),
        last=pl.col("period_end").dt.date(),
        discounted=pl.col("discountable").fill_null(True),
        plan_id=price,
    )
    lines = lines.join(prices, on="plan_id", how="left").join(billed, on="invoice_id")
    lines = lines.with_columns(major("amount").alias("amount"))
    off = pl.col("subtotal") - pl.col("net")
    base = pl.col("amount").filter("discounted").sum().over("invoice_id")
    share = pl.when(pl.col("discounted") & (base != 0)).then(off * pl.col("amount") / base)
    spread = pl.col("licensed").fill_null(False) & (pl.col("last") > pl.col("first"))
    lines = lines.with_columns(
        earned=(pl.col("amount") - share.fill_null(0.0)) * pl.col("rate"),
        first=pl.when(spread).then("first").otherwise("billed_on"),
        last=pl.when(spread).then("last").otherwise(pl.col("billed_on").dt.offset_by("1d")),
    )
    days = lines.with_columns(
        date=pl.date_ranges("first", "last", closed="left"),
        earned=pl.col("earned") / (pl.col("last") - pl.col("first")).dt.total_days(),
    ).explode("date")
    earned = days.group_by("date").agg(earned=pl.col("earned").sum())
    back = _reversed(given, billed).group_by("date").agg(back=pl.col("back").sum())
    both = earned.join(back, on="date", how="full", coalesce=True).fill_null(0.0)
    return both.select("date", revenue_usd=pl.col("earned") - pl.col("back"))


def payments(given: Delivered) -> pl.DataFrame:
    """One row a charge that succeeded, of an account that counts.

    charge_id, invoice_id, date, paid and paid_usd (tax included), currency, is_second.
    """
    billed = given.landing.newest("stripe", "invoice").filter(
        pl.col("status") != "draft", ~pl.col("is_deleted").fill_null(False)
    )
    owners = list(given.book.companies.of_customer)
    billed = billed.filter(pl.col("customer_id").is_in(owners)).select(
        invoice_id="id", currency=pl.col("currency").str.to_uppercase()
    )
    charges = given.landing.newest("stripe", "charge").filter(pl.col("status") == "succeeded")
    rows = charges.select(
        "invoice_id", "created", charge_id="id", paid="amount", date=pl.col("created").dt.date()
    ).join(billed, on="invoice_id")
    rows = rows.with_columns(major("paid").alias("paid")).sort("invoice_id", "created", "charge_id")
    rows = rows.with_columns(is_second=pl.int_range(pl.len()).over("invoice_id") > 0)
    return in_usd(given, rows, "paid")


def _reversed(given: Delivered, billed: pl.DataFrame) -> pl.DataFrame:
    """date, back: revenue taken back by refunds and credit notes, without the tax in them."""
    refunds = given.landing.newest("stripe", "refund").filter(pl.col("status") == "succeeded")
    paid = payments(given).select("charge_id", "invoice_id", "is_second")
    refunds = refunds.join(paid, on="charge_id").filter(
        ~pl.col("is_second"), pl.col("reason").fill_null("") != "duplicate"
    )
    notes = given.landing.newest("stripe", "credit_note").filter(
        pl.col("status") == "issued",
        pl.col("refund_id").is_null(),
        pl.col("reason").fill_null("") != "duplicate",
    )
    rows = pl.concat([one.select("invoice_id", "created", "amount") for one in (refunds, notes)])
    rows = rows.join(billed.drop("rate"), on="invoice_id")
    rows = rows.with_columns(
        major("amount").alias("amount"), date=pl.col("created").dt.date()
    ).with_columns(without_tax=pl.col("amount") * (pl.col("net") / pl.col("total")).fill_nan(1.0))
    return in_usd(given, rows, "without_tax").select("date", back="without_tax_usd")


def by_month(given: Delivered) -> pl.DataFrame:
    """month, collected_usd, recognised_revenue_usd from the tables' first month on."""
    first = date(2024, 1, 1)
    cash = (
        payments(given)
        .group_by(month=pl.col("date").dt.month_start())
        .agg(collected_usd=pl.col("paid_usd").sum())
    )
    revenue = revenue_daily(given).filter(pl.col("date") <= given.today)
    revenue = revenue.group_by(month=pl.col("date").dt.month_start()).agg(
        recognised_revenue_usd=pl.col("revenue_usd").sum()
    )
    months = revenue.join(cash, on="month", how="left").with_columns(
        pl.col("collected_usd").fill_null(0.0)
    )
    months = months.filter(pl.col("month") >= first)
    return months.with_columns(
        cash_per_revenue_usd=pl.col("collected_usd") / pl.col("recognised_revenue_usd")
    )
