-- Of a person who asked to be forgotten no address is left, not even hashed.
select user_id
from {{ ref('entity_users') }}
where
    is_erased
    and (email_hash is not null or email_domain is not null or user_status = 'active')
