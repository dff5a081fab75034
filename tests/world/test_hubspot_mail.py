"""HubSpot's marketing e-mails and the outreach of customer success: what is sent, what comes of
it, and that both can be studied honestly."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
import worlds

from taproom.world import clock
from taproom.world.clock import DAY, HOUR
from taproom.world.context import Context
from taproom.world.marketing import channels, touches
from taproom.world.render import Window, hubspot
from taproom.world.render.hubspot.engagements import health_list
from taproom.world.render.hubspot.journeys import journeys
from taproom.world.render.hubspot.leads import leads
from taproom.world.render.hubspot.mailing import mailing
from taproom.world.render.hubspot.people import contacts
from taproom.world.truth import crm

END = clock.END * DAY


@pytest.fixture(scope="module")
def w() -> Window:
    return Window(42, worlds.TINY, "default", worlds.facts(), 0, END)


@pytest.fixture(scope="module")
def events(w) -> pl.DataFrame:
    return pl.from_arrow(hubspot.RENDERERS["email_event"](w))


def test_every_event_belongs_to_an_email_that_was_sent(events):
    sent = events.filter(pl.col("type") == "SENT").select("id", at="created", to="recipient")
    rest = events.filter(pl.col("type") != "SENT").join(sent, left_on="sent_by_id", right_on="id")
    assert len(rest) + len(sent) == len(events)
    assert (rest["created"] > rest["at"]).all() and (rest["recipient"] == rest["to"]).all()
    assert (rest["sent_by_created"] == rest["at"]).all()
    landed = rest.filter(pl.col("type").is_in(["DELIVERED", "BOUNCE"]))
    assert landed["sent_by_id"].is_unique().all()
    bounced = set(landed.filter(pl.col("type") == "BOUNCE")["sent_by_id"])
    answered = rest.filter(pl.col("type").is_in(["OPEN", "CLICK", "STATUSCHANGE"]))
    assert bounced and not bounced & set(answered["sent_by_id"])
    clicks = rest.filter(pl.col("type") == "CLICK").join(
        events.select(caused_by_id="id", why="type"), on="caused_by_id"
    )
    assert len(clicks) == (rest["type"] == "CLICK").sum() and (clicks["why"] == "OPEN").all()


def test_rates_are_those_of_the_trade(events):
    count = dict(events.group_by("type").agg(pl.col("sent_by_id").n_unique()).iter_rows())
    delivered = count["DELIVERED"]
    assert 0.25 < count["OPEN"] / delivered < 0.31
    assert 0.016 < count["CLICK"] / delivered < 0.028
    assert 0.001 < count["STATUSCHANGE"] / delivered < 0.005
    assert 0.97 < delivered / (events["type"] == "SENT").sum() < 0.995


def test_details_stand_beside_their_events(w, events):
    for kind, table in (("OPEN", "open"), ("CLICK", "click"), ("BOUNCE", "bounce")):
        details = pl.from_arrow(hubspot.RENDERERS[f"email_event_{table}"](w))
        assert set(details["id"]) == set(events.filter(pl.col("type") == kind)["id"])


def test_nobody_is_mailed_after_leaving_the_list(events):
    gone = events.filter(pl.col("type") == "STATUSCHANGE")
    when = dict(gone.select("recipient", "sent_by_created").iter_rows())
    sent = events.filter(pl.col("type") == "SENT")
    assert len(when) > 5
    for address, at in when.items():
        assert sent.filter(pl.col("recipient") == address)["created"].max() <= at


def test_campaigns_are_those_of_the_events(w, events):
    campaigns = pl.from_arrow(hubspot.RENDERERS["email_campaign"](w))
    assert set(events["email_campaign_id"]) <= set(campaigns["id"])
    first = events.group_by("email_campaign_id").agg(pl.col("created").min())
    both = first.join(campaigns, left_on="email_campaign_id", right_on="id")
    both = both.filter(pl.col("created") > clock.as_datetime(clock.FOUNDED * DAY + HOUR))
    assert (both["_arrived_at"] < both["created"]).all()
    assert set(campaigns["name"].str.split(" ").list.first()) == {
        "newsletter",
        "product",
        "event",
        "nurture",
    }


def test_who_is_held_back_gets_nothing_before_the_sign_up(w):
    """The lift test: arm 0 gets no marketing e-mail as a prospect, arm 1 does."""
    m, c, j = mailing(w), contacts(w), journeys(w)
    own = (c["kind"] == 0) & (c["n"] == 0) & (c["of"] < 0)
    lead = (c["kind"] == 1) & (c["of"] < 0)
    arm = np.full(len(c), -1)
    arm[own] = j.arm[c["pos"][own]]
    arm[lead] = leads(w).p["arm"][c["pos"][lead]]
    mailed = np.bincount(m.sends["contact"][m.sends["prospect"]], minlength=len(c))
    assert (arm == 0).sum() > 5 and not mailed[arm == 0].any()
    assert (mailed[arm == 1] > 0).mean() > 0.9
    rows = pl.from_arrow(hubspot.RENDERERS["contact"](w)).unique("id", keep="last")
    group = dict(rows.select("id", "property_email_test_group").iter_rows())
    for n, name in ((0, "holdout"), (1, "mailed")):
        assert {i for i, g in group.items() if g == name} == set(c["id"][arm == n].tolist())


def test_prospects_open_what_their_touches_say(w):
    """E-mail touches and what prospects did with their mails are the same thing."""
    m, found = mailing(w), leads(w)
    t = touches.draw(w.seed, w.paying, found.p)
    t = t[(t["channel"] == channels.EMAIL) & (t["kind"] == 0) & (t["at"] < END - HOUR)]
    c = contacts(w)
    of_leads = c["kind"][m.touch["contact"]] == 1
    mine = m.touch[of_leads & (m.touch["at"] < END - HOUR)]
    assert len(mine) >= 0.97 * len(t) > 20
    assert set(mine["key"].tolist()) <= set(t["key"].tolist())
    sent = m.sends["at"][m.touch_send]
    assert (m.touch["at"] > sent).all()


# --- outreach ----------------------------------------------------------------------------------
def test_the_outreach_is_drawn_by_lot(w):
    key, pos, day, chosen = health_list(w)
    assert len(key) > 80 and 0.45 < chosen.mean() < 0.75
    notes = pl.from_arrow(hubspot.RENDERERS["engagement_note"](w))
    tasks = pl.from_arrow(hubspot.RENDERERS["engagement_task"](w))
    held = notes.filter(pl.col("property_hs_note_body").str.starts_with("Health list"))
    called = tasks.filter(pl.col("property_hs_task_subject") == "Health outreach")
    called = called.unique("engagement_id")
    assert len(held) == (~chosen).sum() and len(called) == chosen.sum()
    # Those on the list are worse off than others: comparing calls with no calls would mislead.
    z = w.weeks.z(journeys(w).pop.acct[pos], day)
    assert z.mean() < -0.3


def test_truth_knows_who_is_who_and_that_calls_change_nothing():
    c = Context(42, worlds.TINY, "default", worlds.facts(), END)
    who = pl.from_arrow(crm.identity(c)["truth_identity"])
    assert who.select("system", "id").is_duplicated().sum() == 0
    for system in ("contact", "company"):
        delivered = set(c.rows("hubspot", system)["id"].to_pylist())
        mine = who.filter(pl.col("system") == f"hubspot.{system}")
        assert set(mine["id"].cast(pl.Int64)) == delivered
        assert 0.02 < 1 - mine["subject_id"].n_unique() / len(mine) < 0.08
    people = who.filter(pl.col("kind") == "person")
    users = people.filter(pl.col("system") == "app.users")
    assert (users["subject_id"] == users["id"]).all()
    uplift = pl.from_arrow(crm.uplift(c)["truth_csm_uplift"])
    assert (uplift["effect_on_churn"] == 0).all()
    assert not uplift.filter(~pl.col("is_chosen"))["is_called"].any()
    assert uplift.filter(pl.col("is_chosen"))["is_called"].mean() > 0.7
    recent = uplift["listed_on"] > clock.as_date(clock.END) - timedelta(days=90)
    assert uplift.filter(recent)["is_lost_90d"].null_count() == recent.sum()
