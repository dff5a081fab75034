with

source as (

    {{ newest_of(source('hubspot', 'company'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as company_id,
        property_hubspot_owner_id as owner_id,
        string_to_array(
            property_hs_merged_object_ids, ';'
        )::bigint[] as merged_company_ids,

        -- text
        trim(property_name) as company_name,
        regexp_replace(lower(trim(property_domain)), '^www[.]', '') as company_domain,
        lower(property_industry) as industry,
        property_city as city,
        property_state as region,
        property_country as country_name,
        property_lifecyclestage as lifecycle_stage,

        -- numbers
        property_annualrevenue as annual_revenue_usd,

        -- booleans
        coalesce(is_deleted, false) or _fivetran_deleted as is_deleted,

        -- timestamps
        property_createdate as created_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
