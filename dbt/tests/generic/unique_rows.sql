{#- Several columns together name a row: fails with each combination found twice. -#}
{% test unique_rows(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as copies
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
