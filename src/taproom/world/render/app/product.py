"""Features, experiments, and who takes part in them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom import contracts
from taproom.world.clock import DAY
from taproom.world.draws import ids
from taproom.world.facts import TIERS
from taproom.world.people.names import glue, take
from taproom.world.product import enrolment, experiments, features
from taproom.world.render.app.changes import RUN, instants, typed
from taproom.world.render.columns import in_window
from taproom.world.window import Window

_DRAFT_DAYS = 6  # an experiment is written down before it starts


def _arrives(at) -> np.ndarray:
    return (np.asarray(at) // RUN + 1) * RUN


def _table(name: str, columns: dict, arrived) -> pa.Table:
    return typed(name, columns | {contracts.ARRIVED_AT: instants(arrived)})


def _feature_ids(seed: int) -> pa.StringArray:
    return ids.text_id("ftr_", features.feature_keys(seed))


def _experiment_ids(seed: int) -> pa.StringArray:
    return ids.text_id("exp_", experiments.experiment_keys(seed))


def feature_rows(w: Window) -> pa.Table | None:
    """Features as they are released."""
    released = features.released_at(w.seed)
    arrived = _arrives(released)
    rows = in_window(w, arrived)
    if not len(rows):
        return None
    rows = rows[np.argsort(released[rows], kind="stable")]
    some = [features.FEATURES[i] for i in rows]
    return _table(
        "features",
        {
            "id": take(_feature_ids(w.seed), rows),
            "key": pa.array([f.key for f in some]),
            "name": pa.array([f.name for f in some]),
            "area": pa.array([f.area for f in some]),
            "min_plan": pa.array([TIERS[f.min_plan] for f in some]),
            "released_at": instants(released[rows]),
            "is_key": pa.array([f.is_key for f in some]),
            "is_beta": pa.array([f.is_beta for f in some]),
            "owner_team": pa.array([f.team for f in some]),
        },
        arrived[rows],
    )


def experiment_rows(w: Window) -> pa.Table | None:
    """Experiments as they are drafted, started and ended."""
    every = experiments.EXPERIMENTS
    at = np.array([(e.started - _DRAFT_DAYS * DAY, e.started, e.ended) for e in every]).ravel()
    arrived = _arrives(at)
    rows = in_window(w, arrived)
    if not len(rows):
        return None
    which, step = rows // 3, rows % 3
    some = [every[i] for i in which]
    arms = [experiments.variants(e) for e in some]
    feature = np.array([e.feature_index for e in some])
    return _table(
        "experiments",
        {
            "id": take(_experiment_ids(w.seed), which),
            "key": pa.array([e.key for e in some]),
            "feature_id": take(_feature_ids(w.seed), feature),
            "hypothesis": pa.array([e.hypothesis for e in some]),
            "unit": pa.array([e.unit for e in some]),
            "primary_metric": pa.array([e.metric for e in some]),
            "variants": pa.array([a[0] for a in arms]),
            "planned_split": pa.array([a[1] for a in arms]),
            "started_at": instants(np.where(step >= 1, [e.started for e in some], -1)),
            "ended_at": instants(np.where(step == 2, [e.ended for e in some], -1)),
            "status": take(("draft", "running", "completed"), step),
        },
        arrived[rows],
    )


def assignment_rows(w: Window) -> pa.Table | None:
    """Units as they are assigned, and again when they first see what is tested."""
    parts = [_assignments(w, e, e.number) for e in experiments.EXPERIMENTS if _concerns(w, e)]
    parts = [p for p in parts if len(p)]
    if not parts:
        return None
    rows = np.concatenate(parts)
    rows = rows[np.lexsort((rows["unit"], rows["at"], rows["arrived"]))]
    return _table(
        "experiment_assignments",
        {
            "experiment_id": take(_experiment_ids(w.seed), rows["experiment"]),
            "unit_id": _unit_ids(rows),
            "variant": take(experiments.VARIANTS, rows["arm"]),
            "assigned_at": instants(rows["at"]),
            "first_exposed_at": instants(rows["exposed"]),
        },
        rows["arrived"],
    )


_ROW = np.dtype(
    [
        ("experiment", "i2"),
        ("unit", "u8"),
        ("of_user", "?"),
        ("arm", "i1"),
        ("at", "i8"),
        ("exposed", "i8"),
        ("arrived", "i8"),
    ]
)


def _concerns(w: Window, e: experiments.Experiment) -> bool:
    return w.hi > e.started and w.lo <= e.ended + 3 * DAY


def _unit_ids(rows: np.ndarray) -> pa.StringArray:
    user = ids.text_id("usr_", rows["unit"])
    account = ids.text_id("acc_", rows["unit"])
    at = np.where(rows["of_user"], 0, len(rows)) + np.arange(len(rows))
    return pa.concat_arrays([user, account]).take(pa.array(at))


def _assignments(w: Window, e: experiments.Experiment, number: int) -> np.ndarray:
    """Rows of one experiment that arrive in the window."""
    r = enrolment.enrol(w, e)
    happened = enrolment.recorded(w, r)
    damaged = w.mess != "none"
    first = np.flatnonzero(~r.lost) if damaged else np.arange(len(r))
    again = np.flatnonzero(happened.moved >= 0) if damaged else np.empty(0, dtype=np.int64)
    moved = happened.moved[again]
    return np.concatenate(
        [
            _versions(
                w, e, number, r.unit[first], r.arm[first], r.at[first], happened.exposed[first]
            ),
            _versions(
                w, e, number, r.unit[again], 1 - r.arm[again], moved, happened.exposed_again[again]
            ),
        ]
    )


def _versions(w: Window, e, number: int, unit, arm, at, exposed) -> np.ndarray:
    """The row as it was assigned and, if the exposure came later, the row with it."""
    out = np.zeros((2, len(unit)), _ROW)
    out["experiment"], out["unit"], out["of_user"] = number, unit, e.unit == "user"
    out["arm"], out["at"] = arm, at
    out["arrived"][0] = _arrives(at)
    at_once = (exposed >= 0) & (_arrives(exposed) <= out["arrived"][0])
    out["exposed"][0] = np.where(at_once, exposed, -1)
    out["exposed"][1] = exposed
    out["arrived"][1] = np.where((exposed >= 0) & ~at_once, _arrives(exposed), -1)
    out = out.ravel()
    return out[(out["arrived"] >= w.lo) & (out["arrived"] < w.hi) & (out["arrived"] >= 0)]


_LEDGER = ("defect", "table_name", "pk", "column_name", "before", "after")


def assignment_ledger(w: Window) -> pa.Table:
    """M19: rows that a failing redirect lost, and second rows of units that changed sides."""
    parts = []
    for e in experiments.EXPERIMENTS:
        if e.defect not in ("srm", "crossover") or w.mess == "none" or not _concerns(w, e):
            continue
        r = enrolment.enrol(w, e)
        happened = enrolment.recorded(w, r)
        for hit, at, text in (
            (r.lost, r.at, ("assigned", None)),
            (happened.moved >= 0, happened.moved, (None, "assigned again")),
        ):
            rows = np.flatnonzero(hit & (_arrives(at) >= w.lo) & (_arrives(at) < w.hi))
            unit = ids.text_id("usr_", r.unit[rows])
            stamp = instants(at[rows]).cast(pa.string())
            before, after = (pa.array([t] * len(rows), pa.string()) for t in text)
            parts.append(
                pa.table(
                    {
                        "defect": pa.array(["M19"] * len(rows), pa.string()),
                        "table_name": pa.array(
                            ["app.experiment_assignments"] * len(rows), pa.string()
                        ),
                        "pk": glue(
                            take(_experiment_ids(w.seed), np.full(len(rows), e.number)),
                            unit,
                            stamp,
                            sep="|",
                        ),
                        "column_name": pa.array(["*"] * len(rows), pa.string()),
                        "before": before,
                        "after": after,
                    }
                )
            )
    return pa.concat_tables([pa.table({n: pa.array([], pa.string()) for n in _LEDGER}), *parts])


RENDERERS = {
    "features": feature_rows,
    "experiments": experiment_rows,
    "experiment_assignments": assignment_rows,
}
LEDGERS = {"experiment_assignments": assignment_ledger}
WORLD = {"features", "experiments"}
