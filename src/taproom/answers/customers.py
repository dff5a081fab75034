"""The answers of notebook 06: customers."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from taproom.answers.answer import Answer, answers, number
from taproom.answers.days import MOVEMENTS, ONE_DAY, Book
from taproom.answers.ends import requests, trials

YEAR_START, YEAR_END = date(2024, 12, 31), date(2025, 12, 31)
MONTH = pl.col("date").dt.month_start().alias("month")
IN_YEAR = pl.col("date").is_between(YEAR_START + ONE_DAY, YEAR_END)
# A lapse of 30 days is sure to show in tables that begin with 2024.
IN_WINDOW = pl.col("date").is_between(date(2024, 2, 1), YEAR_END)
BRIDGE = [f"{name}_usd" for name in (*MOVEMENTS, "fx")]
LONG_LAPSE = 30


@answers("06-01")
def paying_customers(book: Book) -> Answer:
    countries = book.companies.accounts.select(account_id="id", country="country")
    everyone = countries.filter(pl.col("account_id").is_in(list(book.companies.real)))
    today = _on(book.accounts, book.today).join(countries, on="account_id")
    subscriptions = _on(book.daily, book.today).join(countries, on="account_id")
    running = subscriptions.filter(pl.col("status") == "active", ~pl.col("is_paused"))
    active = pl.col("account_id").is_in(running["account_id"].unique().to_list())
    paying = pl.col("mrr_usd") > 0

    def arpa(rows: pl.DataFrame, count: pl.Expr) -> pl.DataFrame:
        sums = rows.group_by("country").agg(
            paying_customers=count.cast(pl.Int64), total=pl.col("mrr_usd").sum()
        )
        sums = sums.filter(pl.col("paying_customers") > 0)
        return sums.select(
            "country",
            "paying_customers",
            arpa_usd=pl.col("total") / pl.col("paying_customers"),
        )

    all_accounts = everyone.join(
        today.select("account_id", "mrr_usd"), on="account_id", how="left"
    ).with_columns(pl.col("mrr_usd").fill_null(0.0))
    return Answer(
        arpa(today.filter(paying), pl.len()),
        {
            "everyone_counted": arpa(all_accounts, pl.len()),
            "trials_counted": arpa(today.filter(paying | pl.col("is_trialing")), pl.len()),
            "subscriptions_counted": arpa(subscriptions.filter(paying), pl.len()),
            "past_due_dropped": arpa(today.filter(paying, active), pl.len()),
        },
    )


@answers("06-02")
def mrr_bridge(book: Book) -> Answer:
    year = book.accounts.filter(IN_YEAR)

    def by_month(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.group_by(MONTH).agg(pl.col(BRIDGE).sum())

    delta, fx = pl.col("delta"), pl.col("fx_usd")
    with_fx = year.with_columns(
        expansion_usd=pl.col("expansion_usd") + pl.when(fx > 0).then(fx).otherwise(0.0),
        contraction_usd=pl.col("contraction_usd") + pl.when(fx < 0).then(fx).otherwise(0.0),
        fx_usd=pl.lit(0.0),
    )
    falls = (pl.col("mrr_usd") == 0) & (pl.col("opening_usd") > 0)
    rises = pl.col("paid_before") & (pl.col("opening_usd") == 0) & (pl.col("mrr_usd") > 0)
    at_zero = year.with_columns(
        churn_usd=pl.when(falls).then(delta).otherwise(0.0),
        reactivation_usd=pl.when(rises).then(delta).otherwise(0.0),
        expansion_usd=pl.when(rises).then(0.0).otherwise("expansion_usd"),
        contraction_usd=pl.when(falls).then(0.0).otherwise("contraction_usd"),
    )
    return Answer(
        by_month(year),
        {
            "per_subscription": by_month(book.movements.filter(IN_YEAR)),
            "fx_in_expansion": by_month(with_fx),
            "month_ends_compared": _month_ends(book),
            "zero_is_churn": by_month(at_zero),
        },
    )


def _month_ends(book: Book) -> pl.DataFrame:
    """The bridge as it looks when only the last days of two months are compared."""
    ends = book.accounts.filter(
        pl.col("date") == pl.col("date").dt.month_end(), pl.col("date") >= YEAR_START
    ).select("account_id", "date", "mrr_usd", "is_alive", "paid_before")
    fx = book.accounts.filter(IN_YEAR).group_by("account_id", MONTH).agg(pl.col("fx_usd").sum())
    paid = (
        book.accounts.filter(pl.col("mrr_usd") > 0)
        .group_by("account_id")
        .agg(first_paid=pl.col("date").min())
    )
    months = (
        ends.sort("account_id", "date")
        .with_columns(
            opening=pl.col("mrr_usd").shift(1).over("account_id").fill_null(0.0),
            was_alive=pl.col("is_alive").shift(1).over("account_id").fill_null(False),
        )
        .filter(IN_YEAR)
        .with_columns(MONTH)
        .join(fx, on=["account_id", "month"], how="left")
        .join(paid, on="account_id", how="left")
        .with_columns(pl.col("fx_usd").fill_null(0.0))
        .with_columns(delta=pl.col("mrr_usd") - pl.col("opening") - pl.col("fx_usd"))
    )
    is_new = pl.col("first_paid") >= pl.col("month")
    alive, was, delta = pl.col("is_alive"), pl.col("was_alive"), pl.col("delta")
    kind = (
        pl.when(delta.abs() < 1e-6)
        .then(None)
        .when(is_new)
        .then(pl.lit("new"))
        .when(was & ~alive)
        .then(pl.lit("churn"))
        .when(~was & alive)
        .then(pl.lit("reactivation"))
        .when(delta > 0)
        .then(pl.lit("expansion"))
        .otherwise(pl.lit("contraction"))
    )
    months = months.with_columns(kind=kind)
    sums = [delta.filter(pl.col("kind") == name).sum().alias(f"{name}_usd") for name in MOVEMENTS]
    return months.group_by("month").agg(*sums, pl.col("fx_usd").sum())


@answers("06-03")
def logo_churn(book: Book) -> Answer:
    ends = _month_ends_of_year()[2::3]
    spans = list(zip([YEAR_START, *ends[:-1]], ends, strict=True))

    def by_quarter(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.select("logo_churn", quarter="last_day")

    return Answer(
        by_quarter(_churn(book, spans, "is_alive")),
        {
            "end_denominator": by_quarter(_churn(book, spans, "is_alive", of_end=True)),
            "every_end_counted": by_quarter(_events(book, spans)),
            "zero_is_churn": by_quarter(_churn(book, spans, "is_paying")),
            "trials_counted": by_quarter(_churn(book, spans, "is_here")),
        },
    )


@answers("06-04")
def logo_churn_of_the_year(book: Book) -> Answer:
    ends = _month_ends_of_year()
    monthly = _churn(book, list(zip([YEAR_START, *ends[:-1]], ends, strict=True)), "is_alive")
    rates = monthly["logo_churn"].to_list()
    survival = 1.0
    for rate in rates:
        survival *= 1 - rate
    year = [(YEAR_START, YEAR_END)]
    name = "logo_churn"
    return Answer(
        _churn(book, year, "is_alive").select(name),
        {
            "months_added": number(name, sum(rates)),
            "months_compounded": number(name, 1 - survival),
            "every_end_counted": _events(book, year).select(name),
        },
    )


def _churn(
    book: Book, spans: list[tuple[date, date]], here: str, *, of_end: bool = False
) -> pl.DataFrame:
    """Share of those here on the first day who are not here on the last, span by span."""
    rows = []
    for first, last in spans:
        start, end = (_present(book, day, here) for day in (first, last))
        rows.append(
            {
                "last_day": last,
                "logo_churn": len(start - end) / len(end if of_end else start),
            }
        )
    return pl.DataFrame(rows)


def _events(book: Book, spans: list[tuple[date, date]]) -> pl.DataFrame:
    """Every end of a logo in the span over the logos at its beginning."""
    ends = book.accounts.filter(pl.col("was_alive") & ~pl.col("is_alive"))["date"]
    rows = []
    for first, last in spans:
        ended = ends.is_between(first + ONE_DAY, last).sum()
        rows.append(
            {
                "last_day": last,
                "logo_churn": ended / len(_present(book, first, "is_alive")),
            }
        )
    return pl.DataFrame(rows)


def _present(book: Book, day: date, here: str) -> set[str]:
    rows = _on(book.accounts, day).with_columns(
        is_paying=pl.col("mrr_usd") > 0, is_here=pl.col("is_alive") | pl.col("is_trialing")
    )
    return set(rows.filter(here)["account_id"])


def _month_ends_of_year() -> list[date]:
    firsts = [date(2025, month, 1) for month in range(2, 13)] + [YEAR_END + ONE_DAY]
    return [first - ONE_DAY for first in firsts]


@answers("06-05")
def retention(book: Book) -> Answer:
    def both_days(rows: pl.DataFrame, key: str, amount: str) -> pl.DataFrame:
        then, now = (
            _on(rows, day).select(key, pl.col(amount).alias(name))
            for day, name in ((YEAR_START, "then"), (YEAR_END, "now"))
        )
        both = then.join(now, on=key, how="full", coalesce=True).fill_null(0.0)
        return both.with_columns(kept=pl.min_horizontal("then", "now"))

    def rates(rows: pl.DataFrame, kept: str = "kept", of: pl.Expr | None = None) -> pl.DataFrame:
        mine = rows.filter(pl.col("then") > 0)
        base = mine["then"].sum()
        total = (mine if of is None else rows.filter(of))["now"].sum()
        return pl.DataFrame({"grr": [mine[kept].sum() / base], "nrr": [total / base]})

    rows = both_days(book.accounts, "account_id", "constant_usd")
    everyone = pl.lit(True)
    current = both_days(book.accounts, "account_id", "mrr_usd")
    single = both_days(book.daily, "subscription_id", "constant_usd")
    return Answer(
        rates(rows),
        {
            "expansion_in_grr": rates(rows, "now"),
            "new_customers_counted": rates(rows, of=everyone),
            "survivors_only": rates(rows.filter(pl.col("now") > 0)),
            "current_rates": rates(current),
            "per_subscription": rates(single),
        },
    )


@answers("06-06")
def involuntary_share(book: Book) -> Answer:
    life = book.movements.sort("subscription_id", "date")
    before = life.select(
        was=pl.col("status").shift(1).over("subscription_id"),
        asked=pl.col("is_leaving").shift(1).over("subscription_id"),
    )
    given_up = (pl.col("was") == "past_due") & ~pl.col("asked")
    ended = (
        pl.concat([life, before], how="horizontal")
        .filter(pl.col("was_alive") & ~pl.col("is_alive"))
        .with_columns(involuntary=(pl.col("status") == "unpaid") | given_up, lost=-pl.col("delta"))
    )
    year = ended.filter(IN_YEAR)
    name = "involuntary_share"
    lost = year["lost"].sum()
    asked = [day for day in requests(book) if YEAR_START < day <= YEAR_END]
    unpaid = int(year["involuntary"].sum())
    lived = book.daily.filter(IN_YEAR, "is_alive")["subscription_id"].n_unique()
    return Answer(
        number(name, year["involuntary"].mean()),
        {
            "weighted_by_mrr": number(name, year.filter("involuntary")["lost"].sum() / lost),
            "all_years": number(
                name, ended.filter(pl.col("date") > date(2023, 12, 31))["involuntary"].mean()
            ),
            "requests_counted": number(name, unpaid / (unpaid + len(asked))),
            "of_the_living": number(name, unpaid / lived),
        },
    )


@answers("06-07")
def trial_conversion(book: Book) -> Answer:
    frame = trials(book)
    quarters = (date(2024, 1, 1), date(2025, 9, 30))
    first, last = quarters

    def quarter_of(column: str) -> pl.Expr:
        return pl.col(column).dt.truncate("1q").dt.date().alias("quarter")

    def of_cohort(rows: pl.DataFrame, column: str, converted: pl.Expr) -> pl.DataFrame:
        mine = rows.filter(pl.col(column).dt.date().is_between(first, last))
        sums = mine.group_by(quarter_of(column)).agg(
            trials=pl.len().cast(pl.Int64), conversion=converted.mean()
        )
        return sums

    started = frame.filter(pl.col("trial_started").is_not_null())
    converted = pl.col("converted").is_not_null()
    began = of_cohort(started, "trial_started", converted)
    counts = (
        started.filter(converted)
        .filter(pl.col("converted").dt.date().is_between(first, last))
        .group_by(quarter_of("converted"))
        .agg(hits=pl.len())
    )
    mixed = began.join(counts, on="quarter", how="left").select(
        "quarter", "trials", conversion=pl.col("hits").fill_null(0) / pl.col("trials")
    )
    return Answer(
        began,
        {
            "signups_counted": of_cohort(frame, "signed_up", converted),
            "conversions_of_the_quarter": mixed,
            "paid_counted": of_cohort(frame, "signed_up", pl.col("ever_paid")),
        },
    )


@answers("06-08")
def came_back(book: Book) -> Answer:
    today = _on(book.accounts, book.today).select("account_id", mrr_today="mrr_usd")
    days = _away(book.accounts, pl.col("is_alive")).join(today, on="account_id", how="left")
    returned = days.filter(pl.col("reactivation_usd") > 0)
    rises = pl.col("paid_before") & (pl.col("opening_usd") == 0) & (pl.col("mrr_usd") > 0)

    def by_lapse(rows: pl.DataFrame, amount: str) -> pl.DataFrame:
        lapse = (
            pl.when(pl.col("away") <= timedelta(days=LONG_LAPSE))
            .then(pl.lit("up to 30 days"))
            .otherwise(pl.lit("more than 30 days"))
        )
        sums = rows.filter(IN_WINDOW).group_by(lapse=lapse)
        return sums.agg(returns=pl.len().cast(pl.Int64), mrr_usd=pl.col(amount).sum())

    from_zero = _away(book.accounts, pl.col("mrr_usd") > 0).filter(rises)
    return Answer(
        by_lapse(returned, "reactivation_usd"),
        {
            "pauses_counted": by_lapse(from_zero, "delta"),
            "mrr_before": by_lapse(returned, "mrr_last"),
            "todays_mrr": by_lapse(returned, "mrr_today"),
        },
    )


def _away(rows: pl.DataFrame, here: pl.Expr) -> pl.DataFrame:
    """Adds how long an account had been away on a day, and its MRR when it was last here."""

    def last(column: str) -> pl.Expr:
        return pl.when(here).then(column).forward_fill().shift(1).over("account_id")

    rows = rows.sort("account_id", "date")
    rows = rows.with_columns(last=last("date"), mrr_last=last("mrr_usd"))
    return rows.with_columns(away=pl.col("date") - pl.col("last"))


def _on(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    return rows.filter(pl.col("date") == day)
