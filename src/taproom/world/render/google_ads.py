"""Google Ads: the account, its campaigns, ad groups and ads, and what each ad did on each date.

Dates are the ad account's (New York), cost is in millionths of a dollar. A daily run at 08:00
UTC brings the day before; clicks found invalid are taken back in the next two runs, conversions
appear up to 30 days after the click.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.marketing import ad_reports, campaigns, channels
from taproom.world.marketing.campaigns import AREAS, GOOGLE
from taproom.world.marketing.holdouts import MARKETS
from taproom.world.people import names
from taproom.world.render import ad_history
from taproom.world.render.ad_columns import TERMS, dates, landing_page, whole_table
from taproom.world.render.columns import build, constant, integer, stamp, word
from taproom.world.window import Window

_STATUS = ("PAUSED", "ENABLED", "PAUSED")
_ACCOUNT = GOOGLE.account


def account_history(w: Window) -> pa.Table | None:
    return ad_history.account(
        w,
        {
            "id": integer([_ACCOUNT], pa.int64()),
            "descriptive_name": pa.array(["Tapwise"]),
            "currency_code": pa.array(["USD"]),
            "time_zone": pa.array(["America/New_York"]),
            "auto_tagging_enabled": pa.array([True]),
            "updated_at": stamp([ad_history.OPENED]),
            "_fivetran_active": pa.array([True]),
        },
    )


def _name(f: np.ndarray) -> pa.Array:
    name = channels.campaign_name(f["campaign"])
    area = names.take(AREAS, np.maximum(f["area"], 0))
    return names.where(f["area"] >= 0, names.glue(name, area, sep=" | "), name)


def campaign_history(w: Window) -> pa.Table | None:
    f = ad_history.flights(w, GOOGLE)
    at = ad_history.changes(GOOGLE, f)
    row, ver, active, arrived = ad_history.versions(w, at)
    if not len(row):
        return None
    g = f[row]
    cut = (ver == 2) & (g["end"] == clock.DRIFT_GOOGLE_RESTRUCTURE)
    return build(
        "campaign_history",
        {
            "id": integer(g["id"], pa.int64()),
            "customer_id": constant(_ACCOUNT, len(g), pa.int64()),
            "name": _name(g),
            "status": names.where(cut, "REMOVED", word(_STATUS, ver)),
            "advertising_channel_type": constant("SEARCH", len(g), pa.string()),
            "start_date": dates(g["start"]).cast(pa.string()),
            "end_date": dates(g["end"] - 1).cast(pa.string()),
            "updated_at": stamp(at[row, ver]),
            "_fivetran_active": pa.array(active),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def _parts(w: Window, ads: bool):
    """Ad groups or ads with their only version, an hour after the campaign's draft."""
    f = ad_history.flights(w, GOOGLE)
    i, _, group, ad = ad_history.parts(GOOGLE, w.paying, f, ads)
    made = ad_history.changes(GOOGLE, f)[:, 0][i] + clock.HOUR
    row, _, active, arrived = ad_history.versions(w, made[:, None])
    g = f[i[row]]
    return g, group[row], ad[row], made[row], active, arrived


def ad_group_history(w: Window) -> pa.Table | None:
    g, group, _, made, active, arrived = _parts(w, ads=False)
    if not len(g):
        return None
    number = campaigns.group_id(GOOGLE, g["campaign"], g["area"], g["made"], group)
    theme = g["campaign"] % len(channels.THEMES)
    return build(
        "ad_group_history",
        {
            "id": integer(number, pa.int64()),
            "campaign_id": integer(g["id"], pa.int64()),
            "name": names.take(TERMS, theme * 4 + group),
            "status": constant("ENABLED", len(g), pa.string()),
            "type": constant("SEARCH_STANDARD", len(g), pa.string()),
            "updated_at": stamp(made),
            "_fivetran_active": pa.array(active),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def ad_history_(w: Window) -> pa.Table | None:
    g, group, ad, made, active, arrived = _parts(w, ads=True)
    if not len(g):
        return None
    number = campaigns.ad_id(GOOGLE, g["campaign"], g["area"], g["made"], group, ad)
    inside = campaigns.group_id(GOOGLE, g["campaign"], g["area"], g["made"], group)
    letter = names.take(("A", "B", "C"), ad)
    return build(
        "ad_history",
        {
            "id": integer(number, pa.int64()),
            "ad_group_id": integer(inside, pa.int64()),
            "name": names.glue("Responsive search ad", letter, sep=" "),
            "type": constant("RESPONSIVE_SEARCH_AD", len(g), pa.string()),
            "status": constant("ENABLED", len(g), pa.string()),
            "final_urls": names.glue("[", landing_page(g["campaign"]), "]"),
            "updated_at": stamp(made),
            "_fivetran_active": pa.array(active),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def campaign_criterion_history(w: Window) -> pa.Table | None:
    """Places in which campaigns are not shown: the regions of the brand holdout."""
    f = ad_history.flights(w, GOOGLE)
    f = f[channels.THEME_CHANNEL[f["campaign"] % len(channels.THEMES)] == channels.BRAND]
    start, end = GOOGLE.midnight(f["start"]), GOOGLE.midnight(f["end"])
    since, until, h = ad_history.exclusions(w, channels.BRAND, start, end)
    i, market = (x.ravel() for x in np.meshgrid(np.arange(len(f)), h.markets, indexing="ij"))
    own = (f["area"][i] < 0) | (f["area"][i] == campaigns.MARKET_AREA[market])
    i, market = i[own & (since[i] >= 0)], market[own & (since[i] >= 0)]
    at = np.stack([since[i], until[i]], axis=1)
    row, ver, active, arrived = ad_history.versions(w, at)
    if not len(row):
        return None
    place = names.take([f"{region}, {country}" for country, region in MARKETS], market[row])
    return build(
        "campaign_criterion_history",
        {
            "id": integer(2_000_000 + market[row], pa.int64()),
            "campaign_id": integer(f["id"][i[row]], pa.int64()),
            "type": constant("LOCATION", len(row), pa.string()),
            "negative": constant(True, len(row), pa.bool_()),
            "display_name": place,
            "status": word(("ENABLED", "REMOVED"), ver),
            "updated_at": stamp(at[row, ver]),
            "_fivetran_active": pa.array(active),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def ad_stats(w: Window) -> pa.Table | None:
    lines, v = ad_reports.delivered(w.seed, w.paying, GOOGLE, w.lo, w.hi)
    if not len(v):
        return None
    arrived = v["run"] * clock.DAY + ad_reports.RUN
    value = v["leads"] * ad_reports.VALUE[0] + v["sign_ups"] * ad_reports.VALUE[1]
    slot = lines["slot"].astype(np.int64)
    return build(
        "ad_stats",
        {
            "customer_id": constant(_ACCOUNT, len(v), pa.int64()),
            "date": dates(lines["day"]),
            "campaign_id": integer(ad_reports.campaign_number(GOOGLE, lines), pa.int64()),
            "ad_group_id": pa.array(ad_reports.group_number(GOOGLE, lines)).cast(pa.string()),
            "ad_id": integer(ad_reports.ad_number(GOOGLE, lines), pa.int64()),
            "ad_network_type": names.take([s[1] for s in GOOGLE.slots], slot),
            "device": names.take([s[0] for s in GOOGLE.slots], slot),
            "impressions": integer(v["shown"], pa.int64()),
            "clicks": integer(v["clicks"], pa.int64()),
            "cost_micros": integer(v["money"], pa.int64()),
            "conversions": pa.array((v["leads"] + v["sign_ups"]).astype(np.float64)),
            "conversions_value": pa.array(value.astype(np.float64)),
            "view_through_conversions": constant(0, len(v), pa.int32()),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


RENDERERS = {
    "account_history": account_history,
    "campaign_history": campaign_history,
    "campaign_criterion_history": campaign_criterion_history,
    "ad_group_history": ad_group_history,
    "ad_history": ad_history_,
    "ad_stats": ad_stats,
}
WORLD = frozenset(RENDERERS)
LEDGERS = {
    "ad_stats": lambda w: whole_table(
        w,
        "google_ads.ad_stats",
        {"M05": "date", "M06": "cost_micros", "M18": "conversions"},
    ),
    "campaign_history": lambda w: whole_table(w, "google_ads.campaign_history", {"M11": "id"}),
}
