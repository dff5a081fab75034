"""Customers that resemble one another: the index finds what comparing all of them finds."""

from __future__ import annotations

import pytest

from taproom import settings
from taproom.services import postgres

NEAREST = 10
RECALL = 0.95


@pytest.fixture(scope="module")
def connection(built):
    with postgres.connect(settings.LEARNER, built.database) as opened:
        yield opened
        opened.rollback()


def nearest(connection, table: str, account: str, exact: bool) -> tuple[list[str], str]:
    """Ids of the nearest customers and the plan that found them."""
    connection.execute(f"set local enable_seqscan = {'on' if exact else 'off'}")
    connection.execute(f"set local enable_indexscan = {'off' if exact else 'on'}")
    vector = connection.execute(
        f"select feature_vector::text from {table} where account_id = %s", [account]
    ).fetchone()[0]
    statement = (
        f"select account_id from {table} order by feature_vector <=> '{vector}' limit {NEAREST}"
    )
    plan = "\n".join(row[0] for row in connection.execute(f"explain {statement}"))
    return [row[0] for row in connection.execute(statement)], plan


def recall(connection, table: str, accounts: list[str]) -> float:
    hits = []
    for account in accounts:
        exact, _ = nearest(connection, table, account, exact=True)
        found, plan = nearest(connection, table, account, exact=False)
        assert "Index Scan using" in plan, plan
        hits.append(len(set(exact) & set(found)) / len(exact))
    return sum(hits) / len(hits)


def accounts(connection, table: str, count: int) -> list[str]:
    rows = connection.execute(
        f"select account_id from {table} order by md5(account_id) limit {count}"
    ).fetchall()
    return [account for (account,) in rows]


def test_every_living_customer_has_a_vector_of_its_own(connection):
    living, vectors, different = connection.execute(
        "select (select count(*) from entities.entity_customers"
        " where customer_status in ('active', 'past_due', 'paused')), count(*),"
        " count(distinct feature_vector::text) from marts.customer_success_look_alikes"
    ).fetchone()
    assert living == vectors
    assert different > 0.9 * vectors
    spread = connection.execute(
        "select max(vector_norm(feature_vector)), avg(feature_vector)::text"
        " from marts.customer_success_look_alikes"
    ).fetchone()
    # nine measures, each cut at three; their means near zero
    assert spread[0] <= 9.0
    assert max(abs(float(mean)) for mean in spread[1].strip("[]").split(",")) < 0.25


def test_the_index_finds_the_same_customers(connection):
    table = "marts.customer_success_look_alikes"
    assert recall(connection, table, accounts(connection, table, 25)) >= RECALL


def test_the_index_finds_them_among_thousands(connection):
    """The tiny company's customers are too few to err among: each with a hundred variations."""
    connection.execute(
        "create temporary table many as"
        " select account_id || '-' || copy as account_id, ("
        "  select array_agg(part + (hashtext(account_id || copy || place) % 1000) / 1500.0"
        "   order by place)"
        "  from unnest(feature_vector::real[]) with ordinality as parts (part, place)"
        " )::vector(9) as feature_vector"
        " from marts.customer_success_look_alikes, generate_series(1, 100) as copies (copy)"
    )
    connection.execute("create index on many using hnsw (feature_vector vector_cosine_ops)")
    assert recall(connection, "many", accounts(connection, "many", 40)) >= RECALL


def test_the_example_answers(connection):
    sql = (settings.repo() / "examples" / "look-alikes-of-a-customer.sql").read_text("utf-8")
    rows = connection.execute(sql).fetchall()
    distances = [row[-1] for row in rows]
    assert len(rows) == NEAREST
    assert distances == sorted(distances)
    assert distances[-1] < 1
