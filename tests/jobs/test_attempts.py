"""A job's history: each attempt with its worker, and why it ended."""

from datetime import timedelta

import pytest

from core.errors import CoreCode
from exports import lifecycle as export_lifecycle
from exports.models import Export
from jobs import attempts, lease
from jobs.attempts import Reason
from jobs.clock import database_now
from tests.factories import ExportFactory, VideoFactory
from videos import lifecycle
from videos.models import Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("database")]


@pytest.fixture(autouse=True)
def _named(monkeypatch):
    monkeypatch.setitem(attempts._this_worker, "name", "videos@here")


def claimed() -> lease.Claim[Video]:
    claim = lease.claim_next(Video)
    assert claim is not None
    return claim


def history_of(job) -> list[tuple[int, str, str, str]]:
    """Number, outcome, code and stage of each attempt, the oldest first."""
    rows = job.attempt_history.order_by("started_at")
    return list(rows.values_list("number", "outcome", "error_code", "stage"))


def test_each_attempt_is_kept_with_its_worker_and_its_reason():
    video = VideoFactory(pending=True)
    reason = Reason("STORAGE_UNAVAILABLE", {}, "no route", "probe")
    lease.release(claimed(), reason=reason)
    assert history_of(video) == [(1, "retried", "STORAGE_UNAVAILABLE", "probe")]

    running = claimed()
    assert history_of(video)[1] == (2, "running", "", "")
    code = CoreCode.INTERNAL_ERROR
    lifecycle.fail(running, stage="scenes", code=code, tool_output="moov atom not found")

    first, second = video.attempt_history.order_by("started_at")
    assert history_of(video)[1] == (2, "failed", "INTERNAL_ERROR", "scenes")
    assert (first.tool_output, second.tool_output) == ("no route", "moov atom not found")
    assert first.worker == second.worker == "videos@here"
    assert first.started_at <= first.ended_at <= second.started_at <= second.ended_at


def test_a_stopped_worker_and_a_lost_one_are_told_apart(settings):
    video = VideoFactory(pending=True)
    lease.release(claimed(), refund_attempt=True)
    claimed()
    Video.objects.update(heartbeat_at=database_now() - timedelta(minutes=5), stage="speech")

    assert lease.sweep(Video).requeued == (video,)

    assert history_of(video) == [(1, "handed_back", "", ""), (1, "lost", "", "speech")]
    settings.JOB_MAX_ATTEMPTS = 1
    Video.objects.update(attempts=0)
    claimed()
    Video.objects.update(heartbeat_at=database_now() - timedelta(minutes=5))
    lease.sweep(Video)
    assert history_of(video)[2] == (1, "failed", "WORKER_LOST", "")


def test_a_cancelled_export_ends_its_attempt_and_its_worker_changes_nothing_more():
    export = ExportFactory()
    claim = lease.claim_next(Export)
    assert claim is not None

    assert export_lifecycle.cancel(export)

    with pytest.raises(lease.LeaseLostError):
        lease.release(claim)
    assert history_of(export) == [(1, "cancelled", "", "")]


def test_the_oldest_attempts_make_room(monkeypatch):
    monkeypatch.setattr(attempts, "KEPT_ATTEMPTS", 2)
    video = VideoFactory(pending=True)

    for _ in range(4):
        lease.release(claimed())

    assert [number for number, *_ in history_of(video)] == [3, 4]
