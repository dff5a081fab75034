"""What `./taproom lab` starts."""

from taproom.services import lab


def ports(argv):
    return [a for a in argv if a.split("=")[0] in ("--port", "--ServerApp.port")]


def test_lab_has_one_port_and_it_may_be_yours(cluster):
    assert ports(lab.command().argv) == ["--ServerApp.port=8888"]
    assert ports(lab.command(["--port=8899"]).argv) == ["--port=8899"]
    assert ports(lab.command(["--ServerApp.port=8899"]).argv) == ["--ServerApp.port=8899"]


def test_lab_listens_to_this_machine_only(cluster):
    assert "--ServerApp.ip=127.0.0.1" in lab.command().argv
