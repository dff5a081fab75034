-- The lift test of marketing e-mails, as drawn: whoever a lead turned out to be stays
-- in the group it was put in.
with

leads as (

    -- of some whom sales knew already HubSpot kept no form fill: they count from the
    -- day they were known
    select
        *,
        coalesce(lead_at, created_at) as known_at
    from {{ ref('int_campaigns__leads') }}
    where email_test_group is not null

)

select
    email_test_group,
    {{ as_of_date_once() }} - max({{ utc_date('known_at') }}) as days_ago,
    count(*) as leads,
    count(*) filter (where signup_at > known_at) as sign_ups,
    count(*) filter (where first_paid_at > known_at) as customers,
    min({{ utc_date('known_at') }}) as first_lead_on,
    max({{ utc_date('known_at') }}) as last_lead_on
from leads
group by email_test_group
