"""HubSpot, as its connector delivers it once an hour."""

from taproom.world.render.hubspot import (
    campaigns,
    companies,
    contacts,
    deal_tables,
    engagement_tables,
    mail_events,
    owners,
)
from taproom.world.render.hubspot.defects import LEDGERS

RENDERERS = {
    "owner": owners.owner,
    "company": companies.company,
    "company_property_history": companies.company_property_history,
    "contact": contacts.contact,
    "contact_property_history": contacts.contact_property_history,
    "deal": deal_tables.deal,
    "deal_company": deal_tables.deal_company,
    "deal_stage": deal_tables.deal_stage,
    "deal_pipeline": owners.deal_pipeline,
    "deal_pipeline_stage": owners.deal_pipeline_stage,
    "engagement": engagement_tables.engagement,
    "engagement_call": engagement_tables.engagement_call,
    "engagement_meeting": engagement_tables.engagement_meeting,
    "engagement_email": engagement_tables.engagement_email,
    "engagement_note": engagement_tables.engagement_note,
    "engagement_task": engagement_tables.engagement_task,
    "engagement_company": engagement_tables.engagement_company,
    "engagement_contact": engagement_tables.engagement_contact,
    "email_campaign": campaigns.email_campaign,
    "email_event": mail_events.email_event,
    "email_event_open": mail_events.email_event_open,
    "email_event_click": mail_events.email_event_click,
    "email_event_bounce": mail_events.email_event_bounce,
}
WORLD = {"email_campaign", "owner", "deal_pipeline", "deal_pipeline_stage"}
__all__ = ["LEDGERS", "RENDERERS", "WORLD"]
