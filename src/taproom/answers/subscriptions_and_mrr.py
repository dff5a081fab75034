"""The answers of notebook 05: subscriptions and MRR."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl

from taproom.answers.answer import Answer, answers, number
from taproom.answers.days import Book
from taproom.answers.dunning import tried_invoices
from taproom.answers.knowledge import LIVING, ever_alive_as_known, status_as_known
from taproom.answers.terms import COUNTED

YEAR_START, YEAR_END = date(2024, 12, 31), date(2025, 12, 31)
FIRST_DAY = date(2024, 1, 1)


@answers("05-01")
def mrr_today(book: Book) -> Answer:
    today = _on(book, book.today)
    right = today["mrr_usd"].sum()
    wrong = {
        "past_due_dropped": today.filter(pl.col("status") == "active")["mrr_usd"].sum(),
        "list_price": today.filter("is_counted")["list_usd"].sum(),
        "currencies_added": today["mrr_local"].sum(),
        "constant_rates": today["constant_usd"].sum(),
        "yearly": 12 * right,
    }
    return Answer(
        number("mrr_usd", right), {name: number("mrr_usd", one) for name, one in wrong.items()}
    )


@answers("05-02")
def from_items_to_mrr(book: Book) -> Answer:
    today = _on(book, book.today).filter(pl.col("interval").is_not_null())
    dollars = pl.col("currency") == "USD"

    def by_interval(rows: pl.DataFrame, amount: str = "list_local") -> pl.DataFrame:
        return rows.group_by(billing_interval="interval").agg(list_mrr_usd=pl.col(amount).sum())

    counted = today.filter(dollars, "is_counted")
    unpaused = ~pl.col("is_paused")
    with_trials = today.filter(dollars, unpaused, pl.col("status").is_in([*COUNTED, "trialing"]))
    return Answer(
        by_interval(counted),
        {
            "annual_not_divided": by_interval(counted, "invoice_local"),
            "quantity_forgotten": by_interval(counted, "unit_local"),
            "trials_counted": by_interval(with_trials),
            "past_due_dropped": by_interval(counted.filter(pl.col("status") == "active")),
            "currencies_added": by_interval(today.filter("is_counted")),
        },
    )


@answers("05-03")
def month_end_mrr(book: Book) -> Answer:
    days = book.daily.filter(pl.col("date") >= FIRST_DAY)
    totals = days.group_by("date").agg(pl.col("mrr_usd", "opening_usd", "constant_usd").sum())
    month = pl.col("date").dt.month_start().alias("month")
    at_end = totals.filter(pl.col("date") == pl.col("date").dt.month_end())
    at_start = totals.filter(pl.col("date") == pl.col("date").dt.month_start())
    alive = _on(book, book.today).filter("is_alive")["subscription_id"]
    survivors = (
        days.filter(
            pl.col("subscription_id").is_in(alive.to_list()),
            pl.col("date") == pl.col("date").dt.month_end(),
        )
        .group_by("date")
        .agg(pl.col("mrr_usd").sum())
    )
    return Answer(
        at_end.select(month, "mrr_usd"),
        {
            "month_average": totals.group_by(month).agg(pl.col("mrr_usd").mean()),
            "month_opening": at_start.select(month, mrr_usd="opening_usd"),
            "survivors_only": survivors.select(month, "mrr_usd"),
            "constant_rates": at_end.select(month, mrr_usd="constant_usd"),
        },
    )


@answers("05-04")
def mrr_by_plan_then(book: Book) -> Answer:
    then, now = _on(book, YEAR_START), _on(book, book.today)
    of_now = now.select("subscription_id", plan_now="plan_tier", alive_now="is_alive")
    both = then.join(of_now, on="subscription_id")

    def by_plan(rows: pl.DataFrame, plan: str = "plan_tier", amount: str = "mrr_usd"):
        paying = rows.filter(pl.col("mrr_usd") > 0)
        return paying.group_by(plan_tier=plan).agg(mrr_usd=pl.col(amount).sum())

    return Answer(
        by_plan(then),
        {
            "todays_plan": by_plan(both, "plan_now"),
            "todays_mrr": by_plan(now),
            "survivors_only": by_plan(both.filter("alive_now")),
            "constant_rates": by_plan(then, amount="constant_usd"),
        },
    )


@answers("05-05")
def fx_effect(book: Book) -> Answer:
    foreign = book.daily.filter(pl.col("currency") != "USD")
    year = foreign.filter(pl.col("date").is_between(YEAR_START, YEAR_END))
    ends = {day: year.filter(pl.col("date") == day) for day in (YEAR_START, YEAR_END)}
    rates = [
        book.rates.filter(pl.col("date") == day).select("currency", "rate")
        for day in (YEAR_START, YEAR_END)
    ]
    paying = ends[YEAR_START].filter(pl.col("mrr_local") > 0)
    opening = paying.group_by("currency").agg(pl.col("mrr_local").sum())
    opening = opening.join(rates[0], on="currency").join(rates[1], on="currency", suffix="_end")

    def change(amount: pl.Expr) -> pl.DataFrame:
        sums = [
            ends[day].group_by("currency").agg(amount.sum().alias("mrr_fx_usd"))
            for day in (YEAR_END, YEAR_START)
        ]
        both = sums[0].join(sums[1], on="currency", how="full", coalesce=True).fill_null(0.0)
        return both.select("currency", mrr_fx_usd=pl.col("mrr_fx_usd") - pl.col("mrr_fx_usd_right"))

    moved = year.filter(pl.col("date") > YEAR_START)
    return Answer(
        moved.group_by("currency").agg(mrr_fx_usd=pl.col("fx_usd").sum()),
        {
            "all_movement": change(pl.col("mrr_usd")),
            "opening_only": opening.select(
                "currency",
                mrr_fx_usd=pl.col("mrr_local") * (pl.col("rate_end") - pl.col("rate")),
            ),
            "budget_gap": change(pl.col("mrr_usd") - pl.col("constant_usd")),
        },
    )


@answers("05-06")
def given_away(book: Book) -> Answer:
    today = _on(book, book.today)
    offers = pl.DataFrame(
        [
            {"subscription_id": one.id, **vars(discount)}
            for one in book.subscriptions
            for discount in one.discounts
        ],
        infer_schema_length=None,
    )
    as_of = book.landing.as_of
    per_month = pl.col("amount") / pl.col("months")
    percentage = pl.col("list_local") * pl.col("percent") / 100
    on_list = offers.join(
        today.select("subscription_id", "list_local", "months", "rate", "is_counted"),
        on="subscription_id",
    ).filter("is_counted")
    running = (pl.col("start") <= as_of) & (pl.col("end").is_null() | (pl.col("end") > as_of))
    recurring = pl.col("duration") != "once"
    rate = pl.col("rate")

    def by_duration(
        rows: pl.DataFrame, rate: pl.Expr = rate, off: pl.Expr = percentage + per_month
    ) -> pl.DataFrame:
        # Never more than the list price: a coupon cannot make Tapwise pay.
        amount = pl.min_horizontal("list_local", off) * rate
        return rows.group_by("duration").agg(discount_usd=amount.sum())

    due = on_list.filter(running, recurring)
    return Answer(
        by_duration(due),
        {
            "once_counted": by_duration(on_list.filter(running)),
            "expired_counted": by_duration(on_list.filter(recurring)),
            "amounts_forgotten": by_duration(due, off=percentage),
            "amount_not_divided": by_duration(due, off=percentage + pl.col("amount")),
            "currencies_added": by_duration(due, pl.lit(1.0)),
        },
    )


@answers("05-07")
def dunning(book: Book) -> Answer:
    tried = tried_invoices(book.landing)
    in_year = pl.col("first_tried").dt.year() == 2025
    quarter = pl.col("first_tried").dt.truncate("1q").alias("quarter")
    failed = tried.filter(in_year, "first_failed")
    same = pl.col("paid_at").dt.truncate("1q") == quarter

    def share(rows: pl.DataFrame, count: pl.Expr, recovered: pl.Expr) -> pl.DataFrame:
        return rows.group_by(quarter).agg(
            failed_invoices=count.cast(pl.Int64), recovered_share=recovered
        )

    paid = pl.col("is_paid")
    attempts = pl.col("failed_attempts")
    return Answer(
        share(failed, pl.len(), paid.mean()),
        {
            "attempts_counted": share(failed, attempts.sum(), paid.sum() / attempts.sum()),
            "all_invoices": share(tried.filter(in_year), pl.len(), paid.mean()),
            "same_quarter": share(failed, pl.len(), (paid & same).fill_null(False).mean()),
        },
    )


@answers("05-08")
def known_then(book: Book) -> Answer:
    months = pl.date_range(FIRST_DAY, YEAR_END, "1mo", eager=True).to_list()
    ends = [datetime(one.year, one.month, 1, tzinfo=UTC) for one in months[1:]]
    ends.append(datetime(2026, 1, 1, tzinfo=UTC))
    everyone, as_of = book.subscriptions, book.landing.as_of

    def alive(end: datetime, known_before: datetime, statuses: tuple[str, ...] = LIVING) -> int:
        return sum(status_as_known(one, end, known_before) in statuses for one in everyone)

    def table(then: list[int], today: list[int]) -> pl.DataFrame:
        return pl.DataFrame({"month": months, "known_then": then, "known_today": today})

    then = [alive(end, end) for end in ends]
    today = [alive(end, as_of) for end in ends]
    with_trials = (*LIVING, "trialing")
    return Answer(
        table(then, today),
        {
            "todays_knowledge": table(today, today),
            "valid_time_ignored": table(
                [sum(ever_alive_as_known(one, end) for one in everyone) for end in ends], today
            ),
            "trials_counted": table(
                [alive(end, end, with_trials) for end in ends],
                [alive(end, as_of, with_trials) for end in ends],
            ),
        },
    )


def _on(book: Book, day: date) -> pl.DataFrame:
    """Every subscription at the end of a day."""
    return book.daily.filter(pl.col("date") == day)
