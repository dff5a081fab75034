"""The billing of the world is right in itself: invoices add up, the ledger closes."""

import numpy as np
import polars as pl
import pyarrow.compute as pc
import pytest
import worlds

from taproom.world import clock
from taproom.world.around import catalog, fx
from taproom.world.clock import DAY
from taproom.world.people import cases
from taproom.world.render import Window, renderers
from taproom.world.state import ledger

SEEDS = [42, 7]


def window(seed, lo=0, hi=clock.END * DAY):
    return Window(seed, worlds.TINY, "default", worlds.facts(seed), lo, hi)


@pytest.mark.parametrize("seed", SEEDS)
def test_lines_add_up_to_the_invoice(seed):
    w = window(seed)
    invoices = pl.from_arrow(renderers()["stripe", "invoice"](w)).unique("id", keep="last")
    lines = pl.from_arrow(renderers()["stripe", "invoice_line_item"](w))
    both = invoices.join(
        lines.group_by("invoice_id").agg(pl.col("amount").sum()),
        left_on="id",
        right_on="invoice_id",
        how="left",
    )
    assert both["subtotal"].equals(both["amount"].fill_null(0), check_names=False)
    assert (both["total"] <= both["subtotal"] + both["tax"]).all()
    assert (both["total"] >= 0).all(), "nobody is invoiced a negative amount"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_paid_invoice_has_one_good_charge_of_its_total(seed):
    w = window(seed)
    invoices = pl.from_arrow(renderers()["stripe", "invoice"](w)).unique("id", keep="last")
    charges = pl.from_arrow(renderers()["stripe", "charge"](w)).unique("id", keep="last")
    paid = invoices.filter((pl.col("status") == "paid") & (pl.col("total") > 0))
    good = charges.filter(pl.col("status") == "succeeded")
    count = (
        paid.join(good, left_on="id", right_on="invoice_id", how="left")
        .group_by("id")
        .agg(
            pl.col("amount").drop_nulls().len().alias("charges"),
            pl.col("amount").max(),
            pl.col("total").first(),
        )
    )
    assert (count["amount"] == count["total"]).all()
    # Charged twice happens, rarely, and each time the second one goes back.
    twice = count.filter(pl.col("charges") > 1)
    assert 1 <= len(twice) < 0.01 * len(count) and (count["charges"] == 1).sum() > 0
    assert (count["charges"] >= 1).all() and (count["charges"] <= 2).all()
    refunds = pl.from_arrow(renderers()["stripe", "refund"](w))
    duplicate = refunds.filter(pl.col("reason") == "duplicate")
    assert len(duplicate) == len(twice)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ledger_closes_every_day(seed):
    d = ledger.daily(seed, worlds.facts(seed), clock.START, clock.END)
    gap = d["opening_usd"] + d["fx_usd"] + d["movement_usd"] - d["mrr_usd"]
    assert np.abs(gap).max() < 1e-5
    order = np.lexsort((d["day"], d["ord"], d["acct"]))
    code = (d["acct"] * 1024 + d["ord"])[order]
    same = code[1:] == code[:-1]
    assert (np.diff(d["day"][order])[same] == 1).all(), "no day is missing"
    assert np.abs(d["opening_usd"][order][1:] - d["mrr_usd"][order][:-1])[same].max() < 1e-5
    assert (d["mrr_usd"] >= 0).all()
    assert (d["mrr_usd"][~d["alive"]] == 0).all()


def test_the_truth_ends_where_its_past_does_not_depend_on_the_future():
    f = worlds.facts()
    early = ledger.daily(42, f, clock.START, clock.END - 60)
    late = ledger.daily(42, f, clock.START, clock.END)
    both = {}
    for name, d in (("early", early), ("late", late)):
        keep = d["day"] < clock.END - 90
        both[name] = np.sort(d["mrr_usd"][keep])
    # Restatements by hand reach back less than a month.
    assert np.array_equal(both["early"], both["late"])


@pytest.mark.parametrize("seed", SEEDS)
def test_every_disputed_case_happens_inside_the_window_and_is_found(seed):
    c = worlds.facts(seed).table("case")
    c = c[(c["at"] >= clock.START * DAY) & (c["at"] < clock.END * DAY)]
    seen = {cases.NAMES[i] for i in np.unique(c["case"])}
    assert seen == set(cases.NAMES)


def _case(seed, name):
    f = worlds.facts(seed)
    c = f.table("case")
    row = c[c["case"] == cases.NAMES.index(name)][0]
    s = f.table("subscription")
    versions = s[(s["acct"] == row["acct"]) & (s["ord"] == row["ord"])]
    d = ledger.daily(seed, f, clock.START, clock.END)
    mine = (d["acct"] == row["acct"]) & (d["ord"] == row["ord"])
    return row, versions[np.argsort(versions["at"])], {k: v[mine] for k, v in d.items()}, f


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hundred_percent_coupon_takes_the_mrr_and_leaves_the_logo(seed):
    row, _, d, _ = _case(seed, "coupon_100_three_months")
    free = (d["day"] > row["at"] // DAY + 1) & (d["day"] < row["at"] // DAY + 80)
    assert free.any() and d["alive"][free].all() and (d["mrr_usd"][free] == 0).all()
    after = d["day"] == row["at"] // DAY + 100
    assert (d["mrr_usd"][after] > 0).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_coupon_that_expires_expands(seed):
    row, _, d, _ = _case(seed, "coupon_expiry")
    on = d["day"] == row["at"] // DAY
    assert (d["movement_usd"][on] > 0).all() and on.any()


@pytest.mark.parametrize("seed", SEEDS)
def test_two_months_free_contract_by_a_sixth(seed):
    row, _, d, _ = _case(seed, "monthly_to_annual")
    before = d["mrr_local"][d["day"] == row["at"] // DAY - 1][0]
    after = d["mrr_local"][d["day"] == row["at"] // DAY][0]
    assert after == pytest.approx(before * 10 / 12, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_winter_pause_is_sixty_days_without_mrr(seed):
    _, _, d, _ = _case(seed, "winter_pause")
    paused = d["paused"]
    assert paused.sum() == 60 and (d["mrr_usd"][paused] == 0).all() and d["alive"][paused].all()


@pytest.mark.parametrize("seed", SEEDS)
def test_dunning_brings_the_money_on_day_nineteen(seed):
    row, _, d, f = _case(seed, "dunning_day_19")
    inv = f.table("invoice")
    mine = inv[(inv["acct"] == row["acct"]) & (inv["at"] == row["at"])][0]
    assert (mine["paid"] - mine["at"]) // DAY == 19 and mine["attempts"] == 6
    during = (d["day"] >= row["at"] // DAY) & (d["day"] < row["at"] // DAY + 19)
    assert (d["status"][during] == 2).all() and (d["mrr_usd"][during] > 0).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_refunded_current_period_ends_on_the_day_of_the_refund(seed):
    row, versions, d, f = _case(seed, "refund_of_current_period")
    back = f.table("money_back")
    refund = back[(back["acct"] == row["acct"]) & (back["reason"] == 1)][0]
    assert refund["amount"] > 0
    day = refund["at"] // DAY
    assert d["alive"][d["day"] == day - 1].all() and not d["alive"][d["day"] == day].any()
    assert versions["ended"][-1] // DAY > day, "Stripe itself ends it later"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cancellation_by_hand_reaches_back(seed):
    _, versions, d, _ = _case(seed, "backdated_cancellation")
    last = versions[-1]
    assert last["ended"] < last["at"] - 5 * DAY
    assert not d["alive"][d["day"] >= last["ended"] // DAY].any()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "name, gap", [("reactivated_after_12_days", 12), ("reactivated_after_200_days", 200)]
)
def test_who_comes_back_opens_a_new_subscription(seed, name, gap):
    f = worlds.facts(seed)
    c = f.table("case")
    row = c[c["case"] == cases.NAMES.index(name)][0]
    s = f.table("subscription")
    mine = s[s["acct"] == row["acct"]]
    ended = mine["ended"][(mine["ord"] == 0) & (mine["ended"] >= 0)].max()
    started = mine["created"][mine["ord"] == 1].min()
    assert started // DAY - ended // DAY == gap


@pytest.mark.parametrize("seed", SEEDS)
def test_an_extended_trial_pays_two_weeks_later(seed):
    _, versions, d, _ = _case(seed, "trial_extended")
    trial = versions[versions["trial_start"] >= 0][-1]
    assert (trial["trial_end"] - trial["trial_start"]) // DAY == 28
    assert (d["mrr_usd"][d["day"] < trial["trial_end"] // DAY] == 0).all()
    assert (d["mrr_usd"][d["day"] == trial["trial_end"] // DAY] > 0).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_free_pilot_pays_when_its_coupon_is_ended(seed):
    row, _, d, _ = _case(seed, "free_pilot_converted")
    before = d["day"] < row["at"] // DAY
    assert before.any() and (d["mrr_usd"][before] == 0).all() and d["alive"][before].all()
    assert (d["mrr_usd"][d["day"] == row["at"] // DAY] > 0).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bank_transfer_comes_forty_five_days_late(seed):
    row, _, d, f = _case(seed, "invoice_45_days_late")
    inv = f.table("invoice")
    mine = inv[(inv["acct"] == row["acct"]) & (inv["at"] == row["at"])][0]
    assert (mine["paid"] - mine["due"]) // DAY == 45
    late = (d["day"] > mine["due"] // DAY) & (d["day"] < mine["paid"] // DAY)
    assert (d["status"][late] == 2).all() and (d["mrr_usd"][late] > 0).all()


def test_the_euro_falls_in_some_month():
    ends = clock.month_start(np.arange(clock.month_of(clock.START), clock.month_of(clock.END))) - 1
    rate = fx.rate_on(42, np.ones(len(ends), dtype=int), ends)
    assert (np.diff(rate) < -0.005).any()


def test_stripe_ids_of_charges_resolve():
    w = window(42)
    charges = set(renderers()["stripe", "charge"](w)["id"].to_pylist())
    for table in ("refund", "dispute"):
        ids = renderers()["stripe", table](w)["charge_id"].to_pylist()
        assert ids and set(ids) <= charges
    prices = set(renderers()["stripe", "price"](w)["id"].to_pylist())
    for table, column in (("subscription_item", "plan_id"), ("invoice_line_item", "price_id")):
        used = pc.unique(renderers()["stripe", table](w)[column]).to_pylist()
        assert set(used) <= prices, table
    assert catalog.UNIT.min() > 0
