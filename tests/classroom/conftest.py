"""Two companies, loaded and built, for the exercises to be tried on."""

import pytest

from taproom import answers, contracts, ingest, settings, world
from taproom.services import postgres
from taproom.services.postgres import access
from taproom.warehouse import runner

SEEDS = (42, 7)


@pytest.fixture(scope="session", params=SEEDS, ids=lambda seed: f"seed-{seed}")
def company(request, cluster, tmp_path_factory):
    """The database of a tiny world, built; its world's folder is `company.root`."""
    name = f"exercises_{request.param}"
    root = tmp_path_factory.mktemp(name)
    world.init(root, scale="tiny", seed=request.param, sources=contracts.SOURCES)
    postgres.create_database(name, settings.OWNER)
    access.make_schemas(postgres.url(postgres.SUPERUSER, name))
    ingest.run(root, postgres.url(settings.OWNER, name))
    answers.write(root, postgres.url(settings.OWNER, name))
    assert runner.build(["run"], full_refresh=True, database=name, progress=print) == 0
    with postgres.connect(postgres.SUPERUSER, name) as connection:
        connection.execute(f"grant connect, temporary on database {name} to {settings.LEARNER}")
    access.grant_access(postgres.url(settings.OWNER, name))
    yield Company(name, root)
    postgres.drop_database(name)


class Company:
    def __init__(self, database, root):
        self.database, self.root = database, root


@pytest.fixture
def classroom(company, monkeypatch):
    """The company's database is the one that notebooks connect to, as the learner."""
    learner = postgres.environment(settings.LEARNER, company.database)
    for name, value in learner.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TAPROOM_PROGRESS", "off")
    return company
