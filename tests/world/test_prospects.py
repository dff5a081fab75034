"""Prospects and their touches: who they are, what holdouts take away, what channels really do."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from taproom.world import clock
from taproom.world.marketing import channels, holdouts, prospects, touches
from taproom.world.marketing.channels import BRAND, CHANNELS, EMAIL, SOCIAL, THEME_CHANNEL
from taproom.world.people import names
from taproom.world.people.population import PRESETS, TEST, population, shard_of, total_accounts

SEED, SMALL = 42, PRESETS["small"]


@cache
def _accounts(paying: int = SMALL):
    pop = population(SEED, paying, np.arange(total_accounts(paying)))
    p = prospects.accounts_prospects(SEED, paying, pop)
    return pop, p, touches.draw(SEED, paying, p)


@cache
def _leads(paying: int = SMALL):
    p = prospects.leads(SEED, paying, clock.FOUNDED, clock.END)
    return p, touches.draw(SEED, paying, p)


def test_each_account_that_is_no_test_has_one_prospect():
    pop, p, _ = _accounts()
    assert np.array_equal(p["acct"], pop.acct[pop.cls != TEST])
    assert (p["first_touch"] < p["signup"]).all()
    left = p["lead_at"] >= 0
    assert (p["lead_at"][left] < p["signup"][left]).all()


def test_the_last_touch_agrees_with_the_tags_of_the_sign_up():
    pop, p, t = _accounts()
    last = t[np.r_[t["n"][1:] != t["n"][:-1], True]]
    assert np.array_equal(last["n"], p["n"])
    assert (last["kind"] == 2).all() and last["click"].all()
    real = pop.cls != TEST
    source, medium, campaign = (x.filter(pa.array(real)) for x in channels.utm(SEED, pop))
    theme = last["theme"].astype(int)
    tagged = pa.array(theme >= 0)
    none, theme = pa.scalar(None, pa.string()), np.maximum(theme, 0)
    assert source.equals(pc.if_else(tagged, names.take(channels.THEME_SOURCE, theme), none))
    assert medium.equals(pc.if_else(tagged, names.take(channels.THEME_MEDIUM, theme), none))
    assert campaign.equals(channels.campaign_name(last["campaign"]))


def test_touches_lie_on_the_path_and_mail_follows_the_address():
    for p, t in (_accounts()[1:], _leads()):
        row = np.searchsorted(p["n"], t["n"])
        end = np.where(p["signup"] >= 0, p["signup"], p["lead_at"] + touches.LEAD_DAYS * clock.DAY)
        assert (t["at"] < end[row]).all()
        assert (t["at"] > end[row] - (touches.PATH_DAYS + 2) * clock.DAY).all()
        mail = (t["channel"] == EMAIL) & (t["kind"] == 0)
        assert (p["lead_at"][row[mail]] >= 0).all()
        assert (t["at"][mail] > p["lead_at"][row[mail]]).all()
        assert np.array_equal(
            THEME_CHANNEL[t["theme"]][t["theme"] >= 0], t["channel"][t["theme"] >= 0]
        )
        assert (np.diff(t["n"]) >= 0).all()


def test_regions_that_were_switched_off_have_no_such_touches():
    found = holdouts.holdouts(SEED, SMALL)
    assert [(h.channel, len(h.markets)) for h in found] == [(SOCIAL, 4), (BRAND, 3)]
    for _, t in (_accounts()[1:], _leads()):
        off = holdouts.switched_off(SEED, SMALL, t["channel"], t["market"], t["at"])
        assert not off.any()
    everywhere = touches.draw(SEED, SMALL, _leads()[0], everywhere=True)
    off = holdouts.switched_off(
        SEED, SMALL, everywhere["channel"], everywhere["market"], everywhere["at"]
    )
    assert off.any()


def test_nobody_held_back_from_mail_gets_any():
    _, p, t = _accounts()
    held = p["n"][p["arm"] == 0]
    assert len(held) > 10
    assert not (t["channel"][np.isin(t["n"], held)] == EMAIL).any()
    q, u = _leads()
    assert not (u["channel"][np.isin(u["n"], q["n"][q["arm"] == 0])] == EMAIL).any()


@pytest.mark.parametrize("paying", [PRESETS["tiny"], SMALL])
def test_leads_of_parts_are_the_whole(paying):
    whole = prospects.leads(SEED, paying, clock.START, clock.END)
    days = [clock.START, clock.START + 1, *range(clock.START + 14, clock.END, 15), clock.END]
    parts = [prospects.leads(SEED, paying, a, b) for a, b in pairwise(days)]
    assert np.array_equal(np.sort(np.concatenate(parts)["n"]), np.sort(whole["n"]))
    shards = [prospects.leads(SEED, paying, clock.START, clock.END, (k, 3)) for k in range(3)]
    assert np.array_equal(np.sort(np.concatenate(shards), order="n"), np.sort(whole, order="n"))
    for k, s in enumerate(shards):
        assert (shard_of(SEED, s["n"]) % 3 == k).all()


def test_a_path_is_the_same_drawn_alone_or_with_others():
    _, p, t = _accounts()
    some = p[100:140]
    assert np.array_equal(touches.draw(SEED, SMALL, some), t[np.isin(t["n"], some["n"])])


def test_brand_search_gets_far_more_credit_than_it_earns():
    _, p, t = _accounts(PRESETS["full"])
    row = np.searchsorted(p["n"], t["n"])
    e = -np.log(touches.conversion_draw(SEED, p["key"]))
    lost = np.empty(len(CHANNELS))
    for c in range(len(CHANNELS)):
        mine = t["channel"] == c
        lost[c] = (np.bincount(row[mine], t["effect"][mine], len(p)) > e).mean()
    share = lost / lost.sum()
    first = np.bincount(t["channel"][t["ord"] == 0], minlength=len(CHANNELS)) / len(p)
    assert first[BRAND] > 3 * share[BRAND]
    assert 0.7 < lost.sum() < 0.95
    assert lost[channels.DIRECT] == 0
    for channel in (SOCIAL, BRAND):
        assert lost[channel] == pytest.approx(holdouts.REMOVAL[channel], abs=0.02)
    mailed = p["arm"] == 1
    mine = t["channel"] == EMAIL
    by_mail = np.bincount(row[mine], t["effect"][mine], len(p)) > e
    assert by_mail[mailed].mean() == pytest.approx(holdouts.REMOVAL[EMAIL], abs=0.03)
