"""Comparing all built tables of two sandboxes."""

from __future__ import annotations

from taproom import settings, warehouse
from taproom.services import postgres


def fingerprints(sandbox: warehouse.Sandbox) -> dict[str, tuple]:
    """Row count and an order-free sum of row hashes of every built table, from staging to marts.
    Which batch brought a row depends on how the clock was moved, so batch numbers are left out."""
    with postgres.connect(settings.LEARNER, sandbox.database) as connection:
        names = connection.execute(
            "select schemaname || '.' || tablename from pg_tables"
            " where schemaname = any(%s) order by 1",
            [list(settings.BUILT_SCHEMAS)],
        ).fetchall()
        return {
            name: connection.execute(
                "select count(*), sum(('x' || substr("
                "md5((to_jsonb(t) - '{batch_seq,_batch_seq}'::text[])::text), 1, 15)"
                f")::bit(60)::bigint) from {name} as t"
            ).fetchone()
            for (name,) in names
        }


def differing(left: dict, right: dict) -> list[str]:
    return sorted(name for name in left | right if left.get(name) != right.get(name))
