"""Superset as a service: ours and nobody else's, quick the second time, its secrets its own."""

from __future__ import annotations

import stat

import psutil
import psycopg
import pytest

from taproom import services, settings
from taproom.errors import TaproomError
from taproom.services import postgres, superset, valkey
from taproom.services.superset import metadata, place


def test_it_is_up_where_the_status_says(superset_up):
    assert superset_up["state"] == "up"
    assert superset_up["url"] == superset.url()
    with superset.client() as admin:
        assert admin.get("me/roles/")["result"]["roles"].keys() == {"Admin"}


def test_another_one_s_superset_is_not_ours(superset_up, monkeypatch):
    monkeypatch.setattr(place, "identity", lambda: "somebody else's")
    assert not superset.ready()


def test_a_wrong_password_is_refused(superset_up):
    with pytest.raises(superset.Refused) as caught:
        superset.client(password="wrong")
    assert caught.value.status == 401


def test_secrets_are_for_their_owner_only(superset_up):
    assert stat.S_IMODE(place.folder().stat().st_mode) == 0o700
    for name in ("secrets.json", "service.json"):
        assert stat.S_IMODE((place.folder() / name).stat().st_mode) == 0o600
    secrets = place.read(place.folder() / "secrets.json").values()
    process = psutil.Process(superset_up["pid"])
    seen = " ".join([*process.cmdline(), *process.environ().values()])
    for log in settings.logs().glob("superset*.log"):
        seen += log.read_text(errors="replace")
    assert not [s for s in secrets if s in seen]


def test_the_owner_of_the_metadata_enters_no_other_database(superset_up):
    dsn = metadata.uri().replace("postgresql+psycopg2", "postgresql")
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select count(*) from ab_user").fetchone()[0] >= 1
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(dsn.replace(settings.SUPERSET_DATABASE, settings.DATABASE))


def test_the_reader_of_charts_can_neither_write_nor_read_anything_else(superset_up):
    with postgres.connect(settings.OWNER) as owner:
        owner.execute("create table if not exists marts.service_probe (n int)")
        for schema in ("staging", "raw_stripe", "ops"):
            owner.execute(f"create table if not exists {schema}.service_probe (n int)")
    with postgres.connect(settings.SUPERSET, autocommit=True) as reader:
        # The default is read-only; whoever lifts it has no right to write all the same.
        reader.execute("set default_transaction_read_only = off")
        assert reader.execute("select count(*) from marts.service_probe").fetchone() == (0,)
        for statement in (
            "insert into marts.service_probe values (1)",
            "update marts.service_probe set n = 2",
            "delete from marts.service_probe",
            "truncate marts.service_probe",
            "drop table marts.service_probe",
            "create table marts.another (n int)",
            "create table public.another (n int)",
            "create temporary table another (n int)",
            "create schema another",
            "create role another",
            "copy marts.service_probe to program 'true'",
            "select * from staging.service_probe",
            "select * from raw_stripe.service_probe",
            "select * from ops.service_probe",
            "select * from pg_authid",
            "select pg_read_file('PG_VERSION')",
        ):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.ProgrammingError)):
                reader.execute(statement)
    for database in (settings.SUPERSET_DATABASE, "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            postgres.connect(settings.SUPERSET, database)
    with postgres.connect(settings.OWNER) as owner:
        for schema in ("marts", "staging", "raw_stripe", "ops"):
            owner.execute(f"drop table {schema}.service_probe")


def test_the_second_start_is_quick_and_prepares_nothing(superset_up):
    prepared = settings.logs() / "superset-prepare.log"
    before = prepared.stat().st_mtime_ns
    superset.stop()
    assert superset.status()["state"] == "down"
    again = superset.start()
    # Seconds of the processor: a busy machine's clock says nothing. 30 by the clock is the promise.
    spent = psutil.Process(again["pid"]).cpu_times()
    assert spent.user + spent.system < 20
    assert again["url"] == superset_up["url"], "the port is remembered"
    assert prepared.stat().st_mtime_ns == before


def test_results_are_forgotten_and_nothing_else(superset_up):
    kept = place.folder() / "cache"
    for name in ("data", "explore"):
        (kept / name).mkdir(parents=True, exist_ok=True)
        (kept / name / "result").write_text("old")
    superset.forget_results()
    assert not (kept / "data" / "result").exists()
    assert (kept / "explore" / "result").exists()


def test_without_a_superset_nothing_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv("TAPROOM_HOME", str(tmp_path))
    superset.forget_results()
    assert [s["name"] for s in services.status()] == ["postgres"]
    assert not (tmp_path / "superset").exists()
    with pytest.raises(TaproomError, match="never started"):
        superset.url()


def test_valkey_answers_to_our_password_only(superset_up, monkeypatch):
    assert valkey.start()["state"] == "up"
    valkey._ask(["SET", "superset_data_x", "1"])
    valkey._ask(["SET", "superset_explore_x", "1"])
    superset.forget_results()
    assert valkey._ask(["EXISTS", "superset_data_x"]) == ":0"
    assert valkey._ask(["EXISTS", "superset_explore_x"]) == ":1"
    monkeypatch.setattr(place, "secret", lambda name: "wrong")
    assert not valkey.ready()
    monkeypatch.undo()
    valkey.stop()
    assert valkey.status()["state"] == "down"


def test_who_changes_the_course_s_tables_makes_superset_forget(monkeypatch, tmp_path):
    told = []
    monkeypatch.setattr(superset, "forget_results", lambda: told.append(1))
    monkeypatch.setenv("TAPROOM_HOME", str(tmp_path))
    services.tables_changed()
    assert told == [], "there is no Superset in this home"
    (tmp_path / "superset").mkdir()
    services.tables_changed("sandbox_mine")
    assert told == []
    services.tables_changed()
    services.tables_changed(settings.DATABASE)
    assert told == [1, 1]
