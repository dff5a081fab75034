"""L2: the scripted billing cases: what happens to the accounts that cases.py has chosen.

A script is a row of steps; a step does one thing on its day and says when the next one is due.
The last step releases the account, which from then on lives like any other.
"""

from __future__ import annotations

import numpy as np

from taproom.world import clock
from taproom.world.around import catalog
from taproom.world.clock import DAY, HOUR
from taproom.world.facts import ACTIVE, FIT, SWITCH, TIERS
from taproom.world.people import cases
from taproom.world.state import billing

_MONTHLY = [
    c for c in range(len(cases.NAMES)) if c not in (cases.UPGRADE, cases.LATE45, cases.EXTENDED)
]
_RELEASE = 30  # days after the last step


def enlist(e, i, d: int) -> None:
    """Accounts i sign up on day d: those with a case get their first step."""
    a, case = e.acc, e.pop.case[i]
    a["scripted"][i] = case >= 0
    first = np.full(len(cases.NAMES), 400)
    first[
        [cases.UPGRADE, cases.COUPON100, cases.TWO, cases.MERGED, cases.EXTENDED, cases.PILOT]
    ] = 150, 75, 90, 140, 11, 60
    # The winter after the account has settled in: the next 15 November at least 60 days on.
    year = clock.as_date(d + 60).year
    winter = clock.day(year, 11, 15)
    winter = winter if winter >= d + 60 else clock.day(year + 1, 11, 15)
    first[cases.PAUSE] = winter - d
    first[
        [
            cases.BACKDATED,
            cases.REFUND_AFTER,
            cases.BACK12,
            cases.BACK200,
            cases.REFUND_CURRENT,
            cases.UNDO,
        ]
    ] = 100
    a["step_at"][i] = np.where(case >= 0, d + first[case], -1)


def purchase(e, i, tier, months, mode, trial):
    """Terms of scripted accounts' first subscription."""
    case = e.pop.case[i]
    monthly = np.isin(case, _MONTHLY)
    months = np.where(monthly, 1, months)
    mode = mode & ~monthly
    months = np.where(case == cases.UPGRADE, 12, months)
    months = np.where(case == cases.LATE45, 3, months).astype(np.int8)
    growth = TIERS.index("growth")
    tier = np.where(case == cases.UPGRADE, growth, tier)
    tier = np.where(case == cases.MIGRATE, growth, tier)
    tier = np.where(case == cases.LATE45, TIERS.index("enterprise"), tier).astype(np.int8)
    mode = np.where(case == cases.LATE45, True, np.where(case == cases.UPGRADE, False, mode))
    trial = np.where(case >= 0, np.isin(case, cases.TRIAL_CASES), trial)
    return tier, months, mode, trial


def at_renewal(e, s, d: int):
    """What a script does to renewals of subscriptions s: (fails, late days, charged twice).

    Changes of terms at a renewal are made here too, before the new period is set.
    """
    sub, x, a = e.subs.live, e.extra.live, e.acc
    i = x["local"][s]
    case = np.where(a["scripted"][i] & ~x["secondary"][s], e.pop.case[i], cases.NONE)
    n = sub["period_no"][s]
    year = (case == cases.TO_ANNUAL) & (n == 6)
    sub["months"][s[year]], sub["anchor"][s[year]] = 12, sub["period_start"][s[year]]
    sub["period_no"][s[year]] = 0
    up = (case == cases.MIGRATE) & (sub["gen"][s] == 0) & (d >= clock.DRIFT_NEW_PLANS + 40)
    sub["gen"][s[up]] = 1
    fails = (case == cases.DAY19) & (n == 5)
    double = (case == cases.DOUBLE) & (n == 4)
    late = np.where(fails, 19, np.where((case == cases.LATE45) & (n == 1), 45, 0))
    for mask, what in (
        (year, cases.TO_ANNUAL),
        (up, cases.MIGRATE),
        (fails, cases.DAY19),
        (double, cases.DOUBLE),
        (late == 45, cases.LATE45),
        ((case == cases.CHARGEBACK) & (n == 4), cases.CHARGEBACK),
    ):
        if mask.any():
            at = sub["period_start"][s[mask]]
            _note(e, s[mask], at, what)
            if what in (cases.DOUBLE, cases.CHARGEBACK):
                _money_back_later(e, s[mask], at, what)
            a["step_at"][i[mask]] = d + _RELEASE + 60
    return fails, late, double


def _note(e, s, at, case: int) -> None:
    sub = e.subs.live
    e.facts.new("case", len(s), acct=sub["acct"][s], ord=sub["ord"][s], at=at, case=case)


def _money_back_later(e, s, at, case: int) -> None:
    """Second charge refunded after three days with a credit note; dispute lost after twenty."""
    sub, a = e.subs.live, e.acc
    days, kind = (3, 1) if case == cases.DOUBLE else (20, 3)
    n = a["invoices"][e.extra.live["local"][s]]  # the invoice this renewal is about to make
    e.facts.new(
        "money_back",
        len(s),
        acct=sub["acct"][s],
        ord=sub["ord"][s],
        invoice=n,
        at=at + days * DAY + 2 * HOUR,
        kind=kind,
        amount=-1,
        reason=0,
    )


def morning(e, d: int) -> None:
    """Scripted accounts' new subscriptions, before noon like every other."""
    a = e.acc
    for i in np.flatnonzero((a["step_at"] == d) & a["scripted"]):
        case, step = int(e.pop.case[i]), int(a["step"][i])
        one = np.array([i])
        at = np.array([d * DAY + 9 * HOUR]) + e.minutes(e.pop.key[one], 60)
        if case in (cases.BACK12, cases.BACK200) and step == 1:
            billing.reopen(e, one, at)
            _note(e, a["primary"][one], at, case)
            _next(e, i, d + _RELEASE)
        elif case == cases.TWO and step == 0:
            lead = e.subs.live[a["primary"][i]]
            s = billing.new_subscription(
                e,
                one,
                at,
                tier=lead["tier"],
                months=1,
                gen=lead["gen"],
                qloc=1,
                qdev=2,
                qseat=0,
                invoice_mode=False,
                trial=False,
                secondary=True,
            )
            e.extra.live["decide"][s] = -1
            billing.emit(e, s, at)
            billing.bill(e, s, at, billing.CREATE)
            _note(e, s, at, case)
            _next(e, i, d + 130)


def _next(e, i: int, day: int) -> None:
    e.acc["step"][i] += 1
    e.acc["step_at"][i] = day


def _release(e, i: int) -> None:
    """The script is done; the next renewal is thought over like any other."""
    e.acc["scripted"][i], e.acc["step_at"][i] = False, -1


def evening(e, d: int) -> None:
    a = e.acc
    for i in np.flatnonzero((a["step_at"] == d) & a["scripted"]):
        at = np.array([d * DAY + 18 * HOUR]) + e.minutes(e.pop.key[i : i + 1], 61)
        _EVENING.get(int(e.pop.case[i]), _rest)(e, int(i), d, at, int(a["step"][i]))


def _rest(e, i, d, at, step) -> None:
    case = int(e.pop.case[i])
    waiting = {cases.MIGRATE: clock.DRIFT_NEW_PLANS + 140}
    if case in waiting and d < waiting[case]:
        e.acc["step_at"][i] = waiting[case]
        return
    if case in (cases.EUR, cases.SURVIVOR):
        _note(e, e.acc["primary"][[i]], at, case)
    _release(e, i)


def _lead(e, i: int) -> np.ndarray:
    return e.acc["primary"][[i]]


def _upgrade(e, i, d, at, step) -> None:
    if step:
        return _release(e, i)
    s, sub = _lead(e, i), e.subs.live
    old = sub[s].copy()
    sub["tier"][s] += 1
    billing.change_terms(e, s, at, old)
    _note(e, s, at, cases.UPGRADE)
    _next(e, i, d + _RELEASE)


def _coupon100(e, i, d, at, step) -> None:
    if step:
        return _release(e, i)
    s = _lead(e, i)
    billing.apply_coupon(e, s, [catalog.COUPON_INDEX["WINBACK100"]], at)
    _note(e, s, at, cases.COUPON100)
    _next(e, i, d + 120)


def _pause(e, i, d, at, step) -> None:
    if step:
        return _release(e, i)
    s = _lead(e, i)
    billing.pause(e, s, d, 60)
    _note(e, s, e.subs.live["paused"][s], cases.PAUSE)
    _next(e, i, d + 60 + _RELEASE)


def _two(e, i, d, at, step) -> None:
    if step == 1:
        sub = e.subs.live
        s = np.flatnonzero(
            (e.extra.live["local"] == i) & e.extra.live["secondary"] & (sub["status"] == ACTIVE)
        )
        billing.ask_to_cancel(e, s, at, SWITCH)
        _next(e, i, d + 60)
    elif step > 1:
        _release(e, i)


def _merge(e, i, d, at, step) -> None:
    a = e.acc
    if step == 0:
        a["merged"][i], a["merged_at"][i] = e.pop.acct[i] + 1, at[0]
        billing.account_version(e, np.array([i]), at)
        _note(e, _lead(e, i), at, cases.MERGED)
        _next(e, i, d + 10_000)  # its subscription runs on, untouched


def _extend(e, i, d, at, step) -> None:
    if step == 0:
        s, sub = _lead(e, i), e.subs.live
        end = sub["trial_end"][s] + 14 * DAY
        sub["trial_end"][s] = sub["period_end"][s] = sub["anchor"][s] = end
        billing.emit(e, s, at)
        _note(e, s, at, cases.EXTENDED)
        _next(e, i, d + 60)
    else:
        _release(e, i)


def _pilot(e, i, d, at, step) -> None:
    if step:
        return _release(e, i)
    # Sales ends the free pilot: the coupon stops today, ahead of time.
    s, sub, x = _lead(e, i), e.subs.live, e.extra.live
    e.facts.new(
        "discount",
        1,
        acct=sub["acct"][s],
        ord=sub["ord"][s],
        at=at,
        coupon=catalog.COUPON_INDEX["PILOT"],
        start=sub["created"][s],
        end=at,
    )
    x["pct"][s], x["pct_end"][s] = 0, 0
    _note(e, s, at, cases.PILOT)
    _next(e, i, d + 60)


def _cancel(e, i, d, at, step) -> None:
    """Cases that begin with a cancellation, at the evening of a day within the period."""
    case, s, sub, x = int(e.pop.case[i]), _lead(e, i), e.subs.live, e.extra.live
    a = e.acc
    if step == 0:
        inside = d - sub["period_start"][s[0]] // DAY
        left = sub["period_end"][s[0]] // DAY - d
        if not 12 <= inside <= 20 or left < 6:  # wait for the middle of a period
            a["step_at"][i] = d + 1
            return
        if case == cases.BACKDATED:
            back = (d - 8) * DAY + 12 * HOUR
            billing.end(e, s, at, np.array([back]), np.array([FIT]))
            _note(e, s, at, case)
            return _next(e, i, d + _RELEASE)
        billing.ask_to_cancel(e, s, at, FIT)
        if case == cases.UNDO:
            x["undo"][s] = (d + 2) * DAY + 20 * HOUR
        elif case == cases.REFUND_CURRENT:
            x["refund"][s] = (d + 2) * DAY + 21 * HOUR
        _note(e, s, at, case)
        wait = {cases.BACK12: left + 12, cases.BACK200: left + 200, cases.REFUND_AFTER: left + 9}
        return _next(e, i, d + int(wait.get(case, _RELEASE)))
    if case == cases.REFUND_AFTER and step == 1:
        e.facts.new(
            "money_back",
            1,
            acct=sub["acct"][s],
            ord=sub["ord"][s],
            invoice=x["cycle_invoice"][s],
            at=at,
            kind=0,
            amount=x["paid_total"][s],
            reason=0,
        )
        return _next(e, i, d + _RELEASE)
    return _release(e, i)


def start_coupons(e, s, i, at) -> None:
    """Coupons that a script has from the first day."""
    case = e.pop.case[i]
    for what, code in ((cases.COUPON_END, "HALFYEAR20"), (cases.PILOT, "PILOT")):
        m = case == what
        billing.apply_coupon(e, s[m], np.full(m.sum(), catalog.COUPON_INDEX[code]), at[m])
        if m.any() and what == cases.COUPON_END:
            _note(e, s[m], clock.add_months(at[m], 6), what)  # the day it expires


_EVENING = {
    cases.UPGRADE: _upgrade,
    cases.COUPON100: _coupon100,
    cases.PAUSE: _pause,
    cases.TWO: _two,
    cases.MERGED: _merge,
    cases.EXTENDED: _extend,
    cases.PILOT: _pilot,
    cases.BACKDATED: _cancel,
    cases.REFUND_AFTER: _cancel,
    cases.BACK12: _cancel,
    cases.BACK200: _cancel,
    cases.UNDO: _cancel,
    cases.REFUND_CURRENT: _cancel,
}
