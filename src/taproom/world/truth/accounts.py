"""What accounts are made of, how they fared each week, and what they nearly decided."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.context import Context
from taproom.world.draws.ids import text_id
from taproom.world.facts import CAUSES, Facts
from taproom.world.people.population import TEST, child_key, population
from taproom.world.render.columns import stamp, word
from taproom.world.truth.columns import account, date, subscription


def latent(seed: int, paying: int, facts: Facts) -> pa.Table:
    """truth_account_latent: what the accounts are made of."""
    acct = np.unique(facts.table("account_version")["acct"])
    p = population(seed, paying, acct)
    segment = np.select([p.n_loc == 1, p.n_loc < 10], [0, 1], 2)
    return pa.table(
        {
            "account_id": account(seed, acct),
            "is_test": pa.array(p.cls == TEST),
            **{
                n: pa.array(getattr(p, n))
                for n in (
                    "fit",
                    "economics",
                    "price_sense",
                    "skill",
                    "champion",
                    "environment",
                    "tech",
                )
            },
            "segment_at_signup": word(("solo", "group", "chain"), segment),
        }
    )


def weeks(seed: int, facts: Facts) -> pa.Table:
    """truth_account_week: usage level, outage load, champion gone, open tickets."""
    w = facts.table("week")
    w = w[w["day"] >= clock.START - 7]
    return pa.table(
        {
            "account_id": account(seed, w["acct"]),
            "week": date(w["day"]),
            "z": pa.array(w["z"]),
            "outage_load": pa.array(w["outage"]),
            "champion_gone": pa.array(w["gone"]),
            "open_tickets": pa.array(w["open_tickets"].astype(np.int32)),
        }
    )


def decisions(seed: int, facts: Facts) -> pa.Table:
    """truth_hazard: every renewal thought over, with the true hazard of leaving."""
    d = facts.table("decision")
    return pa.table(
        {
            "subscription_id": subscription(seed, d["acct"], d["ord"]),
            "account_id": account(seed, d["acct"]),
            "at": stamp(d["at"]),
            "hazard": pa.array(d["p"]),
            "interval_months": pa.array(d["months"].astype(np.int32)),
            "left": pa.array(d["left"]),
            "cause": word(CAUSES, d["cause"]),
        }
    )


def failures(seed: int, facts: Facts) -> pa.Table:
    """truth_device_failure: when and how devices failed, with the hazard of that week."""
    f = facts.table("device_failure")
    return pa.table(
        {
            "device_id": text_id("dev_", child_key(seed, "device", f["acct"], f["n"])),
            "failed_at": stamp(f["at"]),
            "repaired_at": stamp(f["until"]),
            "mode": pa.array(f["mode"].astype(np.int32)),
            "hazard": pa.array(f["hazard"]),
        }
    )


def tables(c: Context) -> dict[str, pa.Table]:
    """truth_account_latent, truth_account_week, truth_hazard, truth_device_failure."""
    return {
        "truth_account_latent": latent(c.seed, c.paying, c.facts),
        "truth_account_week": weeks(c.seed, c.facts),
        "truth_hazard": decisions(c.seed, c.facts),
        "truth_device_failure": failures(c.seed, c.facts),
    }


TRUTH = (tables,)
