-- Which browsers a batch brought events of, without picking newest versions first.
select
    user_pseudo_id,
    _arrived_at,
    _batch_seq
from {{ source('ga4', 'event') }}
