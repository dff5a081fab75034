"""The venues' tills: what each sold on a business day, exported the next morning."""

from taproom.world.render.pos.sales import ledger, location_daily_sales

RENDERERS = {"location_daily_sales": location_daily_sales}
LEDGERS = {"location_daily_sales": ledger}
