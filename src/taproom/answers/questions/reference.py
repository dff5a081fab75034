"""Where the reference answers are listed, and what they are computed from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from taproom.answers.days import Book
from taproom.answers.landing import Landing

# A reference takes the delivered files and gives the columns of the question's query under the
# query's names, not rounded. Rows may come in any order: the query says which columns name a row.
Reference = Callable[["Delivered"], pl.DataFrame]
REFERENCES: dict[str, Reference] = {}


def reference(question: str) -> Callable[[Reference], Reference]:
    """Marks the function that answers a question."""

    def mark(road: Reference) -> Reference:
        REFERENCES[question] = road
        return road

    return mark


@dataclass
class Delivered:
    """One company as its sources delivered it; parts are read when they are first asked for."""

    landing: Landing
    worked_out: dict[Any, Any] = field(default_factory=dict)

    def kept(self, what: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once."""
        if what not in self.worked_out:
            self.worked_out[what] = make()
        return self.worked_out[what]

    @cached_property
    def book(self) -> Book:
        return Book(self.landing)

    @property
    def today(self) -> date:
        """The last complete UTC day."""
        return self.book.today

    @cached_property
    def survivor(self) -> dict[str, str]:
        """Account id as delivered → account it counts as; accounts that do not count are absent."""
        companies = self.book.companies
        return {
            account: kept for account, kept in companies.survivor.items() if kept in companies.real
        }

    @cached_property
    def accounts(self) -> pl.DataFrame:
        """One row an account that counts: account_id, account_name, country."""
        accounts = self.book.companies.accounts
        real = pl.col("id").is_in(list(self.book.companies.real))
        return accounts.filter(real).select(account_id="id", account_name="name", country="country")

    @cached_property
    def segments(self) -> dict[str, str]:
        """Account → segment today, by its venues that are neither closed nor deleted."""
        venues = self.landing.newest("app", "locations")
        kept = venues.filter(pl.col("status") != "closed", pl.col("deleted_at").is_null())
        owners = kept["account_id"].replace_strict(self.survivor, default=None)
        counts = dict(owners.drop_nulls().value_counts().rows())
        return {account: segment(counts.get(account, 0)) for account in self.survivor.values()}

    def on(self, day: date) -> pl.DataFrame:
        """Every account at the end of a day, as the book of days has it."""
        return self.book.accounts.filter(pl.col("date") == day)

    def last_days(self, count: int) -> pl.Expr:
        """Whether `date` is one of the last complete days."""
        return pl.col("date") > self.today - timedelta(days=count)


def segment(venues: int) -> str:
    """The size an account counts as by the number of its venues."""
    return "solo" if venues < 2 else "group" if venues < 10 else "chain"


def month_of(column: str = "date") -> pl.Expr:
    """First day of the month."""
    return pl.col(column).dt.month_start().alias("month")


def complete(today: date, every: str) -> pl.Expr:
    """Whether the month (1mo) or quarter (1q) of `date` is over."""
    return pl.col("date").dt.truncate(every).dt.offset_by(every) <= today + timedelta(days=1)
