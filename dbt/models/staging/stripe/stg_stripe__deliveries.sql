-- Every delivered row that concerns a subscription or an invoice, by the ids it
-- carries: what arrived in a batch is found here without picking newest versions first.
{%- set columns = {
    'stripe_customer_id': 'text', 'subscription_id': 'text', 'invoice_id': 'text',
    'charge_id': 'text', 'product_id': 'text', 'price_id': 'text', 'coupon_id': 'text',
    'currency': 'text', 'occurred_at': 'timestamptz', 'ends_at': 'timestamptz'
} %}
{%- set tables = {
    'customer': {'stripe_customer_id': 'id'},
    'product': {'product_id': 'id'},
    'price': {
        'price_id': 'id', 'product_id': 'product_id', 'currency': 'upper(currency)'
    },
    'coupon': {'coupon_id': 'id'},
    'subscription_history': {
        'subscription_id': 'id', 'stripe_customer_id': 'customer_id'
    },
    'subscription_item': {
        'subscription_id': 'subscription_id', 'price_id': 'plan_id'
    },
    'subscription_discount': {
        'subscription_id': 'subscription_id', 'coupon_id': 'coupon_id',
        'ends_at': '"end"'
    },
    'discount': {
        'subscription_id': 'subscription_id', 'coupon_id': 'coupon_id',
        'ends_at': '"end"'
    },
    'invoice': {
        'invoice_id': 'id', 'subscription_id': 'subscription_id',
        'stripe_customer_id': 'customer_id', 'currency': 'upper(currency)',
        'occurred_at': 'coalesce(finalized_at, created)'
    },
    'invoice_line_item': {
        'invoice_id': 'invoice_id', 'subscription_id': 'subscription_id',
        'price_id': 'price_id'
    },
    'charge': {
        'charge_id': 'id', 'invoice_id': 'invoice_id', 'occurred_at': 'created'
    },
    'refund': {'charge_id': 'charge_id', 'occurred_at': 'created'},
    'dispute': {'charge_id': 'charge_id', 'occurred_at': 'created'},
    'credit_note': {'invoice_id': 'invoice_id', 'occurred_at': 'created'}
} %}

{% for table, ids in tables.items() -%}
select
    '{{ table }}' as table_name,
    {% for column, type in columns.items() -%}
    {{ ids.get(column, 'null') }}::{{ type }} as {{ column }},
    {% endfor -%}
    _arrived_at,
    _batch_seq
from {{ source('stripe', table) }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
