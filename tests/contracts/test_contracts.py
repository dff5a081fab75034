"""The contracts are complete, speak in sentences, and change on the days they say."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from taproom import contracts

ALL = contracts.tables()
COLUMNS = [
    (f"{table.source}.{table.name}.{column.name}", column)
    for table in ALL.values()
    for column in table.columns
]
EXPECTED = {
    "app": "accounts locations users user_location_roles change_log features experiments "
    "experiment_assignments",
    "stripe": "customer product price subscription_history subscription_item coupon "
    "subscription_discount discount invoice invoice_line_item charge refund dispute credit_note "
    "balance_transaction event",
    "finance": "fx_rate budget_rate gross_margin sm_expense",
    "zendesk": "group organization user ticket ticket_field_history ticket_comment "
    "satisfaction_rating",
    "survey": "nps_response",
    "hubspot": "owner company company_property_history contact contact_property_history deal "
    "deal_company deal_stage deal_pipeline deal_pipeline_stage engagement engagement_call "
    "engagement_meeting engagement_email engagement_note engagement_task engagement_company "
    "engagement_contact email_campaign email_event email_event_open email_event_click "
    "email_event_bounce",
    "segment": "tracks pages identifies",
    "google_ads": "account_history campaign_history campaign_criterion_history ad_group_history "
    "ad_history ad_stats",
    "facebook_ads": "account_history campaign_history ad_set_history ad_history basic_ad "
    "basic_ad_actions",
    "linkedin_ads": "account_history campaign_history creative_history ad_analytics_by_creative",
    "ga4": "event",
    "iot": "device device_assignment firmware_release firmware_rollout device_telemetry_hourly "
    "device_telemetry_daily tap_event device_event work_order",
    "pos": "location_daily_sales",
}


def test_every_source_and_table_is_there():
    assert tuple(EXPECTED) == contracts.SOURCES
    for source, names in EXPECTED.items():
        assert list(contracts.load(source).tables) == names.split()


@pytest.mark.parametrize("table", ALL.values(), ids=lambda t: f"{t.source}.{t.name}")
def test_every_description_is_a_sentence_of_its_own(table):
    texts = [table.description, *(c.description for c in table.columns)]
    for text in texts:
        assert text[0].isupper() or text[0].isdigit()
        assert text.endswith(".")
        assert len(text) > 20
    assert len(set(texts)) == len(texts)


def test_descriptions_say_unit_and_zone():
    """Instants say UTC or stand in a pair that does; amounts in integers say minor units."""
    for name, column in COLUMNS:
        if column.type == "z":
            assert "UTC" in column.description, name
        if column.type == "b" and column.name.startswith(("amount", "total", "tax", "subtotal")):
            assert "minor units" in column.description, name


def test_keys_are_required_and_only_the_sheet_has_none():
    for table in ALL.values():
        assert all(table.column(part).required for part in table.key)
        assert bool(table.key) == ((table.source, table.name) != ("finance", "sm_expense"))


def test_every_stripe_table_tells_when_it_was_synced():
    for table in contracts.load("stripe").tables.values():
        assert table.columns[-1].name == "_fivetran_synced"


def test_arrow_schema_of_a_file():
    schema = ALL["finance", "fx_rate"].arrow_schema()
    assert schema == pa.schema(
        {
            "date": pa.date32(),
            "from_ccy": pa.string(),
            "to_ccy": pa.string(),
            "rate": pa.decimal128(18, 8),
            "_arrived_at": pa.timestamp("us", "UTC"),
        }
    )
    assert ALL["finance", "gross_margin"].arrow_schema().field("margin").type == pa.decimal128(
        18, 6
    )


def names(table: str, start, end) -> set[str]:
    found = ALL["stripe", table].columns_between(start, end)
    return {c.name for c in found if c.name.startswith("current_period")}


BOTH = {"current_period_start", "current_period_end"}


@pytest.mark.parametrize(
    ("start", "end", "on_subscription", "on_item"),
    [
        (date(2024, 3, 1), date(2024, 4, 1), BOTH, set()),
        (date(2024, 4, 1), date(2024, 5, 1), BOTH, BOTH),
        (date(2024, 5, 1), date(2024, 6, 1), set(), BOTH),
        (date(2024, 4, 29), date(2024, 4, 30), BOTH, set()),
        (date(2024, 4, 30), date(2024, 5, 1), set(), BOTH),
        (
            datetime(2024, 4, 29, 23, tzinfo=UTC),
            datetime(2024, 4, 30, 1, tzinfo=UTC),
            BOTH,
            BOTH,
        ),
    ],
)
def test_drift_is_at_file_level(start, end, on_subscription, on_item):
    assert names("subscription_history", start, end) == on_subscription
    assert names("subscription_item", start, end) == on_item


def test_columns_of_a_day():
    table = ALL["stripe", "subscription_history"]
    before, after = table.columns_on(date(2024, 4, 29)), table.columns_on(date(2024, 4, 30))
    assert {c.name for c in before} - {c.name for c in after} == BOTH
    assert table.arrow_schema(date(2024, 4, 30)).names[-1] == "_arrived_at"


def test_schema_version_follows_the_columns():
    table = ALL["stripe", "subscription_history"]
    assert table.schema_version(date(2024, 4, 29)) == table.schema_version()
    assert table.schema_version(date(2024, 4, 30)) != table.schema_version()
    versions = {t.schema_version() for t in ALL.values()}
    assert len(versions) == len(ALL) - 1  # the two discount tables are alike


def test_the_word_for_churned_accounts_changes():
    status = ALL["app", "accounts"].column("status")
    assert {status.renamed.old, status.renamed.new} <= set(status.enum)
    assert status.renamed.since == date(2024, 9, 17)


def test_loading_is_light():
    """The simulator reads contracts too; loading them imports neither pyarrow nor pandas."""
    code = (
        "import sys; from taproom import contracts; contracts.tables();"
        "print([m for m in ('pyarrow', 'pandas', 'numpy', 'duckdb') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/"
    )
    assert run.stdout.strip() == "[]"


def document(**changes) -> dict:
    column = {"name": "id", "type": "t", "required": True, "description": "An identifier."}
    table = {"description": "A table.", "key": ["id"], "update": "append", "columns": [column]}
    return {"source": "demo", "description": "A source.", "tables": {"things": table | changes}}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": ["no"]}, "key column no"),
        ({"update": "sometimes"}, "update is 'sometimes'"),
        ({"columns": [{"name": "id", "type": "x", "description": "?"}]}, "type is 'x'"),
        (
            {"columns": [{"name": "id", "type": "t", "description": "?", "lenght": 3}]},
            "unexpected keyword argument 'lenght'",
        ),
        (
            {"columns": document()["tables"]["things"]["columns"] * 2},
            "a column stands twice",
        ),
    ],
)
def test_a_wrong_contract_is_named(changes, said):
    assert contracts.parse(document()).tables["things"].key == ("id",)
    with pytest.raises(ValueError, match=said) as failure:
        contracts.parse(document(**changes))
    assert "contract demo.yml, table things" in str(failure.value)


def test_an_unknown_source_is_named():
    with pytest.raises(ValueError, match="no contract for source 'salesforce'"):
        contracts.load("salesforce")
