-- Every version but the first names the version before it, and that one exists.
select history.customer_key
from {{ ref('entity_customers_history') }} as history
left join {{ ref('entity_customers_history') }} as previous
    on history.prev_version_key = previous.customer_key
where
    (history.prev_version_key is null) <> (history.change_type = 'insert')
    or (history.prev_version_key is not null and previous.customer_key is null)
    or previous.account_id <> history.account_id
    or previous.valid_from >= history.valid_from
