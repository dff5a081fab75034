"""The answers of labs 17 to 22: what the learner's own charts and alerts in Superset must show."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from taproom.answers.answer import ROADS, Answer, answers, number
from taproom.answers.customers import IN_YEAR, MONTH
from taproom.answers.days import Book
from taproom.answers.devices import MONTH as NOVEMBER
from taproom.answers.devices import _fleet
from taproom.answers.features import _Day
from taproom.answers.marketing import ad_days, claims, email_events
from taproom.answers.questions.adoption import features
from taproom.answers.questions.customers import CUSTOMERS
from taproom.answers.questions.health import health
from taproom.answers.risk import delivered
from taproom.answers.users import HALF_YEAR, People

WEEK, THIRTY = timedelta(days=7), timedelta(days=30)
CLAIMED = pl.col("action").is_null() | pl.col("action").is_in(["lead", "complete_registration"])


# --- 17: executive -----------------------------------------------------------------------------
@answers("17-01")
def mrr_by_plan(book: Book) -> Answer:
    year = book.daily.filter(IN_YEAR)
    at_end = year.filter(pl.col("date") == pl.col("date").dt.month_end())
    today = book.daily.filter(pl.col("date") == book.today)
    now = today.select("subscription_id", now="plan_tier")

    def by_plan(rows: pl.DataFrame, plan: str = "plan_tier", value: pl.Expr | None = None):
        value = pl.col("mrr_usd").sum() if value is None else value
        cells = rows.group_by(MONTH, plan_tier=plan).agg(
            mrr_usd=value, paid=pl.col("mrr_usd").sum()
        )
        return cells.filter(pl.col("paid") > 0).drop("paid")

    days = pl.col("date").dt.days_in_month().first()
    return Answer(
        by_plan(at_end),
        {
            "days_added": by_plan(year),
            "month_average": by_plan(year, value=pl.col("mrr_usd").sum() / days),
            "todays_plan": by_plan(at_end.join(now, on="subscription_id"), "now"),
            "constant_rates": by_plan(at_end, value=pl.col("constant_usd").sum()),
        },
    )


@answers("17-02")
def net_new_mrr(book: Book) -> Answer:
    gains = pl.col("new_usd") + pl.col("expansion_usd") + pl.col("reactivation_usd")
    losses = pl.col("contraction_usd") + pl.col("churn_usd")

    def by_month(what: pl.Expr) -> pl.DataFrame:
        return book.accounts.filter(IN_YEAR).group_by(MONTH).agg(net_new_mrr_usd=what.sum())

    return Answer(
        by_month(gains + losses),
        {
            "fx_counted": by_month(gains + losses + pl.col("fx_usd")),
            "new_only": by_month(pl.col("new_usd")),
            "losses_left_out": by_month(gains),
            "losses_added": by_month(gains - losses),
        },
    )


@answers("17-03")
def quick_ratio(book: Book) -> Answer:
    quarter = pl.col("date").dt.truncate("1q").alias("quarter")
    gains = pl.col("new_usd") + pl.col("expansion_usd") + pl.col("reactivation_usd")
    losses = -(pl.col("contraction_usd") + pl.col("churn_usd"))

    def ratio(rows: pl.DataFrame, gains: pl.Expr = gains, losses: pl.Expr = losses):
        sums = rows.filter(IN_YEAR).group_by(quarter)
        sums = sums.agg(gains=gains.sum(), losses=losses.sum()).filter(pl.col("losses") != 0)
        return sums.select("quarter", quick_ratio=pl.col("gains") / pl.col("losses"))

    months = book.accounts.filter(IN_YEAR).group_by(MONTH).agg(gains.sum(), losses=losses.sum())
    months = months.filter(pl.col("losses") != 0).select(
        quarter=pl.col("month").dt.truncate("1q"),
        quick_ratio=pl.col("new_usd") / pl.col("losses"),
    )
    return Answer(
        ratio(book.accounts),
        {
            "mean_of_months": months.group_by("quarter").agg(pl.col("quick_ratio").mean()),
            "churn_only": ratio(book.accounts, losses=-pl.col("churn_usd")),
            "new_only": ratio(book.accounts, gains=pl.col("new_usd")),
        },
    )


# --- 18: marketing -----------------------------------------------------------------------------
@answers("18-01")
def cost_per_click(book: Book) -> Answer:
    rows = ad_days(book).filter(IN_YEAR)
    spend, clicks = pl.col("spend_usd"), pl.col("clicks")

    def mean(*by: str) -> pl.DataFrame:
        cells = rows.group_by("platform", *by).agg(spend.sum(), clicks.sum())
        cells = cells.filter(clicks > 0).with_columns(cpc_usd=spend / clicks)
        return cells.group_by("platform").agg(pl.col("cpc_usd").mean())

    def ratio(above: pl.Expr, below: pl.Expr) -> pl.DataFrame:
        return rows.group_by("platform").agg(cpc_usd=above.sum() / below.sum())

    return Answer(
        ratio(spend, clicks),
        {
            "mean_of_rows": mean("campaign", "date"),
            "mean_of_campaigns": mean("campaign"),
            "upside_down": ratio(clicks, spend),
            "impressions_divided": ratio(spend, pl.col("impressions")),
        },
    )


@answers("18-02")
def cost_per_claim(book: Book) -> Answer:
    spent = ad_days(book).filter(IN_YEAR)
    claimed = claims(book).filter(CLAIMED, IN_YEAR)

    def quarters(rows: pl.DataFrame, what: str) -> pl.DataFrame:
        by = pl.col("date").dt.truncate("1q").alias("quarter")
        return rows.group_by(by).agg(pl.col(what).sum())

    both = quarters(spent, "spend_usd").join(quarters(claimed, "claimed"), on="quarter")
    clicks = quarters(spent, "clicks")
    months = spent.group_by(MONTH).agg(pl.col("spend_usd").sum())
    months = months.join(claimed.group_by(MONTH).agg(pl.col("claimed").sum()), on="month")
    rates = months.filter(pl.col("claimed") > 0).select(
        quarter=pl.col("month").dt.truncate("1q"),
        cost_usd=pl.col("spend_usd") / pl.col("claimed"),
    )
    one_platform = quarters(claimed.filter(pl.col("platform") == "google_ads"), "claimed")

    def ratio(rows: pl.DataFrame, below: str) -> pl.DataFrame:
        rows = rows.filter(pl.col(below) > 0)
        return rows.select("quarter", cost_usd=pl.col("spend_usd") / pl.col(below))

    return Answer(
        ratio(both, "claimed"),
        {
            "mean_of_months": rates.group_by("quarter").agg(pl.col("cost_usd").mean()),
            "per_click": ratio(both.join(clicks, on="quarter"), "clicks"),
            "one_platform": ratio(both.drop("claimed").join(one_platform, on="quarter"), "claimed"),
        },
    )


@answers("18-03")
def click_rate_of_mails(book: Book) -> Answer:
    events = email_events(book).with_columns(date="sent_on").filter(IN_YEAR)
    human = ~pl.col("is_machine")

    def count(kind: str, of: pl.Expr | None = None) -> pl.Expr:
        wanted = pl.col("type") == kind
        return pl.col("sent").filter(wanted if of is None else wanted & of).n_unique()

    def rate(above: pl.Expr, below: pl.Expr) -> pl.DataFrame:
        sums = events.group_by(MONTH).agg(above=above, below=below).filter(pl.col("below") > 0)
        return sums.select("month", click_rate=pl.col("above") / pl.col("below"))

    cells = events.group_by(MONTH, "email_campaign_id", "date").agg(
        clicks=count("CLICK", human), deliveries=count("DELIVERED")
    )
    cells = cells.filter(pl.col("deliveries") > 0)
    mean = (pl.col("clicks") / pl.col("deliveries")).mean()
    return Answer(
        rate(count("CLICK", human), count("DELIVERED")),
        {
            "of_opens": rate(count("CLICK", human), count("OPEN", human)),
            "of_sends": rate(count("CLICK", human), count("SENT")),
            "mean_of_rows": cells.group_by("month").agg(click_rate=mean),
            "opens_counted": rate(count("OPEN", human), count("DELIVERED")),
        },
    )


# --- 19: customer success ----------------------------------------------------------------------
@answers("19-01")
def mrr_by_health(book: Book) -> Answer:
    today = book.accounts.filter(pl.col("date") == book.today)
    money = dict(today.select("account_id", "mrr_usd").rows())
    rows = [
        (one.band, one.status, money.get(account, 0.0))
        for account, one in health(delivered(book), book.today).items()
    ]
    everyone = pl.DataFrame(rows, schema=["health_band", "status", "mrr_usd"], orient="row")

    def by_band(statuses: tuple[str, ...], amount: pl.Expr | None = None) -> pl.DataFrame:
        mine = everyone.filter(pl.col("status").is_in(list(statuses))).group_by("health_band")
        amount = pl.col("mrr_usd").sum() if amount is None else amount
        return mine.agg(customers=pl.len().cast(pl.Int64), mrr_usd=amount)

    return Answer(
        by_band(CUSTOMERS),
        {
            "trials_counted": by_band((*CUSTOMERS, "trial")),
            "active_only": by_band(("active",)),
            "mean_mrr": by_band(CUSTOMERS, pl.col("mrr_usd").mean()),
            "yearly": by_band(CUSTOMERS, 12 * pl.col("mrr_usd").sum()),
        },
    )


@answers("19-02")
def lost_by_month(book: Book) -> Answer:
    year = book.accounts.filter(IN_YEAR)
    ended = year.filter(pl.col("was_alive") & ~pl.col("is_alive"))
    at_zero = year.filter((pl.col("mrr_usd") == 0) & (pl.col("opening_usd") > 0))
    back = year.filter(pl.col("reactivation_usd") > 0)

    def by_month(rows: pl.DataFrame, lost: pl.Expr, count: pl.Expr | None = None) -> pl.DataFrame:
        return rows.group_by(MONTH).agg(
            customers_lost=(pl.len() if count is None else count).cast(pl.Int64),
            mrr_lost_usd=-lost.sum(),
        )

    churn = pl.col("churn_usd")
    is_end = pl.col("was_alive") & ~pl.col("is_alive")
    net = pl.concat([ended.with_columns(one=1), back.with_columns(one=-1)])
    return Answer(
        by_month(ended, churn),
        {
            "zero_is_churn": by_month(at_zero, pl.col("delta")),
            "contraction_counted": by_month(
                year, churn + pl.col("contraction_usd"), is_end.sum()
            ).filter(pl.col("customers_lost") + pl.col("mrr_lost_usd") != 0),
            "net_of_returns": by_month(
                net, churn + pl.col("reactivation_usd"), pl.col("one").sum()
            ),
        },
    )


# --- 20: product -------------------------------------------------------------------------------
@answers("20-01")
def monthly_active_users(book: Book) -> Answer:
    people = People.of(book)
    half_year = pl.col("date").is_between(HALF_YEAR[0], date(2025, 12, 31))

    def by_month(days: pl.DataFrame, count: pl.Expr) -> pl.DataFrame:
        rows = days.filter(half_year)
        return rows.group_by(MONTH).agg(active_users=count)

    users, rows = pl.col("user_id").n_unique(), pl.len()
    per_day = rows / pl.col("date").dt.days_in_month().first()
    return Answer(
        by_month(people.active, users),
        {
            "days_added": by_month(people.active, rows),
            "daily_average": by_month(people.active, per_day),
            "seen_counted": by_month(people.seen, users),
            "open_logins_only": by_month(
                people.active.join(people.open_today, on="user_id"), users
            ),
        },
    )


@answers("20-02")
def adoption_by_area(book: Book) -> Answer:
    given = delivered(book)
    today = _Day(given, given.today)
    key = book.landing.newest("app", "features").filter("is_key")["key"].to_list()
    rows = []
    for one in features(given):
        adopted = today.users(one["key"], 2)
        for user in today.eligible(one["min_plan"]):
            plan = today.standing[today.login[user]].plan
            rows.append((one["key"], one["area"], one["key"] in key, plan, user in adopted))
    names = ["feature", "feature_area", "is_key", "plan", "adopted"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    single = frame.group_by("feature_area", "feature", "plan").agg(pl.col("adopted").mean())

    def by_area(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.group_by("feature_area").agg(adoption=pl.col("adopted").mean())

    total = frame["adopted"].sum()
    return Answer(
        by_area(frame),
        {
            "mean_of_rates": by_area(single),
            "key_features_only": by_area(frame.filter("is_key")),
            "share_of_adopters": frame.group_by("feature_area").agg(
                adoption=pl.col("adopted").sum() / total
            ),
        },
    )


# --- 21: operations ----------------------------------------------------------------------------
@answers("21-01")
def uptime_by_country(book: Book) -> Answer:
    days = _device_days(book, *NOVEMBER)
    expected, heard = pl.col("expected_heartbeats"), pl.col("heartbeats")
    due, came = pl.col("open_expected_heartbeats"), pl.col("open_heartbeats")

    def by_country(rate: pl.Expr) -> pl.DataFrame:
        return days.group_by("country").agg(uptime_open_hours=rate)

    daily = pl.when(due > 0).then(came / due)
    return Answer(
        by_country(came.sum() / due.sum()),
        {
            "all_hours": by_country(heard.sum() / expected.sum()),
            "mean_of_days": by_country(daily.mean()),
            "days_off_as_zero": by_country(daily.fill_null(0.0).mean()),
        },
    )


def _device_days(book: Book, first: date, last: date) -> pl.DataFrame:
    """Readings of devices' business days, with the country of the venue."""
    fleet = _fleet(book)
    columns = ("expected_heartbeats", "heartbeats", "open_expected_heartbeats", "open_heartbeats")
    country = dict(fleet.service.select("device_id", "country").rows())
    days = fleet.days(first, last, *columns)
    return days.with_columns(country=pl.col("device_id").replace_strict(country, default=None))


@answers("21-02")
def silent_share(book: Book) -> Answer:
    counts = ROADS["07-03"](book)

    def share(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.select("country", offline_share=pl.col("offline") / pl.col("in_service"))

    total = counts.right["offline"].sum()
    return Answer(
        share(counts.right),
        {
            **{name: share(rows) for name, rows in counts.wrong.items()},
            "share_of_the_silent": counts.right.select(
                "country", offline_share=pl.col("offline") / (total or None)
            ).fill_null(0.0),
        },
    )


# --- 22: alerts --------------------------------------------------------------------------------
@answers("22-01")
def uptime_of_the_week(book: Book) -> Answer:
    days = _device_days(book, book.today - WEEK + timedelta(days=1), book.today)
    expected, heard = pl.col("expected_heartbeats"), pl.col("heartbeats")
    due, came = pl.col("open_expected_heartbeats"), pl.col("open_heartbeats")

    def value(rate: pl.Expr, rows: pl.DataFrame = days) -> pl.DataFrame:
        return rows.select(uptime_open_hours=rate)

    last = days.filter(pl.col("business_date") == pl.col("business_date").max())
    return Answer(
        value(came.sum() / due.sum()),
        {
            "all_hours": value(heard.sum() / expected.sum()),
            "mean_of_days": value(pl.when(due > 0).then(came / due).mean()),
            "last_day_only": value(came.sum() / due.sum(), last),
        },
    )


@answers("22-02")
def mrr_against_a_month_ago(book: Book) -> Answer:
    def total(day: date, column: str = "constant_usd") -> float:
        return book.accounts.filter(pl.col("date") == day)[column].sum()

    then, now = book.today - THIRTY, book.today
    change = total(now) / total(then) - 1
    days = book.accounts.filter(pl.col("date") > then)
    name = "mrr_change"
    return Answer(
        number(name, change),
        {
            "current_rates": number(name, total(now, "mrr_usd") / total(then, "mrr_usd") - 1),
            "level": number(name, total(now)),
            "ratio": number(name, change + 1),
            "new_only": number(name, days["new_usd"].sum() / total(then, "mrr_usd")),
        },
    )
