"""What the advertising platforms and HubSpot's e-mails reported, beside what came of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from taproom.answers.questions.acquisition import customers
from taproom.answers.questions.money import invoices
from taproom.answers.questions.reference import Delivered, month_of, reference
from taproom.answers.questions.touches import first_payments, marketing

PLATFORMS = ("google_ads", "facebook_ads", "linkedin_ads")
CLAIMS = ["lead", "complete_registration"]


@dataclass(frozen=True)
class Campaign:
    """A paid campaign as its platform tells of it last."""

    id: str
    name: str
    objective: str
    ended_on: date | None

    @property
    def channel(self) -> str:
        if self.id.startswith("google"):
            return "brand_search" if self.name.startswith("brand-search") else "generic_search"
        return "social" if self.id.startswith("facebook") else "linkedin"


def campaigns(given: Delivered) -> dict[str, Campaign]:
    """Paid campaigns by their id."""
    land, found = given.landing, {}
    changed = {"google_ads": "updated_at", "facebook_ads": "updated_time",
               "linkedin_ads": "last_modified_time"}  # fmt: skip
    zone = ZoneInfo(land.rows("facebook_ads", "account_history")["timezone_name"][-1])
    for platform, time in changed.items():
        rows = land.newest(platform, "campaign_history").sort(time)
        for row in rows.unique("id", keep="last").to_dicts():
            objective, end = "leads", None
            if platform == "google_ads":
                end = date.fromisoformat(row["end_date"]) if row["end_date"] else None
            elif platform == "facebook_ads":
                objective = row["objective"].lower().removeprefix("outcome_")
                stop = row["stop_time"]
                end = stop and (stop - timedelta(seconds=1)).astimezone(zone).date()
            else:
                stop = row["run_schedule_end"]
                end = stop and (stop - timedelta(seconds=1)).date()
            key = f"{platform}-{row['id']}"
            found[key] = Campaign(key, row["name"], objective, end)
    return found


def ad_days(given: Delivered) -> pl.DataFrame:
    """platform, campaign (id of ours), date, spend_usd, impressions, clicks, claimed.

    The newest delivery of each row; dates are the ad account's own. LinkedIn bills in euros
    and tells the dollars too.
    """
    land = given.landing
    google = land.newest("google_ads", "ad_stats").select(
        "date", "impressions", "clicks",
        platform=pl.lit("google_ads"),
        campaign=pl.format("google_ads-{}", "campaign_id"),
        spend_usd=pl.col("cost_micros") / 1e6,
        claimed=pl.col("conversions").cast(pl.Float64),
    )  # fmt: skip
    ads = land.rows("facebook_ads", "ad_history").sort("updated_time").unique("id", keep="last")
    owners = ads.select(ad_id=pl.col("id").cast(pl.String), campaign="campaign_id")
    actions = land.newest("facebook_ads", "basic_ad_actions").with_columns(
        pl.col("ad_id").cast(pl.String)
    )
    actions = actions.filter(pl.col("action_type").is_in(CLAIMS))
    actions = actions.group_by("ad_id", "date").agg(claimed=pl.col("value").sum())
    meta = land.newest("facebook_ads", "basic_ad").with_columns(pl.col("ad_id").cast(pl.String))
    meta = meta.join(owners, on="ad_id").join(actions, on=["ad_id", "date"], how="left")
    meta = meta.select(
        "date", "impressions",
        platform=pl.lit("facebook_ads"),
        clicks="inline_link_clicks",
        campaign=pl.format("facebook_ads-{}", "campaign"),
        spend_usd="spend",
        claimed=pl.col("claimed").fill_null(0.0),
    )  # fmt: skip
    creatives = land.rows("linkedin_ads", "creative_history").sort("last_modified_at")
    creatives = creatives.unique("id", keep="last").select(creative_id="id", campaign="campaign_id")
    linkedin = land.newest("linkedin_ads", "ad_analytics_by_creative")
    linkedin = linkedin.join(creatives, on="creative_id").select(
        "impressions", "clicks",
        date=pl.col("day").dt.date(),
        platform=pl.lit("linkedin_ads"),
        campaign=pl.format("linkedin_ads-{}", "campaign"),
        spend_usd=pl.col("cost_in_usd").cast(pl.Float64),
        claimed=pl.col("external_website_conversions").cast(pl.Float64),
    )  # fmt: skip
    rows = pl.concat([google, meta, linkedin], how="diagonal_relaxed")
    return rows.filter(pl.col("date") <= given.today)


def spent(given: Delivered) -> dict[str, float]:
    """Campaign → US dollars over its whole life."""
    sums = ad_days(given).group_by("campaign").agg(pl.col("spend_usd").sum())
    return {campaign: usd for campaign, usd in sums.rows() if usd > 0}


def margin(given: Delivered) -> float:
    """Gross margin as finance reported it last."""
    sheet = given.landing.newest("finance", "gross_margin")
    known = sheet.filter(pl.col("month") <= given.today).sort("month")
    return float(known["margin"][-1])


@reference("Q12")
def spend_by_platform(given: Delivered) -> pl.DataFrame:
    first = given.today.replace(day=1)
    rows = (
        ad_days(given)
        .with_columns(month_of())
        .filter(pl.col("month") > first.replace(year=first.year - 1))
    )
    return rows.group_by("platform", "month").agg(pl.col("spend_usd").sum(), pl.col("clicks").sum())


@reference("Q13")
def rates(given: Delivered) -> pl.DataFrame:
    named = campaigns(given)
    trying = {
        account
        for account, ends in given.book.companies.accounts.select("id", "trial_ends_at").rows()
        if ends is not None
    }
    since = given.today - timedelta(days=30)
    trials = Counter(
        goal.path[-1].campaign
        for goal in marketing(given).goals
        if goal.kind == "sign_up" and goal.account in trying and since < goal.day <= given.today
    )
    days = ad_days(given).filter(given.last_days(30))
    sums = days.group_by(campaign_id="campaign").agg(
        pl.col("impressions", "clicks", "spend_usd").sum()
    )
    rows = []
    for row in sums.filter(pl.col("impressions") > 0).to_dicts():
        clicks, count = row["clicks"], trials[row["campaign_id"]]
        rows.append(
            {
                "campaign_id": row["campaign_id"],
                "campaign_name": named[row["campaign_id"]].name,
                "ctr": clicks / row["impressions"],
                "cpc_usd": row["spend_usd"] / clicks if clicks else None,
                "trials": count,
                "trials_per_click": count / clicks if clicks else None,
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


@reference("Q14")
def late_payback(given: Delivered) -> pl.DataFrame:
    named, usd, first = campaigns(given), spent(given), first_payments(given)
    won: dict[str, list[float]] = defaultdict(list)
    for goal in customers(given):
        won[goal.path[-1].campaign].append(first[goal.account][1])
    rows = []
    for campaign, cost in usd.items():
        mrr = sum(won[campaign])
        if mrr > 0 and cost / (mrr * margin(given)) > 12:
            rows.append(
                {
                    "campaign_id": campaign,
                    "campaign_name": named[campaign].name,
                    "spend_usd": cost,
                    "new_customers": len(won[campaign]),
                    "cac_usd": cost / len(won[campaign]),
                    "payback_months": cost / (mrr * margin(given)),
                }
            )
    names = ("campaign_id", "campaign_name", "spend_usd", "new_customers", "cac_usd",
             "payback_months")  # fmt: skip
    return pl.DataFrame(rows) if rows else pl.DataFrame(schema=dict.fromkeys(names, pl.String))


@reference("Q18")
def overclaiming(given: Delivered) -> pl.DataFrame:
    named = campaigns(given)
    own = Counter(
        goal.path[-1].campaign
        for goal in marketing(given).goals
        if goal.kind in ("lead", "sign_up") and goal.day <= given.today
    )
    claims = dict(ad_days(given).group_by("campaign").agg(pl.col("claimed").sum()).rows())
    rows = [
        {
            "campaign_id": campaign,
            "campaign_name": named[campaign].name,
            "platform_conversions": claimed,
            "own_conversions": own[campaign],
            "claimed_too_much": claimed - own[campaign],
        }
        for campaign, claimed in claims.items()
        if claimed - own[campaign] > 1e-9
    ]
    rows.sort(key=lambda row: (-round(row["claimed_too_much"], 6), row["campaign_id"]))
    return pl.DataFrame(rows[:20])


@reference("Q20")
def email_rates(given: Delivered) -> pl.DataFrame:
    names = dict(given.landing.newest("hubspot", "email_campaign").select("id", "name").rows())
    events = given.landing.newest("hubspot", "email_event")
    human = ~pl.col("filtered_event").fill_null(False)
    kind = pl.col("type")
    mails = events.group_by("email_campaign_id", sent=pl.coalesce("sent_by_id", "id")).agg(
        at=pl.coalesce("sent_by_created", "created").min(),
        delivered=(kind == "DELIVERED").any(),
        opened=((kind == "OPEN") & human).any(),
        clicked=((kind == "CLICK") & human).any(),
        left=(kind == "STATUSCHANGE").any(),
    )
    mails = mails.filter(pl.col("at").dt.date() <= given.today)
    sums = mails.group_by("email_campaign_id").agg(
        pl.len().alias("sent"), pl.col("delivered", "opened", "clicked", "left").sum()
    )
    total = pl.when(pl.col("delivered") > 0).then("delivered")
    return sums.select(
        "sent",
        "delivered",
        campaign_id=pl.format("hubspot-{}", "email_campaign_id"),
        campaign_name=pl.col("email_campaign_id").replace_strict(names),
        open_rate=pl.col("opened") / total,
        click_rate=pl.col("clicked") / total,
        unsubscribe_rate=pl.col("left") / total,
    )


@reference("Q21")
def returns(given: Delivered) -> pl.DataFrame:
    named, usd = campaigns(given), spent(given)
    billed: dict[str, list[tuple]] = defaultdict(list)
    for account, day, amount in _billed(given):
        billed[account].append((day, amount))
    back: Counter = Counter()
    for goal in customers(given):
        until = goal.day + timedelta(days=365)
        first_year = sum(amount for day, amount in billed[goal.account] if day < until)
        back[goal.path[-1].campaign] += first_year
    groups: dict[tuple, list[tuple]] = defaultdict(list)
    for campaign, cost in usd.items():
        one = named[campaign]
        if one.ended_on and one.ended_on + timedelta(days=455) <= given.today:
            groups[one.objective, one.channel].append((cost, back[campaign] * margin(given)))
    return pl.DataFrame(
        [
            {
                "objective": objective,
                "channel": channel,
                "campaigns": len(some),
                "spend_usd": sum(cost for cost, _ in some),
                "roi_12m": sum(profit for _, profit in some) / sum(cost for cost, _ in some) - 1,
            }
            for (objective, channel), some in groups.items()
        ]
    )


def _billed(given: Delivered) -> list[tuple]:
    """(account, day, US dollars without tax) of every final invoice."""
    owner = given.book.companies.of_customer
    ids = given.landing.newest("stripe", "invoice").select(invoice_id="id", customer="customer_id")
    rows = invoices(given).join(ids, on="invoice_id").select("customer", "billed_on", "net_usd")
    return [(owner[customer], day, amount) for customer, day, amount in rows.rows()]
