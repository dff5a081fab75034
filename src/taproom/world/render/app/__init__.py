"""The application's own database: accounts, venues, users, roles, and the log of every change.

Each table is a list of changes in the order they were committed; a change is one version of a
row. The connector reads every five minutes and delivers the newest version of a row that
changed since; the change log delivers all of them, with the row before and after.
"""

from .accounts import Accounts, accounts_of
from .delivery import LEDGERS, RENDERERS
from .users import user_emails
from .venues import opening_hours, seats, taps, venue_type

__all__ = [
    "LEDGERS",
    "RENDERERS",
    "Accounts",
    "accounts_of",
    "opening_hours",
    "seats",
    "taps",
    "user_emails",
    "venue_type",
]
