-- Every delivered row that concerns a company, a person or an engagement: what arrived
-- in a batch is found here without picking newest versions first. Not the marketing
-- e-mails.
select
    id as company_id,
    null::bigint as contact_id,
    null::bigint as engagement_id,
    _batch_seq
from {{ source('hubspot', 'company') }}
union all
select
    company_id,
    null as contact_id,
    null as engagement_id,
    _batch_seq
from {{ source('hubspot', 'company_property_history') }}
union all
select
    property_associatedcompanyid as company_id,
    id as contact_id,
    null as engagement_id,
    _batch_seq
from {{ source('hubspot', 'contact') }}
union all
select
    null as company_id,
    null as contact_id,
    id as engagement_id,
    _batch_seq
from {{ source('hubspot', 'engagement') }}
union all
select
    null as company_id,
    null as contact_id,
    engagement_id,
    _batch_seq
from {{ source('hubspot', 'engagement_call') }}
union all
select
    null as company_id,
    null as contact_id,
    engagement_id,
    _batch_seq
from {{ source('hubspot', 'engagement_meeting') }}
union all
select
    company_id,
    null as contact_id,
    engagement_id,
    _batch_seq
from {{ source('hubspot', 'engagement_company') }}
union all
select
    null as company_id,
    contact_id,
    engagement_id,
    _batch_seq
from {{ source('hubspot', 'engagement_contact') }}
