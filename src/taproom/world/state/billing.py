"""L2: subscriptions and invoices, day by day. Money in minor units, instants in microseconds."""

from __future__ import annotations

import numpy as np

from taproom.world import clock
from taproom.world.around import catalog
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.draws.arrays import running
from taproom.world.facts import (
    ACTIVE,
    CANCELED,
    CLOSED,
    CREATE,
    CYCLE,
    PAST_DUE,
    PAYMENT,
    TRIALING,
    UNPAID,
    UPDATE,
    blank,
)
from taproom.world.facts import TRIAL as TRIAL_ENDED
from taproom.world.people.population import CONVERTS, DIRECT, TAX_BP, TEST, child_key
from taproom.world.state import hazard, mood
from taproom.world.state.invoicing import divide, fill_totals
from taproom.world.state.state import DUE

TRIAL_DAYS = 14
# The first charge of a renewal is declined in 7% of cases and dunning brings 92% of those in;
# one account in five is a weak payer. Payment is independent of how the account fares.
P_FAIL = {False: 0.0375, True: 0.200}
P_RECOVER = {False: 0.970, True: 0.880}
RETRY_DAYS = np.array([3, 5, 8, 13, 19])
_RETRY_CDF = np.cumsum([0.50, 0.20, 0.14, 0.10, 0.06])
GRACE = 21 * DAY  # past_due turns unpaid
BIG = np.int64(1 << 62)
_TERMS = ("tier", "gen", "months", "qloc", "qdev", "qseat")


def account_version(e, i, at) -> None:
    """Note how accounts i stand in the app at instants `at`."""
    a = e.acc
    e.facts.new(
        "account_version",
        len(i),
        acct=e.pop.acct[i],
        at=at,
        status=a["status"][i],
        tier=a["tier"][i],
        trial_end=a["trial_end"][i],
        has_stripe=a["has_stripe"][i],
        merged_into=a["merged"][i],
        merged_at=a["merged_at"][i],
        deleted_at=a["deleted"][i],
    )


def emit(e, s, at) -> None:
    """Subscriptions s changed at instants `at`: keep the version, let the app follow."""
    if not len(s):
        return
    sub, a = e.subs.live, e.acc
    sub["at"][s] = at
    e.facts.add("subscription", sub[s])
    i = e.extra.live["local"][s]
    lead = a["primary"][i] == s
    s, i, at = s[lead], i[lead], np.broadcast_to(at, lead.shape)[lead]
    status = np.array([0, 1, 2, 4, 4], dtype=np.int8)[sub["status"][s]]
    status = np.where((sub["status"][s] == ACTIVE) & (sub["paused"][s] >= 0), 3, status)
    trial_end = sub["trial_end"][s]
    moved = (
        (status != a["status"][i])
        | (sub["tier"][s] != a["tier"][i])
        | (trial_end != a["trial_end"][i])
        | ~a["has_stripe"][i]
    )
    i = i[moved]
    a["status"][i], a["tier"][i] = status[moved], sub["tier"][s][moved]
    a["trial_end"][i], a["has_stripe"][i] = trial_end[moved], True
    account_version(e, i, at[moved] + 2 * SECOND)


def _set_period(e, s) -> None:
    """Period end from the anchor, and the instant at which the next renewal is thought over."""
    sub, x = e.subs.live, e.extra.live
    months = sub["months"][s].astype(np.int64)
    sub["period_end"][s] = clock.add_months(sub["anchor"][s], months * (sub["period_no"][s] + 1))
    k = keys.key(keys.stream_key(e.seed, "decide"), x["key"][s], sub["period_no"][s])
    lead = np.select(
        [months == 1, months == 3],
        [2 + keys.below(k, 0, 19), 5 + keys.below(k, 0, 40)],
        25 + keys.below(k, 0, 20),
    )
    x["decide"][s] = (sub["period_end"][s] // DAY - lead) * DAY + 16 * HOUR + e.minutes(k, 1)


def new_subscription(
    e, i, at, *, tier, months, gen, qloc, qdev, qseat, invoice_mode, trial, secondary=False
) -> np.ndarray:
    """Open a subscription for accounts i at instants `at`; returns positions in e.subs."""
    p, a = e.pop, e.acc
    s = e.subs.extend(len(i))
    e.extra.extend(len(i))
    sub, x = e.subs.live, e.extra.live
    sub[s] = blank("subscription", len(s))
    for name in (*DUE, "cycle_invoice"):
        x[name][s] = -1
    x["local"][s] = i
    sub["acct"][s], sub["ord"][s] = p.acct[i], a["subs"][i]
    x["key"][s] = child_key(e.seed, "subscription", p.acct[i], a["subs"][i])
    a["subs"][i] += 1
    sub["ccy"][s], sub["tier"][s], sub["gen"][s], sub["months"][s] = p.ccy[i], tier, gen, months
    sub["qloc"][s], sub["qdev"][s], sub["qseat"][s] = qloc, qdev, qseat
    sub["invoice_mode"][s], sub["cause"][s], x["secondary"][s] = invoice_mode, 0, secondary
    sub["created"][s] = sub["period_start"][s] = at
    trial = np.broadcast_to(trial, len(i))
    end = at + TRIAL_DAYS * DAY
    sub["status"][s] = np.where(trial, TRIALING, ACTIVE)
    sub["trial_start"][s], sub["trial_end"][s] = np.where(trial, at, -1), np.where(trial, end, -1)
    sub["anchor"][s], sub["period_no"][s] = np.where(trial, end, at), 0
    if not secondary:
        a["primary"][i] = s
    _set_period(e, s)
    sub["period_end"][s] = np.where(trial, end, sub["period_end"][s])
    return s


def first_subscription(e, i, at) -> None:
    """What an account buys when it signs up."""
    from taproom.world.state import scripts

    p, a = e.pop, e.acc
    k = keys.key(keys.stream_key(e.seed, "purchase"), p.key[i])
    n = p.n_loc[i]
    tier = keys.choose(k, 0, np.cumsum([0.46, 0.36, 0.15, 0.03]))
    tier = np.minimum(tier + (n > 1) * keys.chance(k, 1, 0.5) + (n > 9), 3).astype(np.int8)
    months = np.where(keys.chance(k, 2, 0.20 + 0.06 * tier), 12, 1)
    months = np.where((tier == 3) & keys.chance(k, 3, 0.3), 3, months).astype(np.int8)
    mode = (months >= 3) & (tier >= 2) & keys.chance(k, 4, 0.35)
    trial = p.cls[i] != DIRECT
    tier, months, mode, trial = scripts.purchase(e, i, tier, months, mode, trial)
    seats = np.maximum(p.n_user[i] - 3, 0) + keys.below(k, 5, 2)
    a["seats"][i] = seats
    gen = np.where(at >= clock.DRIFT_NEW_PLANS * DAY, 1, 0)
    s = new_subscription(
        e,
        i,
        at,
        tier=tier,
        months=months,
        gen=gen,
        qloc=a["n_loc"][i],
        qdev=np.maximum(a["devices"][i], 1),
        qseat=seats,
        invoice_mode=mode,
        trial=trial,
    )
    _welcome_coupons(e, s, i, at, k)
    scripts.start_coupons(e, s, i, at)
    # A trial that will not convert is cancelled in its second week.
    x = e.extra.live
    stays = ~np.isin(p.cls[i], (DIRECT, CONVERTS, TEST))
    x["decide"][s] = np.where(
        stays,
        (at // DAY + 3 + keys.below(k, 6, 9)) * DAY + 16 * HOUR + e.minutes(k, 7),
        np.where(trial, -1, x["decide"][s]),
    )
    emit(e, s, at)
    paying = s[~trial]
    if len(paying):
        bill(e, paying, at[~trial], CREATE, setup=keys.chance(k[~trial], 8, 0.5))


def _welcome_coupons(e, s, i, at, k) -> None:
    free = ~e.acc["scripted"][i]
    with_coupon = free & keys.chance(k, 10, 0.20)
    codes = (
        "FRIEND10",
        "PARTNER15",
        "HALFYEAR20",
        "HALFYEAR25",
        "QUARTER30",
        "QUARTER50",
        "FIRST20",
        "FIRST50",
        "GUILD12",
        "LOYAL5",
    )
    share = np.cumsum([0.16, 0.08, 0.16, 0.08, 0.14, 0.08, 0.10, 0.06, 0.06, 0.08])
    coupon = np.array([catalog.COUPON_INDEX[c] for c in codes])[keys.choose(k, 11, share)]
    apply_coupon(e, s[with_coupon], coupon[with_coupon], at[with_coupon])
    # A few also have an amount off: percent first, then amounts.
    fixed = free & keys.chance(k, 12, 0.05)
    first = np.array([catalog.COUPON_INDEX[c] for c in ("TENUSD", "YEAR8USD", "HELLO25USD")])
    coupon = first[keys.below(k, 13, 3)] + e.pop.ccy[i]
    apply_coupon(e, s[fixed], coupon[fixed], at[fixed])


def apply_coupon(e, s, coupon, at, end=None) -> None:
    """Put coupons on subscriptions from `at`; a repeating one runs for its months."""
    if not len(s):
        return
    sub, x = e.subs.live, e.extra.live
    coupon = np.broadcast_to(coupon, len(s))
    months = catalog.COUPON_MONTHS[coupon]
    once = catalog.COUPON_ONCE[coupon]
    until = np.where(months > 0, clock.add_months(at, months), -1)
    until = np.where(once, clock.add_months(at, 1), until)
    e.facts.new(
        "discount",
        len(s),
        acct=sub["acct"][s],
        ord=sub["ord"][s],
        at=at,
        coupon=coupon,
        start=at,
        end=until,
    )
    stop = np.where(until < 0, BIG, until)
    pct, amt = catalog.COUPON_PERCENT[coupon], catalog.COUPON_AMOUNT[coupon]
    for kind, kind_end, kind_once, value in (
        ("pct", "pct_end", "once_pct", pct),
        ("amt", "amt_end", "once_amt", amt),
    ):
        lasting, single = (value > 0) & ~once, (value > 0) & once
        x[kind][s[lasting]], x[kind_end][s[lasting]] = value[lasting], stop[lasting]
        x[kind_once][s[single]] = value[single]


def bill(
    e, s, at, reason: int, *, old=None, setup=False, failing=None, double=False, late_days=None
) -> np.ndarray:
    """Invoice subscriptions s at instants `at` and settle what will become of it.

    old: versions before a change (reason UPDATE). failing: None draws it, else a boolean array
    with the retry position to recover at in `late_days`. Returns the invoice rows.
    """
    sub, x, a, p = e.subs.live, e.extra.live, e.acc, e.pop
    i = x["local"][s]
    n = len(s)
    inv = blank("invoice", n)
    inv["acct"], inv["ord"], inv["n"] = sub["acct"][s], sub["ord"][s], a["invoices"][i] + running(i)
    np.add.at(a["invoices"], i, 1)
    inv["at"], inv["reason"], inv["ccy"] = at, reason, sub["ccy"][s]
    for name in _TERMS:
        inv[name] = sub[name][s]
        inv[f"o_{name}"] = sub[name][s] if old is None else old[name]
    inv["p_start"], inv["p_end"] = sub["period_start"][s], sub["period_end"][s]
    inv["setup"], inv["tax_bp"], inv["double"] = setup, TAX_BP[p.country[i]], double
    k = child_key(e.seed, "invoice", sub["acct"][s], inv["n"])
    metered = (reason == CYCLE) & (sub["tier"][s] >= 2) & keys.chance(k, 0, 0.6)
    inv["usage"] = np.where(metered, 50 + keys.below(k, 1, 2500) * sub["months"][s], -1)
    pct = np.where(at < x["pct_end"][s], x["pct"][s], 0)
    amt = np.where(at < x["amt_end"][s], x["amt"][s], 0)
    if reason != UPDATE:
        pct = np.maximum(pct, x["once_pct"][s])
        amt = amt + x["once_amt"][s]
        x["once_pct"][s] = x["once_amt"][s] = 0
    inv["pct_off"], inv["amt_off"] = pct, amt if reason != UPDATE else 0
    fill_totals(inv)
    _settle(e, s, i, inv, k, failing, late_days)
    sub["last_invoice"][s] = inv["n"]
    if reason != UPDATE:
        x["cycle_invoice"][s] = inv["n"]
        x["paid_total"][s] = np.where(inv["paid"] >= 0, inv["total"], 0)
        if reason == CYCLE:
            _give_back(e, s, i, inv, k)
    e.facts.add("invoice", inv)
    return inv


# Chance that a paid renewal is put right by hand or disputed: part of it refunded, charged
# twice by mistake, a credit note, a chargeback.
P_BACK = np.cumsum([0.010, 0.0015, 0.004, 0.0025])


def _give_back(e, s, i, inv: np.ndarray, k) -> None:
    """Refunds, double charges, credit notes and disputes of renewals paid at the first try."""
    what = keys.choose(k, 8, P_BACK)
    hit = np.flatnonzero(
        (what < 4)
        & (inv["mode"] == 0)
        & (inv["paid"] >= 0)
        & (inv["attempts"] == 1)
        & ~e.acc["scripted"][i]
    )
    if not len(hit):
        return
    what, one = what[hit], inv[hit]
    inv["double"][hit] |= what == 1
    part = keys.below(k[hit], 9, 50) + 10  # percent
    amount = np.where(np.isin(what, (0, 2)), divide(one["total"] * part, 100), one["total"])
    day = np.select([what == 1, what == 3], [3, 15 + keys.below(k[hit], 10, 30)],
                    1 + keys.below(k[hit], 10, 18))  # fmt: skip
    e.facts.new(
        "money_back",
        len(hit),
        acct=one["acct"],
        ord=one["ord"],
        invoice=one["n"],
        at=one["paid"] + day * DAY + 3 * HOUR,
        kind=what,
        amount=np.maximum(amount, 1),
        reason=2,
    )
    # What has been given back once is not given back again when the customer leaves.
    e.extra.live["paid_total"][s[hit]] = 0


def weak_payer(seed: int, account_key) -> np.ndarray:
    """One account in five, whose cards are declined more often and recover less."""
    return keys.chance(keys.key(keys.stream_key(seed, "payer"), account_key), 0, 0.20)


def _settle(e, s, i, inv: np.ndarray, k, failing, late_days) -> None:
    """Decide payment: at once, by dunning, by bank transfer, never; void while paused."""
    sub, x = e.subs.live, e.extra.live
    at = inv["at"]
    nothing = inv["total"] <= 0
    paused = (sub["paused"][s] >= 0) & (inv["reason"] == CYCLE)
    by_transfer = sub["invoice_mode"][s] & ~nothing & ~paused
    card = ~nothing & ~paused & ~by_transfer
    weak = weak_payer(e.seed, e.pop.key[i])
    if failing is None:
        p_fail = np.where(weak, P_FAIL[True], P_FAIL[False])
        failing = (inv["reason"] == CYCLE) & keys.chance(k, 3, p_fail) & ~e.acc["scripted"][i]
        failing &= sub["trial_end"][s] != at
    failing = failing & card
    retry = keys.choose(k, 5, _RETRY_CDF)
    recovers = keys.chance(k, 4, np.where(weak, P_RECOVER[True], P_RECOVER[False]))
    days = RETRY_DAYS[np.minimum(retry, 4)]
    if late_days is not None:
        days, recovers = np.broadcast_to(late_days, len(s)), np.ones(len(s), dtype=bool)
    first = at + np.where(inv["reason"] == CYCLE, HOUR, 0) + 5 * SECOND
    inv["mode"] = np.select([paused, by_transfer, nothing], [2, 1, 3], 0)
    inv["paid"] = np.where(nothing, at + SECOND, np.where(card & ~failing, first, -1))
    inv["attempts"] = np.where(card, 1, 0)
    inv["voided"] = np.where(paused, at + 5 * MINUTE, -1)
    # Dunning.
    tries = np.searchsorted(RETRY_DAYS, days, side="right") + 1
    inv["attempts"] = np.where(failing, np.where(recovers, tries, 6), inv["attempts"])
    inv["paid"] = np.where(failing & recovers, first + days * DAY, inv["paid"])
    inv["gave_up"] = np.where(failing & ~recovers, first + GRACE, -1)
    f = np.flatnonzero(failing)
    if len(f):
        x["failures"][s[f]] += 1
        x["recover"][s[f]] = np.where(recovers[f], inv["paid"][f], -1)
        x["unpaid"][s[f]] = np.where(recovers[f], -1, inv["gave_up"][f])
        x["overdue"][s[f]] = first[f] + SECOND  # the first failure makes it past due
    # Bank transfer within 30 days, or late.
    t = np.flatnonzero(by_transfer)
    if len(t):
        late = keys.chance(k[t], 6, 0.08) & ~e.acc["scripted"][i[t]]
        wait = np.where(late, 33 + keys.below(k[t], 7, 18), 4 + keys.below(k[t], 7, 24))
        if late_days is not None:
            late, wait = np.ones(len(t), dtype=bool), 30 + days[t]
        late &= inv["reason"][t] != UPDATE
        wait = np.where(inv["reason"][t] == UPDATE, 10, wait)
        inv["due"][t], inv["paid"][t] = at[t] + 30 * DAY, at[t] + wait * DAY + HOUR
        x["overdue"][s[t[late]]] = inv["due"][t[late]]
        x["recover"][s[t[late]]] = inv["paid"][t[late]]


def end(e, s, at, ended, cause=None) -> None:
    """Subscriptions s are canceled at `at`, effective `ended`."""
    if not len(s):
        return
    sub, x, a = e.subs.live, e.extra.live, e.acc
    sub["status"][s], sub["ended"][s] = CANCELED, ended
    sub["cancel_asked"][s] = np.where(sub["cancel_asked"][s] < 0, ended, sub["cancel_asked"][s])
    sub["paused"][s] = sub["resumes"][s] = -1
    if cause is not None:
        sub["cause"][s] = cause
    for name in DUE:
        x[name][s] = -1
    emit(e, s, at)
    i = x["local"][s]
    lead = (a["primary"][i] == s) & (sub["cause"][s] != TRIAL_ENDED) & ~a["scripted"][i]
    lead &= sub["cause"][s] != CLOSED
    s, i = s[lead], i[lead]
    _refund_leavers(e, s, np.broadcast_to(at, lead.shape)[lead])
    # Some come back.
    k = keys.key(keys.stream_key(e.seed, "return"), x["key"][s])
    unlucky = sub["cause"][s] == PAYMENT
    comes = keys.chance(k, 0, np.where(unlucky, 0.16, 0.07))
    wait = np.where(unlucky, 4 + keys.below(k, 1, 50), 12 + keys.below(k, 1, 260))
    day = np.broadcast_to(at, len(lead))[lead] // DAY + wait
    a["back"][i] = np.where(comes, day * DAY + keys.below(k, 2, 10 * 3600) * SECOND, -1)


def _refund_leavers(e, s, at) -> None:
    """A few who have left are paid back their last period, days after it ended."""
    sub, x = e.subs.live, e.extra.live
    k = keys.key(keys.stream_key(e.seed, "late refund"), x["key"][s])
    hit = (x["paid_total"][s] > 0) & keys.chance(k, 0, 0.04) & (sub["ended"][s] == at)
    s, k, at = s[hit], k[hit], at[hit]
    e.facts.new(
        "money_back",
        len(s),
        acct=sub["acct"][s],
        ord=sub["ord"][s],
        invoice=x["cycle_invoice"][s],
        at=at + (2 + keys.below(k, 1, 14)) * DAY + 9 * HOUR,
        kind=0,
        amount=x["paid_total"][s],
        reason=0,
    )


def _due(e, name: str, d: int) -> np.ndarray:
    return np.flatnonzero(e.extra.live[name] // DAY == d)


# --- before 13:00: what the calendar brings -------------------------------------------------------
def morning(e, d: int) -> None:
    _come_back(e, d)
    _trials_end(e, d)
    _renew(e, d)
    _dun(e, d)
    _close_venues(e, d)


def _come_back(e, d: int) -> None:
    a = e.acc
    i = np.flatnonzero((a["back"] // DAY == d) & (a["status"] == 4))
    if len(i):
        at = a["back"][i].copy()
        a["back"][i] = -1
        reopen(e, i, at)


def reopen(e, i, at) -> None:
    """Churned accounts i take a new subscription on the terms they left."""
    sub, a = e.subs.live, e.acc
    old = sub[a["primary"][i]].copy()
    gen = np.where(at >= clock.DRIFT_NEW_PLANS * DAY, 1, 0)
    s = new_subscription(
        e,
        i,
        at,
        tier=old["tier"],
        months=1,
        gen=gen,
        qloc=np.maximum(a["n_loc"][i], 1),
        qdev=old["qdev"],
        qseat=old["qseat"],
        invoice_mode=False,
        trial=False,
    )
    # They come back because things are better.
    a["z"][i] = np.maximum(a["z"][i], 0.2)
    emit(e, s, at)
    bill(e, s, at, CREATE)


def _trials_end(e, d: int) -> None:
    sub, x = e.subs.live, e.extra.live
    s = np.flatnonzero((sub["status"] == TRIALING) & (sub["trial_end"] // DAY == d))
    if not len(s):
        return
    stop = sub["cancel_at_end"][s]
    end(e, s[stop], sub["trial_end"][s[stop]], sub["trial_end"][s[stop]], TRIAL_ENDED)
    s = s[~stop]
    at = sub["trial_end"][s].copy()
    sub["status"][s], sub["anchor"][s], sub["period_start"][s] = ACTIVE, at, at
    sub["period_no"][s] = 0
    _set_period(e, s)
    k = x["key"][s]
    bill_after_emit(e, s, at, CYCLE, setup=keys.chance(k, 20, 0.5))


def bill_after_emit(e, s, at, reason, **how):
    """Version first, invoice second, as Stripe's events come; the version names the invoice."""
    if not len(s):
        return
    sub, a = e.subs.live, e.acc
    sub["last_invoice"][s] = a["invoices"][e.extra.live["local"][s]]
    emit(e, s, at)
    bill(e, s, at, reason, **how)


def _renew(e, d: int) -> None:
    from taproom.world.state import scripts

    sub = e.subs.live
    live = (sub["status"] == ACTIVE) | (sub["status"] == PAST_DUE)
    s = np.flatnonzero(live & (sub["period_end"] // DAY == d))
    if not len(s):
        return
    stop = sub["cancel_at_end"][s]
    end(e, s[stop], sub["period_end"][s[stop]], sub["period_end"][s[stop]])
    s = s[~stop]
    if not len(s):
        return
    at = sub["period_end"][s].copy()
    sub["period_start"][s] = at
    sub["period_no"][s] += 1
    hazard.at_renewal(e, s, d)
    failing, late, double = scripts.at_renewal(e, s, d)
    _set_period(e, s)
    plain = ~(failing | (late > 0) | double)
    bill_after_emit(e, s[plain], at[plain], CYCLE)
    for j in np.flatnonzero(~plain):
        one = slice(j, j + 1)
        if double[j]:
            bill_after_emit(e, s[one], at[one], CYCLE, failing=np.array([False]), double=True)
        else:
            bill_after_emit(e, s[one], at[one], CYCLE, failing=failing[one], late_days=late[one])


def _dun(e, d: int) -> None:
    sub, x = e.subs.live, e.extra.live
    s = _due(e, "overdue", d)
    if len(s):
        at = x["overdue"][s].copy()
        x["overdue"][s] = -1
        sub["status"][s] = PAST_DUE
        emit(e, s, at)
    s = _due(e, "recover", d)
    s = s[sub["status"][s] == PAST_DUE]
    if len(s):
        at = x["recover"][s] + SECOND
        x["recover"][s] = -1
        sub["status"][s] = ACTIVE
        emit(e, s, at)
    s = _due(e, "unpaid", d)
    if len(s):
        at = x["unpaid"][s].copy()
        x["unpaid"][s] = -1
        sub["status"][s], sub["cause"][s] = UNPAID, PAYMENT
        x["close"][s] = at + 7 * DAY
        emit(e, s, at)
    s = _due(e, "close", d)
    if len(s):
        at = x["close"][s].copy()
        end(e, s, at, at, PAYMENT)


def _close_venues(e, d: int) -> None:
    """Venues that shut today: the next renewal counts them out, the last one ends the account."""
    v = e.venues.live
    hit = np.flatnonzero(v["closed"] // DAY == d)
    if not len(hit):
        return
    a, x, sub = e.acc, e.extra.live, e.subs.live
    f = e.fleet.live
    for j in hit:
        i, n = v["local"][j], v["n"][j]
        if a["scripted"][i]:
            continue
        a["n_loc"][i] -= 1
        s = a["primary"][i]
        x["lost"][s] += int(((f["local"] == i) & (f["loc"] == n)).sum())
        alive = sub["status"][s] in (ACTIVE, PAST_DUE) and not sub["cancel_at_end"][s]
        if a["n_loc"][i] <= 0 and alive:
            ask_to_cancel(e, np.array([s]), np.array([d * DAY + 13 * HOUR]), CLOSED)


def ask_to_cancel(e, s, at, cause) -> None:
    sub, x = e.subs.live, e.extra.live
    sub["cancel_at_end"][s], sub["cancel_asked"][s], sub["cause"][s] = True, at, cause
    k = keys.key(keys.stream_key(e.seed, "feedback"), x["key"][s], sub["period_no"][s])
    sub["feedback"][s] = np.where(keys.chance(k, 0, 0.7), keys.below(k, 1, 6), -1)
    x["decide"][s] = -1
    emit(e, s, at)


# --- 14:00 to 17:00: what people decide ----------------------------------------
def afternoon(e, d: int) -> None:
    _season(e, d)
    _grow(e, d)
    _decide(e, d)


def _season(e, d: int) -> None:
    """Seasonal venues pause for the winter; paused ones resume."""
    sub, p, a = e.subs.live, e.pop, e.acc
    s = np.flatnonzero(
        (sub["resumes"] // DAY == d) & (sub["paused"] >= 0) & (sub["status"] <= PAST_DUE)
    )
    if len(s):
        at = sub["resumes"][s].copy()
        sub["paused"][s] = sub["resumes"][s] = -1
        emit(e, s, at)
    date = clock.as_date(d)
    if (date.month, date.day) < (11, 8) or (date.month, date.day) > (12, 10):
        return
    first = clock.day(date.year, 11, 8)
    k = keys.key(keys.stream_key(e.seed, "winter"), p.key, date.year)
    i = np.flatnonzero(
        p.seasonal
        & (first + keys.below(k, 0, 32) == d)
        & keys.chance(k, 1, 0.7)
        & (a["status"] == 1)
        & ~a["scripted"]
    )
    s = a["primary"][i]
    good = (sub["months"][s] == 1) & ~sub["cancel_at_end"][s] & (sub["paused"][s] < 0)
    pause(e, s[good], d, 60)


def pause(e, s, d: int, days: int) -> None:
    """Stop collection (behaviour void) at 14:00 of day d for so many days."""
    if len(s):
        sub = e.subs.live
        at = d * DAY + 14 * HOUR + e.minutes(e.extra.live["key"][s], 30)
        sub["paused"][s], sub["resumes"][s] = at, at + days * DAY
        emit(e, s, at)


def _steady(e, i) -> np.ndarray:
    """Accounts among i whose main subscription may change its terms today."""
    a, sub = e.acc, e.subs.live
    i = i[(a["status"][i] == 1) & ~a["scripted"][i]]
    s = a["primary"][i]
    return i[(sub["status"][s] == ACTIVE) & ~sub["cancel_at_end"][s] & (sub["paused"][s] < 0)]


def _grow(e, d: int) -> None:
    """Once in 30 days an account may grow: a venue, a higher plan, devices, seats."""
    p, a, sub = e.pop, e.acc, e.subs.live
    i = np.flatnonzero(((d - e.signup_day) % 30 == 17) & (e.signup_day < d - 20) & (p.cls != TEST))
    i = _steady(e, i)
    # Not on the day of a renewal: one change of terms a day.
    s = a["primary"][i]
    i = i[(sub["period_end"][s] // DAY > d + 1) & (sub["period_start"][s] // DAY < d)]
    if not len(i):
        return
    s = a["primary"][i]
    k = keys.key(keys.stream_key(e.seed, "grow"), p.key[i], d)
    z = np.clip(a["z"][i], -2.5, 2.5)
    multi = p.n_loc[i] > 1
    venue = keys.chance(k, 0, hazard.GROW_VENUE * np.where(multi, 3.0, 0.7) * keys.exp(0.5 * z))
    plan = ~venue & (sub["tier"][s] < 3) & keys.chance(k, 1, hazard.GROW_PLAN * keys.exp(0.6 * z))
    device = ~venue & ~plan & keys.chance(k, 2, hazard.GROW_DEVICE * keys.exp(0.4 * z))
    seat = ~venue & ~plan & ~device & keys.chance(k, 3, hazard.GROW_SEAT * keys.exp(0.4 * z))
    at = d * DAY + 14 * HOUR + e.minutes(k, 4)
    if venue.any():
        j = i[venue]
        before = a["devices"][j].copy()
        a["locations"][j] += 1
        a["n_loc"][j] += 1
        e.add_locations(j, np.ones(len(j), dtype=np.int64), at[venue] - 30 * MINUTE)
        added = a["devices"][j] - before
    else:
        added = np.empty(0, dtype=np.int64)
    changed = venue | plan | device | seat
    if not changed.any():
        return
    sub = e.subs.live
    old = sub[s].copy()
    more = np.zeros(len(i), dtype=np.int64)
    more[venue] = added
    extra_devices = 1 + keys.below(k, 5, 2)
    if device.any():
        j = np.flatnonzero(device)
        zero = np.zeros(len(j), dtype=np.int64)
        e.add_devices(i[j], zero, extra_devices[j], at[j] + 2 * DAY, zero - 1)
        more[j] = extra_devices[j]
    seats = np.where(seat, 1 + keys.below(k, 6, 3), 0)
    if seat.any():
        mood.add_colleagues(e, i[seat], seats[seat], a["users"][i[seat]], at[seat])
        a["users"][i[seat]] += seats[seat].astype(np.int32)
    sub["qloc"][s] += venue
    sub["qdev"][s] += more.astype(np.int32)
    sub["qseat"][s] += seats.astype(np.int32)
    sub["tier"][s] += plan
    c = np.flatnonzero(changed)
    change_terms(e, s[c], at[c], old[c])


def change_terms(e, s, at, old) -> None:
    """New terms take effect at `at`, in the middle of a period: prorate and invoice at once."""
    bill_after_emit(e, s, at, UPDATE, old=old)


def _decide(e, d: int) -> None:
    """Renewals thought over today: cancel at the period's end, or stay."""
    sub, x, a = e.subs.live, e.extra.live, e.acc
    s = _due(e, "decide", d)
    if not len(s):
        return
    trial = sub["status"][s] == TRIALING
    ask_to_cancel(e, s[trial], x["decide"][s[trial]].copy(), TRIAL_ENDED)
    s = s[~trial]
    i = x["local"][s]
    ready = (sub["status"][s] == ACTIVE) & ~sub["cancel_at_end"][s] & (sub["paused"][s] < 0)
    ready &= ~a["scripted"][i] & ~x["secondary"][s]
    s = s[ready]
    if not len(s):
        return
    at = x["decide"][s].copy()
    k = keys.key(keys.stream_key(e.seed, "churn"), x["key"][s], sub["period_no"][s])
    leaves, cause = hazard.decide(e, s, d, at, k)
    if not leaves.any():
        return
    s, at, cause, k = s[leaves], at[leaves], cause[leaves], k[leaves]
    # A few are ended by hand, back to a day some time ago.
    room = at - sub["period_start"][s] > 16 * DAY
    by_hand = room & keys.chance(k, 4, 0.03) & (sub["months"][s] == 1)
    back = (3 + keys.below(k, 5, 9)) * DAY
    safe = last_change(e, s) < at - back
    by_hand &= safe
    end(e, s[by_hand], at[by_hand], (at - back)[by_hand], cause[by_hand])
    s, at, cause, k = s[~by_hand], at[~by_hand], cause[~by_hand], k[~by_hand]
    if not len(s):
        return
    ask_to_cancel(e, s, at, cause)
    left = sub["period_end"][s] // DAY - d
    think = 1 + keys.below(k, 6, 4)
    undo = keys.chance(k, 7, 0.06) & (left > think + 1)
    x["undo"][s] = np.where(undo, (d + think) * DAY + 20 * HOUR + e.minutes(k, 8), -1)
    wants = ~undo & keys.chance(k, 9, 0.05) & (left > think + 1) & (x["paid_total"][s] > 0)
    x["refund"][s] = np.where(wants, (d + think) * DAY + 21 * HOUR + e.minutes(k, 10), -1)


def last_change(e, s) -> np.ndarray:
    """Instant of the newest version of subscriptions s."""
    return e.subs.live["at"][s]


# --- after 20:00: second thoughts ----------------------------------------
def night(e, d: int) -> None:
    sub, x = e.subs.live, e.extra.live
    s = _due(e, "undo", d)
    s = s[sub["cancel_at_end"][s] & (sub["status"][s] == ACTIVE)]
    if len(s):
        at = x["undo"][s].copy()
        x["undo"][s] = -1
        sub["cancel_at_end"][s], sub["cancel_asked"][s] = False, -1
        sub["cause"][s], sub["feedback"][s] = 0, -1
        emit(e, s, at)
    s = _due(e, "refund", d)
    s = s[sub["cancel_at_end"][s] & (sub["status"][s] == ACTIVE)]
    if len(s):
        at = x["refund"][s].copy()
        x["refund"][s] = -1
        refund_current(e, s, at)
    _delete_old_trials(e, d)


def refund_current(e, s, at) -> None:
    """Pay the whole current period back: the subscription counts as ended then."""
    sub, x = e.subs.live, e.extra.live
    e.facts.new(
        "money_back",
        len(s),
        acct=sub["acct"][s],
        ord=sub["ord"][s],
        invoice=x["cycle_invoice"][s],
        at=at,
        kind=0,
        amount=x["paid_total"][s],
        reason=1,
    )


def _delete_old_trials(e, d: int) -> None:
    """One in a hundred workspaces whose trial ran out is deleted by its owner (soft delete)."""
    a, p = e.acc, e.pop
    i = np.flatnonzero((a["trial_end"] // DAY == d - 45) & (a["status"] == 4) & (a["deleted"] < 0))
    if len(i):
        k = keys.key(keys.stream_key(e.seed, "delete"), p.key[i])
        i = i[keys.chance(k, 0, 0.025)]
        at = d * DAY + 20 * HOUR + e.minutes(p.key[i], 50)
        a["deleted"][i] = at
        account_version(e, i, at)
