"""The answers of notebook 10: campaigns."""

from __future__ import annotations

from datetime import date

import polars as pl

from taproom.answers.answer import Answer, answers
from taproom.answers.days import Book
from taproom.answers.marketing import ad_days, claims, email_events, visits

IN_YEAR = pl.col("date").is_between(date(2025, 1, 1), date(2025, 12, 31))
MONTH = pl.col("date").dt.month_start().alias("month")


@answers("10-01")
def spend(book: Book) -> Answer:
    def by_month(rows: pl.DataFrame, column: str = "spend_usd") -> pl.DataFrame:
        rows = rows.filter(IN_YEAR, pl.col("date") <= book.today)
        return rows.group_by(MONTH, "platform").agg(spend_usd=pl.col(column).sum())

    newest = ad_days(book)
    return Answer(
        by_month(newest),
        {
            "every_delivery": by_month(ad_days(book, "all")),
            "euros_as_dollars": by_month(newest, "spend_local"),
            "first_figures": by_month(ad_days(book, "first")),
        },
    )


@answers("10-02")
def click_through(book: Book) -> Answer:
    def rate(rows: pl.DataFrame) -> pl.DataFrame:
        sums = rows.filter(IN_YEAR).group_by("platform")
        return sums.agg(ctr=pl.col("clicks").sum() / pl.col("impressions").sum())

    def mean(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
        cells = rows.filter(IN_YEAR).group_by("platform", *by)
        cells = cells.agg(pl.col("clicks", "impressions").sum()).filter(pl.col("impressions") > 0)
        cells = cells.with_columns(ctr=pl.col("clicks") / pl.col("impressions"))
        return cells.group_by("platform").agg(pl.col("ctr").mean())

    newest = ad_days(book)
    return Answer(
        rate(newest),
        {
            "mean_of_days": mean(newest, "campaign", "date"),
            "mean_of_campaigns": mean(newest, "campaign"),
            "first_figures": rate(ad_days(book, "first")),
        },
    )


@answers("10-03")
def email_rates(book: Book) -> Answer:
    events = email_events(book).filter(
        pl.col("sent_on").is_between(date(2025, 1, 1), date(2025, 12, 31))
    )
    human = ~pl.col("is_machine")

    def rates(delivered: str, of: pl.Expr, distinct: bool = True) -> pl.DataFrame:
        def count(name: str, who: pl.Expr) -> pl.Expr:
            rows = pl.col("sent").filter((pl.col("type") == name) & who)
            return rows.n_unique() if distinct else rows.len()

        everyone = pl.lit(True)
        below = pl.col("sent").filter(pl.col("type") == delivered).n_unique()
        return events.group_by("kind").agg(
            open_rate=count("OPEN", of) / below,
            click_rate=count("CLICK", of & everyone) / below,
        )

    return Answer(
        rates("DELIVERED", human),
        {
            "events_counted": rates("DELIVERED", human, distinct=False),
            "machines_counted": rates("DELIVERED", pl.lit(True)),
            "sends_divided": rates("SENT", human),
        },
    )


@answers("10-04")
def visits_of_people(book: Book) -> Answer:
    found = visits(book).filter(IN_YEAR)
    machine, office, login = pl.col("is_machine"), pl.col("is_office"), pl.col("is_login")

    def by_month(*left_out: pl.Expr) -> pl.DataFrame:
        rows = found.filter(*(~one for one in left_out))
        return rows.group_by(MONTH).agg(visits=pl.len().cast(pl.Int64))

    return Answer(
        by_month(machine, office, login),
        {
            "machines_counted": by_month(office, login),
            "office_counted": by_month(machine, login),
            "logins_counted": by_month(machine, office),
        },
    )


@answers("10-05")
def claimed(book: Book) -> Answer:
    wanted = pl.col("action").is_null() | pl.col("action").is_in(["lead", "complete_registration"])

    def by_platform(rows: pl.DataFrame, *more: str) -> pl.DataFrame:
        rows = rows.filter(IN_YEAR).with_columns(total=pl.sum_horizontal("claimed", *more))
        return rows.group_by("platform").agg(claimed=pl.col("total").sum())

    newest = claims(book)
    return Answer(
        by_platform(newest.filter(wanted)),
        {
            "every_delivery": by_platform(claims(book, "all").filter(wanted)),
            "every_action": by_platform(newest),
            "parts_and_whole": by_platform(newest.filter(wanted), "clicked", "viewed"),
        },
    )
