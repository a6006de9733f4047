"""Who may change an export's state from where, and what the sweep takes up."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from core.errors import CoreCode, text_for
from exports import lifecycle, tasks
from exports.choices import ExportStatus
from exports.errors import ExportCode
from exports.lifecycle import StoredShort
from exports.models import Export
from exports.storage_keys import attempt_key
from jobs import lease, notify
from jobs.clock import database_now
from jobs.lease import LeaseLostError
from storage import files
from tests.factories import ExportFactory, VideoFactory

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(minutes=10)
SHORT = StoredShort(
    key="exports/1/x.mp4",
    sha256="0" * 64,
    size_bytes=1_000,
    duration_ms=30_000,
    width=1080,
    height=1920,
    receipt={"rules": []},
)


@pytest.fixture
def claim():
    ExportFactory()
    taken = lease.claim_next(Export)
    assert taken is not None
    return taken


def test_finishing_writes_what_was_measured(claim, settings):
    settings.EXPORT_KEEP_S = 3600
    at = database_now()

    lifecycle.finish(claim, short=SHORT, at=at)

    row = Export.objects.get()
    assert (row.status, row.progress, row.stage) == (ExportStatus.COMPLETED, 100, "")
    assert (row.claim_token, row.heartbeat_at) == (None, None)
    assert (row.completed_at, row.expires_at) == (at, at + timedelta(hours=1))
    assert (row.file_key, row.file_sha256) == (SHORT.key, SHORT.sha256)
    assert (row.file_size_bytes, row.duration_ms) == (1_000, 30_000)
    assert (row.width, row.height, row.receipt) == (1080, 1920, {"rules": []})


def test_failing_keeps_the_reason_and_the_tools_last_words(claim):
    lifecycle.fail(
        claim,
        stage="verify",
        code=ExportCode.VERIFICATION_FAILED,
        params={"rule": "x"},
        tail="words " * 5_000,
    )

    row = Export.objects.get()
    assert (row.status, row.stage, row.claim_token) == (ExportStatus.FAILED, "verify", None)
    assert row.error_message == text_for("VERIFICATION_FAILED", {"rule": "x"})
    assert len(row.error_message) <= 500
    assert len(row.tool_output) == 4_000


@pytest.mark.parametrize("ended", [ExportStatus.CANCELLED, ExportStatus.PENDING])
def test_a_worker_that_lost_its_claim_writes_nothing(claim, ended):
    Export.objects.update(status=ended, claim_token=None)

    for write in (
        lambda: lifecycle.finish(claim, short=SHORT, at=database_now()),
        lambda: lifecycle.fail(claim, stage="", code=CoreCode.TOOL_FAILED),
        lambda: lifecycle.renew_lease(claim),
        lambda: lease.release(claim),
    ):
        with pytest.raises(LeaseLostError):
            write()
    assert Export.objects.get().status == ended


def test_cancelling_takes_the_row_from_its_worker(claim):
    assert lifecycle.cancel(claim.row)
    assert not lifecycle.cancel(claim.row)

    with pytest.raises(LeaseLostError):
        lifecycle.renew_lease(claim)


def test_asking_again_is_a_fresh_start(claim):
    lifecycle.fail(claim, stage="encode", code=CoreCode.TOOL_FAILED, tail="words")
    at = database_now()

    assert lifecycle.retry(claim.row, at=at)

    row = Export.objects.get()
    assert (row.status, row.attempts, row.stage) == (ExportStatus.PENDING, 0, "")
    assert (row.queued_at, row.place_taken_at) == (at, at)
    assert not lifecycle.retry(row, at=at)


def silent(**changes) -> Export:
    return ExportFactory(processing=True, heartbeat_at=timezone.now() - LONG_AGO, **changes)


def test_a_row_with_an_expired_lease_is_queued_again(sent_messages):
    export = silent()

    tasks.sweep()

    row = Export.objects.get()
    assert (row.status, row.claim_token, row.attempts) == (ExportStatus.PENDING, None, 1)
    assert row.queued_at is not None
    assert row.queued_at > timezone.now() - timedelta(seconds=10)
    assert sent_messages == [str(export.pk)]


def test_a_lost_message_is_sent_again(sent_messages):
    export = ExportFactory(queued_at=timezone.now() - LONG_AGO)

    tasks.sweep()

    assert sent_messages == [str(export.pk)]


def test_messages_do_not_pile_up_before_busy_workers(sent_messages, monkeypatch):
    ExportFactory(queued_at=timezone.now() - LONG_AGO)
    monkeypatch.setattr(notify, "queued_messages", lambda _task: 1)

    tasks.sweep()

    assert sent_messages == []


def test_rows_in_good_hands_are_left_alone(sent_messages):
    for state in ({"processing": True}, {"failed": True}, {"completed": True}):
        ExportFactory(**state)

    assert lease.sweep(Export) == lease.SweepResult()
    assert sent_messages == []


def test_spent_attempts_end_with_a_reason_and_without_a_file(settings, sent_messages):
    token = uuid4()
    export = silent(attempts=settings.JOB_MAX_ATTEMPTS, claim_token=token)
    key = attempt_key(export, token)
    files.save_bytes(key, b"half", content_type="video/mp4")

    tasks.sweep()
    tasks.remove_orphaned_files()

    row = Export.objects.get()
    assert (row.status, row.error_code) == (ExportStatus.FAILED, "WORKER_LOST")
    assert row.error_message == "The work was interrupted 3 times and was given up."
    assert (row.claim_token, sent_messages) == (None, [])
    assert files.size(key) is None


def test_the_sweep_by_command(sent_messages):
    export = silent()
    video = VideoFactory(pending=True, queued_at=timezone.now() - LONG_AGO)

    def run(*args: str) -> str:
        out = StringIO()
        call_command("requeue_silent_jobs", *args, stdout=out)
        return out.getvalue()

    dry = run("--dry-run")
    assert f"export {export.pk}: processing, attempt 1" in dry
    assert "would be taken up: 1" in dry
    assert sent_messages == []
    assert "taken up: 1" in run()
    assert sent_messages == [str(video.pk), str(export.pk)]


def test_a_claim_token_is_new_every_time(claim):
    lease.release(claim)
    again = lease.claim_next(Export)

    assert again is not None
    assert again.token != claim.token
    assert again.row.attempts == 2
