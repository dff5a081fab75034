"""Does the world look like the industry, and can churn be told? Measured on accounts alone.

Runs the account world (layers L0 to L2, nothing rendered) at 24,000 ever-paying accounts: one
of a thousand has too few leavers to judge the signal by.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from taproom.world import clock
from taproom.world.around import catalog, fx
from taproom.world.calibrate.measures import Row, auc, fit_logistic
from taproom.world.clock import DAY
from taproom.world.draws import keys
from taproom.world.facts import ACTIVE, CYCLE
from taproom.world.people.population import CONVERTS, PRESETS, TEST, TRIAL_ONLY, population
from taproom.world.state import billing, hazard, ledger, mood
from taproom.world.state.engine import Engine

SNAPSHOTS = tuple(clock.day(y, m, 1) for y in (2024, 2025) for m in (3, 6, 9))
HORIZON = 90
NOISE = 0.55  # of each of three measures of usage (people, volume, features), in units of z


def _snapshot(e: Engine, d: int) -> dict[str, np.ndarray]:
    """Living accounts on day d: latent state, what can be seen of it, and the oracle's score."""
    a, p, sub, x = e.acc, e.pop, e.subs.live, e.extra.live
    i = np.flatnonzero((a["status"] == 1) & (p.cls != TEST) & ~a["scripted"])
    s = a["primary"][i]
    keep = (
        (sub["status"][s] == ACTIVE) & ~sub["cancel_at_end"][s] & (sub["period_end"][s] > d * DAY)
    )
    i, s = i[keep], s[keep]
    months = sub["months"][s].astype(np.int64)
    _, parts = hazard.strain(e, i, d)
    base, tilt = hazard.by_plan(hazard.BASE, months), hazard.by_plan(hazard.SLOPE, months)
    weak = billing.weak_payer(e.seed, p.key[i])
    # Expected strain at each coming decision: usage returns to its mean, troubles fade.
    mean = 0.90 * p.fit[i] + 0.25 * p.tech[i] + 0.25 * p.skill[i] - 1.1 * (parts["gone"] > 0) * 0.6
    stay = np.ones(len(i))
    decide = np.where(x["decide"][s] >= 0, x["decide"][s] // DAY, sub["period_end"][s] // DAY - 10)
    period = np.where(months == 1, 30, np.where(months == 3, 91, 365))
    for j in range(4):
        at = decide + j * period
        ends = sub["period_end"][s] // DAY + j * period
        inside = (at >= d) & (ends < d + HORIZON)
        weeks = np.maximum(at - d, 0) / 7.0
        decay = 0.93**weeks
        z = mean + (np.clip(a["z"][i], -4, 4) - mean) * decay
        fade = 0.75**weeks
        strain = (
            -z
            + parts["outage"] * fade
            + parts["tickets"] * fade
            + parts["gone"] * 0.92**weeks
            + np.where(weeks < 8, parts["price"], 0)
            + parts["young"]
            + parts["thin"]
        )
        spread = mood.SHOCK * np.sqrt((1 - decay**2) / (1 - 0.93**2))
        slope = tilt / np.sqrt(1 + (tilt * spread) ** 2 * 0.35)
        q = 1 / (1 + np.exp(-(base + slope * strain)))
        stay *= np.where(inside, 1 - q, 1.0)
        renews = (ends >= d) & (ends < d + HORIZON)
        lost = np.where(
            weak, *(billing.P_FAIL[w] * (1 - billing.P_RECOVER[w]) for w in (True, False))
        )
        stay *= np.where(renews & ~sub["invoice_mode"][s], 1 - lost, 1.0)
    k = keys.key(keys.stream_key(e.seed, "observe"), p.key[i], d)
    left = sub["period_end"][s] // DAY - d
    # The notice of a yearly plan is given 25 to 45 days before its end, of a monthly one 2 to 20.
    ahead = np.clip((left - np.where(months == 1, 2, 25)) / np.where(months == 1, 18, 20), 0, 1)
    measures = [a["z"][i] + NOISE * keys.normal(k, j) for j in range(3)]
    features = np.column_stack(
        [
            *measures,
            parts["outage"],
            a["open_tickets"][i],
            (parts["gone"] > 0) * 1.0,
            (parts["price"] != 0) * 1.0,
            parts["young"],
            np.minimum(x["failures"][s], 3),
            x["failures"][s] / (1.0 + sub["period_no"][s]),
            np.log(np.maximum(sub["qloc"][s], 1)),
            sub["tier"][s],
            ahead,
            sum(measures) * ahead,
        ]
    )
    return {
        "acct": p.acct[i],
        "months": months,
        "due": sub["period_end"][s] // DAY < d + HORIZON,
        "oracle": 1 - stay,
        "usage": -measures[0],
        "features": features,
        "key": p.key[i],
        "day": np.full(len(i), d),
    }


def measure(seed: int = 42, paying: int = PRESETS["full"], progress=None) -> list[Row]:
    """Simulate and measure; returns one Row a quantity."""
    e = Engine(seed, paying, latent=False)
    shots = []
    for d in SNAPSHOTS:
        e.run(d, progress)
        shots.append(_snapshot(e, d))
    e.run(clock.END, progress)
    rows = [*_billing(e, seed, paying), *_signal(e, shots)]
    return rows


def _on(spans, day):
    return spans[(spans["first"] <= day) & (spans["last"] >= day)]


def _accounts(spans, day):
    """(acct, dollars at budget rates, alive, months) of a day, one row an account."""
    s = _on(spans, day)
    acct, pos = np.unique(s["acct"], return_inverse=True)
    value = s["net"] / catalog.MINOR[s["ccy"]] * fx.BUDGET[s["ccy"]]
    usd = np.bincount(pos, weights=value, minlength=len(acct))
    alive = np.bincount(pos, weights=s["alive"], minlength=len(acct)) > 0
    months = np.zeros(len(acct), dtype=np.int64)
    months[pos] = s["months"]
    return acct, usd, alive, months


def _billing(e: Engine, seed: int, paying: int) -> list[Row]:
    spans = ledger.spans(e.facts, clock.END)
    pop = population(seed, paying, np.unique(spans["acct"]))
    real = pop.acct[pop.cls != TEST]
    spans = spans[np.isin(spans["acct"], real)]
    ends = [
        int(d) - 1
        for d in clock.month_start(
            np.arange(clock.month_of(clock.START), clock.month_of(clock.END) + 1)
        )
    ]
    base = {"all": [0, 0], "small": [0, 0], "annual": [0, 0]}
    for a, b in pairwise(ends):
        acct, usd, alive, months = _accounts(spans, a)
        later = dict(zip(*_accounts(spans, b)[0:3:2], strict=True))
        lost = np.array([not later.get(k, False) for k in acct])
        for name, mask in (
            ("all", alive),
            ("small", alive & (months == 1) & (usd < 100) & (usd > 0)),
            ("annual", alive & (months == 12)),
        ):
            base[name][0] += (lost & mask).sum()
            base[name][1] += mask.sum()
    churn = {k: v[0] / v[1] for k, v in base.items()}
    then_a, then, _, _ = _accounts(spans, clock.END - 366)
    now = dict(zip(*_accounts(spans, clock.END - 1)[:2], strict=True))
    had = then > 0
    after = np.array([now.get(k, 0.0) for k in then_a])
    grr = np.minimum(after, then)[had].sum() / then[had].sum()
    nrr = after[had].sum() / then[had].sum()
    # Ends of logos: a dead span after a living one.
    s = spans[np.lexsort((spans["first"], spans["ord"], spans["acct"]))]
    same = np.r_[False, (s["acct"][1:] == s["acct"][:-1]) & (s["ord"][1:] == s["ord"][:-1])]
    over = ~s["alive"] & same & np.r_[False, s["alive"][:-1]] & (s["first"] >= clock.START)
    invol = s["involuntary"][over].mean()
    inv = e.facts.table("invoice")
    cycle = inv[
        (inv["reason"] == CYCLE) & (inv["mode"] == 0) & (inv["at"] < (clock.END - 22) * DAY)
    ]
    failed = (cycle["attempts"] > 1) | (cycle["gave_up"] >= 0)
    trial = np.isin(pop.cls, (CONVERTS, TRIAL_ONLY))
    _, usd, alive, _ = _accounts(spans, clock.END - 1)
    return [
        Row("monthly logo churn", churn["all"], 0.013, 0.018),
        Row("monthly logo churn, monthly plans under 100 USD", churn["small"], 0.020, 0.030),
        Row("monthly logo churn, annual plans", churn["annual"], 0.006, 0.012),
        Row("GRR, 12 months", grr, 0.82, 0.87),
        Row("NRR, 12 months", nrr, 0.95, 1.00),
        Row("involuntary share of churn", float(invol), 0.20, 0.30),
        Row("first charge of a renewal declined", float(failed.mean()), 0.05, 0.09),
        Row("recovered by dunning", float((cycle["paid"][failed] >= 0).mean()), 0.88, 0.95),
        Row("trials that convert", float((pop.cls[trial] == CONVERTS).mean()), 0.40, 0.50),
        Row("ARPA, USD a month", float(usd[alive].mean()), 120.0, 300.0),
    ]


def _signal(e: Engine, shots: list[dict]) -> list[Row]:
    spans = ledger.spans(e.facts, clock.END)
    both = {k: np.concatenate([s[k] for s in shots]) for k in shots[0]}
    label = np.zeros(len(both["acct"]), dtype=bool)
    for d in SNAPSHOTS:
        mask = both["day"] == d
        acct, _, alive, _ = _accounts(spans, d + HORIZON)
        living = acct[alive]
        label[mask] = ~np.isin(both["acct"][mask], living)
    rows = []
    train = keys.chance(both["key"], 40, 0.5)
    for name, mask in (
        ("monthly plans", both["months"] == 1),
        ("annual plans due", (both["months"] == 12) & both["due"]),
    ):
        oracle = auc(both["oracle"][mask], label[mask])
        x = both["features"]
        x = (x - x[mask].mean(axis=0)) / np.maximum(x[mask].std(axis=0), 1e-9)
        beta = fit_logistic(x[mask & train], label[mask & train])
        test = mask & ~train
        score = np.column_stack([np.ones(test.sum()), x[test]]) @ beta
        seen, usage = auc(score, label[test]), auc(both["usage"][test], label[test])
        rows += [
            Row(f"90-day churn, {name}", float(label[mask].mean()), 0.02, 0.25),
            Row(f"oracle AUC, {name}", oracle, 0.80, 0.85),
            Row(f"oracle less observed features, {name}", oracle - seen, 0.03, 0.05),
            Row(f"features less usage alone, {name}", seen - usage, 0.02, 0.20),
        ]
    return rows
