-- Every delivered row that concerns a ticket, a person or an organization: what arrived
-- in a batch is found here without picking newest versions first.
select
    id as ticket_id,
    requester_id as zendesk_user_id,
    organization_id,
    _batch_seq
from {{ source('zendesk', 'ticket') }}
union all
select
    ticket_id,
    null as zendesk_user_id,
    null as organization_id,
    _batch_seq
from {{ source('zendesk', 'ticket_field_history') }}
union all
select
    ticket_id,
    null as zendesk_user_id,
    null as organization_id,
    _batch_seq
from {{ source('zendesk', 'satisfaction_rating') }}
union all
select
    ticket_id,
    null as zendesk_user_id,
    null as organization_id,
    _batch_seq
from {{ source('zendesk', 'ticket_comment') }}
union all
select
    null as ticket_id,
    id as zendesk_user_id,
    organization_id,
    _batch_seq
from {{ source('zendesk', 'user') }}
union all
select
    null as ticket_id,
    null as zendesk_user_id,
    id as organization_id,
    _batch_seq
from {{ source('zendesk', 'organization') }}
