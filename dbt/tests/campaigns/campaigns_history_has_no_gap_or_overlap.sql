-- Of what is known now each campaign's versions follow one another without gap or
-- overlap, and the last one is open.
with

known as (

    select
        *,
        lead(valid_from) over (
            partition by campaign_id order by valid_from
        ) as next_valid_from
    from {{ ref('entity_campaigns_history') }}
    where superseded_at = {{ far_future() }}

)

select *
from known
where
    valid_from >= valid_to
    or valid_to is distinct from coalesce(next_valid_from, {{ far_future() }})
    or is_current <> (next_valid_from is null)
