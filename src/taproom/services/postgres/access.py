"""Who may do what: three roles, the schemas of the course's database, and their rights.

taproom_owner      loads and builds; owns the database and every schema of the course
learner            reads raw, staging, intermediate, entities, marts and the load records;
                   creates in the schema `learner` only; owns sandboxes
superset_readonly  reads entities and marts, and nothing else
"""

from __future__ import annotations

import hashlib
import inspect
import sys

import psycopg
from psycopg import sql

from taproom import contracts, settings

EXTENSIONS = ("vector", "pg_stat_statements")
# One schema a source, so that a new contract is all a new source needs.
RAW_SCHEMAS = tuple(f"raw_{source}" for source in contracts.SOURCES)
LEARNER_SCHEMAS = (*RAW_SCHEMAS, *settings.BUILT_SCHEMAS)
SUPERSET_SCHEMAS = ("entities", "marts")
# Of the schema `ops` the learner sees how loads went, not everything that may come there.
LEARNER_OPS_TABLES = ("clock", "batch", "load", "quarantine", "schema_drift")


def fingerprint() -> str:
    """Changes whenever roles, rights or passwords do."""
    parts = [inspect.getsource(sys.modules[__name__])]
    parts += [settings.DATABASE, *LEARNER_SCHEMAS, *map(settings.password, settings.ROLES)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def make_roles(connection: psycopg.Connection) -> None:
    """The three roles with their passwords; changes the password of a role that exists."""
    for role in settings.ROLES:
        known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
        verb = "alter" if known else "create"
        _run(
            connection,
            verb + " role {} login nosuperuser nocreatedb nocreaterole noreplication password {}",
            sql.Identifier(role),
            sql.Literal(settings.password(role)),
        )
        _run(connection, "alter role {} set timezone = 'UTC'", sql.Identifier(role))
    superset = sql.Identifier(settings.SUPERSET)
    _run(connection, "alter role {} set default_transaction_read_only = on", superset)
    _run(connection, "alter role {} set statement_timeout = '60s'", superset)


def make_extensions(template: psycopg.Connection) -> None:
    """In template1, so that every database made from it has them."""
    for name in EXTENSIONS:
        _run(template, "create extension if not exists {}", sql.Identifier(name))


def close_databases(dsn: str) -> None:
    """No role may connect to a database it was not let into."""
    with psycopg.connect(dsn) as connection:
        for name in ("postgres", "template1"):
            _run(connection, "revoke all on database {} from public", sql.Identifier(name))


def close_database(connection: psycopg.Connection, name: str, owner: str) -> None:
    """Of a new database: its owner only. In the course's the two reading roles may connect."""
    database = sql.Identifier(name)
    _run(connection, "revoke all on database {} from public", database)
    _run(
        connection, "grant connect, temporary on database {} to {}", database, sql.Identifier(owner)
    )
    if name == settings.DATABASE:
        _run(
            connection,
            "grant connect, temporary on database {} to {}",
            database,
            sql.Identifier(settings.LEARNER),
        )
        _run(
            connection,
            "grant connect on database {} to {}",
            database,
            sql.Identifier(settings.SUPERSET),
        )


def make_schemas(dsn: str) -> None:
    """The schemas of the course's database and the rights of tables that come later.

    `dsn` is the superuser's: the schema `learner` belongs to the learner.
    """
    owner = sql.Identifier(settings.OWNER)
    learner = sql.Identifier(settings.LEARNER)
    with psycopg.connect(dsn) as connection:
        for name in (*LEARNER_SCHEMAS, "ops"):
            _run(
                connection,
                "create schema if not exists {} authorization {}",
                sql.Identifier(name),
                owner,
            )
        _run(connection, "create schema if not exists {} authorization {}", learner, learner)
        # A function in `public` is for everybody to call, a table there for nobody to make.
        _run(connection, "revoke create on schema public from public")
        _run(connection, "grant create on schema public to {}", owner)
        for role, schemas in _readers():
            for name in schemas:
                _read_later(connection, name, role)
    grant_access(dsn)


def grant_access(dsn: str) -> None:
    """Let the readers into the schemas and tables that exist now; repeat it at will.

    `dsn` is the owner's. Tables made later in a schema that exists need no call; a schema that was
    dropped and made again, and new tables of `ops`, do.
    """
    with psycopg.connect(dsn) as connection:
        there = {
            row[0] for row in connection.execute("select nspname from pg_namespace").fetchall()
        }
        for role, schemas in _readers():
            reader = sql.Identifier(role)
            for name in there.intersection(schemas):
                schema = sql.Identifier(name)
                _run(connection, "grant usage on schema {} to {}", schema, reader)
                _run(connection, "grant select on all tables in schema {} to {}", schema, reader)
                _read_later(connection, name, role)
        if "ops" not in there:
            return
        learner = sql.Identifier(settings.LEARNER)
        _run(connection, "grant usage on schema ops to {}", learner)
        tables = connection.execute(
            "select tablename from pg_tables where schemaname = 'ops' and tablename = any(%s)",
            [list(LEARNER_OPS_TABLES)],
        ).fetchall()
        for (table,) in tables:
            _run(connection, "grant select on ops.{} to {}", sql.Identifier(table), learner)


def give_everything(connection: psycopg.Connection, role: str) -> None:
    """Make `role` the owner of every object of the course in the connected database.

    Not `reassign owned`, which would also give away the other databases of the old owner.
    """
    statements = connection.execute(OWNERSHIP, {"role": role}).fetchall()
    for (statement,) in statements:
        connection.execute(statement)


# Statements that move schemas, relations, functions and types which neither a superuser's
# extension made nor `role` owns already.
OWNERSHIP = """
with target as (
    select oid as role_id from pg_roles where rolname = %(role)s
),
ours as (
    select oid, nspname from pg_namespace
    where nspname not like 'pg\\_%%' and nspname <> 'information_schema'
),
extension_members as (
    select classid, objid from pg_depend where deptype = 'e'
)
select format('alter schema %%I owner to %%I', nspname, %(role)s::text)
from pg_namespace, target
where oid in (select oid from ours) and nspname <> 'public' and nspowner <> role_id
union all
select format(
    'alter %%s %%I.%%I owner to %%I',
    case relkind when 'v' then 'view' when 'm' then 'materialized view'
        when 'S' then 'sequence' else 'table' end,
    nspname, relname, %(role)s::text
)
from pg_class c
join ours on ours.oid = c.relnamespace, target
where relkind in ('r', 'p', 'v', 'm', 'S') and relowner <> role_id
    and not exists (
        select 1 from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i', 'e')
    )
union all
select format('alter routine %%s owner to %%I', p.oid::regprocedure, %(role)s::text)
from pg_proc p
join ours on ours.oid = p.pronamespace, target
where proowner <> role_id
    and (('pg_proc'::regclass)::oid, p.oid) not in (select classid, objid from extension_members)
"""


def _readers() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ((settings.LEARNER, LEARNER_SCHEMAS), (settings.SUPERSET, SUPERSET_SCHEMAS))


def _read_later(connection: psycopg.Connection, schema: str, role: str) -> None:
    _run(
        connection,
        "alter default privileges for role {} in schema {} grant select on tables to {}",
        sql.Identifier(settings.OWNER),
        sql.Identifier(schema),
        sql.Identifier(role),
    )


def _run(connection: psycopg.Connection, statement: str, *parts: sql.Composable) -> None:
    connection.execute(sql.SQL(statement).format(*parts))
