"""The answers of notebook 06 that ask who is who, how customers fare and who will leave."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from taproom.answers.answer import Answer, answers, number
from taproom.answers.days import Book
from taproom.answers.owners import owners
from taproom.answers.questions.customers import CUSTOMERS
from taproom.answers.questions.health import WEIGHTS, Health, health
from taproom.answers.questions.people import normal
from taproom.answers.questions.reference import Delivered

PROPOSED = {"usage": 20, "adoption": 10, "device": 10, "support": 10, "billing": 30,
            "relationship": 20}  # fmt: skip
EVEN = dict.fromkeys(WEIGHTS, 1)
SCORED_ON = (date(2024, 12, 31), date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 30))
AHEAD = timedelta(days=90)


def delivered(book: Book) -> Delivered:
    """The references' view of a book, kept with it; whose is whose is told by the files."""
    if "_delivered" not in vars(book):
        given = Delivered(book.landing)
        vars(given)["book"] = book
        given.kept("owners of ids", lambda: owners(given))
        vars(book)["_delivered"] = given
    return vars(book)["_delivered"]


@answers("06-09")
def who_asks(book: Book) -> Answer:
    given = delivered(book)
    land, whose = book.landing, given.kept("owners of ids", dict)
    roles = {
        user: role
        for user, account, role in land.newest("app", "users")
        .select("id", "account_id", "role")
        .rows()
        if account in given.survivor
    }
    at_address = _only_users(book)
    recorded, told = {}, {}
    columns = ("id", "external_id", "email")
    for key, user, email in land.newest("zendesk", "user").select(columns).rows():
        recorded[key] = roles.get(user)
        known = user if user in roles else at_address.get(normal(email))
        told[key] = roles.get(known)
    asked = land.newest("zendesk", "ticket").filter(pl.col("created_at").dt.year() == 2025)
    merged = {
        int(part)
        for text in land.newest("zendesk", "ticket")["merged_ticket_ids"].drop_nulls()
        for part in text.strip("[] ").split(",")
        if part.strip()
    }
    ours = [("zendesk.organization", str(key)) in whose for key in asked["organization_id"]]
    rows = asked.select(
        "requester_id",
        ours=pl.Series(ours),
        tests=pl.col("organization_id").is_null(),
        gone=pl.col("_fivetran_deleted").fill_null(False)
        | (pl.col("status") == "deleted")
        | pl.col("id").is_in(list(merged)),
    )
    standing = rows.filter(~pl.col("gone"))

    def by_role(some: pl.DataFrame, known: dict[int, str | None]) -> pl.DataFrame:
        role = pl.Series("role", [known.get(key) for key in some["requester_id"]], pl.String)
        counts = some.with_columns(role.fill_null("not told")).group_by("role")
        return counts.agg(
            tickets=pl.len().cast(pl.Int64), people=pl.col("requester_id").n_unique().cast(pl.Int64)
        )

    right = by_role(standing.filter("ours"), told)
    return Answer(
        right,
        {
            "recorded_only": by_role(standing.filter("ours"), recorded),
            "unknown_dropped": right.filter(pl.col("role") != "not told"),
            "deleted_counted": by_role(rows.filter("ours"), told),
            "tests_counted": by_role(standing.filter(pl.col("ours") | pl.col("tests")), told),
        },
    )


def _only_users(book: Book) -> dict[str, str]:
    """Address → the one user who has it."""
    rows = book.landing.rows("app", "users")
    gone = rows.filter(pl.col("email").is_null(), pl.col("deleted_at").is_not_null())
    newest = book.landing.newest("app", "users").filter(~pl.col("id").is_in(gone["id"].to_list()))
    found: dict[str, list[str]] = {}
    for user, email in newest.select("id", "email").rows():
        if email:
            found.setdefault(normal(email), []).append(user)
    return {address: users[0] for address, users in found.items() if len(users) == 1}


@answers("06-10")
def other_weights(book: Book) -> Answer:
    given = delivered(book)
    money = dict(
        book.accounts.filter(pl.col("date") == book.today).select("account_id", "mrr_usd").rows()
    )
    everyone = health(given, book.today)
    mine = {account: one for account, one in everyone.items() if one.status in CUSTOMERS}

    def by_band(
        some: dict[str, Health], weights: dict, missing: float | None = None
    ) -> pl.DataFrame:
        rows = [
            (*_banded(one.factors, weights, missing), money.get(account, 0.0))
            for account, one in some.items()
        ]
        names = ("band", "score", "mrr_usd")
        frame = pl.DataFrame(rows, schema=names, orient="row")
        return frame.group_by("band").agg(
            customers=pl.len().cast(pl.Int64),
            mrr_usd=pl.col("mrr_usd").sum(),
            mean_score=pl.col("score").mean(),
        )

    return Answer(
        by_band(mine, PROPOSED),
        {
            "official_weights": by_band(mine, WEIGHTS),
            "even_weights": by_band(mine, EVEN),
            "trials_counted": by_band(everyone, PROPOSED),
            "missing_is_zero": by_band(mine, PROPOSED, 0.0),
            "missing_is_perfect": by_band(mine, PROPOSED, 100.0),
        },
    )


def _banded(
    factors: dict[str, float | None], weights: dict[str, int], missing: float | None
) -> tuple[str, float]:
    """Band and weighted mean; compared in whole tenths of points, so that 70 is 70."""
    known = {name: missing if value is None else value for name, value in factors.items()}
    tenths = {name: round(10 * value) for name, value in known.items() if value is not None}
    weight = sum(weights[name] for name in tenths)
    total = sum(weights[name] * value for name, value in tenths.items())
    band = "green" if total >= 700 * weight else "yellow" if total >= 400 * weight else "red"
    return band, total / weight / 10


def _scored(book: Book) -> pl.DataFrame:
    """One row a customer and day of `SCORED_ON`: account_id, date, chance, band, score, and
    whether the logo ended within 90 days (left), ever since (left_since), or MRR fell to zero in
    the 90 days (at_zero)."""
    given = delivered(book)
    rows = [
        (account, day, one.churn, one.risk, one.score)
        for day in SCORED_ON
        for account, one in health(given, day).items()
        if one.churn is not None
    ]
    names = ("account_id", "date", "chance", "band", "score")
    frame = pl.DataFrame(rows, schema=names, orient="row")
    days = book.accounts
    ended = days.filter(pl.col("was_alive") & ~pl.col("is_alive"))
    fell = days.filter((pl.col("mrr_usd") == 0) & (pl.col("opening_usd") > 0))
    for name, events, window in (
        ("left", ended, AHEAD),
        ("left_since", ended, timedelta(days=10_000)),
        ("at_zero", fell, AHEAD),
    ):
        pairs = frame.select("account_id", "date").join(
            events.select("account_id", at="date"), on="account_id"
        )
        hits = pairs.filter(pl.col("at") > pl.col("date"), pl.col("at") <= pl.col("date") + window)
        hits = hits.select("account_id", "date").unique().with_columns(pl.lit(True).alias(name))
        frame = frame.join(hits, on=["account_id", "date"], how="left").with_columns(
            pl.col(name).fill_null(False)
        )
    return frame


@answers("06-11")
def risk_against_outcome(book: Book) -> Answer:
    rows = _scored(book)
    now = [
        (account, one.risk)
        for account, one in health(delivered(book), book.today).items()
        if one.risk is not None
    ]
    today = pl.DataFrame(now, schema=("account_id", "risk_now"), orient="row")

    def by_band(
        some: pl.DataFrame, left: str = "left", count: pl.Expr | None = None
    ) -> pl.DataFrame:
        sums = some.group_by(risk_band="band").agg(
            customers=(pl.len() if count is None else count).cast(pl.Int64),
            customers_left=pl.col(left).sum().cast(pl.Int64),
        )
        share = pl.col("customers_left") / pl.col("customers")
        return sums.with_columns(share_left=share)

    hindsight = rows.join(today, on="account_id").with_columns(band="risk_now")
    return Answer(
        by_band(rows),
        {
            "todays_band": by_band(hindsight),
            "left_at_any_time": by_band(rows, "left_since"),
            "zero_is_churn": by_band(rows, "at_zero"),
            "accounts_once": by_band(rows, count=pl.col("account_id").n_unique()),
        },
    )


@answers("06-12")
def ranking(book: Book) -> Answer:
    rows = _scored(book)
    chance = (10_000 * rows["chance"].to_numpy()).round().astype(int)
    healthy = (10 * rows["score"].to_numpy()).round().astype(int)
    left, since = rows["left"].to_numpy(), rows["left_since"].to_numpy()
    high = (rows["band"] == "high").to_numpy()
    name = "concordance"
    return Answer(
        number(name, _concordance(chance, left)),
        {
            "ties_lost": number(name, _concordance(chance, left, tie=0.0)),
            "health_instead": number(name, _concordance(-healthy, left)),
            "left_at_any_time": number(name, _concordance(chance, since)),
            "share_of_right_calls": number(name, (high == left).mean()),
        },
    )


def _concordance(value: np.ndarray, left: np.ndarray, tie: float = 0.5) -> float:
    """Share of the pairs of one who left and one who stayed in which the first has more."""
    stayed = np.sort(value[~left])
    below = np.searchsorted(stayed, value[left], side="left")
    level = np.searchsorted(stayed, value[left], side="right") - below
    return float((below + tie * level).sum() / (left.sum() * len(stayed)))
