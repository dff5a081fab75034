{#-
    Every version of a history but the first of its key names the version before it, and that
    one exists.
-#}
{% test chained(model, version_key, key) %}

select history.{{ version_key }}
from {{ model }} as history
left join {{ model }} as previous
    on history.prev_version_key = previous.{{ version_key }}
where
    (history.prev_version_key is null) <> (history.change_type = 'insert')
    or (history.prev_version_key is not null and previous.{{ version_key }} is null)
    or previous.{{ key }} <> history.{{ key }}
    or previous.valid_from >= history.valid_from

{% endtest %}
