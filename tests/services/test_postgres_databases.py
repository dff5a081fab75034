"""Templates and sandboxes."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import postgres


@pytest.fixture
def template(cluster) -> Iterator[str]:
    """A sealed database with what a built one holds."""
    postgres.create_database("a_template")
    with postgres.connect(settings.OWNER, "a_template") as connection:
        connection.execute("""
            create schema raw_app;
            create schema entities;
            create table raw_app.accounts (id bigint generated always as identity, n text);
            insert into raw_app.accounts (n) values ('one'), ('two');
            create view entities.v as select * from raw_app.accounts;
            create materialized view entities.m as select * from raw_app.accounts;
            create sequence raw_app.s;
            create function public.as_of_date() returns date language sql
                return date '2025-12-31';
        """)
    postgres.seal_database("a_template")
    yield "a_template"
    postgres.drop_database("sandbox_a")
    postgres.drop_database("a_template")


def test_a_sandbox_belongs_to_the_learner_with_all_that_is_in_it(template):
    postgres.clone_database("sandbox_a", template, settings.LEARNER)
    with postgres.connect(settings.LEARNER, "sandbox_a") as connection:
        assert connection.execute("select count(*) from entities.v").fetchone() == (2,)
        connection.execute("""
            insert into raw_app.accounts (n) values ('three');
            alter table raw_app.accounts add extra int;
            drop view entities.v;
            drop materialized view entities.m;
            drop sequence raw_app.s;
            create or replace function public.as_of_date() returns date language sql
                return date '2026-01-01';
            drop table raw_app.accounts;
            drop schema entities;
            create schema staging;
            create table public.scratch (v vector(3));
        """)


def test_cloning_again_starts_afresh(template):
    postgres.clone_database("sandbox_a", template)
    with postgres.connect(settings.LEARNER, "sandbox_a") as connection:
        connection.execute("truncate raw_app.accounts")
        connection.commit()
        # Somebody is still connected, as a kernel would be.
        postgres.clone_database("sandbox_a", template)
    with postgres.connect(settings.LEARNER, "sandbox_a") as connection:
        assert connection.execute("select count(*) from raw_app.accounts").fetchone() == (2,)


def test_the_course_s_database_keeps_its_owner(template):
    postgres.clone_database("sandbox_a", template)
    with postgres.connect() as connection:
        owner = connection.execute(
            "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
        ).fetchone()
    assert owner == (settings.OWNER,)


@pytest.mark.parametrize("role", [settings.LEARNER, settings.OWNER, postgres.SUPERUSER])
def test_nobody_enters_a_template(template, role):
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        postgres.connect(role, template)


def test_superset_does_not_enter_a_sandbox(template):
    postgres.clone_database("sandbox_a", template)
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        postgres.connect(settings.SUPERSET, "sandbox_a")


def test_a_live_database_is_not_cloned(cluster):
    with pytest.raises(TaproomError, match="not a sealed template"):
        postgres.clone_database("sandbox_b", settings.DATABASE)
    with pytest.raises(TaproomError, match="There is no nowhere yet"):
        postgres.clone_database("sandbox_b", "nowhere")
    assert not postgres.database_exists("sandbox_b")


@pytest.mark.parametrize("name", ["postgres", "template1", "Big", "a-b", "", 'a"b', "x" * 64])
def test_names_that_are_not_ours_are_refused(cluster, name):
    with pytest.raises(TaproomError, match="cannot be the name"):
        postgres.drop_database(name)
    with pytest.raises(TaproomError, match="cannot be the name"):
        postgres.create_database(name)


def test_dropping_what_is_not_there_is_no_error(cluster):
    postgres.drop_database("sandbox_never")
