"""The application's own database: accounts, venues, users, roles, and the log of every change.

Each table is a list of changes in the order they were committed; a change is one version of a
row. The connector reads every five minutes and delivers the newest version of a row that
changed since; the change log delivers all of them, with the row before and after. The tables of
the product team (features, experiments) are kept elsewhere in it and are not logged.
"""

from taproom.world.render.app import delivery, product
from taproom.world.render.app.accounts import Accounts, accounts_of
from taproom.world.render.app.users import user_emails
from taproom.world.render.app.venues import opening_hours, seats, taps, venue_type

__all__ = [
    "LEDGERS",
    "RENDERERS",
    "WORLD",
    "Accounts",
    "accounts_of",
    "opening_hours",
    "seats",
    "taps",
    "user_emails",
    "venue_type",
]

RENDERERS = delivery.RENDERERS | product.RENDERERS
LEDGERS = delivery.LEDGERS | product.LEDGERS
WORLD = product.WORLD
