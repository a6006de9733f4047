"""The admin's front page: an operator sees what failed and why, what waits, who works, and retries from there."""

import tomllib
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as product_settings
from django.contrib.auth.models import Permission
from django.urls import reverse

from exports.choices import ExportStatus
from heimdex.observability import failures
from jobs.clock import database_now
from tests.factories import ExportFactory, UserFactory, VideoFactory
from videos.choices import VideoStatus
from videos.models import Proxy
from workers.models import WorkerProcess

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("templates_as_deployed")]

ROOT = Path(__file__).resolve().parents[3]


def failed_attempt(job, *, hours_ago: float = 0, output: str = "") -> None:
    """An attempt that failed as the job did."""
    at = database_now() - timedelta(hours=hours_ago)
    job.attempt_history.create(
        pk=uuid.uuid4(),
        number=3,
        worker="exports@one",
        outcome="failed",
        error_code=job.error_code,
        ended_at=at,
        tool_output=output,
    )


def front(client) -> str:
    return client.get(reverse("admin:index")).content.decode()


def test_a_failure_is_shown_with_its_reason_and_its_owners_limit_and_retried(staff_client):
    owner = UserFactory(username="ann", export_limit=10)
    video = VideoFactory(owner=owner)
    ExportFactory.create_batch(3, video=video, owner=owner, completed=True)
    export = ExportFactory(video=video, owner=owner, failed=True, title="<i>Lost</i>")
    failed_attempt(export, output="moov <atom> not found")
    ExportFactory(failed=True, title="Long ago")

    page = front(staff_client)

    for words in ("&lt;i&gt;Lost&lt;/i&gt;", "The video tool stopped", "moov &lt;atom&gt;", "ann"):
        assert words in page
    assert "3 of 10 exports" in page
    assert "attempt 3 on exports@one" in page
    assert "Long ago" not in page

    form = {"action": "retry", "_selected_action": export.pk, "index": "0", "back": "front"}
    url = reverse("admin:exports_export_changelist")
    answer = staff_client.post(url, form)
    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:index"))
    export.refresh_from_db()
    assert export.status == ExportStatus.PENDING
    page = front(staff_client)
    assert "1 row: queued again." in page
    assert f'value="{export.pk}"' not in page


def test_a_failed_video_is_processed_again_from_there(staff_client):
    video = VideoFactory(failed=True, title="Broken")
    failed_attempt(video)
    assert "Broken" in front(staff_client)

    form = {"action": "reprocess", "_selected_action": video.pk, "index": "0", "back": "front"}
    staff_client.post(reverse("admin:videos_video_changelist"), form)

    video.refresh_from_db()
    assert video.status == VideoStatus.PENDING


def test_a_failed_proxy_is_shown_by_its_video_and_made_again_from_there(staff_client):
    video = VideoFactory(title="Odd codec")
    proxy = Proxy.objects.create(
        video=video, owner=video.owner, status="failed", error_code="TOOL_FAILED"
    )
    failed_attempt(proxy)
    assert "Odd codec" in front(staff_client)

    url = reverse("admin:videos_proxy_changelist")
    form = {"action": "retry", "_selected_action": proxy.pk, "index": "0"}
    staff_client.post(url, {**form, "back": "front"})
    again = staff_client.post(url, form, follow=True).content.decode()

    proxy.refresh_from_db()
    assert proxy.status == "pending"
    assert "Odd codec: That is not possible in its present state." in again


def test_reasons_are_counted_once_a_job_and_only_of_a_day(staff_client):
    twice, once = ExportFactory.create_batch(2, failed=True)
    for job in (twice, twice, once):
        failed_attempt(job, hours_ago=1)
    failed_attempt(ExportFactory(failed=True), hours_ago=25)

    shown = staff_client.get(reverse("admin:index")).context["operator"]["failures"]

    assert [(reason.code, reason.count) for reason in shown.reasons] == [("TOOL_FAILED", 2)]
    listed = staff_client.get(shown.reasons[0].url)
    assert listed.context["cl"].result_count == 3


def test_queues_say_when_nobody_serves_them(staff_client):
    ExportFactory(queued_at=database_now() - timedelta(minutes=20))
    page = front(staff_client)
    assert "21 minutes" in page  # rounded up
    assert "No worker has been seen for a day" in page
    assert "none for: Shorts, Videos, Playback proxies" in page

    WorkerProcess.objects.create(name="exports@one", queues="exports", version="0.0.1")
    silent = WorkerProcess.objects.create(name="videos@two", queues="videos", version="0.0.1")
    WorkerProcess.objects.filter(pk=silent.pk).update(seen_at=database_now() - timedelta(hours=2))

    page = front(staff_client)
    assert "exports@one" in page
    assert "none for: Videos, Playback proxies" in page
    assert "2\xa0hours" in page


def test_a_disk_that_fills_is_said_with_what_follows(staff_client, settings):
    settings.HEALTH_MIN_FREE_BYTES = 10**15

    assert " folder: files are refused" in front(staff_client)


def test_it_says_what_it_runs_on(staff_client):
    page = front(staff_client)

    assert product_settings.VERSION in page
    assert "SQLite 3." in page
    released = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert released == product_settings.VERSION


def test_staff_see_only_what_they_may_view(client):
    failed_attempt(ExportFactory(failed=True, title="Secret Short"))
    failed_attempt(VideoFactory(failed=True, title="Secret video"))
    viewer = UserFactory(is_staff=True)
    client.force_login(viewer)
    page = front(client)
    assert "Secret" not in page

    viewer.user_permissions.add(Permission.objects.get(codename="view_export"))
    page = front(client)
    assert "Secret Short" in page
    assert "Secret video" not in page
    assert 'name="action"' not in page


def test_it_costs_no_more_for_more_failures(staff_client, count_queries, monkeypatch):
    monkeypatch.setattr(failures, "READ_ATTEMPTS", 5)
    video = VideoFactory()
    failed_attempt(ExportFactory(video=video, owner=video.owner, failed=True))
    front(staff_client)
    one = count_queries(lambda: front(staff_client))
    for _ in range(8):
        failed_attempt(ExportFactory(video=video, owner=video.owner, failed=True))

    assert count_queries(lambda: front(staff_client)) == one
    shown = staff_client.get(reverse("admin:index")).context["operator"]["failures"]
    assert (shown.count, shown.is_cut) == (5, True)
