"""Exports whose worker is cancelled, late, dead or stopping: nothing is stored twice, nothing is lost."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import HeimdexError
from exports import lifecycle, services, tasks
from exports.choices import ExportStatus
from exports.models import Export
from exports.rendering import attempt as attempts
from exports.rendering import pipeline
from jobs import lease
from jobs.clock import database_now
from jobs.lease import LeaseLostError
from mediakit.errors import InputError, MediaErrorCode, StoppedError, ToolTimeoutError
from mediakit.sandbox import process
from storage import files
from storage.errors import StorageCode
from tests.exports.render_runs import breaking, left_behind, real_commits, run, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_heartbeat")]


@real_commits
def test_cancelling_kills_the_work_and_leaves_nothing(export, quick, monkeypatch, settings):
    settings.JOB_HEARTBEAT_S = 1
    begun, render = threading.Event(), quick.render

    def slow(*args, **options):
        begun.set()
        cancelled.wait(10)
        while not options["should_stop"]():
            cancelled.wait(0.01)
        render(*args, **options)  # stopped by the order to stop, with ffmpeg and all

    cancelled = threading.Event()
    monkeypatch.setattr(attempts, "render_short", slow)
    work = threading.Thread(target=_in_thread, args=(export,))
    work.start()
    begun.wait(10)

    services.cancel_export(export)
    cancelled.set()
    work.join(30)

    assert not work.is_alive()
    assert Export.objects.get().status == ExportStatus.CANCELLED
    assert stored(export) == []
    assert left_behind(settings) == []


def _in_thread(export: Export) -> None:
    from django.db import connection  # noqa: PLC0415 - this thread's own

    try:
        tasks.render_export(str(export.pk))
    finally:
        connection.close()


def test_a_worker_that_lost_its_row_stores_nothing(export, quick, monkeypatch):
    render = quick.render

    def lose(*args, **options):
        render(*args, **options)
        Export.objects.update(status=ExportStatus.CANCELLED, claim_token=None)

    monkeypatch.setattr(attempts, "render_short", lose)

    row = run(export)

    assert (row.status, row.file_key) == (ExportStatus.CANCELLED, "")
    assert stored(export) == []


def test_a_row_lost_after_storing_leaves_no_file(export, quick, monkeypatch):
    verify = quick.verify

    def lose(*args, **options):
        Export.objects.update(status=ExportStatus.CANCELLED, claim_token=None)
        return verify(*args, **options)

    monkeypatch.setattr(attempts, "verify_short", lose)

    assert run(export).status == ExportStatus.CANCELLED
    assert stored(export) == []


def test_a_worker_that_wakes_after_its_lease_never_touches_the_newer_file(
    export, quick, monkeypatch
):
    """It sleeps in mid-upload; the row is swept and made again; then the sleeper stores its own bytes."""
    save = files.save_file
    done: list[str] = []

    def sleep_first(key: str, path: Path, **options) -> None:
        if not done:
            done.append(key)
            Export.objects.update(heartbeat_at=database_now() - timedelta(hours=1))
            tasks.sweep()
            monkeypatch.setattr(attempts, "render_short", quick.render)
            tasks.render_export()
            path.write_bytes(b"what the sleeper made")
        save(key, path, **options)

    monkeypatch.setattr(files, "save_file", sleep_first)

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.COMPLETED, 2)
    assert stored(export) == [row.file_key]
    assert row.file_key != done[0]
    assert files.fingerprint(row.file_key).sha256 == row.file_sha256


@pytest.mark.usefixtures("quick")
def test_a_commit_without_a_database_response_keeps_its_file(export, monkeypatch):
    finish = lifecycle.finish

    def finish_then_break(*args, **options):
        monkeypatch.setattr(lifecycle, "finish", finish)
        finish(*args, **options)
        raise LeaseLostError("as after a second try of what had come through")

    monkeypatch.setattr(lifecycle, "finish", finish_then_break)

    row = run(export)

    assert row.status == ExportStatus.COMPLETED
    assert stored(export) == [row.file_key]


def test_a_file_that_cannot_be_removed_is_left_to_the_schedule(export, monkeypatch):
    def refuse(*_keys: str) -> None:
        raise HeimdexError(StorageCode.STORAGE_UNAVAILABLE)

    monkeypatch.setattr(files, "delete", refuse)
    breaking(InputError(MediaErrorCode.TRUNCATED_FILE, "No."), monkeypatch)

    assert run(export).status == ExportStatus.FAILED


@pytest.fixture
def stopping():
    yield lease.stopping
    lease.stopping.clear()


def test_a_stopping_process_hands_its_work_back(
    export, quick, monkeypatch, stopping, sent_messages
):
    render = quick.render

    def stop(*args, **options):
        stopping.set()
        render(*args, **options)

    monkeypatch.setattr(attempts, "render_short", stop)

    row = run(export)

    assert (row.status, row.attempts, row.claim_token) == (ExportStatus.PENDING, 0, None)
    assert sent_messages == [str(export.pk)]


def test_a_stopping_process_takes_nothing_up(export, stopping):
    stopping.set()

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.PENDING, 0)


def test_computing_is_bounded_by_the_clips_length():
    assert attempts.cpu_limit_s(1_000) == 1200
    assert attempts.cpu_limit_s(60_000) == 3600


@pytest.mark.usefixtures("quick")
def test_a_file_made_to_be_slow_ends_by_its_processor_time(export, monkeypatch, settings):
    settings.EXPORT_CPU_FACTOR, settings.EXPORT_CPU_MIN_S = 0, 1

    def endless(*_args, **options):
        argv = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "mandelbrot", "-f", "null", "-"]
        process.run(argv, timeout_s=options["timeout_s"])

    monkeypatch.setattr(attempts, "render_short", endless)

    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.FAILED, "TOOL_LIMIT_CPU")
    assert row.attempts == 1


def test_an_attempt_that_makes_progress_goes_on_and_one_that_stalls_ends(settings, monkeypatch):
    now = 0.0
    monkeypatch.setattr("jobs.watchdog.time.monotonic", lambda: now)
    settings.EXPORT_STALL_S, settings.EXPORT_TIMEOUT_S = 10, 1000
    attempt = attempts.Attempt(report=lambda *_: None, should_stop=lambda: False)

    for share in range(50):
        now += 9
        attempt.progress("encode", share / 50)
        assert not attempt.should_stop()
    now += 9
    attempt.progress("encode", 49 / 50)  # said again: no progress
    now += 2

    assert attempt.should_stop()
    with pytest.raises(ToolTimeoutError, match="no progress for 10 s"):
        attempt.check()


def test_an_attempt_has_an_end_whatever_its_progress(settings, monkeypatch):
    now = 0.0
    monkeypatch.setattr("jobs.watchdog.time.monotonic", lambda: now)
    settings.EXPORT_STALL_S, settings.EXPORT_TIMEOUT_S = 10, 1000
    attempt = attempts.Attempt(report=lambda *_: None, should_stop=lambda: False)

    now = 1001
    attempt.progress("encode", 0.5)

    with pytest.raises(ToolTimeoutError, match="longer than 1000 s"):
        attempt.check()


@pytest.mark.parametrize("name", ["EXPORT_TIMEOUT_S", "EXPORT_STALL_S"])
def test_an_attempt_that_takes_too_long_is_stopped(export, settings, name):
    setattr(settings, name, 0)
    settings.JOB_MAX_ATTEMPTS = 1

    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.FAILED, "TOOL_TIMEOUT")
    assert row.error_message == "The work took too long and was stopped."


@pytest.mark.parametrize("name", ["render_short", "verify_short"])
@pytest.mark.usefixtures("quick")
def test_a_stop_without_a_request_is_a_timeout(export, monkeypatch, settings, name):
    settings.JOB_MAX_ATTEMPTS = 1

    def overrun(*_args, **_options):
        begun[0]._watchdog._deadline = 0
        raise StoppedError("stopped")

    begun: list[attempts.Attempt] = []
    make = pipeline.make_short

    def watch(export, *, attempt, confirm_lease):
        begun.append(attempt)
        return make(export, attempt=attempt, confirm_lease=confirm_lease)

    monkeypatch.setattr(pipeline, "make_short", watch)
    monkeypatch.setattr(attempts, name, overrun)

    assert run(export).error_code == "TOOL_TIMEOUT"
