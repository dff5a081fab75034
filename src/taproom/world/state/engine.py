"""L2: the world day by day. Vectorised over accounts; every draw is keyed, so any shard, any
restart and any batch size give the same facts.

Within a day the order of events follows the clock: renewals, trials' ends and payments fall
before 13:00, changes of plan at 14:00, requests to cancel at 16:00, scripted steps at 18:00,
second thoughts at 20:00, refunds at 21:00 (UTC, plus keyed minutes).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from taproom.world import clock
from taproom.world.clock import DAY, HOUR, MINUTE
from taproom.world.draws import keys
from taproom.world.draws.arrays import ordinal, running
from taproom.world.facts import Facts
from taproom.world.people.population import (
    CONVERTS,
    TEST,
    TRIAL_ONLY,
    Population,
    child_key,
    population,
    shard_of,
    signups,
)
from taproom.world.state import billing, mood, scripts
from taproom.world.state.state import ACCOUNT, EXTRA, FLEET, OPEN_TICKET, SUBSCRIPTION, VENUE, Rows


class Engine:
    """State of the world (or of one shard of it) at the start of `day`.

    seed: of the world. paying: ever-paying accounts at clock.END (the scale). shard: (k, n) to
    simulate only accounts whose virtual shard is k modulo n. latent: keep weekly states and
    decisions too (truth and calibration need them, rendering does not).
    """

    def __init__(
        self, seed: int, paying: int, shard: tuple[int, int] = (0, 1), latent: bool = False
    ):
        self.seed, self.paying, self.shard, self.latent = seed, paying, shard, latent
        self.day = clock.FOUNDED
        self.facts = Facts()
        self.subs = Rows(SUBSCRIPTION)
        self.extra = Rows(EXTRA)
        self.fleet = Rows(FLEET)
        self.venues = Rows(VENUE)
        self.open = np.empty(0, OPEN_TICKET)
        self.acc = np.empty(0, ACCOUNT)
        self.pop: Population | None = None
        self._grow(self.day + 1)

    # --- population -----------------------------------------------------------------------
    def _grow(self, until: int) -> None:
        """Know every account that signs up before day `until`."""
        if self.pop is not None and until <= self._known:
            return
        self._known = until + 31
        acct = np.arange(signups(self.paying, self._known), dtype=np.int64)
        k, n = self.shard
        if n > 1:
            acct = acct[shard_of(self.seed, acct) % n == k]
        self.pop = population(self.seed, self.paying, acct)
        fresh = np.zeros(len(acct), ACCOUNT)
        for name in (
            "status",
            "tier",
            "primary",
            "back",
            "merged",
            "merged_at",
            "deleted",
            "trial_end",
            "step_at",
        ):
            fresh[name] = -1
        fresh["price_up"] = -10_000
        fresh["z"] = 0.8 * self.pop.fit
        fresh[: len(self.acc)] = self.acc
        self.acc = fresh
        self.signup_day = self.pop.signup // DAY
        self.champions = mood.champions(self.seed, self.pop)

    # --- the loop -------------------------------------------------------------------------
    def run(self, until: int, progress=None) -> None:
        """Simulate every day before day `until`."""
        self._grow(until)
        while self.day < until:
            d = self.day
            if (d - clock.FOUNDED) % 7 == 1:  # Mondays
                mood.week(self, d)
            self._sign_up(d)
            billing.morning(self, d)
            scripts.morning(self, d)
            billing.afternoon(self, d)
            scripts.evening(self, d)
            billing.night(self, d)
            self.day += 1
            if progress is not None:
                progress(d)

    def minutes(self, key, n: int, most: int = 90):
        """Keyed minutes as microseconds, to spread events within their hour."""
        return keys.below(key, n, most * 60) * clock.SECOND

    # --- sign-up --------------------------------------------------------------------------
    def _sign_up(self, d: int) -> None:
        lo, hi = np.searchsorted(self.signup_day, [d, d + 1])
        if lo == hi:
            return
        i = np.arange(lo, hi)
        p, a = self.pop, self.acc
        a["status"][i] = np.where(np.isin(p.cls[i], (CONVERTS, TRIAL_ONLY, TEST)), 0, 1)
        a["n_loc"][i] = a["locations"][i] = p.n_loc[i]
        a["users"][i] = p.n_user[i]
        at = p.signup[i]
        billing.account_version(self, i, at)
        self.add_locations(i, p.n_loc[i], at + 2 * MINUTE)
        mood.add_users(self, i)
        scripts.enlist(self, i, d)
        billing.first_subscription(self, i, at + 20 * MINUTE + self.minutes(p.key[i], 40, 70))

    def add_locations(self, i, count, at) -> None:
        """Open `count` venues for accounts i at instants `at`, with their devices."""
        p, a = self.pop, self.acc
        local = np.repeat(i, count)
        n = ordinal(count) + np.repeat(a["locations"][i] - count, count)
        key = child_key(self.seed, "location", p.acct[local], n)
        # A multi-site account loses venues at 4% a year each, a single one closes at 2%; a weak
        # local economy makes both likelier.
        rate = np.where(p.n_loc[local] > 1, 0.04, 0.02) * keys.exp(-0.4 * p.economics[local])
        years = keys.exponential(key, 0) / rate
        created = np.repeat(at, count) + n * MINUTE
        closed = created + (np.minimum(years, 50.0) * 365.0).astype(np.int64) * DAY + 12 * HOUR
        closed = np.where(years > 20.0, -1, np.maximum(closed, created + 60 * DAY))
        self.facts.new(
            "location", len(local), acct=p.acct[local], n=n, created=created, closed=closed
        )
        pos = self.venues.extend(len(local))
        v = self.venues.live
        v["local"][pos], v["n"][pos], v["closed"][pos] = local, n, closed
        devices = 2 + keys.choose(key, 1, np.cumsum([0.30, 0.35, 0.20, 0.10, 0.05]))
        devices = np.where(p.cls[local] == TRIAL_ONLY, 1, devices)
        self.add_devices(local, n, devices, created + DAY * (1 + keys.below(key, 2, 9)), closed)

    def add_devices(self, local, loc, count, at, removed) -> None:
        """Install `count` devices at venues (local account, ordinal loc) at instants `at`."""
        p, a = self.pop, self.acc
        who = np.repeat(local, count)
        # Ordinals run on within the account, in order of the rows.
        n = a["devices"][who] + running(who)
        np.add.at(a["devices"], who, 1)
        key = child_key(self.seed, "device", p.acct[who], n)
        rows = {
            "acct": p.acct[who],
            "n": n,
            "loc": np.repeat(loc, count),
            "kind": keys.choose(key, 0, np.cumsum([0.62, 0.23, 0.15])).astype(np.int8),
            "batch": keys.below(key, 1, 40).astype(np.int16),
            "installed": np.repeat(at, count),
            "removed": np.repeat(removed, count),
        }
        self.facts.new("device", len(who), **rows)
        pos = self.fleet.extend(len(who))
        f = self.fleet.live
        for name, value in rows.items():
            f[name][pos] = value
        f["local"][pos], f["until"][pos], f["key"][pos] = who, -1, key

    # --- checkpoint -----------------------------------------------------------------------
    def save(self, path: Path) -> None:
        """Write the whole state to an .npz file, atomically."""
        arrays = {f"fact_{k}": v for k, v in self.facts.tables().items()}
        arrays |= {
            "subs": self.subs.live,
            "extra": self.extra.live,
            "fleet": self.fleet.live,
            "venues": self.venues.live,
            "open": self.open,
            "acc": self.acc,
            "day": np.array([self.day]),
        }
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as f:
            np.savez(f, **arrays)
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path, seed: int, paying: int, shard=(0, 1), latent=False) -> Engine:
        """State as saved; later days run on from it exactly as without the break."""
        with _collector_at_rest(), np.load(path) as z:
            e = cls(seed, paying, shard, latent)
            e.facts = Facts({k[5:]: z[k] for k in z.files if k.startswith("fact_")})
            e.subs, e.extra = Rows(SUBSCRIPTION, z["subs"]), Rows(EXTRA, z["extra"])
            e.fleet, e.venues = Rows(FLEET, z["fleet"]), Rows(VENUE, z["venues"])
            e.open, e.acc, e.day = z["open"], z["acc"], int(z["day"][0])
        e.pop = None
        e._grow(e.day + 1)
        return e

    @classmethod
    def joined(cls, paths: list[Path], seed: int, paying: int) -> Engine:
        """The whole world's engine from the saved states of all its shards, (k, n) in order.

        Whatever points into a shard's arrays is moved to its place in the whole.
        """
        n = len(paths)
        parts = [cls.load(path, seed, paying, (k, n), latent=True) for k, path in enumerate(paths)]
        e = cls(seed, paying, latent=True)
        e.day = parts[0].day
        e.pop = None
        e._grow(e.day + 1)
        subs, tables = 0, {name: [] for name in ("subs", "extra", "fleet", "venues", "open")}
        for part in parts:
            # Accounts by index: where each of the shard's stands in the whole.
            at = np.searchsorted(e.pop.acct, part.pop.acct)
            acc = part.acc.copy()
            acc["primary"] = np.where(acc["primary"] >= 0, acc["primary"] + subs, -1)
            e.acc[at] = acc
            subs += len(part.subs)
            for name, rows in tables.items():
                own = getattr(part, name)
                own = (own if name == "open" else own.live).copy()
                if "local" in own.dtype.names:
                    own["local"] = at[own["local"]]
                rows.append(own)
            for kind, facts in part.facts.tables().items():
                e.facts.add(kind, facts)
        whole = {name: np.concatenate(rows) for name, rows in tables.items()}
        e.subs, e.extra = Rows(SUBSCRIPTION, whole["subs"]), Rows(EXTRA, whole["extra"])
        e.fleet, e.venues = Rows(FLEET, whole["fleet"]), Rows(VENUE, whole["venues"])
        e.open = whole["open"]
        return e


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """No garbage collection meanwhile, for reading .npz files.

    numpy parses each array's header as Python. Before 3.11.8 CPython mixes up two threads' parsing
    when a collection in the midst of one lets the other run (python/cpython#106905), and the
    state that was saved could not be read.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
