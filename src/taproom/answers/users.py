"""The answers of notebook 09: users."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from taproom.answers.answer import Answer, answers
from taproom.answers.days import Book

DECEMBER = pl.col("date").is_between(date(2025, 12, 1), date(2025, 12, 31))
HALF_YEAR = [date(2025, month, 1) for month in range(7, 13)]
RETENTION_WEEKS = (1, 4, 12, 24)
COHORTS = (date(2025, 1, 6), date(2025, 6, 23))
QUARTER_WEEKS = (date(2025, 10, 6), date(2025, 12, 22))
GAP = pl.duration(minutes=30)
SIGN_INS = ("signed_in", "signed_up", "invitation_accepted")
ROBOTS = "(?i)(bot|crawler|spider|slurp|monitor)"


@dataclass
class People:
    """Users of customers, and what the tracker delivered of them, each call once."""

    book: Book

    @classmethod
    def of(cls, book: Book) -> People:
        """The people of a book, kept with it."""
        return vars(book).setdefault("_people", cls(book))

    @cached_property
    def users(self) -> pl.DataFrame:
        """One row a user of a customer: user_id, role, created_at, activated_at, status."""
        companies = self.book.companies
        counted = [
            account for account, kept in companies.survivor.items() if kept in companies.real
        ]
        rows = self.book.landing.newest("app", "users")
        return rows.filter(pl.col("account_id").is_in(counted)).select(
            "role", "created_at", "activated_at", "status", user_id="id"
        )

    @cached_property
    def tracked(self) -> pl.DataFrame:
        """One row an event of a user: user_id, at, date, kind (use, error, sign_in)."""
        rows = self.book.landing.newest("segment", "tracks")
        kind = (
            pl.when(pl.col("event") == "error_shown")
            .then(pl.lit("error"))
            .when(pl.col("event").is_in(SIGN_INS))
            .then(pl.lit("sign_in"))
            .otherwise(pl.lit("use"))
        )
        rows = rows.select("user_id", at="timestamp", kind=kind).cast({"user_id": pl.String})
        rows = rows.filter(pl.col("at") < self.book.landing.as_of)
        return rows.join(self.users.select("user_id"), on="user_id").with_columns(
            date=pl.col("at").dt.date()
        )

    @cached_property
    def viewed(self) -> pl.DataFrame:
        """One row a page a user opened: user_id, date. A shared board is a guest's."""
        rows = self.book.landing.newest("segment", "pages").cast({"user_id": pl.String})
        rows = rows.filter(
            ~pl.col("context_user_agent").cast(pl.String).str.contains(ROBOTS),
            ~pl.col("context_ip").cast(pl.String).str.starts_with("203.0.113."),
            pl.col("context_page_path").cast(pl.String) != "/shared/board",
            pl.col("timestamp") < self.book.landing.as_of,
        )
        return rows.join(self.users.select("user_id"), on="user_id").select(
            "user_id", date=pl.col("timestamp").dt.date()
        )

    @cached_property
    def active(self) -> pl.DataFrame:
        """user_id, date: days with a value event, once each."""
        return self.tracked.filter(pl.col("kind") == "use").select("user_id", "date").unique()

    @cached_property
    def seen(self) -> pl.DataFrame:
        """user_id, date: days with any call, once each."""
        return pl.concat([self.tracked.select("user_id", "date"), self.viewed]).unique()

    @cached_property
    def weeks(self) -> pl.DataFrame:
        """user_id, week_start: ISO weeks with a value event, once each."""
        return self.active.select("user_id", week_start=pl.col("date").dt.truncate("1w")).unique()

    @cached_property
    def open_today(self) -> pl.DataFrame:
        return self.users.filter(pl.col("status") == "active").select("user_id")


@answers("09-01")
def active_people(book: Book) -> Answer:
    people = People.of(book)

    def by_role(days: pl.DataFrame, users: pl.Expr | None = None) -> pl.DataFrame:
        rows = days.filter(DECEMBER).join(people.users.select("user_id", "role"), on="user_id")
        return rows.group_by("role").agg(
            active_users=pl.col("user_id").n_unique() if users is None else users,
            active_days=pl.len(),
        )

    return Answer(
        by_role(people.active),
        {
            "seen_counted": by_role(people.seen),
            "days_for_users": by_role(people.active, pl.len()),
            "open_logins_only": by_role(people.active.join(people.open_today, on="user_id")),
        },
    )


@answers("09-02")
def sessions(book: Book) -> Answer:
    people = People.of(book)
    events = people.tracked.sort("user_id", "at")
    before = pl.col("at").shift(1).over("user_id")
    begins = (pl.col("at") - before).fill_null(timedelta(days=1)) > GAP

    def by_month(rows: pl.DataFrame) -> pl.DataFrame:
        rows = rows.filter(pl.col("date").dt.year() == 2025)
        return rows.group_by(month=pl.col("date").dt.month_start()).agg(sessions=pl.len())

    new_day = pl.col("date") != pl.col("date").shift(1).over("user_id")
    half_hours = events.select("user_id", "date", half_hour=pl.col("at").dt.truncate("30m"))
    return Answer(
        by_month(events.filter(begins)),
        {
            "cut_at_midnight": by_month(events.filter(begins | new_day.fill_null(True))),
            "one_a_day": by_month(events.select("user_id", "date").unique()),
            "half_hours_of_the_clock": by_month(half_hours.unique(["user_id", "half_hour"])),
        },
    )


@answers("09-03")
def stickiness(book: Book) -> Answer:
    people = People.of(book)

    def by_month(days: pl.DataFrame, audience) -> pl.DataFrame:
        rows = []
        for first in HALF_YEAR:
            last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
            in_month = days.filter(pl.col("date").is_between(first, last))
            daily = in_month.height / ((last - first).days + 1)
            monthly = audience(days, first, last)
            rows.append((first, daily / monthly if monthly else None))
        return pl.DataFrame(rows, schema={"month": pl.Date, "stickiness": pl.Float64}, orient="row")

    def users_between(days: pl.DataFrame, first: date, last: date) -> int:
        return days.filter(pl.col("date").is_between(first, last))["user_id"].n_unique()

    def rolling(days: pl.DataFrame, first: date, last: date) -> int:
        return users_between(days, last - timedelta(days=29), last)

    def averaged(days: pl.DataFrame, first: date, last: date) -> float:
        count = (last - first).days + 1
        each = [first + timedelta(days=n) for n in range(count)]
        return sum(rolling(days, day, day) for day in each) / count

    def weekly(days: pl.DataFrame, first: date, last: date) -> int:
        return users_between(days, last - timedelta(days=6), last)

    return Answer(
        by_month(people.active, rolling),
        {
            "every_day_s_audience": by_month(people.active, averaged),
            "weekly_audience": by_month(people.active, weekly),
            "seen_counted": by_month(people.seen, rolling),
        },
    )


@answers("09-04")
def activation(book: Book) -> Answer:
    users = People.of(book).users
    day = pl.col("created_at").dt.date()
    took = pl.col("activated_at") - pl.col("created_at")
    in_time = (took <= timedelta(days=7)).fill_null(False)
    cohort = users.filter(day.is_between(date(2025, 1, 1), date(2025, 11, 30)))
    year = users.filter(day.dt.year() == 2025)

    def by_role(rows: pl.DataFrame, came: pl.Expr) -> pl.DataFrame:
        return rows.group_by("role").agg(invited=pl.len(), activated=came.mean())

    return Answer(
        by_role(cohort, in_time),
        {
            "never_came_dropped": by_role(
                cohort.filter(pl.col("activated_at").is_not_null()), in_time
            ),
            "whole_year": by_role(year, in_time),
            "closed_logins_dropped": by_role(
                cohort.filter(pl.col("status") != "deactivated"), in_time
            ),
        },
    )


@answers("09-05")
def retention(book: Book) -> Answer:
    people = People.of(book)
    week = pl.col("created_at").dt.date().dt.truncate("1w")
    cohort = people.users.select("user_id", signed_up=week).filter(
        pl.col("signed_up").is_between(*COHORTS)
    )
    active = people.weeks.join(cohort, on="user_id").with_columns(
        n=(pl.col("week_start") - pl.col("signed_up")).dt.total_days() // 7
    )
    ever = active["user_id"].n_unique()
    left = (
        _left(book)
        .join(cohort, on="user_id")
        .with_columns(
            gone=(pl.col("left").dt.truncate("1w") - pl.col("signed_up")).dt.total_days() // 7 + 8
        )
    )

    def by_week(counts, sizes) -> pl.DataFrame:
        rows = [(n, counts(n) / sizes(n) if sizes(n) else None) for n in RETENTION_WEEKS]
        schema = {"weeks_since_signup": pl.Int64, "retention": pl.Float64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def there(n: int) -> int:
        return active.filter(pl.col("n") == n).height

    def later(n: int) -> int:
        return active.filter(pl.col("n") >= n)["user_id"].n_unique()

    def rows_left(n: int) -> int:
        return cohort.height - left.filter(pl.col("gone") < n).height

    return Answer(
        by_week(there, lambda n: cohort.height),
        {
            "rows_as_cohort": by_week(there, rows_left),
            "ever_active_only": by_week(there, lambda n: ever),
            "then_or_later": by_week(later, lambda n: cohort.height),
        },
    )


def _left(book: Book) -> pl.DataFrame:
    """user_id, left: the day the login was closed, of those whose login is."""
    closed = pl.col("status") == "deactivated"
    versions = book.landing.rows("app", "users").filter(closed)
    first = versions.group_by(user_id="id").agg(left=pl.col("updated_at").min().dt.date())
    now = book.landing.newest("app", "users").filter(closed).select(user_id="id")
    return first.join(now, on="user_id")


@answers("09-06")
def growth(book: Book) -> Answer:
    people = People.of(book)

    def by_week(weeks: pl.DataFrame, since: date | None = None) -> pl.DataFrame:
        known = weeks if since is None else weeks.filter(pl.col("week_start") >= since)
        first = known.group_by("user_id").agg(first=pl.col("week_start").min())
        active = known.join(first, on="user_id")
        before = known.with_columns(week_start=pl.col("week_start") + pl.duration(days=7))
        active = active.join(
            before.with_columns(was=pl.lit(True)), on=["user_id", "week_start"], how="left"
        ).with_columns(pl.col("was").fill_null(False))
        new = pl.col("first") == pl.col("week_start")
        here = active.group_by("week_start").agg(
            new=new.sum(),
            retained=pl.col("was").sum(),
            resurrected=(~new & ~pl.col("was")).sum(),
        )
        gone = before.join(known, on=["user_id", "week_start"], how="anti")
        lost = gone.group_by("week_start").agg(lost=pl.len())
        weeks_asked = pl.DataFrame({"week_start": _mondays(*QUARTER_WEEKS)})
        table = weeks_asked.join(here, on="week_start", how="left")
        return table.join(lost, on="week_start", how="left").fill_null(0)

    right = by_week(people.weeks)
    return Answer(
        right,
        {
            "returned_as_new": right.with_columns(
                new=pl.col("new") + pl.col("resurrected"), resurrected=pl.lit(0)
            ),
            "history_cut_off": by_week(people.weeks, QUARTER_WEEKS[0]),
            "open_logins_only": by_week(people.weeks.join(people.open_today, on="user_id")),
        },
    )


def _mondays(first: date, last: date) -> list[date]:
    return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
