"""Each disputed billing case happens in the tiny world and is read as docs/billing.md says."""

from __future__ import annotations

import pytest

CASES = {
    "backdated_cancellation", "annual_upgrade_proration", "monthly_to_annual",
    "coupon_100_three_months", "coupon_expiry", "eur_in_falling_month", "refund_after_churn",
    "double_charge_credit_note", "winter_pause", "two_subscriptions_one_cancelled", "merged_away",
    "merge_survivor", "plan_migration_price_rise", "dunning_day_19", "chargeback",
    "cancel_then_undo", "reactivated_after_12_days", "reactivated_after_200_days",
    "trial_extended", "free_pilot_converted", "invoice_45_days_late", "refund_of_current_period",
}  # fmt: skip


@pytest.fixture(scope="module")
def case(truth):
    """The subscription, account and instant of a case; the first where several play it."""
    found = {}
    for row in sorted(truth("case"), key=lambda row: row["at"]):
        found.setdefault(row["case"], row)
    return found


@pytest.fixture
def days(rows):
    """(date, status, MRR, movement) of a subscription between two days around an instant."""

    def around(case: dict, before: int, after: int) -> list[tuple]:
        return rows(
            "select date, subscription_status, mrr_usd, movement_type, churn_type, movement_mrr_usd"
            " from intermediate.int_subscriptions__daily"
            f" where subscription_id = '{case['subscription_id']}'"
            f" and date between '{case['at']:%Y-%m-%d}'::date - {before}"
            f" and '{case['at']:%Y-%m-%d}'::date + {after} order by date"
        )

    return around


def kinds(rows_of_days) -> list[str]:
    return [row[3] for row in rows_of_days if row[3] != "none"]


def test_every_case_happens(case):
    assert set(case) >= CASES


def test_backdated_cancellation_restates_past_days(case, rows):
    subscription = case["backdated_cancellation"]["subscription_id"]
    [(ended, known)] = rows(
        "select valid_from, recorded_at from entities.entity_subscriptions_history"
        f" where subscription_id = '{subscription}' and subscription_status = 'canceled'"
        " and superseded_at > '9999-01-01'"
    )
    assert (known - ended).days >= 7
    believed = rows(
        "select superseded_at from entities.entity_subscriptions_history"
        f" where subscription_id = '{subscription}' and superseded_at = '{known}'"
    )
    assert believed, "what we believed until then should be kept"
    assert rows(
        "select mrr_usd from entities.entity_subscriptions_daily"
        f" where subscription_id = '{subscription}' and date = '{ended:%Y-%m-%d}' and mrr_usd = 0"
        " and movement_type = 'churn'"
    )


def test_upgrade_is_expansion_and_proration_only_billing(case, days, rows):
    [move] = [day for day in days(case["annual_upgrade_proration"], 2, 2) if day[3] != "none"]
    assert move[3] == "expansion"
    billed = rows(
        "select billed_usd from entities.entity_subscriptions_daily"
        f" where subscription_id = '{case['annual_upgrade_proration']['subscription_id']}'"
        f" and date = '{move[0]}'"
    )[0][0]
    assert billed != 0
    assert billed != move[5], "the proration invoice is not the movement"


def test_full_coupon_keeps_the_customer_without_mrr(case, days):
    during = days(case["coupon_100_three_months"], 0, 30)
    assert {day[1] for day in during} == {"active"}
    assert {day[2] for day in during} == {0}
    assert kinds(days(case["coupon_100_three_months"], 1, 100)) == ["contraction", "expansion"]


def test_coupon_expiry_is_expansion(case, days):
    assert "expansion" in kinds(days(case["coupon_expiry"], 0, 190))
    assert "contraction" not in kinds(days(case["coupon_expiry"], 0, 185))


def test_pause_contracts_and_comes_back(case, days):
    around = days(case["winter_pause"], 1, 61)
    assert "paused" in {day[1] for day in around}
    assert [k for k in kinds(around) if k in ("contraction", "churn", "expansion")][:1] == [
        "contraction"
    ]
    assert "churn" not in kinds(around)


def test_dunning_repaired_on_day_19_moves_nothing(case, days):
    around = days(case["dunning_day_19"], 1, 25)
    assert sum(day[1] == "past_due" for day in around) == 19
    assert kinds(around) == []


def test_cancel_then_undo_moves_nothing(case, days):
    assert kinds(days(case["cancel_then_undo"], 3, 5)) == []


def test_refund_of_the_current_period_ends_at_the_refund(case, rows):
    subscription = case["refund_of_current_period"]["subscription_id"]
    [(canceled, ended, churn)] = rows(
        "select canceled_at, ended_at, churn_type from entities.entity_subscriptions"
        f" where subscription_id = '{subscription}'"
    )
    [(stripe,)] = rows(
        "select max(ended_at) from raw_stripe.subscription_history"
        f" where id = '{subscription}' and status = 'canceled'"
    )
    assert canceled == ended < stripe
    assert churn == "voluntary"


def test_refund_after_churn_moves_cash_only(case, rows):
    subscription = case["refund_after_churn"]["subscription_id"]
    [(refunded, revenue, movement)] = rows(
        "select refunded_usd, recognised_revenue_usd, movement_type"
        " from entities.entity_subscriptions_daily"
        f" where subscription_id = '{subscription}' and refunded_usd > 0"
    )
    assert refunded > 0 > revenue
    assert movement == "none"


def test_double_charge_was_never_revenue(case, rows):
    subscription = case["double_charge_credit_note"]["subscription_id"]
    [(cash, revenue)] = rows(
        "select cash_usd, reversed_usd from intermediate.int_invoices__money_back"
        f" where subscription_id = '{subscription}' and entry_type = 'refund'"
    )
    assert cash > 0
    assert revenue == 0


def test_chargeback_takes_cash_and_no_mrr(case, days, rows):
    subscription = case["chargeback"]["subscription_id"]
    assert rows(
        "select 1 from intermediate.int_invoices__money_back"
        f" where subscription_id = '{subscription}' and entry_type = 'dispute' and cash_usd > 0"
    )
    assert kinds(days(case["chargeback"], 0, 25)) == []


def test_price_migration_is_expansion(case, days):
    assert kinds(days(case["plan_migration_price_rise"], 0, 1)) == ["expansion"]


@pytest.mark.parametrize("name", ["reactivated_after_12_days", "reactivated_after_200_days"])
def test_a_customer_who_comes_back_is_reactivated(case, rows, name):
    account = case[name]["account_id"]
    [(count,)] = rows(
        "select count(*) from entities.entity_customers_daily"
        f" where account_id = '{account}' and mrr_reactivation_usd > 0"
    )
    assert count >= 1


def test_one_of_two_subscriptions_ends_and_the_customer_stays(case, rows):
    account = case["two_subscriptions_one_cancelled"]["account_id"]
    subscription = case["two_subscriptions_one_cancelled"]["subscription_id"]
    [(day,)] = rows(
        "select date from entities.entity_subscriptions_daily"
        f" where subscription_id = '{subscription}' and movement_type = 'churn'"
    )
    [(contraction, churn)] = rows(
        "select mrr_contraction_usd, mrr_churn_usd from entities.entity_customers_daily"
        f" where account_id = '{account}' and date = '{day}'"
    )
    assert contraction < 0
    assert churn == 0


def test_merged_account_belongs_to_its_survivor_for_all_its_past(case, rows):
    away, survivor = case["merged_away"], case["merge_survivor"]["account_id"]
    owners = rows(
        "select distinct account_id from entities.entity_subscriptions_daily"
        f" where subscription_id = '{away['subscription_id']}'"
    )
    assert owners == [(survivor,)] or (away["account_id"],) not in owners


def test_extended_trial_counts_nothing(case, days):
    assert {day[2] for day in days(case["trial_extended"], 5, 13)} == {0}


def test_late_transfer_keeps_its_mrr(case, days):
    around = days(case["invoice_45_days_late"], 0, 44)
    assert "past_due" in {day[1] for day in around}
    assert 0 not in {day[2] for day in around}
    assert "churn" not in kinds(around)
