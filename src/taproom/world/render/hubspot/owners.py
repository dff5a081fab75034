"""Who works with HubSpot: owners by team; and the pipelines that deals run through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import clock
from taproom.world.draws import keys
from taproom.world.people import names
from taproom.world.render.columns import build, constant, in_window, integer, stamp, word
from taproom.world.render.hubspot.common import PORTAL, number, synced
from taproom.world.window import Window

TEAMS = ("sales_development", "sales", "customer_success")
DEVELOPMENT, SALES, SUCCESS = range(3)
_FIRST = (2, 3, 3)  # of each team, on the first day


@dataclass(frozen=True)
class Owners:
    """Owners of all teams: team, ordinal in it, key, and the days they came and went (-1)."""

    team: np.ndarray
    n: np.ndarray
    key: np.ndarray
    came: np.ndarray
    left: np.ndarray


def owners(w: Window) -> Owners:
    """Everybody who will have come by the end of a new world; later nobody comes."""
    more = w.paying // 400, w.paying // 300, w.paying // 300
    size = [a + b for a, b in zip(_FIRST, more, strict=True)]
    team = np.repeat(np.arange(3), size)
    n = np.concatenate([np.arange(s) for s in size])
    key = keys.key(keys.stream_key(w.seed, "hubspot owner"), team * 1_000 + n)
    first, all_ = np.array(_FIRST)[team], np.array(size)[team]
    span = clock.END - clock.FOUNDED - 60
    came = clock.FOUNDED + np.where(n < first, 0, (n - first + 1) * span // (all_ - first + 1))
    stay = 300 + keys.below(key, 0, 900)
    left = np.where((n > 0) & keys.chance(key, 1, 0.25), came + stay, -1)
    return Owners(team, n, key, came, left)


def owner_of(w: Window, team: int, key, at, now=None) -> np.ndarray:
    """Number of the owner in a team who gets an object with a key at an instant: one of those
    who are there then, drawn by the key; at `now` (by default then) the first of the team stands
    in for who has left."""
    o = owners(w)
    here = np.flatnonzero(o.team == team)
    known = np.searchsorted(o.came[here], _day(at), side="right")
    one = here[keys.below(key, 50 + team, np.maximum(known, 1))]
    gone = (o.left[one] >= 0) & (o.left[one] <= _day(at if now is None else now))
    return number(o.key[np.where(gone, here[0], one)])


def _day(at) -> np.ndarray:
    return np.maximum(np.asarray(at) // clock.DAY, clock.FOUNDED)


def owner(w: Window) -> pa.Table:
    o = owners(w)
    gone = np.flatnonzero(o.left >= 0)
    row = np.r_[np.arange(len(o.key)), gone]
    active = np.r_[np.ones(len(o.key), bool), np.zeros(len(gone), bool)]
    day = np.where(active, o.came[row], o.left[row])
    at = day * clock.DAY + 8 * clock.HOUR + keys.below(o.key[row], 2, 3_600) * clock.SECOND
    at = at + np.where(active, 0, 9 * clock.HOUR)
    arrived = synced(at)
    keep = in_window(w, arrived)
    keep = keep[np.lexsort((row[keep], arrived[keep]))]
    row, active, at, arrived = (x[keep] for x in (row, active, at, arrived))
    key, n = o.key[row], len(row)
    who = names.people(key, np.zeros(n, dtype=np.int64))
    full = pc.split_pattern(who.full_name, " ", max_splits=1)
    mail = names.email(key, who, constant(names.TAPWISE, n, pa.string()), np.zeros(n, bool))
    created = o.came[row] * clock.DAY + 8 * clock.HOUR
    created = created + keys.below(key, 2, 3_600) * clock.SECOND
    return build(
        "owner",
        {
            "owner_id": pa.array(number(key)),
            "portal_id": integer(np.full(n, PORTAL), pa.int32()),
            "type": constant("PERSON", n, pa.string()),
            "email": mail,
            "first_name": pc.list_element(full, 0),
            "last_name": pc.list_element(full, 1),
            "team": word(TEAMS, o.team[row]),
            "is_active": pa.array(active),
            "created_at": stamp(created),
            "updated_at": stamp(at),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


# --- pipelines ---------------------------------------------------------------------------------
PIPELINES = (("default", "New business"), ("28410337", "Renewal and expansion"))
# stage, pipeline, label, probability
DEAL_STAGES = (
    ("appointmentscheduled", 0, "Discovery call", 0.1),
    ("qualifiedtobuy", 0, "Qualified", 0.25),
    ("presentationscheduled", 0, "Demo held", 0.45),
    ("decisionmakerboughtin", 0, "Decision maker agrees", 0.65),
    ("contractsent", 0, "Contract sent", 0.85),
    ("closedwon", 0, "Closed won", 1.0),
    ("closedlost", 0, "Closed lost", 0.0),
    ("71180001", 1, "Coming up", 0.6),
    ("71180002", 1, "In talks", 0.75),
    ("71180003", 1, "Renewed or grown", 1.0),
    ("71180004", 1, "Given up", 0.0),
)
DISCOVERY, QUALIFIED, DEMO, AGREED, CONTRACT, WON, LOST, COMING, TALKS, GROWN, GIVEN_UP = range(11)
STAGE_PIPELINE = np.array([s[1] for s in DEAL_STAGES])
_BEGIN = clock.FOUNDED * clock.DAY


def deal_pipeline(w: Window) -> pa.Table:
    arrived = synced(np.full(len(PIPELINES), _BEGIN))
    at = in_window(w, arrived)
    n = len(at)
    return build(
        "deal_pipeline",
        {
            "pipeline_id": word([p[0] for p in PIPELINES], at),
            "label": word([p[1] for p in PIPELINES], at),
            "display_order": integer(at, pa.int32()),
            "active": constant(True, n, pa.bool_()),
            "_fivetran_deleted": constant(False, n, pa.bool_()),
            "_fivetran_synced": stamp(arrived[at]),
        },
        arrived[at],
    )


def deal_pipeline_stage(w: Window) -> pa.Table:
    arrived = synced(np.full(len(DEAL_STAGES), _BEGIN))
    at = in_window(w, arrived)
    n = len(at)
    order = np.where(STAGE_PIPELINE == 0, np.arange(len(DEAL_STAGES)), np.arange(-7, 4))
    return build(
        "deal_pipeline_stage",
        {
            "stage_id": word([s[0] for s in DEAL_STAGES], at),
            "pipeline_id": word([p[0] for p in PIPELINES], STAGE_PIPELINE[at]),
            "label": word([s[2] for s in DEAL_STAGES], at),
            "probability": pa.array(np.array([s[3] for s in DEAL_STAGES])[at]),
            "closed_won": pa.array(np.isin(at, (WON, GROWN))),
            "display_order": integer(order[at], pa.int32()),
            "active": constant(True, n, pa.bool_()),
            "_fivetran_deleted": constant(False, n, pa.bool_()),
            "_fivetran_synced": stamp(arrived[at]),
        },
        arrived[at],
    )
