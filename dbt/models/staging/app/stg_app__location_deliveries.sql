-- Every delivered row that concerns a venue: what arrived in a batch is found here
-- without picking newest versions first.
select
    id as location_id,
    account_id,
    _arrived_at,
    _batch_seq
from {{ source('app', 'locations') }}
