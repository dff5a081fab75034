"""What no table of an entity or dashboard may be: empty, constant, a copy, or one day repeated.

Generic over all tables there are; an exception stands beside its reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest

from taproom.warehouse import manifest

# Table -> why it may hold no row in a tiny company.
MAY_BE_EMPTY: dict[str, str] = {}

# (table or "*", column) -> why it may have one value in a tiny company.
MAY_BE_CONSTANT: dict[tuple[str, str], str] = {
    ("customer_success_care_monthly", "is_complete"): "the course stands at the end of a month",
    ("customer_success_health_moves_monthly", "is_complete"): (
        "the course stands at the end of a month"
    ),
    ("executive_cash_monthly", "is_complete"): "the course stands at the end of a month",
    ("executive_kpis_monthly", "is_complete"): "the course stands at the end of a month",
    ("marketing_performance_daily", "in_complete_month"): (
        "the course stands at the end of a month"
    ),
    ("executive_growth_quarterly", "is_complete"): "the course stands at the end of a quarter",
    ("executive_mrr_bridge_monthly", "is_complete"): "the course stands at the end of a month",
    ("entity_customers", "ltv_usd"): "asks for thirty ends of logos in a segment",
    ("executive_customers", "ltv_usd"): "as entity_customers",
    ("marketing_customers", "ltv_usd"): "as entity_customers",
    ("entity_customers", "is_active_trial"): "few trials run at once",
    ("entity_customers", "days_past_due"): "dunning recovers nearly all within three weeks",
    ("entity_customers", "open_balance_usd"): "hardly an invoice is open at a time",
    ("entity_customers", "not_due_usd"): "as open_balance_usd",
    ("entity_customers", "past_due_under_31_days_usd"): "as days_past_due",
    ("entity_customers", "past_due_over_30_days_usd"): "as days_past_due",
    ("*", "owner_name"): "customer success looks after the largest accounts only",
    ("*", "csm_name"): "as owner_name",
    ("entity_customers", "ltv_to_cac"): "needs ltv_usd, which asks for thirty ends",
    ("entity_customers", "p1_tickets_90d"): "urgent tickets are one in fifty",
    ("customer_success_renewals", "cancel_at_period_end"): "few wait for their end at a time",
    ("*", "critical_alerts"): "a device that is down is repaired within days",
    ("entity_devices", "open_repairs"): "as critical_alerts",
    ("entity_devices", "open_repair_hours"): "as critical_alerts",
    ("entity_devices", "sensor_fault"): "one sensor in a hundred is stuck at a time",
    ("operations_devices", "open_repairs"): "as critical_alerts",
    ("operations_devices", "open_repair_hours"): "as critical_alerts",
    ("operations_devices", "sensor_fault"): "as entity_devices",
    ("operations_hours", "period"): "two weeks lie in one month more often than not",
    ("entity_devices_hourly", "expected_heartbeats"): "one a minute: sixty in every hour",
    ("entity_devices_history", "superseded_at"): (
        "the platform's rows arrive within minutes, hardly ever after a midnight"
    ),
    ("entity_locations_history", "superseded_at"): "as the devices'",
    ("product_experiments", "has_broken_split"): "one experiment in ten has a broken split",
    ("product_experiment_intervals", "has_broken_split"): "as product_experiments",
    ("entity_campaigns", "attributed_ltv_usd"): "needs ltv_usd, which asks for thirty ends",
    ("entity_campaigns", "ltv_to_cac"): "needs ltv_usd, which asks for thirty ends",
    ("entity_campaigns", "excluded_regions"): "a holdout is set on few campaigns",
    ("entity_features_history", "superseded_at"): (
        "rows of features arrive five minutes after the change, never after a midnight"
    ),
    ("entity_subscriptions", "cancel_at_period_end"): "few wait for their end at a time",
    ("entity_subscriptions", "in_dunning"): "dunning recovers nearly all within three weeks",
    ("entity_subscriptions", "dunning_attempts"): "as in_dunning",
    ("entity_subscriptions", "past_due_usd"): "as in_dunning",
    ("entity_subscriptions", "days_past_due"): "as in_dunning",
    ("entity_subscriptions", "open_balance_usd"): "hardly an invoice is open at a time",
    (
        "entity_subscriptions_daily",
        "mrr_reactivation_usd",
    ): "a return within a subscription is rare",
    ("entity_subscriptions_monthly", "mrr_reactivation_usd"): "as by day",
}

# Columns of one table that may hold the same values in a tiny company, and why.
MAY_BE_EQUAL: dict[tuple[str, str, str], str] = {
    ("entity_campaigns", "new_customers", "customers_last_touch"): (
        "who paid first is credited by the last touch"
    ),
    ("entity_campaigns", "new_mrr_usd", "mrr_last_touch_usd"): "as new_customers",
    ("entity_devices", "failures_lifetime", "repairs_lifetime"): (
        "every failure has its repair, unless it is open"
    ),
    ("operations_devices", "open_repair_hours", "sensor_fault"): (
        "no repair is open and no sensor stuck in a tiny company: both are null"
    ),
    ("entity_customers", "location_count", "active_location_count"): (
        "no venue is closed for a while at a time"
    ),
    ("entity_customers_history", "location_count", "active_location_count"): "as the atomic one",
}

# (table, column) -> why its total may be the same on every day.
MAY_STAND_STILL: dict[tuple[str, str], str] = {
    ("entity_subscriptions_daily", "mrr_reactivation_usd"): "zero all along: see above",
    ("entity_subscriptions_monthly", "mrr_reactivation_usd"): "zero all along: see above",
}

NUMBERS = ("smallint", "integer", "bigint", "numeric", "double precision")
PERIODS = ("date", "hour_at", "week", "month", "business_date", "week_start", "hour_start")


@pytest.fixture(scope="module")
def models() -> dict[str, manifest.Model]:
    return manifest.models()


@pytest.fixture(scope="module")
def tables(ask_module) -> dict[str, dict[str, str]]:
    """schema.table -> column -> type, of entities and marts."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for schema, table, column, kind in ask_module(
        "select table_schema, table_name, column_name, data_type from information_schema.columns"
        " where table_schema in ('entities', 'marts') and table_name !~ '__dbt_'"
        " order by 1, 2, ordinal_position"
    ):
        found[f"{schema}.{table}"][column] = kind
    return found


@pytest.fixture(scope="module")
def ask_module(built) -> Callable[[str], list[tuple]]:
    from taproom.services import postgres

    def query(sql: str) -> list[tuple]:
        with postgres.connect("learner", built.database) as connection:
            return connection.execute(sql).fetchall()

    return query


def bare(table: str) -> str:
    return table.partition(".")[2]


def test_no_table_is_empty(ask_module):
    empty = [
        f"{schema}.{table}"
        for schema, table in ask_module(
            "select schemaname, tablename from pg_tables"
            " where schemaname in ('intermediate', 'entities', 'marts') union all"
            " select schemaname, viewname from pg_views where schemaname = 'marts' order by 1, 2"
        )
        if ask_module(f"select not exists (select from {schema}.{table})")[0][0]
    ]
    assert [table for table in empty if bare(table) not in MAY_BE_EMPTY] == []


def test_no_column_is_a_constant(ask_module, tables):
    """Neither one value in all rows nor no value in any."""
    constant = []
    for table, columns in tables.items():
        row = ask_module(
            "select "
            + ", ".join(
                f"min({name}::text) is not distinct from max({name}::text)"
                f" and count({name}) in (0, count(*))"
                for name in columns
            )
            + f" from {table}"
        )[0]
        constant += [
            f"{bare(table)}.{name}"
            for name, same in zip(columns, row, strict=True)
            if same
            and (bare(table), name) not in MAY_BE_CONSTANT
            and ("*", name) not in MAY_BE_CONSTANT
        ]
    assert not constant, "\n".join(constant)


def test_no_two_columns_are_the_same(ask_module, tables, models):
    """Compared row by row through a hash that is seeded by the row."""
    copies = []
    for table, columns in tables.items():
        key = min(models[bare(table)].keys, key=len, default=())
        if not key:
            continue
        seed = "hashtextextended(" + " || '|' || ".join(f"{name}::text" for name in key) + ", 0)"
        signs = ask_module(
            "select "
            + ", ".join(
                f"sum(hashtextextended(coalesce({value(name, kind)}, ''), seed))"
                for name, kind in columns.items()
            )
            + f" from (select *, {seed} as seed from {table}) as seeded"
        )[0]
        names: dict[object, list[str]] = defaultdict(list)
        for name, sign in zip(columns, signs, strict=True):
            names[sign].append(name)
        copies += [
            (bare(table), *same)
            for same in names.values()
            if len(same) > 1
            and (bare(table), *same[:2]) not in MAY_BE_EQUAL
            # constants are judged above
            and not any(
                (place, name) in MAY_BE_CONSTANT for name in same for place in (bare(table), "*")
            )
        ]
    assert not copies, "\n".join(map(str, copies))


def value(name: str, kind: str) -> str:
    """A column as text, the same for equal numbers of different precision."""
    return f"trim_scale({name}::numeric)::text" if kind in NUMBERS else f"{name}::text"


def test_every_history_has_versions(ask_module, tables, models):
    for table in [one for one in tables if one.endswith("_history")]:
        thing = next(name for name in tables[table] if name.endswith("_id"))
        things, several, kinds = ask_module(
            f"select count(*), count(*) filter (where versions > 1),"
            f" (select count(distinct changed_columns) from {table})"
            f" from (select {thing}, count(*) as versions from {table} group by 1) as each"
        )[0]
        assert several > 0.02 * things, f"{several} of {things} in {table} ever changed"
        assert kinds > 1, f"{table} says of one kind of change only"


def test_days_differ(ask_module, tables):
    """A table by day is no state of today repeated: rows of one thing differ between days, and
    the totals of each measure do."""
    still = []
    for table, columns in tables.items():
        period = next((name for name in PERIODS if name in columns), None)
        if period is None or not table.startswith("entities."):
            continue
        thing = next(name for name in columns if name.endswith("_id"))
        measures = [
            name
            for name, kind in columns.items()
            if kind in NUMBERS and (bare(table), name) not in MAY_STAND_STILL
        ]
        rest = ", ".join(name for name in columns if name != period)
        things, alive = ask_module(
            f"select count(*), count(*) filter (where kinds > 1) from ("
            f" select {thing}, count(distinct md5(({rest})::text)) as kinds, count(*) as days"
            f" from (select * from {table}) as t group by 1) as each where days > 7"
        )[0]
        assert alive > 0.5 * things, f"{alive} of {things} in {table} differ between days"
        totals = ask_module(
            "select "
            + ", ".join(f"count(distinct {name})" for name in measures)
            + " from (select "
            + ", ".join(f"sum({name}) as {name}" for name in measures)
            + f" from {table} group by {period}) as days"
        )[0]
        still += [
            f"{bare(table)}.{name}"
            for name, kinds in zip(measures, totals, strict=True)
            if kinds < 2
        ]
    assert not still, "\n".join(still)
