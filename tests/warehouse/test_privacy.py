"""Who may read what of the built tables, and that no person can be read from them."""

from __future__ import annotations

import re

import psycopg
import pytest

from taproom import settings
from taproom.services import postgres
from taproom.services.postgres import access

EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}"
PHONE = (
    r"(^|[^0-9A-Za-z_.-])(\+[0-9]{1,3}[ ./-]?)(\(?[0-9]{2,4}\)?[ ./-]?){2,4}[0-9]{2,4}"
    r"($|[^0-9A-Za-z_])"
)
PERSONAL = ("email", "full_name", "first_name", "last_name", "phone", "receipt_email", "ip_address")
LAYERS = ("staging", "intermediate", "entities", "marts")


@pytest.fixture(scope="module")
def query(built):
    """Rows of a query as the owner of the tables."""

    def ask(sql: str) -> list[tuple]:
        with postgres.connect(settings.LEARNER, built.database) as connection:
            return connection.execute(sql).fetchall()

    return ask


def text_columns(query, schemas: tuple[str, ...], kind: str = "%") -> dict[str, list[str]]:
    """schema.table -> its columns that can hold text; `kind` may be BASE TABLE or VIEW."""
    found: dict[str, list[str]] = {}
    for schema, table, column in query(
        "select table_schema, table_name, column_name from information_schema.columns"
        " join information_schema.tables using (table_schema, table_name)"
        f" where table_type like '{kind}'"
        " and data_type in ('text', 'character varying', 'jsonb', 'json', 'ARRAY')"
        f" and table_schema in ({', '.join(repr(one) for one in schemas)})"
        " and table_name !~ '__dbt_' order by 1, 2, 3"
    ):
        found.setdefault(f"{schema}.{table}", []).append(column)
    return found


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("ann.lee@example.com", True),
        ("call +49 30 901820 today", True),
        ("+1 (415) 555-0100", True),
        ("fd3a9c" * 10, False),
        ("acc_b918hxac3t4xp", False),
        ("2025-11-27 06:00:00+00", False),
        ("firmware 4.10.2", False),
    ],
)
def test_the_patterns_know_a_person(query, text, person):
    assert query(f"select '{text}' ~ '{EMAIL}' or '{text}' ~ '{PHONE}'") == [(person,)]


def test_raw_still_holds_people_so_the_scan_would_find_them(query):
    assert query(f"select bool_or(email ~ '{EMAIL}') from raw_app.users") == [(True,)]


def test_no_text_from_entities_on_holds_an_address_or_a_number(query):
    """Every text column of every entity and mart, every value."""
    found = []
    tables = text_columns(query, ("entities", "marts"))
    assert tables
    for table, columns in tables.items():
        row = query(
            "select "
            + ", ".join(
                f"coalesce(bool_or({name}::text ~ '{EMAIL}' or {name}::text ~ '{PHONE}'), false)"
                for name in columns
            )
            + f" from {table}"
        )[0]
        found += [f"{table}.{name}" for name, hit in zip(columns, row, strict=True) if hit]
    assert found == []


def test_below_entities_addresses_are_hashed_too(query):
    """Intermediate tables and the staging of people hold no address; free text of tickets and
    notes stays in raw."""
    found = []
    for table, columns in text_columns(query, ("intermediate",), "BASE TABLE").items():
        row = query(
            "select "
            + ", ".join(f"coalesce(bool_or({c}::text ~ '{EMAIL}'), false)" for c in columns)
            + f" from {table}"
        )[0]
        found += [f"{table}.{name}" for name, hit in zip(columns, row, strict=True) if hit]
    assert found == []
    for schema, table, column in query(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('staging', 'intermediate', 'entities', 'marts')"
        " and column_name ~ 'email_hash$' and table_name !~ '__dbt_' and data_type = 'text'"
    ):
        assert query(
            f"select count(*) from {schema}.{table} where {column} !~ '^[0-9a-f]{{64}}$'"
        ) == [(0,)], f"{schema}.{table}.{column}"


def test_no_built_table_has_a_column_for_a_person(query):
    assert (
        query(
            "select table_schema, table_name, column_name from information_schema.columns"
            f" where table_schema in {LAYERS} and column_name in {PERSONAL}"
        )
        == []
    )


def test_no_entity_or_mart_names_an_address_column(query):
    named = query(
        "select table_name, column_name from information_schema.columns"
        " where table_schema in ('entities', 'marts')"
        " and column_name ~ '(^|_)(email|phone|mobile)($|_)'"
        # counts and rates of e-mails sent are no addresses
        " and data_type in ('text', 'character varying')"
    )
    assert [
        row for row in named if not row[1].endswith(("_hash", "_domain", "_id", "_group"))
    ] == []


def test_truth_has_no_place_in_the_course(query):
    assert query("select nspname from pg_namespace where nspname ~ 'truth'") == []
    assert query("select relname from pg_class where relname ~ '(^|_)truth(_|$)'") == []


# --- roles, in the course's database, over all layers -----------------------------------------


@pytest.fixture(scope="module")
def made(owner_dsn):
    """A table and a view in each built schema, a raw one, and one of `ops`."""
    schemas = (*LAYERS, "raw_app", "ops")
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        for schema in schemas:
            connection.execute(f"create table {schema}.private_probe as select 'a' as person")
            connection.execute(
                f"create view {schema}.private_probe_view as select * from {schema}.private_probe"
            )
        yield schemas
        for schema in schemas:
            connection.execute(f"drop table {schema}.private_probe cascade")


def test_superset_reads_entities_and_marts_only(made):
    for schema in made:
        for relation in ("private_probe", "private_probe_view"):
            with postgres.connect(settings.SUPERSET) as connection:
                statement = f"select person from {schema}.{relation}"
                if schema in access.SUPERSET_SCHEMAS:
                    assert connection.execute(statement).fetchall() == [("a",)]
                    continue
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)


def test_the_catalogue_agrees(owner_dsn):
    """No right beyond these in any schema, whoever gave it."""
    with psycopg.connect(owner_dsn) as connection:
        rights = connection.execute(
            "select grantee, table_schema, privilege_type from"
            " information_schema.role_table_grants where grantee in"
            " ('learner', 'superset_readonly') and table_schema <> 'learner'"
            " and table_schema !~ '^(pg_|information_schema)'"
        ).fetchall()
    wrong = {
        (role, schema, right)
        for role, schema, right in rights
        if right != "SELECT"
        or (role == settings.SUPERSET and schema not in access.SUPERSET_SCHEMAS)
        or re.search("truth", schema)
    }
    assert wrong == set()
