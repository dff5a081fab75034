"""The finance sheets: arrival, exactness, and a cost that fits the growth plan."""

from __future__ import annotations

import itertools
from collections import defaultdict
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from taproom import contracts
from taproom.world import clock
from taproom.world.around import fx, spending
from taproom.world.facts import Facts
from taproom.world.render import Window, finance

TABLES = sorted(finance.RENDERERS)


def window(lo: int, hi: int, seed: int = 42, mess: str = "default") -> Window:
    """Window of days."""
    return Window(seed, 1_000, mess, Facts(), lo * clock.DAY, hi * clock.DAY)


def whole(table: str, **more) -> pa.Table:
    return finance.RENDERERS[table](window(clock.FOUNDED, clock.END, **more))


@pytest.mark.parametrize("table", TABLES)
def test_months_and_hours_make_the_whole(table):
    months = [clock.FOUNDED, *clock.month_start(np.arange(637, 673)).tolist()]
    parts = [
        p
        for lo, hi in itertools.pairwise(months)
        if (p := finance.RENDERERS[table](window(lo, hi))) is not None
    ]
    assert pa.concat_tables(parts).equals(whole(table))
    lo = clock.day(2024, 5, 3) * clock.DAY
    day = finance.RENDERERS[table](Window(42, 1_000, "default", Facts(), lo, lo + clock.DAY))
    hours = [
        p
        for h in range(24)
        if (
            p := finance.RENDERERS[table](
                Window(
                    42, 1_000, "default", Facts(), lo + h * clock.HOUR, lo + (h + 1) * clock.HOUR
                )
            )
        )
        is not None
    ]
    assert (day is None and not hours) or pa.concat_tables(hours).equals(day)


@pytest.mark.parametrize("table", TABLES)
def test_contract_holds(table):
    rendered, contract = whole(table), contracts.load("finance").tables[table]
    assert rendered.schema.equals(contract.arrow_schema())
    for column in contract.columns:
        if column.required:
            assert rendered[column.name].null_count == 0
    key = list(zip(*(rendered[k].to_pylist() for k in contract.key), strict=True))
    assert len(set(key)) == len(key)


def test_delivered_rates_are_those_of_the_market():
    row = whole("fx_rate").slice(1_000, 1).to_pylist()[0]
    day = clock.day(row["date"].year, row["date"].month, row["date"].day)
    exact = fx.rates(42, day, day + 1)[row["from_ccy"]][0]
    assert row["rate"] == Decimal(int(exact)) / 10**8
    assert row["_arrived_at"].date() == row["date"]


def test_the_month_end_before_the_opening_is_delivered():
    dates = whole("fx_rate")["date"].to_pylist()
    assert min(dates) < clock.as_date(clock.FOUNDED)


def test_margin_lies_between_74_and_80_percent():
    margins = whole("gross_margin")["margin"].to_pylist()
    assert all(Decimal("0.74") <= m <= Decimal("0.80") for m in margins)


def test_advertising_lines_are_the_platform_budgets():
    spent = defaultdict(Decimal)
    for row in whole("sm_expense", mess="none").to_pylist():
        if row["category"] == "ads":
            month = clock.month_of(clock.day(row["month"].year, row["month"].month, 1))
            spent[int(month), row["vendor"]] += row["amount"]
    for (month, vendor), amount in spent.items():
        assert amount * 100 == spending.budgets(42, 1_000, month)[vendor]


def test_a_double_entry_is_corrected_a_month_later():
    rows = whole("sm_expense").to_pylist()
    corrections = [r for r in rows if r["amount"] < 0]
    assert corrections
    for c in corrections:
        same = [r for r in rows if r["month"] == c["month"] and r["amount"] == -c["amount"]]
        assert len(same) == 2 and all(r["_arrived_at"] < c["_arrived_at"] for r in same)


def test_vendors_are_typed_by_hand():
    vendors = {v for v in whole("sm_expense")["vendor"].to_pylist() if v}
    assert any(v != v.strip() for v in vendors)
    clean = {v for v in whole("sm_expense", mess="none")["vendor"].to_pylist() if v}
    assert {v.strip().lower() for v in vendors} == {v.lower() for v in clean}


def test_spend_follows_the_plan():
    months = np.arange(clock.month_of(clock.START), clock.month_of(clock.END))
    plan = spending.planned_customers(1_000, months).sum()
    spend = spending.spend(42, 1_000, months).sum()
    assert abs(spend / plan / spending.COST_OF_CUSTOMER - 1) < 0.05


def test_another_seed_is_another_sheet():
    assert not whole("sm_expense").equals(whole("sm_expense", seed=7))
