-- the newest delivered version of each row of stripe.subscription_item
select * from {{ ref('stg_stripe__subscription_item_versions') }}
where _is_newest
