"""Questions about recurring revenue, its movements and the customers behind it."""

from __future__ import annotations

import itertools

import polars as pl

from taproom.answers.days import MOVEMENTS
from taproom.answers.questions.money import by_month, sm_expense
from taproom.answers.questions.reference import Delivered, complete, month_of, reference

GAINS = [f"{name}_usd" for name in ("new", "expansion", "reactivation")]
LOSSES = [f"{name}_usd" for name in ("contraction", "churn")]
BRIDGE = [f"{name}_usd" for name in (*MOVEMENTS, "fx")]


@reference("Q01")
def mrr_and_arr(given: Delivered) -> pl.DataFrame:
    today = given.on(given.today)
    return today.select(
        mrr_usd=pl.col("mrr_usd").sum(),
        arr_usd=12 * pl.col("mrr_usd").sum(),
        paying_customers=(pl.col("mrr_usd") > 0).sum(),
    )


@reference("Q02")
def month_end_mrr(given: Delivered) -> pl.DataFrame:
    ends = given.book.daily.filter(
        (pl.col("date") == pl.col("date").dt.month_end()) | (pl.col("date") == given.today)
    )
    months = ends.group_by(month_of()).agg(closing_mrr_usd=pl.col("mrr_usd").sum()).sort("month")
    months = months.with_columns(
        change_usd=pl.col("closing_mrr_usd") - pl.col("closing_mrr_usd").shift(1)
    )
    first = given.today.replace(day=1)
    start = first.replace(year=first.year - 2)
    months = months.filter(pl.col("month") > start)
    # The tables begin with 2024: the first month shown there has nothing to be compared with.
    shown = pl.int_range(pl.len()) > 0
    return months.with_columns(change_usd=pl.when(shown).then("change_usd"))


@reference("Q03")
def bridge(given: Delivered) -> pl.DataFrame:
    months = _window(given).group_by(month_of()).agg(pl.col(BRIDGE).sum())
    ends = given.book.accounts.filter(
        (pl.col("date") == pl.col("date").dt.month_end()) | (pl.col("date") == given.today)
    )
    closing = ends.group_by(month_of()).agg(closing_mrr_usd=pl.col("mrr_usd").sum())
    named = {f"{name}_usd": f"mrr_{name}_usd" for name in (*MOVEMENTS, "fx")}
    return months.rename(named).join(closing, on="month")


@reference("Q04")
def retention(given: Delivered) -> pl.DataFrame:
    year_ago = given.today.replace(year=given.today.year - 1)
    then = given.on(year_ago).select("account_id", then="constant_usd")
    now = given.on(given.today).select("account_id", now="constant_usd")
    both = then.filter(pl.col("then") > 0).join(now, on="account_id", how="left")
    both = both.with_columns(pl.col("now").fill_null(0.0))
    both = both.with_columns(segment=pl.col("account_id").replace_strict(given.segments))
    everyone = both.with_columns(segment=pl.lit("all"))
    base = pl.col("then").sum()
    return (
        pl.concat([both, everyone])
        .group_by("segment")
        .agg(
            accounts_12m_ago=pl.len(),
            nrr=pl.col("now").sum() / base,
            grr=pl.min_horizontal("now", "then").sum() / base,
        )
    )


@reference("Q05")
def logo_churn(given: Delivered) -> pl.DataFrame:
    ends = given.book.accounts.filter(pl.col("date") == pl.col("date").dt.month_end())
    living = {
        day: set(rows.filter("is_alive")["account_id"])
        for (day,), rows in ends.partition_by("date", as_dict=True).items()
    }
    days = sorted(day for day in living if day.year >= 2024)
    rows = [
        {
            "month": last.replace(day=1),
            "logos_at_start": len(living[first]),
            "logos_lost": len(living[first] - living[last]),
            "logo_churn": len(living[first] - living[last]) / len(living[first]),
        }
        for first, last in itertools.pairwise(days)
    ]
    return pl.DataFrame(rows)


@reference("Q06")
def arpa_by_plan(given: Delivered) -> pl.DataFrame:
    today = given.on(given.today).filter(pl.col("mrr_usd") > 0)
    subscriptions = given.book.daily.filter(pl.col("date") == given.today, "is_alive")
    plans = (
        subscriptions.sort("mrr_usd", descending=True)
        .group_by("account_id", maintain_order=True)
        .agg(pl.col("plan_tier").first())
    )
    rows = today.join(plans, on="account_id", how="left")
    return rows.group_by("plan_tier").agg(
        paying_customers=pl.len(),
        mrr_usd=pl.col("mrr_usd").sum(),
        arpa_usd=pl.col("mrr_usd").mean(),
    )


@reference("Q07")
def quick_ratio(given: Delivered) -> pl.DataFrame:
    quarters = _quarters(given)
    gained, lost = pl.sum_horizontal(GAINS), -pl.sum_horizontal(LOSSES)
    return quarters.select(
        "quarter",
        mrr_gained_usd=gained,
        mrr_lost_usd=lost,
        quick_ratio=pl.when(lost > 0).then(gained / lost),
    )


@reference("Q08")
def magic_number(given: Delivered) -> pl.DataFrame:
    spend = sm_expense(given).rename({"month": "date"})
    spend = spend.group_by(quarter=pl.col("date").dt.truncate("1q")).agg(
        pl.col("sm_expense_usd").sum()
    )
    before = spend.with_columns(quarter=pl.col("quarter").dt.offset_by("1q"))
    net = _quarters(given).select("quarter", net_new_arr_usd=12 * pl.sum_horizontal(GAINS + LOSSES))
    first = pl.col("quarter") > pl.date(2024, 1, 1)
    return (
        net.filter(first)
        .join(before, on="quarter")
        .select(
            "quarter",
            "net_new_arr_usd",
            prior_quarter_sm_usd="sm_expense_usd",
            magic_number=pl.col("net_new_arr_usd") / pl.col("sm_expense_usd"),
        )
    )


@reference("Q10")
def concentration(given: Delivered) -> pl.DataFrame:
    arr = sorted((12 * mrr for mrr in given.on(given.today)["mrr_usd"] if mrr > 0), reverse=True)
    top = -(-len(arr) // 100)
    return pl.DataFrame(
        {
            "paying_customers": [len(arr)],
            "top_customers": [top],
            "top_arr_usd": [sum(arr[:top])],
            "share_of_arr": [sum(arr[:top]) / sum(arr)],
        }
    )


@reference("Q11")
def cash_and_revenue(given: Delivered) -> pl.DataFrame:
    return by_month(given)


def _window(given: Delivered) -> pl.DataFrame:
    """Days of the accounts from the tables' first day on."""
    return given.book.accounts.filter(
        pl.col("date") >= pl.date(2024, 1, 1), pl.col("date") <= given.today
    )


def _quarters(given: Delivered) -> pl.DataFrame:
    days = _window(given).filter(complete(given.today, "1q"))
    return days.group_by(quarter=pl.col("date").dt.truncate("1q")).agg(pl.col(BRIDGE).sum())
