-- People sales could win, by the campaign of their form or of their account's sign-up:
-- a row a stage reached, on the UTC day whose end shows it.
with

changes as (

    select
        contact_id,
        min(changed_at) filter (where property_value = 'marketingqualifiedlead')
            as mql_at,
        min(changed_at) filter (where property_value = 'salesqualifiedlead') as sql_at
    from staging.stg_hubspot__contact_property_history
    where property_name = 'lifecyclestage'
    group by contact_id

),

ranked as (

    select
        contacts.*,
        row_number() over (
            partition by person_id
            order by
                case when lead_at is null then 1 else 0 end, created_at, contact_id
        ) as contact_no
    from contacts

),

people as (

    select
        coalesce(forms.campaign_id, sign_ups.campaign_id) as campaign_id,
        ranked.lead_at,
        changes.mql_at,
        changes.sql_at
    from ranked
    left join goals as forms
        on ranked.contact_id = forms.contact_id and forms.goal = 'lead'
    left join goals as sign_ups
        on ranked.account_id = sign_ups.account_id and sign_ups.goal = 'sign_up'
    left join changes on ranked.contact_id = changes.contact_id
    where
        ranked.lead_at is not null
        or (ranked.account_id is not null and ranked.contact_no = 1)

)

select
    people.campaign_id,
    stages.stage,
    ((stages.reached_at - interval '1 microsecond') at time zone 'UTC')::date as date
from people
cross join
    lateral (
        values
        ('lead', people.lead_at),
        ('mql', people.mql_at),
        ('sql', people.sql_at)
    ) as stages (stage, reached_at)
where people.campaign_id is not null and stages.reached_at is not null
