"""Concurrent requests never exceed the quota and never make two exports of one key."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models.signals import pre_delete

from accounts.models import User
from core.errors import HeimdexError
from core.idempotency import IdempotencyKey
from exports import services
from exports.choices import ExportStatus
from exports.models import Export, ExportAttempt
from exports.services import ExportRequest
from jobs.models import JobAttempt
from tests.factories import ExportFactory, UserFactory, VideoFactory
from videos.models import Video

CROWD = 8


def at_once(ask: Callable[[int], Export]) -> Counter[str]:
    """What a crowd of threads is answered when all ask at the same moment: export ids and error codes."""
    gate = threading.Barrier(CROWD)
    answers: Counter[str] = Counter()

    def one(number: int) -> None:
        try:
            gate.wait(30)
            answer = str(ask(number).pk)
        except HeimdexError as error:
            answer = error.code.name
        except Exception as error:  # noqa: BLE001 - the test wants to see it
            answer = repr(error)
        finally:
            connection.close()
        answers[answer] += 1

    crowd = [threading.Thread(target=one, args=(number,)) for number in range(CROWD)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join(60)
    return answers


def request(user: User, video: Video, key: str = "") -> Export:
    wanted = ExportRequest(
        video=video, start_ms=0, end_ms=5_000, strategy="center_crop", quality="high"
    )
    return services.request_export(user, wanted, idempotency_key=IdempotencyKey(key))


def check_last_place() -> None:
    user = UserFactory(export_limit=3)
    video = VideoFactory(owner=user)
    ExportFactory(video=video)

    answers = at_once(lambda _: request(user, video))

    assert answers.pop("EXPORT_LIMIT_EXCEEDED") == CROWD - 2
    assert list(answers.values()) == [1, 1]
    assert Export.objects.filter(owner=user).count() == 3


def check_one_key() -> None:
    user = UserFactory(export_limit=1)
    video = VideoFactory(owner=user)

    answers = at_once(lambda _: request(user, video, key="one click"))

    assert list(answers.values()) == [CROWD]
    assert Export.objects.filter(owner=user).count() == 1


def check_retry_and_request() -> None:
    """A retry and new requests compete for the last quota slot."""
    user = UserFactory(export_limit=1)
    failed = ExportFactory(video__owner=user, failed=True)

    answers = at_once(
        lambda number: services.retry_export(failed) if number % 2 else request(user, failed.video)
    )

    assert sum(answers.values()) == CROWD
    assert set(answers) - {"EXPORT_LIMIT_EXCEEDED", "EXPORT_NOT_RETRYABLE"} <= {
        str(pk) for pk in Export.objects.values_list("pk", flat=True)
    }
    assert Export.objects.filter(owner=user, status=ExportStatus.PENDING).count() == 1


CHECKS = [check_last_place, check_one_key, check_retry_and_request]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("check", CHECKS)
def test_on_sqlite(check):
    check()


@pytest.mark.services
@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.usefixtures("on_postgres")
def test_on_postgresql(check):
    assert connection.vendor == "postgresql"
    check()


@pytest.mark.services
@pytest.mark.usefixtures("on_postgres")
def test_an_attempt_that_begins_while_its_job_is_deleted_goes_too():
    def begin(instance, **_):
        """Add an attempt after Django has collected those that it deletes."""
        ExportAttempt.objects.create(pk=uuid.uuid4(), job=instance, number=1, worker="exports@one")

    export = ExportFactory()
    pre_delete.connect(begin, sender=Export)
    try:
        export.owner.delete()
    finally:
        pre_delete.disconnect(begin, sender=Export)

    assert not ExportAttempt.objects.exists()
    for attempts in JobAttempt.__subclasses__():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT confdeltype::text FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
                [attempts._meta.db_table],
            )
            assert cursor.fetchall() == [("c",)], attempts
