"""Which lines of a venue each flow monitor watches, and since when.

All monitors of a venue together watch every line, as evenly as whole lines can be dealt. When
one is added later, the lines are dealt anew from the business day on which it begins to report.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taproom.world.venues import rhythm

NEVER = 1 << 20


@dataclass(frozen=True)
class Dealing:
    """Deals by round: from_day (rounds, venues); lo, hi, cut, lines (rounds, devices).

    A monitor watches the share lo to hi of the lines, in 1/65,536; `cut` numbers the shares of a
    venue. Devices that are no monitors, or not there yet, watch nothing. Round 0 has no first
    day.
    """

    from_day: np.ndarray
    lo: np.ndarray
    hi: np.ndarray
    cut: np.ndarray
    lines: np.ndarray

    def round(self, venue, day) -> np.ndarray:
        """Round in force at venues on business days."""
        out = np.zeros(np.broadcast_shapes(np.shape(venue), np.shape(day)), dtype=np.int64)
        for from_day in self.from_day[1:]:
            out += from_day[venue] <= day
        return out

    def lines_of(self, device, venue, day) -> np.ndarray:
        """Lines that devices at venues watch on business days."""
        return self.lines[self.round(venue, day), device]


def deal(place, flow, installed, first, tap) -> Dealing:
    """Deal the lines (`tap` by venue) to the devices at `place`, sorted by venue.

    first: business day on which a device begins to report, NEVER if it does not.
    """
    i = np.flatnonzero(flow & (first < NEVER))
    order = np.lexsort((i, installed[i], place[i]))
    i = i[order]
    venue = place[i]
    fresh = np.ones(len(i), dtype=bool)
    fresh[1:] = (venue[1:] != venue[:-1]) | (installed[i][1:] != installed[i][:-1])
    start = np.ones(len(i), dtype=bool)
    start[1:] = venue[1:] != venue[:-1]
    step = np.cumsum(fresh) - 1
    group = step - np.maximum.accumulate(np.where(start, step, 0)) if len(i) else step
    rounds = int(group.max(initial=0)) + 1
    shape = (rounds, len(place))
    lo, hi, cut, lines = (np.zeros(shape, dtype=np.int64) for _ in range(4))
    from_day = np.full((rounds, len(tap)), NEVER, dtype=np.int64)
    for j in range(rounds):
        np.minimum.at(from_day[j], venue[group == j], first[i][group == j])
        members = np.flatnonzero(group <= j)
        m = i[members]
        count = np.bincount(place[m], minlength=len(tap))[place[m]]
        begin = np.r_[True, place[m][1:] != place[m][:-1]] if len(m) else np.empty(0, bool)
        n = np.arange(len(m))
        rank = n - np.maximum.accumulate(np.where(begin, n, 0)) if len(m) else n
        t = tap[place[m]]
        a, b = rank * t // count, (rank + 1) * t // count
        lo[j, m], hi[j, m] = a * rhythm.SCALE // t, b * rhythm.SCALE // t
        cut[j, m], lines[j, m] = rank, b - a
    return Dealing(from_day, lo, hi, cut, lines)
