"""HubSpot as it can be measured: e-mails, people who stand there twice, deals."""

from __future__ import annotations

import polars as pl

from taproom.world.calibrate.measures import Row
from taproom.world.context import Context
from taproom.world.truth.crm import identity

SOURCES = ("app", "stripe", "hubspot")


def _newest(c: Context, table: str, key: str) -> pl.DataFrame:
    return pl.from_arrow(c.rows("hubspot", table)).sort("_arrived_at").unique(key, keep="last")


def mails(c: Context) -> list[Row]:
    """Rates of marketing e-mails, of those delivered; each e-mail counts once."""
    e = pl.from_arrow(c.rows("hubspot", "email_event")).select("id", "type", "sent_by_id")
    opens = pl.from_arrow(c.rows("hubspot", "email_event_open")).select("id", "user_agent")
    count = dict(e.group_by("type").agg(pl.col("sent_by_id").n_unique()).iter_rows())
    sent = e.filter(pl.col("type") == "SENT").height
    machine = r"^Mozilla/5\.0$|MailProxy|MailGuard|LinkCheck"
    delivered = count["DELIVERED"]
    return [
        Row("marketing e-mails delivered", delivered / sent, 0.97, 0.995),
        Row("marketing e-mails opened", count["OPEN"] / delivered, 0.26, 0.30),
        Row(
            "openings by machines",
            float(opens["user_agent"].str.contains(machine).mean()),
            0.32,
            0.38,
        ),
        Row("marketing e-mails clicked", count["CLICK"] / delivered, 0.018, 0.026),
        Row("unsubscribed by an e-mail", count["STATUSCHANGE"] / delivered, 0.002, 0.004),
    ]


def doubles(c: Context) -> list[Row]:
    """Contacts and companies that are the second of somebody, and those that were merged: as
    many as the usual mess has."""
    if c.mess != "default":
        return []
    who = pl.from_arrow(identity(c)["truth_identity"])
    out = []
    for system, name in (("hubspot.contact", "contacts"), ("hubspot.company", "companies")):
        mine = who.filter(pl.col("system") == system)
        rows = _newest(c, system.split(".")[1], "id")
        merged = rows["property_hs_merged_object_ids"].is_not_null().mean()
        second = 1 - mine["subject_id"].n_unique() / len(mine)
        out += [
            Row(f"{name} that stand there twice", second, 0.03, 0.06),
            Row(f"{name} into which others were merged", float(merged), 0.002, 0.018),
        ]
    contacts = len(who.filter(pl.col("system") == "hubspot.contact"))
    return [*out, Row("contacts for each paying account", contacts / c.paying, 5.5, 9.0)]


def deals(c: Context) -> list[Row]:
    """How many deals with new customers are won, and how long those take."""
    d = _newest(c, "deal", "deal_id").filter(pl.col("property_dealtype") == "newbusiness")
    won = d.filter(pl.col("deal_pipeline_stage_id") == "closedwon")
    lost = d.filter(pl.col("deal_pipeline_stage_id") == "closedlost")
    days = (won["property_closedate"] - won["property_createdate"]).dt.total_days().median()
    return [
        Row("new business won, of what is decided", len(won) / (len(won) + len(lost)), 0.45, 0.70),
        Row("days from deal to new customer, median", float(days), 10.0, 45.0),
    ]


ROWS = (mails, doubles, deals)
