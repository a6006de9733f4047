"""Reading the screen is a durable job: queued with processing, gone on with after a crash, switched off."""

from datetime import timedelta

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from jobs import lease, notify
from jobs.clock import database_now
from mediakit.errors import ToolError
from mediakit.screen_text.reading import TextOnScreen
from tests.factories import UserFactory, VideoFactory
from videos import tasks
from videos.choices import ModelStatus, VideoStatus
from videos.models import MachineModel, ScreenReading, ScreenText, Video
from videos.screen_text import pipeline, rows

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = TextOnScreen(0, 4_000, "Caching\x00 strategies", 0.98)


@pytest.fixture(autouse=True)
def no_messages(monkeypatch):
    monkeypatch.setattr(notify, "send_later", lambda *_: None)
    monkeypatch.setattr(notify, "send", lambda *_: None)


@pytest.fixture
def video() -> Video:
    return VideoFactory.create(status=VideoStatus.READY)


@pytest.fixture
def reads(monkeypatch) -> list[object]:
    """What reading gives, one after the other; an error is raised."""
    answers: list[object] = []

    def read(_claim, *, on_progress, should_stop):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(pipeline, "read", read)
    return answers


def run() -> ScreenReading:
    ScreenReading.objects.filter(status="pending").update(queued_at=database_now())
    tasks.read_screens()
    return ScreenReading.objects.get()


def test_a_video_of_an_earlier_release_is_read_once(video, reads):
    reads.append(rows.Reading((TEXT,), "ppocr6"))
    tasks.ask_for_screen_text()
    tasks.ask_for_screen_text()

    done = run()

    assert (done.status, done.reader, done.owner_id) == ("completed", "ppocr6", video.owner_id)
    text = ScreenText.objects.get(video=video)
    assert (text.text, text.start_ms, text.end_ms) == ("Caching strategies", 0, 4_000)
    video.refresh_from_db()
    assert video.screen_read_at is not None
    tasks.ask_for_screen_text()
    assert run().attempts == 1


def test_a_lost_worker_gives_the_row_back_and_writes_nothing(video, reads, settings):
    rows.ensure_reading(video)
    claim = lease.claim_next(ScreenReading)
    assert claim is not None
    late = database_now() - timedelta(seconds=2 * settings.JOB_LEASE_S)
    ScreenReading.objects.update(heartbeat_at=late)

    assert tasks.sweep_screen_readings()

    with pytest.raises(lease.LeaseLostError):
        rows.finish(claim, rows.Reading((TEXT,), "ppocr6"))
    assert not ScreenText.objects.exists()
    reads.append(rows.Reading((TEXT,), "ppocr6"))
    assert run().status == "completed"
    assert ScreenText.objects.count() == 1


def test_an_error_is_tried_again_and_then_kept_and_the_admin_reads_again(
    video, reads, settings, staff_client, templates_as_deployed
):
    rows.ensure_reading(video)
    reads += [ToolError("no picture", tool="ffmpeg")] * settings.JOB_MAX_ATTEMPTS
    for _ in range(settings.JOB_MAX_ATTEMPTS):
        failed = run()
    assert (failed.status, failed.error_code) == ("failed", "TOOL_FAILED")

    url = reverse("admin:videos_screenreading_changelist")
    assert video.title in staff_client.get(url).content.decode()
    chosen = {"action": "read_again", "_selected_action": [str(failed.pk)]}
    staff_client.post(url, chosen)

    reads.append(rows.Reading((TEXT,), "ppocr6"))
    assert run().status == "completed"
    page = staff_client.get(reverse("admin:videos_video_change", args=[video.pk]))
    assert "Caching strategies" in page.content.decode()


def test_without_a_model_it_is_read_when_one_came(video, reads):
    rows.ensure_reading(video)
    reads += [rows.Reading((), ""), rows.Reading((TEXT,), "ppocr6")]
    assert run().reader == ""
    tasks.ask_for_screen_text()
    assert run().reader == ""

    MachineModel.objects.create(
        machine="worker", name="reader", status=ModelStatus.PRESENT, size_bytes=1
    )
    tasks.ask_for_screen_text()

    assert run().reader == "ppocr6"


def test_switched_off_nothing_is_queued_or_read(video, settings):
    rows.ensure_reading(video)
    settings.READ_SCREEN = False
    other = VideoFactory.create(owner=UserFactory.create(), status=VideoStatus.READY)

    rows.ensure_reading(other)
    tasks.ask_for_screen_text()

    assert run().status == "pending"
    assert tasks.sweep_screen_readings()


def test_the_api_lists_it_in_pages_for_its_owner_only(video):
    for index, (text, confidence) in enumerate([("Caching\nWrite-through", 0.98), ("역사", 0.9)]):
        span = {"start_ms": index * 9_000, "end_ms": index * 9_000 + 4_500}
        video.screen_texts.create(index=index, text=text, confidence=confidence, **span)
    url, api = f"/v1/videos/{video.pk}/screen-text", APIClient()

    api.force_authenticate(video.owner)
    page = api.get(url, {"page_size": 1}).json()
    after = api.get(page["next"]).json()

    shown = {"index": 0, "start_s": 0.0, "end_s": 4.5, "confidence": 0.98}
    assert page["results"] == [{**shown, "text": "Caching\nWrite-through"}]
    assert (page["count"], [each["text"] for each in after["results"]]) == (2, ["역사"])
    api.force_authenticate(UserFactory.create())
    stranger = api.get(url)
    assert (stranger.status_code, stranger.json()["error_code"]) == (404, "VIDEO_NOT_FOUND")
