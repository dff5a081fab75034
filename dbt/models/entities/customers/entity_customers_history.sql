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
        {{ hash_of(['account_id', 'valid_from', 'recorded_at']) }} as customer_key,
        known.*,
        {{ hash_of(tracked) }} as state_hash
    from known
    where
        {{ is_seen_at_midnight(
            'valid_from', 'valid_to', 'recorded_at', 'superseded_at'
        ) }}

),

-- the version before, as it was known when this one was
earlier as (

    select
        versions.customer_key,
        previous.customer_key as prev_version_key,
        {% for column in tracked -%}
        previous.{{ column }} as previous_{{ column }},
        {% endfor -%}
        row_number() over (
            partition by versions.customer_key
            order by previous.valid_from desc, previous.superseded_at desc
        ) as recency
    from versions
    inner join versions as previous
        on
            versions.account_id = previous.account_id
            and versions.valid_from > previous.valid_from
            and versions.superseded_at <= previous.superseded_at

),

compared as (

    select
        versions.*,
        earlier.prev_version_key,
        earlier.previous_is_deleted,
        row_number() over (
            partition by versions.account_id
            order by versions.valid_from, versions.recorded_at
        )::integer as version_no,
        {{ changed_columns(tracked, 'versions', 'earlier.previous_') }}
            as changed_list
    from versions
    left join earlier
        on versions.customer_key = earlier.customer_key and earlier.recency = 1

)

select
    compared.customer_key,
    compared.account_id,
    attributes.account_name,
    compared.customer_status,
    compared.plan_tier,
    compared.billing_interval,
    compared.seats_purchased,
    compared.segment,
    compared.location_count,
    compared.active_location_count,
    owner_name,
    health_band,
    compared.is_deleted,
    valid_from,
    valid_to,
    valid_to = {{ far_future() }} and superseded_at = {{ far_future() }} as is_current,
    version_no,
    case
        when prev_version_key is null then 'insert'
        when compared.is_deleted and not previous_is_deleted then 'delete'
        when previous_is_deleted and not compared.is_deleted then 'restore'
        else 'update'
    end as change_type,
    {{ split_list(
        "case when prev_version_key is null then '' else changed_list end"
    ) }} as changed_columns,
    prev_version_key,
    case
        when
            prev_version_key is null
            or (
                compared.customer_status in ('trial', 'expired_trial')
                and changed_list not in ('health_band', 'owner_name')
            )
            then 'app'
        when
            changed_list like '%customer_status%'
            or changed_list like '%plan_tier%'
            or changed_list like '%billing_interval%'
            or changed_list like '%seats_purchased%'
            then 'stripe'
        when changed_list = 'health_band' then 'warehouse'
        when changed_list in ('owner_name', 'owner_name,health_band') then 'hubspot'
        else 'app'
    end as source_system,
    recorded_at,
    superseded_at,
    state_hash as row_hash
from compared
inner join attributes on compared.account_id = attributes.account_id
