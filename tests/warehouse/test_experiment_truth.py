"""What the warehouse says of experiments and features against what the simulator knows."""

from __future__ import annotations

import math
from collections.abc import Callable

import pyarrow.parquet as pq
import pytest

from taproom import warehouse, world


@pytest.fixture(scope="module")
def truth(built: warehouse.Sandbox, tmp_path_factory) -> Callable[[str], list[dict]]:
    """Rows of a truth table of the same world."""
    folder = world.write_truth(built.root, tmp_path_factory.mktemp("truth"))
    return lambda table: pq.read_table(folder / f"truth_{table}.parquet").to_pylist()


def test_every_outcome_of_a_unit_is_what_happened(ask, truth):
    """But for units that changed sides: neither of their two potential outcomes happened."""
    units = {(one["experiment_id"], one["unit_id"]): one for one in truth("experiment_unit")}
    compared, wrong = 0, []
    for experiment, unit, variant, outcome in ask(
        "select experiment_id, unit_id, variant, outcome::float"
        " from intermediate.int_experiments__outcomes where is_primary"
    ):
        one = units.get((experiment, unit))
        if one is None or one["changed_sides_at"] is not None:
            continue
        compared += 1
        if abs((one["y1"] if variant == "treatment" else one["y0"]) - outcome) > 1e-4:
            wrong.append((experiment, unit, outcome, one))
    assert wrong[:3] == []
    assert compared > 500


def test_intervals_cover_the_true_effects(ask, truth):
    """Of eleven 95% intervals one may miss; the split and the units are those that were drawn."""
    effects = {one["experiment_id"]: one for one in truth("experiment")}
    rows = ask(
        "select experiment_id, exp_control_n + exp_treatment_n, exp_ci_low, exp_ci_high"
        " from entities.entity_features where experiment_status = 'completed'"
    )
    assert len(rows) == len(effects) == 11
    missed = [one for one, _, low, high in rows if not low <= effects[one]["ate"] <= high]
    assert len(missed) <= 1
    assert all(units <= effects[one]["units"] for one, units, _, _ in rows)


def test_the_association_is_the_trap_and_not_the_effect(ask, truth):
    """Users of a feature are more active by far more than the feature does."""
    known = {one["feature_id"]: one for one in truth("feature_effect") if one["users"] >= 10}
    rows = ask("select feature_id, activity_ratio_28d from entities.entity_features")
    ratios = {one: math.log(ratio) for one, ratio in rows if one in known and ratio}
    assert len(ratios) > 20
    naive = [known[one]["naive_association"] for one in ratios]
    assert sum(ratios.values()) / len(ratios) == pytest.approx(sum(naive) / len(naive), abs=0.05)
    effect = [known[one]["effect"] for one in ratios]
    assert sum(effect) / len(effect) < 0.2 * sum(ratios.values()) / len(ratios)
