-- id: Q29
-- question: What is seat utilisation for accounts over 10 seats?
-- dashboard: Customer Success
-- difficulty: medium
-- tables: entity_customers
-- key: account_id
-- reading: Of the logins of a large account the share that used the product in 30 days.
--     Much below one half, the next invoice will be questioned; near one, sell seats.
-- excludes: Accounts with ten logins or fewer, trials and former customers; logins that
--     were closed.

select
    account_id,
    account_name,
    user_count as seats,
    active_users_30d,
    round(seat_utilisation, 4) as seat_utilisation
from entities.entity_customers
where user_count > 10 and customer_status in ('active', 'past_due', 'paused')
order by entity_customers.seat_utilisation, account_id
