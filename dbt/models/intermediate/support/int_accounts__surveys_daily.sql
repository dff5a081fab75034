{{ config(indexes=[{'columns': ['account_id', 'date'], 'unique': true}]) }}

-- What the survey asked an account's people and what they said, day by day: invitations
-- on the day they were sent, answers on the day they were given. The tool exports an
-- invitation when it is answered or has run out, so those of the last two weeks that
-- nobody answered are not here yet.
with

responses as (

    select * from {{ ref('stg_survey__nps_response') }}

),

people as (

    select * from {{ ref('int_identity__people') }}
    where system = 'survey.nps_response' and account_id is not null

),

tests as (

    select distinct account_id
    from {{ ref('int_accounts__identity') }}
    where is_test

),

told as (

    select
        people.account_id,
        responses.sent_at,
        responses.responded_at,
        responses.score
    from responses
    inner join people on responses.nps_response_id = people.source_id
    left join tests on people.account_id = tests.account_id
    where tests.account_id is null

),

events as (

    select
        account_id,
        {{ utc_date('sent_at') }} as date,
        true as is_invitation,
        null::integer as score
    from told
    union all
    select
        account_id,
        {{ utc_date('responded_at') }} as date,
        false as is_invitation,
        score
    from told
    where responded_at is not null

)

select
    account_id,
    date,
    (count(*) filter (where is_invitation))::integer as nps_invitations,
    (count(*) filter (where not is_invitation))::integer as nps_answers,
    (count(*) filter (where score >= 9))::integer as nps_promoters,
    (count(*) filter (where score <= 6))::integer as nps_detractors
from events
group by account_id, date
