"""L0: the releases of the devices' firmware, and the day each device runs each of them.

A release reaches every device within some weeks. 3.1 is the bad one: it reaches a device on the
day climate.py names, and 3.2 replaces it 90 days later.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from taproom.world import clock
from taproom.world.around.climate import FIRMWARE_31
from taproom.world.draws import keys

EVERY = 48  # days between releases
SPAN = 24  # days a release takes to reach all devices
_BAD = 3  # releases of 3.1: 3.1.0, 3.1.1, 3.1.2, thirty days apart on a device
_LAST = clock.FOUNDED + 3_600


@cache
def releases() -> tuple[list[str], np.ndarray]:
    """Versions and the days (UTC) they are released on, oldest first; the first by FOUNDED."""
    before = np.arange(FIRMWARE_31 - EVERY, clock.FOUNDED - 2 * EVERY, -EVERY)[::-1]
    names = []
    for i in range(len(before)):
        back = len(before) - i  # 1 is the last before 3.1
        major, minor = (3, 0) if back <= 4 else (2, 9 - (back - 5) // 3)
        patch = 4 - back if back <= 4 else 2 - (back - 5) % 3
        names.append(f"{major}.{minor}.{patch}")
    days = [*before.tolist(), *(FIRMWARE_31 + 30 * i for i in range(_BAD)), FIRMWARE_31 + 90]
    names += [f"3.1.{i}" for i in range(_BAD)] + ["3.2.0"]
    at, number = FIRMWARE_31 + 190, 1
    while at < _LAST:
        names.append(f"3.{2 + number // 3}.{number % 3}")
        days.append(at)
        at, number = at + EVERY, number + 1
    return names, np.array(days)


def first_days(device_key) -> np.ndarray:
    """Day from which devices run each release, shape (releases, devices), int64.

    The day is a business day: the new version starts before it begins. The first release has
    always been there.
    """
    names, days = releases()
    out = np.empty((len(days), len(device_key)), dtype=np.int64)
    k = keys.key(keys.stream_key(0, "firmware"), device_key)
    bad = names.index("3.1.0")
    start = FIRMWARE_31 + keys.below(device_key, 7, 90)  # as climate.on_bad_firmware has it
    for i, day in enumerate(days.tolist()):
        if bad <= i <= bad + _BAD:
            out[i] = start + 30 * (i - bad)
        else:
            out[i] = day + 1 + keys.below(k, i, SPAN)
    out[0] = 0
    return out


def running(first: np.ndarray, device: np.ndarray, day) -> np.ndarray:
    """Position of the release that devices run on business days (one, or one a device).

    `first` is from `first_days`, `device` are columns of it.
    """
    _, days = releases()
    done = int((days + SPAN + 90 < np.min(day)).sum())
    ahead = int((days <= np.max(day)).sum())
    out = np.full(len(device), max(done - 1, 0), dtype=np.int64)
    for i in range(max(done, 1), ahead):
        # A later release is never run before an earlier one, so that steps may be counted.
        out += first[i].take(device) <= day
    return out
