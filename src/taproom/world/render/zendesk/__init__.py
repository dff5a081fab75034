"""Zendesk, as its connector delivers it, every hour.

The tickets are those of the facts; how a ticket went between its opening and its solution is
drawn here (life.py), and so are the words (texts.yml).
"""

from taproom.world.render.zendesk.comments import ticket_comment
from taproom.world.render.zendesk.defects import LEDGERS
from taproom.world.render.zendesk.people import organization, user
from taproom.world.render.zendesk.ratings import satisfaction_rating
from taproom.world.render.zendesk.team import organization_id, user_id
from taproom.world.render.zendesk.tickets import group, ticket, ticket_field_history

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
