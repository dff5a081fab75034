-- the newest delivered version of each row of app.users
select * from {{ ref('stg_app__users_versions') }}
where _is_newest
