-- the newest delivered version of each row of stripe.subscription_history
select * from {{ ref('stg_stripe__subscription_history_versions') }}
where _is_newest
