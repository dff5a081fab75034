{{ config(indexes=[{'columns': ['account_id']}]) }}

{%- set tracked = [
    'customer_status', 'plan_tier', 'billing_interval', 'seats_purchased', 'segment',
    'location_count', 'active_location_count', 'owner_name', 'health_band', 'is_deleted'
] -%}

-- Built whole, once a day: late rows of usage may move the bands of any account, and
-- all of it is a few rows an account.
with

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

account_versions as (

    select * from {{ ref('int_accounts__versions') }}

),

health as (

    select * from {{ ref('int_accounts__health_daily') }}
    where band_changed_on is not null

),

-- a day's band is so from the midnight on that ends the day
bands as (

    select
        account_id,
        health_band,
        {{ day_end('date') }} as band_from,
        coalesce(
            lead({{ day_end('date') }}) over (partition by account_id order by date),
            {{ far_future() }}
        ) as band_to
    from health

),

first_bands as (

    select
        account_id,
        min(band_from) as band_from
    from bands
    group by account_id

),

-- a version is cut where the band changes; the band of a day is known as the day ends
pieces as (

    select
        account_versions.*,
        bands.health_band,
        greatest(account_versions.valid_from, bands.band_from) as piece_from,
        least(account_versions.valid_to, bands.band_to) as piece_to,
        bands.band_from > account_versions.valid_from as is_cut
    from account_versions
    inner join bands
        on
            account_versions.account_id = bands.account_id
            and account_versions.valid_from < bands.band_to
            and account_versions.valid_to > bands.band_from
    where account_versions.customer_status in ('trial', 'active', 'past_due', 'paused')
    union all
    -- before the first band, and where there is no health to speak of
    select
        account_versions.*,
        null as health_band,
        account_versions.valid_from as piece_from,
        least(account_versions.valid_to, first_bands.band_from) as piece_to,
        false as is_cut
    from account_versions
    left join first_bands
        on
            account_versions.account_id = first_bands.account_id
            and account_versions.customer_status
            in ('trial', 'active', 'past_due', 'paused')
    where
        first_bands.band_from is null
        or first_bands.band_from > account_versions.valid_from

),

known as (

    select
        account_id,
        piece_from as valid_from,
        piece_to as valid_to,
        case
            when is_cut
                then greatest(recorded_at, piece_from - interval '1 microsecond')
            else recorded_at
        end as recorded_at,
        superseded_at,
        customer_status,
        plan_tier,
        billing_interval,
        seats_purchased,
        segment,
        location_count,
        active_location_count,
        owner_name,
        health_band,
        is_deleted
    from pieces

),

versions as (

    select
        known.*,
        {{ hash_of(tracked) }} as state_hash
    from known
    where
        {{ is_seen_at_midnight(
            'valid_from', 'valid_to', 'recorded_at', 'superseded_at'
        ) }}

),

{{ history_of_versions(
    'versions', 'customer_key', 'account_id', tracked, gone='is_deleted'
) }}

select
    history.customer_key,
    history.account_id,
    attributes.account_name,
    history.customer_status,
    history.plan_tier,
    history.billing_interval,
    history.seats_purchased,
    history.segment,
    history.location_count,
    history.active_location_count,
    history.owner_name,
    history.health_band,
    history.is_deleted,
    history.valid_from,
    history.valid_to,
    history.is_current,
    history.version_no,
    history.change_type,
    history.changed_columns,
    history.prev_version_key,
    case
        when
            history.prev_version_key is null
            or (
                history.customer_status in ('trial', 'expired_trial')
                and history.changed_list not in ('health_band', 'owner_name')
            )
            then 'app'
        when
            history.changed_list like '%customer_status%'
            or history.changed_list like '%plan_tier%'
            or history.changed_list like '%billing_interval%'
            or history.changed_list like '%seats_purchased%'
            then 'stripe'
        when history.changed_list = 'health_band' then 'warehouse'
        when history.changed_list in ('owner_name', 'owner_name,health_band')
            then 'hubspot'
        else 'app'
    end as source_system,
    history.recorded_at,
    history.superseded_at,
    history.state_hash as row_hash
from history
inner join attributes on history.account_id = attributes.account_id
