"""L0: the twelve experiments as they were planned.

They follow each other every 61 days and never overlap: units enrol for 28 days, at the first
session of any of their people, and stay in their arm for 28 days more. So who enrols, and when,
is decided by activity that no experiment has touched, and both outcomes of a unit come from the
same draws with the treatment switched on and off.

Four carry a defect (M19): one loses 6% of its treatment arm to a failing redirect, in one some
units change sides, one has an effect only on those who come in its first days (so that whoever
looks early sees a winner), one has no effect whatever. These things happen whatever the mess;
with mess "none" they are recorded well: lost units keep their row, and a change of sides writes
none, so that the comparison of the arms as drawn holds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from taproom.world import clock
from taproom.world.clock import DAY, HOUR
from taproom.world.draws import keys
from taproom.world.product import features

ENROL, STAY, APART = 28, 28, 61
FIRST = clock.START + 20
CONTROL, TREATMENT = 0, 1
VARIANTS = ("control", "treatment")
UNITS = ("account", "user")
DEFECTS = ("none", "srm", "crossover", "peeking", "null")
USED, ACTIVE = "used_feature_14d", "active_days_28d"
EARLY = 3  # days in which the novelty of the peeking bait works


@dataclass(frozen=True)
class Experiment:
    """A test of one feature.

    share: planned share of the treatment arm; traffic: share of the units let in. discovers:
    chance that a treated person takes to the feature who had not; weight: factor on how often
    it is opened, percent; rate: factor on the daily rate of activity. late: discovers and weight
    for units that enrol after the first days, where that differs.
    """

    key: str
    feature: str
    unit: str
    metric: str
    hypothesis: str
    share: float = 0.5
    traffic: float = 1.0
    discovers: float = 0.0
    weight: int = 100
    rate: float = 1.0
    defect: str = "none"
    late: tuple[float, int] | None = None

    @property
    def number(self) -> int:
        return EXPERIMENTS.index(self)

    @property
    def feature_index(self) -> int:
        return features.INDEX[self.feature]

    @property
    def first_day(self) -> int:
        return FIRST + APART * self.number

    @property
    def started(self) -> int:
        """Instant of the first enrolment, µs UTC."""
        return self.first_day * DAY + 9 * HOUR

    @property
    def enrols_until(self) -> int:
        return self.started + ENROL * DAY

    @property
    def ended(self) -> int:
        return self.started + (ENROL + STAY) * DAY


EXPERIMENTS = (
    Experiment(
        "setup-checklist-progress",
        "setup_checklist",
        "account",
        USED,
        "A progress bar on the setup checklist brings more workspaces back to it within 14 days.",
        discovers=0.35,
        weight=350,
    ),
    Experiment(
        "live-board-compact",
        "live_board",
        "user",
        ACTIVE,
        "A compact live board makes people open the application on more days.",
        rate=1.20,
    ),
    Experiment(
        "alert-digest-morning",
        "alert_digest",
        "user",
        USED,
        "A digest at eight in the morning is opened by more people within 14 days.",
        discovers=0.22,
        weight=180,
        traffic=0.6,
    ),
    Experiment(
        "pour-cost-card",
        "pour_cost",
        "user",
        USED,
        "A card on the start page makes more people look at pour cost within 14 days.",
        discovers=0.14,
        weight=130,
        defect="srm",
    ),
    Experiment(
        "stock-count-shortcut",
        "stock_count",
        "user",
        USED,
        "A shortcut in the menu makes more people count stock within 14 days.",
        traffic=0.7,
        discovers=0.30,
        weight=220,
        late=(0.0, 42),
        defect="peeking",
    ),
    Experiment(
        "forecast-banner",
        "keg_forecast",
        "account",
        USED,
        "A banner on low kegs leads more workspaces to the keg forecast within 14 days.",
        discovers=0.30,
        weight=200,
    ),
    Experiment(
        "report-scheduler-prompt",
        "scheduled_reports",
        "user",
        USED,
        "A prompt after opening a report makes more people schedule one within 14 days.",
        discovers=0.30,
        weight=250,
        defect="crossover",
        traffic=0.5,
    ),
    Experiment(
        "digital-menu-colours",
        "digital_menu",
        "user",
        USED,
        "Colours of the brewery on the digital menu make more people edit it within 14 days.",
        defect="null",
        traffic=0.4,
    ),
    Experiment(
        "weekly-report-mail",
        "weekly_report",
        "user",
        USED,
        "A link by e-mail on Mondays makes more people open the weekly report within 14 days.",
        share=0.2,
        discovers=0.40,
        weight=130,
        traffic=0.5,
    ),
    Experiment(
        "menu-sync-wizard",
        "menu_sync",
        "account",
        USED,
        "A wizard makes more workspaces publish their menu within 14 days.",
        discovers=0.35,
        weight=220,
    ),
    Experiment(
        "cleaning-reminder",
        "cleaning_log",
        "account",
        USED,
        "A reminder after twelve days makes more workspaces log a cleaning within 14 days.",
        discovers=0.20,
        weight=180,
    ),
    Experiment(
        "shift-notes-popup",
        "shift_notes",
        "user",
        ACTIVE,
        "Asking for a shift note at the end of a session brings people back on more days.",
        rate=0.80,
        weight=160,
        traffic=0.7,
    ),
)
assert len({e.feature for e in EXPERIMENTS}) == len(EXPERIMENTS) == 12


def experiment_keys(seed: int) -> np.ndarray:
    """64-bit keys of the experiments, in the order of EXPERIMENTS."""
    return keys.key(keys.stream_key(seed, "experiment"), np.arange(len(EXPERIMENTS)))


def variants(e: Experiment) -> tuple[str, str]:
    """JSON of the arms and of their planned shares."""
    split = {"control": round(1 - e.share, 2), "treatment": e.share}
    return json.dumps(list(VARIANTS)), json.dumps(split)
