"""What end-to-end tests share: a short talk, and the services they run on."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.demo_maker.talk import make_talk
from tests.e2e.browser import FAILED
from tests.e2e.server import Installation


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One heavy test at a time: they share an xdist group, while the other worker runs the rest."""
    for item in items:
        if "tests/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group("e2e"))
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
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A fresh installation on SQLite and local files, prepared as `make run` does it."""
    made = Installation(tmp_path_factory.mktemp("installation"))
    made.manage("migrate", "--verbosity", "0")
    made.manage("collectstatic", "--no-input", "--verbosity", "0")
    return made
