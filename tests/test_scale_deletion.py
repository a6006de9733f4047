"""Deleting much in the admin, on PostgreSQL: the page that asks loads little, and no transaction is idle for long."""

import tracemalloc
from collections.abc import Mapping

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from exports.models import Export
from exports.retention.users import delete_requested_users
from tests.factories import UserFactory, VideoFactory
from videos.models import Cue, Scene, SearchEntry, Video

pytestmark = [
    pytest.mark.services,
    pytest.mark.no_cover,
    pytest.mark.usefixtures("on_postgres", "templates_as_deployed"),
]

VIDEOS, SCENES, CUES, SELECTED = 520, 4, 10, 400
LONG_SCENES, LONG_CUES = 3_000, 20_000
IDLE_LIMIT = "5s"  # half of the product's own; the fault took 11.7 s
PAGE_BYTES = 30_000_000  # most that asking may take: 633 MB once


@pytest.fixture
def staff() -> Client:
    """A superuser's client."""
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def shorten_idle_limit() -> None:
    """Have the database end a transaction in which nothing happens for IDLE_LIMIT."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_LIMIT}'")


def person_with_much() -> User:
    """A user with many videos, scenes, cues, index entries and exports."""
    user = UserFactory()
    made = (
        Video(owner=user, title=f"Talk {n}", filename="a.mp4", source_key=f"sources/{n}")
        for n in range(VIDEOS)
    )
    videos = Video.objects.bulk_create(made)
    spans = [{"start_ms": i * 1000, "end_ms": i * 1000 + 999, "index": i} for i in range(CUES)]
    scenes = Scene.objects.bulk_create(
        Scene(video=video, text="Words.", **spans[i]) for video in videos for i in range(SCENES)
    )
    Cue.objects.bulk_create(
        (Cue(video=video, text="Words.", **span) for video in videos for span in spans),
        batch_size=5_000,
    )
    SearchEntry.objects.bulk_create(
        SearchEntry(owner=user, video_id=scene.video_id, scene=scene, body="word", version=1)
        for scene in scenes
    )
    now = videos[0].created_at
    Export.objects.bulk_create(
        Export(owner=user, video=video, title="A", start_ms=0, end_ms=9_000, expires_at=now)
        for video in videos
    )
    return user


def asked(staff: Client, url: str, form: Mapping[str, object] | None = None) -> str:
    """The page that asks, within PAGE_BYTES; what follows has IDLE_LIMIT."""
    shorten_idle_limit()
    tracemalloc.start()
    try:
        response = staff.post(url, form) if form else staff.get(url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert response.status_code == 200
    assert peak < PAGE_BYTES
    return response.content.decode()


def test_a_person_with_many_videos_is_deleted(staff):
    user = person_with_much()
    url = reverse("admin:accounts_user_delete", args=[user.pk])
    assert f"Videos: {VIDEOS}" in asked(staff, url)

    assert staff.post(url, {"post": "yes"}, follow=True).status_code == 200
    assert delete_requested_users() == 0  # a run deletes a part of the videos
    assert delete_requested_users() == 1

    for model in (Video, Scene, Cue, SearchEntry, Export):
        assert not model.objects.exists(), model
    assert not User.objects.filter(pk=user.pk).exists()


def test_many_videos_are_deleted_by_one_action(staff):
    person_with_much()
    url = reverse("admin:videos_video_changelist")
    chosen = [str(pk) for pk in Video.objects.values_list("pk", flat=True)[:SELECTED]]
    form = {"action": "delete_selected", "_selected_action": chosen}
    assert f"Cues: {SELECTED * CUES}" in asked(staff, url, form)

    page = staff.post(url, form | {"post": "yes"}, follow=True).content.decode()

    left = Video.objects.count()
    assert left == VIDEOS - SELECTED or f"{left - VIDEOS + SELECTED} rows are left" in page
    assert left < VIDEOS
    assert Cue.objects.count() == left * CUES
    assert Export.objects.count() == VIDEOS  # Shorts outlive what they were cut from


def test_a_video_with_a_long_transcript_is_deleted(staff):
    video = VideoFactory()
    spans = [{"start_ms": i, "end_ms": i + 1, "index": i} for i in range(LONG_CUES)]
    scenes = Scene.objects.bulk_create(Scene(video=video, **span) for span in spans[:LONG_SCENES])
    Cue.objects.bulk_create(Cue(video=video, text="Words.", **span) for span in spans)
    SearchEntry.objects.bulk_create(
        SearchEntry(owner_id=video.owner_id, video=video, scene=scene, body="word", version=1)
        for scene in scenes
    )
    url = reverse("admin:videos_video_delete", args=[video.pk])
    assert f"Cues: {LONG_CUES}" in asked(staff, url)

    assert staff.post(url, {"post": "yes"}, follow=True).status_code == 200

    for model in (Video, Scene, Cue, SearchEntry):
        assert not model.objects.exists(), model
