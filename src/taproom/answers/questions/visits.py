"""Visits of the web site, and the channel each came by."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from taproom.answers.questions.reference import Delivered

PAUSE = timedelta(minutes=30)
COUNTRIES = {
    "United States": "US", "United Kingdom": "GB", "Germany": "DE", "Canada": "CA",
    "Australia": "AU", "France": "FR", "Netherlands": "NL", "Ireland": "IE", "Japan": "JP",
}  # fmt: skip
SOURCES = {"fb": "facebook", "lnkd": "linkedin", "email": "newsletter", "mailing": "newsletter"}
MEDIA = {"ppc": "cpc", "paid": "cpc", "social": "paid_social", "e_mail": "email"}
GROUPS = {
    "brand_search": "paid_search", "generic_search": "paid_search", "search_other": "paid_search",
    "social": "paid_social", "linkedin": "paid_social", "organic": "organic_search",
    "review_site": "referral", "partner": "referral",
}  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """A visit by a person; machines, the office and visits on the way to the login are none."""

    browser: str
    at: datetime
    channel: str
    campaign: str | None
    country: str | None
    user: str | None
    lead_at: datetime | None
    sign_up_at: datetime | None


def source_word(text: str | None) -> str | None:
    """The tag utm_source as one word for one thing."""
    word = re.sub(r"[.]com$", "", (text or "").strip().lower())
    return None if word in ("", "(not set)") else SOURCES.get(word, word)


def medium_word(text: str | None) -> str | None:
    """The tag utm_medium likewise."""
    word = (text or "").strip().lower().replace("-", "_").replace(" ", "_")
    return None if word in ("", "(not_set)") else MEDIA.get(word, word)


def campaign_word(text: str | None) -> str | None:
    """The tag utm_campaign; none where a template was not filled in."""
    word = (text or "").strip().lower()
    return None if word in ("", "(not set)") or "{" in word or "%7b" in word else word


def channel(source: str | None, medium: str | None, campaign: str | None, clicked: bool) -> str:
    """The channel that cleaned tags stand for; `clicked` is Google's mark of an ad."""
    if medium == "organic":
        return "organic"
    if source == "google" or clicked:
        if campaign is None:
            return "search_other"
        return "brand_search" if campaign.startswith("brand-search") else "generic_search"
    names = {"facebook": "social", "linkedin": "linkedin", "newsletter": "email",
             "capterra": "review_site", "partner": "partner"}  # fmt: skip
    return names.get(source or "", "direct")


def group(channel: str) -> str:
    """The coarser grouping that reports use."""
    return GROUPS.get(channel, channel)


def read(given: Delivered) -> tuple[list[Visit], list[Visit]]:
    """Visits that are touches, and all visits that tell whose a browser is."""
    events = given.landing.newest("ga4", "event").sort("user_pseudo_id", "timestamp",
                                                        "_fivetran_id")  # fmt: skip
    columns = (
        "user_pseudo_id", "timestamp", "name", "user_id", "geo_country", "param_source",
        "param_medium", "param_campaign", "param_gclid", "param_ga_session_id",
        "param_session_engaged",
    )  # fmt: skip
    browsers: dict[str, list[dict]] = defaultdict(list)
    for row in events.select(columns).iter_rows(named=True):
        browsers[row["user_pseudo_id"]].append(row)
    machines = _machines(browsers)
    touches, traces = [], []
    for browser, rows in browsers.items():
        visits = [_visit(browser, part) for part in _parts(rows)]
        office = len(visits) >= 3 and not any(
            source or clicked or login or one.lead_at or one.sign_up_at
            for one, source, clicked, login in visits
        )
        for (one, _, _, login), part in zip(visits, _parts(rows), strict=True):
            traces.append(one)
            machine = any((browser, row["param_ga_session_id"]) in machines for row in part)
            if not (machine or office or login):
                touches.append(one)
    return touches, traces


def _machines(browsers: dict[str, list[dict]]) -> set[tuple[str, str]]:
    """Visits by Analytics' own count with three pages and more and no stay on any."""
    pages: dict[tuple, int] = defaultdict(int)
    stayed = set()
    for browser, rows in browsers.items():
        for row in rows:
            key = (browser, row["param_ga_session_id"])
            pages[key] += row["name"] == "page_view"
            if row["param_session_engaged"]:
                stayed.add(key)
    return {key for key, count in pages.items() if count >= 3 and key not in stayed}


def _parts(rows: list[dict]) -> list[list[dict]]:
    parts = [[rows[0]]]
    for before, row in itertools.pairwise(rows):
        if row["timestamp"] - before["timestamp"] > PAUSE:
            parts.append([])
        parts[-1].append(row)
    return parts


def _visit(browser: str, rows: list[dict]) -> tuple[Visit, str | None, bool, bool]:
    """The visit, its source, whether a Google ad was clicked, whether it led to the login."""
    tagged = [row for row in rows if source_word(row["param_source"]) or row["param_gclid"]]
    first = tagged[0] if tagged else rows[0]
    source, medium = source_word(first["param_source"]), medium_word(first["param_medium"])
    campaign = campaign_word(first["param_campaign"])
    clicked = any(row["param_gclid"] for row in rows)
    named = defaultdict(list)
    for row in rows:
        named[row["name"]].append(row["timestamp"])
    users = [row["user_id"] for row in rows if row["user_id"]]
    countries = [row["geo_country"] for row in rows if row["geo_country"]]
    visit = Visit(
        browser,
        rows[0]["timestamp"],
        channel(source, medium, campaign, clicked),
        None if medium == "organic" else campaign,
        COUNTRIES.get(min(countries)) if countries else None,
        max(users) if users else None,
        min(named["generate_lead"], default=None),
        min(named["sign_up"], default=None),
    )
    return visit, source, clicked, bool(named["login"])
