"""The advertising platforms: money as in finance's books, figures that are restated, claims that
overlap, and ids that lead from a line to its campaign."""

from __future__ import annotations

from functools import cache

import cuts
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import worlds

from taproom.world import clock
from taproom.world.around import spending
from taproom.world.marketing import ad_reports, campaigns, channels, holdouts, prospects, touches
from taproom.world.marketing.campaigns import GOOGLE, LINKEDIN, META, PLATFORMS
from taproom.world.people.population import PRESETS, population, signups
from taproom.world.render import Window, facebook_ads, google_ads, linkedin_ads

MODULES = {"google_ads": google_ads, "facebook_ads": facebook_ads, "linkedin_ads": linkedin_ads}
TABLES = [(s, t) for s, m in MODULES.items() for t in m.RENDERERS]
LAST = clock.END + 35  # every line of the window is final by then


@cache
def rows(source: str, table: str, mess: str = "default", hi: int = LAST) -> pl.DataFrame:
    w = Window(42, worlds.TINY, mess, worlds.facts(42), 0, hi * clock.DAY)
    return pl.from_arrow(MODULES[source].RENDERERS[table](w))


def newest(frame: pl.DataFrame, *key: str) -> pl.DataFrame:
    return frame.sort("_arrived_at").unique(key, keep="last")


@pytest.mark.parametrize(("source", "table"), TABLES)
def test_tables_hold_in_every_cut_and_keep_their_contract(source, table):
    render = MODULES[source].RENDERERS[table]
    cuts.holds_in_every_cut(render, world_table=True)
    cuts.keeps_its_contract(source, table, render(cuts.window()))
    assert table in MODULES[source].WORLD


@cache
def google() -> pl.DataFrame:
    return newest(rows("google_ads", "ad_stats"), "ad_id", "date", "device", "ad_network_type")


@cache
def meta() -> pl.DataFrame:
    return newest(rows("facebook_ads", "basic_ad"), "ad_id", "date")


@cache
def linkedin() -> pl.DataFrame:
    return newest(rows("linkedin_ads", "ad_analytics_by_creative"), "creative_id", "day")


def test_spend_of_a_month_is_the_budget_to_the_cent():
    cents = {
        "Google Ads": google().group_by(pl.col("date").dt.truncate("1mo")).agg(
            (pl.col("cost_micros").sum() // 10_000).alias("cents"),
            (pl.col("cost_micros").sum() % 10_000).alias("rest"),
        ),
        "Meta": meta().group_by(pl.col("date").dt.truncate("1mo")).agg(
            pl.col("spend").sum().mul(100).round().cast(pl.Int64).alias("cents")
        ),
        "LinkedIn": linkedin().group_by(
            pl.col("day").dt.date().dt.truncate("1mo").alias("date")
        ).agg(pl.col("cost_in_usd").sum().cast(pl.Float64).mul(100).round(4).alias("cents")),
    }  # fmt: skip
    for vendor, found in cents.items():
        seen = dict(zip(found["date"], found["cents"], strict=True))
        for month in range(636, 672):
            first = clock.as_date(int(clock.month_start(month)))
            assert seen[first] == spending.budgets(42, worlds.TINY, month)[vendor], (vendor, first)
    complete = cents["Google Ads"].filter(pl.col("date") < clock.as_date(clock.END))
    assert set(complete["rest"]) == {0}


def test_euros_are_dollars_at_the_rate_of_the_day():
    from taproom.world.around import fx

    d = linkedin()
    day = d["day"].dt.epoch("d").to_numpy()
    usd = d["cost_in_usd"].cast(pl.Float64).to_numpy()
    eur = d["cost_in_local_currency"].cast(pl.Float64).to_numpy()
    assert np.allclose(eur * fx.rate_on(42, 1, day), usd, atol=2e-4)


def test_every_line_leads_to_its_campaign_and_its_tags():
    ads = newest(rows("google_ads", "ad_history"), "id").rename({"id": "ad_id"})
    groups = newest(rows("google_ads", "ad_group_history"), "id").rename({"id": "ad_group_id"})
    runs = newest(rows("google_ads", "campaign_history"), "id").rename({"id": "campaign_id"})
    d = google().join(ads.select("ad_id", "final_urls"), on="ad_id", how="left")
    d = d.with_columns(pl.col("ad_group_id").cast(pl.Int64)).join(
        groups.select("ad_group_id", pl.col("campaign_id").alias("of_group")),
        on="ad_group_id",
        how="left",
    )
    d = d.join(runs.select("campaign_id", "name", "start_date", "end_date"), on="campaign_id")
    assert len(d) == len(google()) and d["final_urls"].null_count() == 0
    assert (d["of_group"] == d["campaign_id"]).all()
    day = d["date"].cast(pl.String)
    assert ((day >= d["start_date"]) & (day <= d["end_date"])).all()
    tag = d["final_urls"].str.extract(r"utm_campaign=([^\]]+)\]")
    assert (tag == d["name"].str.split(" | ").list.first()).all()
    sets = newest(rows("facebook_ads", "ad_history"), "id")
    known = set(sets["id"].cast(pl.String))
    assert set(meta()["ad_id"]) <= known
    creatives = newest(rows("linkedin_ads", "creative_history"), "id")
    assert set(linkedin()["creative_id"]) <= set(creatives["id"])
    for source, table, part in (
        ("facebook_ads", "ad_history", sets),
        ("linkedin_ads", "creative_history", creatives),
    ):
        known = rows(source, "campaign_history")["id"]
        assert set(part["campaign_id"]) <= set(known), table


def test_google_is_rebuilt_with_new_numbers():
    turn = clock.as_date(clock.DRIFT_GOOGLE_RESTRUCTURE)
    before = set(google().filter(pl.col("date") < turn)["campaign_id"])
    after = set(google().filter(pl.col("date") >= turn)["campaign_id"])
    assert not before & after
    h = rows("google_ads", "campaign_history")
    gone = h.filter(pl.col("status") == "REMOVED")
    assert set(gone["name"]) == {f"{t}_2025q1" for t in channels.THEMES[:3]}
    names = set(h.filter(pl.col("id").is_in(list(after)))["name"])
    assert all(n.rsplit(" | ", 1)[1] in campaigns.AREAS for n in names)
    # The newest row of each version says whether it is still the newest version.
    last = newest(
        h.filter(pl.col("_arrived_at").dt.date() < clock.as_date(LAST)), "id", "updated_at"
    )
    assert (
        last.group_by("id").agg(pl.col("_fivetran_active").sum())["_fivetran_active"] == 1
    ).all()


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: p.name)
def test_clicks_hold_the_clicks_of_prospects(platform):
    month = 660
    r = ad_reports.report(42, PRESETS["small"], platform, month)
    lo, hi = int(clock.month_start(month)), int(clock.month_start(month + 1))
    acct = np.arange(signups(PRESETS["small"], hi + 100))
    p = prospects.accounts_prospects(42, PRESETS["small"], population(42, PRESETS["small"], acct))
    t = touches.draw(42, PRESETS["small"], p)
    day = platform.today(t["at"])
    mine = np.isin(t["theme"], platform.themes) & t["click"] & (day >= lo) & (day < hi)
    known = np.bincount(day[mine] - lo, minlength=hi - lo)
    seen = np.bincount(r.lines["day"] - lo, r.lines["clicks"], minlength=hi - lo)
    assert mine.sum() > 10 and (seen >= known).all()


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: p.name)
def test_the_last_version_has_every_claim_and_the_final_money(platform):
    r = ad_reports.report(42, worlds.TINY, platform, 662)
    v = r.versions
    assert (v["run"] <= r.lines["day"][v["line"]] + ad_reports.CLAIM_DAYS + 1).all()
    last = v[np.r_[v["line"][1:] != v["line"][:-1], True]]
    claims = np.bincount(r.claims["line"], minlength=len(r.lines))
    assert (claims[last["line"]] == last["leads"] + last["sign_ups"] + last["views"]).all()
    assert claims.sum() == claims[last["line"]].sum()
    assert last["money"].sum() == r.lines["money"].sum()
    for name in ("money", "shown", "clicks"):
        assert np.array_equal(last[name], r.lines[name][last["line"]])
        young = v["run"] > r.lines["day"][v["line"]] + 3
        assert (v[name][young] == r.lines[name][v["line"][young]]).all()


def test_restated_actions_come_to_the_claims():
    a = newest(rows("facebook_ads", "basic_ad_actions"), "ad_id", "date", "action_type")
    got = dict(a.group_by("action_type").agg(pl.col("value").sum()).rows())
    months = range(636, 672)
    claims = np.concatenate([ad_reports.report(42, worlds.TINY, META, m).claims for m in months])
    first = clock.as_date(clock.END)
    january = a.filter(pl.col("date") >= first)
    late = dict(january.group_by("action_type").agg(pl.col("value").sum()).rows())
    total = sum(got[k] - late.get(k, 0) for k in ("lead", "complete_registration"))
    assert total == len(claims)
    assert got["link_click"] == meta()["inline_link_clicks"].sum()


def test_platforms_claim_more_than_there_is():
    """Each counts the same conversion: together they claim more than all form fills and
    sign-ups there are, of which many had no advertisement."""
    paying, months = PRESETS["small"], range(648, 660)
    claimed = sum(
        len(ad_reports.report(42, paying, p, m).claims) for p in PLATFORMS for m in months
    )
    lo, hi = clock.month_start(648), clock.month_start(660)
    acct = np.arange(signups(paying, int(hi)))
    p = prospects.accounts_prospects(42, paying, population(42, paying, acct))
    real = sum(
        ((p[c] >= lo * clock.DAY) & (p[c] < hi * clock.DAY)).sum() for c in ("lead_at", "signup")
    )
    real += len(prospects.leads(42, paying, int(lo), int(hi)))
    assert claimed > 1.1 * real


def test_two_days_of_linkedin_come_late():
    days, run = linkedin_ads.missing(42)
    first = (
        rows("linkedin_ads", "ad_analytics_by_creative")
        .group_by("day")
        .agg(pl.col("_arrived_at").min())
    )
    clean = (
        rows("linkedin_ads", "ad_analytics_by_creative", "none")
        .group_by("day")
        .agg(pl.col("_arrived_at").min())
    )
    both = first.join(clean, on="day", suffix="_clean")
    late = both.filter(pl.col("_arrived_at") > pl.col("_arrived_at_clean"))
    assert sorted(late["day"].dt.date()) == [clock.as_date(d) for d in days]
    assert set(late["_arrived_at"].dt.date()) == {clock.as_date(run)}
    w = cuts.window(hi=LAST * clock.DAY)
    found = linkedin_ads.LEDGERS["ad_analytics_by_creative"](w)
    assert found["defect"].to_pylist().count("M12") == 2
    # The figures are the same in the end.
    key = ("creative_id", "day")
    none = newest(rows("linkedin_ads", "ad_analytics_by_creative", "none"), *key)
    late_too = linkedin().drop("_arrived_at", "_fivetran_synced").sort(key)
    assert late_too.equals(none.drop("_arrived_at", "_fivetran_synced").sort(key))


def test_dates_are_those_of_the_account():
    """A click at 02:00 UTC is of the day before in New York."""
    at = clock.day(2025, 7, 10) * clock.DAY + 2 * clock.HOUR
    assert GOOGLE.today(np.array([at]))[0] == clock.day(2025, 7, 9)
    assert META.today(np.array([at]))[0] == clock.day(2025, 7, 9)
    assert LINKEDIN.today(np.array([at]))[0] == clock.day(2025, 7, 10)
    for p in PLATFORMS:
        start = p.midnight(np.arange(clock.START, clock.START + 730))
        assert (p.today(start) == np.arange(clock.START, clock.START + 730)).all()
        assert (p.today(start - 1) == np.arange(clock.START, clock.START + 730) - 1).all()


def test_the_budget_step_moves_googles_money_to_generic_searches():
    """From July 2025 on: brand's share of the clicks paid for falls by about half."""
    share = []
    for months in (range(654, 666), range(666, 672)):
        lines = np.concatenate(
            [ad_reports.report(42, PRESETS["small"], GOOGLE, m).lines for m in months]
        )
        share.append(lines["money"][lines["theme"] == 0].sum() / lines["money"].sum())
    want = [1 - s for s in holdouts.GENERIC_SHARE]
    assert np.allclose(share, want, atol=0.01)


def test_holdouts_can_be_seen_in_what_the_platforms_shut_out():
    brand, social = (
        next(h for h in holdouts.holdouts(42, worlds.TINY) if h.channel == c)
        for c in (channels.BRAND, channels.SOCIAL)
    )
    c = rows("google_ads", "campaign_criterion_history").sort("updated_at")
    names = {f"{r}, {k}" for k, r in (holdouts.MARKETS[m] for m in brand.markets)}
    assert set(c["display_name"]) == names
    on, off = (c.filter(pl.col("status") == s)["updated_at"] for s in ("ENABLED", "REMOVED"))
    assert on.min() == clock.as_datetime(brand.lo) and off.max() == clock.as_datetime(brand.hi)
    run = rows("google_ads", "campaign_history").filter(pl.col("name").str.starts_with("brand"))
    assert set(c["campaign_id"]) <= set(run["id"])
    s = rows("facebook_ads", "ad_set_history").filter(
        pl.col("targeting_excluded_regions").is_not_null() & (pl.col("status") == "ACTIVE")
    )
    seen = set(s["targeting_excluded_regions"].str.json_decode(
        pl.List(pl.Struct({"country": pl.String, "name": pl.String}))
    ).explode().struct.unnest().rows())  # fmt: skip
    assert seen == {holdouts.MARKETS[m] for m in social.markets}
    assert s["updated_time"].min() == clock.as_datetime(social.lo)


def test_defects_that_touch_every_row_have_one_line():
    for module in MODULES.values():
        for make in module.LEDGERS.values():
            found = make(cuts.window())
            assert found.schema.names == [
                "defect", "table_name", "pk", "column_name", "before", "after"
            ]  # fmt: skip
            assert len(make(cuts.window("none"))) == 0
            assert isinstance(found, pa.Table)
