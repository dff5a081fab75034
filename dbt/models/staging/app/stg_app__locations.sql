-- the newest delivered version of each row of app.locations
select * from {{ ref('stg_app__locations_versions') }}
where _is_newest
