with

source as (

    {{ newest_of(source('iot', 'firmware_release'), ['version']) }}

),

renamed as (

    select
        -- ids
        version as firmware_version,

        -- text
        notes as release_notes,

        -- numbers
        string_to_array(version, '.')::int[] as version_numbers,

        -- timestamps
        released_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
