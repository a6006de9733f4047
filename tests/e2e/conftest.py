"""What end-to-end tests share: a short talk, the running product and a browser."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import services
from tests.demo_maker.talk import make_talk
from tests.e2e.browser import FAILED, chromium
from tests.e2e.server import Installation, Process, SpreadOut

SPARE_PEOPLE = 25  # as many as share an installation, and a few more


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They may take longer."""
    for item in items:
        if "tests/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.timeout(600))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember on a test that it failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def talk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A talk of 20 s with its captions."""
    return make_talk(tmp_path_factory.mktemp("talk"), seconds=20, size=(640, 360))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A fresh installation to make copies of."""
    made = Installation(tmp_path_factory.mktemp("migrated"))
    made.manage("migrate", "--verbosity", "0")
    made.make_spare_people(SPARE_PEOPLE)
    return made


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, migrated: Installation) -> Installation:
    """A fresh installation to make copies of, prepared for browsers as `make run` does it."""
    made = migrated.copied(tmp_path_factory.mktemp("prepared"))
    made.manage("collectstatic", "--no-input", "--verbosity", "0")
    return made


@pytest.fixture
def own(tmp_path: Path, migrated: Installation) -> Installation:
    """A fresh installation on SQLite and local files for one test."""
    return migrated.copied(tmp_path)


@pytest.fixture(scope="package")
def spread_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpreadOut]:
    """The services, running, and the tables made."""
    with services.postgres() as database, services.redis() as broker, services.s3() as bucket:
        settings = {"DATABASE_URL": database, "REDIS_URL": broker, **bucket.environ()}
        made = Installation(tmp_path_factory.mktemp("spread-out"), settings)
        made.manage("migrate", "--verbosity", "0")
        yield SpreadOut(made, database, bucket)


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory, prepared: Installation) -> Installation:
    """A fresh installation for all tests with a browser."""
    return prepared.copied(tmp_path_factory.mktemp("installation"))


@pytest.fixture(scope="package")
def site(installation: Installation) -> Iterator[Process]:
    """The running product on `installation`."""
    with installation.serving() as server:
        yield server


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests. Playwright keeps an event loop in this thread, so no test of another folder has it."""
    with chromium() as running:
        yield running
