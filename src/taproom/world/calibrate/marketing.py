"""Advertising, attribution and the price of a customer, as they can be measured."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

from taproom.world import clock
from taproom.world.around import catalog, fx
from taproom.world.calibrate.measures import Row
from taproom.world.clock import DAY
from taproom.world.context import Context
from taproom.world.marketing import channels, counterfactual
from taproom.world.marketing.channels import BRAND, DIRECT
from taproom.world.people.population import population
from taproom.world.render import finance
from taproom.world.state import ledger
from taproom.world.truth import marketing

SOURCES = ("google_ads", "facebook_ads", "linkedin_ads", "ga4")
#: Shares of the channels' effect in the study that the design rests on, in the order of
#: channels.CHANNELS without partner and direct.
_STUDY = np.array([0.040, 0.186, 0.147, 0.099, 0.123, 0.229, 0.176])


def _window(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    return frame.filter(pl.col(column) >= clock.as_date(clock.START))


def advertising(c: Context) -> list[Row]:
    """Click-through rate, cost of a click and claimed conversions by platform, in the window."""
    google = _newest(c, "google_ads", "ad_stats", "ad_id", "date", "device", "ad_network_type")
    g = _window(google, "date").select(
        pl.col("impressions", "clicks", "cost_micros", "conversions").sum()
    )
    meta = _window(_newest(c, "facebook_ads", "basic_ad", "ad_id", "date"), "date")
    m = meta.select(pl.col("impressions", "inline_link_clicks", "spend").sum())
    creative = _newest(c, "linkedin_ads", "ad_analytics_by_creative", "creative_id", "day")
    n = creative.filter(pl.col("day") >= clock.as_datetime(clock.START * DAY)).select(
        pl.col("impressions", "clicks").sum(), pl.col("cost_in_usd").cast(pl.Float64).sum()
    )
    shown, clicks, micros, claimed = g.row(0)
    m_shown, m_clicks, spend = m.row(0)
    n_shown, n_clicks, dollars = n.row(0)
    return [
        Row("Google, click-through rate", clicks / shown, 0.048, 0.066),
        Row("Google, USD a click", micros / 1e6 / clicks, 4.7, 5.9),
        Row("Google, claimed conversions a click", claimed / clicks, 0.05, 0.075),
        Row("Meta, click-through rate", m_clicks / m_shown, 0.012, 0.018),
        Row("Meta, USD a click", spend / m_clicks, 1.6, 2.2),
        Row("LinkedIn, click-through rate", n_clicks / n_shown, 0.004, 0.0065),
        Row("LinkedIn, USD a click", dollars / n_clicks, 9.0, 13.0),
    ]


def _newest(c: Context, source: str, table: str, *key: str) -> pl.DataFrame:
    frame = pl.from_arrow(c.rows(source, table))
    return frame.sort("_arrived_at").unique(key, keep="last")


def attribution(c: Context) -> list[Row]:
    """What channels bring beside what first and last touch say of them."""
    p, x, spare, _ = marketing.signed(c)
    _, t = marketing.paths(c)
    t = t[np.isin(t["n"], p["n"])]
    lost = counterfactual.removal(x, spare).mean(axis=0)
    lost[DIRECT] = 0.0
    share = lost / lost.sum()
    first, last = (
        np.bincount(t["channel"][which], minlength=len(channels.CHANNELS)) / len(p)
        for which in (t["ord"] == 0, np.r_[t["n"][1:] != t["n"][:-1], True])
    )
    named = share[: len(_STUDY)] / share[: len(_STUDY)].sum()
    return [
        Row("sign-ups lost without each channel, summed", float(lost.sum()), 0.72, 0.95),
        Row("distance of the effect's shares to the study", _distance(named, _STUDY), 0.0, 0.15),
        Row("brand search, first touch over true share", first[BRAND] / share[BRAND], 3.0, 9.0),
        Row("brand search, last touch over true share", last[BRAND] / share[BRAND], 1.4, 4.0),
        Row("distance of last touch to the truth", _distance(last, share), 0.2, 0.7),
    ]


def _distance(a, b) -> float:
    return float(np.abs(a - b).sum())


def price_of_a_customer(c: Context) -> list[Row]:
    """LTV:CAC and months to pay back, of the last twelve complete months; LTV by the survival
    curve, capped at 60 months."""
    spans = ledger.spans(c.facts, c.until)
    spans = spans[~np.isin(spans["acct"], c.tests)]
    last = int(clock.month_of(c.until))
    months = range(last - 12, last)
    edges = [int(clock.month_start(m)) - 1 for m in (*months, last)]
    paid = spans[spans["net"] > 0]
    acct = np.unique(paid["acct"])
    start = np.array([paid["first"][paid["acct"] == a].min() for a in acct])
    new = ((start > edges[0]) & (start <= edges[-1])).sum()
    spend = sum(
        cents / 100 * float(fx.BUDGET[fx.CURRENCIES.index(currency)])
        for m in months
        for _, _, cents, currency, _, _ in finance.expenses(c.seed, c.paying, m)
    )
    gone = base = 0
    for a, b in pairwise(edges):
        alive = _alive(spans, a)
        gone += (~np.isin(alive, _alive(spans, b))).sum()
        base += len(alive)
    now = spans[(spans["first"] <= edges[-1]) & (spans["last"] >= edges[-1])]
    usd = (now["net"] / catalog.MINOR[now["ccy"]] * fx.BUDGET[now["ccy"]]).sum()
    arpa = usd / len(_alive(spans, edges[-1]))
    margin = finance.margin(c.seed, np.array(list(months))).mean() / 10_000
    cac = spend / new
    # Months a customer stays within five years: the sum of the survival curve.
    stay = 1.0 - gone / base
    life = (1.0 - stay**60) / (1.0 - stay)
    return [
        Row("CAC, USD", cac, 1_900, 2_900),
        Row("LTV:CAC", arpa * margin * life / cac, 2.9, 4.1),
        Row("months to pay back", cac / (arpa * margin), 11.0, 15.5),
    ]


def _alive(spans, day: int) -> np.ndarray:
    here = (spans["first"] <= day) & (spans["last"] >= day) & spans["alive"]
    return np.unique(spans["acct"][here])


def site(c: Context) -> list[Row]:
    """Visits of the site: who comes, and how many leave their address."""
    d = pl.from_arrow(c.rows("ga4", "event"))
    d = d.filter(pl.col("timestamp") >= clock.as_datetime(clock.START * DAY))
    count = dict(d["name"].value_counts().rows())
    p, _ = marketing.paths(c)
    pop = population(c.seed, c.paying, p["acct"][p["acct"] >= 0])
    return [
        Row("events a visit", len(d) / count["session_start"], 3.5, 5.0),
        Row("form fills a visit", count["generate_lead"] / count["session_start"], 0.04, 0.09),
        Row("visits that engage",
            float(d.filter(pl.col("name") == "session_start")["param_session_engaged"].mean()),
            0.5, 0.75),
        Row("leads that sign up", float((pop.signup < c.as_of).sum() / len(p)), 0.35, 0.55),
    ]  # fmt: skip


ROWS = (advertising, attribution, price_of_a_customer, site)
