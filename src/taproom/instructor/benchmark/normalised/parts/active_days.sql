-- Days on which a person used a feature at least once.
select distinct
    calls.user_id,
    users.account_id,
    (calls.event_at at time zone 'UTC')::date as date
from staging.stg_segment__calls as calls
inner join users on calls.user_id = users.user_id
where
    calls.event_kind = 'use'
    and (calls.event_at at time zone 'UTC')::date <= as_of_date()
