-- An account has one champion at most, whose login is open.
select account_id
from {{ ref('entity_users') }}
where is_champion
group by account_id
having count(*) > 1 or bool_or(user_status <> 'active')
