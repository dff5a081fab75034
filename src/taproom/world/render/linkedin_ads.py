"""LinkedIn Ads: the account, its campaigns and creatives, and what each creative did each day.

Days are UTC days, cost is given in the account's currency (euros) and in dollars. A daily run at
08:00 UTC brings the day before. Two days the report failed, and came nine days later (M12).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.around import fx
from taproom.world.draws import keys
from taproom.world.facts import CURRENCIES
from taproom.world.marketing import ad_reports, campaigns, channels
from taproom.world.marketing.campaigns import LINKEDIN
from taproom.world.render import ad_history
from taproom.world.render.ad_columns import landing_page, ledger, whole_table
from taproom.world.render.columns import build, constant, integer, stamp, word
from taproom.world.render.finance import decimal
from taproom.world.window import Window

_ACCOUNT = LINKEDIN.account
_EUR = CURRENCIES.index("EUR")
_STATUS = ("DRAFT", "ACTIVE", "COMPLETED")
_CREATIVE = ("DRAFT", "ACTIVE", "ARCHIVED")
_BACK = 9  # days until the missing days are delivered


def account_history(w: Window) -> pa.Table | None:
    return ad_history.account(
        w,
        {
            "id": integer([_ACCOUNT], pa.int64()),
            "name": pa.array(["Tapwise EU"]),
            "currency": pa.array(["EUR"]),
            "status": pa.array(["ACTIVE"]),
            "type": pa.array(["BUSINESS"]),
            "created_time": stamp([ad_history.OPENED]),
            "last_modified_time": stamp([ad_history.OPENED]),
        },
    )


def _first_deliveries(w: Window, at):
    row, ver, _, arrived = ad_history.versions(w, at)
    keep = ad_history.runs(at[row, ver]) == arrived
    return row[keep], ver[keep], arrived[keep]


def campaign_history(w: Window) -> pa.Table | None:
    f = ad_history.flights(w, LINKEDIN)
    at = ad_history.changes(LINKEDIN, f)
    row, ver, arrived = _first_deliveries(w, at)
    if not len(row):
        return None
    g, n = f[row], len(row)
    euros = ad_history.daily_budget(w, LINKEDIN, f) / (fx.budget_rate("EUR") / fx.UNIT)
    return build(
        "campaign_history",
        {
            "id": integer(g["id"], pa.int64()),
            "account_id": constant(_ACCOUNT, n, pa.int64()),
            "name": channels.campaign_name(g["campaign"]),
            "status": word(_STATUS, ver),
            "type": constant("SPONSORED_UPDATES", n, pa.string()),
            "objective_type": constant("LEAD_GENERATION", n, pa.string()),
            "cost_type": constant("CPM", n, pa.string()),
            "daily_budget_amount": pa.array(np.rint(euros[row])),
            "daily_budget_currency_code": constant("EUR", n, pa.string()),
            "run_schedule_start": stamp(g["start"] * clock.DAY),
            "run_schedule_end": stamp(g["end"] * clock.DAY),
            "created_time": stamp(at[row, 0]),
            "last_modified_time": stamp(at[row, ver]),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def creative_history(w: Window) -> pa.Table | None:
    f = ad_history.flights(w, LINKEDIN)
    i, area, group, ad = ad_history.parts(LINKEDIN, w.paying, f, ads=True)
    at = ad_history.changes(LINKEDIN, f)[i] + clock.HOUR
    row, ver, arrived = _first_deliveries(w, at)
    if not len(row):
        return None
    g = f[i[row]]
    number = campaigns.ad_id(LINKEDIN, g["campaign"], area[row], 0, group[row], ad[row])
    return build(
        "creative_history",
        {
            "id": integer(number, pa.int64()),
            "campaign_id": integer(g["id"], pa.int64()),
            "click_uri": landing_page(g["campaign"]),
            "intended_status": word(_CREATIVE, ver),
            "created_at": stamp(at[row, 0]),
            "last_modified_at": stamp(at[row, ver]),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def missing(seed: int) -> tuple[np.ndarray, int]:
    """The two days whose report failed, and the day of the run that brought them (M12)."""
    k = keys.key(keys.stream_key(seed, "linkedin gap"), 0)
    first = clock.day(2025, 4, 1) + int(keys.below(k, 0, 60))
    return np.array([first, first + 1]), first + 1 + _BACK


def ad_analytics_by_creative(w: Window) -> pa.Table | None:
    held = missing(w.seed) if w.mess != "none" else None
    lines, v = ad_reports.delivered(w.seed, w.paying, LINKEDIN, w.lo, w.hi, held)
    if not len(v):
        return None
    arrived = v["run"] * clock.DAY + ad_reports.RUN
    # Money is in hundredths of a cent; the rate in 1e-8 dollars for a euro.
    rate = fx.rate_e8(w.seed, _EUR, lines["day"])
    local = (v["money"] * fx.UNIT + rate // 2) // rate
    value = v["leads"] * ad_reports.VALUE[0] + v["sign_ups"] * ad_reports.VALUE[1]
    return build(
        "ad_analytics_by_creative",
        {
            "creative_id": integer(ad_reports.ad_number(LINKEDIN, lines), pa.int64()),
            "day": stamp(lines["day"] * clock.DAY),
            "impressions": integer(v["shown"], pa.int64()),
            "clicks": integer(v["clicks"], pa.int64()),
            "cost_in_local_currency": decimal(local, 4, 18, 6),
            "cost_in_usd": decimal(v["money"], 4, 18, 6),
            "external_website_conversions": integer(v["leads"] + v["sign_ups"], pa.int64()),
            "conversion_value_in_local_currency": decimal(value, 0, 18, 6),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def _ledger(w: Window) -> pa.Table:
    table = "linkedin_ads.ad_analytics_by_creative"
    every = whole_table(
        w, table, {"M06": "cost_in_local_currency", "M18": "conversion_value_in_local_currency"}
    )
    days, run = missing(w.seed)
    at = run * clock.DAY + ad_reports.RUN
    if w.mess == "none" or not w.lo <= at < w.hi:
        return every
    late = [
        ("M12", table, f"*|{clock.as_date(d)}", "_arrived_at",
         clock.iso(int(d + 1) * clock.DAY + ad_reports.RUN), clock.iso(at))
        for d in days
    ]  # fmt: skip
    return pa.concat_tables([every, ledger(late)])


RENDERERS = {
    "account_history": account_history,
    "campaign_history": campaign_history,
    "creative_history": creative_history,
    "ad_analytics_by_creative": ad_analytics_by_creative,
}
WORLD = frozenset(RENDERERS)
LEDGERS = {"ad_analytics_by_creative": _ledger}
