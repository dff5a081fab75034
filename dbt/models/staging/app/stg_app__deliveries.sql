-- Every delivered row that concerns an account: what arrived in a batch is found here
-- without picking newest versions first.
{%- set tables = {
    'accounts': ['id', 'trial_ends_at'],
    'locations': ['account_id', 'null'],
    'users': ['account_id', 'null']
} %}

{% for table, columns in tables.items() -%}
select
    '{{ table }}' as table_name,
    {{ columns[0] }} as account_id,
    {{ columns[1] }}::timestamptz as trial_ends_at,
    _arrived_at,
    _batch_seq
from {{ source('app', table) }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
