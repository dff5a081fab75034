{{ config(materialized='view') }}

-- Days on which features were used, with each batch that brought a row about them: late
-- events make an old day stand here again.
select
    event_date as date,
    _batch_seq as batch_seq
from {{ ref('stg_segment__tracks_deliveries') }}
where feature_key is not null
