"""MRR day by day from a landing written by hand: each rule of billing on its own."""

from datetime import date, timedelta

import polars as pl
import pytest
from hand_made import Landing, at

from taproom.answers import landing as landing_files
from taproom.answers.days import Book


@pytest.fixture
def world():
    made = Landing()
    made.price("monthly", 10_000)
    made.price("yearly", 120_000, "year")
    made.price("quarterly", 30_000, count=3)
    made.price("euro", 10_000, currency="eur")
    made.price("yen", 10_000, currency="jpy")
    made.price("device", 500, component="device")
    made.price("beer", 2, component="usage", usage="metered")
    return made


@pytest.fixture
def book(tmp_path):
    return lambda made: Book(landing_files.Landing.of(made.write(tmp_path)))


def on(book, day, column="mrr_usd", name="a"):
    rows = book.daily.filter(
        pl.col("date") == date.fromisoformat(day), pl.col("subscription_id") == f"sub_{name}"
    )
    return rows[column].item() if len(rows) else None


def test_after_its_end_a_subscription_shows_at_month_ends_only(world, book):
    simple(world, "monthly")
    world.version("a", "2025-03-20 09:00", "canceled", ended_at=at("2025-03-20 09:00"))
    made = book(world)
    days = made.daily.filter(pl.col("date") >= date(2025, 3, 19))["date"]
    assert [str(day) for day in days[:4]] == [
        "2025-03-19",
        "2025-03-20",
        "2025-03-31",
        "2025-04-30",
    ]


def simple(world, price, **values):
    world.account("a")
    world.version("a", "2025-01-10 12:00", **values)
    world.item("a", "2025-01-10 12:00", price)


@pytest.mark.parametrize("price", ["monthly", "yearly", "quarterly"])
def test_every_interval_is_normalised_to_a_month(world, book, price):
    simple(world, price)
    assert on(book(world), "2025-01-10") == 100


def test_minor_units_and_rates(world, book):
    simple(world, "yen")
    made = book(world)
    assert on(made, "2025-01-10", "mrr_local") == 10_000
    assert on(made, "2025-01-10") == pytest.approx(100)
    assert on(made, "2025-06-30") == pytest.approx(110)


def test_nothing_before_the_day_it_began(world, book):
    simple(world, "monthly")
    assert on(book(world), "2025-01-09") is None


def test_a_change_at_midnight_belongs_to_the_day_that_ends(world, book):
    world.account("a")
    world.version("a", "2025-01-10")
    world.item("a", "2025-01-10", "monthly")
    assert on(book(world), "2025-01-09") == 100


def test_metered_items_stay_out_and_quantities_count(world, book):
    simple(world, "monthly")
    world.item("a", "2025-01-10 12:00", "device", 4, item="2")
    world.item("a", "2025-01-10 12:00", "beer", 1000, item="3")
    assert on(book(world), "2025-01-10") == 120


@pytest.mark.parametrize(
    ("status", "pause", "counted"),
    [
        ("active", None, 100),
        ("past_due", None, 100),
        ("trialing", None, 0),
        ("unpaid", None, 0),
        ("canceled", None, 0),
        ("active", "void", 0),
    ],
)
def test_what_counts(world, book, status, pause, counted):
    simple(world, "monthly", status=status, pause_collection_behavior=pause)
    assert on(book(world), "2025-01-10") == counted


@pytest.mark.parametrize(
    ("coupon", "counted"),
    [
        ({"percent": 25.0}, 75),
        ({"amount": 1000, "duration": "repeating"}, 90),
        ({"percent": 100.0, "duration": "once"}, 100),
        ({"percent": 25.0, "end": "2025-01-20"}, 75),
    ],
)
def test_discounts(world, book, coupon, counted):
    simple(world, "monthly")
    world.coupon("a", "2025-01-10 12:00", **coupon)
    made = book(world)
    assert on(made, "2025-01-15") == counted
    assert on(made, "2025-02-15") == (100 if coupon.get("end") else counted)


def test_an_amount_off_a_yearly_invoice_counts_a_twelfth(world, book):
    simple(world, "yearly")
    world.coupon("a", "2025-01-10 12:00", amount=12_000)
    assert on(book(world), "2025-01-15") == 90


def test_a_backdated_end_restates_the_days_between(world, book):
    simple(world, "monthly")
    world.version("a", "2025-03-01", cancel_at_period_end=False)
    world.version("a", "2025-03-20 09:00", "canceled", ended_at=at("2025-02-10 12:00"))
    made = book(world)
    assert on(made, "2025-02-09") == 100
    assert on(made, "2025-02-10") == 0
    assert on(made, "2025-02-28") == 0
    assert on(made, "2025-03-05") is None


def refunded(world, amount, leaving=True):
    simple(world, "monthly", cancel_at_period_end=leaving)
    world.add(
        "stripe",
        "invoice",
        id="in_1",
        customer_id="cus_a",
        subscription_id="sub_a",
        status="paid",
        created=at("2025-01-10 12:00"),
    )
    world.add(
        "stripe",
        "invoice_line_item",
        at("2025-01-10 12:00"),
        id="il_1",
        invoice_id="in_1",
        type="subscription",
        proration=False,
        period_start=at("2025-01-10 12:00"),
        period_end=at("2025-02-10 12:00"),
    )
    world.add(
        "stripe",
        "charge",
        id="ch_1",
        amount=10_000,
        created=at("2025-01-10 12:00"),
        status="succeeded",
        invoice_id="in_1",
        livemode=True,
    )
    world.add(
        "stripe",
        "refund",
        id="re_1",
        charge_id="ch_1",
        amount=amount,
        status="succeeded",
        created=at("2025-01-20 08:00"),
    )
    return world


@pytest.mark.parametrize(
    ("amount", "leaving", "after"), [(10_000, True, 0), (5_000, True, 100), (10_000, False, 100)]
)
def test_a_refund_of_the_period_ends_what_was_to_end(world, book, amount, leaving, after):
    made = book(refunded(world, amount, leaving))
    assert on(made, "2025-01-19") == 100
    assert on(made, "2025-01-20") == after


def test_accounts_merged_are_one_and_tests_are_none(world, book):
    simple(world, "monthly")
    world.account("b", merged_into_account_id="acc_a")
    world.version("b", "2025-01-10 12:00")
    world.item("b", "2025-01-10 12:00", "monthly")
    world.account("c", name="TEST bar")
    world.version("c", "2025-01-10 12:00")
    world.item("c", "2025-01-10 12:00", "monthly")
    made = book(world)
    today = made.accounts.filter(pl.col("date") == made.today)
    assert today.select("account_id", "mrr_usd").rows() == [("acc_a", 200.0)]


def movements(made, name="acc_a"):
    rows = made.accounts.filter(pl.col("account_id") == name, pl.col("movement").is_not_null())
    return [
        (str(day), kind, round(delta, 2))
        for day, kind, delta in rows.select("date", "movement", "delta").rows()
    ]


def test_movements_follow_the_life_of_the_account(world, book):
    world.account("a")
    world.version("a", "2025-01-01 12:00", "trialing")
    world.item("a", "2025-01-01 12:00", "monthly")
    world.version("a", "2025-01-15 12:00")
    world.version("a", "2025-03-01 12:00", pause_collection_behavior="void")
    world.version("a", "2025-04-01 12:00")
    world.version("a", "2025-05-01 12:00", "canceled", ended_at=at("2025-05-01 12:00"))
    world.version("a", "2025-07-01 12:00")
    assert movements(book(world)) == [
        ("2025-01-15", "new", 100.0),
        ("2025-03-01", "contraction", -100.0),
        ("2025-04-01", "expansion", 100.0),
        ("2025-05-01", "churn", -100.0),
        ("2025-07-01", "reactivation", 100.0),
    ]


def test_a_second_subscription_is_expansion_of_the_account(world, book):
    simple(world, "monthly")
    world.version("b", "2025-02-01 12:00", account="a")
    world.item("b", "2025-02-01 12:00", "quarterly")
    assert movements(book(world))[1:] == [("2025-02-01", "expansion", 100.0)]


def test_opening_and_movements_lead_to_closing_every_day(world, book):
    simple(world, "euro")
    world.item("a", "2025-07-14 12:00", "euro", 3)
    world.version("a", "2025-07-14 12:00")
    made = book(world)
    days = made.accounts.with_columns(
        gap=pl.col("mrr_usd")
        - pl.col("opening_usd")
        - pl.col("fx_usd")
        - pl.sum_horizontal(
            [f"{one}_usd" for one in ("new", "expansion", "contraction", "churn", "reactivation")]
        )
    )
    assert days["gap"].abs().max() < 1e-6
    assert days.filter(pl.col("date") == date(2025, 6, 30))["fx_usd"].item() == pytest.approx(10)
    assert days["date"].max() - days["date"].min() == timedelta(days=355)
