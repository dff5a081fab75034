"""Heavy sums from the entities beside the same from the delivered Parquet files by DuckDB: what the
hardware can do when a file format and an engine are made for sums.

DuckDB takes the newest delivery of each row, as the warehouse does. Test accounts and venues that
are nobody's stay in its sums, and days still running: the groups are the same but for a few, the
figures are not quite.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psycopg

from taproom import settings
from taproom.instructor.benchmark.measure import Measure, clocked


@dataclass(frozen=True)
class RollUp:
    """One sum: from an entity, and from the files of a table ({files})."""

    what: str
    on_entity: str
    table: str
    on_files: str


ROLL_UPS = (
    RollUp(
        "uptime of every day",
        "select date, sum(received_heartbeats)::float8 / sum(expected_heartbeats)"
        " from entities.entity_devices_daily group by date",
        "iot/device_telemetry_daily",
        "select day, sum(heard) / sum(due) from ("
        " select business_date as day, arg_max(heartbeats, ingested_at) as heard,"
        " arg_max(expected_heartbeats, ingested_at) as due"
        " from {files} group by device_id, business_date) group by day",
    ),
    RollUp(
        "pours by hour of two weeks",
        "select hour_at, sum(pours) from entities.entity_devices_hourly group by hour_at",
        "iot/device_telemetry_hourly",
        "select hour_at, sum(pours) from ("
        " select reported_at as hour_at, arg_max(pour_count, ingested_at) as pours"
        " from {files} where reported_at >="
        " (select max(reported_at) - interval '14 days' from {files})"
        " group by device_id, reported_at) group by hour_at",
    ),
    RollUp(
        "active people by day",
        "select date, count(*) filter (where is_active) from entities.entity_users_daily"
        " group by date",
        "segment/tracks",
        "select date_trunc('day', timestamp) as date, count(distinct user_id) filter ("
        " where event not in ('error_shown', 'signed_in', 'signed_up', 'invitation_accepted'))"
        " from {files} where user_id is not null and timestamp >= '2024-01-01' group by all",
    ),
    RollUp(
        "spend by day",
        "select date, sum(spend_usd), sum(clicks) from entities.entity_campaigns_daily"
        " where platform = 'google_ads' and not is_pseudo group by date",
        "google_ads/ad_stats",
        "select date, sum(cost) / 1e6, sum(clicks) from ("
        " select date, arg_max(cost_micros, _fivetran_synced) as cost,"
        " arg_max(clicks, _fivetran_synced) as clicks"
        " from {files} group by date, ad_id, ad_network_type, device) group by date",
    ),
    RollUp(
        "transactions of all tills by day",
        "select date, sum(pos_transactions) from entities.entity_locations_daily"
        " where pos_transactions is not null group by date",
        "pos/location_daily_sales",
        "select business_date, sum(sales) from ("
        " select business_date, arg_max(transactions, _arrived_at) as sales"
        " from {files} where business_date >= '2024-01-01'"
        " group by location_ref, business_date) group by business_date",
    ),
)


def measure(connection: psycopg.Connection) -> list[Measure]:
    """A line a roll-up; its note tells how many groups and delivered rows."""
    import duckdb

    found = []
    for one in ROLL_UPS:
        ours = median(clocked(lambda: connection.execute(one.on_entity).fetchall()))  # noqa: B023
        groups = len(connection.execute(one.on_entity).fetchall())
        files = settings.data() / "landing" / Path(one.table)
        source = f"read_parquet('{files}/*.parquet', union_by_name=true)"
        statement = one.on_files.format(files=source)
        with duckdb.connect() as parquet:
            answer = parquet.execute(statement).fetchall()
            theirs = median(clocked(lambda: parquet.execute(statement).fetchall()))  # noqa: B023
            rows = parquet.execute(f"select count(*) from {source}").fetchone()[0]
        note = f"{groups} groups, from the files {len(answer)}, of {rows:,} delivered rows"
        found.append(
            Measure(f"roll-up: {one.what}", ours, "s", "DuckDB on the Parquet files", theirs,
                    less=True, note=note)
        )  # fmt: skip
    return found
