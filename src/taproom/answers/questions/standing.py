"""How an account stood at an instant, by its contracts; before them, by the application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from taproom.answers.questions.reference import Delivered

PLANS = ("starter", "growth", "pro", "enterprise")


@dataclass(frozen=True)
class Standing:
    """Status as the entities name it, and the plan that holds."""

    status: str
    plan: str

    @property
    def is_open(self) -> bool:
        """Whether people of the account may use the product."""
        return self.status in ("trial", "active", "past_due")

    def may_use(self, lowest_plan: str) -> bool:
        """Whether a feature of this lowest plan is theirs."""
        return self.is_open and PLANS.index(self.plan) >= PLANS.index(lowest_plan)


def standings(given: Delivered, at: datetime) -> dict[str, Standing]:
    """Account → how it stands at an instant; accounts that are not there yet are absent."""
    contracts: dict[str, list] = {}
    lived: set[str] = set()
    for one in given.book.subscriptions:
        state = one.at(at)
        if state is None:
            continue
        since = max(instant for instant in one.instants if instant <= at)
        contracts.setdefault(one.account_id, []).append((state, since, one.id))
        if any(s.is_alive for i, s in zip(one.instants, one.states, strict=True) if i <= at):
            lived.add(one.account_id)
    found = {}
    for account, (plan, trial_ends) in _in_the_application(given, at).items():
        states = contracts.get(account, [])
        found[account] = Standing(
            _status([state for state, _, _ in states], account in lived, trial_ends, at),
            _plan(states) or plan or PLANS[0],
        )
    return found


def _status(states: list, lived: bool, trial_ends: datetime | None, at: datetime) -> str:
    running = [state.status for state in states if not state.is_paused]
    for status in ("active", "past_due"):
        if status in running:
            return status
    if any(state.is_alive for state in states):
        return "paused"
    if lived:
        return "churned"
    if "trialing" in running:
        return "trial"
    return "expired_trial" if trial_ends is not None and trial_ends <= at else "trial"


def _plan(states: list) -> str | None:
    """The plan of the contract that speaks for the account: a living one, then the dearest."""
    if not states:
        return None

    def rank(one: tuple) -> tuple:
        state, since, name = one
        mrr = state.list_local - state.discount_local if state.is_counted else 0.0
        return (not state.is_alive, state.status != "trialing", -mrr, -since.timestamp(), name)

    return min(states, key=rank)[0].plan_tier


def _in_the_application(given: Delivered, at: datetime) -> dict[str, tuple]:
    """Account → plan and end of the trial in the application's newest version by the instant."""
    rows = given.landing.rows("app", "accounts").filter(
        pl.col("updated_at") <= at, pl.col("id").is_in(list(given.book.companies.real))
    )
    rows = rows.sort("updated_at", "_arrived_at", maintain_order=True)
    rows = rows.unique("id", keep="last", maintain_order=True)
    columns = rows.select("id", "plan_code", "trial_ends_at").rows()
    return {account: (plan and plan.split("_")[0], ends) for account, plan, ends in columns}
