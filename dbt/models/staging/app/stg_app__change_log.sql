-- Only the fields a model reads are taken out of the JSON, and none that names a
-- person: an erased person may still stand in older log rows.
with

source as (

    {{ newest_of(source('app', 'change_log'), ['lsn']) }}

),

renamed as (

    select
        -- ids
        lsn,
        pk as record_id,
        case
            when table_name = 'accounts' then pk
            else {{ json_text('coalesce(after, before)', 'account_id') }}
        end as account_id,

        -- text
        table_name,
        op as operation,
        case {{ json_text('before', 'status') }}
            when 'cancelled' then 'churned' else {{ json_text('before', 'status') }}
        end as status_before,
        case {{ json_text('after', 'status') }}
            when 'cancelled' then 'churned' else {{ json_text('after', 'status') }}
        end as status_after,
        split_part(lower({{ json_text('before', 'plan_code') }}), '_', 1)
            as plan_tier_before,
        split_part(lower({{ json_text('after', 'plan_code') }}), '_', 1)
            as plan_tier_after,
        {{ json_text('after', 'merged_into_account_id') }} as merged_into_account_id,

        -- timestamps
        {{ json_text('after', 'deleted_at') }}::timestamptz as deleted_at,
        committed_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
