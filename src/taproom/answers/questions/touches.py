"""How people came: their touches, what each goal is credited to, and campaigns by their tags."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from taproom.answers.questions import people, visits
from taproom.answers.questions.reference import Delivered

WINDOW = timedelta(days=90)
SAME_CLICK = timedelta(minutes=10)
REST = {
    "brand_search": "google_ads-unknown", "generic_search": "google_ads-unknown",
    "search_other": "google_ads-unknown", "social": "facebook_ads-unknown",
    "linkedin": "linkedin_ads-unknown",
}  # fmt: skip
PLATFORMS = {"brand_search": "google_ads", "generic_search": "google_ads",
             "social": "facebook_ads", "linkedin": "linkedin_ads"}  # fmt: skip
AREAS = {"US": "us", "CA": "us", "AU": "apac", "JP": "apac"}


@dataclass(frozen=True)
class Touch:
    """One touch of a person (an account, else a contact)."""

    at: datetime
    id: str
    channel: str
    campaign: str


@dataclass(frozen=True)
class Goal:
    """A form fill, a sign-up or a first payment, with the touches of the 90 days before."""

    kind: str
    account: str | None
    contact: int | None
    at: datetime
    path: tuple[Touch, ...]

    @property
    def day(self) -> date:
        """UTC day whose end first shows it."""
        return (self.at - timedelta(microseconds=1)).date()


@dataclass
class Marketing:
    """Touches and goals of one company."""

    contacts: list[people.Contact]
    touches: dict[str, list[Touch]]
    goals: list[Goal]


def marketing(given: Delivered) -> Marketing:
    """All of it, worked out once."""
    return given.kept("marketing", lambda: _marketing(given))


def first_payments(given: Delivered) -> dict[str, tuple[datetime, float]]:
    """Account → when its MRR first rose above zero, and that first MRR in US dollars."""
    first: dict[str, datetime] = {}
    begun: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for one in given.book.subscriptions:
        for instant, state in zip(one.instants, one.states, strict=True):
            if state.is_counted and state.list_local - state.discount_local > 1e-9:
                first[one.account_id] = min(instant, first.get(one.account_id, instant))
                begun[one.account_id].append((instant, one.id))
                break
    daily = {
        (name, day): mrr
        for name, day, mrr in given.book.daily.select("subscription_id", "date", "mrr_usd").rows()
    }
    found = {}
    for account, at in first.items():
        day = _day(at)
        mrr = sum(daily.get((name, day), 0.0) for i, name in begun[account] if _day(i) == day)
        found[account] = (at, mrr)
    return found


def sign_ups(given: Delivered) -> dict[str, datetime]:
    """Account → when it signed up; the first of merged accounts."""
    found: dict[str, datetime] = {}
    rows = given.book.companies.accounts.select("id", "created_at").rows()
    for account, created in rows:
        if account in given.survivor:
            kept = given.survivor[account]
            found[kept] = min(created, found.get(kept, created))
    return found


def _marketing(given: Delivered) -> Marketing:
    counted, traces = visits.read(given)
    known = people.contacts(given)
    owners = _owners(given, traces, known)
    clicks = _clicks(given, known)
    tags = _Tags(given)
    touches: dict[str, list[Touch]] = defaultdict(list)
    for one in counted:
        person = owners.get(one.browser)
        if person is None:
            continue
        if one.channel == "email" and any(
            abs(one.at - at) <= SAME_CLICK for at, _, _ in clicks.get(person, ())
        ):
            continue  # the click itself stands for it
        campaign = tags.campaign(one.channel, one.campaign, one.at, one.country)
        touches[person].append(Touch(one.at, f"{one.browser}-{one.at}", one.channel, campaign))
    for person, several in clicks.items():
        for at, sent, mailing in several:
            touches[person].append(Touch(at, sent, "email", f"hubspot-{mailing}"))
    seen = {one.sign_up_at for one in counted if one.sign_up_at}
    columns = ("id", "created_at", "country", "utm_source", "utm_medium", "utm_campaign")
    for account, at, country, *utm in given.book.companies.accounts.select(columns).rows():
        if account in given.survivor and at not in seen:
            source, medium = visits.source_word(utm[0]), visits.medium_word(utm[1])
            campaign = visits.campaign_word(utm[2])
            channel = visits.channel(source, medium, campaign, False)
            name = tags.campaign(channel, campaign, at, country)
            touch = Touch(at, f"sign_up-{account}", channel, name)
            touches[given.survivor[account]].append(touch)
    for several in touches.values():
        several.sort(key=lambda touch: (touch.at, touch.id))
    return Marketing(known, dict(touches), _goals(given, known, touches))


def _goals(given: Delivered, known: list[people.Contact], touches: dict) -> list[Goal]:
    found = []

    def add(kind: str, person: str, account: str | None, contact: int | None, at: datetime):
        recent = [one for one in touches.get(person, ()) if at - WINDOW < one.at <= at]
        other = [one for one in recent if one.channel != "direct"]
        path = other or recent or [Touch(at, "none", "direct", "none-direct")]
        found.append(Goal(kind, account, contact, at, tuple(path)))

    for one in known:
        if one.lead_at is not None:
            add("lead", one.person, one.account, one.id, one.lead_at)
    for account, at in sign_ups(given).items():
        add("sign_up", account, account, None, at)
    for account, (at, _) in first_payments(given).items():
        add("customer", account, account, None, at)
    return found


def _owners(given: Delivered, traces: list, known: list[people.Contact]) -> dict[str, str]:
    """Browser → person, by the surest trace: a sign-up, a recognised user, a form."""
    made: dict[tuple, list[str]] = defaultdict(list)
    columns = ("id", "created_at", "country")
    for account, at, country in given.book.companies.accounts.select(columns).rows():
        if account in given.survivor:
            made[at, country].append(given.survivor[account])
    users = {
        user: given.survivor[account]
        for user, account in given.landing.newest("app", "users").select("id", "account_id").rows()
        if account in given.survivor
    }
    forms: dict[datetime, list[people.Contact]] = defaultdict(list)
    for one in known:
        if one.lead_at is not None:
            forms[one.lead_at].append(one)
    found: dict[str, tuple] = {}
    for one in traces:
        options = [
            (1, one.sign_up_at, person) for person in made.get((one.sign_up_at, one.country), ())
        ]
        if one.user in users:
            options.append((2, one.at, users[one.user]))
        options += [(3, one.lead_at, contact.person) for contact in forms.get(one.lead_at, ())]
        for option in options:
            found[one.browser] = min(option, found.get(one.browser, option))
    return {browser: person for browser, (_, _, person) in found.items()}


def _clicks(given: Delivered, known: list[people.Contact]) -> dict[str, list[tuple]]:
    """Person → (first click, sent event, mailing) of each e-mail whose tagged link was clicked."""
    land = given.landing
    holders: dict[str, people.Contact] = {}
    for one in sorted(known, key=lambda contact: (contact.created_at, contact.id)):
        if one.address:
            holders.setdefault(one.address, one)
    erased = people.erased_addresses(given)
    links = land.newest("hubspot", "email_event_click")
    tagged = set(links.filter(pl.col("url").str.contains("utm_campaign="))["id"])
    first: dict[tuple, datetime] = {}
    columns = ("id", "type", "created", "email_campaign_id", "recipient", "sent_by_id",
               "filtered_event")  # fmt: skip
    events = land.newest("hubspot", "email_event").select(columns)
    for key, _, at, mailing, recipient, sent, machine in events.rows():
        address = people.normal(recipient)
        if key in tagged and not machine and address in holders and address not in erased:
            mail = (holders[address].person, sent or key, mailing)
            first[mail] = min(at, first.get(mail, at))
    found: dict[str, list[tuple]] = defaultdict(list)
    for (person, sent, mailing), at in first.items():
        found[person].append((at, sent, mailing))
    return found


class _Tags:
    """Which campaign a visit's tag stands for on a day; Google's were split by area in 2025."""

    def __init__(self, given: Delivered) -> None:
        self.by_tag: dict[tuple, list[tuple]] = defaultdict(list)
        for platform, time in (("google_ads", "updated_at"), ("facebook_ads", "updated_time"),
                               ("linkedin_ads", "last_modified_time")):  # fmt: skip
            rows = given.landing.newest(platform, "campaign_history").sort(time)
            rows = rows.unique("id", keep="last", maintain_order=True)
            begins = rows["start_date"] if platform == "google_ads" else [None] * len(rows)
            whole = {n for n in rows["name"] if " | " not in n}
            split: dict[str, date] = {}
            parts = []
            for key, name, begin in zip(rows["id"], rows["name"], begins, strict=True):
                tag, _, area = name.partition(" | ")
                start = date.fromisoformat(begin) if begin else None
                parts.append((key, tag, area, start))
                if area and tag in whole:
                    split[tag] = min(start, split.get(tag, start))
            for key, tag, area, start in parts:
                since = start if area and tag in whole else date.min
                until = split.get(tag, date.max) if not area else date.max
                self.by_tag[platform, tag].append((since, until, area, f"{platform}-{key}"))

    def campaign(self, channel: str, tag: str | None, at: datetime, country: str | None) -> str:
        platform, day = PLATFORMS.get(channel), at.astimezone(UTC).date()
        area = AREAS.get(country or "", "emea")
        if platform and tag:
            for since, until, part, name in self.by_tag.get((platform, tag), ()):
                if since <= day < until and part in ("", area):
                    return name
        return REST.get(channel, f"none-{channel}")


def _day(at: datetime) -> date:
    return (at - timedelta(microseconds=1)).date()
