{#-
    Hashes of the addresses of people who asked to be forgotten, in any system: an erasure
    empties the newest version of the person's row, while older versions, and tables that only
    copied the address, still hold it. A box several people share is masked for all of them.
-#}
{% macro erased_addresses() -%}
    {%- set people = [
        ('app', 'users', 'email', 'deleted_at is not null'),
        ('hubspot', 'contact', 'property_email', '_fivetran_deleted'),
        ('zendesk', 'user', 'email', 'not active'),
    ] -%}
    {%- for system, table, email, is_gone in people %}
    select {{ sha256(normal_email(email)) }} as email_hash
    from {{ source(system, table) }}
    where
        {{ email }} is not null
        and id in (
            select id from {{ source(system, table) }}
            where {{ email }} is null and {{ is_gone }}
        )
    {% if not loop.last %}union{% endif %}
    {%- endfor %}
{%- endmacro %}

{#-
    People whose row in Zendesk was emptied by an erasure request. What they wrote is signed with
    their name and answered by it, so the texts of their tickets go with the address.
-#}
{% macro erased_requesters() -%}
    select distinct id as requester_id
    from {{ source('zendesk', 'user') }}
    where email is null and not active
{%- endmacro %}
