-- Every delivered row that concerns a user: what arrived in a batch is found here
-- without picking newest versions first.
select
    id as user_id,
    _batch_seq
from {{ source('app', 'users') }}
union all
select
    user_id,
    _batch_seq
from {{ source('app', 'user_location_roles') }}
