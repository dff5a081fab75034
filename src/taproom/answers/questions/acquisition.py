"""Questions about what brought customers, what it cost and what came of it."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import polars as pl

from taproom.answers.questions import people, visits
from taproom.answers.questions.reference import Delivered, reference
from taproom.answers.questions.touches import Goal, marketing

START, WON, LOST = "(start)", "(won)", "(lost)"


def customers(given: Delivered) -> list[Goal]:
    """First payments that a complete day shows."""
    return [
        goal
        for goal in marketing(given).goals
        if goal.kind == "customer" and goal.day <= given.today
    ]


@reference("Q15")
def credit_by_channel(given: Delivered) -> pl.DataFrame:
    won = customers(given)
    credit: dict[str, Counter] = defaultdict(Counter)
    for goal in won:
        credit["customers_first_touch"][goal.path[0].channel] += 1
        credit["customers_last_touch"][goal.path[-1].channel] += 1
    for name, value in markov(given, won).items():
        credit["customers_markov"][name] += value
    groups = sorted({visits.group(name) for some in credit.values() for name in some})
    rows = [
        {"channel_group": group}
        | {
            model: float(sum(v for name, v in some.items() if visits.group(name) == group))
            for model, some in credit.items()
        }
        for group in groups
    ]
    return pl.DataFrame(rows)


def markov(given: Delivered, won: list[Goal]) -> dict[str, float]:
    """Channel → customers, by the share of conversions that are lost without the channel."""
    paths = [([touch.channel for touch in goal.path], WON) for goal in won]
    paths += [(path, LOST) for path in _lost(given, {goal.account for goal in won})]
    names = sorted({name for path, _ in paths for name in path})
    place = {name: n for n, name in enumerate((START, *names, WON, LOST))}
    counts = np.zeros((len(place), len(place)))
    for path, end in paths:
        for a, b in zip([START, *path], [*path, end], strict=True):
            counts[place[a], place[b]] += 1
    moves = counts[:-2] / counts[:-2].sum(axis=1, keepdims=True)

    def rate(without: str | None) -> float:
        m = moves.copy()
        if without:
            m[:, place[LOST]] += m[:, place[without]]
            m[:, place[without]] = 0
        inner = m[:, :-2]
        return float(np.linalg.solve(np.eye(len(inner)) - inner, m[:, place[WON]])[0])

    everything = rate(None)
    on_paths = {touch.channel for goal in won for touch in goal.path}
    effects = {name: 1 - rate(name) / everything for name in names}
    total = sum(effects.values())
    share = {name: effects[name] / total for name in on_paths}
    return {name: len(won) * value for name, value in share.items()}


def _lost(given: Delivered, won: set[str]) -> list[list[str]]:
    """Channels of those who never paid and came last more than 30 days ago."""
    from datetime import timedelta

    end = given.landing.as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for person, touches in marketing(given).touches.items():
        last = touches[-1].at
        if person in won or last >= end - timedelta(days=30):
            continue
        other = any(touch.channel != "direct" for touch in touches)
        path = [
            touch.channel
            for touch in touches
            if touch.at > last - timedelta(days=90) and (touch.channel != "direct" or not other)
        ]
        if path:
            found.append(path)
    return found


@reference("Q17")
def funnel(given: Delivered) -> pl.DataFrame:
    told = marketing(given)
    trials = {
        account
        for account, ends in given.book.companies.accounts.select("id", "trial_ends_at").rows()
        if ends is not None
    }
    counts: dict[str, Counter] = defaultdict(Counter)
    leads, signed = {}, {}
    for goal in told.goals:
        last = visits.group(goal.path[-1].channel)
        if goal.kind == "lead":
            leads[goal.contact] = last
        elif goal.kind == "sign_up":
            signed[goal.account] = last
            if goal.day <= given.today and goal.account in trials:
                counts[last]["trials"] += 1
        elif goal.day <= given.today:
            counts[last]["customers"] += 1
    reached = people.stages(given)
    for contact in _prospects(told.contacts):
        group = leads.get(contact.id) or signed.get(contact.account)
        if group is None:
            continue
        marks = {"leads": contact.lead_at}
        marks["mqls"] = reached.get(contact.id, {}).get("marketingqualifiedlead")
        marks["sqls"] = reached.get(contact.id, {}).get("salesqualifiedlead")
        for mark, at in marks.items():
            if at is not None and at <= given.landing.as_of:
                counts[group][mark] += 1
    stages = ("leads", "mqls", "sqls", "trials", "customers")
    rows = [
        {"channel_group": group} | {s: some[s] for s in stages} for group, some in counts.items()
    ]
    return pl.DataFrame(rows)


def _prospects(contacts: list[people.Contact]) -> list[people.Contact]:
    """Who filled in a form, and the first contact of each account that has none."""
    order = sorted(contacts, key=lambda one: (one.lead_at is None, one.created_at, one.id))
    first: dict[str, int] = {}
    for one in order:
        first.setdefault(one.person, one.id)
    return [
        one
        for one in contacts
        if one.lead_at is not None or (one.account and first[one.person] == one.id)
    ]
