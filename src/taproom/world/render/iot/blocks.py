"""Devices by business day, in blocks that fit the processor's cache: what each did in its hours.

The order is that of business days, then of the fleet; it depends on no block's size. Arrays of a
block are one a device and day ("pair"), or two-dimensional with a pair's 24 slots.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from taproom.world.around import festivals, firmware, zones
from taproom.world.clock import HOUR, MINUTE
from taproom.world.draws import keys
from taproom.world.render.iot.fleet import CLASSES, FLOW, Fleet
from taproom.world.render.iot.outages import FAILED, MEAN_SHARE, Cut, Outages, day_key, loss_of
from taproom.world.venues import rhythm

SLOTS = zones.SLOTS
BEATS = 60  # heartbeats an hour
_BLIPS = 1024
_IN_CACHE = 4_096  # pairs whose 24 slots stay in the processor's cache
WIDE = 1 << 24  # more spans than a fleet has
_OPEN, _SHUT = 0.67, 1.20  # network loss in open and closed hours, against its mean


@cache
def blips() -> tuple[np.ndarray, np.ndarray]:
    """Heartbeats lost in a slot by chance: (class, shut or open, way, slot) uint8, and their
    running sums (…, 25) uint16, both flattened to (class * 2 + open) * 1024 + way rows."""
    k = keys.key(keys.stream_key(0, "blips"), np.arange(_BLIPS))
    size = np.stack([keys.exponential(k, 2 * s) for s in range(SLOTS)], axis=1)
    u = np.stack([keys.u32(k, 2 * s + 1) for s in range(SLOTS)], axis=1) / float(1 << 32)
    mean = loss_of(np.arange(CLASSES)) * (1 - MEAN_SHARE) * BEATS
    mean = mean[:, None] * np.array([_SHUT, _OPEN])
    lost = np.floor(mean[:, :, None, None] * size + u)
    lost = np.minimum(lost, BEATS - 1).astype(np.uint8).reshape(-1, SLOTS)
    running = np.zeros((len(lost), SLOTS + 1), dtype=np.uint16)
    np.cumsum(lost, axis=1, out=running[:, 1:], dtype=np.uint16)
    return lost, running


@dataclass
class Block:
    """Pairs of a device's span and a business day, sorted by day, then span."""

    fleet: Fleet
    day: np.ndarray
    span: np.ndarray
    custom: tuple[np.ndarray, np.ndarray]  # pours and keys of the venues, by pair

    def __len__(self) -> int:
        return len(self.span)

    def part(self, pairs: np.ndarray) -> Block:
        """Some pairs of the block, in their order."""
        custom = self.custom[0][pairs], self.custom[1][pairs]
        return Block(self.fleet, self.day[pairs], self.span[pairs], custom)

    def among(self, code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of sorted codes day * 2**24 + span: (positions of the pairs, positions in `code`)."""
        mine = self.day * WIDE + self.span
        lo, hi = np.searchsorted(code, [mine[0], mine[-1] + 1])
        at = np.minimum(np.searchsorted(mine, code[lo:hi]), len(mine) - 1)
        known = mine[at] == code[lo:hi]
        return at[known], lo + np.flatnonzero(known)

    @cached_property
    def key(self) -> np.ndarray:
        return day_key(self.fleet, self.span, self.day)

    @cached_property
    def venue(self) -> np.ndarray:
        return self.fleet.venue[self.span]

    @cached_property
    def zone(self) -> np.ndarray:
        return self.fleet.zone[self.span]

    @cached_property
    def start(self) -> np.ndarray:
        """06:00 local as an instant."""
        return zones.business_start(self.zone, self.day)

    @cached_property
    def extra(self) -> np.ndarray:
        return zones.extra_hours(self.zone, self.day)

    @cached_property
    def hours_row(self) -> np.ndarray:
        """Row of the tables of opening hours."""
        opening = self.fleet.venues.opening[self.venue]
        return opening * 7 + festivals.weekday(self.day)

    @cached_property
    def release(self) -> np.ndarray:
        """Position of the firmware's release."""
        return firmware.running(self.fleet.releases, self.span, self.day)

    @cached_property
    def flow(self) -> np.ndarray:
        """Positions of the pairs that pour."""
        return np.flatnonzero(self.fleet.kind[self.span] == FLOW)

    @cached_property
    def poured(self) -> tuple[np.ndarray, np.ndarray]:
        """Pours and ml of each pair of `flow`, all of the business day, recorded or not."""
        f, i = self.fleet, self.flow
        s = self.span[i]
        pours, key = self.custom[0][i], self.custom[1][i]
        glass = f.glass[f.venue[s]]
        total = rhythm.volume(pours, key, glass)
        d, device = f.dealing, f.device[s]
        deal = d.round(f.venue[s], self.day[i])
        cut = d.cut[deal, device]
        n_lo, ml_lo = rhythm.dealt(pours, total, key, glass, d.lo[deal, device], cut)
        n_hi, ml_hi = rhythm.dealt(pours, total, key, glass, d.hi[deal, device], cut + 1)
        n = (n_hi - n_lo).astype(np.int32)
        return n, np.where(n > 0, np.maximum(ml_hi - ml_lo, n * 50), 0)

    @cached_property
    def counts(self) -> np.ndarray:
        """Pours of each pair of `flow` by slot, int32, shape (len(flow), 24)."""
        n, key = self.poured[0], self.key[self.flow]
        row = self.hours_row[self.flow]
        way = rhythm.bits(key, 10, 6)
        shares = self.fleet.venues.hours.shares.reshape(-1, SLOTS + 1)
        which, first = row * rhythm.PATTERNS + way, rhythm.bits(key, 16, 16).astype(np.int32)
        out = np.empty((len(n), SLOTS), dtype=np.int32)
        for a in range(0, len(n), _IN_CACHE):
            some = slice(a, a + _IN_CACHE)
            running = shares.take(which[some], axis=0)
            running *= n[some, None]
            running += first[some, None]
            running >>= 16
            np.subtract(running[:, 1:], running[:, :-1], out=out[some])
        self._spring_forward(out, self.flow)
        return out

    def _spring_forward(self, counts: np.ndarray, pairs: np.ndarray) -> None:
        """Give the pours of a slot that does not come to the next one."""
        i = np.flatnonzero(self.extra[pairs] < 0)
        if len(i):
            slot = zones.turned_slot(self.zone[pairs[i]], self.day[pairs[i]])
            counts[i, slot + 1] += counts[i, slot]
            counts[i, slot] = 0

    def slot_keys(self, pairs=None) -> np.ndarray:
        """Keys of slots, shape (pairs, 24); see `hourly` for the use of their bits."""
        key = self.key if pairs is None else self.key[pairs]
        step = (np.arange(1, SLOTS + 1).astype(np.uint64) * keys.G)[None, :]
        return keys.mix(key[:, None] + step)

    def volumes(self, which: np.ndarray, slot_keys: np.ndarray) -> np.ndarray:
        """Millilitres by slot of pairs flow[which], summing to the day's, int64."""
        n, total = (x[which] for x in self.poured)
        counts = self.counts[which]
        glass = self.fleet.glass[self.venue[self.flow[which]]].astype(np.float64)
        noise = rhythm.quantile(rhythm.bits(slot_keys, 40, 12))
        drawn = np.cumsum(
            glass[:, None] * (counts + rhythm.POUR_SD * np.sqrt(counts) * noise), axis=1
        )
        drawn += np.cumsum(counts, axis=1) * ((total - drawn[:, -1]) / np.maximum(n, 1))[:, None]
        out = np.rint(drawn).astype(np.int64)
        out[:, 1:] -= out[:, :-1].copy()
        return out

    def blip_rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of `blips` of the pairs, for closed and for open slots."""
        shut = self.fleet.loss[self.span] * (2 * _BLIPS) + rhythm.bits(self.key, 0, 10)
        return shut, shut + _BLIPS

    def lost(self, pairs=None) -> np.ndarray:
        """Heartbeats lost by chance by slot, uint8, shape (pairs, 24)."""
        shut, opened = self.blip_rows()
        row = self.hours_row
        if pairs is not None:
            shut, opened, row = shut[pairs], opened[pairs], row[pairs]
        table = blips()[0]
        is_open = self.fleet.venues.hours.open_slots[row]
        return np.where(is_open, table[opened], table[shut])

    def error_rate(self) -> np.ndarray:
        """Errors a day in 1/65,536: three times as many while firmware 3.1 runs."""
        return self.fleet.error_rate[self.span] * _errors_by_release()[self.release]

    @cached_property
    def errors(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Errors of the block: (pair, slot, microseconds into the slot, code)."""
        i = np.flatnonzero(rhythm.bits(self.key, 32, 16) < self.error_rate())
        k = keys.mix(self.key[i] ^ np.uint64(0xE440))
        slot = keys.below(k, 0, SLOTS)
        into = keys.below(k, 1, 3_600) * (HOUR // 3_600)
        return i, slot, into, keys.choose(k, 2, np.cumsum([0.34, 0.24, 0.18, 0.14, 0.10]))


@cache
def _errors_by_release() -> np.ndarray:
    """How many times as many errors as usual a release has."""
    return np.array([3 if n.startswith("3.1.") else 1 for n in firmware.releases()[0]])


def blocks(fleet: Fleet, first: int, last: int, size: int) -> Iterator[Block]:
    """Blocks of about `size` pairs, all business days first to last."""
    spans = np.flatnonzero((fleet.first <= last) & (fleet.last >= first))
    if not len(spans):
        return
    step = max(1, size // len(spans))
    for d in range(first, last + 1, step):
        days = np.arange(d, min(d + step, last + 1))
        for at in range(0, len(spans), max(size, 1)):
            some = spans[at : at + size] if step == 1 else spans
            lo, hi = fleet.venue[some[0]], fleet.venue[some[-1]] + 1
            pours, key = rhythm.demand(fleet.venues.take(slice(lo, hi)), days[:, None])
            there = (fleet.first[some] <= days[:, None]) & (days[:, None] <= fleet.last[some])
            i, j = np.nonzero(there)
            span = some[j]
            venue = fleet.venue[span] - lo
            if len(span):
                yield Block(fleet, days[i], span, (pours[i, venue], key[i, venue]))
            if step > 1:
                break


@dataclass(frozen=True)
class Silence:
    """What outages do to pairs of a block: arrays by (pair touched, 24 slots).

    pair: positions in the block, unique and sorted. lost: heartbeats lost to outages. flush:
    when what was measured could be sent (µs UTC, 0 where nothing was silent). gone: the
    measurements of a silent slot are lost for good. until: end of the last outage by pair.
    """

    pair: np.ndarray
    lost: np.ndarray
    flush: np.ndarray
    gone: np.ndarray
    until: np.ndarray


def silence(block: Block, out: Outages, pieces: Cut) -> Silence:
    """The outages of a block's pairs, slot by slot."""
    at, piece = block.among(pieces.code)
    source = pieces.source[piece]
    pair, row = np.unique(at, return_inverse=True)
    lost = np.zeros((len(pair), SLOTS), dtype=np.int64)
    flush = np.zeros((len(pair), SLOTS), dtype=np.int64)
    gone = np.zeros((len(pair), SLOTS), dtype=bool)
    until = np.zeros(len(pair), dtype=np.int64)
    if len(pair):
        begin, length = slot_spans(block, at)
        a, b = out.start[source][:, None], out.end[source][:, None]
        overlap = np.minimum(b, begin + length) - np.maximum(a, begin)
        minutes = np.clip(-(-overlap // MINUTE), 0, None) * (length > 0)
        for_good = (out.cause[source] == FAILED) | ~block.fleet.buffers[block.span[at]]
        np.add.at(lost, row, minutes)
        np.maximum.at(flush, row, np.where(minutes > 0, b, 0))
        np.logical_or.at(gone, row, (minutes > 0) & for_good[:, None])
        np.maximum.at(until, row, out.end[source])
    return Silence(pair, lost, flush, gone, until)


def slot_spans(block: Block, pairs) -> tuple[np.ndarray, np.ndarray]:
    """Begin of each slot (µs UTC) and its length (0, 1 or 2 hours) of pairs, shape (…, 24)."""
    length = zones.slot_count(block.zone[pairs], block.day[pairs]).astype(np.int64) * HOUR
    begin = block.start[pairs][:, None] + np.cumsum(length, axis=1) - length
    return begin, length
