"""What tests of exports share: a signed-in API client, and no broker that would run anything by itself."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from exports import tasks
from tests.factories import UserFactory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def person(db) -> User:
    return UserFactory()


@pytest.fixture
def api(person: User) -> APIClient:
    """The API as that person."""
    client = APIClient()
    client.force_authenticate(person)
    return client


class Woken(list[str]):
    """The export ids that workers were woken for, in order."""


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> Woken:
    """Messages are written down here instead of being sent."""
    ids = Woken()

    def send(args: tuple[str], **_options: object) -> None:
        ids.append(args[0])

    monkeypatch.setattr(tasks.render_export, "apply_async", send)
    return ids


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks) -> Callable:
    """Run what waits for the commit, as a real transaction would."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
