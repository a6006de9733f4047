"""What tests of web security share: people, the running site, and a browser that notes every complaint."""

import os
import socket
import threading
from collections.abc import Iterator

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from playwright.sync_api import Browser

from accounts.models import User
from heimdex.web.server import WebServer
from tests.e2e.browser import chromium
from tests.factories import UserFactory


@pytest.fixture
def owner(db) -> User:
    return UserFactory.create(username="owner")


@pytest.fixture
def boss(db) -> User:
    """Staff with every permission."""
    return UserFactory.create(username="boss", is_staff=True, is_superuser=True)


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    """The owner at a browser."""
    client.force_login(owner)
    return client


@pytest.fixture
def site(settings, transactional_db) -> Iterator[str]:
    """The address of this process' product on its web server, on the test's own database."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    listening = socket.create_server(("127.0.0.1", 0))
    server = WebServer(listening, WSGIHandler())
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.stop()
    thread.join(10)
    assert not thread.is_alive()
    server.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module. Playwright keeps an event loop in this thread, which Django takes for async code."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with chromium() as running:
        yield running
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
    if before is not None:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before
