"""Starting and stopping any service, tried with a small one."""

from __future__ import annotations

import signal
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from taproom import services
from taproom.errors import TaproomError
from taproom.services import supervisor
from taproom.services.supervisor import Command

PATIENT = "trap '' TERM; echo up; touch {mark}; while :; do sleep 0.1; done"


def toy(name: str, script: str, mark: Path, **extra) -> ModuleType:
    """A service that is a shell script and is ready once `mark` is there."""
    service = ModuleType(f"toys.{name}")
    service.prepare = lambda: mark.unlink(missing_ok=True)
    service.command = lambda: Command(
        ["/bin/sh", "-c", script.format(mark=mark)],
        cwd=mark.parent,
        stop=(signal.SIGTERM, signal.SIGKILL),
    )
    service.ready = mark.exists
    service.url = lambda: "nowhere"
    for key, value in extra.items():
        setattr(service, key, value)
    return service


def test_start_log_and_stop(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 1)
    done = []
    service = toy("patient", PATIENT, tmp_path / "mark", provision=lambda: done.append(1))
    supervisor.start(service)
    pid = supervisor.running("patient")
    assert psutil.pid_exists(pid)
    assert psutil.Process(pid).ppid() != psutil.Process().pid, "it is not our child"
    assert done == [1]
    assert supervisor.log_path("patient").read_text() == "up\n"
    # It ignores the polite signal, so the next one is used.
    supervisor.stop(service)
    assert supervisor.running("patient") is None
    assert not supervisor.crashed("patient")


def test_a_service_that_ends_at_once_is_told_with_its_last_words(tmp_path):
    service = toy("broken", "echo out of beer >&2; exit 3", tmp_path / "mark")
    with pytest.raises(TaproomError) as caught:
        supervisor.start(service)
    assert "out of beer" in str(caught.value)
    assert str(supervisor.log_path("broken")) in caught.value.remedy


def test_a_start_worth_retrying_is_retried(tmp_path):
    tried = tmp_path / "tried"
    script = (
        f"if [ -e '{tried}' ]; then touch '{{mark}}'; exec sleep 60; fi; "
        f"touch '{tried}'; echo busy; exit 1"
    )
    service = toy("slow", script, tmp_path / "mark", start_failed=lambda log: "busy" in log)
    supervisor.start(service)
    assert supervisor.running("slow")
    supervisor.stop(service)


def test_a_recycled_process_id_is_not_taken_for_the_service(tmp_path):
    service = toy("recycled", "touch '{mark}'; exec sleep 60", tmp_path / "mark")
    supervisor.start(service)
    state = supervisor._state_path("recycled")
    kept = state.read_text()
    state.write_text(kept.replace("sleep", "other"))
    assert supervisor.running("recycled") is None
    assert supervisor.crashed("recycled")
    state.write_text(kept)
    supervisor.stop(service)


def test_a_lock_that_is_held_is_waited_for_and_then_told(tmp_path):
    with (
        supervisor.lock("held"),
        pytest.raises(TaproomError, match="busy with held"),
        supervisor.lock("held", seconds=0.2),
    ):
        pass


def test_an_unknown_service_is_told():
    with pytest.raises(TaproomError, match="no service called beer"):
        services.up(["beer"])


def test_ctrl_c_while_it_starts_leaves_nothing_behind(tmp_path):
    script = f"echo $$ >'{tmp_path}/pid'; exec sleep 60"
    service = toy("interrupted", script, tmp_path / "mark")

    def ready() -> bool:
        if (tmp_path / "pid").exists():
            raise KeyboardInterrupt
        return False

    service.ready = ready
    with pytest.raises(KeyboardInterrupt):
        supervisor.start(service)
    assert supervisor._gone(int((tmp_path / "pid").read_text()), seconds=5)
