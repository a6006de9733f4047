"""No page's cost grows with what it does not show: each list with 100 rows and with 10,000."""

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import AccessToken, User
from exports.models import CaptionPreset, Export
from heimdex.observability.metrics import JobsCollector
from jobs.clock import database_now
from tests.factories import RECEIPT, UserFactory
from tests.query_cost import QueryCost, query_cost
from videos.models import Cue, Scene, Upload, Video
from videos.web.library.page import PAGE_SIZES

pytestmark = [
    pytest.mark.services,
    pytest.mark.no_cover,
    pytest.mark.usefixtures("on_postgres", "templates_as_deployed"),
]

FEW, MANY = 100, 10_000
SCENES, CUES = 5, 2
FAILED_AT, CANCELLED_AT, READY_BELOW = 3, 7, 20  # of ten exports, and how many still have a file
# What counting and sorting 10,000 index entries may read on top: an entry has some 100 to 150 bytes, a block 8 KiB, and
# the index is read once to count and once to sort. Their rows would be 1,250 blocks each time, their scenes more.
GROWTH_BLOCKS = 400
# What is shown lies in blocks of its own among many rows, with its scenes: so many blocks for each of those on a page.
SHOWN_BLOCKS, LIBRARY_SHOWN, SHOWN = 5, PAGE_SIZES["grid"], 25
ESTIMATED_STATES = (
    3  # exports that are completed, and those that are expired; videos that are ready
)
EXPORT_STATES = ("active", "ready", "failed", "cancelled", "expired")
PAGES = (
    *("/", "/?page=2", "/?status=failed", "/?sort=title", "/?sort=longest", "/?q=Talk+7"),
    *("/exports", "/exports?page=3", *(f"/exports?state={state}" for state in EXPORT_STATES)),
    *("/v1/me", "/v1/caption-presets", "/account/settings"),
    *("/v1/videos", "/v1/videos?status=READY", "/v1/videos?search=Talk+7"),
    *("/v1/videos?ordering=title", "/v1/videos?ordering=duration_s"),
    *("/v1/exports", "/v1/exports?status=completed", "/v1/exports?status=failed"),
)
ADMIN_LISTS = {
    "accounts/user": ("is_staff__exact=0", "p=2"),
    "accounts/accesstoken": ("scope__exact=write", "p=2"),
    "videos/video": ("status__exact=ready", "transcript_language=en", "error_code=NOT_A_VIDEO"),
    "videos/upload": ("p=2",),
    "exports/export": ("status__exact=failed", "error_code=TOOL_FAILED", "p=2"),
    "exports/captionpreset": ("is_default__exact=0",),
}


def add_rows(owner: User, first: int, last: int) -> None:
    """One more of everything for each number; each video with its scenes and cues."""
    now = database_now()
    at = [now - timedelta(minutes=number) for number in range(first, last)]
    users = User.objects.bulk_create(User(username=f"u{number}") for number in range(first, last))
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
            created_at=created,
            place_taken_at=created - timedelta(days=2),
            expires_at=created + timedelta(days=1 if number < READY_BELOW else -1),
            file_key=f"exports/{video.pk}" if number < READY_BELOW else "",
            receipt=RECEIPT,
            **_outcome(number, created),
        )
        for number, video, created in zip(range(first, last), videos, at, strict=True)
    )
    Upload.objects.bulk_create(
        Upload(
            owner=owner,
            filename="a.mp4",
            size_bytes=1,
            storage_key=f"s/{uuid.uuid4()}",
            finished_at=None if number < READY_BELOW else now,
        )
        for number in range(first, last)
    )
    AccessToken.objects.bulk_create(
        AccessToken(
            user=owner,
            name="script",
            hash=uuid.uuid4().hex,
            revoked_at=None if number < READY_BELOW else now,
        )
        for number in range(first, last)
    )
    CaptionPreset.objects.bulk_create(
        CaptionPreset(owner=users[i - i % 100], name=f"Style {i}", style={})
        for i, _user in enumerate(users)
    )
    vacuum()


def vacuum() -> None:
    """What autovacuum does soon: counts are then read from indexes."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _outcome(number: int, at: datetime) -> dict[str, Any]:
    """The columns of an export that failed, was cancelled, or, as most, was completed."""
    if number % 10 == FAILED_AT:
        return {"status": "failed", "error_code": "TOOL_FAILED"}
    if number % 10 == CANCELLED_AT:
        return {"status": "cancelled"}
    measured = {"file_size_bytes": 1, "duration_ms": 30_000}
    return {"status": "completed", "completed_at": at, **measured}


def _more_queries(url: str) -> tuple[int, ...]:
    """How many queries more a long list may take: one for each count that is estimated."""
    if url == "/metrics":
        return (ESTIMATED_STATES,)
    return (0, 1) if url.startswith("/admin/") else (0,)


def _more_blocks(url: str) -> int:
    """How many blocks more a long list may read."""
    is_library = url == "/" or url.startswith("/?")
    return GROWTH_BLOCKS + SHOWN_BLOCKS * (LIBRARY_SHOWN if is_library else SHOWN)


def test_no_lists_cost_grows_with_what_it_does_not_show():
    staff = UserFactory(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(staff)

    add_rows(staff, 0, FEW)
    video = Video.objects.all()[0]
    Export.objects.update(video=video)
    of_video = (f"/videos/{video.pk}/exports", f"/v1/exports?video={video.pk}")
    admin = [f"/admin/{model}/" for model in ADMIN_LISTS]
    admin += [f"/admin/{model}/?{query}" for model in ADMIN_LISTS for query in ADMIN_LISTS[model]]

    def costs() -> dict[str, QueryCost]:
        scrape = {"/metrics": query_cost(lambda: list(JobsCollector().collect()))}
        urls = [*PAGES, *of_video, *admin]
        for url in urls:
            assert client.get(url).status_code == 200, url
        return scrape | {url: query_cost(partial(client.get, url)) for url in urls}

    few = costs()
    add_rows(staff, FEW, MANY)
    Export.objects.exclude(video=video).filter(title__endswith="7").update(video=video)
    vacuum()
    many = costs()

    grown = {
        url: (few[url].queries, many[url].queries, few[url].blocks, many[url].blocks) for url in few
    }
    worse = {
        url: (facts, many[url].costliest[:2000])
        for url, facts in grown.items()
        if facts[1] - facts[0] not in _more_queries(url) or facts[3] > facts[2] + _more_blocks(url)
    }
    assert worse == {}, grown
    counted = client.get("/admin/videos/video/").context["cl"].result_count
    assert counted == pytest.approx(MANY, rel=0.1)  # by estimate
