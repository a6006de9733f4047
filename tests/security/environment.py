"""Seed data with one row of each kind, all of the owner's, and clients for every audience."""

import functools
import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.link_grants import make_grant
from accounts.models import AccessToken, User
from exports.downloads import signed_urls
from exports.models import Batch, Export, FinishFile
from jobs.clock import database_now
from storage import files
from tests.clips import info_of
from tests.factories import (
    BorderEditFactory,
    CaptionPresetFactory,
    CorrectionFactory,
    CueFactory,
    ExportFactory,
    SceneFactory,
    SuggestionFactory,
    TranscriptFactory,
    UploadFactory,
    UserFactory,
    VideoFactory,
)
from videos.clips.services import ClipState, create_clip
from videos.models import (
    MachineModel,
    Proxy,
    Scene,
    ScreenReading,
    SpeakerRename,
    SuggestionRanking,
    Upload,
    Video,
)

AUDIENCES = ("anonymous", "other", "owner", "staff")
# Tables and columns that a request may write without changing product data.
_NOT_COUNTED = {"Session", "AccessLog", "AccessAttempt", "AccessFailureLog", "LogEntry"}
_TOUCHED = {"last_login", "last_used_at"}


@dataclass(frozen=True, slots=True)
class SeedData:
    """The rows. `ids` fills the placeholders of URL patterns."""

    owner: User
    other: User
    staff: User
    video: Video
    scene: Scene
    export: Export
    upload: Upload
    token: AccessToken
    plain_token: str
    clip: Path
    ids: dict[str, str] = field(default_factory=dict)

    def client(self, audience: str, **options: Any) -> Client:
        """Return a client that is logged in as one of the audiences."""
        client = Client(raise_request_exception=False, **options)
        if audience != "anonymous":
            client.force_login(getattr(self, audience))
        return client

    def put_files(self) -> None:
        """Store every file of the rows that is not in storage."""
        save = files.save_bytes
        if files.size(self.video.source_key) is None:
            save(self.video.source_key, self.clip.read_bytes(), content_type="video/mp4")
        if files.size(self.export.file_key) is None:
            save(self.export.file_key, b"short", content_type="video/mp4")
        if files.size(self.video.thumbnail_key) is None:
            save(self.video.thumbnail_key, b"picture", content_type="image/jpeg")


def make_seed_data(clip: Path) -> SeedData:
    """Create one row of each kind, with the files in storage."""
    owner = UserFactory.create(username="owner")
    staff = UserFactory.create(username="boss", is_staff=True, is_superuser=True)
    video = VideoFactory.create(
        owner=owner,
        probe=info_of(clip).to_json(),
        duration_ms=1_000,
        thumbnail_key=f"thumbnails/{owner.pk}/a.jpg",
    )
    scene = SceneFactory.create(video=video, end_ms=1_000, thumbnail_key=video.thumbnail_key)
    CueFactory.create(video=video)
    video.transcript = TranscriptFactory.create(video=video, said="Three small words.")
    video.save()
    cues = [{"start_ms": 0, "end_ms": 900, "text": "Words", "words": [[0, 900, "Words"]]}]
    batch = Batch.objects.create(owner=owner, title="Both", name_template="{nn}")
    export = ExportFactory.create(
        video=video,
        completed=True,
        scene_id=scene.pk,
        caption_cues=cues,
        batch=batch,
        batch_number=1,
        file_size_bytes=5,
    )
    preset = CaptionPresetFactory.create(owner=owner)
    finish_file = FinishFile.objects.create(
        owner=owner,
        name="Intro",
        kind="picture",
        file_key=f"finish/{owner.pk}/intro.png",
        size_bytes=1,
    )
    upload = UploadFactory.create(owner=owner)
    kept = create_clip(owner, video, ClipState("Kept", [(0, 1_000)]))
    token, plain = AccessToken.make(user=owner, name="script")
    link = signed_urls.download_url(export, grant=make_grant(owner), at=database_now())
    other = UserFactory.create(username="other")
    seed = SeedData(owner, other, staff, video, scene, export, upload, token, plain, clip)
    seed.put_files()
    seed.ids.update(
        video=str(video.pk),
        scene=str(scene.pk),
        transcript=str(TranscriptFactory.create(video=video).pk),
        export=str(export.pk),
        upload=str(upload.pk),
        proxy=str(Proxy.objects.create(video=video, owner=owner).pk),
        screen_reading=str(ScreenReading.objects.create(video=video, owner=owner).pk),
        suggestion_ranking=str(
            SuggestionRanking.objects.create(video=video, owner=owner, status="failed").pk
        ),
        preset=str(preset.pk),
        finish_file=str(finish_file.pk),
        batch=str(batch.pk),
        clip=str(kept.pk),
        suggestion=str(SuggestionFactory.create(video=video, end_ms=1_000).pk),
        rename=str(SpeakerRename.objects.create(video=video, was="A", name="B").pk),
        border=str(BorderEditFactory.create(video=video).pk),
        correction=str(CorrectionFactory.create(video=video).pk),
        token=str(token.pk),
        user=str(owner.pk),
        group=str(Group.objects.create(name="crew").pk),
        attempt=str(
            AccessAttempt.objects.create(
                username="x", ip_address="127.0.0.1", failures_since_start=1
            ).pk
        ),
        failure=str(AccessFailureLog.objects.create(username="x", ip_address="127.0.0.1").pk),
        model=str(MachineModel.objects.create(machine="here", name="face", status="present").pk),
        log=str(AccessLog.objects.create(username="x", ip_address="127.0.0.1").pk),
        link=link.removeprefix("/d/"),
    )
    return seed


@dataclass(frozen=True, slots=True)
class ApiSeed:
    """A user's token, and ids for the API's paths."""

    plain_token: str
    path_ids: dict[str, str]


def make_api_seed() -> ApiSeed:
    """Create a video, a scene and an export without files, of a user with a very high export limit."""
    owner = UserFactory.create(username="scripted", export_limit=100_000)
    _, plain = AccessToken.make(user=owner, name="script")
    scene = SceneFactory.create(video=VideoFactory.create(owner=owner))
    CueFactory.create(video=scene.video)
    export = ExportFactory.create(video=scene.video, completed=True)
    transcript = TranscriptFactory.create(video=scene.video)
    suggestion = SuggestionFactory.create(video=scene.video)
    ids = {
        "video_id": str(scene.video.pk),
        "scene_id": str(scene.pk),
        "export_id": str(export.pk),
        "transcript_id": str(transcript.pk),
        "suggestion_id": str(suggestion.pk),
        "rename_id": str(SpeakerRename.objects.create(video=scene.video, was="A", name="B").pk),
        "border_id": str(BorderEditFactory.create(video=scene.video).pk),
        "correction_id": str(CorrectionFactory.create(video=scene.video).pk),
    }
    return ApiSeed(plain, ids)


def missing_ids(seed: SeedData) -> dict[str, str]:
    """Return ids of the same form that no row has."""
    return {
        name: str(uuid.uuid4()) if "-" in value and name != "link" else "987654"
        for name, value in seed.ids.items()
    }


def routes() -> Iterator[tuple[str, str]]:
    """Yield every route: its name with namespaces (`?` when it has none) and its pattern."""
    return _walk(get_resolver(), "", ())


def _walk(resolver: URLResolver, prefix: str, spaces: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield ":".join([*spaces, entry.name or "?"]), pattern
        else:
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry, pattern, inner)


@contextmanager
def undone(seed: SeedData, client: Client) -> Iterator[None]:
    """Undo every change to rows, cookies and files when the block ends."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies
    seed.put_files()


def fingerprint() -> dict[str, str]:
    """Return a digest of every table, to detect any change."""
    found = {}
    with connection.cursor() as cursor:
        for name, select in _selects().items():
            rows = sorted(map(repr, cursor.execute(select).fetchall()))
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


@functools.cache
def _selects() -> dict[str, str]:
    """The SQL that reads a model's rows, written once: most of the time of reading few rows goes into writing it."""
    return {
        model.__name__: str(
            model._base_manager.values_list(
                *(f.attname for f in model._meta.concrete_fields if f.attname not in _TOUCHED)
            ).query
        )
        for model in apps.get_models()
        if model.__name__ not in _NOT_COUNTED
    }


def body_of(answer: Any) -> str:
    """Return the whole body as text. Reading a streaming answer to its end closes it."""
    return answer.getvalue().decode("utf-8", "replace")
