-- question: Which ten customers resemble our largest customer of the group segment most?
-- dashboard: Customer Success
-- tables: customer_success_look_alikes
-- reading: Closest first. The distance is one minus the cosine of two vectors of nine normalised
--     measures: 0 for the same profile, 1 for unrelated ones, 2 for opposites. It compares shape,
--     not size alone, and says nothing on why. Whoever does well with the one may try the same
--     with the others.
-- excludes: Trials and churned accounts have no vector.
-- method: approximate by the HNSW index of pgvector: set hnsw.ef_search higher for a surer answer;
--     tests/warehouse/test_look_alikes.py measures how much of the exact answer it finds.

with

model_customer as materialized (

    select
        account_id,
        feature_vector
    from marts.customer_success_look_alikes
    where segment = 'group'
    order by mrr_usd desc, account_id asc
    limit 1

)

select
    account_name,
    segment,
    plan_tier,
    country,
    round(mrr_usd, 2) as mrr_usd,
    round(
        (feature_vector <=> (select feature_vector from model_customer))::numeric, 4
    ) as distance
from marts.customer_success_look_alikes
where account_id <> (select account_id from model_customer)
order by feature_vector <=> (select feature_vector from model_customer)
limit 10
