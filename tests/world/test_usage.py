"""People use the application as people would: within their logins and their accounts' lives, in
their own day, less before they leave; and features do less than they seem to."""

from __future__ import annotations

import company
import cuts
import numpy as np
import pytest
import worlds

from taproom.world import clock
from taproom.world.around import zones
from taproom.world.clock import DAY, HOUR
from taproom.world.facts import Facts
from taproom.world.making.lifecycle import canonical
from taproom.world.people.population import TEST, population
from taproom.world.product import features, usage
from taproom.world.render import Window
from taproom.world.state import weekly
from taproom.world.state.engine import Engine

YEAR = (clock.END - 365, clock.END)


@pytest.fixture(scope="module")
def w() -> Window:
    return company.window()


@pytest.fixture(scope="module")
def sessions(w) -> np.ndarray:
    return usage.sessions(w, *YEAR)


def test_nobody_is_active_outside_the_life_of_login_and_account(w, sessions):
    p, s = usage.people(w), sessions
    u = s["person"]
    assert (s["at"] >= p.start[u]).all()
    assert (s["at"] < p.end[u]).all()
    assert weekly.alive(w.facts, p.acct[u], s["at"] // DAY).all()
    last = s["at"] + HOUR
    for x in usage.uses(w, s):
        assert (x.at < last[x.session]).all()
        assert (x.at >= s["at"][x.session]).all()


def test_features_are_used_on_plans_that_have_them_and_after_their_release(w, sessions):
    p = usage.people(w)
    for x in usage.uses(w, sessions):
        s = sessions[x.session]
        assert (features.RELEASED[x.feature] < s["day"]).all()
        tier = usage.plan(w.facts, p.acct[s["person"]], s["day"] - 1)
        assert (tier >= features.MIN_PLAN[x.feature]).all()


def test_stickiness_and_adoption_are_in_their_bands(w, sessions):
    s = sessions[sessions["uses"] > 0]
    month = s[s["day"] >= clock.END - 30]
    mau = len(np.unique(month["person"]))
    dau = len(np.unique(month["person"].astype(np.int64) << 24 | month["day"])) / 30
    assert 0.125 < dau / mau < 0.185
    weekday = np.bincount((s["day"] + 3) % 7, minlength=7) / len(s)
    assert weekday[:5].sum() > 0.75
    assert weekday[6] == weekday.min()


def test_people_sleep_at_night_in_their_own_zone(w, sessions):
    p = usage.people(w)
    local = (sessions["at"] + 6 * HOUR) // HOUR  # any fixed zone spreads over the day
    assert len(np.unique(local % 24)) == 24
    hour = zones.local(p.zone[sessions["person"]], sessions["at"]) // HOUR % 24
    assert np.isin(hour, (2, 3, 4, 5)).mean() < 0.002


def _daily_sessions(w: Window, causes) -> tuple[float, float]:
    """Sessions a person and day of accounts that left for a cause after seven months or more:
    in the eight weeks before they gave notice, and sixteen to twenty-four weeks before."""
    sub = w.facts.table("subscription")
    left = sub[np.isin(sub["cause"], causes) & (sub["ended"] > clock.START * DAY)]
    left = left[np.lexsort((left["at"], left["acct"]))]
    _, first = np.unique(left["acct"], return_index=True)
    left = left[first]
    notice = np.where(left["cancel_asked"] >= 0, left["cancel_asked"], left["ended"]) // DAY
    old = left["created"] // DAY + 210 < notice
    left, notice = left[old], notice[old]
    p, s = usage.people(w), usage.sessions(w, clock.START - 200, clock.END)
    at = np.minimum(np.searchsorted(left["acct"], p.acct), len(left) - 1)
    mine = left["acct"][at] == p.acct
    before = np.where(mine[s["person"]], notice[at[s["person"]]] - s["day"], -1)
    out = []
    for first, last in ((1, 57), (113, 169)):
        there = sum(
            (
                (p.start[mine] // DAY <= notice[at[mine]] - d)
                & (p.end[mine] // DAY > notice[at[mine]] - d)
            ).sum()
            for d in range(first, last)
        )
        out.append(((before >= first) & (before < last)).sum() / there)
    return tuple(out)


def test_activity_declines_before_voluntary_churn_and_not_before_a_card_fails(w):
    fit, champion, payment = 1, 2, 6
    late, early = _daily_sessions(w, (fit, champion))
    assert late < 0.92 * early
    late, early = _daily_sessions(w, (payment,))
    assert late > 0.75 * early


def test_a_feature_seems_to_do_more_than_it_does(w, sessions):
    """Users of a feature that sorts by taste for technology come far more often than others on
    their plan, though its true effect is none: the confounding trap."""
    p = usage.people(w)
    half = YEAR[0] + 180
    used = {}
    for x in usage.uses(w, sessions):
        s = sessions[x.session]
        early = s["day"] < half
        for f in np.unique(x.feature):
            who = s["person"][early & (x.feature == f)]
            used.setdefault(int(f), set()).update(who.tolist())
    later = sessions[sessions["day"] >= half]
    code = np.unique(later["person"].astype(np.int64) << 24 | later["day"])
    days = np.bincount(code >> 24, minlength=len(p))
    here = weekly.alive(w.facts, p.acct, half) & (p.end > half * DAY) & (p.start < half * DAY)
    tier = usage.plan(w.facts, p.acct, half)
    gaps = []
    for name in ("custom_dashboards", "sales_overlay", "alert_rules", "temperature_watch"):
        f = features.INDEX[name]
        open_to = here & (tier >= features.MIN_PLAN[f])
        mine = np.isin(np.arange(len(p)), list(used.get(f, ()))) & open_to
        gap = np.log(days[mine].mean() / days[open_to & ~mine].mean())
        gaps.append(gap - features.BETA[f])
    assert min(gaps) > 0.1
    assert np.mean(gaps) > 0.3


def test_taste_sorts_and_effects_are_few():
    assert features.COUNT == 45
    assert features.IS_KEY.sum() == 12
    assert (features.BETA != 0).sum() < 20
    assert features.BETA.min() < 0 < features.BETA.max() <= 0.12


def test_test_accounts_are_active_too(w, sessions):
    p = usage.people(w)
    accounts = population(w.seed, w.paying, np.unique(p.acct[sessions["person"]]))
    assert (accounts.cls == TEST).any()


def test_an_hour_needs_no_later_fact():
    """Sessions of a day are the same whether the world has run on or not."""
    day = clock.END - 40
    e = Engine(42, worlds.TINY, latent=True)
    e.run(day + 1)
    short = Window(42, worlds.TINY, "default", canonical(e.facts), 0, (day + 1) * DAY)
    whole = cuts.window(hi=(day + 1) * DAY)

    def seen(w: Window) -> list:
        p, s = usage.people(w), usage.sessions(w, day - 9, day + 2)
        s = s[s["at"] < (day + 1) * DAY]
        return sorted(
            zip(p.key[s["person"]].tolist(), s["at"].tolist(), s["uses"].tolist(), strict=True)
        )

    assert seen(short) == seen(whole)
    assert len(seen(short)) > 50


def test_no_facts_no_sessions():
    w = Window(42, worlds.TINY, "default", Facts(), 0, clock.END * DAY)
    assert len(usage.sessions(w, *YEAR)) == 0
