"""MRR as built from the delivered rows against the ledger of what happened, to the cent."""

from __future__ import annotations

from decimal import Decimal

CENT = Decimal("0.005")


def close(left, right) -> bool:
    return abs(Decimal(str(left)) - Decimal(str(right))) < CENT


def test_every_subscription_day_equals_the_ledger(rows, truth):
    columns = "mrr_usd, opening_mrr_usd, mrr_fx_usd, movement_mrr_usd, mrr_constant_fx_usd"
    built = {
        (date, subscription): values
        for date, subscription, *values in rows(
            f"select date, subscription_id, is_alive, {columns}"
            " from intermediate.int_subscriptions__daily"
        )
    }
    names = ("mrr_usd", "opening_usd", "fx_usd", "movement_usd", "mrr_constant_usd")
    compared, wrong = 0, []
    for row in truth("mrr_daily"):
        found = built.get((row["date"], row["subscription_id"]))
        expected = [row["is_alive"], *(row[name] for name in names)]
        if found is None:
            # After its end a subscription has rows only where money moved.
            if row["is_alive"] or row["movement_usd"]:
                wrong.append((row["date"], row["subscription_id"], None, expected))
            continue
        compared += 1
        if found[0] != expected[0] or not all(map(close, found[1:], expected[1:])):
            wrong.append((row["date"], row["subscription_id"], found, expected))
    assert wrong[:3] == []
    assert compared == len(built) > 10_000


def test_every_account_day_equals_the_official_ledger(rows, truth):
    movements = ("new", "expansion", "contraction", "churn", "reactivation")
    built = {
        (date, account): (
            is_customer,
            Decimal(mrr),
            Decimal(fx),
            dict(zip(movements, by_kind, strict=True)),
        )
        for date, account, is_customer, mrr, fx, *by_kind in rows(
            "select date, account_id, is_customer, mrr_usd, mrr_fx_usd,"
            f" {', '.join(f'mrr_{kind}_usd' for kind in movements)}"
            " from entities.entity_customers_daily"
        )
    }
    wrong = []
    for row in truth("account_daily"):
        found = built.get((row["date"], row["account_id"]))
        if found is None:
            if row["is_alive"] or row["movement_usd"]:
                wrong.append((row["date"], row["account_id"], None, row))
            continue
        is_customer, mrr, fx, by_kind = found
        moved = {kind: value for kind, value in by_kind.items() if value}
        expected = {row["movement_type"]} - {"none"}
        if (
            is_customer != row["is_alive"]
            or not close(mrr, row["mrr_usd"])
            or not close(fx, row["fx_usd"])
            or set(moved) != expected
            or not close(sum(moved.values()), row["movement_usd"])
        ):
            wrong.append((row["date"], row["account_id"], found, row))
    assert wrong[:3] == []


def test_test_accounts_are_in_no_subscription_table(rows):
    tests = {
        subscription
        for (subscription,) in rows(
            "select distinct id from raw_stripe.subscription_history where not livemode"
        )
    }
    assert tests
    for table in ("", "_history", "_daily", "_monthly"):
        there = {
            s for (s,) in rows(f"select subscription_id from entities.entity_subscriptions{table}")
        }
        assert there
        assert not there & tests
