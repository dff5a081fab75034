{{ config(indexes=[
    {'columns': ['work_order_id'], 'unique': true},
    {'columns': ['device_id', 'opened_at']},
    {'columns': ['location_id']}
]) }}

-- One row an order to the field service on a customer's device. The time to repair runs
-- from opening to closing; an order that is still open has none yet and is told apart.
with

work_orders as (

    select * from {{ ref('stg_iot__work_order') }}

),

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

rates as (

    select * from {{ ref('int_finance__fx_daily') }}

),

places as (

    {{ one_of('assignments', ['device_id'], 'valid_from desc', 'true') }}

)

select
    -- ids
    work_orders.work_order_id,
    work_orders.device_id,
    work_orders.location_id,
    places.account_id,

    -- text
    work_orders.work_order_type,
    work_orders.priority,
    work_orders.work_order_status,
    work_orders.root_cause,

    -- numbers
    case
        when
            work_orders.work_order_type = 'repair'
            and work_orders.work_order_status = 'closed'
            then
                round((
                    extract(epoch from work_orders.closed_at - work_orders.opened_at)
                    / 60
                )::numeric)::integer
    end as repair_minutes,
    work_orders.labour_minutes,
    {{ usd('work_orders.parts_cost', 'rates.rate_to_usd') }} as parts_cost_usd,
    rates.batch_seq,

    -- booleans
    work_orders.work_order_status in ('open', 'dispatched', 'on_site') as is_open,

    -- timestamps
    work_orders.opened_at,
    work_orders.dispatched_at,
    work_orders.arrived_at,
    work_orders.closed_at,
    {{ business_date('work_orders.opened_at', 'places.timezone') }} as opened_date,
    {{ business_date('work_orders.closed_at', 'places.timezone') }} as closed_date
from work_orders
inner join places on work_orders.device_id = places.device_id
left join rates
    on
        work_orders.currency = rates.currency
        -- the newest day that is surely over
        and rates.date = {{ utc_date('work_orders.closed_at') }} - 1
