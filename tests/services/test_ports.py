"""Which port a service gets."""

from __future__ import annotations

import socket

import pytest

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import ports


@pytest.fixture
def taken():
    """A port somebody listens on."""
    with socket.socket() as server:
        server.bind((settings.HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def test_the_port_of_last_time_comes_first_then_the_one_asked_for(monkeypatch, taken):
    monkeypatch.setenv("TAPROOM_MAIL_PORT", "0")
    assert not ports.free(taken)
    monkeypatch.setitem(settings.PORTS, "mail", taken)
    assert taken < ports.choose("mail", None, "TAPROOM_MAIL_PORT") < taken + 50
    other = ports.choose("mail", taken, "TAPROOM_MAIL_PORT")
    assert ports.choose("mail", other, "TAPROOM_MAIL_PORT") == other
    monkeypatch.setenv("TAPROOM_MAIL_PORT", str(other + 1))
    assert ports.choose("mail", other, "TAPROOM_MAIL_PORT") == other
    if ports.free(other + 1):
        assert ports.choose("mail", taken, "TAPROOM_MAIL_PORT") == other + 1


def test_no_free_port_is_told_with_the_way_out(monkeypatch):
    monkeypatch.setattr(ports, "free", lambda port: False)
    with pytest.raises(TaproomError) as caught:
        ports.choose("superset", 8088, "TAPROOM_SUPERSET_PORT")
    assert "TAPROOM_SUPERSET_PORT" in caught.value.remedy
