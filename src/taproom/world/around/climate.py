"""L0: what befalls whole regions, in closed form: network outages, seasons, firmware trouble."""

from __future__ import annotations

import numpy as np

from taproom.world import clock
from taproom.world.draws import keys


def isp_outage_hours(seed: int, country, week):
    """Hours a country's networks are down in a week; 2% of weeks, 3 to 20 hours."""
    k = keys.key(keys.stream_key(seed, "isp"), np.asarray(country, dtype=np.int64), week)
    return np.where(keys.chance(k, 0, 0.02), 3 + keys.below(k, 1, 18), 0)


_SEASON = np.array(
    [-0.35, -0.2, 0, 0.05, 0.1, 0.2, 0.25, 0.2, 0.05, 0, -0.05, 0.1]
)  # by month, from January


def season(day_number):
    """Usage level by month of the year, in units of z."""
    return _SEASON[clock.month_of(day_number) % 12]


# Firmware 3.1 reaches each device within 90 days and stays for 90: error rate times three.
FIRMWARE_31 = clock.day(2024, 9, 1)


def on_bad_firmware(device_key, day_number):
    start = FIRMWARE_31 + keys.below(device_key, 7, 90)
    return (day_number >= start) & (day_number < start + 90)


# Weibull hazard with shape 1.4, relative to its mean over five years, by year of age.
_AGE = np.array([0.62, 0.97, 1.18, 1.34, 1.48, 1.60, 1.71, 1.81])


def wear(age_days):
    return _AGE[np.clip(np.asarray(age_days) // 365, 0, 7)]
