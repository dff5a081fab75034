"""Questions about where customers came from and what they cost and are worth."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta

import polars as pl

from taproom.answers.questions.ads import ad_days, campaigns, margin
from taproom.answers.questions.money import sm_expense
from taproom.answers.questions.reference import Delivered, reference
from taproom.answers.questions.standing import standings
from taproom.answers.questions.touches import Goal, marketing
from taproom.answers.questions.venues import litres

ENOUGH_ENDS = 30


def goals(given: Delivered) -> dict[str, Goal]:
    """Account → the goal its origin is read from: the first payment, else the sign-up."""
    found: dict[str, Goal] = {}
    for goal in marketing(given).goals:
        if goal.kind == "customer" or (goal.kind == "sign_up" and goal.account not in found):
            found[goal.account] = goal
    return found


def channels(given: Delivered) -> dict[str, str]:
    """Account → channel of the last touch that was not direct."""
    return {account: goal.path[-1].channel for account, goal in goals(given).items()}


def costs(given: Delivered) -> dict[str, float]:
    """Account → fully loaded cost of winning it; absent until finance closed the month."""
    expense = dict(sm_expense(given).rows())
    named = campaigns(given)
    total: Counter = Counter()
    for month, usd in expense.items():
        total[_quarter(month)] += usd
    media: Counter = Counter()
    for campaign, day, usd in ad_days(given).select("campaign", "date", "spend_usd").rows():
        if day.replace(day=1) in expense:
            media[_quarter(day), named[campaign].channel] += usd
    won = {
        account: (_quarter(goal.day), goal.path[-1].channel)
        for account, goal in goals(given).items()
        if goal.kind == "customer" and goal.day.replace(day=1) in expense
    }
    by_channel, by_quarter = Counter(won.values()), Counter(quarter for quarter, _ in won.values())
    used: Counter = Counter()
    for quarter, channel in by_channel:
        used[quarter] += media[quarter, channel]
    return {
        account: media[quarter, channel] / by_channel[quarter, channel]
        + (total[quarter] - used[quarter]) / by_quarter[quarter]
        for account, (quarter, channel) in won.items()
    }


def lifetime_values(given: Delivered) -> dict[str, float]:
    """Account → simple lifetime value, where the segment has had ends enough in 12 months.

    The segment is today's; the tables take that of each month's beginning.
    """
    first = (given.today + timedelta(days=1)).replace(day=1)
    starts = [first := (first - timedelta(days=1)).replace(day=1) for _ in range(12)][::-1]
    living: Counter = Counter()
    ends: Counter = Counter()
    for start in starts:
        here = _alive(given, start - timedelta(days=1))
        later = _alive(given, (start + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        for account in here:
            living[given.segments.get(account, "solo")] += 1
            ends[given.segments.get(account, "solo")] += account not in later
    money = dict(given.on(given.today).select("account_id", "mrr_usd").rows())
    found = {}
    for account in _alive(given, given.today):
        segment = given.segments.get(account, "solo")
        if ends[segment] >= ENOUGH_ENDS:
            months = min(60.0, living[segment] / ends[segment])
            found[account] = money[account] * margin(given) * months
    return found


def _alive(given: Delivered, day: date) -> set[str]:
    return set(given.on(day).filter("is_alive")["account_id"])


def _quarter(day: date) -> date:
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


@reference("Q16")
def value_and_cost(given: Delivered) -> pl.DataFrame:
    from_channel, worth = channels(given), lifetime_values(given)
    groups: dict[str, list[tuple]] = defaultdict(list)
    for account, cost in costs(given).items():
        groups[from_channel[account]].append((cost, worth.get(account)))
    rows = []
    for channel, some in groups.items():
        valued = [(cost, value) for cost, value in some if value is not None]
        total = sum(cost for cost, _ in valued)
        rows.append(
            {
                "acquisition_channel": channel,
                "customers": len(some),
                "cac_usd": sum(cost for cost, _ in some) / len(some),
                "ltv_to_cac": sum(value for _, value in valued) / total if total else None,
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


@reference("Q19")
def trial_conversion(given: Delivered) -> pl.DataFrame:
    from_channel = channels(given)
    standing = standings(given, given.landing.as_of)
    first_alive: dict[str, object] = {}
    for one in given.book.subscriptions:
        for instant, state in zip(one.instants, one.states, strict=True):
            if state.is_alive:
                kept = first_alive.get(one.account_id, instant)
                first_alive[one.account_id] = min(instant, kept)
    month = given.today.replace(day=1)
    since = month.replace(year=month.year - 1, month=month.month % 12 + 1)
    if month.month == 12:
        since = month.replace(month=1)
    counts: dict[tuple, list[bool]] = defaultdict(list)
    columns = ("id", "created_at", "trial_ends_at")
    for account, begun, ends in given.book.companies.accounts.select(columns).rows():
        if account not in given.book.companies.real or ends is None or begun.date() < since:
            continue
        converted = account in first_alive
        if converted or standing[account].status != "trial":
            counts[begun.date().replace(day=1), from_channel[account]].append(converted)
    return pl.DataFrame(
        [
            {
                "signup_month": start,
                "acquisition_channel": channel,
                "trials": len(some),
                "converted": sum(some),
                "conversion": sum(some) / len(some),
            }
            for (start, channel), some in counts.items()
        ]
    )


@reference("Q48")
def worth_and_thirst(given: Delivered) -> pl.DataFrame:
    from_channel, worth = channels(given), lifetime_values(given)
    month = litres(given).filter(given.last_days(30), pl.col("date") <= given.today)
    poured = dict(month.group_by("account_id").agg(pl.col("litres").sum()).rows())
    groups: dict[str, list[tuple]] = defaultdict(list)
    for account, mrr in given.on(given.today).select("account_id", "mrr_usd").rows():
        if mrr > 0:
            row = (mrr, worth.get(account), poured.get(account, 0.0))
            groups[from_channel[account]].append(row)
    rows = []
    for channel, some in groups.items():
        valued = [value for _, value, _ in some if value is not None]
        rows.append(
            {
                "acquisition_channel": channel,
                "customers": len(some),
                "mrr_per_customer_usd": sum(mrr for mrr, _, _ in some) / len(some),
                "ltv_per_customer_usd": sum(valued) / len(valued) if valued else None,
                "litres_per_customer_30d": sum(beer for _, _, beer in some) / len(some),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)
