"""What every test has: its own storage and work folder, and no way out to the network."""

import contextlib
import gc
import os
import resource
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django import DjangoDbBlocker

from heimdex.settings.base import _database
from jobs import lease
from tests import services
from tests.factories import UserFactory
from tests.scheduling import FileScheduling, begins_late

# The same examples in every run, so that a change is judged by what it changes, and all the time they need on a busy
# machine. `HEIMDEX_LONG=1` looks for new ones.
hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    derandomize=not os.environ.get("HEIMDEX_LONG"),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Shuffle alike in every run, for the same reason; `HEIMDEX_LONG=1` or a seed that is given shuffles anew."""
    if not os.environ.get("HEIMDEX_LONG") and config.getoption("randomly_seed") == "default":
        config.option.randomly_seed = 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FileScheduling | None:
    """Share tests out by file, unless the command line says otherwise."""
    return FileScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; the rest stays in its order."""
    items.sort(key=lambda item: begins_late(item.nodeid))


def pytest_collection_finish() -> None:
    """Look for reference cycles seldom, and never among what was collected, which stays to the end.

    By default Python looks at each 700 new objects, which is a sixth of the processor time in tests of pages.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@pytest.fixture(autouse=True)
def _default_language() -> Iterator[None]:
    """A request leaves its language active in its thread; the next test begins without it."""
    yield
    translation.deactivate()


# By pytest, by cv2 when it is imported, and by Celery when a worker begins.
SET_BY_LIBRARIES = ("PYTEST_CURRENT_TEST", "LD_LIBRARY_PATH", "CELERY_SKIP_CHECKS")


@pytest.fixture(autouse=True)
def _whole_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test that changes what its whole process shares, and so the tests after it, fails."""
    before = _shared_by_the_process()
    yield
    monkeypatch.undo()
    changed = dict(_shared_by_the_process().items() ^ before.items())
    assert not changed, "use monkeypatch: later tests of this process see it"


def _shared_by_the_process() -> dict[str, object]:
    environ = {f"${key}": value for key, value in os.environ.items()}
    for name in SET_BY_LIBRARIES:
        environ.pop(f"${name}", None)
    return {
        **environ,
        "folder": Path.cwd(),
        "temporary folder": tempfile.gettempdir(),
        "open files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    }


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path: Path) -> None:
    """Files of a test lie in its own temporary folder."""
    settings.DATA_DIR = tmp_path / "data"
    settings.WORK_DIR = tmp_path / "work"
    settings.WORK_DIR.mkdir()
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media", "base_url": None},
        },
    }


@pytest.fixture(autouse=True)
def _own_counts() -> None:
    """No throttle counts what other tests did."""
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> None:
    """Only this machine can be reached."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])  # type: ignore[index]
            assert host.startswith("127.") or host in {"::1", "localhost"}, f"network: {host}"
        return connect(self, address)  # type: ignore[arg-type]

    socket.socket.connect = guarded  # type: ignore[method-assign, assignment]  # a guard around it


@pytest.fixture(scope="session")
def postgres_url(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The URL of this test run's PostgreSQL database, migrated. The first use starts it, which takes a few seconds."""
    with services.postgres() as url:
        with _on_database(url), django_db_blocker.unblock():
            call_command("migrate", verbosity=0)
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a Redis of this test run."""
    with services.redis() as url:
        yield url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[services.Bucket]:
    """A bucket on the S3 server of this test run; use `on_s3` to have the product keep its files there."""
    with services.s3() as bucket:
        yield bucket


@pytest.fixture
def on_s3(settings, s3_server: services.Bucket) -> Iterator[services.Bucket]:
    """The product keeps its files in this bucket, which is emptied after the test."""
    settings.STORAGES = {**settings.STORAGES, "default": s3_server.storage()}
    settings.S3_PUBLIC_ENDPOINT_URL = s3_server.endpoint_url
    yield s3_server
    s3_server.empty()


@pytest.fixture
def on_postgres(postgres_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The ORM of this process, in every thread, works on PostgreSQL with real commits; emptied after the test."""
    with _on_database(postgres_url), django_db_blocker.unblock():
        yield
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)


@contextlib.contextmanager
def _on_database(url: str) -> Iterator[None]:
    before = connections.settings["default"]
    _swap_database({**before, **_database(url), "CONN_MAX_AGE": 0})
    try:
        yield
    finally:
        connections["default"].close()
        _swap_database(before)


def _swap_database(database: dict[str, object]) -> None:
    connections.settings["default"] = database
    with contextlib.suppress(AttributeError):  # this thread had not connected yet
        del connections["default"]
    ContentType.objects.clear_cache()  # the ids of the other database, or of before it was emptied


@pytest.fixture
def templates_as_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing template variable is empty, as outside of tests: the admin's theme asks for many such variables.

    pytest-django's marker `ignore_template_errors` inspects the whole call stack at each of them, half a second a page.
    """
    engine = engines["django"].engine  # type: ignore[attr-defined]
    monkeypatch.setattr(engine, "string_if_invalid", "")


@pytest.fixture
def no_heartbeat(request, monkeypatch) -> None:
    """A test inside one transaction has the database to itself; its leases are long enough."""
    if not request.node.get_closest_marker("django_db").kwargs.get("transaction"):
        monkeypatch.setattr(lease.LeaseRenewer, "_beat", lambda _renewer: None)


@pytest.fixture
def staff_client(client: Client) -> Client:
    """A client that is logged in as a superuser, for the admin."""
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def count_queries() -> Callable[[Callable[[], object]], int]:
    """Counts the database queries that a call makes."""

    def count(call: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as queries:
            call()
        return len(queries)

    return count
