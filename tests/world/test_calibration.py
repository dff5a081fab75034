"""The measures of realism, and the world against them at a size that a test can afford."""

import numpy as np
import pytest

from taproom.world import calibrate
from taproom.world.calibrate import churn, measures


def test_auc_is_the_chance_that_a_leaver_scores_higher():
    score, left = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    assert measures.auc(score, left) == pytest.approx(0.75)
    assert measures.auc(np.zeros(4), left) == pytest.approx(0.5), "ties say nothing"
    assert measures.auc(-score, left) == pytest.approx(0.25)


def test_the_logistic_fit_finds_the_coefficients_it_was_made_with():
    x = np.column_stack([np.tile([-1.0, 0.0, 1.0], 4000), np.repeat([-1.0, 1.0], 6000)])
    p = 1 / (1 + np.exp(-(0.3 + 0.8 * x[:, 0] - 0.5 * x[:, 1])))
    # Fitting the probabilities themselves leaves no noise.
    assert measures.fit_logistic(x, p, ridge=0.0) == pytest.approx([0.3, 0.8, -0.5], abs=1e-6)


def test_a_world_of_three_thousand_is_near_its_bands():
    rows = {r.name: r for r in churn.measure(seed=1, paying=3_000)}
    # A third of the band's width to either side for the smaller number of accounts.
    for name in ("monthly logo churn", "GRR, 12 months", "NRR, 12 months", "trials that convert",
                 "involuntary share of churn", "first charge of a renewal declined",
                 "recovered by dunning"):  # fmt: skip
        r = rows[name]
        room = (r.high - r.low) / 3 + 0.01 * r.value
        assert r.low - room <= r.value <= r.high + room, (name, r.value)
    oracle = rows["oracle AUC, monthly plans"].value
    assert 0.76 < oracle < 0.88
    assert rows["oracle less observed features, monthly plans"].value > 0
    assert rows["features less usage alone, monthly plans"].value > 0


def test_a_row_outside_its_band_says_so():
    text = measures.table([measures.Row("churn", 0.5, 0.1, 0.2)])
    assert "OUTSIDE" in text and "0.1 to 0.2" in text


def test_whole_worlds_are_measured_area_by_area():
    rows = calibrate.whole_worlds("tiny", [1])
    names = [r.name for r in rows]
    assert len(rows) > 50 and len(set(names)) == len(names)
    assert np.isfinite([r.value for r in rows]).all()
    # A hundred customers are few: some rows fall outside, most may not.
    assert np.mean([r.ok for r in rows]) > 0.8, calibrate.table([r for r in rows if not r.ok])
    some = calibrate.whole_worlds("tiny", [1], sources=("app", "stripe", "finance"))
    assert {r.name for r in some} < set(names), "areas whose sources are not there are left out"
