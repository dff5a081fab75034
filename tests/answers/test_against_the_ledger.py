"""The book of days read from the deliveries, beside the ledger the simulator keeps for itself."""

import polars as pl
import pytest

from taproom import world
from taproom.answers.days import Book
from taproom.answers.landing import Landing


@pytest.fixture(scope="module", params=[42, 7])
def both(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("ledger")
    world.init(root, scale="tiny", seed=request.param)
    world.truth(root)
    truth = pl.read_parquet(root / "truth" / "truth_mrr_daily.parquet")
    days = Book(Landing.of(root)).daily
    return days.join(
        truth.with_columns(pl.col("date").cast(pl.Date)),
        on=["subscription_id", "date"],
        how="inner",
        suffix="_true",
    )


def test_mrr_agrees_on_every_subscription_and_day(both):
    assert len(both) > 50_000
    paying = both.filter(pl.col("mrr_usd") > 0)
    assert len(paying) > 20_000
    assert (both["mrr_usd"] - both["mrr_usd_true"].cast(pl.Float64)).abs().max() < 1e-5
    assert (both["mrr_local"] - both["mrr_local_true"].cast(pl.Float64)).abs().max() < 1e-5
