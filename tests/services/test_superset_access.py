"""Who sees what in Superset: each role its dashboard, each country its rows, a guest one thing."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import postgres, superset
from taproom.services.superset import access, embedding

ROWS = [("DE", 3), ("US", 5), ("US", 7)]
DEPARTMENTS = ("executive", "marketing", "customer_success", "product", "operations")


def query(dataset: int) -> dict:
    """The query context of a table with every row."""
    return {
        "datasource": {"id": dataset, "type": "table"},
        "force": True,
        "queries": [
            {"columns": ["country", "n"], "metrics": [], "orderby": [["n", True]], "row_limit": 100}
        ],
        "result_format": "json",
        "result_type": "full",
    }


@pytest.fixture(scope="module")
def probe(superset_up) -> Iterator[dict]:
    """A dashboard `operations` and a dashboard `executive`, one chart each on tables of three
    rows: the numbers of dataset, chart and dashboard by address."""
    with superset.client() as admin, postgres.connect(settings.OWNER) as owner:
        # Tests before may have left the course's own dashboards, under the same addresses.
        for kind in ("report", "dashboard", "chart", "dataset", "database"):
            for one in list(admin.all(kind)):
                admin.delete(f"{kind}/{one['id']}")
        database = admin.post(
            "database/",
            {
                "database_name": access.DATABASE,
                "sqlalchemy_uri": postgres.url(settings.SUPERSET).replace(
                    "postgresql", "postgresql+psycopg2", 1
                ),
                "expose_in_sqllab": True,
            },
        )["id"]
        made: dict = {"database": database}
        for slug in ("operations", "executive"):
            table = f"access_probe_{slug}"
            owner.execute(f"create table marts.{table} (country text, n int)")
            owner.cursor().executemany(f"insert into marts.{table} values (%s, %s)", ROWS)
            owner.commit()
            dataset = admin.post(
                "dataset/", {"database": database, "schema": "marts", "table_name": table}
            )["id"]
            board = admin.post(
                "dashboard/", {"dashboard_title": slug.title(), "slug": slug, "published": True}
            )["id"]
            chart = admin.post(
                "chart/",
                {
                    "slice_name": f"Rows of {slug}",
                    "viz_type": "table",
                    "datasource_id": dataset,
                    "datasource_type": "table",
                    "params": json.dumps({"viz_type": "table"}),
                    "query_context": json.dumps(query(dataset)),
                    "dashboards": [board],
                },
            )["id"]
            made[slug] = {"dataset": dataset, "chart": chart, "dashboard": board}
        access.apply(admin)
        yield made
        for kind in ("chart", "dashboard", "dataset"):
            for slug in ("operations", "executive"):
                admin.delete(f"{kind}/{made[slug][kind]}")
        admin.delete(f"database/{database}")
        for slug in ("operations", "executive"):
            owner.execute(f"drop table marts.access_probe_{slug}")


def countries(answer: dict) -> list[str]:
    return [row["country"] for row in superset.Client.rows(answer)]


def refused(call, *arguments, **more) -> int:
    with pytest.raises(superset.Refused) as caught:
        call(*arguments, **more)
    return caught.value.status


def test_a_second_time_nothing_changes(probe):
    with superset.client() as admin:
        assert access.apply(admin) == []


def test_a_role_changed_by_hand_is_put_back(probe):
    with superset.client() as admin:
        role = next(
            r
            for r in admin.get("security/roles/search/", q={"page_size": 100})["result"]
            if r["name"] == "Product"
        )
        admin.post(
            f"security/roles/{role['id']}/permissions",
            {"permission_view_menu_ids": role["permission_ids"][:-3]},
        )
        assert access.apply(admin) == [f"role Product: {len(role['permission_ids'])} permissions"]


def test_a_permission_that_does_not_exist_is_told(probe):
    wanted = access.wanted()
    wanted["permissions"]["view"].append("can_pour Beer")
    with superset.client() as admin, pytest.raises(TaproomError, match="can_pour Beer"):
        access.apply(admin, wanted)


@pytest.mark.parametrize("user", DEPARTMENTS)
def test_a_department_sees_its_dashboard_and_no_other(probe, user):
    with superset.client(user) as session:
        seen = {d["slug"] for d in session.all("dashboard")}
        assert seen == {user} & {"operations", "executive"}
        for slug in ("operations", "executive"):
            if slug == user:
                assert len(superset.Client.rows(session.chart_data(probe[slug]["chart"]))) == 3
            else:
                assert refused(session.chart_data, probe[slug]["chart"]) in (403, 404)
                assert refused(session.query, query(probe[slug]["dataset"])) in (403, 404)


@pytest.mark.parametrize("user", DEPARTMENTS)
def test_a_department_changes_nothing_and_asks_no_sql(probe, user):
    with superset.client(user) as session:
        mine = probe.get(user, probe["operations"])
        assert refused(session.put, f"chart/{mine['chart']}", {"slice_name": "x"}) in (403, 404)
        assert refused(session.delete, f"dashboard/{mine['dashboard']}") in (403, 404)
        assert refused(session.post, "chart/", {"slice_name": "x"}) in (400, 403)
        sql = {"database_id": probe["database"], "sql": "select 1", "schema": "marts"}
        assert refused(session.post, "sqllab/execute/", sql) == 403
        assert refused(session.get, "security/users/") == 403
        assert refused(session.get, "report/") == 403


def test_a_country_sees_its_rows_only(probe):
    with superset.client("operations") as session:
        answer = session.chart_data(probe["operations"]["chart"])
        assert countries(answer) == ["DE", "US", "US"]
    with superset.client("operations_de") as session:
        answer = session.chart_data(probe["operations"]["chart"])
        assert countries(answer) == ["DE"]
        assert countries(session.query(query(probe["operations"]["dataset"]))) == ["DE"]


def test_the_learner_builds_and_asks_and_cannot_write(probe):
    with superset.client("learner") as session:
        assert {d["slug"] for d in session.all("dashboard")} == {"operations", "executive"}
        chart = session.post(
            "chart/",
            {
                "slice_name": "My own",
                "viz_type": "table",
                "datasource_id": probe["executive"]["dataset"],
                "datasource_type": "table",
                "query_context": json.dumps(query(probe["executive"]["dataset"])),
            },
        )["id"]
        assert len(superset.Client.rows(session.chart_data(chart))) == 3
        session.delete(f"chart/{chart}")
        ask = {"database_id": probe["database"], "schema": "marts"}
        found = session.post(
            "sqllab/execute/", ask | {"sql": "select sum(n) as n from marts.access_probe_executive"}
        )
        assert found["data"] == [{"n": 15}]
        for sql in (
            "delete from marts.access_probe_executive",
            "create table marts.mine (n int)",
            "select * from ops.clock",
            "select * from staging.stg_app__accounts",
        ):
            assert refused(session.post, "sqllab/execute/", ask | {"sql": sql}) >= 400
        # What belongs to others stays theirs.
        others = f"chart/{probe['executive']['chart']}"
        assert refused(session.put, others, {"slice_name": "x"}) == 403
        assert refused(session.get, "security/users/") == 403
    with postgres.connect(settings.OWNER) as owner:
        row = owner.execute("select count(*) from marts.access_probe_executive").fetchone()
    assert row == (3,)


def guest_rows(probe: dict, token: str, slug: str, within: str) -> requests.Response:
    """What a guest gets who asks for the rows of one dashboard in the name of another."""
    body = query(probe[slug]["dataset"]) | {
        "form_data": {
            "dashboardId": probe[within]["dashboard"],
            "slice_id": probe[slug]["chart"],
        }
    }
    with requests.Session() as http:
        http.trust_env = False
        return http.post(
            f"{superset.url()}/api/v1/chart/data",
            json=body,
            headers={"X-GuestToken": token},
            timeout=60,
        )


def test_a_guest_sees_the_dashboard_of_the_token_and_the_rows_of_its_clause(probe):
    token = embedding.guest_token("operations")
    answer = guest_rows(probe, token, "operations", within="operations")
    assert answer.ok, answer.text
    assert countries(answer.json()) == ["DE", "US", "US"]
    limited = embedding.guest_token("operations", clause="country = 'US'")
    answer = guest_rows(probe, limited, "operations", within="operations")
    assert countries(answer.json()) == ["US", "US"]
    for within in ("operations", "executive"):
        assert not guest_rows(probe, token, "executive", within=within).ok
    assert guest_rows(probe, token + "x", "operations", within="operations").status_code == 401


def test_the_frame_may_stand_in_a_page_of_this_machine_only(probe):
    token = embedding.guest_token("operations")
    text = embedding.html("operations", token)
    with superset.client() as admin:
        embedded = embedding.embedded_id(admin, "operations")
    assert f'src="{superset.url()}/embedded/{embedded}"' in text
    assert token in text
    with requests.Session() as http:
        http.trust_env = False
        page = http.get(f"{superset.url()}/embedded/{embedded}", timeout=60)
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*" in policy
    assert "X-Frame-Options" not in page.headers


def test_an_unknown_dashboard_cannot_be_embedded(probe):
    with pytest.raises(TaproomError, match="no dashboard at beer"):
        embedding.guest_token("beer")
