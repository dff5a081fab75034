"""What the advertising platforms reported: cost, showings, clicks, claimed conversions."""

from __future__ import annotations

import polars as pl

from taproom.answers.questions.money import in_usd
from taproom.answers.questions.reference import Delivered, month_of, reference


def ad_days(given: Delivered) -> pl.DataFrame:
    """platform, campaign (the platform's id), date, spend_usd, impressions, clicks, claimed.

    The newest delivery of each row; dates are the ad account's own.
    """
    land = given.landing
    google = land.newest("google_ads", "ad_stats").select(
        "date", "impressions", "clicks",
        platform=pl.lit("google_ads"),
        campaign=pl.col("campaign_id").cast(pl.String),
        spend=pl.col("cost_micros") / 1e6,
        claimed="conversions",
        currency=pl.lit(_account(land, "google_ads", "currency_code")),
    )  # fmt: skip
    ads = land.rows("facebook_ads", "ad_history").sort("updated_time").unique("id", keep="last")
    campaigns = ads.select(ad_id=pl.col("id").cast(pl.String), campaign="campaign_id")
    facebook = land.newest("facebook_ads", "basic_ad").with_columns(pl.col("ad_id").cast(pl.String))
    facebook = facebook.join(campaigns, on="ad_id", how="left").select(
        "date", "impressions", "spend", "ad_id",
        platform=pl.lit("facebook_ads"),
        clicks="inline_link_clicks",
        campaign=pl.col("campaign").cast(pl.String),
        currency=pl.lit(_account(land, "facebook_ads", "currency")),
    )  # fmt: skip
    creatives = land.rows("linkedin_ads", "creative_history").sort("last_modified_at")
    creatives = creatives.unique("id", keep="last").select(creative_id="id", campaign="campaign_id")
    linkedin = land.newest("linkedin_ads", "ad_analytics_by_creative")
    linkedin = linkedin.join(creatives, on="creative_id", how="left").select(
        "impressions", "clicks",
        date=pl.col("day").dt.date(),
        platform=pl.lit("linkedin_ads"),
        campaign=pl.col("campaign").cast(pl.String),
        spend=pl.col("cost_in_local_currency").cast(pl.Float64),
        claimed=pl.col("external_website_conversions"),
        currency=pl.lit(_account(land, "linkedin_ads", "currency")),
    )  # fmt: skip
    rows = pl.concat([google, facebook.drop("ad_id"), linkedin], how="diagonal_relaxed")
    return in_usd(given, rows, "spend")


def _account(land, source: str, column: str) -> str:
    """Currency of the one account on a platform."""
    return land.rows(source, "account_history")[column][-1].upper()


@reference("Q12")
def spend_by_platform(given: Delivered) -> pl.DataFrame:
    rows = ad_days(given).filter(pl.col("date") <= given.today)
    first = given.today.replace(day=1)
    rows = rows.with_columns(month_of()).filter(
        pl.col("month") > first.replace(year=first.year - 1)
    )
    return rows.group_by("platform", "month").agg(
        spend_usd=pl.col("spend_usd").sum(), clicks=pl.col("clicks").sum()
    )
