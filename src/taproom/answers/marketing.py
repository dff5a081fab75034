"""Ads, e-mails, visits and leads out of the landing files, for the answers about campaigns."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from taproom import contracts
from taproom.answers.days import Book

#: Of the delivered versions of a row: the newest, the first, or all of them.
VERSIONS = ("newest", "first", "all")
SILENCE = pl.duration(minutes=30)
COUNTRIES = {
    "United States": "US",
    "United Kingdom": "GB",
    "Germany": "DE",
    "Canada": "CA",
    "Australia": "AU",
    "France": "FR",
    "Netherlands": "NL",
    "Ireland": "IE",
    "Japan": "JP",
}


def _versions(book: Book, source: str, table: str, versions: str) -> pl.DataFrame:
    if versions == "newest":
        return book.landing.newest(source, table)
    rows = book.landing.rows(source, table)
    if versions == "all":
        return rows
    key = list(contracts.tables()[source, table].key)
    return rows.unique(key, keep="first", maintain_order=True)


# --- ads ---------------------------------------------------------------------------------------
def ad_days(book: Book, versions: str = "newest") -> pl.DataFrame:
    """platform, campaign, date, spend_usd, spend_local, impressions, clicks: a row a line of the
    platform's report; dates are the ad account's."""
    google = _versions(book, "google_ads", "ad_stats", versions).select(
        platform=pl.lit("google_ads"),
        campaign=pl.col("campaign_id").cast(pl.String),
        date="date",
        spend_usd=pl.col("cost_micros") / 1e6,
        spend_local=pl.col("cost_micros") / 1e6,
        impressions="impressions",
        clicks="clicks",
    )
    ads = book.landing.rows("facebook_ads", "ad_history").select(
        ad_id=pl.col("id").cast(pl.String), campaign=pl.col("campaign_id").cast(pl.String)
    )
    facebook = _versions(book, "facebook_ads", "basic_ad", versions).with_columns(
        pl.col("ad_id").cast(pl.String)
    )
    facebook = facebook.join(ads.unique("ad_id"), on="ad_id", how="left").select(
        platform=pl.lit("facebook_ads"),
        campaign="campaign",
        date="date",
        spend_usd=pl.col("spend").cast(pl.Float64),
        spend_local=pl.col("spend").cast(pl.Float64),
        impressions="impressions",
        clicks="inline_link_clicks",
    )
    creatives = book.landing.rows("linkedin_ads", "creative_history").select(
        creative_id="id", campaign=pl.col("campaign_id").cast(pl.String)
    )
    linkedin = _versions(book, "linkedin_ads", "ad_analytics_by_creative", versions)
    linkedin = linkedin.join(creatives.unique("creative_id"), on="creative_id", how="left").select(
        platform=pl.lit("linkedin_ads"),
        campaign="campaign",
        date=pl.col("day").dt.date(),
        spend_usd=pl.col("cost_in_usd").cast(pl.Float64),
        spend_local=pl.col("cost_in_local_currency").cast(pl.Float64),
        impressions="impressions",
        clicks="clicks",
    )
    return pl.concat([google, facebook, linkedin], how="vertical_relaxed")


def claims(book: Book, versions: str = "newest") -> pl.DataFrame:
    """platform, date, action, claimed, clicked, viewed: conversions the platforms claim; action
    is Meta's, null at the others."""
    google = _versions(book, "google_ads", "ad_stats", versions).select(
        platform=pl.lit("google_ads"),
        date="date",
        action=pl.lit(None, pl.String),
        claimed=pl.col("conversions").cast(pl.Float64),
    )
    facebook = _versions(book, "facebook_ads", "basic_ad_actions", versions).select(
        platform=pl.lit("facebook_ads"),
        date="date",
        action="action_type",
        claimed=pl.col("value").cast(pl.Float64),
        clicked=pl.col("_7_d_click").cast(pl.Float64).fill_null(0.0),
        viewed=pl.col("_1_d_view").cast(pl.Float64).fill_null(0.0),
    )
    linkedin = _versions(book, "linkedin_ads", "ad_analytics_by_creative", versions).select(
        platform=pl.lit("linkedin_ads"),
        date=pl.col("day").dt.date(),
        action=pl.lit(None, pl.String),
        claimed=pl.col("external_website_conversions").cast(pl.Float64),
    )
    rows = pl.concat([google, facebook, linkedin], how="diagonal_relaxed")
    return rows.with_columns(pl.col("clicked", "viewed").fill_null(0.0))


# --- e-mails -----------------------------------------------------------------------------------
def email_events(book: Book) -> pl.DataFrame:
    """sent (id of the sending), sent_on, kind (of mailing), type, is_machine: a row an event."""
    mailings = book.landing.newest("hubspot", "email_campaign").select(
        email_campaign_id="id", kind=pl.col("name").str.split(" ").list.first()
    )
    events = book.landing.newest("hubspot", "email_event").select(
        "email_campaign_id",
        "type",
        sent=pl.coalesce("sent_by_id", "id"),
        sent_on=pl.coalesce("sent_by_created", "created").dt.date(),
        is_machine=pl.col("filtered_event").fill_null(False),
    )
    return events.join(mailings, on="email_campaign_id")


# --- visits ------------------------------------------------------------------------------------
def visits(book: Book) -> pl.DataFrame:
    """One row a visit: browser, date (UTC day it began on), country, region, is_machine,
    is_office, is_login, is_lead, is_sign_up."""
    events = book.landing.newest("ga4", "event", "_fivetran_id")
    of_visit = ["user_pseudo_id", "param_ga_session_id"]
    pages = ((pl.col("name") == "page_view").sum().over(of_visit)) >= 3
    engaged = pl.col("param_session_engaged").fill_null(False).any().over(of_visit)
    events = events.with_columns(is_machine=pages & ~engaged).sort(
        "user_pseudo_id", "timestamp", "_fivetran_id"
    )
    gap = pl.col("timestamp") - pl.col("timestamp").shift(1).over("user_pseudo_id")
    number = (gap > SILENCE).fill_null(True).cast(pl.Int64).cum_sum().over("user_pseudo_id")
    found = (
        events.with_columns(number=number)
        .group_by("user_pseudo_id", "number")
        .agg(
            date=pl.col("timestamp").min().dt.date(),
            country=pl.col("geo_country").min().replace(COUNTRIES),
            region=pl.col("geo_region").min(),
            is_machine=pl.col("is_machine").any(),
            is_tagged=pl.col("param_source").is_not_null().any()
            | pl.col("param_gclid").is_not_null().any(),
            is_login=(pl.col("name") == "login").any(),
            is_lead=(pl.col("name") == "generate_lead").any(),
            is_sign_up=(pl.col("name") == "sign_up").any(),
        )
    )
    wants = pl.col("is_tagged") | pl.col("is_login") | pl.col("is_lead") | pl.col("is_sign_up")
    return found.with_columns(
        is_office=(pl.len().over("user_pseudo_id") >= 3) & ~wants.any().over("user_pseudo_id")
    ).rename({"user_pseudo_id": "browser"})


def holdout(book: Book) -> tuple[pl.DataFrame, list]:
    """Markets (country, region) in which Meta's ads were switched off, and the Mondays of it."""
    sets = book.landing.newest("facebook_ads", "ad_set_history").sort("id", "updated_time")
    spans = sets.with_columns(
        until=pl.col("updated_time").shift(-1).over("id").fill_null(book.landing.as_of),
        places=pl.col("targeting_excluded_regions").cast(pl.String),
    ).filter(pl.col("places").is_not_null(), pl.col("status") == "ACTIVE")
    if spans.is_empty():
        return pl.DataFrame(schema={"country": pl.String, "region": pl.String}), []
    place = pl.List(pl.Struct({"name": pl.String, "country": pl.String}))
    markets = (
        spans.select(pl.col("places").str.json_decode(place).explode())
        .unnest("places")
        .select("country", region="name")
        .unique()
    )
    first, last = spans["updated_time"].min(), spans["until"].max()
    mondays = pl.date_range(
        datetime(2023, 1, 2), datetime(2026, 1, 1), "1w", eager=True
    ).to_list()  # of every week; Wednesday's end decides
    inside = []
    for monday in mondays:
        middle = datetime(monday.year, monday.month, monday.day, tzinfo=first.tzinfo)
        middle += pl.select(pl.duration(days=3)).item()
        if first < middle < last:
            inside.append(monday)
    return markets, inside


# --- leads -------------------------------------------------------------------------------------
def _mailbox(column: str) -> pl.Expr:
    """One spelling for one mailbox: lower case, no blanks, no alias behind a plus."""
    return pl.col(column).str.strip_chars().str.to_lowercase().str.replace(r"[+][^@]*@", "@")


def leads(book: Book) -> pl.DataFrame:
    """contact, group (of the lift test, null outside it), has_signed_up (after the form fill, or
    since HubSpot knew them): a row a person who filled in a form or is in the test, contacts of
    test accounts left out."""
    land = book.landing
    forms = land.rows("hubspot", "contact_property_history").filter(pl.col("source") == "FORM")
    forms = forms.group_by("contact_id").agg(lead_at=pl.col("timestamp").min())
    contacts = land.newest("hubspot", "contact").select(
        contact_id="id",
        mailbox=_mailbox("property_email"),
        company="property_associatedcompanyid",
        group="property_email_test_group",
        created_at="property_createdate",
    )
    users = land.newest("app", "users").with_columns(mailbox=_mailbox("email"))
    users = users.filter(pl.col("mailbox").is_not_null())
    users = users.group_by("mailbox").agg(by_mail=pl.col("account_id").min())
    accounts = land.newest("app", "accounts")
    companies = (
        accounts.filter(pl.col("hubspot_company_id").is_not_null())
        .group_by(company="hubspot_company_id")
        .agg(by_company=pl.col("id").min())
    )
    survivor = book.companies.survivor
    signed = (
        accounts.select(
            account=pl.col("id").replace_strict(survivor, default=None, return_dtype=pl.String),
            signed_at="created_at",
        )
        .group_by("account")
        .agg(pl.col("signed_at").min())
    )
    found = (
        contacts.join(forms, on="contact_id", how="left")
        .filter(pl.col("lead_at").is_not_null() | pl.col("group").is_not_null())
        .join(users, on="mailbox", how="left")
        .join(companies, on="company", how="left")
        .with_columns(raw=pl.coalesce("by_mail", "by_company"))
        .with_columns(
            account=pl.col("raw").replace_strict(survivor, default=None, return_dtype=pl.String)
        )
        .filter(pl.col("raw").is_null() | pl.col("account").is_in(list(book.companies.real)))
        .join(signed, on="account", how="left")
    )
    return found.select(
        contact="contact_id",
        group="group",
        has_signed_up=(pl.col("signed_at") > pl.coalesce("lead_at", "created_at")).fill_null(False),
    )
