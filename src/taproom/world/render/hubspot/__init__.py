"""HubSpot, as its connector delivers it once an hour."""

from . import companies, contacts, owners

RENDERERS = {
    "owner": owners.owner,
    "company": companies.company,
    "company_property_history": companies.company_property_history,
    "contact": contacts.contact,
    "contact_property_history": contacts.contact_property_history,
    "deal_pipeline": owners.deal_pipeline,
    "deal_pipeline_stage": owners.deal_pipeline_stage,
}
WORLD = {"owner", "deal_pipeline", "deal_pipeline_stage"}
