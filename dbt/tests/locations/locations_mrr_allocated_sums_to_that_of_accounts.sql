-- Parts of an account's MRR on its venues add up to it, wherever a venue can take a
-- part.
select customers.account_id
from {{ ref('entity_customers') }} as customers
inner join {{ ref('entity_locations') }} as locations
    on customers.account_id = locations.account_id
group by customers.account_id, customers.mrr_usd
having
    count(*) filter (
        where locations.location_status <> 'closed' and not locations.is_deleted
    ) > 0
    and abs(sum(locations.mrr_allocated_usd) - customers.mrr_usd) > 0.0001
