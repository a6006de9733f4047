"""The database's clock is the only one."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from jobs.clock import database_now
from tests.factories import VideoFactory
from videos.models import Video

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_aware_and_in_utc(database: str):
    now = database_now()

    assert connection.vendor == database
    assert now.utcoffset() == timedelta(0)
    assert abs(now - timezone.now()) < timedelta(minutes=1)


def test_the_machines_own_clock_does_not_matter(database: str):
    before = database_now()

    with time_machine.travel("2001-01-01 00:00:00+00:00"):
        during = database_now()

    assert timedelta(0) <= during - before < timedelta(minutes=1)


def test_it_goes_on_inside_a_transaction(database: str):
    with transaction.atomic():
        first = database_now()
        second = database_now()

    assert second >= first


def test_it_can_be_compared_with_stored_times(database: str):
    at = database_now()
    video = VideoFactory(queued_at=at)

    assert Video.objects.get(queued_at__lte=at, queued_at__gte=at) == video
    assert Video.objects.get().queued_at == at


def test_a_naive_answer_is_refused(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jobs.clock.parse_datetime", lambda _text: None)
    if database == "sqlite":
        with pytest.raises(TypeError, match="to a query for the time"):
            database_now()
    else:
        assert database_now().tzinfo is not None
