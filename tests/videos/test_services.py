"""The verbs: what they accept, what they refuse, and that nothing is left behind."""

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction

from core.errors import CoreCode, HeimdexError
from mediakit.errors import ToolMissingError
from storage import files as storage_files
from tests.factories import CueFactory, ExportFactory, SceneFactory, UserFactory, VideoFactory
from tests.videos.conftest import SRT, remux
from videos import policy, services, tasks, transcript_services
from videos.choices import VideoStatus
from videos.library import deletion
from videos.models import Scene, Upload, Video
from videos.storage_keys import CaptionsFile

pytestmark = pytest.mark.django_db


@pytest.fixture
def committing(django_capture_on_commit_callbacks):
    """A block after which what waits for the commit has been done."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """A transaction that is rolled back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def code_of(action) -> str:
    with pytest.raises(HeimdexError) as refused:
        action()
    return refused.value.code.name


def test_a_video_is_probed_stored_and_queued(clip, upload, stored, sent_messages, committing):
    owner = UserFactory()
    with committing():
        video = services.create_video(
            owner=owner, file=upload(clip, "나의 강의.MP4"), language="KO"
        )

    video.refresh_from_db()
    assert (video.status, video.owner, video.title) == (VideoStatus.PENDING, owner, "나의 강의")
    assert (video.filename, video.language_wanted) == ("나의 강의.MP4", "ko")
    assert (video.width, video.height, video.frame_rate) == (160, 90, 25.0)
    assert 2_900 < (video.duration_ms or 0) < 3_100
    assert video.size_bytes == clip.stat().st_size
    assert video.probe["video"]["codec"] == "h264"
    assert video.queued_at is not None
    assert stored() == [f"sources/{owner.pk}/{video.pk}.mp4"] == [video.source_key]
    assert sent_messages == [video.pk]


def test_an_upload_on_disk_is_moved_not_copied(clip, settings, stored):
    file = TemporaryUploadedFile("clip.mp4", "video/mp4", clip.stat().st_size, None)
    file.write(clip.read_bytes())
    file.flush()
    services.create_video(owner=UserFactory(), file=file)
    assert len(stored()) == 1
    assert list(Path(settings.WORK_DIR).iterdir()) == []


@pytest.mark.services
def test_a_video_that_comes_whole_goes_to_s3_in_parts(on_s3, clip, upload):
    video = services.create_video(owner=UserFactory(), file=upload(clip))

    assert on_s3.keys() == [video.source_key]
    assert not Upload.objects.exists()
    client = on_s3.client()
    assert client.list_multipart_uploads(Bucket=on_s3.name).get("Uploads", []) == []


def test_captions_come_along(clip, upload, stored):
    video = services.create_video(
        owner=UserFactory(), file=upload(clip), captions=upload(SRT.encode(), "my words.srt")
    )
    assert video.captions_filename == "my words.srt"
    assert storage_files.read_bytes(video.captions_key, limit=1000) == SRT.encode()
    assert len(stored()) == 2


def test_no_message_is_sent_for_a_video_that_is_rolled_back(
    clip, upload, sent_messages, committing
):
    with committing(), undone():
        services.create_video(owner=UserFactory(), file=upload(clip))
    assert sent_messages == []


def test_a_broker_that_is_away_does_not_harm_the_upload(clip, upload, monkeypatch, committing):
    def refuse(*_args, **_kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.process_video, "apply_async", refuse)
    with committing():
        video = services.create_video(owner=UserFactory(), file=upload(clip))
    assert Video.objects.get(pk=video.pk).status == VideoStatus.PENDING


def audio_only(clip: Path, folder: Path) -> bytes:
    return remux(clip, folder / "sound.mp4", "-vn", "-c", "copy").read_bytes()


def blink(clip: Path, folder: Path) -> bytes:
    return remux(clip, folder / "blink.mp4", "-t", "0.4", "-c", "copy").read_bytes()


def truncated(clip: Path, folder: Path) -> bytes:
    whole = remux(clip, folder / "whole.mp4", "-c", "copy", "-movflags", "+faststart").read_bytes()
    return whole[: len(whole) // 3]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda *_: b"", "EMPTY_FILE"),
        (lambda *_: b"This is a letter, not a video.\n" * 40, "NOT_A_VIDEO"),
        (audio_only, "NO_VIDEO_STREAM"),
        (truncated, "TRUNCATED_FILE"),
        (blink, "VIDEO_TOO_SHORT"),
    ],
)
def test_what_is_no_playable_video_is_refused(*, content, code, clip, tmp_path, upload, stored):
    file = upload(content(clip, tmp_path))
    captions = upload(SRT.encode(), "words.srt")
    owner = UserFactory()
    refused = code_of(lambda: services.create_video(owner=owner, file=file, captions=captions))
    assert (refused, stored(), Video.objects.count()) == (code, [], 0)


def test_half_a_second_is_enough(clip, upload, tmp_path):
    short = remux(clip, tmp_path / "short.mp4", "-t", "0.5", "-c", "copy")
    video = services.create_video(owner=UserFactory(), file=upload(short))
    assert video.duration_ms in range(500, 540)


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("UPLOAD_MAX_BYTES", 1000, "FILE_TOO_LARGE"),
        ("UPLOAD_MAX_DURATION_S", 2, "VIDEO_TOO_LONG"),
        ("UPLOAD_MAX_PIXELS", 160 * 90 - 1, "VIDEO_TOO_LARGE"),
    ],
)
def test_what_breaks_a_limit_is_refused(*, clip, upload, stored, settings, setting, value, code):
    setattr(settings, setting, value)
    refused = code_of(lambda: services.create_video(owner=UserFactory(), file=upload(clip)))
    assert (refused, stored(), Video.objects.count()) == (code, [], 0)


def test_bad_captions_are_refused_before_the_video_is_stored(clip, upload, stored):
    captions = upload(b"no captions", "words.srt")
    refused = code_of(
        lambda: services.create_video(owner=UserFactory(), file=upload(clip), captions=captions)
    )
    assert (refused, stored(), Video.objects.count()) == ("CAPTIONS_INVALID", [], 0)


def test_a_storage_that_refuses_the_captions_leaves_no_video(clip, upload, stored, monkeypatch):
    def full(*_args, **_kwargs):
        raise HeimdexError(CoreCode.STORAGE_FULL)

    monkeypatch.setattr(storage_files, "save_bytes", full)
    captions = upload(SRT.encode(), "words.srt")
    refused = code_of(
        lambda: services.create_video(owner=UserFactory(), file=upload(clip), captions=captions)
    )
    assert (refused, stored(), Video.objects.count()) == ("STORAGE_FULL", [], 0)


@pytest.fixture
def waiting(clip, tmp_path) -> dict:
    """What an upload that arrived in pieces hands over: its bytes lie in storage already."""
    owner, video_id = UserFactory(), uuid.uuid4()
    key = f"sources/{owner.pk}/{video_id}.mp4"
    storage_files.save_bytes(key, clip.read_bytes(), content_type="video/mp4")
    size = clip.stat().st_size
    return {
        "video_id": video_id,
        "owner": owner,
        "source_key": key,
        "filename": "clip.mp4",
        "size_bytes": size,
    }


def test_a_stored_source_becomes_a_video_once(waiting, upload, stored):
    captions = services.store_captions(
        owner=waiting["owner"],
        video_id=waiting["video_id"],
        file=upload(SRT.encode(), "words.srt"),
    )
    first = services.accept_source(**waiting, title=" A title ", captions=captions)
    second = services.accept_source(**waiting, title="Another")
    assert (first.pk, second.title) == (waiting["video_id"], "A title")
    assert Video.objects.count() == 1
    assert stored() == sorted([first.captions_key, first.source_key])


def test_a_refused_source_is_removed_with_its_captions(waiting, settings, stored):
    settings.UPLOAD_MAX_DURATION_S = 1
    key = f"captions/{waiting['owner'].pk}/{waiting['video_id']}.srt"
    storage_files.save_bytes(key, SRT.encode(), content_type="text/plain")
    captions = CaptionsFile(key, "words.srt")
    refused = code_of(lambda: services.accept_source(**waiting, captions=captions))
    assert (refused, stored()) == ("VIDEO_TOO_LONG", [])


def test_a_source_stays_when_it_is_our_side_that_fails(waiting, stored, monkeypatch):
    def missing(*_args, **_options):
        raise ToolMissingError("ffprobe is not there", tool="ffprobe")

    monkeypatch.setattr(policy, "probe", missing)
    assert code_of(lambda: services.accept_source(**waiting)) == "TOOL_MISSING"
    assert stored() == [waiting["source_key"]]


def test_a_source_that_is_not_there_is_said_so(waiting, stored):
    storage_files.delete(waiting["source_key"])
    assert code_of(lambda: services.accept_source(**waiting)) == "SOURCE_MISSING"


def test_captions_can_be_added_later(upload, sent_messages, committing, stored):
    before = VideoFactory(captions_key="captions/1/old.vtt")
    storage_files.save_bytes("captions/1/old.vtt", b"old", content_type="text/plain")
    with committing():
        video = transcript_services.set_captions(before, file=upload(SRT.encode(), "words.srt"))
    assert (video.status, video.transcript_wanted) == (VideoStatus.PENDING, "captions")
    assert video.captions_filename == "words.srt"
    assert stored() == sorted(["captions/1/old.vtt", video.captions_key])
    assert sent_messages == [video.pk]


@pytest.mark.parametrize(
    ("state", "content", "code"),
    [({}, b"nothing", "CAPTIONS_INVALID"), ({"processing": True}, SRT.encode(), "VIDEO_BUSY")],
)
def test_captions_that_cannot_be_added_change_nothing(upload, stored, state, content, code):
    video = VideoFactory(**state)
    before = Video.objects.filter(pk=video.pk).values().get()
    file = upload(content, "words.srt")
    assert code_of(lambda: transcript_services.set_captions(video, file=file)) == code
    assert Video.objects.filter(pk=video.pk).values().get() == before
    assert stored() == []


def test_a_full_storage_leaves_a_video_without_captions_as_it_was(upload, monkeypatch):
    def full(*_args, **_kwargs):
        raise HeimdexError(CoreCode.STORAGE_FULL)

    video = VideoFactory()
    monkeypatch.setattr(storage_files, "save_bytes", full)
    file = upload(SRT.encode(), "words.srt")
    assert code_of(lambda: transcript_services.set_captions(video, file=file)) == "STORAGE_FULL"
    video.refresh_from_db()
    assert (video.status, video.captions_key) == (VideoStatus.READY, "")


def test_processing_again_keeps_scenes_and_exports_until_it_is_done(sent_messages, committing):
    before = VideoFactory(language_wanted="en")
    scene = SceneFactory(video=before)
    export = ExportFactory(video=before, scene_id=scene.pk, completed=True)
    with committing():
        video = services.request_reprocess(before, transcript="speech")
    assert (video.status, video.transcript_wanted) == (VideoStatus.PENDING, "speech")
    assert video.language_wanted == "en"
    assert Scene.objects.filter(pk=scene.pk).exists()
    export.refresh_from_db()
    assert (export.video_id, export.scene_id) == (video.pk, scene.pk)
    assert sent_messages == [video.pk]


def test_a_busy_video_is_not_processed_again(sent_messages):
    video = VideoFactory(processing=True)
    assert code_of(lambda: services.request_reprocess(video)) == "VIDEO_BUSY"
    assert sent_messages == []


@pytest.mark.parametrize("options", [{"language": "klingon!"}, {"transcript": "guess"}])
def test_an_invalid_option_is_refused(options):
    assert code_of(lambda: services.request_reprocess(VideoFactory(), **options)) == "INVALID_INPUT"


def test_a_title_can_be_changed():
    video = services.rename_video(VideoFactory(), title="  New\0 title\n")
    assert Video.objects.get(pk=video.pk).title == "New title"
    assert services.rename_video(video, title=" ").title == "talk"


def test_deleting_a_video_removes_its_files_and_keeps_its_exports(stored, committing):
    video = VideoFactory(captions_key="captions/1/words.srt")
    SceneFactory(video=video)
    CueFactory(video=video)
    export = ExportFactory(video=video, completed=True)
    mine = f"{video.owner_id}/{video.pk}/"
    keys = [video.source_key, video.captions_key]
    keys += [f"thumbnails/{mine}abc/0.jpg", f"stills/{mine}blur-0.jpg"]
    for key in [*keys, "sources/1/other.mp4", export.file_key]:
        storage_files.save_bytes(key, b"x", content_type="video/mp4")

    with committing():
        deletion.delete_video(video)

    assert not Video.objects.exists()
    assert stored() == sorted(["sources/1/other.mp4", export.file_key])
    export.refresh_from_db()
    assert (export.video_id, export.status) == (None, "completed")


def test_files_stay_when_the_deletion_is_rolled_back(stored, committing):
    video = VideoFactory()
    storage_files.save_bytes(video.source_key, b"x", content_type="video/mp4")
    with committing(), undone():
        deletion.delete_video(video)
    assert stored() == [video.source_key]
    assert Video.objects.filter(pk=video.pk).exists()
