-- id: Q28
-- question: Which champions have not been seen in 14 days?
-- dashboard: Customer Success
-- difficulty: medium
-- tables: entity_users
-- key: user_id
-- reading: The person who carries the product in an account (most active days in 90,
--     six at least) has gone quiet. Somebody should ask whether he has left: accounts
--     follow their champion within weeks.
-- excludes: Accounts in which nobody is active enough to be a champion; champions whose
--     login was closed are none any more.

select
    user_id,
    account_name,
    days_since_seen
from entities.entity_users
where is_champion and days_since_seen > 14
order by days_since_seen desc, user_id asc
