"""What marketing really did: prospects and their touches, what each channel brought, and what the
holdouts, the lift test and the budget step have to show."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.clock import DAY
from taproom.world.context import Context
from taproom.world.facts import COUNTRIES
from taproom.world.marketing import channels, counterfactual, holdouts, prospects, touches
from taproom.world.marketing.channels import CHANNELS, EMAIL, GENERIC
from taproom.world.people.population import CONVERTS, DIRECT, population, signups
from taproom.world.render.columns import stamp, word
from taproom.world.truth.columns import account, date

SOURCES = ("ga4", "google_ads", "facebook_ads", "linkedin_ads")


def paths(c: Context) -> tuple[np.ndarray, np.ndarray]:
    """All prospects, leads first, and their touches before as_of. Those who sign up only later
    are here too: their touches have been seen."""

    def make():
        late = c.until + touches.PATH_DAYS + 2
        pop = population(c.seed, c.paying, np.arange(signups(c.paying, late)))
        p = np.concatenate(
            [
                prospects.leads(c.seed, c.paying, clock.FOUNDED, c.until + touches.LEAD_DAYS + 1),
                prospects.accounts_prospects(c.seed, c.paying, pop),
            ]
        )
        p = p[p["first_touch"] < c.as_of]
        t = touches.draw(c.seed, c.paying, p)
        return p, t[t["at"] < c.as_of]

    return c.once("marketing paths", make)


def signed(c: Context) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Prospects who have signed up, contributions by channel, what they could spare, and whether
    they become customers (or will, at the end of their trial)."""

    def make():
        p, t = paths(c)
        here = (p["signup"] >= 0) & (p["signup"] < c.as_of)
        p = p[here]
        t = t[np.isin(t["n"], p["n"])]
        x = counterfactual.contributions(p, t)
        cls = population(c.seed, c.paying, p["acct"]).cls
        buys = (cls == DIRECT) | (cls == CONVERTS)
        return p, x, counterfactual.margin(c.seed, p), buys

    return c.once("marketing sign-ups", make)


def _who(c: Context, n) -> dict[str, pa.Array]:
    ids = account(c.seed, np.maximum(n, 0))
    return {
        "prospect": pa.array(n),
        "account_id": pa.array(ids.to_pylist(), mask=n < 0),
    }


def prospect(c: Context) -> dict[str, pa.Table]:
    """truth_prospect: everybody on a path, with intent; account_id null for who never signs up."""
    p, _ = paths(c)
    market = [holdouts.MARKETS[m] for m in p["market"]]
    return {
        "truth_prospect": pa.table(
            {
                **_who(c, p["n"]),
                "country": word(COUNTRIES, p["country"]),
                "region": pa.array([r for _, r in market]),
                "intent": pa.array(p["intent"]),
                "first_touch_at": stamp(p["first_touch"]),
                "first_channel": word(CHANNELS, p["source"]),
                "lead_at": stamp(p["lead_at"]),
                "signed_up_at": stamp(np.where(p["signup"] < c.as_of, p["signup"], -1)),
                "lift_test_arm": word(("held back", "mailed"), p["arm"]),
            }
        )
    }


def touch(c: Context) -> dict[str, pa.Table]:
    """truth_touch: every touch with its adstock contribution to the log-odds of the conversion."""
    _, t = paths(c)
    return {
        "truth_touch": pa.table(
            {
                **_who(c, t["n"]),
                "touch": pa.array(t["ord"]),
                "at": stamp(t["at"]),
                "channel": word(CHANNELS, t["channel"]),
                "campaign": channels.campaign_name(t["campaign"]),
                "is_click": pa.array(t["click"]),
                "brought": word(("", "form fill", "sign-up"), t["kind"]),
                "contribution": pa.array(t["effect"]),
            }
        )
    }


def channel_effect(c: Context) -> dict[str, pa.Table]:
    """truth_channel_effect: by channel and month of sign-up, what falls away without the channel
    alone (incremental) and the Shapley value over all sets of channels; for sign-ups and for those
    who become customers. The channel `baseline` would have come without any."""
    p, x, spare, buys = signed(c)
    lost, fair = counterfactual.removal(x, spare), counterfactual.shapley(x, spare)
    lost[:, channels.DIRECT] = False
    month = clock.month_of(p["signup"] // DAY)
    fair = np.column_stack([fair, 1.0 - fair.sum(axis=1)])
    lost = np.column_stack([lost, x.sum(axis=1) < spare]).astype(float)
    months = np.unique(month)
    out: dict[str, list] = {"channel": [], "month": []}
    names = (*CHANNELS, "baseline")
    what = {
        "sign_ups": np.ones(len(p)), "incremental_sign_ups": lost, "shapley_sign_ups": fair,
        "customers": buys * 1.0, "incremental_customers": lost * buys[:, None],
        "shapley_customers": fair * buys[:, None],
    }  # fmt: skip
    sums = {k: [] for k in what}
    for i, name in enumerate(names):
        for m in months:
            here = month == m
            out["channel"].append(name)
            out["month"].append(int(clock.month_start(m)))
            for k, v in what.items():
                sums[k].append(float((v if v.ndim == 1 else v[:, i])[here].sum()))
    columns = {"channel": pa.array(out["channel"]), "month": date(out["month"])}
    return {"truth_channel_effect": pa.table(columns | {k: pa.array(v) for k, v in sums.items()})}


def holdout(c: Context) -> dict[str, pa.Table]:
    """truth_geo_holdout: where and when a channel was off, who came, and who did not for it."""
    p, _ = paths(c)
    _, x, spare, _ = signed(c)
    rows = []
    for h in holdouts.holdouts(c.seed, c.paying):
        lo, hi = h.lo // DAY, h.hi // DAY
        all_leads = prospects.of_leads(c.seed, c.paying, lo, hi, thinned=False)
        share = float(counterfactual.removal(x, spare)[:, h.channel].mean())
        for m in h.markets:
            mine = p["market"] == m
            country, region = holdouts.MARKETS[m]
            came = ((p["signup"] >= h.lo) & (p["signup"] < h.hi) & mine).sum()
            left = (mine & (p["signup"] < 0) & (p["lead_at"] >= h.lo) & (p["lead_at"] < h.hi)).sum()
            lost = (all_leads["market"] == m).sum() - left
            rows.append(
                (
                    CHANNELS[h.channel],
                    country,
                    region,
                    lo,
                    hi,
                    int(came),
                    int(left),
                    int(lost),
                    share,
                )
            )
    rows = [r for r in rows if r[4] <= c.until]
    names = ("channel", "country", "region", "starts_on", "ends_before", "sign_ups",
             "leads", "leads_lost", "share_of_sign_ups_the_channel_brings")  # fmt: skip
    columns = (
        dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    )
    dates = {k: date(list(columns[k])) for k in ("starts_on", "ends_before")}
    return {"truth_geo_holdout": pa.table({k: dates.get(k, list(columns[k])) for k in names})}


def lift_test(c: Context) -> dict[str, pa.Table]:
    """truth_lift_test: by arm, how many there were and signed up; and the share of the mailed
    sign-ups that would not have come without e-mail."""
    p, _ = paths(c)
    done, x, spare, _ = signed(c)
    lost = counterfactual.removal(x, spare)[:, EMAIL]
    rows = []
    for arm, name in enumerate(("held back", "mailed")):
        mine = p["arm"] == arm
        came = done["arm"] == arm
        rows.append((name, int(mine.sum()), int(came.sum()), int(lost[came].sum())))
    columns = zip(*rows, strict=True)
    names = ("arm", "prospects", "sign_ups", "sign_ups_lost_without_email")
    return {"truth_lift_test": pa.table({k: list(v) for k, v in zip(names, columns, strict=True)})}


def budget_step(c: Context) -> dict[str, pa.Table]:
    """truth_budget_step: what the raised budget for generic searches has brought since."""
    _, t = paths(c)
    done, _, spare, _ = signed(c)
    extra = t["step"] & (t["channel"] == GENERIC)
    mine = t[extra & np.isin(t["n"], done["n"])]
    lost = counterfactual.contributions(done, mine)[:, GENERIC] >= spare
    after = done["signup"] >= holdouts.BUDGET_STEP * DAY
    return {
        "truth_budget_step": pa.table(
            {
                "channel": [CHANNELS[GENERIC]],
                "stepped_on": date([holdouts.BUDGET_STEP]),
                "share_of_budget_before": [holdouts.GENERIC_SHARE[0]],
                "share_of_budget_after": [holdouts.GENERIC_SHARE[1]],
                "extra_touches": [int(extra.sum())],
                "sign_ups_since": [int(after.sum())],
                "sign_ups_lost_without": [int(lost.sum())],
            }
        )
    }


TRUTH = (prospect, touch, channel_effect, holdout, lift_test, budget_step)
