"""HubSpot, as its connector delivers it once an hour."""

from . import companies, contacts, deal_tables, engagement_tables, owners

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
}
WORLD = {"owner", "deal_pipeline", "deal_pipeline_stage"}
