{{ config(materialized='view') }}

select distinct
    user_pseudo_id,
    _batch_seq as batch_seq
from {{ ref('stg_ga4__deliveries') }}
