"""The truth: closed in itself, complete, and of no use as an identifier."""

import numpy as np
import polars as pl
import pytest
import worlds

from taproom import world
from taproom.world import clock
from taproom.world.calibrate.measures import auc
from taproom.world.people import cases
from taproom.world.people.population import account_key
from taproom.world.render import Window, renderers


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    root = tmp_path_factory.mktemp("truth")
    world.init(root, scale="tiny", seed=42)
    folder = world.write_truth(root)
    assert folder == root / "truth"
    return {p.stem: pl.read_parquet(p) for p in folder.glob("*.parquet")}


def test_every_truth_table_has_rows(truth):
    assert len(truth) >= 12
    assert {name for name, t in truth.items() if t.is_empty()} == set()


def test_account_movements_close_and_agree_with_subscriptions(truth):
    a = truth["truth_account_daily"]
    gap = a["opening_usd"] + a["fx_usd"] + a["movement_usd"] - a["mrr_usd"]
    assert gap.abs().max() < 1e-5
    s = truth["truth_mrr_daily"].group_by("date").agg(pl.col("mrr_usd").sum())
    both = s.join(a.group_by("date").agg(pl.col("mrr_usd").sum().alias("by_account")), on="date")
    assert len(both) == 731
    assert (both["mrr_usd"] - both["by_account"]).abs().max() < 1e-4


def test_the_ledger_sums_to_the_change_of_the_book(truth):
    d, ledger = truth["truth_mrr_daily"], truth["truth_mrr_ledger"]
    first = d.filter(pl.col("date") == d["date"].min())["opening_usd"].sum()
    last = d.filter(pl.col("date") == d["date"].max())["mrr_usd"].sum()
    assert first + ledger["delta_usd"].sum() == pytest.approx(last, abs=0.01)


def test_movement_types_of_accounts_follow_their_lives(truth):
    a = truth["truth_account_daily"].sort("account_id", "date")
    new = a.filter(pl.col("movement_type") == "new")
    assert new["account_id"].is_unique().all(), "an account is new once"
    churn = a.filter(pl.col("movement_type") == "churn")
    assert (churn["mrr_usd"] == 0).all() and churn["is_churned_logo"].all()


def test_every_case_can_be_looked_up(truth):
    assert set(truth["truth_case"]["case"]) == set(cases.NAMES)
    subscriptions = set(truth["truth_mrr_daily"]["subscription_id"])
    assert set(truth["truth_case"]["subscription_id"]) <= subscriptions


def test_a_merged_account_is_one_logo_with_its_survivor(truth):
    merged = truth["truth_case"].filter(pl.col("case") == "merged_away")["account_id"][0]
    survivor = truth["truth_case"].filter(pl.col("case") == "merge_survivor")["account_id"][0]
    ids = set(truth["truth_account_daily"]["account_id"])
    assert merged not in ids and survivor in ids


def test_every_churn_names_a_cause(truth):
    churn = truth["truth_churn"]
    assert not (churn["cause"] == "none").any()
    assert ((churn["cause"] == "payment") == churn["is_involuntary"]).all()


def test_identifiers_say_nothing_about_churn_or_fit():
    """Ids are hashes of an index: a score made of their bits is chance."""
    from taproom.world.people.population import TRIAL_ONLY, population

    p = population(42, 24_000, np.arange(40_000))
    k = account_key(42, p.acct)
    label = p.cls == TRIAL_ONLY
    bits = np.stack([((k >> np.uint64(b)) & np.uint64(1)) for b in range(64)], 1).astype(float)
    half = np.arange(len(k)) % 2 == 0
    weight = bits[half][label[half]].mean(0) - bits[half][~label[half]].mean(0)
    assert auc(bits[~half] @ weight, label[~half]) == pytest.approx(0.5, abs=0.02)
    assert abs(np.corrcoef(k.astype(float), p.fit)[0, 1]) < 0.02


def test_stripe_s_defects_are_listed(truth):
    listed = truth["truth_mess"].filter(pl.col("table_name").str.starts_with("stripe."))
    found = {(r["defect"], r["table_name"]) for r in listed.to_dicts()}
    assert found >= {
        ("M02", "stripe.event"),
        ("M06", "stripe.invoice"),
        ("M07", "stripe.customer"),
        ("M14", "stripe.credit_note"),
        ("M14", "stripe.subscription_history"),
    }
    whole = listed.filter(pl.col("defect") == "M06")
    assert set(whole["pk"]) == {"*"} and whole["table_name"].is_unique().all()
    facts = worlds.facts(days_after=0)
    w = Window(42, worlds.TINY, "default", facts, 0, clock.END * clock.DAY)
    events = pl.from_arrow(renderers()["stripe", "event"](w))
    twice = events.filter(pl.col("id").is_duplicated())["id"].unique()
    assert set(listed.filter(pl.col("defect") == "M02")["pk"]) == set(twice) != set()


def test_every_defect_of_the_catalogue_is_listed(truth):
    assert set(truth["truth_mess"]["defect"]) == {f"M{n:02d}" for n in range(1, 20)}


def test_every_dated_change_is_listed(truth):
    listed = truth["truth_mess"].filter(pl.col("defect") == "M11")
    assert set(listed["pk"]) == {"*"}
    found = {(r["table_name"], r["column_name"]): r["after"] for r in listed.to_dicts()}
    assert found["stripe.subscription_history", "current_period_end"] == (
        "not delivered from 2024-04-30 on"
    )
    assert found["stripe.discount", None] == "delivered from 2024-07-19 on"
    assert found["app.accounts", "status"] == "cancelled from 2024-09-17 on"
    assert found["hubspot.contact", "property_lifecyclestage"] == "onboarding from 2024-10-27 on"
    assert found["segment.tracks", "event_text"] == "tap_line_created from 2024-12-06 on"
    assert found["iot.device_telemetry_daily", "liquid_temp_c"] == "delivered from 2025-02-04 on"
    assert ("google_ads.campaign_history", "id") in found
