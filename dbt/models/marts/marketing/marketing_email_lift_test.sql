-- The lift test of marketing e-mails, as drawn: whoever a lead turned out to be stays in
-- the group it was put in.
with

leads as (

    select * from {{ ref('int_campaigns__leads') }}
    where email_test_group is not null

)

select
    email_test_group,
    {{ as_of_date() }} - max({{ utc_date('lead_at') }}) as days_ago,
    count(*) as leads,
    count(*) filter (where signup_at > lead_at) as sign_ups,
    count(*) filter (where first_paid_at > lead_at) as customers,
    min({{ utc_date('lead_at') }}) as first_lead_on,
    max({{ utc_date('lead_at') }}) as last_lead_on
from leads
group by email_test_group
