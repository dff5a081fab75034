"""Meta Ads: the account, its campaigns, ad sets and ads, what each ad did on each date, and the
actions claimed for it.

Dates are the ad account's (Chicago), spend is in dollars, budgets in cents. A daily run at 08:00
UTC brings the day before; figures found late come with the next two runs, claimed actions within
a week of the click.
"""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.draws import keys
from taproom.world.marketing import ad_reports, campaigns, channels
from taproom.world.marketing.campaigns import AREAS, META
from taproom.world.marketing.holdouts import MARKETS
from taproom.world.people import names
from taproom.world.render import ad_history
from taproom.world.render.ad_columns import dates, whole_table
from taproom.world.render.columns import build, constant, integer, stamp, word
from taproom.world.window import Window

_STATUS = ("PAUSED", "ACTIVE", "ARCHIVED")
_ACCOUNT = META.account
_AUDIENCE = ("bar owners", "look-alikes 1%")
_PICTURE = ("bartender at the tap", "keg on the scale", "numbers on the phone")


def account_history(w: Window) -> pa.Table | None:
    return ad_history.account(
        w,
        {
            "id": integer([_ACCOUNT], pa.int64()),
            "name": pa.array(["Tapwise"]),
            "account_status": pa.array(["ACTIVE"]),
            "currency": pa.array(["USD"]),
            "timezone_name": pa.array(["America/Chicago"]),
            "created_time": stamp([ad_history.OPENED]),
        },
    )


def campaign_history(w: Window) -> pa.Table | None:
    f = ad_history.flights(w, META)
    at = ad_history.changes(META, f)
    row, ver, _, arrived = ad_history.versions(w, at)
    row, ver, arrived = _once(w, at, row, ver, arrived)
    if not len(row):
        return None
    g = f[row]
    budget = np.rint(ad_history.daily_budget(w, META, f)).astype(np.int64) * 100
    theme = g["campaign"] % len(channels.THEMES)
    again = channels.THEMES.index("retargeting")
    return build(
        "campaign_history",
        {
            "id": integer(g["id"], pa.int64()),
            "account_id": constant(_ACCOUNT, len(g), pa.int64()),
            "name": channels.campaign_name(g["campaign"]),
            "status": word(_STATUS, ver),
            "objective": names.where(theme == again, "OUTCOME_SALES", "OUTCOME_LEADS"),
            "start_time": stamp(META.midnight(g["start"])),
            "stop_time": stamp(META.midnight(g["end"])),
            "daily_budget": integer(budget[row], pa.int64()),
            "created_time": stamp(at[row, 0]),
            "updated_time": stamp(at[row, ver]),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def _once(w: Window, at, row, ver, arrived):
    """Only the first delivery of each version: these histories have no active mark to correct."""
    keep = ad_history.runs(at[row, ver]) == arrived
    return row[keep], ver[keep], arrived[keep]


def _ads(w: Window):
    """Ads: drafted an hour after their campaign, active when it starts."""
    f = ad_history.flights(w, META)
    i, area, group, ad = ad_history.parts(META, w.paying, f, ads=True)
    at = ad_history.changes(META, f)[i] + clock.HOUR
    row, ver, _, arrived = ad_history.versions(w, at)
    row, ver, arrived = _once(w, at, row, ver, arrived)
    return f[i[row]], area[row], group[row], ad[row], at[row, ver], ver, arrived


def _set_name(area, group) -> pa.Array:
    return names.glue(
        names.take(_AUDIENCE, group), names.take(AREAS, np.maximum(area, 0)), sep=" | "
    )


def _ad_name(area, group, ad) -> pa.Array:
    return names.glue(names.take(_PICTURE, ad), names.take(AREAS, np.maximum(area, 0)), sep=" | ")


def ad_set_history(w: Window) -> pa.Table | None:
    f = ad_history.flights(w, META)
    i, area, group, _ = ad_history.parts(META, w.paying, f, ads=False)
    drafted, start, end = (ad_history.changes(META, f)[i] + clock.HOUR).T
    since, until, h = ad_history.exclusions(w, channels.SOCIAL, start + clock.MINUTE, end)
    here = np.isin(area, campaigns.MARKET_AREA[list(h.markets)])
    since, until = np.where(here, since, -1), np.where(here & (until < end), until, -1)
    at = np.stack([drafted, start, since, until, end], axis=1)
    row, ver, _, arrived = ad_history.versions(w, at)
    row, ver, arrived = _once(w, at, row, ver, arrived)
    if not len(row):
        return None
    g = f[i[row]]
    shut = (ver == 2) | ((ver == 4) & (since[row] >= 0) & (until[row] < 0))
    out = [_places([m for m in h.markets if campaigns.MARKET_AREA[m] == a]) for a in range(3)]
    return build(
        "ad_set_history",
        {
            "id": integer(
                campaigns.group_id(META, g["campaign"], area[row], 0, group[row]), pa.int64()
            ),
            "account_id": constant(_ACCOUNT, len(g), pa.int64()),
            "campaign_id": integer(g["id"], pa.int64()),
            "name": _set_name(area[row], group[row]),
            "status": word(("PAUSED", "ACTIVE", "ACTIVE", "ACTIVE", "ARCHIVED"), ver),
            "bid_strategy": constant("LOWEST_COST_WITHOUT_CAP", len(g), pa.string()),
            "targeting_excluded_regions": names.where(shut, names.take(out, area[row]), None),
            "start_time": stamp(META.midnight(g["start"])),
            "end_time": stamp(META.midnight(g["end"])),
            "updated_time": stamp(at[row, ver]),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def _places(markets) -> str:
    """Regions as the platform lists them, JSON."""
    return json.dumps(
        [{"country": MARKETS[m][0], "name": MARKETS[m][1]} for m in markets], ensure_ascii=False
    )


def ad_history_(w: Window) -> pa.Table | None:
    g, area, group, ad, at, ver, arrived = _ads(w)
    if not len(g):
        return None
    number = campaigns.ad_id(META, g["campaign"], area, 0, group, ad)
    return build(
        "ad_history",
        {
            "id": integer(number, pa.int64()),
            "account_id": constant(_ACCOUNT, len(g), pa.int64()),
            "ad_set_id": integer(
                campaigns.group_id(META, g["campaign"], area, 0, group), pa.int64()
            ),
            "campaign_id": integer(g["id"], pa.int64()),
            "creative_id": integer(
                campaigns.ad_id(META, g["campaign"] % len(channels.THEMES), -1, 0, 0, ad),
                pa.int64(),
            ),
            "name": _ad_name(area, group, ad),
            "status": word(_STATUS, ver),
            "updated_time": stamp(at),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def basic_ad(w: Window) -> pa.Table | None:
    lines, v = ad_reports.delivered(w.seed, w.paying, META, w.lo, w.hi)
    lines, v = lines[v["moved"]], v[v["moved"]]
    if not len(v):
        return None
    arrived = v["run"] * clock.DAY + ad_reports.RUN
    often = 1.05 + keys.below(lines["key"], 30, 40) / 100.0
    reach = np.maximum(np.floor(v["shown"] / often).astype(np.int64), 1)
    return build(
        "basic_ad",
        {
            "ad_id": pa.array(ad_reports.ad_number(META, lines)).cast(pa.string()),
            "ad_name": _ad_name(lines["area"], lines["group"], lines["ad"]),
            "adset_name": _set_name(lines["area"], lines["group"]),
            "account_id": constant(_ACCOUNT, len(v), pa.int64()),
            "date": dates(lines["day"]),
            "impressions": integer(v["shown"], pa.int64()),
            "inline_link_clicks": integer(v["clicks"], pa.int64()),
            "reach": integer(reach, pa.int64()),
            "frequency": pa.array(np.round(v["shown"] / reach, 6)),
            "spend": pa.array(v["money"] / 100.0),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


_ACTIONS = ("link_click", "landing_page_view", "post_engagement", "lead", "complete_registration")


def basic_ad_actions(w: Window) -> pa.Table | None:
    """One row an action that is new or has another count than the line's version before."""
    # Versions of one line all come from one report, so those before the window are at hand.
    lo = w.lo - (ad_reports.CLAIM_DAYS + 1) * clock.DAY
    lines, v = ad_reports.delivered(w.seed, w.paying, META, lo, w.hi)
    if not len(v):
        return None
    counts = _action_counts(lines, v)
    number = ad_reports.ad_number(META, lines)
    order = np.lexsort((v["run"], lines["day"], number))
    same = np.zeros(len(v), dtype=bool)
    n, d = number[order], lines["day"][order]
    same[1:] = (n[1:] == n[:-1]) & (d[1:] == d[:-1])
    now = counts[0][order]
    before = np.zeros_like(now)
    before[1:] = np.where(same[1:, None], now[:-1], 0)  # no row is a count of nought
    new = np.empty(now.shape, dtype=bool)
    new[order] = now != before
    arrived = v["run"] * clock.DAY + ad_reports.RUN
    new &= ((arrived >= w.lo) & (arrived < w.hi))[:, None]
    row, action = np.nonzero(new)
    if not len(row):
        return None
    total, click, view = (c[row, action] for c in counts)
    return build(
        "basic_ad_actions",
        {
            "ad_id": pa.array(number[row]).cast(pa.string()),
            "date": dates(lines["day"][row]),
            "action_type": names.take(_ACTIONS, action),
            "index": integer(action, pa.int32()),
            "value": pa.array(total.astype(np.float64)),
            "_7_d_click": pa.array(click.astype(np.float64), mask=click == 0),
            "_1_d_view": pa.array(view.astype(np.float64), mask=view == 0),
            "_fivetran_synced": stamp(arrived[row]),
        },
        arrived[row],
    )


def _action_counts(lines, v):
    """Counts of the actions of each version: in all, after clicks, after showings."""
    arriving = 0.55 + keys.below(lines["key"], 31, 20) / 100.0
    views = v["views"]
    click = np.stack(
        [
            v["clicks"],
            np.floor(v["clicks"] * arriving).astype(np.int64),
            np.rint(v["clicks"] * 1.15).astype(np.int64) + v["shown"] // 260,
            v["leads"],
            v["sign_ups"],
        ],
        axis=1,
    )
    view = np.zeros_like(click)
    view[:, 3] = views - views // 3
    view[:, 4] = views // 3
    return click + view, click, view


RENDERERS = {
    "account_history": account_history,
    "campaign_history": campaign_history,
    "ad_set_history": ad_set_history,
    "ad_history": ad_history_,
    "basic_ad": basic_ad,
    "basic_ad_actions": basic_ad_actions,
}
WORLD = frozenset(RENDERERS)
LEDGERS = {
    "campaign_history": lambda w: whole_table(
        w, "facebook_ads.campaign_history", {"M06": "daily_budget"}
    ),
    "basic_ad": lambda w: whole_table(w, "facebook_ads.basic_ad", {"M05": "date"}),
    "basic_ad_actions": lambda w: whole_table(
        w, "facebook_ads.basic_ad_actions", {"M05": "date", "M18": "value"}
    ),
}
