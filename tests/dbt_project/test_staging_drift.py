"""Sources that changed on a date, and defects staging treats: one meaning on both sides.

The sandboxes hold the sources the entities read; this module makes a tiny world with all of
them and stages it. The ledger of defects is the truth it is held against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from taproom import ingest, settings, warehouse, world
from taproom.services import postgres
from taproom.services.postgres import access
from taproom.world import truth
from taproom.world.truth import mess

DATABASE = settings.sandbox_database("all_sources")
STAGES = (
    "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "onboarding",
    "customer", "evangelist", "other",
)  # fmt: skip


@pytest.fixture(scope="module")
def staged(cluster: dict, tmp_path_factory) -> Iterator[Callable[[str], list[tuple]]]:
    """Rows of a query on every staged source, with the ledger as the table `mess`."""
    root = tmp_path_factory.mktemp("all_sources")
    world.init(root, scale="tiny", seed=42)
    ledger = mess.tables(truth.context(root))["truth_mess"]
    postgres.create_database(DATABASE, settings.OWNER)
    access.make_schemas(postgres.url(postgres.SUPERUSER, DATABASE))
    ingest.run(root, postgres.url(settings.OWNER, DATABASE))
    # with the key tests of every staging model
    # cautious: tests that ask later layers, too, have nothing to ask here
    build = ["build", "--select", "staging", "--indirect-selection", "cautious"]
    assert warehouse.build(build, database=DATABASE) == 0
    with postgres.connect(settings.OWNER, DATABASE) as connection:
        columns = ledger.column_names
        connection.execute(
            f"create temporary table mess ({', '.join(f'{c} text' for c in columns)})"
        )
        with connection.cursor().copy("copy mess from stdin") as copy:
            for row in ledger.to_pylist():
                copy.write_row([row[c] for c in columns])
        connection.execute("analyze mess")
        yield lambda sql: connection.execute(sql).fetchall()
    postgres.drop_database(DATABASE)


def one(rows: list[tuple]):
    return rows[0] if len(rows[0]) > 1 else rows[0][0]


def found(staged, defect: str, table: str, hits: str) -> tuple[float, float]:
    """Recall and precision of the keys a query finds, against the ledger's.

    A row the source keeps no longer counts nowhere: `hits` also tells which keys there are,
    as (key, hit).
    """
    return one(
        staged(
            f"""
            with rows as ({hits}),
            ledger as (
                select distinct pk from mess
                where defect = '{defect}' and table_name = '{table}' and pk != '*'
            )
            select
                count(*) filter (where hit and pk is not null)::float
                    / nullif(count(*) filter (where pk is not null), 0),
                count(*) filter (where hit and pk is not null)::float
                    / nullif(count(*) filter (where hit), 0)
            from rows left join ledger on rows.key::text = ledger.pk
            """
        )
    )


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("stg_ga4__event", "ga4_event_id"),
        ("stg_hubspot__email_event", "email_event_id"),
        ("stg_hubspot__email_event_bounce", "email_event_id"),
        ("stg_hubspot__email_event_click", "email_event_id"),
        ("stg_hubspot__email_event_open", "email_event_id"),
        ("stg_iot__device_event", "device_event_id"),
        ("stg_iot__device_telemetry_daily", "device_id, business_date"),
        ("stg_iot__device_telemetry_hourly", "device_id, reported_at"),
        ("stg_iot__tap_event", "event_id"),
        ("stg_pos__location_daily_sales", "location_ref, business_date"),
        ("stg_segment__identifies", "identify_id"),
        ("stg_segment__pages", "page_view_id"),
        ("stg_segment__tracks", "event_id"),
        ("stg_zendesk__ticket_comment", "comment_id"),
        ("stg_zendesk__ticket_field_history", "ticket_id, field_name, changed_at"),
    ],
)
def test_keys_that_dbt_does_not_test(staged, model, key):
    rows, keys = one(staged(f"select count(*), count(distinct ({key})) from staging.{model}"))
    assert rows == keys > 0


def test_temperatures_have_one_unit_before_and_after(staged):
    days = staged(
        """
        select business_date >= '2025-02-04', count(*), min(liquid_temp_c),
            max(liquid_temp_c), avg(liquid_temp_c)
        from staging.stg_iot__device_telemetry_daily
        where liquid_temp_c is not null and business_date < '2025-03-04'
        group by 1 order by 1
        """
    )
    assert [after for after, *_ in days] == [False, True]
    for _, count, low, high, _mean in days:
        assert count > 1_000 and low > -2 and high < 25
    assert abs(days[0][4] - days[1][4]) < 0.5
    assert (
        one(staged("select max(liquid_temp_c) from staging.stg_iot__device_telemetry_hourly")) < 25
    )


def test_no_reading_is_lost_where_the_column_changed(staged):
    raw, kept = one(
        staged(
            """
            select
                (select count(distinct (device_id, business_date))
                 from raw_iot.device_telemetry_daily
                 where temp is not null or liquid_temp_c is not null),
                (select count(*) from staging.stg_iot__device_telemetry_daily
                 where liquid_temp_c is not null)
            """
        )
    )
    assert raw == kept


def test_fahrenheit_in_the_new_column_is_found(staged):
    """Telemetry: the ledger has a span of days for each device."""
    recall, precision = one(
        staged(
            """
            with spans as materialized (
                select pk as device_id, split_part(before, '/', 1)::timestamptz::date as first,
                    split_part(before, '/', 2)::timestamptz::date as last
                from mess where defect = 'M15' and after = 'fahrenheit'
            ),
            days as (
                select is_temp_unit_wrong as hit, exists (
                    select from spans s where s.device_id = d.device_id
                    and d.business_date between s.first and s.last) as wrong
                from staging.stg_iot__device_telemetry_daily d
                where liquid_temp_c is not null
            )
            select avg(hit::int) filter (where wrong), avg(wrong::int) filter (where hit)
            from days
            """
        )
    )
    assert recall >= 0.99 and precision >= 0.99


def test_an_hour_has_one_row_and_its_last_report(staged):
    raw, kept, later = one(
        staged(
            """
            select
                (select count(distinct (device_id, reported_at))
                 from raw_iot.device_telemetry_hourly),
                count(*), count(*) filter (where heartbeat_status = 'buffered')
            from staging.stg_iot__device_telemetry_hourly
            """
        )
    )
    assert raw == kept and later > 0
    assert not one(
        staged(
            """
            select count(*) from raw_iot.device_telemetry_hourly r
            join staging.stg_iot__device_telemetry_hourly s using (device_id, reported_at)
            where r.ingested_at > s.ingested_at
            """
        )
    )


def test_pours_are_counted_once(staged):
    """M02 exactly; of M03 one of the two stays."""
    assert one(staged("select count(*) = count(distinct event_id) from staging.stg_iot__tap_event"))
    pairs, single = one(
        staged(
            """
            with kept as materialized (select event_id::text from staging.stg_iot__tap_event),
            raw as materialized (select event_id::text from raw_iot.tap_event),
            pairs as (
                select (select count(*) from kept where event_id in (m.before, m.after)) as kept
                from mess m
                where m.defect = 'M03' and m.before in (select event_id from raw)
                    and m.after in (select event_id from raw)
            )
            select count(*), count(*) filter (where kept = 1) from pairs
            """
        )
    )
    assert pairs > 20 and single >= 0.98 * pairs
    dropped, near = one(
        staged(
            """
            select count(*), count(*) filter (where event_id::text in (
                select unnest(array[before, after]) from mess where defect = 'M03'))
            from (select event_id from raw_iot.tap_event
                  except select event_id from staging.stg_iot__tap_event) as gone
            """
        )
    )
    assert near >= 0.95 * dropped


@pytest.mark.parametrize(
    ("table", "model", "key"),
    [
        ("iot.tap_event", "stg_iot__tap_event", "event_id"),
        ("iot.device_event", "stg_iot__device_event", "device_event_id"),
        ("segment.tracks", "stg_segment__tracks", "event_id"),
        ("segment.pages", "stg_segment__pages", "page_view_id"),
        ("segment.identifies", "stg_segment__identifies", "identify_id"),
    ],
)
def test_wrong_clocks_are_found(staged, table, model, key):
    recall, precision = found(
        staged, "M04", table, f"select {key} as key, is_clock_wrong as hit from staging.{model}"
    )
    assert recall >= 0.98 and precision >= 0.95


def test_corrected_instants_are_near_the_true_ones(staged):
    late, far = one(
        staged(
            """
            select count(*) filter (where s.ingested_at - m.before::timestamptz > '1 hour'),
                count(*) filter (where abs(extract(epoch from
                    s.event_at - m.before::timestamptz)) > 3600)
            from mess m join staging.stg_iot__tap_event s on s.event_id::text = m.pk
            where m.defect = 'M04' and m.table_name = 'iot.tap_event'
            """
        )
    )
    assert far == late  # nothing but what was late as well
    assert not one(
        staged(
            """
            select count(*) from mess m
            join staging.stg_segment__tracks s on s.event_id = m.pk
            where m.defect = 'M04' and m.table_name = 'segment.tracks'
                and abs(extract(epoch from s.event_at - m.before::timestamptz)) > 1
            """
        )
    )


@pytest.mark.parametrize(
    ("table", "key"),
    [("tracks", "event_id"), ("pages", "page_view_id"), ("identifies", "identify_id")],
)
def test_a_repeated_call_of_the_tracker_stands_once(staged, table, key):
    raw, kept, twice = one(
        staged(
            f"""
            select (select count(*) from raw_segment.{table}), count(distinct {key}),
                (select count(*) from mess
                 where defect = 'M02' and table_name = 'segment.{table}')
            from staging.stg_segment__{table}
            """
        )
    )
    assert twice > 0
    assert raw - kept == twice


def test_the_renamed_event_has_one_name(staged):
    months = dict(
        staged(
            """
            select to_char(event_at, 'YYYY-MM'),
                count(*) filter (where event_name = 'tap_line_created')::float
                    / count(distinct user_id)
            from staging.stg_segment__tracks
            where event_at >= '2024-09-01' and event_at < '2025-03-01' group by 1
            """
        )
    )
    assert not one(
        staged("select count(*) from staging.stg_segment__tracks where event_name = 'tap_created'")
    )
    before = sum(months[m] for m in ("2024-09", "2024-10", "2024-11"))
    after = sum(months[m] for m in ("2024-12", "2025-01", "2025-02"))
    assert 0.5 < after / before < 2


def test_robots_and_the_office_are_marked(staged):
    assert found(
        staged,
        "M16",
        "segment.pages",
        "select page_view_id as key, is_bot or is_internal as hit from staging.stg_segment__pages",
    ) == (1, 1)
    machines, marked, visits = one(
        staged(
            """
            with visits as (
                select user_pseudo_id || '|' || session_key as key, bool_or(is_bot) as hit
                from staging.stg_ga4__event group by 1
            )
            select count(*) filter (where after = 'a machine'),
                count(*) filter (where hit and after = 'a machine'),
                count(*) filter (where hit)
            from visits left join mess
                on mess.pk = visits.key and defect = 'M16' and table_name = 'ga4.event'
            """
        )
    )
    assert marked >= 0.9 * machines and marked >= 0.95 * visits


def test_lifecycle_stages_before_and_after_onboarding(staged):
    first = one(
        staged(
            """
            select min(changed_at)::date::text from (
                select * from staging.stg_hubspot__contact_property_history
                union all select * from staging.stg_hubspot__company_property_history) as h
            where property_name = 'lifecyclestage' and property_value = 'onboarding'
            """
        )
    )
    assert first >= "2024-10-27"
    known = {
        stage
        for (stage,) in staged(
            """
            select property_value from staging.stg_hubspot__contact_property_history
            where property_name = 'lifecyclestage'
            union select lifecycle_stage from staging.stg_hubspot__company
            union select lifecycle_stage from staging.stg_hubspot__contact
            """
        )
    }
    assert known - {None} <= set(STAGES)
    assert {"opportunity", "onboarding", "customer"} <= known


def test_deals_stand_in_known_stages_one_at_a_time(staged):
    assert not one(
        staged(
            """
            select count(*) from staging.stg_hubspot__deal_stage
            where stage_id not in (select stage_id from staging.stg_hubspot__deal_pipeline_stage)
            """
        )
    )
    assert not staged(
        """
        select deal_id from staging.stg_hubspot__deal_stage
        where left_at is null group by 1 having count(*) > 1
        """
    )


def test_merges_name_rows_that_are_deleted(staged):
    merged, deleted = one(
        staged(
            """
            select count(*), count(*) filter (where loser.is_deleted)
            from staging.stg_hubspot__contact as c
            cross join unnest(c.merged_contact_ids) as m (id)
            join staging.stg_hubspot__contact as loser on loser.contact_id = m.id
            """
        )
    )
    assert merged > 0 and deleted == merged


def test_addresses_stay_below_and_still_meet(staged):
    """No address above the raw tables; a person is met again in other systems by the hash."""
    assert not staged(
        """
        select table_name, column_name from information_schema.columns
        where table_schema = 'staging'
            and column_name ~ '(^|_)(email|phone|first_name|last_name|recipient)$'
        """
    )
    share = one(
        staged(
            """
            select avg((email_hash in (
                select email_hash from staging.stg_app__users where email_hash is not null))::int)
            from staging.stg_zendesk__user where zendesk_role = 'end-user'
            """
        )
    )
    assert share > 0.85


def test_copies_of_an_erased_address_are_masked(staged):
    """Whoever was erased in one system is in no copy of the address another one kept."""
    erased, copies = one(
        staged(
            """
            with erased as materialized (
                select distinct lower(old.email) as email
                from raw_app.users old join staging.stg_app__users new on new.user_id = old.id
                where new.is_erased and old.email is not null
            )
            select count(*), (
                select count(*) from (
                    select email_hash from staging.stg_hubspot__email_event
                    union all select email_hash from staging.stg_survey__nps_response) as kept
                where email_hash in (
                    select encode(sha256(convert_to(email, 'UTF8')), 'hex') from erased))
            from erased
            """
        )
    )
    assert erased > 0 and copies == 0


def test_the_rebuilt_campaigns_go_on_where_the_old_ones_stopped(staged):
    rebuilt = staged(
        """
        select distinct new.campaign_id, new.area, old.utm_campaign = new.utm_campaign,
            old.ends_on, new.starts_on
        from staging.stg_google_ads__campaign_history new
        join staging.stg_google_ads__campaign_history old
            on old.campaign_id = new.original_campaign_id
        where new.campaign_id != new.original_campaign_id
        """
    )
    assert len({campaign for campaign, *_ in rebuilt}) >= 3
    assert {area for _, area, *_ in rebuilt} == {"us", "emea", "apac"}
    for _, _, same_name, ended, began in rebuilt:
        assert same_name and (began - ended).days == 1
    weeks = dict(
        staged(
            """
            select stat_date >= '2025-03-26', sum(s.cost)
            from staging.stg_google_ads__ad_stats s
            where stat_date >= '2025-03-12' and stat_date < '2025-04-09' group by 1
            """
        )
    )
    assert 0.5 < weeks[True] / weeks[False] < 2


@pytest.mark.parametrize(
    ("source", "table", "key"),
    [
        ("google_ads", "ad_stats", "ad_id, date, device, ad_network_type"),
        ("facebook_ads", "basic_ad", "ad_id, date"),
        ("linkedin_ads", "ad_analytics_by_creative", "creative_id, day"),
        ("pos", "location_daily_sales", "location_ref, business_date"),
    ],
)
def test_a_restated_row_has_its_newest_figures(staged, source, table, key):
    raw, keys, kept, newest = one(
        staged(
            f"""
            select (select count(*) from raw_{source}.{table}),
                (select count(distinct ({key})) from raw_{source}.{table}),
                (select count(*) from staging.stg_{source}__{table}),
                (select sum(extract(epoch from at)) from (
                    select max(_arrived_at) as at from raw_{source}.{table}
                    group by {key}) as last)
                = (select sum(extract(epoch from _arrived_at))
                   from staging.stg_{source}__{table})
            """
        )
    )
    assert raw > keys == kept and newest


def test_campaign_tags_have_one_spelling(staged):
    """M17: what was respelled is what it was before; what was lost stays lost."""
    for column, staged_column in (
        ("param_source", "session_source"),
        ("param_medium", "session_medium"),
        ("param_campaign", "session_campaign"),
    ):
        respelled, settled = one(
            staged(
                f"""
                with visits as (
                    select user_pseudo_id || '|' || session_key as key,
                        max({staged_column}) as tag
                    from staging.stg_ga4__event group by 1
                )
                select count(*), count(*) filter (where tag = before)
                from mess join visits on visits.key = mess.pk
                where defect = 'M17' and table_name = 'ga4.event' and column_name = '{column}'
                    and after is not null and after not in ('(not set)', '%7Bcampaign.name%7D')
                """
            )
        )
        assert settled >= 0.98 * respelled
