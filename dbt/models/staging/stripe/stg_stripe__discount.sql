-- the newest delivered version of each discount
select * from {{ ref('stg_stripe__discount_versions') }}
where _is_newest
