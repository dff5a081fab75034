-- In current knowledge the versions of a subscription follow each other without gap and
-- without overlap, and the last one is the current one.
with

versions as (

    select * from {{ ref('entity_subscriptions_history') }}
    where superseded_at = {{ far_future() }}

),

neighbours as (

    select
        versions.*,
        lead(valid_from) over (
            partition by subscription_id
            order by valid_from
        ) as next_valid_from
    from versions

)

select
    subscription_key,
    valid_from,
    valid_to,
    next_valid_from
from neighbours
where
    valid_from >= valid_to
    or coalesce(next_valid_from, {{ far_future() }}) <> valid_to
    or is_current <> (next_valid_from is null)
