"""What each subscription was at every instant: status, plan, prices, discounts.

Walks through the deliveries of one subscription after the other, as a bookkeeper would, and keeps
beside the official amounts the pieces wrong roads are made of: the amount of an invoice that was
not divided by its months, the once-coupon, the price a trial would pay.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from taproom.answers.companies import Companies
from taproom.answers.landing import Landing

MONTHS = {"month": 1.0, "year": 12.0, "week": 12 / 52, "day": 12 / 365}
COUNTED = ("active", "past_due")


@dataclass(frozen=True)
class State:
    """A subscription from an instant on. Amounts in major units of its currency.

    `list_local` per month; `discount_local` recurring discounts per month; `invoice_local` the
    items per billing interval, not divided by its `months`; `unit_local` one unit of each item,
    per month.
    """

    status: str
    is_paused: bool
    is_leaving: bool
    currency: str | None
    plan_tier: str | None
    interval: str | None
    list_local: float
    invoice_local: float
    discount_local: float
    unit_local: float
    months: float

    @property
    def is_counted(self) -> bool:
        return self.status in COUNTED and not self.is_paused

    @property
    def is_alive(self) -> bool:
        return self.status in COUNTED or self.status == "paused"


@dataclass(frozen=True)
class Version:
    """One version of a subscription: since when it held, and since when it was known."""

    valid_from: datetime
    start: datetime
    known_at: datetime
    row: dict[str, Any]


@dataclass(frozen=True)
class Discount:
    """A coupon on a subscription: percent, or amount in major units an invoice."""

    start: datetime
    end: datetime | None
    percent: float
    amount: float
    duration: str

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant and (self.end is None or instant < self.end)


@dataclass(frozen=True)
class Refund:
    """A refund of a whole paid period: when it was made, and since when it was known."""

    created: datetime
    known_at: datetime


@dataclass(frozen=True)
class Subscription:
    """The states of one subscription in order; `versions` as Stripe's history has them.

    `refund_end` is the refund that ended it before Stripe says so, if there was one.
    """

    id: str
    account_id: str
    versions: list[Version]
    discounts: list[Discount]
    refund_end: Refund | None
    instants: list[datetime]
    states: list[State]

    def at(self, instant: datetime) -> State | None:
        """The state at an instant, changes of that very instant included."""
        place = bisect_right(self.instants, instant)
        return self.states[place - 1] if place else None


def subscriptions(landing: Landing, companies: Companies) -> list[Subscription]:
    """Every subscription of a real account, as known at the landing's clock."""
    history = versions(landing)
    items = _items(landing, history)
    prices = {row["id"]: _price(row) for row in landing.newest("stripe", "price").to_dicts()}
    discounts = _discounts(landing)
    refunded = _refunds_of_periods(landing)
    found = []
    for name, known in history.items():
        account = companies.of_customer.get(known[-1].row["customer_id"])
        if account is not None:
            offers = discounts.get(name, [])
            walk = _Walk(known, items.get(name, []), offers, prices)
            end = _refund_end(known, refunded.get(name, []))
            instants, states = walk.states(end.created if end else None)
            found.append(Subscription(name, account, known, offers, end, instants, states))
    return found


def versions(landing: Landing) -> dict[str, list[Version]]:
    """The versions of each subscription by start; a backdated end holds from that end on."""
    rows = landing.rows("stripe", "subscription_history")
    key = ["id", "_fivetran_start"]
    known = rows.group_by(key).agg(pl.col("_arrived_at").min().alias("known_at"))
    newest = rows.unique(key, keep="last", maintain_order=True).join(known, on=key)
    found: dict[str, list[Version]] = defaultdict(list)
    for row in newest.sort(key).to_dicts():
        start, ended = row["_fivetran_start"], row["ended_at"]
        backdated = row["status"] == "canceled" and ended is not None and ended < start
        found[row["id"]].append(Version(ended if backdated else start, start, row["known_at"], row))
    return found


@dataclass(frozen=True)
class _Price:
    currency: str
    unit_amount: float
    months: float
    interval: str
    tier: str | None
    is_plan: bool
    is_licensed: bool


@dataclass(frozen=True)
class _Item:
    instant: datetime
    id: str
    price_id: str
    quantity: int


class _Walk:
    """Goes through the instants of one subscription at which anything changes."""

    def __init__(
        self,
        known: list[Version],
        items: list[_Item],
        discounts: list[Discount],
        prices: dict[str, _Price],
    ) -> None:
        self.known, self.items, self.discounts, self.prices = known, items, discounts, prices

    def states(self, end: datetime | None) -> tuple[list[datetime], list[State]]:
        first = min(version.valid_from for version in self.known)
        edges = {version.valid_from for version in self.known}
        edges |= {item.instant for item in self.items}
        for discount in self.discounts:
            edges |= {discount.start} | ({discount.end} if discount.end else set())
        if end is not None:
            edges.add(end)
        instants = sorted(edge for edge in edges if edge >= first)
        return instants, [self._at(instant, end) for instant in instants]

    def _at(self, instant: datetime, end: datetime | None) -> State:
        # Of the versions that hold by now the one made last counts: a backdated end wins over
        # what was thought to follow it.
        row = [one for one in self.known if one.valid_from <= instant][-1].row
        current: dict[str, _Item] = {}
        for item in self.items:
            if item.instant <= instant:
                current[item.id] = item
        licensed = [
            (self.prices[item.price_id], item.quantity)
            for item in current.values()
            if item.quantity and self.prices[item.price_id].is_licensed
        ]
        plan = next((price for price, _ in licensed if price.is_plan), None)
        per_month = sum(price.unit_amount * count / price.months for price, count in licensed)
        months = plan.months if plan else 1.0
        ended = end is not None and instant >= end
        return State(
            status="canceled" if ended else row["status"],
            is_paused=row["pause_collection_behavior"] is not None,
            is_leaving=bool(row["cancel_at_period_end"]),
            currency=licensed[0][0].currency if licensed else None,
            plan_tier=plan.tier if plan else None,
            interval=plan.interval if plan else None,
            list_local=per_month,
            invoice_local=sum(price.unit_amount * count for price, count in licensed),
            discount_local=self._discount(instant, per_month, months),
            unit_local=sum(price.unit_amount / price.months for price, _ in licensed),
            months=months,
        )

    def _discount(self, instant: datetime, gross: float, months: float) -> float:
        """Recurring discounts per month: percent first, then amounts, never more than the list."""
        recurring = [one for one in self.discounts if one.holds(instant) and one.duration != "once"]
        left = gross
        for one in recurring:
            left *= 1 - one.percent / 100
        left -= sum(one.amount / months for one in recurring)
        return min(gross, gross - left)


def _price(row: dict[str, Any]) -> _Price:
    about = json.loads(row["metadata"] or "{}")
    unit, count = row["recurring_interval"], row["recurring_interval_count"] or 1
    currency = row["currency"].upper()
    quarter = unit == "month" and count == 3
    return _Price(
        currency=currency,
        unit_amount=(row["unit_amount"] or 0) / minor_units(currency),
        months=MONTHS.get(unit, 1.0) * count,
        interval="quarter" if quarter else (unit or "once"),
        tier=about.get("plan_tier"),
        is_plan=about.get("component") == "plan",
        is_licensed=row["recurring_usage_type"] == "licensed",
    )


def minor_units(currency: str) -> int:
    """How many minor units make one of the currency: the yen has none."""
    return 1 if currency == "JPY" else 100


def _items(landing: Landing, history: dict[str, list[Version]]) -> dict[str, list[_Item]]:
    """Deliveries of items, at the newest change the same sync run brought of the subscription."""
    changed: dict[tuple[str, datetime], datetime] = {}
    rows = landing.rows("stripe", "subscription_history")
    for name, synced, start in rows.select("id", "_fivetran_synced", "_fivetran_start").rows():
        if start > changed.get((name, synced), datetime.min.replace(tzinfo=start.tzinfo)):
            changed[name, synced] = start
    found: dict[str, list[_Item]] = defaultdict(list)
    columns = ("subscription_id", "_fivetran_synced", "id", "plan_id", "quantity")
    for row in landing.rows("stripe", "subscription_item").select(columns).rows():
        name, synced, item, price, quantity = row
        instant = changed.get((name, synced), synced)
        found[name].append(_Item(instant, item, price, quantity or 0))
    for name, several in found.items():
        several.sort(key=lambda item: item.instant)
        first = history[name][0].valid_from if name in history else several[0].instant
        if several[0].instant > first:  # never younger than what it belongs to
            several[0] = _Item(first, several[0].id, several[0].price_id, several[0].quantity)
    return found


def _discounts(landing: Landing) -> dict[str, list[Discount]]:
    coupons = {row["id"]: row for row in landing.newest("stripe", "coupon").to_dicts()}
    rows = pl.concat(
        [landing.rows("stripe", "subscription_discount"), landing.rows("stripe", "discount")],
        how="diagonal_relaxed",
    ).sort("_arrived_at", maintain_order=True)
    found: dict[str, list[Discount]] = defaultdict(list)
    for row in rows.unique(["id", "start"], keep="last", maintain_order=True).to_dicts():
        coupon = coupons[row["coupon_id"]]
        units = minor_units((coupon["currency"] or "usd").upper())
        found[row["subscription_id"]].append(
            Discount(
                row["start"],
                row["end"],
                coupon["percent_off"] or 0.0,
                (coupon["amount_off"] or 0) / units,
                coupon["duration"],
            )
        )
    return found


def _refunds_of_periods(landing: Landing) -> dict[str, list[Refund]]:
    """Refunds of a whole charge inside the period its invoice pays for, by subscription."""
    charges = landing.newest("stripe", "charge").select("id", "amount", "invoice_id")
    invoices = landing.newest("stripe", "invoice").select("id", "subscription_id")
    lines = (
        landing.newest("stripe", "invoice_line_item")
        .filter(~pl.col("proration"), pl.col("type") == "subscription")
        .group_by("invoice_id")
        .agg(pl.col("period_start").min(), pl.col("period_end").max())
    )
    refunds = landing.newest("stripe", "refund").filter(pl.col("status") == "succeeded")
    found = (
        refunds.select("charge_id", "created", "_arrived_at", refunded="amount")
        .join(charges, left_on="charge_id", right_on="id")
        .join(invoices, left_on="invoice_id", right_on="id")
        .join(lines, on="invoice_id")
        .filter(
            pl.col("refunded") == pl.col("amount"),
            pl.col("created") >= pl.col("period_start"),
            pl.col("created") < pl.col("period_end"),
        )
    )
    by_subscription: dict[str, list[Refund]] = defaultdict(list)
    columns = ("subscription_id", "created", "_arrived_at")
    for name, created, arrived in found.sort("created").select(columns).rows():
        by_subscription[name].append(Refund(created, arrived))
    return by_subscription


def _refund_end(known: list[Version], refunds: list[Refund]) -> Refund | None:
    """The refund that ended a subscription whose end had been asked for, if there was one."""
    for refund in refunds:
        row = [one for one in known if one.valid_from <= refund.created]
        if row and row[-1].row["cancel_at_period_end"] and row[-1].row["status"] in COUNTED:
            return refund
    return None
