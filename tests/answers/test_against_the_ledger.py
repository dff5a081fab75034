"""The book of days read from the deliveries, beside the ledger the simulator keeps for itself."""

import polars as pl
import pytest

from taproom import world
from taproom.answers.days import Book
from taproom.answers.landing import Landing


@pytest.fixture(scope="module", params=[42, 7])
def both(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("ledger")
    world.init(root, scale="tiny", seed=request.param, sources=("app", "stripe", "finance"))
    world.write_truth(root)
    truth = pl.read_parquet(root / "truth" / "truth_mrr_daily.parquet")
    days = Book(Landing.of(root)).daily
    # The book leaves out days on which a subscription is nothing to anybody; it may leave out
    # no day with MRR.
    truth = truth.filter((pl.col("mrr_usd") > 0) | pl.col("is_alive"))
    return days.join(truth, on=["subscription_id", "date"], how="right", suffix="_true")


def test_mrr_agrees_on_every_subscription_and_day(both):
    assert len(both) > 20_000 and both["mrr_usd"].null_count() == 0
    paying = both.filter(pl.col("mrr_usd") > 0)
    assert len(paying) > 20_000
    assert (both["mrr_usd"] - both["mrr_usd_true"].cast(pl.Float64)).abs().max() < 1e-5
    assert (both["mrr_local"] - both["mrr_local_true"].cast(pl.Float64)).abs().max() < 1e-5
