"""Arrow to PostgreSQL through the session: what is read back is what was written."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from taproom.ingest import store
from taproom.ingest.store import Store, UnstorableValue

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


@pytest.fixture
def session(dsn) -> Iterator[Store]:
    with Store(dsn) as opened:
        opened.execute("set timezone = 'UTC'")
        yield opened


def written(session: Store, query, type_: str, values: pa.Array) -> list:
    """Values written by one COPY and read back in order by another driver."""
    session.execute(f"drop table if exists t; create table t (n bigint, v {type_}, last {type_})")
    rows = pa.table({"n": pa.array(range(len(values)), pa.int64()), "v": values, "last": values})
    if type_ == "jsonb":
        rows = store.with_jsonb(rows, {"v", "last"})
    session.append("public", "t", rows.schema, rows.to_batches())
    session.commit()
    shown = "::text" if type_ in ("jsonb", "numeric") else ""
    read = query(f"select v{shown}, last{shown} from t order by n")
    assert all(one == other for one, other in read)
    return [one for one, _ in read]


@pytest.mark.parametrize("type_", VALUES)
def test_every_type_with_and_without_nulls_and_cut_from_a_larger_array(
    type_, session, query, monkeypatch
):
    monkeypatch.setattr(store, "SLICE_ROWS", 3)
    arrow, values = VALUES[type_]
    plain = json.loads if type_ == "jsonb" else lambda value: value
    for wanted in (values, [None, *values, None], [None, None], [*values, *values]):
        array = pa.array(wanted, arrow)
        cut = pa.array([values[0], None, *wanted, values[1]], arrow).slice(2, len(wanted))
        for one in (array, cut):
            found = written(session, query, type_, one)
            assert [v if v is None else plain(v) for v in found] == [
                v if v is None else plain(v) for v in wanted
            ]


@pytest.mark.parametrize(("precision", "scale"), [(18, 6), (38, 18), (20, 6), (24, 7), (38, 6)])
def test_numbers_are_exact_and_end_without_zeros(precision, scale, session, query):
    numbers = [Decimal(text) for text in NUMBERS]
    numbers = [n for n in numbers if len(str(abs(n)).split(".")[0]) <= precision - scale]
    array = pa.array([None, *numbers], pa.decimal128(precision, scale))
    expected = [None, *(f"{n:f}" for n in numbers)]
    assert written(session, query, "numeric", array) == expected
    assert written(session, query, "numeric", array.slice(2)) == expected[2:]


def test_whole_numbers_and_the_largest_there_are(session, query):
    whole = [0, 7, -(10**17), 10**18 - 1]
    array = pa.array(whole, pa.decimal128(18, 0))
    assert written(session, query, "numeric", array) == [str(n) for n in whole]
    digits = "9" * 20 + "." + "9" * 18
    array = pa.array([Decimal(digits), Decimal("-" + digits), None], pa.decimal128(38, 18))
    assert written(session, query, "numeric", array) == [digits, "-" + digits, None]


def test_slices_of_many_megabytes(session, query):
    texts = [chr(97 + row % 26) * (row * 10_000) for row in range(60)]
    assert written(session, query, "text", pa.array(texts)) == texts


def test_no_rows(session, query):
    assert written(session, query, "bigint", pa.array([], pa.int64())) == []


def test_a_failure_in_making_rows_comes_as_it_was_and_leaves_a_usable_session(session, query):
    class Odd(Exception):
        pass

    def rows(failure: BaseException | None) -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"n": [1]})
        if failure:
            raise failure

    session.execute("create table t (n bigint)")
    session.commit()
    for failure in (Odd("thrown"), KeyboardInterrupt()):
        with pytest.raises(type(failure)) as raised:
            session.append("public", "t", pa.schema({"n": pa.int64()}), rows(failure))
        assert raised.value is failure
        session.rollback()
        session.append("public", "t", pa.schema({"n": pa.int64()}), rows(None))
        session.commit()
    assert query("select count(*) from t") == [(2,)]


def test_a_value_that_is_none_to_postgresql(session):
    for type_, value in (("text", "a\0b"), ("jsonb", "{")):
        session.execute(f"drop table if exists t; create table t (v {type_})")
        session.commit()
        rows = pa.table({"v": [value]})
        if type_ == "jsonb":
            rows = store.with_jsonb(rows, ["v"])
        with pytest.raises(UnstorableValue):
            session.append("public", "t", rows.schema, rows.to_batches())
        session.rollback()
    assert session.rows("select 1 as one, null::text as nothing") == [(1, None)]
    assert session.rows("select 1 as one where false") == []


def test_the_command_does_not_wait_for_libraries_it_does_not_use():
    import subprocess
    import sys

    code = "import sys, taproom.ingest.store; print(*{'polars', 'pandas'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == []
