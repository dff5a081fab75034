"""Who is who over all systems against the truth, and one erased person through every layer."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from taproom import settings, world
from taproom.services import postgres

# Floors, on a company of a hundred: what is claimed is nearly always right, and of what there is
# to find most is found. Rows nobody could tell (a contact with a private address and no company)
# count as missed.
COMPANY_PRECISION, COMPANY_RECALL = 0.99, 0.97
PERSON_PRECISION, PERSON_RECALL = 0.98, 0.93
LAYERS = ("staging", "intermediate", "entities", "marts")


@pytest.fixture(scope="module")
def company(built, tmp_path_factory):
    """A company with every source, and its truth of identities."""
    folder = world.write_truth(built.root, tmp_path_factory.mktemp("truth"))
    truth = pq.read_table(folder / "truth_identity.parquet").to_pylist()
    with postgres.connect(settings.LEARNER, built.database) as connection:
        yield connection, truth


def rates(claims: dict, facts: dict) -> tuple[float, float]:
    """Precision of what is claimed, and recall of what there is to claim."""
    right = sum(facts.get(key) == value for key, value in claims.items())
    return right / len(claims), right / len(facts)


def test_companies_are_told_over_all_systems(company):
    connection, truth = company
    survivor = dict(
        connection.execute(
            "select raw_account_id, account_id from intermediate.int_accounts__identity"
        ).fetchall()
    )
    claims = {
        (system, source): account
        for system, source, account in connection.execute(
            "select system, source_id, account_id from intermediate.int_accounts__identity_map"
            " where kind = 'company' and account_id is not null"
        ).fetchall()
    }
    facts = {
        (row["system"], row["id"]): survivor.get(row["account_id"], row["account_id"])
        for row in truth
        if row["kind"] == "company" and row["account_id"]
    }
    precision, recall = rates(claims, facts)
    assert precision >= COMPANY_PRECISION
    assert recall >= COMPANY_RECALL


@pytest.mark.parametrize("system", ["hubspot.contact", "zendesk.user", "survey.nps_response"])
def test_people_are_told_over_all_systems(company, system):
    connection, truth = company
    claims = dict(
        connection.execute(
            "select source_id, user_id from intermediate.int_accounts__identity_map"
            " where system = %s and user_id is not null",
            [system],
        ).fetchall()
    )
    facts = {
        row["id"]: row["subject_id"]
        for row in truth
        if row["system"] == system and row["subject_id"].startswith("usr_")
    }
    precision, recall = rates(claims, facts)
    assert precision >= PERSON_PRECISION
    assert recall >= PERSON_RECALL


def test_an_erased_person_is_in_raw_and_in_no_layer_above(company):
    """Raw is a log and keeps what was delivered; staging and all above hold nothing of it."""
    connection, _ = company
    normal = "regexp_replace(lower(trim(email)), '[+][^@]*@', '@')"
    erased = connection.execute(
        f"select id, {normal}, encode(sha256(convert_to({normal}, 'UTF8')), 'hex'), full_name"
        " from raw_app.users where email is not null and id in"
        " (select id from raw_app.users where email is null and deleted_at is not null)"
        " order by id limit 1"
    ).fetchone()
    assert erased, "nobody of this company asked to be forgotten"
    user, address, hashed, name = erased
    masked = connection.execute(
        "select email_hash, email_domain, is_erased from staging.stg_app__users where user_id = %s",
        [user],
    ).fetchone()
    assert masked == (None, None, True)
    columns = connection.execute(
        "select table_schema, table_name, string_agg(quote_ident(column_name), ',')"
        " from information_schema.columns where table_schema = any(%s)"
        " and data_type = 'text' and column_name ~ 'email|name|subject|text|comment|message'"
        " group by 1, 2 order by 1, 2",
        [list(LAYERS)],
    ).fetchall()
    assert {schema for schema, *_ in columns} == set(LAYERS)
    kept = []
    for schema, table, names in columns:
        # a text may hold the name or the address anywhere: people sign what they write
        where = " or ".join(
            f"{column} = %(hash)s or {column} like %(address)s or {column} like %(name)s"
            for column in names.split(",")
        )
        found = connection.execute(
            f"select exists (select from {schema}.{table} where {where})",
            {"hash": hashed, "address": f"%{address}%", "name": f"%{name}%"},
        ).fetchone()[0]
        if found:
            kept.append(f"{schema}.{table}")
    assert kept == []
