"""Support and surveys as they can be measured from the delivered rows."""

from __future__ import annotations

import numpy as np
import polars as pl

from taproom.world import clock
from taproom.world.calibrate.measures import Row
from taproom.world.clock import DAY
from taproom.world.context import Context

SOURCES = ("zendesk", "survey")


def tickets(c: Context) -> list[Row]:
    """Tickets for each account and month with a live subscription, and how long they take."""
    versions = pl.from_arrow(c.rows("zendesk", "ticket"))
    ticket = (
        versions.filter(pl.col("organization_id").is_not_null() & ~pl.col("_fivetran_deleted"))
        .sort("_arrived_at")
        .unique("id", keep="last")
        .filter(pl.col("created_at") >= clock.as_datetime(clock.START * DAY))
    )
    team = pl.from_arrow(c.rows("zendesk", "user")).filter(pl.col("role") != "end-user")["id"]
    comment = pl.from_arrow(c.rows("zendesk", "ticket_comment"))
    reply = (
        comment.filter(pl.col("public") & pl.col("user_id").is_in(team.implode()))
        .group_by("ticket_id")
        .agg(pl.col("created").min())
    )
    status = pl.from_arrow(c.rows("zendesk", "ticket_field_history")).filter(
        pl.col("field_name") == "status"
    )
    solved = (
        status.filter(pl.col("value") == "solved")
        .group_by("ticket_id")
        .agg(pl.col("updated").max(), pl.len().alias("times"))
    )
    asked = ticket.filter(pl.col("via_channel") != "api")
    first = asked.join(reply, left_on="id", right_on="ticket_id")
    done = ticket.join(solved, left_on="id", right_on="ticket_id")
    hours = (first["created"] - first["created_at"]).dt.total_seconds() / 3600
    days = (done["updated"] - done["created_at"]).dt.total_seconds() / 86_400
    rating = (
        pl.from_arrow(c.rows("zendesk", "satisfaction_rating"))
        .sort("_arrived_at")
        .unique("id", keep="last")
    )
    given = rating.filter(pl.col("score") != "offered")
    months = _account_months(c)
    return [
        Row("tickets for each account and month", len(ticket) / months, 0.2, 0.4),
        Row("hours to the first reply, median", float(hours.median()), 1.5, 6.0),
        Row("days to the solution, median", float(days.median()), 0.8, 2.5),
        Row("tickets solved more than once", float((done["times"] > 1).mean()), 0.02, 0.09),
        Row("comments on a ticket", len(comment) / versions["id"].n_unique(), 2.6, 4.2),
        Row("ratings given", len(given) / len(rating), 0.2, 0.4),
        Row("good ratings", float((given["score"] == "good").mean()), 0.78, 0.95),
    ]


def _account_months(c: Context) -> float:
    """Months that accounts were in trial, active or past due in the window of the course."""
    from taproom.world.state.weekly import alive

    p = c.window(mess="none").population
    days = np.arange(clock.START, c.until, 7)
    return sum(int(alive(c.facts, p.acct, int(d)).sum()) for d in days) * 7 / 30.44


def survey(c: Context) -> list[Row]:
    """Net promoter score and response rate, among those who were asked."""
    rows = pl.from_arrow(c.rows("survey", "nps_response"))
    score = rows["score"].drop_nulls()
    nps = float((score >= 9).mean() - (score <= 6).mean())
    return [
        Row("net promoter score", nps, 0.20, 0.45),
        Row("survey response rate", len(score) / len(rows), 0.25, 0.40),
    ]


ROWS = (tickets, survey)
