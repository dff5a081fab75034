"""L0: the parts of the product: which plans have them, when they came, who takes to them, and
what they truly do.

A person who has taken to a feature uses it, and is drawn back by it: `beta` is what the feature
adds to the log of that person's activity. The same taste for technology that makes people take
to features makes them more active anyway, and `tech` says how strongly each feature sorts them
by it. So users and non-users of a feature differ by far more than beta: the confounding trap.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from taproom.world.clock import DAY
from taproom.world.draws import keys
from taproom.world.facts import TIERS, USER_ROLES

AREAS = (
    "monitoring",
    "inventory",
    "quality",
    "insights",
    "alerts",
    "menu",
    "team",
    "integrations",
    "platform",
)

# How likely each role is to take to a feature, added to its log odds: owner, manager, staff,
# analyst.
_PROFILES = {
    "all": (0.0, 0.0, 0.0, 0.0),
    "lead": (0.5, 0.5, -1.6, 0.4),
    "floor": (-0.8, 0.3, 0.6, -1.5),
    "data": (0.1, 0.0, -2.2, 1.5),
    "admin": (0.9, -0.3, -2.8, -0.8),
}
assert len(USER_ROLES) == 4


@dataclass(frozen=True)
class Feature:
    """A part of the product.

    `odds`: log odds that a person of average taste takes to it; `weight`: how often it is
    opened, once taken to; `beta`: its true effect on the log of a person's daily activity.
    """

    key: str
    name: str
    area: str
    min_plan: int
    released: dt.date
    is_key: bool
    is_beta: bool
    team: str
    odds: float
    weight: int
    profile: str
    tech: float
    beta: float
    events: tuple[str, ...]


# key | name | area | plan | released | k key, b beta | team | odds | weight | profile | tech |
# beta
_ROWS = """
live_board|Live board|monitoring|starter|2023-01-01|k|Pour|9|96|all|0|0
keg_levels|Keg levels|monitoring|starter|2023-01-01|k|Pour|3.0|96|floor|0.2|0.05
pour_log|Pour log|monitoring|starter|2023-01-01|k|Pour|-0.7|44|all|0.3|0
tap_lines|Tap lines|monitoring|starter|2023-01-01||Pour|0.3|30|lead|0.4|0
temperature_watch|Temperature watch|monitoring|starter|2023-03-14|k|Pour|-0.8|40|floor|0.3|0.04
pressure_watch|Pressure watch|monitoring|growth|2023-09-05||Pour|-1.4|22|floor|0.5|0
multi_venue_view|Multi-venue view|monitoring|growth|2023-05-02|k|Pour|-1.1|42|lead|0.4|0
wall_display|Wall display|monitoring|growth|2024-04-16||Pour|-2.2|14|floor|0.8|0
stock_count|Stock count|inventory|starter|2023-01-01|k|Cellar|-0.1|46|floor|0.2|0.10
deliveries|Deliveries|inventory|starter|2023-02-07||Cellar|-0.5|26|floor|0.2|0
keg_forecast|Keg forecast|inventory|growth|2024-02-06|k|Cellar|-0.8|42|lead|0.7|0.12
order_proposals|Order proposals|inventory|pro|2024-07-09||Cellar|-1.3|20|lead|0.8|0.06
supplier_prices|Supplier prices|inventory|pro|2025-03-04||Cellar|-1.8|16|lead|0.5|0
transfer_kegs|Keg transfers|inventory|growth|2023-11-14||Cellar|-1.9|16|floor|0.2|0
cleaning_log|Cleaning log|quality|starter|2023-01-01|k|Cellar|-0.4|40|floor|0.1|0.08
quality_checks|Quality checks|quality|growth|2023-06-20||Cellar|-1.4|22|floor|0.2|0
foam_diagnosis|Foam diagnosis|quality|pro|2024-05-28||Cellar|-1.7|16|floor|0.9|0
freshness_dates|Freshness dates|quality|growth|2025-01-21||Cellar|-1.1|20|floor|0.3|0.05
pour_cost|Pour cost|insights|starter|2023-04-11|k|Insight|0.2|50|lead|0.6|0.07
waste_report|Waste report|insights|starter|2023-01-01|k|Insight|-0.6|42|lead|0.5|0
sales_overlay|Sales overlay|insights|growth|2023-08-22||Insight|-1.2|24|data|0.8|0
weekly_report|Weekly report|insights|starter|2023-01-01|k|Insight|0.9|54|lead|0.3|0
scheduled_reports|Scheduled reports|insights|growth|2023-10-10||Insight|-1.3|20|lead|0.9|-0.06
custom_dashboards|Custom dashboards|insights|pro|2023-12-05||Insight|-1.2|40|data|1.6|0
benchmarks|Benchmarks|insights|pro|2024-09-17||Insight|-1.1|24|data|0.9|0
shift_compare|Shift comparison|insights|growth|2025-04-29||Insight|-1.5|20|lead|0.5|0
ask_taproom|Ask your taps|insights|pro|2025-08-12|b|Insight|-1.4|26|data|1.4|0
low_keg_alerts|Low keg alerts|alerts|starter|2023-01-01|k|Insight|1.5|66|all|0.3|0.10
alert_rules|Alert rules|alerts|growth|2023-07-18||Insight|-1.2|18|lead|1.0|0
alert_digest|Alert digest|alerts|starter|2024-03-12||Insight|-1.0|20|all|0.3|-0.05
anomaly_inbox|Anomaly inbox|alerts|pro|2025-06-03||Insight|-1.2|26|data|1.1|0.03
menu_sync|Menu sync|menu|growth|2023-10-31||Guest|-1.1|26|lead|0.5|0.05
digital_menu|Digital menu|menu|starter|2024-01-23||Guest|-1.3|24|floor|0.7|0
tap_takeover|Tap takeovers|menu|growth|2025-02-18||Guest|-2.1|14|lead|0.6|0
guest_ratings|Guest ratings|menu|pro|2024-11-05|b|Guest|-1.9|16|lead|0.8|0
invite_team|Team invitations|team|starter|2023-01-01||Core|-0.2|12|admin|0.2|0
roles|Roles and rights|team|growth|2023-05-23||Core|-0.9|10|admin|0.4|0
shift_notes|Shift notes|team|starter|2023-09-26||Core|-0.9|32|floor|0.3|0.06
task_lists|Task lists|team|growth|2025-05-20||Core|-1.2|28|floor|0.4|0.04
setup_checklist|Setup checklist|platform|starter|2023-01-01||Core|1.0|60|admin|0.1|0
pos_connector|POS connector|integrations|growth|2023-06-06||Core|-1.0|14|admin|0.8|0.08
accounting_export|Accounting export|integrations|growth|2024-06-18||Core|-1.5|14|data|0.6|0
public_api|Public API|integrations|enterprise|2024-08-06||Core|-0.6|22|data|2.0|0
single_sign_on|Single sign-on|platform|enterprise|2025-01-14||Core|0.3|10|admin|0.9|0
mobile_scan|Mobile keg scan|inventory|starter|2025-07-08|b|Cellar|-1.4|26|floor|1.2|0.05
"""

# What the tracker calls the uses of each feature: one or two events.
_EVENTS = """
live_board: Live Board Viewed
keg_levels: Keg Level Checked; Keg Changed
pour_log: Pour Log Viewed
tap_lines: Tap Created; Tap Line Edited
temperature_watch: Temperature Viewed
pressure_watch: Pressure Viewed
multi_venue_view: Venues Compared
wall_display: Wall Display Opened
stock_count: Stock Counted
deliveries: Delivery Booked
keg_forecast: Keg Forecast Viewed
order_proposals: Order Proposed
supplier_prices: Supplier Price Edited
transfer_kegs: Keg Transferred
cleaning_log: Line Cleaning Logged
quality_checks: Quality Check Done
foam_diagnosis: Foam Diagnosis Run
freshness_dates: Freshness Checked
pour_cost: Pour Cost Viewed
waste_report: Waste Report Viewed
sales_overlay: Sales Overlay Viewed
weekly_report: Weekly Report Opened
scheduled_reports: Report Scheduled
custom_dashboards: Dashboard Built; Dashboard Viewed
benchmarks: Benchmark Viewed
shift_compare: Shifts Compared
ask_taproom: Question Asked
low_keg_alerts: Low Keg Alert Opened; Low Keg Alert Set
alert_rules: Alert Rule Saved
alert_digest: Alert Digest Opened
anomaly_inbox: Anomaly Reviewed
menu_sync: Menu Published
digital_menu: Digital Menu Edited
tap_takeover: Takeover Planned
guest_ratings: Guest Rating Viewed
invite_team: Invitation Sent
roles: Role Changed
shift_notes: Shift Note Written
task_lists: Task Completed
setup_checklist: Checklist Step Completed
pos_connector: POS Connected; POS Sync Checked
accounting_export: Accounting Export Run
public_api: API Key Created; API Console Used
single_sign_on: SSO Configured
mobile_scan: Keg Scanned
"""


_EVENTS_OF = dict(line.split(": ") for line in _EVENTS.strip().split("\n"))


def _feature(row: str) -> Feature:
    key, name, area, plan, released, flags, team, odds, weight, profile, tech, beta = row.split("|")
    return Feature(
        key,
        name,
        area,
        TIERS.index(plan),
        dt.date.fromisoformat(released),
        "k" in flags,
        "b" in flags,
        team,
        float(odds),
        int(weight),
        profile,
        float(tech),
        float(beta),
        tuple(_EVENTS_OF[key].split("; ")),
    )


FEATURES = tuple(_feature(row) for row in _ROWS.split("\n") if row)
COUNT = len(FEATURES)
INDEX = {f.key: i for i, f in enumerate(FEATURES)}
MIN_PLAN = np.array([f.min_plan for f in FEATURES])
RELEASED = np.array([(f.released - dt.date(1970, 1, 1)).days for f in FEATURES])
IS_KEY = np.array([f.is_key for f in FEATURES])
WEIGHT = np.array([f.weight for f in FEATURES], dtype=np.int32)
BETA = np.array([f.beta for f in FEATURES])
SETUP = INDEX["setup_checklist"]
assert COUNT == 45
assert all(f.area in AREAS for f in FEATURES)

_ODDS = np.array([f.odds for f in FEATURES])
_TECH = np.array([f.tech for f in FEATURES])
_ROLE = np.array([_PROFILES[f.profile] for f in FEATURES]).T  # by role, then feature

#: A day that never comes.
NOT_YET = np.int32(1 << 24)


def feature_keys(seed: int) -> np.ndarray:
    """64-bit keys of the features, in the order of FEATURES."""
    return keys.key(keys.stream_key(seed, "feature"), np.arange(COUNT))


def taken_to(seed: int, user_key, role, tech, taste, start) -> np.ndarray:
    """Day on which each person takes to each feature, int32, shape (people, COUNT).

    `start`: the first day of each person. NOT_YET where a person never does. Whether the plan
    has the feature is another matter: it opens on the first day both hold.
    """
    k = keys.key(keys.stream_key(seed, "adoption"), user_key)
    k = keys.mix(k[:, None] + np.arange(1, COUNT + 1, dtype=np.uint64)[None, :] * keys.G)
    odds = _ODDS + _ROLE[role] + _TECH * tech[:, None] + (0.25 + 0.5 * _TECH) * taste[:, None]
    yes = keys.u32(k, 0) < keys.threshold(keys.logistic(odds))
    wait = (keys.exponential(k, 1) * 30.0).astype(np.int64)
    from_day = np.maximum(start[:, None], RELEASED[None, :])
    day = np.where(yes, from_day + wait, NOT_YET).astype(np.int32)
    day[:, 0] = 0  # everybody opens the live board, from the first session
    return day


def error_share(day, feature) -> np.ndarray:
    """Probability that a use ends in an error message: high after a release, then settling."""
    age = np.maximum(np.asarray(day) - RELEASED[feature], 0)
    beta = np.array([f.is_beta for f in FEATURES])[feature]
    return 0.008 + 0.05 * (age < 45) * (45 - np.minimum(age, 45)) / 45 + 0.012 * beta


def released_at(seed: int) -> np.ndarray:
    """Instant each feature was released, µs UTC: in the working hours of its day."""
    return RELEASED * DAY + (8 * 60 + keys.below(feature_keys(seed), 0, 480)) * 60_000_000
