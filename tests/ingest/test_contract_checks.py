"""Rows that break the contract go to quarantine, with the reason and the row as delivered."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from taproom import ingest
from taproom.errors import TaproomError

INVOICE = "stripe.invoice"
LEDGER = """
    select rows_in, rows_loaded, rows_quarantined from ops.load
    where source || '.' || table_name = %s
"""


def with_values(name: str, rows: dict[int, object], type_: pa.DataType | None = None):
    """A change that puts values into some rows of a column."""

    def change(table: pa.Table) -> pa.Table:
        index = table.schema.get_field_index(name)
        values = table.column(index).to_pylist()
        for row, value in rows.items():
            values[row] = value
        return table.set_column(index, name, pa.array(values, type_ or table.column(index).type))

    return change


def as_type(name: str, convert, type_: pa.DataType):
    """A change that delivers a column in another type."""

    def change(table: pa.Table) -> pa.Table:
        index = table.schema.get_field_index(name)
        values = [None if v is None else convert(v) for v in table.column(index).to_pylist()]
        return table.set_column(index, name, pa.array(values, type_))

    return change


def load(landing, dsn, change, table=INVOICE, rows=20):
    landing.month(1, {table: rows}, {table: change})
    return ingest.run(landing.root, dsn)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("id", {3: None}, "id is null"),
        ("status", {3: "settled"}, "status is 'settled', not one of draft, open, paid"),
        ("status", {3: None}, "status is null"),
        ("status", {3: "Paid"}, "status is 'Paid', not one of"),
        ("billing_reason", {3: ""}, "billing_reason is '', not one of"),
        ("_arrived_at", {3: None}, "_arrived_at is null"),
        ("_arrived_at", {3: datetime(2024, 2, 1, tzinfo=UTC)}, "outside the batch's window"),
        ("_arrived_at", {3: datetime(2023, 12, 31, tzinfo=UTC)}, "outside the batch's window"),
    ],
)
def test_one_broken_row(name, values, reason, landing, dsn, query):
    report = load(landing, dsn, with_values(name, values))
    assert query(LEDGER, [INVOICE]) == [(20, 19, 1)]
    assert query("select count(*) from raw_stripe.invoice") == [(19,)]
    [(batch, path, row_no, said, row)] = query(
        "select batch_id, path, row_no, reason, row_json from ops.quarantine"
    )
    assert (batch, path, row_no) == ("2024-01", "stripe/invoice/2024-01.parquet", 3)
    assert reason in said
    assert row["customer_id"] == "customer_id-" + row["customer_id"].split("-")[1]
    assert len(row) == 31
    assert (report.rows_in, report.rows_loaded, report.rows_quarantined) == (20, 19, 1)
    assert sum(report.reasons.values()) == 1


def test_every_reason_of_a_row_is_told(landing, dsn, query):
    def change(table):
        table = with_values("id", {5: None})(table)
        table = with_values("status", {5: "gone", 7: "gone"})(table)
        return with_values("created", {5: None})(table)

    load(landing, dsn, change)
    rows = query("select row_no, reason from ops.quarantine order by row_no")
    assert [row for row, _ in rows] == [5, 7]
    assert [part.split(" is ")[0] for part in rows[0][1].split("; ")] == [
        "id",
        "status",
        "created",
    ]


def test_null_where_it_is_allowed_is_loaded(landing, dsn, query):
    load(landing, dsn, with_values("billing_reason", {0: None, 1: None}))
    assert query("select count(*) from raw_stripe.invoice where billing_reason is null") == [(2,)]
    assert query("select count(*) from ops.quarantine") == [(0,)]


def test_a_file_of_which_every_row_is_broken(landing, dsn, query):
    load(landing, dsn, with_values("status", dict.fromkeys(range(20), "x")))
    assert query(LEDGER, [INVOICE]) == [(20, 0, 20)]


@pytest.mark.parametrize(
    ("name", "convert", "type_", "kept"),
    [
        ("amount_due", str, pa.string(), True),
        ("amount_due", float, pa.float64(), True),
        ("attempt_count", int, pa.int64(), True),
        ("attempt_count", int, pa.int16(), True),
        ("paid", lambda v: str(v).lower(), pa.string(), True),
        ("created", lambda v: v.isoformat(), pa.string(), True),
        ("created", lambda v: v.replace(tzinfo=None), pa.timestamp("us"), True),
        ("number", lambda v: 7, pa.int64(), True),
        ("tax", lambda v: Decimal(v), pa.decimal128(20, 0), True),
        ("number", lambda v: v.encode(), pa.binary(), True),
        ("amount_due", lambda v: "n/a", pa.string(), False),
        ("attempt_count", lambda v: 2**40, pa.int64(), False),
        ("amount_due", lambda v: 0.5, pa.float64(), False),
        ("created", lambda v: 1_700_000_000, pa.int64(), False),
        ("created", lambda v: v.replace(tzinfo=None).isoformat(), pa.string(), False),
        ("number", lambda v: b"\xff\xfe", pa.binary(), False),
        ("number", lambda v: {"a": 1}, pa.struct([("a", pa.int64())]), False),
    ],
)
def test_another_type_is_cast_or_put_aside(name, convert, type_, kept, landing, dsn, query):
    """What can be cast without loss is cast; the rest goes to quarantine. Both are logged."""
    load(landing, dsn, as_type(name, convert, type_), rows=20)
    assert query(LEDGER, [INVOICE]) == [(20, 20, 0) if kept else (20, 0, 20)]
    [(column, change, detail)] = query("select column_name, change, detail from ops.schema_drift")
    assert (column, change) == (name, "type changed")
    assert str(type_) in detail


def test_values_survive_a_cast(landing, dsn, query):
    landing.month(1, {INVOICE: 30})
    landing.month(
        2,
        {INVOICE: 30},
        {INVOICE: as_type("amount_due", str, pa.string())},
    )
    landing.month(
        3,
        {INVOICE: 30},
        {INVOICE: as_type("created", lambda v: v.isoformat(), pa.string())},
    )
    ingest.run(landing.root, dsn)
    rows = query(
        "select count(*), sum(amount_due - 10000000000 * attempt_count), max(created)::text"
        " from raw_stripe.invoice group by _batch_seq order by _batch_seq"
    )
    assert [row[:2] for row in rows] == [(30, 0)] * 3
    assert query(
        "select bool_and(created = '2024-01-01T00:00Z'::timestamptz"
        " + attempt_count * interval '1.000001 s') from raw_stripe.invoice"
    ) == [(True,)]


def test_only_the_rows_that_cannot_be_cast_are_put_aside(landing, dsn, query):
    def change(table):
        table = as_type("amount_due", str, pa.string())(table)
        return with_values("amount_due", {2: "12.50", 11: "", 12: "1e3"})(table)

    load(landing, dsn, change)
    rows = query("select row_no, reason, row_json->>'amount_due' from ops.quarantine order by 1")
    assert [(row, value) for row, _, value in rows] == [(2, "12.50"), (11, ""), (12, "1e3")]
    assert rows[0][1] == "amount_due is '12.50', which is no 64-bit integer"


def test_encodings_are_no_drift(landing, dsn, query):
    """Dictionary encoding, large strings and another precision of instants mean the same."""

    def change(table):
        def encode(name, cast):
            index = table.schema.get_field_index(name)
            return table.set_column(index, name, cast(table.column(index)))

        table = encode("status", lambda c: c.dictionary_encode())
        table = encode("number", lambda c: c.cast(pa.large_string()))
        return encode("period_start", lambda c: c.cast(pa.timestamp("ns", "Europe/Berlin")))

    load(landing, dsn, change)
    assert query("select count(*) from ops.schema_drift") == [(0,)]
    assert query("select count(*) from raw_stripe.invoice") == [(20,)]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({4: "{bad"}, "data is not JSON"),
        ({4: ""}, "data is not JSON"),
        ({4: '{"a": "\\u0000"}'}, "data is not JSON"),
        ({4: '{"a": "\0"}'}, "data holds characters no text may hold"),
    ],
)
def test_json_that_is_none(values, reason, landing, dsn, query):
    load(landing, dsn, with_values("data", values), table="stripe.event")
    assert query(LEDGER, ["stripe.event"]) == [(20, 19, 1)]
    [(row_no, said)] = query("select row_no, reason from ops.quarantine")
    assert row_no == 4
    assert reason in said


def test_one_unreadable_value_among_many_batches(landing, dsn, query):
    for month in range(1, 5):
        change = {"stripe.event": with_values("data", {2: "{"})} if month == 3 else None
        landing.month(month, {"stripe.event": 10, "stripe.coupon": 5}, change)
    report = ingest.run(landing.root, dsn)
    assert report.batches == ["2024-01", "2024-02", "2024-03", "2024-04"]
    assert query("select batch_id, row_no from ops.quarantine") == [("2024-03", 2)]
    assert query("select count(*) from raw_stripe.event") == [(39,)]
    assert query("select count(*) from raw_stripe.coupon") == [(20,)]


def test_text_that_is_none(landing, dsn, query):
    def change(table):
        table = with_values("number", {4: "a\0b"})(table)
        table = with_values("status", {6: "x\0y"})(table)
        index = table.schema.get_field_index("charge_id")
        raw = [v.encode() for v in table.column(index).to_pylist()]
        raw[9] = b"ch_\xff"
        return table.set_column(index, "charge_id", pa.array(raw, pa.binary()).view(pa.string()))

    load(landing, dsn, change)
    rows = query("select row_no, reason from ops.quarantine order by 1")
    assert rows[0] == (4, "number holds characters no text may hold")
    assert rows[1][0] == 6
    assert rows[2] == (9, "charge_id holds characters no text may hold")
    assert query("select count(*) from raw_stripe.invoice") == [(17,)]


def test_instants_and_dates_beyond_the_calendar(landing, dsn, query):
    def change(table):
        index = table.schema.get_field_index("created")
        values = table.column(index).cast(pa.int64()).to_pylist()
        values[2], values[3] = 2**62, -(2**62)
        column = pa.array(values).cast(pa.timestamp("us", "UTC"))
        return table.set_column(index, "created", column)

    load(landing, dsn, change)
    rows = query("select row_no, reason from ops.quarantine order by 1")
    assert rows == [
        (2, "created lies outside the years 1 to 9999"),
        (3, "created lies outside the years 1 to 9999"),
    ]


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        (INVOICE, lambda t: t.drop_columns(["id"]), "lacks the key column id"),
        ("finance.fx_rate", lambda t: t.drop_columns(["to_ccy"]), "lacks the key column to_ccy"),
        (INVOICE, lambda t: t.drop_columns(["_arrived_at"]), "lacks the column _arrived_at"),
        (
            INVOICE,
            lambda t: t.append_column("status", t.column("status")),
            "has the column status twice",
        ),
        (
            INVOICE,
            lambda t: t.append_column("_batch_id", t.column("status")),
            "uses the name _batch_id",
        ),
        (
            INVOICE,
            lambda t: t.append_column("x" * 64, t.column("status")),
            "has a column no table can hold",
        ),
    ],
)
def test_columns_that_fail_the_batch(table, change, said, landing, dsn, query):
    landing.month(1, {table: 5})
    landing.month(2, {"stripe.coupon": 5, table: 5}, {table: change})
    with pytest.raises(TaproomError) as failure:
        ingest.run(landing.root, dsn)
    assert said in str(failure.value)
    assert f"{table} in batch 2024-02" in str(failure.value)
    assert query("select batch_id from ops.batch") == [("2024-01",)]
    assert query("select count(*) from raw_stripe.coupon") == [(0,)]
