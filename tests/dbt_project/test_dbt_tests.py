"""dbt's own tests: the unit tests of every rule, and the data tests on the built tables."""

import pytest

from taproom import settings, warehouse
from taproom.services import postgres
from taproom.warehouse import runner, sandboxes

#: Not to be asked of a sandbox, where only billing and the application deliver: what advertising,
#: support or devices say.
OTHER_SYSTEMS = [
    "campaigns_platform_spend_equals_the_expense_sheet",
    "customer_success_accounts_is_sound",
    "customers_agree_across_tables",
    "int_accounts__engagement_is_sound",
]


@pytest.mark.usefixtures("cluster")
def test_dbt_is_content_with_a_whole_company():
    """Every test there is, of a company all of whose sources deliver."""
    company = warehouse.sandbox_reset("whole_company", kind=sandboxes.whole())
    try:
        assert passing(company) > 1000
    finally:
        warehouse.sandbox_drop("whole_company")


def test_dbt_is_content_with_a_sandbox(books):
    assert passing(books, "--select", "test_type:data", "--exclude", *OTHER_SYSTEMS) > 1000


@pytest.mark.usefixtures("cluster")
def test_a_broken_table_makes_dbt_unhappy():
    broken = warehouse.sandbox_reset("broken_books")
    try:
        with postgres.connect(settings.LEARNER, broken.database) as connection:
            connection.execute(
                "update entities.entity_subscriptions_daily set mrr_new_usd = mrr_new_usd + 1"
                " where date = (select max(date) from entities.entity_subscriptions_daily)"
            )
            connection.commit()
        assert broken.build(["test", "--select", "entity_subscriptions_daily,test_type:data"]) == 1
    finally:
        warehouse.sandbox_drop("broken_books")


def passing(sandbox: warehouse.Sandbox, *options: str) -> int:
    """How many tests there are, all of which pass: the error names those that do not."""
    finished = []
    runner.must_build(
        ["test", "--no-write-json", *options],
        "dbt's tests find rows there should not be.",
        database=sandbox.database,
        role=settings.LEARNER,
        progress=lambda *parts: finished.append(parts),
    )
    return len(finished)
