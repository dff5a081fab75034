with

source as (

    {{ newest_of(source('hubspot', 'contact'), ['id']) }}

),

-- names and telephone numbers are read by no model and stay below; an erasure request
-- empties the newest version, which is the one that stands here
normalised as (

    select
        source.*,
        property_email is null and _fivetran_deleted as is_erased,
        {{ normal_email('property_email') }} as clean_email
    from source

),

renamed as (

    select
        -- ids
        id as contact_id,
        property_associatedcompanyid as company_id,
        property_hubspot_owner_id as owner_id,
        string_to_array(
            property_hs_merged_object_ids, ';'
        )::bigint[] as merged_contact_ids,

        -- text
        {{ sha256('clean_email') }} as email_hash,
        split_part(clean_email, '@', 2) as email_domain,
        trim(property_company) as company_name,
        property_jobtitle as job_title,
        property_lifecyclestage as lifecycle_stage,
        lower(property_hs_lead_status) as lead_status,
        lower(property_hs_analytics_source) as first_source,
        property_email_test_group as email_test_group,

        -- booleans
        is_erased,
        _fivetran_deleted as is_deleted,

        -- timestamps
        property_createdate as created_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from normalised

)

select * from renamed
