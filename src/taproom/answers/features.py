"""The answers of notebooks 12 and 13: features and experiments."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from taproom.answers.answer import Answer, answers
from taproom.answers.days import Book
from taproom.answers.questions.activity import errors, uses
from taproom.answers.questions.adoption import end_of, features, logins
from taproom.answers.questions.reference import Delivered
from taproom.answers.questions.standing import Standing, standings

PAST = date(2025, 6, 30)
PAST_FEATURE = "keg_levels"
MONTH = (date(2025, 12, 1), date(2025, 12, 31))
RELEASED_FROM, RELEASED_TO = date(2025, 1, 1), date(2025, 11, 30)


def _given(book: Book) -> Delivered:
    """The same deliveries for all exercises, with the book that is there."""
    kept = book.__dict__.setdefault("_delivered", Delivered(book.landing))
    kept.__dict__["book"] = book
    return kept


class _Day:
    """Who may use what at a day's end, and who did in the 30 days before."""

    def __init__(self, given: Delivered, day: date) -> None:
        self.given, self.day = given, day
        self.login = given.kept(("logins", day), lambda: logins(given, end_of(day)))
        self.standing = given.kept(("standing", day), lambda: standings(given, end_of(day)))

    def eligible(self, plan: str) -> set[str]:
        return {
            user
            for user, account in self.login.items()
            if account in self.standing and self.standing[account].may_use(plan)
        }

    def users(self, feature: str, days: int, events: pl.DataFrame | None = None) -> set[str]:
        """Users of a feature on at least so many of the last 30 days."""
        rows = uses(self.given) if events is None else events
        rows = rows.filter(
            pl.col("feature") == feature,
            pl.col("date").is_between(self.day - timedelta(days=29), self.day),
        )
        counts = rows.group_by("user_id").agg(days=pl.col("date").n_unique())
        return set(counts.filter(pl.col("days") >= days)["user_id"])


Counted = Callable[[dict], tuple[set[str], set[str]]]


@answers("12-01")
def adoption_today(book: Book) -> Answer:
    given = _given(book)
    today = _Day(given, given.today)
    attempts = pl.concat([uses(given), errors(given)])
    everyone = today.eligible("starter")

    def table(counted: Counted) -> pl.DataFrame:
        rows = []
        for one in features(given):
            if not today.eligible(one["min_plan"]):
                continue
            may, did = counted(one)
            rows.append(
                {
                    "feature_name": one["name"],
                    "eligible_users": len(may),
                    "adoption": len(may & did) / len(may),
                }
            )
        return pl.DataFrame(rows)

    def right(one: dict) -> tuple[set[str], set[str]]:
        return today.eligible(one["min_plan"]), today.users(one["key"], 2)

    return Answer(
        table(right),
        {
            "plan_ignored": table(lambda one: (everyone, today.users(one["key"], 2))),
            "used_once": table(lambda one: (right(one)[0], today.users(one["key"], 1))),
            "errors_counted": table(
                lambda one: (right(one)[0], today.users(one["key"], 2, attempts))
            ),
            "closed_counted": table(lambda one: (_all_logins(today, one), right(one)[1])),
        },
    )


def _all_logins(day: _Day, feature: dict) -> set[str]:
    """Users whose login works and whose account has or had the plan, open or not."""
    return {
        user
        for user, account in day.login.items()
        if account in day.standing
        and Standing("active", day.standing[account].plan).may_use(feature["min_plan"])
    }


@answers("12-02")
def adoption_by_plan(book: Book) -> Answer:
    given = _given(book)
    then, now = _Day(given, PAST), _Day(given, given.today)

    def table(day: _Day, plans: _Day, days: int) -> pl.DataFrame:
        used = day.users(PAST_FEATURE, days)
        rows = []
        for user in sorted(day.eligible("starter")):
            account = day.login[user]
            if account in plans.standing:
                rows.append((plans.standing[account].plan, user in used))
        frame = pl.DataFrame(rows, schema=["plan_tier", "used"], orient="row")
        return frame.group_by("plan_tier").agg(
            eligible_users=pl.len().cast(pl.Int64), adoption=pl.col("used").mean()
        )

    return Answer(
        table(then, then, 2),
        {
            "todays_plan": table(then, now, 2),
            "answered_for_today": table(now, now, 2),
            "used_once": table(then, then, 1),
        },
    )


@answers("12-03")
def users_of_a_month(book: Book) -> Answer:
    given = _given(book)
    areas = pl.DataFrame(features(given)).select(feature="key", feature_area="area")
    month = uses(given).filter(pl.col("date").is_between(*MONTH)).join(areas, on="feature")

    def users(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
        """Distinct users of each area; `by` counts them anew in each of its groups."""
        return rows.group_by("feature_area").agg(
            users=pl.struct("user_id", *by).n_unique().cast(pl.Int64)
        )

    return Answer(
        users(month),
        {
            "days_added": users(month, "date", "feature"),
            "features_added": users(month, "feature"),
            "daily_average": month.group_by("feature_area").agg(
                users=pl.struct("user_id", "date").n_unique() / 31
            ),
        },
    )


@answers("12-04")
def releases(book: Book) -> Answer:
    given = _given(book)
    today = _Day(given, given.today)

    def table(days: int, *, at: _Day | None = None) -> pl.DataFrame:
        rows = []
        for one in features(given):
            if not RELEASED_FROM <= one["released"] <= RELEASED_TO:
                continue
            day = at or _Day(given, one["released"] + timedelta(days=29))
            may = day.eligible(one["min_plan"])
            did = day.users(one["key"], days)
            if may:
                rows.append(
                    {"feature_name": one["name"], "adoption_30d": len(may & did) / len(may)}
                )
        return pl.DataFrame(rows)

    return Answer(
        table(2),
        {
            "adoption_of_today": table(2, at=today),
            "tried_once": table(1),
            "early_over_today": _early_over_today(given, today),
        },
    )


def _early_over_today(given: Delivered, today: _Day) -> pl.DataFrame:
    rows = []
    for one in features(given):
        if RELEASED_FROM <= one["released"] <= RELEASED_TO:
            day = _Day(given, one["released"] + timedelta(days=29))
            may = day.eligible(one["min_plan"])
            now = today.eligible(one["min_plan"])
            if may and now:
                did = day.users(one["key"], 2)
                rows.append(
                    {"feature_name": one["name"], "adoption_30d": len(may & did) / len(now)}
                )
    return pl.DataFrame(rows)


# --- experiments -----------------------------------------------------------------------------


def _experiments(given: Delivered) -> list[dict]:
    """Experiments that have ended: id, key, unit, primary_metric, treatment share, feature."""
    names = given.landing.newest("app", "features").select(feature_id="id", feature="key")
    known = given.landing.rows("app", "experiments").sort("_arrived_at", maintain_order=True)
    known = known.unique("id", keep="last").filter(pl.col("status") == "completed")
    return known.join(names, on="feature_id").to_dicts()


def _assignments(given: Delivered) -> pl.DataFrame:
    """Every assignment: experiment_id, unit_id, account_id, is_real, variant, assigned_at,
    first_exposed_at, turn (1 for the first of a unit)."""
    rows = given.landing.newest("app", "experiment_assignments")
    owners = given.landing.newest("app", "users").select(unit_id="id", owner="account_id")
    rows = rows.join(owners, on="unit_id", how="left").with_columns(
        account_id=pl.coalesce("owner", "unit_id")
    )
    rows = rows.with_columns(
        is_real=pl.col("account_id").is_in(list(given.survivor)),
    ).sort("assigned_at", "variant")
    return rows.with_columns(turn=pl.int_range(pl.len()).over("experiment_id", "unit_id") + 1)


@answers("12-05")
def broken_splits(book: Book) -> Answer:
    given = _given(book)
    rows = _assignments(given)
    real, first = pl.col("is_real"), pl.col("turn") == 1

    def table(some: pl.DataFrame, *, halves: bool = False) -> pl.DataFrame:
        out = []
        for one in _experiments(given):
            mine = some.filter(pl.col("experiment_id") == one["id"])
            share = 0.5 if halves else json.loads(one["planned_split"])["treatment"]
            treated = mine.filter(pl.col("variant") == "treatment").height
            n, expected = mine.height, mine.height * share
            if 0 < expected < n:
                chi = (treated - expected) ** 2 * (1 / expected + 1 / (n - expected))
                out.append({"experiment_name": one["key"], "units": n, "chi_square": chi})
        return pl.DataFrame(out)

    return Answer(
        table(rows.filter(real, first)),
        {
            "halves_assumed": table(rows.filter(real, first), halves=True),
            "tests_counted": table(rows.filter(first)),
            "rows_counted": table(rows.filter(real)),
            "exposed_only": table(
                rows.filter(real, first, pl.col("first_exposed_at").is_not_null())
            ),
        },
    )


@answers("12-06")
def lifts(book: Book) -> Answer:
    given = _given(book)
    rows = _assignments(given).filter("is_real")
    first = rows.filter(pl.col("turn") == 1)
    last = first.drop("variant").join(
        rows.unique(["experiment_id", "unit_id"], keep="last", maintain_order=True).select(
            "experiment_id", "unit_id", "variant"
        ),
        on=["experiment_id", "unit_id"],
    )
    exposed = first.filter(pl.col("first_exposed_at").is_not_null())
    events = _events(given)

    def table(units: pl.DataFrame, days: int = 14) -> pl.DataFrame:
        out = []
        for one in _experiments(given):
            if one["primary_metric"] != "used_feature_14d":
                continue
            mine = units.filter(pl.col("experiment_id") == one["id"])
            of = "user_id" if one["unit"] == "user" else "account"
            hits = events.filter(pl.col("feature") == one["feature"]).join(
                mine.select("unit_id", "assigned_at"),
                left_on=of,
                right_on="unit_id",
                coalesce=False,
            )
            hits = hits.filter(
                pl.col("at") >= pl.col("assigned_at"),
                pl.col("at") < pl.col("assigned_at") + timedelta(days=days),
            )
            used = list(set(hits["unit_id"]))
            shares = mine.group_by("variant").agg(share=pl.col("unit_id").is_in(used).mean())
            share = dict(shares.rows())
            if len(share) == 2:
                lift = share["treatment"] - share["control"]
                out.append({"experiment_name": one["key"], "lift": lift})
        return pl.DataFrame(out)

    return Answer(
        table(first),
        {
            "exposed_only": table(exposed),
            "last_variant": table(last),
            "no_window": table(first, 10_000),
        },
    )


def _events(given: Delivered) -> pl.DataFrame:
    """Uses with the account as the tracker named it, before any merge."""
    owners = given.landing.newest("app", "users").select(user_id="id", account="account_id")
    return uses(given).select("user_id", "feature", "at").join(owners, on="user_id")
