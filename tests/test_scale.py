"""No page's cost grows with what it does not show: each list with 100 rows and with 10,000."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client

from accounts.models import AccessToken, User
from exports.models import Export
from jobs.clock import database_now
from tests.factories import UserFactory
from tests.query_cost import QueryCost, query_cost
from videos.models import Cue, Scene, Upload, Video

pytestmark = [
    pytest.mark.services,
    pytest.mark.ignore_template_errors,
    pytest.mark.usefixtures("on_postgres"),
]

FEW, MANY = 100, 10_000
SCENES, CUES = 5, 10
# What counting 10,000 index entries may read on top: an entry has some 50 bytes, a block 8 KiB. Their rows would be
# 1,500 blocks, their scenes more than that. Not held to this yet: the page of exports, which counts each state, and
# the admin's lists, which count all rows and look through them for their filters.
GROWTH_BLOCKS = 150
PAGES = ("/", "/?page=2", "/v1/videos", "/v1/exports", "/v1/me")


def add_rows(owner: User, first: int, last: int) -> None:
    """One more of everything for each number; each video with its scenes and cues."""
    now = database_now()
    at = [now - timedelta(minutes=number) for number in range(first, last)]
    User.objects.bulk_create(User(username=f"u{number}") for number in range(first, last))
    videos = Video.objects.bulk_create(
        Video(
            owner=owner,
            title=f"Talk {number}",
            filename="talk.mp4",
            source_key=f"sources/{number}",
            status="ready",
            duration_ms=60_000,
            shots_ms=list(range(0, 60_000, 500)),
            transcript_language="en",
        )
        for number in range(first, last)
    )
    Scene.objects.bulk_create(
        Scene(video=video, index=i, start_ms=i * 1000, end_ms=i * 1000 + 999, text="Words.")
        for video in videos
        for i in range(SCENES)
    )
    Cue.objects.bulk_create(
        Cue(video=video, index=i, start_ms=i * 1000, end_ms=i * 1000 + 999, text="Words.")
        for video in videos
        for i in range(CUES)
    )
    Export.objects.bulk_create(
        Export(
            owner=owner,
            video=video,
            title=video.title,
            start_ms=0,
            end_ms=30_000,
            status="completed",
            completed_at=created,
            created_at=created,
            place_taken_at=created - timedelta(days=2),
            expires_at=created + timedelta(days=400),
            file_key=f"exports/{video.pk}",
            file_size_bytes=1,
            duration_ms=30_000,
        )
        for video, created in zip(videos, at, strict=True)
    )
    Upload.objects.bulk_create(
        Upload(owner=owner, filename="a.mp4", size_bytes=1, storage_key=f"s/{uuid.uuid4()}")
        for _ in at
    )
    AccessToken.objects.bulk_create(
        AccessToken(user=owner, name="script", hash=uuid.uuid4().hex) for _ in at
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum does soon


def test_no_lists_cost_grows_with_what_it_does_not_show():
    staff = UserFactory(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(staff)

    def costs() -> dict[str, QueryCost]:
        for url in PAGES:
            assert client.get(url).status_code == 200
        return {url: query_cost(partial(client.get, url)) for url in PAGES}

    add_rows(staff, 0, FEW)
    few = costs()
    add_rows(staff, FEW, MANY)
    many = costs()

    grown = {
        url: (few[url].queries, many[url].queries, few[url].blocks, many[url].blocks)
        for url in PAGES
    }
    worse = {
        url: (facts, many[url].costliest[:2000])
        for url, facts in grown.items()
        if facts[0] != facts[1] or facts[3] > facts[2] + GROWTH_BLOCKS
    }
    assert worse == {}, grown
