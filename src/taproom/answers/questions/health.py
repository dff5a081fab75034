"""The health score and the risk of leaving at the end of a day, factor by factor.

Who asked in support, answered a survey or was called is taken from the truth (truth_identity), not
guessed from names and addresses.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import polars as pl

from taproom.answers.questions.activity import uses
from taproom.answers.questions.adoption import end_of, features
from taproom.answers.questions.fleet import devices, venues
from taproom.answers.questions.reference import Delivered
from taproom.answers.questions.standing import PLANS, Standing, standings
from taproom.answers.questions.touches import sign_ups
from taproom.world import truth
from taproom.world.truth import crm

WEIGHTS = {"usage": 30, "adoption": 20, "device": 20, "support": 10, "billing": 10,
           "relationship": 10}  # fmt: skip
TERMS = {"month": 1, "quarter": 3, "year": 12}
OPEN = ("new", "open", "pending", "hold")
SILENCE_NOTED = timedelta(minutes=10)


@dataclass(frozen=True)
class Health:
    """One account at a day's end; probabilities are None for a trial."""

    status: str
    factors: dict[str, float | None]
    score: float
    churn: float | None
    driver: str | None

    @property
    def band(self) -> str:
        return "green" if self.score >= 70 else "yellow" if self.score >= 40 else "red"

    @property
    def risk(self) -> str | None:
        if self.churn is None:
            return None
        return "high" if self.churn >= 0.15 else "medium" if self.churn >= 0.05 else "low"


def health(given: Delivered, day: date) -> dict[str, Health]:
    """Account → how it fared at the end of a day, of trials and customers."""
    return given.kept(("health", day), lambda: _health(given, day))


def _health(given: Delivered, day: date) -> dict[str, Health]:
    standing = given.kept(("standing", day), lambda: standings(given, end_of(day)))
    begun = sign_ups(given)
    here = {
        account: one
        for account, one in standing.items()
        if one.status in ("trial", "active", "past_due", "paused") and begun[account] < end_of(day)
    }
    usage, adoption = _usage(given, day, here, begun), _adoption(given, day, here)
    gear, support = _gear(given, day), _support(given, day)
    billing, close = _billing(given, day), _relationship(given, day)
    found = {}
    for account, one in here.items():
        ending, overdue, failed = billing[account]
        factors = {
            "usage": usage[account],
            "adoption": adoption[account],
            "device": gear.get(account),
            "support": support.get(account, 100.0),
            "billing": _bounded(100 - 100 * ending - 60 * overdue - 15 * min(3, failed)),
            "relationship": close(account),
        }
        known = {name: value for name, value in factors.items() if value is not None}
        weight = sum(WEIGHTS[name] for name in known)
        score = _round(sum(WEIGHTS[name] * value for name, value in known.items()) / weight, 1)
        churn, driver = None, None
        if one.status != "trial":
            churn = _churn(given, account, day, score, ending, overdue)
            driver = _driver(known, ending, overdue)
        found[account] = Health(one.status, factors, score, churn, driver)
    return found


def _round(value: float, digits: int) -> float:
    """Half away from zero, as money is rounded."""
    scale = 10**digits
    return math.floor(value * scale + 0.5 + 1e-9) / scale


def _bounded(value: float) -> float:
    return _round(min(100.0, max(0.0, value)), 1)


def _driver(factors: dict[str, float], ending: bool, overdue: bool) -> str | None:
    if ending or overdue:
        return "cancellation" if ending else "payment"
    costs = {name: WEIGHTS[name] * (100 - value) for name, value in factors.items()}
    worst = max(costs.values())
    return next((name for name in WEIGHTS if costs.get(name) == worst), None) if worst else None


def _usage(given: Delivered, day: date, here: dict, begun: dict) -> dict[str, float]:
    seen = uses(given).filter(pl.col("date") <= day)

    def total(last: int, first: int, what: pl.Expr) -> dict[str, int]:
        span = pl.col("date").is_between(day - timedelta(days=first), day - timedelta(days=last))
        return dict(seen.filter(span).group_by("account_id").agg(what).rows())

    people = total(0, 29, pl.col("user_id").n_unique())
    days = total(0, 27, pl.struct("user_id", "date").n_unique())
    now, before = total(0, 27, pl.len()), total(28, 55, pl.len())
    found = {}
    for account in here:
        age = (day - begun[account].date()).days + 1
        level = 0.0
        if people.get(account):
            level = min(100, 100 * days.get(account, 0) * 28 / min(28, age) / people[account] / 8)
        a, b = now.get(account, 0), before.get(account, 0)
        if age >= 56 and a + b:
            level = 0.8 * level + 0.2 * (50 + 50 * (a - b) / (a + b))
        found[account] = _bounded(level)
    return found


def _adoption(given: Delivered, day: date, here: dict[str, Standing]) -> dict[str, float | None]:
    month = uses(given).filter(pl.col("date").is_between(day - timedelta(days=29), day))
    used = dict(month.group_by("account_id").agg(pl.col("feature").n_unique()).rows())
    out = [one for one in features(given) if one["released"] <= day]
    found = {}
    for account, one in here.items():
        count = sum(PLANS.index(one.plan) >= PLANS.index(f["min_plan"]) for f in out)
        found[account] = _bounded(100 * used.get(account, 0) / count / 0.9) if count else None
    return found


def silences(given: Delivered) -> list[tuple[str, str, datetime, datetime | None]]:
    """(device, account, from, to) of every silence, overlapping ones as one; None: silent now."""
    return given.kept("silences", lambda: _silences(given, devices(given).to_dicts()))


def services(given: Delivered) -> list[dict]:
    """One row a stay of a device at a venue that counts: a customer who left and came back has
    two; `next_at` is when the device's next stay begins."""

    def make() -> list[dict]:
        stays = given.landing.newest("iot", "device_assignment").sort("installed_at")
        stays = stays.select("device_id", "location_id", "installed_at", "removed_at")
        later = pl.col("installed_at").shift(-1).over("device_id")
        return stays.with_columns(next_at=later).join(venues(given), on="location_id").to_dicts()

    return given.kept("services", make)


def _silences(given: Delivered, stays: list[dict]) -> list[tuple]:
    served: dict[str, list[dict]] = defaultdict(list)
    for row in stays:
        served[row["device_id"]].append(row)
    signs: dict[str, list[tuple]] = defaultdict(list)
    columns = ("id", "device_id", "type", "at")
    for key, device, kind, at in given.landing.newest("iot", "device_event").select(columns).rows():
        if device in served and kind in ("online", "offline"):
            silent = kind == "offline"
            moment = at - SILENCE_NOTED if silent else at
            signs[device].append((moment, -1 if silent else 1, key, at))
    found = []
    for device, several in signs.items():
        several.sort()
        for row in served[device]:
            first, until = row["installed_at"], row.get("next_at")
            mine = [one for one in several if one[3] >= first and (not until or one[3] < until)]
            for start, end in _quiet(mine):
                end = min(filter(None, (end, row["removed_at"])), default=None)
                if end is None or end > start:
                    found.append((device, row["account_id"], start, end))
    return found


def _quiet(signs: list[tuple]) -> list[tuple[datetime, datetime | None]]:
    """(from, to) of the silences that signs in order tell; None where the last goes on."""
    found, depth, start = [], 0, None
    for at, turn, _, _ in signs:
        depth -= turn
        if turn == -1 and depth == 1:
            start = at
        elif turn == 1 and depth == 0 and start is not None:
            found.append((start, at))
            start = None
    return found if start is None else [*found, (start, None)]


def _shown(at: datetime) -> date:
    return (at - timedelta(microseconds=1)).date()


def _gear(given: Delivered, day: date) -> dict[str, float | None]:
    """Account → score of its devices over 28 days; absent without any."""
    first = day - timedelta(days=27)
    span = [first + timedelta(days=n) for n in range(28)]
    device_days: Counter = Counter()
    in_service = set()
    for row in services(given):
        start = _shown(row["installed_at"])
        end = _shown(row["removed_at"]) if row["removed_at"] else date.max
        days = [one for one in span if start <= one < end]
        device_days[row["account_id"]] += len(days)
        in_service |= {(row["account_id"], one) for one in days}
    outages: Counter = Counter()
    silent: set[tuple] = set()
    stays = services(given)
    quiet = given.kept("silences of all stays", lambda: _silences(given, stays))
    for device, account, start, end in quiet:
        began = _shown(start)
        if first <= began <= day and (account, began) in in_service:
            outages[account] += 1
        until = _shown(end) if end else date.max
        silent |= {(account, device, one) for one in span
                   if began <= one < until and (account, one) in in_service}  # fmt: skip
    silent_days = Counter(account for account, _, _ in silent)
    return {
        account: _bounded(
            100 - 12 * min(4, outages[account] * 28 / count) - 200 * silent_days[account] / count
        )
        for account, count in device_days.items()
        if count
    }


def owners(given: Delivered) -> dict[tuple[str, str], str]:
    """(system, id there) → account that counts, by the truth."""

    def make() -> dict:
        context = truth.context(given.landing.root.parent)
        table = crm.identity(context)["truth_identity"].select(["system", "id", "account_id"])
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        return {
            (system, key): given.survivor[account]
            for system, key, account in rows
            if account in given.survivor
        }

    return given.kept("owners of ids", make)


def _tickets(given: Delivered) -> dict[int, tuple[str, str, datetime]]:
    """Ticket → account, priority, opened: tickets that stand, and were not merged into another."""

    def make() -> dict:
        whose, found, merged = owners(given), {}, set()
        rows = given.landing.newest("zendesk", "ticket")
        for row in rows.to_dicts():
            merged |= set(_listed(row.get("merged_ticket_ids")))
            account = whose.get(("zendesk.organization", str(row["organization_id"])))
            account = account or whose.get(("zendesk.user", str(row["requester_id"])))
            if account and not row.get("_fivetran_deleted"):
                found[row["id"]] = (account, row["priority"], row["created_at"])
        return {key: one for key, one in found.items() if key not in merged}

    return given.kept("tickets", make)


def _listed(text) -> list[int]:
    if not text:
        return []
    parts = text if isinstance(text, list) else text.strip("[]{} ").replace(";", ",").split(",")
    return [int(part) for part in parts if str(part).strip()]


def support_numbers(given: Delivered, day: date) -> dict[str, Counter]:
    """Account → open, tickets_30d, p1_90d, ratings, good at the end of a day."""
    return given.kept(("support", day), lambda: _support_numbers(given, day))


def _support_numbers(given: Delivered, day: date) -> dict[str, Counter]:
    known, counts = _tickets(given), defaultdict(Counter)
    history = given.landing.newest("zendesk", "ticket_field_history").filter(
        pl.col("field_name") == "status", pl.col("updated") <= end_of(day)
    )
    last = history.sort("updated").unique("ticket_id", keep="last", maintain_order=True)
    for key, status in last.select("ticket_id", "value").rows():
        if key in known and status in OPEN:
            counts[known[key][0]]["open"] += 1
    for account, priority, opened in known.values():
        age = (day - opened.date()).days
        counts[account]["tickets_30d"] += 0 <= age < 30
        counts[account]["p1_90d"] += 0 <= age < 90 and priority == "urgent"
    ratings = given.landing.newest("zendesk", "satisfaction_rating").filter(
        pl.col("score") != "offered"
    )
    ratings = ratings.sort("updated_at").unique("ticket_id", keep="last", maintain_order=True)
    for key, score, at in ratings.select("ticket_id", "score", "updated_at").rows():
        if key in known and 0 <= (day - at.date()).days < 90:
            counts[known[key][0]]["ratings"] += 1
            counts[known[key][0]]["good"] += score.startswith("good")
    return counts


def _support(given: Delivered, day: date) -> dict[str, float]:
    found = {}
    for account, n in support_numbers(given, day).items():
        bad = 1 - n["good"] / n["ratings"] if n["ratings"] else 0.0
        found[account] = _bounded(
            100 - 20 * n["open"] - 8 * n["tickets_30d"] - 15 * n["p1_90d"] - 30 * bad
        )
    return found


def _billing(given: Delivered, day: date) -> dict[str, tuple[bool, bool, int]]:
    """Account → whether it is ending, whether it is overdue, failed charges in 90 days."""
    ending: dict[str, bool] = defaultdict(bool)
    overdue: dict[str, bool] = defaultdict(bool)
    for one in given.book.subscriptions:
        state = one.at(end_of(day))
        if state is not None:
            ending[one.account_id] |= state.is_alive and state.is_leaving
            overdue[one.account_id] |= state.status == "past_due" and not state.is_paused
    owner = given.book.companies.of_customer
    invoices = given.landing.newest("stripe", "invoice").filter(
        pl.col("status") != "draft", ~pl.col("is_deleted").fill_null(False)
    )
    whose = {i: owner.get(c) for i, c in invoices.select("id", "customer_id").rows()}
    charges = given.landing.newest("stripe", "charge").filter(pl.col("status") == "failed")
    failed: Counter = Counter()
    for invoice, at in charges.select("invoice_id", "created").rows():
        if whose.get(invoice) and 0 <= (day - at.date()).days < 90:
            failed[whose[invoice]] += 1
    accounts = set(given.survivor.values())
    return {account: (ending[account], overdue[account], failed[account]) for account in accounts}


def _relationship(given: Delivered, day: date):
    """Function of an account: the score of how close it is to us."""
    whose, land = owners(given), given.landing
    nps: dict[str, list[int]] = defaultdict(list)
    answers = land.newest("survey", "nps_response").filter(pl.col("score").is_not_null())
    people = {p: a for (system, p), a in whose.items() if system == "survey.nps_response"}
    for key, score, at in answers.select("id", "score", "responded_at").rows():
        if str(key) in people and 0 <= (day - at.date()).days < 180:
            nps[people[str(key)]].append(score)
    touched = {account for account, at in _reached(given) if 0 <= (day - at.date()).days < 90}
    rows = land.rows("app", "users").filter(pl.col("role") == "owner")
    gone = (pl.col("status") == "deactivated") | pl.col("deleted_at").is_not_null()
    spans = rows.group_by("id", "account_id").agg(
        begun=pl.col("activated_at").min(), left=pl.col("updated_at").filter(gone).min()
    )
    owned: Counter = Counter()
    for _, account, begun, left in spans.rows():
        if account in given.survivor and begun is not None and _shown(begun) <= day:
            owned[given.survivor[account]] += left is None or _shown(left) > day

    def score(account: str) -> float:
        mean = sum(nps[account]) / len(nps[account]) if nps[account] else 7.0
        return _bounded(60 + 14 * (mean - 7) - 50 * (owned[account] < 1) + 5 * (account in touched))

    return score


def _reached(given: Delivered) -> list[tuple[str, datetime]]:
    """(account, when) of calls, meetings and mails of customer success that reached somebody."""
    return given.kept("reached", lambda: _touches(given))


def _touches(given: Delivered) -> list[tuple[str, datetime]]:
    land, whose = given.landing, owners(given)
    team = {
        key for key, name in land.newest("hubspot", "owner").select("owner_id", "team").rows()
        if name and name.lower().replace(" ", "_") == "customer_success"
    }  # fmt: skip
    reached = set()
    for table, column, value in (
        ("engagement_call", "property_hs_call_disposition", "connected"),
        ("engagement_meeting", "property_hs_meeting_outcome", "completed"),
    ):
        rows = land.newest("hubspot", table).filter(pl.col(column).str.to_lowercase() == value)
        reached |= set(rows["engagement_id"])
    account: dict[int, str] = {}
    for table, system, column in (
        ("engagement_contact", "hubspot.contact", "contact_id"),
        ("engagement_company", "hubspot.company", "company_id"),
    ):
        best: dict[int, str] = {}
        for key, other in land.newest("hubspot", table).select("engagement_id", column).rows():
            name = whose.get((system, str(other)))
            if name:
                best[key] = min(name, best.get(key, name))
        account |= best
    found = []
    columns = ("id", "type", "owner_id", "timestamp", "active")
    for key, kind, owner, at, active in land.newest("hubspot", "engagement").select(columns).rows():
        kind = kind.lower()
        counts = kind == "email" or (kind in ("call", "meeting") and key in reached)
        if owner in team and active and counts and key in account and at < land.as_of:
            found.append((account[key], at))
    return found


def _churn(given: Delivered, account: str, day: date, score: float, ending, overdue) -> float:
    interval, began = term(given, account, day)
    months = TERMS.get(interval, 12)
    ahead = (_renewal(began, months, day) - day).days
    far = interval == "year" and ahead > 90
    points = -4.5 + 0.045 * (100 - score) + (2 if overdue else 0) + (4 if ending and not far else 0)
    points += -3.4 if far else {"year": 0.4, "quarter": -0.8}.get(interval, 0.0)
    return _round(1 / (1 + math.exp(-points)), 4)


def term(given: Delivered, account: str, day: date) -> tuple[str | None, date]:
    """Billing interval at a day's end, and since when the account lives with it."""
    mine = given.kept("contracts by account", lambda: _contracts(given)).get(account, [])
    end = end_of(day)
    instants = sorted({i for one in mine for i in one.instants if i <= end})
    interval, began, lived = None, day, False
    for at in instants:
        states = [(one.at(at), one) for one in mine if one.at(at) is not None]
        alive = any(state.is_alive for state, _ in states)
        main = min(states, key=lambda pair: _rank(*pair, at))[0].interval
        if not (alive and lived and main == interval):
            began = at.date()
        lived, interval = alive, main
    return interval, began


def _rank(state, one, at: datetime) -> tuple:
    since = max(instant for instant in one.instants if instant <= at)
    mrr = state.list_local - state.discount_local if state.is_counted else 0.0
    return (not state.is_alive, state.status != "trialing", -mrr, -since.timestamp(), one.id)


def _contracts(given: Delivered) -> dict[str, list]:
    found = defaultdict(list)
    for one in given.book.subscriptions:
        found[one.account_id].append(one)
    return found


@cache
def _renewal(began: date, months: int, day: date) -> date:
    """First renewal after a day."""
    whole = 12 * (day.year - began.year) + day.month - began.month - (day.day < began.day)
    ahead = months * (1 + whole // months)
    year, month = divmod(began.year * 12 + began.month - 1 + ahead, 12)
    for last in range(began.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, began.day)
