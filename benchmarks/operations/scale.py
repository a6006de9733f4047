"""`make scale`: what pages, API lists and admin cost in a large installation on PostgreSQL.

1,000 people, 20,000 videos, 500,000 scenes and 3,000,000 cues are written by COPY into a fresh database. One person
owns 2,000 of the videos, all others 18 or 19 each. The table says, for each address: queries, 8 KiB blocks that
PostgreSQL read for them, processor time of this process and bytes of the answer.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import bulk_rows, environment
from tests import services

PEOPLE, VIDEOS, SCENES, CUES, EXPORTS = 1_000, 20_000, 25, 150, 5
LIBRARIAN, OF_LIBRARIAN = 1, 2_000  # the number of the person with most videos, and how many
SCENE_MS, CUE_MS = 24_000, 4_000
TURNS = 3
WORDS = ["so", "what", "we", "found", "is", "that", "few", "read", "the", "second", "page"]


@dataclass(frozen=True, slots=True)
class Row:
    """The cost of one address."""

    url: str
    queries: int
    blocks: int
    cpu_ms: float
    size: int


def main() -> None:
    """Fill the database and print the table."""
    description = "What pages, API lists and admin cost in a large installation on PostgreSQL."
    argparse.ArgumentParser(description=description).parse_args()
    with tempfile.TemporaryDirectory() as folder, services.postgres() as url:
        os.environ["DATABASE_URL"] = url
        environment.set_up(Path(folder))
        began = time.monotonic()
        fill()
        print(f"Filled in {time.monotonic() - began:.0f} s.\n", file=sys.stderr)
        print("| address | queries | blocks read | CPU ms | answer, kB |\n|---|---|---|---|---|")
        for row in measure():
            print(
                f"| `{row.url}` | {row.queries} | {row.blocks:,} | {row.cpu_ms:.1f} | {row.size / 1000:,.1f} |"
            )


def fill() -> None:
    """Write everything by COPY."""
    from django.db import connection  # noqa: PLC0415 - after the set-up

    from accounts.models import User  # noqa: PLC0415
    from exports.models import Export  # noqa: PLC0415
    from videos.models import Cue, Scene, Video  # noqa: PLC0415

    now = datetime.now(UTC)
    videos = [uuid.UUID(int=number + 1) for number in range(VIDEOS)]
    bulk_rows.write(User, ["id", "username"], ((n + 1, f"person{n + 1}") for n in range(PEOPLE)))
    columns = ["id", "owner_id", "title", "filename", "source_key", "status", "duration_ms"]
    columns += ["width", "height", "transcript_language", "size_bytes", "created_at", "ready_at"]
    bulk_rows.write(Video, columns, _videos(videos, now))
    spans = [(i, i * SCENE_MS, (i + 1) * SCENE_MS) for i in range(SCENES)]
    text = " ".join(WORDS * 6)
    bulk_rows.write(
        Scene,
        ["id", "video_id", "index", "start_ms", "end_ms", "text"],
        ((uuid.uuid4(), video, *span, text) for video in videos for span in spans),
    )
    bulk_rows.write(
        Cue,
        ["video_id", "index", "start_ms", "end_ms", "text", "words"],
        _cues(videos),
        skip=["id"],
    )
    bulk_rows.write(Export, EXPORT_COLUMNS, _exports(videos, now))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _owner(number: int) -> int:
    others = PEOPLE - 1
    return LIBRARIAN if number < OF_LIBRARIAN else LIBRARIAN + 1 + number % others


def _videos(videos: Sequence[uuid.UUID], now: datetime) -> Iterator[Sequence[Any]]:
    for number, video in enumerate(videos):
        at = now - timedelta(minutes=number)
        title = f"Talk {number} about {WORDS[number % len(WORDS)]}"
        yield (
            *(video, _owner(number), title, f"talk{number}.mp4", f"sources/{video}", "ready"),
            *(SCENES * SCENE_MS, 1920, 1080, "en", 100_000_000, at, at),
        )


def _cues(videos: Sequence[uuid.UUID]) -> Iterator[Sequence[Any]]:
    text, each_ms = " ".join(WORDS), CUE_MS // len(WORDS)
    lines = []
    for index in range(CUES):
        start_ms = index * CUE_MS
        starts = [start_ms + at * each_ms for at in range(len(WORDS))]
        words = [[at, at + each_ms, word] for at, word in zip(starts, WORDS, strict=True)]
        lines.append((index, start_ms, start_ms + CUE_MS, text, json.dumps(words)))
    return ((video, *line) for video in videos for line in lines)


EXPORT_COLUMNS = (
    *("id", "owner_id", "video_id", "title", "start_ms", "end_ms", "status", "created_at"),
    *("place_taken_at", "completed_at", "expires_at", "file_size_bytes", "duration_ms", "receipt"),
)


def _exports(videos: Sequence[uuid.UUID], now: datetime) -> Iterator[Sequence[Any]]:
    receipt = json.dumps({"rules": []})
    for number, video in enumerate(videos):
        for place in range(EXPORTS):
            at = now - timedelta(days=2, minutes=number * EXPORTS + place)
            yield (
                *(
                    uuid.uuid4(),
                    _owner(number),
                    video,
                    f"Talk {number}",
                    0,
                    30_000,
                    "completed",
                    at,
                ),
                *(at, at, at + timedelta(days=1), 10_000_000, 30_000, receipt),
            )


def measure() -> Iterator[Row]:
    """Yield the cost of each address, for the person with most videos, who is also staff."""
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from tests.query_cost import query_cost  # noqa: PLC0415
    from videos.models import Scene, Video  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("collectstatic", interactive=False, verbosity=0)
    librarian = User.objects.get(pk=LIBRARIAN)
    librarian.is_staff = librarian.is_superuser = True
    librarian.save()
    client = Client()
    client.force_login(librarian)
    video = Video.objects.filter(owner=librarian)[0]
    scene = Scene.objects.filter(video=video)[0]
    for url in addresses(video.pk, scene.pk):
        answer = client.get(url)
        if answer.status_code != 200:
            sys.exit(f"{url} answered {answer.status_code}")
        cost = query_cost(partial(client.get, url))
        times = [_cpu_ms(partial(client.get, url)) for _turn in range(TURNS)]
        size = len(answer.getvalue())
        yield Row(url, cost.queries, cost.blocks, statistics.median(times), size)


def addresses(video: uuid.UUID, scene: uuid.UUID) -> list[str]:
    """Return what is measured: pages, the API, the admin."""
    return [
        *("/", "/?page=50", "/?sort=title", "/?sort=longest", "/?q=Talk+7", "/?status=ready"),
        *(f"/videos/{video}", f"/videos/{video}/captions.vtt", f"/videos/{video}/exports"),
        *("/exports", "/exports?page=50", "/upload", "/account/settings"),
        *("/v1/me", "/v1/videos", "/v1/videos?page=50", "/v1/videos?search=Talk+7"),
        *(f"/v1/videos/{video}/details", f"/v1/scenes/{scene}"),
        *("/v1/exports", "/v1/exports?status=completed&page=50"),
        *("/admin/", "/admin/accounts/user/", "/admin/videos/video/", "/admin/videos/video/?p=100"),
        *("/admin/exports/export/", "/admin/exports/export/?status__exact=failed"),
        *(f"/admin/accounts/user/{LIBRARIAN}/change/", f"/admin/accounts/user/{LIBRARIAN}/delete/"),
    ]


def _cpu_ms(call: Any) -> float:
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()
