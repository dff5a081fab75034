"""What must hold of the subscription tables beyond dbt's own tests."""

from __future__ import annotations

import pytest

TABLES = ("", "_history", "_daily", "_monthly")
# At tiny scale few subscriptions are paused or past due on one day.
RARE_AT_TINY = {
    "pause_started_at", "pause_resumes_at", "past_due_usd", "days_past_due", "in_dunning",
    "dunning_attempts", "coupon_duration", "discount_ends_at",
}  # fmt: skip


# A cancelled subscription never lives again: who comes back takes a new one, and the account's
# tables show the reactivation. Only an unpaid subscription paid after all could come back.
NEVER_YET = {"mrr_reactivation_usd"}


@pytest.mark.parametrize("table", TABLES)
def test_no_column_is_a_constant(rows, table):
    name = f"entity_subscriptions{table}"
    columns = [
        column
        for (column,) in rows(
            "select column_name from information_schema.columns"
            f" where table_schema = 'entities' and table_name = '{name}'"
        )
    ]
    assert columns
    counts = rows(
        f"select {', '.join(f'count(distinct {c}::text)' for c in columns)} from entities.{name}"
    )[0]
    constant = {column for column, count in zip(columns, counts, strict=True) if count < 2}
    assert not constant - RARE_AT_TINY - NEVER_YET


def test_columns_of_the_same_grain_agree_with_the_last_day(rows):
    assert rows(
        "select count(*) from entities.entity_subscriptions as now"
        " join entities.entity_subscriptions_daily as day using (subscription_id)"
        " where day.date = public.as_of_date() and (now.mrr_usd, now.plan_tier,"
        " now.billing_interval, now.subscription_status, now.account_segment, now.account_id)"
        " is distinct from (day.mrr_usd, day.plan_tier, day.billing_interval,"
        " day.subscription_status, day.account_segment, day.account_id)"
    ) == [(0,)]


def test_opening_book_is_what_2023_left(rows):
    [(opening, count)] = rows(
        "select sum(opening_mrr_usd), count(*) from entities.entity_subscriptions_daily"
        " where date = '2024-01-01' and opening_mrr_usd > 0"
    )
    assert opening > 0
    assert count > 5
    assert rows("select min(date) from entities.entity_subscriptions_daily")[0][0].year == 2024


def test_trials_that_do_not_convert_are_not_churn(rows):
    assert rows(
        "select count(*) from entities.entity_subscriptions"
        " where trial_start is not null and not trial_converted and churn_type is not null"
        " and canceled_at is null"
    ) == [(0,)]
