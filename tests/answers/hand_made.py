"""A landing folder written by hand: a handful of subscriptions whose MRR anyone can work out."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from taproom import contracts

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


def at(text):
    """An instant: `2025-03-01` or `2025-03-01 12:00`, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Landing:
    """Rows by (source, table); `write` makes the folder and its manifest."""

    def __init__(self):
        self.rows = {}
        for currency, rate, budget in (("EUR", 1.0, 1.25), ("JPY", 0.01, 0.01)):
            self.add("finance", "budget_rate", currency=currency, rate=budget)
            for day, factor in ((date(2024, 1, 1), 1.0), (date(2025, 6, 30), 1.1)):
                self.add(
                    "finance",
                    "fx_rate",
                    date=day,
                    from_ccy=currency,
                    to_ccy="USD",
                    rate=rate * factor,
                )

    def add(self, source, table, arrived=None, **values):
        when = arrived or next((v for v in values.values() if isinstance(v, datetime)), AS_OF)
        if any(c.name == "_fivetran_synced" for c in contracts.tables()[source, table].columns):
            values.setdefault("_fivetran_synced", when)
        self.rows.setdefault((source, table), []).append({**values, "_arrived_at": when})

    def account(self, key, start="2024-01-01", **values):
        created = at(start)
        values = {"name": f"Bar {key}", "country": "US", "status": "active", **values}
        self.add(
            "app",
            "accounts",
            id=f"acc_{key}",
            created_at=created,
            updated_at=created,
            **values,
        )
        self.add(
            "stripe",
            "customer",
            id=f"cus_{key}",
            created=created,
            livemode=True,
            metadata=json.dumps({"account_id": f"acc_{key}"}),
        )

    def price(self, name, amount, interval="month", currency="usd", count=1, **about):
        usage = about.pop("usage", "licensed")
        metadata = {"component": "plan", "plan_tier": "growth", **about}
        self.add(
            "stripe",
            "price",
            id=f"price_{name}",
            created=at("2023-01-01"),
            currency=currency,
            unit_amount=amount,
            recurring_interval=interval,
            recurring_interval_count=count,
            recurring_usage_type=usage,
            product_id="prod_1",
            metadata=json.dumps(metadata),
        )

    def version(self, name, start, status="active", account=None, arrived=None, **values):
        instant = at(start)
        self.add(
            "stripe",
            "subscription_history",
            arrived or instant,
            id=f"sub_{name}",
            customer_id=f"cus_{account or name}",
            status=status,
            _fivetran_start=instant,
            _fivetran_end=FOREVER,
            _fivetran_active=True,
            **{"livemode": True, "cancel_at_period_end": False, "created": instant, **values},
        )

    def item(self, name, start, price, quantity=1, item="1"):
        self.add(
            "stripe",
            "subscription_item",
            at(start),
            id=f"si_{name}_{item}",
            subscription_id=f"sub_{name}",
            plan_id=f"price_{price}",
            quantity=quantity,
            created=at(start),
        )

    def coupon(self, name, start, end=None, percent=None, amount=None, duration="forever"):
        self.add(
            "stripe",
            "coupon",
            id=f"off_{name}",
            created=at("2023-01-01"),
            percent_off=percent,
            amount_off=amount,
            currency="usd" if amount else None,
            duration=duration,
        )
        self.add(
            "stripe",
            "discount",
            at(start),
            id=f"di_{name}",
            coupon_id=f"off_{name}",
            subscription_id=f"sub_{name}",
            start=at(start),
            end=end and at(end),
        )

    def write(self, root):
        folder = root / "landing"
        files = []
        for (source, table), rows in self.rows.items():
            schema = contracts.tables()[source, table].arrow_schema()
            columns = {
                field.name: pa.array(
                    [_cast(row.get(field.name), field.type) for row in rows], field.type
                )
                for field in schema
            }
            path = folder / source / f"{table}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.table(columns, schema=schema), path)
            files.append({"source": source, "table": table, "path": str(path.relative_to(folder))})
        manifest = {
            "seed": 1,
            "scale": "tiny",
            "world_id": "hand-made",
            "as_of": AS_OF.isoformat(),
            "batches": [{"batch_id": "2025-12", "to": AS_OF.isoformat(), "files": files}],
        }
        (folder / "_manifest.json").write_text(json.dumps(manifest))
        return root


def _cast(value, kind):
    if value is not None and pa.types.is_decimal(kind):
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-kind.scale))
    return value
