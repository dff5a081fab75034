"""What a landing file says, the raw table says: every type, exactly."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest
from landing_files import START

from taproom import contracts, ingest

TABLES = [f"{source}.{table}" for source, table in contracts.tables()]


def delivered(landing, name: str) -> list[dict]:
    """Rows of the last month's file of a table, JSON read; null in columns of another time."""
    source, table = name.split(".")
    contract = contracts.tables()[source, table]
    entry = landing.document["batches"][-1]["files"][TABLES.index(name)]
    rows = pa.parquet.read_table(landing.path(entry)).to_pylist()
    as_json = [c.name for c in contract.columns if c.type == "j"]
    for number, row in enumerate(rows):
        row |= {name: json.loads(row[name]) for name in as_json if row[name] is not None}
        row |= {"_row_no": number}
    lacking = {c.name: None for c in contract.columns}
    return [lacking | row for row in rows]


def test_every_table_round_trips(landing, dsn):
    landing.batch("half", START, datetime(2024, 8, 1, tzinfo=UTC), dict.fromkeys(TABLES, 25))
    ingest.run(landing.root, dsn)
    with psycopg.connect(dsn, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("set time zone 'UTC'")
        for name in TABLES:
            stored = connection.execute(
                f"select * from raw_{name} where _batch_id = 'half' and _batch_seq = 1"
                " order by _row_no"
            ).fetchall()
            for row in stored:
                del row["_batch_id"], row["_batch_seq"]
            assert stored == delivered(landing, name), name


NUMBERS = [
    "0",
    "0.000001",
    "-0.000001",
    "1",
    "10000",
    "99999999",
    "100000000",
    "12345678.900001",
    "-999999999999.999999",
    "999999999999.999999",
    None,
]


def test_decimals_are_exact(landing, dsn, query):
    def change(table):
        values = [None if n is None else Decimal(n) for n in NUMBERS]
        index = table.schema.get_field_index("amount")
        return table.set_column(index, "amount", pa.array(values, pa.decimal128(18, 6)))

    landing.month(1, {"finance.sm_expense": len(NUMBERS)}, {"finance.sm_expense": change})
    ingest.run(landing.root, dsn)
    rows = [n for (n,) in query("select amount from raw_finance.sm_expense order by _row_no")]
    assert rows == [Decimal(n) for n in NUMBERS if n is not None]
    assert query("select pg_typeof(amount)::text from raw_finance.sm_expense limit 1") == [
        ("numeric",)
    ]


def test_eight_decimals_of_a_rate_are_kept(landing, dsn, query):
    rates = [Decimal("1.08912345"), Decimal("0.00651234"), Decimal("1.00000001")]

    def change(table):
        index = table.schema.get_field_index("rate")
        return table.set_column(index, "rate", pa.array(rates, pa.decimal128(18, 8)))

    landing.month(1, {"finance.fx_rate": 3}, {"finance.fx_rate": change})
    ingest.run(landing.root, dsn)
    assert query("select rate from raw_finance.fx_rate order by _row_no") == [(r,) for r in rates]


TEXTS = [
    "",
    " ",
    "null",
    "\\N",
    "a,b;\"c\"\t\r\n'd'",
    "Žižkov Bräu \u2013 東京 🍺",
    "e\u0301 is not é",
    "\u202emirror",
    "x" * 100_000,
    "{}",
    None,
]


def test_texts_are_kept_letter_by_letter(landing, dsn, query):
    def change(table):
        index = table.schema.get_field_index("description")
        return table.set_column(index, "description", pa.array(TEXTS, pa.string()))

    landing.month(1, {"stripe.customer": len(TEXTS)}, {"stripe.customer": change})
    ingest.run(landing.root, dsn)
    rows = query("select description from raw_stripe.customer order by _row_no")
    assert [text for (text,) in rows] == TEXTS


DOCUMENTS = [
    "{}",
    "[]",
    "null",
    '"text"',
    "1.50",
    "12345678901234567890.123456789",
    '{"b": 1, "a": {"deep": [true, null, "déjà 🍺", "\\u00e9\\ud83c\\udf7a"]}}',
    None,
]


def test_json_is_kept_as_jsonb(landing, dsn, query):
    def change(table):
        index = table.schema.get_field_index("data")
        return table.set_column(index, "data", pa.array(DOCUMENTS, pa.string()))

    landing.month(1, {"stripe.event": len(DOCUMENTS)}, {"stripe.event": change})
    ingest.run(landing.root, dsn)
    stored = query("select data::text, data is null from raw_stripe.event order by _row_no")
    for document, (text, is_null) in zip(DOCUMENTS, stored, strict=True):
        assert is_null == (document is None)
        if document is not None:
            assert json.loads(text, parse_float=Decimal) == json.loads(
                document, parse_float=Decimal
            )
    assert query("select pg_typeof(data)::text from raw_stripe.event limit 1") == [("jsonb",)]


@pytest.mark.parametrize(
    "instant",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(2024, 3, 31, 1, 30, 0, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_instants_are_kept_to_the_microsecond(instant, landing, dsn, query):
    def change(table):
        index = table.schema.get_field_index("created")
        return table.set_column(
            index, "created", pa.array([instant] * 2, pa.timestamp("us", "UTC"))
        )

    landing.month(1, {"stripe.coupon": 2}, {"stripe.coupon": change})
    ingest.run(landing.root, dsn)
    assert query("select distinct created from raw_stripe.coupon") == [(instant,)]


def test_dates_are_kept(landing, dsn, query):
    days = [date(1, 1, 1), date(1970, 1, 1), date(2024, 2, 29), date(9999, 12, 31), None]

    def change(table):
        index = table.schema.get_field_index("closed_on")
        return table.set_column(index, "closed_on", pa.array(days, pa.date32()))

    landing.month(1, {"app.locations": len(days)}, {"app.locations": change})
    ingest.run(landing.root, dsn)
    rows = query("select closed_on from raw_app.locations order by _row_no")
    assert [day for (day,) in rows] == days
