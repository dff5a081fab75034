"""dbt's own tests: the unit tests of every rule, and the data tests on the built tables."""

import re

import pytest

from taproom import warehouse

#: The books are of a company of which only billing and the application deliver; these tests ask
#: what advertising, support or devices say of it.
OTHER_SYSTEMS = [
    "campaigns_platform_spend_equals_the_expense_sheet",
    "customer_success_accounts_is_sound",
    "customers_agree_across_tables",
    "int_accounts__engagement_is_sound",
]


@pytest.mark.parametrize(
    ("kind", "at_least"), [("test_type:unit", 25), ("test_type:data", 150)], ids=["unit", "data"]
)
def test_dbt_is_content(books, kind, at_least):
    finished = []
    status = books.build(
        ["test", "--select", kind, "--no-write-json", "--exclude", *OTHER_SYSTEMS],
        progress=lambda *parts: finished.append(parts),
    )
    assert status == 0, [p for p in finished if re.search("fail|error", str(p), re.I)]
    assert len(finished) >= at_least


def test_a_broken_table_makes_dbt_unhappy(books):
    from taproom.services import postgres

    broken = warehouse.sandbox_reset("broken_books")
    try:
        with postgres.connect("learner", broken.database) as connection:
            connection.execute(
                "update entities.entity_subscriptions_daily set mrr_new_usd = mrr_new_usd + 1"
                " where date = (select max(date) from entities.entity_subscriptions_daily)"
            )
            connection.commit()
        assert broken.build(["test", "--select", "entity_subscriptions_daily,test_type:data"]) == 1
    finally:
        warehouse.sandbox_drop("broken_books")
