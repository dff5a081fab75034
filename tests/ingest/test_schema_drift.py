"""Columns and tables that come and go are recognised, loaded as far as possible, and named."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa

from taproom import ingest

DRIFT = """
    select batch_id, table_name, column_name, change, detail from ops.schema_drift
    order by batch_seq, table_name, column_name
"""
CUSTOMER = "stripe.customer"


def add(name: str, values=lambda n: [f"v{i}" for i in range(n)], type_=None):
    """A change that appends a column, of text unless a type is given."""
    return lambda t: t.append_column(name, pa.array(values(len(t)), type_ or pa.string()))


def test_the_dated_drift_of_the_contract(landing, dsn, query):
    rows = {
        "stripe.subscription_history": 10,
        "stripe.subscription_item": 10,
        "stripe.subscription_discount": 10,
    }
    for month in range(1, 7):
        landing.month(month, rows)
    landing.month(7, rows | {"stripe.discount": 10})
    after = rows | {"stripe.discount": 10}
    del after["stripe.subscription_discount"]
    for month in (8, 9):
        landing.month(month, after)

    report = ingest.run(landing.root, dsn)

    gone = "expected since 2024-04-30; null from now on"
    assert query(DRIFT) == [
        (
            "2024-04",
            "subscription_item",
            "current_period_end",
            "column added",
            "expected since 2024-04-30",
        ),
        (
            "2024-04",
            "subscription_item",
            "current_period_start",
            "column added",
            "expected since 2024-04-30",
        ),
        ("2024-05", "subscription_history", "current_period_end", "column removed", gone),
        ("2024-05", "subscription_history", "current_period_start", "column removed", gone),
        ("2024-07", "discount", None, "table added", "expected since 2024-07-19"),
        ("2024-07", "subscription_discount", None, "table removed", "expected since 2024-07-19"),
    ]
    assert len(report.drift) == 6
    assert "column removed: stripe.subscription_history.current_period_end" in str(report)
    filled = """
        select _batch_id, count(current_period_end) from raw_stripe.{}
        group by 1 order by 1
    """
    history = query(filled.format("subscription_history"))
    assert [n for _, n in history] == [10, 10, 10, 10, 0, 0, 0, 0, 0]
    items = query(filled.format("subscription_item"))
    assert [n for _, n in items] == [0, 0, 0, 10, 10, 10, 10, 10, 10]


def test_an_unknown_column_is_added_kept_and_told_once(landing, dsn, query):
    landing.month(1, {CUSTOMER: 5})
    landing.month(2, {CUSTOMER: 5}, {CUSTOMER: add("Sales Tier")})
    landing.month(3, {CUSTOMER: 5}, {CUSTOMER: add("Sales Tier")})
    ingest.run(landing.root, dsn)
    landing.month(4, {CUSTOMER: 5}, {CUSTOMER: add("Sales Tier")})
    landing.month(5, {CUSTOMER: 5})
    landing.month(6, {CUSTOMER: 5})
    landing.month(7, {CUSTOMER: 5}, {CUSTOMER: add("Sales Tier")})
    ingest.run(landing.root, dsn)
    assert [row[0:1] + row[2:4] for row in query(DRIFT)] == [
        ("2024-02", "Sales Tier", "column added"),
        ("2024-05", "Sales Tier", "column removed"),
        ("2024-07", "Sales Tier", "column returned"),
    ]
    assert query(
        'select _batch_id, count("Sales Tier") from raw_stripe.customer group by 1 order by 1'
    ) == [
        ("2024-01", 0),
        ("2024-02", 5),
        ("2024-03", 5),
        ("2024-04", 5),
        ("2024-05", 0),
        ("2024-06", 0),
        ("2024-07", 5),
    ]


def test_types_of_unknown_columns(landing, dsn, query):
    def change(table):
        for name, values, type_ in (
            ("whole", [1, None, 3], pa.int32()),
            ("half", [0.5, None, 1.5], pa.float32()),
            ("yes", [True, None, False], pa.bool_()),
            ("nested", [{"a": [1, 2]}, None, {"a": []}], pa.struct([("a", pa.list_(pa.int8()))])),
            ("exact", [Decimal("1.0000000001"), None, Decimal("-2")], pa.decimal128(30, 10)),
            ("nothing", [None] * 3, pa.null()),
        ):
            table = table.append_column(name, pa.array(values, type_))
        return table

    landing.month(1, {CUSTOMER: 3}, {CUSTOMER: change})
    ingest.run(landing.root, dsn)
    assert query(
        "select whole, half, yes, nested, exact, nothing from raw_stripe.customer order by _row_no"
    ) == [
        (1, 0.5, True, {"a": [1, 2]}, Decimal("1.0000000001"), None),
        (None, None, None, None, None, None),
        (3, 1.5, False, {"a": []}, Decimal(-2), None),
    ]
    types = query(
        "select column_name, data_type from information_schema.columns"
        " where table_name = 'customer' and column_name in ('whole', 'half', 'nested', 'nothing')"
        " order by 1"
    )
    assert types == [
        ("half", "double precision"),
        ("nested", "jsonb"),
        ("nothing", "text"),
        ("whole", "bigint"),
    ]


def test_an_unknown_column_keeps_its_first_type(landing, dsn, query):
    landing.month(1, {CUSTOMER: 3}, {CUSTOMER: add("tier", lambda n: [1] * n, pa.int64())})
    landing.month(2, {CUSTOMER: 3}, {CUSTOMER: add("tier", lambda n: ["1", "two", None])})
    ingest.run(landing.root, dsn)
    assert query("select count(tier), count(*) from raw_stripe.customer") == [(4, 5)]
    assert query("select reason from ops.quarantine") == [
        ("tier is 'two', which is no 64-bit integer",)
    ]
    assert [row[2:4] for row in query(DRIFT)] == [
        ("tier", "column added"),
        ("tier", "type changed"),
    ]


def test_a_missing_column_is_null_and_told_once(landing, dsn, query):
    gone = {CUSTOMER: lambda t: t.drop_columns(["delinquent"])}
    landing.month(1, {CUSTOMER: 4})
    landing.month(2, {CUSTOMER: 4}, gone)
    landing.month(3, {CUSTOMER: 4}, gone)
    landing.month(4, {CUSTOMER: 4})
    ingest.run(landing.root, dsn)
    assert query(DRIFT) == [
        (
            "2024-02",
            "customer",
            "delinquent",
            "column removed",
            "not expected; null in every row",
        ),
        ("2024-04", "customer", "delinquent", "column returned", "delivered again"),
    ]
    assert query(
        "select count(delinquent) from raw_stripe.customer group by _batch_id order by _batch_id"
    ) == [(4,), (0,), (0,), (4,)]


def test_a_required_column_that_is_not_a_key_may_go_missing(landing, dsn, query):
    """Losing `created` is drift to be looked at, not a reason to stop or to drop every row."""
    landing.month(1, {CUSTOMER: 4}, {CUSTOMER: lambda t: t.drop_columns(["created"])})
    ingest.run(landing.root, dsn)
    assert query("select count(*), count(created) from raw_stripe.customer") == [(4, 0)]


def test_a_type_that_changes_and_comes_back(landing, dsn, query):
    def text(table):
        index = table.schema.get_field_index("balance")
        return table.set_column(index, "balance", table.column(index).cast(pa.string()))

    for month, change in enumerate((None, text, text, None), start=1):
        landing.month(month, {CUSTOMER: 4}, {CUSTOMER: change} if change else None)
    ingest.run(landing.root, dsn)
    assert [row[0:1] + row[2:] for row in query(DRIFT)] == [
        ("2024-02", "balance", "type changed", "string instead of int32; cast"),
        ("2024-04", "balance", "type restored", "int32 again"),
    ]


def test_columns_in_another_order_are_no_drift(landing, dsn, query):
    landing.month(1, {CUSTOMER: 4}, {CUSTOMER: lambda t: t.select(t.column_names[::-1])})
    ingest.run(landing.root, dsn)
    assert query("select count(*) from ops.schema_drift") == [(0,)]
    assert query("select bool_and(id like 'id-%%') from raw_stripe.customer") == [(True,)]
