"""Zendesk, as its connector delivers it, every hour.

The tickets are those of the facts; how a ticket went between its opening and its solution is
drawn here (life.py), and so are the words (texts.yml).
"""

from .comments import ticket_comment
from .defects import LEDGERS
from .people import organization, user
from .ratings import satisfaction_rating
from .team import organization_id, user_id
from .tickets import group, ticket, ticket_field_history

RENDERERS = {
    "group": group,
    "organization": organization,
    "user": user,
    "ticket": ticket,
    "ticket_field_history": ticket_field_history,
    "ticket_comment": ticket_comment,
    "satisfaction_rating": satisfaction_rating,
}
WORLD = {"group"}

__all__ = ["LEDGERS", "RENDERERS", "WORLD", "organization_id", "user_id"]
