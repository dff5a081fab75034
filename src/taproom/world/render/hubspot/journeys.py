"""How far each account has come in the eyes of sales: from the first address to a customer.

Accounts that are about to sign up are known beforehand (closed form): a lead's form fill and
the deal of a direct sale lie before the sign-up. What follows from the facts (the first payment,
the end) is taken from them; an instant after the window's end may be missing or not, and no row
shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taproom.world import clock
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.facts import ACCOUNT_STATUS
from taproom.world.marketing import prospects
from taproom.world.people.population import (
    CONVERTS,
    DIRECT,
    TEST,
    Population,
    child_key,
    population,
    shard_of,
    signups,
)
from taproom.world.render.hubspot.common import (
    AHEAD,
    CUSTOMER,
    EVANGELIST,
    LEAD,
    MQL,
    ONBOARDING,
    OPPORTUNITY,
    OTHER,
    SQL,
    STAGES,
    first_at,
    once,
    part,
    shard,
    sub_key,
)
from taproom.world.state.weekly import alive
from taproom.world.window import Window

_ACTIVE, _CHURNED = ACCOUNT_STATUS.index("active"), ACCOUNT_STATUS.index("churned")


@dataclass(frozen=True)
class Journeys:
    """Accounts by index, with instants in µs UTC, -1 for never.

    known: the first of form fill, deal and sign-up. deal: when sales opened the deal of the
    first purchase. customer: first payment. churned: first end after it. stage: instants of
    STAGES, shape (accounts, 8). p: the accounts' prospects.PROSPECT, tests apart; source: channel
    of the first touch, -1 for none; arm: of the e-mail lift test. company: key of the company;
    has_company: whether HubSpot has it at all; linked: whether the application knows its number.
    """

    pop: Population
    p: np.ndarray
    known: np.ndarray
    deal: np.ndarray
    customer: np.ndarray
    churned: np.ndarray
    stage: np.ndarray
    lead_at: np.ndarray
    intent: np.ndarray
    source: np.ndarray
    arm: np.ndarray
    company: np.ndarray
    has_company: np.ndarray
    linked: np.ndarray

    def at(self, acct) -> np.ndarray:
        """Positions of account indices."""
        return np.searchsorted(self.pop.acct, acct)

    def has(self, acct) -> np.ndarray:
        """Whether accounts are among these: facts may know others, who come much later."""
        return np.isin(acct, self.pop.acct)


def journeys(w: Window) -> Journeys:
    """Accounts of the window's shard that have signed up or will within AHEAD days."""
    return once(w, "journeys", lambda: _journeys(w), whole=True)


def _journeys(w: Window) -> Journeys:
    hi_day = -(-w.hi // DAY)
    acct = np.arange(signups(w.paying, hi_day + AHEAD), dtype=np.int64)
    k, n = shard(w)
    if n > 1:
        acct = acct[shard_of(w.seed, acct) % n == k]
    pop = population(w.seed, w.paying, acct)
    # Who has signed up stands in the facts; who has not is known from the closed form alone.
    there = np.isin(pop.acct, w.facts.table("account_version")["acct"])
    pop = pop.take((pop.signup < w.hi + AHEAD * DAY) & (there | (pop.signup >= w.hi)))
    acct, size = pop.acct, len(pop)
    p = prospects.accounts_prospects(w.seed, w.paying, pop)
    row = np.searchsorted(acct, p["acct"])
    lead_at, source = np.full(size, -1), np.full(size, -1)
    intent, arm = np.zeros(size), np.full(size, -1)
    lead_at[row], source[row], intent[row], arm[row] = (
        p[c] for c in ("lead_at", "source", "intent", "arm")
    )
    company = child_key(w.seed, "hubspot_company", acct, 0)
    test = pop.cls == TEST
    # The application knows the number of 96 in 100 (render/app); of the others half have none.
    linked = keys.chance(company, 0, 0.96) & ~test
    has = np.where(test, keys.chance(company, 1, 0.4), linked | keys.chance(company, 1, 0.5))

    v = w.facts.table("account_version")
    paid = v[v["status"] == _ACTIVE]
    customer = first_at(acct, paid["acct"], paid["at"])
    over = v[v["status"] == _CHURNED]
    i = np.minimum(np.searchsorted(acct, over["acct"]), max(size - 1, 0))
    later = (acct[i] == over["acct"]) & (customer[i] >= 0) & (over["at"] > customer[i])
    churned = first_at(acct, over["acct"][later], over["at"][later])

    k = sub_key(pop.key, "journey")
    deal = _deal(pop, k)
    known = pop.signup + (2 + keys.below(k, 0, 13 * 60)) * SECOND
    for earlier in (lead_at, np.where(deal >= 0, deal - 10 * MINUTE, -1)):
        known = np.where(earlier >= 0, np.minimum(known, earlier), known)
    stage = _stages(w, pop, k, known, lead_at, deal, customer, churned)
    return Journeys(
        pop, p, known, deal, customer, churned, stage, lead_at, intent, source, arm, company, has,
        linked,
    )  # fmt: skip


def _deal(pop: Population, k) -> np.ndarray:
    """When sales opened the first deal: weeks before a direct sale, days into some trials."""
    days = 12 + keys.exponential(k, 1) * (24 + 14 * (pop.n_loc > 1))
    before = pop.signup - (np.minimum(days, AHEAD - 20) * 24).astype(np.int64) * HOUR
    # Sales calls those trials that look like business.
    called = keys.logistic(-0.5 + 0.7 * pop.fit + 1.5 * (pop.n_loc > 1))
    trial = (pop.cls != TEST) & keys.chance(k, 2, called)
    after = pop.signup + 10 * HOUR + keys.below(k, 3, 50 * 60) * MINUTE
    return np.where(pop.cls == DIRECT, before, np.where(trial, after, -1))


def _stages(w, pop, k, known, lead_at, deal, customer, churned) -> np.ndarray:
    s = np.full((len(pop), len(STAGES)), -1, dtype=np.int64)
    direct, trial = pop.cls == DIRECT, pop.cls >= CONVERTS
    s[:, LEAD] = known
    worked = np.where(deal >= 0, np.minimum(deal, pop.signup), pop.signup)
    ahead = worked - known > HOUR
    s[:, MQL] = np.where(ahead, part(k, 4, known, worked), -1)
    s[:, SQL] = deal
    qualified = part(k, 5, deal, pop.signup)
    s[:, OPPORTUNITY] = np.where(direct, qualified, np.where(trial, pop.signup + MINUTE, -1))
    s[:, SQL] = np.where((deal >= 0) & (s[:, OPPORTUNITY] > deal), deal, -1)
    bought = np.where(customer >= 0, customer + 5 * MINUTE, -1)
    # The stage of onboarding is inserted on its day: later customers go through it.
    onboards = (customer >= clock.DRIFT_HUBSPOT_ONBOARDING * DAY) & (pop.cls != TEST)
    s[:, ONBOARDING] = np.where(onboards, bought, -1)
    ready = customer + 21 * DAY + keys.below(k, 6, 40 * 86_400) * SECOND
    s[:, CUSTOMER] = np.where(onboards, ready, bought)
    # Who leaves while being set up becomes no customer.
    gone_early = onboards & (churned >= 0) & (churned < ready)
    s[:, CUSTOMER] = np.where(gone_early, -1, s[:, CUSTOMER])
    fond = customer + (240 + keys.below(k, 7, 360)) * DAY + keys.below(k, 8, 8 * 3_600) * SECOND
    may = (customer >= 0) & (fond < w.hi) & keys.chance(k, 9, 0.35)
    i = np.flatnonzero(may)
    day = fond[i] // DAY
    happy = alive(w.facts, pop.acct[i], day) & (w.weeks.z(pop.acct[i], day) > 0.4)
    s[i[happy], EVANGELIST] = fond[i[happy]]
    s[:, OTHER] = _edited(w, pop, k, churned)
    return s


def _edited(w: Window, pop: Population, k, churned) -> np.ndarray:
    """Sales now and then takes a customer who left out of the customers by hand."""
    at = churned + (20 + keys.below(k, 10, 70)) * DAY + keys.below(k, 11, 6 * 3_600) * SECOND
    may = np.flatnonzero((churned >= 0) & keys.chance(k, 12, 0.15) & (at < w.hi))
    still = ~alive(w.facts, pop.acct[may], at[may] // DAY)
    out = np.full(len(pop), -1, dtype=np.int64)
    out[may[still]] = at[may[still]]
    return out
