"""Arrow to PostgreSQL's binary format: what is read back is what was written."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest

from taproom.ingest import binary

VALUES = {
    "text": (pa.string(), ["", "déjà vu", "x" * 5000, "tab\tand\nline"]),
    "integer": (pa.int32(), [0, -1, 2**31 - 1, -(2**31)]),
    "bigint": (pa.int64(), [0, -1, 2**63 - 1, -(2**63)]),
    "double precision": (pa.float64(), [0.1, -1e300, math.inf, 5e-324]),
    "boolean": (pa.bool_(), [True, False, False, True]),
    "date": (pa.date32(), [date(1, 1, 1), date(1999, 12, 31), date(2024, 2, 29), date.max]),
    "timestamptz": (
        pa.timestamp("us", "UTC"),
        [
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            datetime(2000, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, tzinfo=UTC),
        ],
    ),
    "jsonb": (pa.string(), ['{"a": [1, null]}', "null", '"ü"', "12.50"]),
}
NUMBERS = [
    "0", "0.000001", "-0.1", "1.5", "-12345.678901", "9999", "10000", "123456789012",
    "999999999999.999999", "-999999999999.999999",
]  # fmt: skip


def copied(dsn: str, type_: str, values: pa.Array) -> list:
    """Values written by one COPY and read back in order, beside a text that is never null."""
    rows = pa.table({"n": pa.array(range(len(values)), pa.int64()), "v": values, "last": values})
    with psycopg.connect(dsn) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"create temporary table t (n bigint, v {type_}, last {type_})")
        with connection.cursor().copy("copy t from stdin (format binary)") as copy:
            copy.write(binary.HEAD)
            for piece in binary.encoded(rows, {"v", "last"} if type_ == "jsonb" else ()):
                copy.write(piece)
            copy.write(binary.TAIL)
        shown = "::text" if type_ in ("jsonb", "numeric") else ""
        read = connection.execute(f"select v{shown}, last{shown} from t order by n").fetchall()
    assert all(one == other for one, other in read)
    return [one for one, _ in read]


@pytest.mark.parametrize("type_", VALUES)
def test_every_type_with_and_without_nulls_and_cut_from_a_larger_array(type_, dsn):
    arrow, values = VALUES[type_]
    plain = json.loads if type_ == "jsonb" else lambda value: value
    for wanted in (values, [None, *values, None], [None, None], [*values, *values]):
        array = pa.array(wanted, arrow)
        cut = pa.array([values[0], None, *wanted, values[1]], arrow).slice(2, len(wanted))
        for one in (array, cut):
            found = copied(dsn, type_, one)
            assert [v if v is None else plain(v) for v in found] == [
                v if v is None else plain(v) for v in wanted
            ]


@pytest.mark.parametrize(("precision", "scale"), [(18, 6), (38, 18), (20, 6), (24, 7), (38, 6)])
def test_numbers_are_exact_and_end_without_zeros(precision, scale, dsn):
    numbers = [Decimal(text) for text in NUMBERS]
    numbers = [n for n in numbers if len(str(abs(n)).split(".")[0]) <= precision - scale]
    array = pa.array([None, *numbers], pa.decimal128(precision, scale))
    expected = [None, *(f"{n:f}" for n in numbers)]
    assert copied(dsn, "numeric", array) == expected
    assert copied(dsn, "numeric", array.slice(2)) == expected[2:]


def test_whole_numbers_and_the_largest_there_are(dsn):
    whole = [0, 7, -(10**17), 10**18 - 1]
    assert copied(dsn, "numeric", pa.array(whole, pa.decimal128(18, 0))) == [str(n) for n in whole]
    digits = "9" * 20 + "." + "9" * 18
    array = pa.array([Decimal(digits), Decimal("-" + digits), None], pa.decimal128(38, 18))
    assert copied(dsn, "numeric", array) == [digits, "-" + digits, None]


def test_large_values_are_cut_into_several_pieces(dsn, monkeypatch):
    monkeypatch.setattr(binary, "SLICE_BYTES", 10_000)
    monkeypatch.setattr(binary, "SLICE_ROWS", 7)
    texts = [chr(97 + row % 26) * (row * 100) for row in range(60)]
    assert copied(dsn, "text", pa.array(texts)) == texts


def test_a_type_without_a_form_is_named():
    with pytest.raises(TypeError, match="time64"):
        list(binary.encoded(pa.table({"a": pa.array([1], pa.time64("us"))})))


def test_no_rows_are_no_bytes():
    assert list(binary.encoded(pa.table({"a": pa.array([], pa.int64())}))) == []
