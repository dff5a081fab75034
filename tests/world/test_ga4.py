"""The site's analytics: paths of prospects, strangers, users and machines, as exported daily."""

from __future__ import annotations

from functools import cache

import cuts
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import worlds

from taproom import contracts
from taproom.world import clock
from taproom.world.facts import Facts
from taproom.world.marketing import channels, holdouts, paths
from taproom.world.people.population import (
    PRESETS,
    TEST,
    account_key,
    child_key,
    population,
    signups,
)
from taproom.world.render import Window, app, ga4
from taproom.world.render.ga4 import visits

SCHEMA = contracts.load("ga4").tables["event"].arrow_schema()


def event(w: Window):
    rows = ga4.RENDERERS["event"](w)
    return None if rows is None else rows.cast(SCHEMA)


@cache
def events(mess: str = "default") -> pl.DataFrame:
    return pl.from_arrow(event(cuts.window(mess)))


def test_it_holds_in_every_cut_and_keeps_its_contract():
    cuts.holds_in_every_cut(event)
    cuts.keeps_its_contract("ga4", "event", event(cuts.window()))


def test_each_sign_up_and_form_fill_is_there_once_and_in_time():
    d = events("none")
    pop = population(42, worlds.TINY, np.arange(signups(worlds.TINY, clock.END)))
    real = pop.take((pop.cls != TEST) & (visits._day(pop.signup) < clock.END - 1))
    found = d.filter(pl.col("name") == "sign_up")["timestamp"].dt.epoch("us").sort()
    assert found.to_list() == sorted(real.signup.tolist())
    made = [
        paths.ended(42, worlds.TINY, b)[0]["lead_at"] for b in paths.blocks(worlds.TINY, 636, 671)
    ]
    lead_at = np.concatenate(made)
    day = visits._day(lead_at)
    lead_at = lead_at[(day >= clock.FOUNDED) & (day < clock.END - 1)]
    found = d.filter(pl.col("name") == "generate_lead")["timestamp"].dt.epoch("us").sort()
    assert found.to_list() == sorted(lead_at[lead_at >= 0].tolist())


def test_the_sign_up_visit_has_the_tags_of_the_application():
    """Damaged alike in both: the same link brought them."""
    w = cuts.window()
    pop = population(42, worlds.TINY, np.arange(signups(worlds.TINY, clock.END)))
    pop = pop.take((pop.cls != TEST) & (visits._day(pop.signup) < clock.END - 1))
    accounts = pl.from_arrow(app.RENDERERS["accounts"](w)).unique("id")
    d = events()
    signed = d.filter(pl.col("name") == "sign_up").select(
        pl.col("timestamp").alias("created_at"), "user_pseudo_id", "param_ga_session_id"
    )
    tags = d.filter(pl.col("name") == "session_start").select(
        "user_pseudo_id", "param_ga_session_id", "param_source", "param_medium",
        "param_campaign", "collected_traffic_source_manual_source",
    )  # fmt: skip
    both = signed.join(tags, on=["user_pseudo_id", "param_ga_session_id"]).join(
        accounts, on="created_at"
    )
    assert len(both) >= len(pop) - 8  # those that came late (M01) may still be under way
    tagged = both.filter(pl.col("utm_source").is_not_null())
    assert tagged["param_source"].eq_missing(tagged["utm_source"]).all()
    assert tagged["param_medium"].eq_missing(tagged["utm_medium"]).all()
    assert tagged["param_campaign"].eq_missing(tagged["utm_campaign"]).all()
    plain = both.filter(pl.col("utm_source").is_null())
    assert plain["collected_traffic_source_manual_source"].null_count() == len(plain)


def test_every_click_of_a_prospect_is_a_visit():
    w = cuts.window("none")
    v, _ = visits.delivered(w)
    mine = v[v["kind"] <= visits.SIGN_UP]
    touched = [paths.ended(42, worlds.TINY, b)[1] for b in paths.blocks(worlds.TINY, 636, 671)]
    t = np.concatenate(touched)
    t = t[t["click"]]
    day = visits._day(t["at"])
    t = t[(day >= clock.FOUNDED) & (day < clock.END - 1)]
    assert np.array_equal(np.sort(mine["at"]), np.sort(t["at"]))


def test_regions_that_were_switched_off_send_no_paid_visits():
    w = Window(42, PRESETS["small"], "none", Facts(), 0, clock.END * clock.DAY)
    v, _ = visits.delivered(w)
    v = v[v["kind"] != visits.SIGN_UP]
    market = holdouts.CITY_MARKET[v["city"]]
    off = holdouts.switched_off(42, PRESETS["small"], v["channel"], market, v["at"])
    assert not off.any()


def test_visits_are_numbered_by_browser_and_remember_the_first():
    d = events("none").filter(pl.col("name") == "session_start")
    v, _ = visits.delivered(cuts.window("none"))
    many = v[v["kind"] <= visits.SIGN_UP]
    order = np.lexsort((many["at"], many["cookie"]))
    number, cookie = many["number"][order], many["cookie"][order]
    same = cookie[1:] == cookie[:-1]
    assert (number[1:][same] == number[:-1][same] + 1).all()
    firsts = events("none").filter(pl.col("name") == "first_visit")
    assert (firsts["param_ga_session_number"] == 1).all()
    assert len(firsts) == (d["param_ga_session_number"] == 1).sum()
    one = d.filter(pl.col("param_ga_session_number") == 1)
    tagged = one.filter(pl.col("param_source").is_not_null())
    assert (tagged["param_source"] == tagged["traffic_source_source"]).all()


def test_dates_are_new_yorks_and_come_the_next_morning():
    d = events("none")
    day = d.select(
        date=pl.col("date").str.to_date("%Y%m%d"),
        due=pl.col("_arrived_at").dt.date() - pl.duration(days=1),
        hour=pl.col("_arrived_at").dt.hour(),
    )
    assert (day["date"] == day["due"]).all() and (day["hour"] == 9).all()
    start = d.filter(pl.col("name") == "session_start")
    there = start["timestamp"].dt.convert_time_zone("America/New_York").dt.date()
    assert (there == start["date"].str.to_date("%Y%m%d")).all()
    assert (d["_fivetran_synced"] == d["_arrived_at"]).all()


def test_mess_is_near_its_rates_and_in_the_ledger():
    w = Window(42, PRESETS["small"], "default", Facts(), 0, clock.END * clock.DAY)
    v, arrived = visits.delivered(w)
    late = visits.delay(w, v)
    gap, wait = visits.missing(42)
    assert set(v["run"][late == wait]) == {gap}
    assert abs(((late > 0) & (late < wait)).mean() - 0.02) < 0.005
    machines = (v["kind"] >= visits.BOT).mean()
    assert 0.04 < machines < 0.10  # of visits; users are not in this world
    ledger = ga4.LEDGERS["event"](w)
    count = dict(pl.from_arrow(ledger)["defect"].value_counts().rows())
    assert count["M16"] == (v["kind"] >= visits.BOT).sum()
    assert (
        count["M12"] == (late == wait).sum() and count["M01"] == ((late > 0) & (late < wait)).sum()
    )
    assert (arrived == (v["run"] + 1 + late) * clock.DAY + visits.RUN).all()
    tagged = np.isin(v["channel"], np.arange(channels.PARTNER + 1)) & (v["campaign"] >= 0)
    changed = pl.from_arrow(ledger).filter(
        (pl.col("defect") == "M17") & (pl.col("column_name") != "param_gclid")
    )
    share = changed["pk"].n_unique() / tagged.sum()
    assert 0.10 < share < 0.30
    assert len(ga4.LEDGERS["event"](Window(42, 100, "none", Facts(), 0, w.hi))) == 0


def test_without_mess_only_the_ledger_is_missing():
    """The same visits of people, on time, with clean tags."""
    clean, dirty = (visits.delivered(cuts.window(m))[0] for m in ("none", "heavy"))
    people = dirty[dirty["kind"] < visits.BOT]
    # What came late at the end of the world is under way.
    known = np.isin(clean["key"], people["key"])
    assert np.isin(people["key"], clean["key"]).all()
    assert known.mean() > 0.98
    assert (clean["kind"] < visits.BOT).all()
    sources = set(events("none")["param_source"].drop_nulls())
    assert sources == {
        "google",
        "bing",
        "facebook",
        "linkedin",
        "newsletter",
        "capterra",
        "partner",
    }


def test_few_events_tell_the_user_and_those_do_exist():
    d = events()
    known = set(d["user_id"].drop_nulls())
    f = worlds.facts(42)
    u = f.table("user")
    from taproom.world.draws import ids

    all_users = set(ids.text_id("usr_", child_key(42, "user", u["acct"], u["n"])).to_pylist())
    assert known and known <= all_users
    assert d["user_id"].null_count() > 0.7 * len(d)


def test_ids_are_unique_and_say_nothing():
    rows = event(cuts.window())
    assert pc.count_distinct(rows["_fivetran_id"]).as_py() == len(rows)
    assert pa.types.is_string(rows.schema.field("user_pseudo_id").type)
    # A cookie is drawn from the prospect's own key, which is a hash of its index.
    assert len(np.unique(account_key(42, np.arange(1000)))) == 1000
