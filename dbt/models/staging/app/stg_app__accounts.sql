-- the newest delivered version of each row of app.accounts
select * from {{ ref('stg_app__accounts_versions') }}
where _is_newest
