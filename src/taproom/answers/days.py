"""The book by days: every subscription and every account at the end of every UTC day.

Money of a day is the state at the instant the day ends. Movements are classified by account, the
revaluation by exchange rates first, as the course defines them (docs: the metrics).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from taproom.answers.companies import Companies
from taproom.answers.landing import Landing
from taproom.answers.terms import Subscription, subscriptions

ONE_DAY = timedelta(days=1)
MOVEMENTS = ("new", "expansion", "contraction", "churn", "reactivation")


@dataclass
class Book:
    """Landing read into subscriptions and days, each part made when it is first asked for."""

    landing: Landing

    @property
    def today(self) -> date:
        """The last complete UTC day."""
        return (self.landing.as_of - timedelta(microseconds=1)).date()

    @cached_property
    def companies(self) -> Companies:
        return Companies.of(self.landing)

    @cached_property
    def subscriptions(self) -> list[Subscription]:
        return subscriptions(self.landing, self.companies)

    @cached_property
    def rates(self) -> pl.DataFrame:
        """date, currency, rate: USD for one unit on every day, the last one before if missing."""
        rates = self.landing.newest("finance", "fx_rate").filter(pl.col("to_ccy") == "USD")
        rates = rates.select("date", currency="from_ccy", rate="rate").sort("date")
        days = pl.date_range(rates["date"].min(), self.today, eager=True).alias("date")
        grid = days.to_frame().join(rates.select("currency").unique(), how="cross")
        filled = grid.sort("date").join_asof(
            rates, on="date", by="currency", strategy="backward", check_sortedness=False
        )
        return filled.select("date", "currency", "rate")

    @cached_property
    def budget(self) -> pl.DataFrame:
        """currency, budget_rate: the fixed rates of constant exchange rates."""
        return self.landing.newest("finance", "budget_rate").select("currency", budget_rate="rate")

    @cached_property
    def spans(self) -> pl.DataFrame:
        """One row a stretch of days in which a subscription did not change."""
        rows = []
        for one in self.subscriptions:
            for number, (instant, state) in enumerate(zip(one.instants, one.states, strict=True)):
                later = one.instants[number + 1 :]
                first = _first_day(instant)
                last = _first_day(later[0]) - ONE_DAY if later else self.today
                if first <= min(last, self.today):
                    rows.append(
                        {
                            "subscription_id": one.id,
                            "account_id": one.account_id,
                            "first": first,
                            "last": min(last, self.today),
                            **vars(state),
                            "is_counted": state.is_counted,
                            "is_alive": state.is_alive,
                        }
                    )
        return pl.DataFrame(rows, infer_schema_length=None)

    @cached_property
    def daily(self) -> pl.DataFrame:
        """One row a subscription and day, with MRR in its currency, in USD and at budget rates.

        After its life a subscription has a row at its end and one at every month-end.
        """
        # Of a subscription without life the first day tells the end; then month-ends will do.
        lives = pl.col("is_alive") | (pl.col("status") == "trialing")
        told = (pl.col("date") == pl.col("first")) | (
            pl.col("date").dt.month_end() == pl.col("date")
        )
        days = (
            self.spans.with_columns(date=pl.date_ranges("first", "last"))
            .explode("date")
            .filter(lives | told)
            .drop("first", "last")
            .with_columns(
                mrr_local=pl.when("is_counted")
                .then((pl.col("list_local") - pl.col("discount_local")).round(6))
                .otherwise(0.0)
            )
            .sort("subscription_id", "date")
        )
        before = pl.col("mrr_local").shift(1).over("subscription_id").fill_null(0.0)
        month_end = pl.col("date").dt.month_end()
        last_month_end = (
            pl.when(month_end == pl.col("date"))
            .then(month_end)
            .otherwise(pl.col("date").dt.month_start() - ONE_DAY)
        )
        changed = pl.when((pl.col("mrr_local") - pl.col("opening_local")).abs() > 1e-9)
        days = days.with_columns(opening_local=before).with_columns(
            rate_date=pl.max_horizontal(
                last_month_end,
                changed.then("date").forward_fill().over("subscription_id"),
            )
        )
        return self._in_usd(days)

    def _in_usd(self, days: pl.DataFrame) -> pl.DataFrame:
        rates = self.rates.rename({"date": "rate_date"})
        days = (
            days.join(rates, on=["rate_date", "currency"], how="left")
            .join(self.budget, on="currency", how="left")
            .with_columns(pl.col("rate").fill_null(1.0), pl.col("budget_rate").fill_null(1.0))
            .sort("subscription_id", "date")
        )
        before = pl.col("rate").shift(1).over("subscription_id").fill_null(pl.col("rate"))
        return days.with_columns(
            mrr_usd=(pl.col("mrr_local") * pl.col("rate")).round(6),
            constant_usd=(pl.col("mrr_local") * pl.col("budget_rate")).round(6),
            list_usd=pl.col("list_local") * pl.col("rate"),
            fx_usd=pl.col("opening_local") * (pl.col("rate") - before),
            delta=(pl.col("mrr_local") - pl.col("opening_local")) * pl.col("rate"),
        ).with_columns(
            opening_usd=pl.col("mrr_usd").shift(1).over("subscription_id").fill_null(0.0)
        )

    @cached_property
    def movements(self) -> pl.DataFrame:
        """`daily` with one column a movement, classified by subscription."""
        life = ["subscription_id"]
        return _movements(self.daily, life)

    @cached_property
    def accounts(self) -> pl.DataFrame:
        """One row an account and day: MRR, life, movements as the course counts them."""
        days = self.daily.group_by("account_id", "date").agg(
            pl.col("mrr_usd", "constant_usd", "fx_usd", "opening_usd", "delta").sum(),
            pl.col("is_alive").any(),
            is_trialing=(pl.col("status") == "trialing").any(),
        )
        return _movements(days, ["account_id"])


def _movements(days: pl.DataFrame, of: list[str]) -> pl.DataFrame:
    """Adds the movements new … reactivation to rows that have mrr_usd, delta and is_alive.

    Churn is the end of the life, not of the MRR; what never paid before is new.
    """
    days = days.sort(*of, "date")
    days = days.with_columns(
        opening_usd=pl.col("mrr_usd").shift(1).over(of).fill_null(0.0),
        was_alive=pl.col("is_alive").shift(1).over(of).fill_null(False),
        paid_before=((pl.col("mrr_usd") > 0).cum_max().shift(1).over(of).fill_null(False)),
    )
    delta, alive, was = pl.col("delta"), pl.col("is_alive"), pl.col("was_alive")
    paid, some = pl.col("paid_before"), pl.col("delta").abs() > 1e-6
    kind = (
        pl.when(~some)
        .then(None)
        .when(~paid & (pl.col("mrr_usd") > 0))
        .then(pl.lit("new"))
        .when(was & ~alive)
        .then(pl.lit("churn"))
        .when(~was & alive)
        .then(pl.lit("reactivation"))
        .when(delta > 0)
        .then(pl.lit("expansion"))
        .otherwise(pl.lit("contraction"))
    )
    days = days.with_columns(movement=kind)
    return days.with_columns(
        [
            pl.when(pl.col("movement") == name).then("delta").otherwise(0.0).alias(f"{name}_usd")
            for name in MOVEMENTS
        ]
    )


def _first_day(instant) -> date:
    """The first day whose end lies at or after the instant."""
    return (instant - timedelta(microseconds=1)).date()
