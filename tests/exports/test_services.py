"""Asking for an export, stopping it, asking again, taking it away."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.utils import timezone

from core.errors import HeimdexError
from core.idempotency import IdempotencyKey
from exports import lifecycle, policy, queries, services
from exports.captions.styles import ShortStyle
from exports.choices import ExportStatus
from exports.models import Export
from exports.retention import files as retention
from exports.services import ExportRequest
from mediakit.captions.caption_style import PRESETS, Overlays
from storage import files
from storage.errors import StorageCode
from tests.factories import CueFactory, ExportFactory, SceneFactory, UserFactory, VideoFactory

pytestmark = pytest.mark.django_db


def ask(video, *, user=None, idempotency_key=None, **changes):
    request = {
        "video": video,
        "start_ms": 1_000,
        "end_ms": 31_000,
        "strategy": "center_crop",
        "quality": "high",
    }
    wanted = ExportRequest(**{**request, **changes})
    return services.request_export(user or video.owner, wanted, idempotency_key=idempotency_key)


def store(key: str) -> None:
    files.save_bytes(key, b"a short", content_type="video/mp4")


def test_an_accepted_export_waits_and_a_worker_is_woken(on_commit, sent_messages):
    scene = SceneFactory(index=2, start_ms=0, end_ms=40_000)

    with on_commit():
        export = ask(scene.video, scene=scene, strategy="blur", quality="medium")

    row = Export.objects.get()
    assert row == export
    assert (row.status, row.attempts, row.progress) == (ExportStatus.PENDING, 0, 0)
    assert (row.aspect_ratio_strategy, row.output_quality) == ("blur", "medium")
    assert (row.scene_id, row.scene_number, row.title) == (scene.pk, 3, scene.video.title)
    assert (row.start_ms, row.end_ms) == (1_000, 31_000)
    assert row.expires_at == row.created_at + timedelta(hours=24)
    assert row.queued_at == row.place_taken_at == row.created_at
    assert sent_messages == [str(export.pk)]


def test_a_short_is_called_by_its_first_sentence_or_as_asked():
    video = VideoFactory(title="Talk")
    CueFactory(video=video, start_ms=500, end_ms=5_000, text="We measured it. Twice.")

    spoken, named = ask(video, start_ms=400), ask(video, title=" Our\nfigures ")
    silent = ask(video, start_ms=60_000, end_ms=70_000)

    assert [row.title for row in (spoken, named, silent)] == [
        "We measured it.",
        "Our figures",
        "Talk",
    ]
    assert {row.video_title for row in (spoken, named, silent)} == {"Talk"}
    assert services.rename_export(named, "Better\0 ").title == "Better"
    with pytest.raises(HeimdexError, match="INVALID_INPUT"):
        services.rename_export(named, " \n")


def test_exports_deleted_together_come_back_until_their_files_are_removed():
    made = ExportFactory(completed=True)
    running = ExportFactory(owner=made.owner, video=made.video, processing=True)
    theirs = ExportFactory(completed=True)
    store(made.file_key)
    ids = [made.pk, running.pk, theirs.pk]

    assert set(services.delete_exports(made.owner, ids)) == {made.pk, running.pk}

    assert not Export.objects.visible_to(made.owner).exists()
    assert retention.remove_expired_files(at=timezone.now()) == []
    assert services.restore_exports(theirs.owner, ids) == 0
    assert services.restore_exports(made.owner, ids) == 2
    assert services.restore_exports(made.owner, ids) == 0
    running.refresh_from_db()
    assert running.status == ExportStatus.CANCELLED
    assert default_storage.exists(made.file_key)

    services.delete_exports(made.owner, ids)
    later = timezone.now() + timedelta(seconds=queries.UNDO_S)
    assert [row.pk for row in retention.remove_expired_files(at=later)] == [made.pk]
    assert services.restore_exports(made.owner, [made.pk]) == 0


def test_nothing_is_left_of_a_refused_request(on_commit, sent_messages):
    with on_commit(), pytest.raises(HeimdexError, match="SPAN_OUTSIDE_VIDEO"):
        ask(VideoFactory(), end_ms=121_000)

    assert not Export.objects.exists()
    assert sent_messages == []


@pytest.mark.parametrize(
    ("changes", "field"), [({"strategy": "zoom"}, "aspect"), ({"quality": "8k"}, "output")]
)
def test_choices_that_do_not_exist_are_named(changes, field):
    with pytest.raises(HeimdexError, match="INVALID_INPUT") as caught:
        ask(VideoFactory(), **changes)

    assert field in caught.value.message
    assert "Choose one of" in caught.value.message


def test_a_video_that_is_not_ready_is_refused():
    with pytest.raises(HeimdexError, match="VIDEO_NOT_READY"):
        ask(VideoFactory(processing=True))


def test_another_users_video_is_not_found():
    with pytest.raises(HeimdexError, match="VIDEO_NOT_FOUND"):
        ask(VideoFactory(), user=UserFactory())


def test_the_eleventh_export_is_refused(settings):
    video = VideoFactory()
    for _ in range(settings.EXPORT_LIMIT):
        ask(video)

    with pytest.raises(HeimdexError, match="EXPORT_LIMIT_EXCEEDED"):
        ask(video)

    assert Export.objects.count() == settings.EXPORT_LIMIT


def test_ten_failures_do_not_use_up_the_quota(settings):
    video = VideoFactory()
    for _ in range(settings.EXPORT_LIMIT + 1):
        export = ask(video)
        Export.objects.filter(pk=export.pk).update(status=ExportStatus.FAILED)

    assert ask(video).status == ExportStatus.PENDING


def test_the_same_key_gives_the_same_export(settings):
    settings.EXPORT_LIMIT = 1
    video = VideoFactory()

    first = ask(video, idempotency_key=IdempotencyKey("one click"))

    assert ask(video, idempotency_key=IdempotencyKey("one click")) == first
    assert Export.objects.count() == 1


def test_a_key_belongs_to_its_user():
    first = ask(VideoFactory(), idempotency_key=IdempotencyKey("k"))

    assert ask(VideoFactory(), idempotency_key=IdempotencyKey("k")) != first


def test_no_key_makes_every_request_its_own():
    video = VideoFactory()

    assert ask(video) != ask(video)


def test_a_video_deleted_at_the_same_moment_is_not_found(monkeypatch):
    def too_late(*_args, **_options):
        raise IntegrityError

    monkeypatch.setattr(services, "_check_and_insert", too_late)

    with pytest.raises(HeimdexError, match="VIDEO_NOT_FOUND"):
        ask(VideoFactory())


def test_a_key_written_at_the_same_moment_is_found(monkeypatch):
    video = VideoFactory()

    def too_late(export, **_options):
        ExportFactory(video=video, idempotency_key=export.idempotency_key)
        raise IntegrityError

    monkeypatch.setattr(services, "_check_and_insert", too_late)

    assert ask(video, idempotency_key=IdempotencyKey("k")) == Export.objects.get()


def test_a_repeated_request_may_have_taken_the_last_slot(monkeypatch, settings):
    settings.EXPORT_LIMIT = 1
    video, check = VideoFactory(), policy.check_quota

    def twin_first(user, *, at):
        monkeypatch.setattr(policy, "check_quota", check)
        ExportFactory(video=video, idempotency_key="k")
        check(user, at=at)

    monkeypatch.setattr(policy, "check_quota", twin_first)

    assert ask(video, idempotency_key=IdempotencyKey("k")) == Export.objects.get()


@pytest.mark.parametrize("state", [{}, {"processing": True}])
def test_cancelling_ends_an_active_export_at_once(state):
    export = ExportFactory(**state)

    cancelled = services.cancel_export(export)

    assert cancelled.status == ExportStatus.CANCELLED
    assert cancelled.claim_token is None


@pytest.mark.parametrize("state", ["completed", "failed", "cancelled"])
def test_an_ended_export_cannot_be_cancelled(state):
    export = ExportFactory(**{state: True})

    with pytest.raises(HeimdexError, match="EXPORT_NOT_CANCELLABLE"):
        services.cancel_export(export)

    export.refresh_from_db()
    assert export.status == state


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_retry_resets_the_row_and_takes_a_slot(state, on_commit, sent_messages, settings):
    settings.EXPORT_LIMIT = 1
    long_ago = timezone.now() - timedelta(days=3)
    export = ExportFactory(place_taken_at=long_ago, tool_output="words", **{state: True})

    with on_commit():
        again = services.retry_export(export)

    assert (again.status, again.attempts, again.progress) == (ExportStatus.PENDING, 0, 0)
    assert (again.error_code, again.tool_output) == ("", "")
    assert again.place_taken_at > long_ago
    assert again.expires_at == again.place_taken_at + timedelta(hours=24)
    assert sent_messages == [str(export.pk)]
    with pytest.raises(HeimdexError, match="EXPORT_LIMIT_EXCEEDED"):
        ask(export.video)


def test_a_retry_needs_a_free_slot(settings):
    settings.EXPORT_LIMIT = 1
    export = ExportFactory(failed=True)
    ask(export.video)

    with pytest.raises(HeimdexError, match="EXPORT_LIMIT_EXCEEDED"):
        services.retry_export(export)

    export.refresh_from_db()
    assert export.status == ExportStatus.FAILED


@pytest.mark.parametrize("state", [{}, {"processing": True}, {"completed": True}])
def test_only_failed_and_cancelled_exports_are_retried(state):
    export = ExportFactory(**state)

    with pytest.raises(HeimdexError, match="EXPORT_NOT_RETRYABLE"):
        services.retry_export(export)


def test_a_deleted_export_is_not_retried():
    export = ExportFactory(failed=True)
    services.delete_export(export)

    with pytest.raises(HeimdexError, match="EXPORT_NOT_RETRYABLE"):
        services.retry_export(export)


def test_a_retry_without_its_video_is_refused():
    export = ExportFactory(failed=True)
    export.video.delete()

    with pytest.raises(HeimdexError, match="SOURCE_MISSING"):
        services.retry_export(export)


def test_deleting_a_finished_export_removes_its_file_and_keeps_its_slot(settings):
    settings.EXPORT_LIMIT = 1
    export = ExportFactory(completed=True, idempotency_key="k")
    store(export.file_key)

    services.delete_export(export)

    assert not default_storage.exists(export.file_key)
    assert not Export.objects.visible_to(export.owner).exists()
    row = Export.objects.get()
    assert (row.status, row.file_key, row.idempotency_key) == (ExportStatus.COMPLETED, "", "")
    with pytest.raises(HeimdexError, match="EXPORT_LIMIT_EXCEEDED"):
        ask(export.video)


def test_deleting_a_running_export_cancels_it(settings):
    settings.EXPORT_LIMIT = 1
    export = ExportFactory(processing=True)

    services.delete_export(export)

    row = Export.objects.get()
    assert (row.status, row.claim_token) == (ExportStatus.CANCELLED, None)
    assert ask(export.video)


def test_deleting_while_the_storage_is_away_is_finished_by_the_schedule(monkeypatch):
    export = ExportFactory(completed=True)
    store(export.file_key)
    with monkeypatch.context() as away:
        away.setattr(files, "delete", _unavailable)
        services.delete_export(export)
    assert default_storage.exists(export.file_key)

    retention.remove_expired_files(at=timezone.now() + timedelta(seconds=queries.UNDO_S))

    assert not default_storage.exists(export.file_key)
    assert Export.objects.get().file_key == ""


def test_expiring_by_hand_ends_its_time_now():
    export = ExportFactory(completed=True)
    store(export.file_key)

    expired = services.expire_export(export)

    assert expired.is_expired(at=timezone.now())
    assert expired.expires_at <= timezone.now()
    assert expired.file_key == ""
    assert not default_storage.exists(export.file_key)


def test_only_a_completed_export_can_be_expired():
    with pytest.raises(HeimdexError, match="EXPORT_NOT_COMPLETED"):
        services.expire_export(ExportFactory(failed=True))


def test_an_export_outlives_its_scenes_and_its_video():
    scene = SceneFactory()
    export = ask(scene.video, scene=scene)
    scene.video.delete()

    export.refresh_from_db()
    assert (export.video, export.scene_number, export.title) == (None, 1, scene.video.title)


def test_a_lost_race_for_a_retry_is_a_refusal(monkeypatch):
    monkeypatch.setattr(lifecycle, "retry", lambda *_args, **_options: False)

    with pytest.raises(HeimdexError, match="EXPORT_NOT_RETRYABLE"):
        services.retry_export(ExportFactory(failed=True))


def _unavailable(*_keys: str) -> None:
    raise HeimdexError(StorageCode.STORAGE_UNAVAILABLE)


def test_requests_are_limited_even_if_their_slots_are_freed(settings):
    settings.EXPORT_LIMIT, settings.EXPORT_REQUESTS_PER_PLACE = 1, 3
    video = VideoFactory()
    export = ask(video)
    for _ in range(2):
        services.cancel_export(export)
        services.retry_export(export)
    services.cancel_export(export)

    with pytest.raises(HeimdexError, match="EXPORT_REQUESTS_EXCEEDED") as refused:
        services.retry_export(export)
    with pytest.raises(HeimdexError, match="EXPORT_REQUESTS_EXCEEDED"):
        ask(video)

    assert refused.value.details == {"limit": 3}
    assert Export.objects.count() == 1
    long_ago = timezone.now() - timedelta(seconds=settings.EXPORT_WINDOW_S + 1)
    Export.objects.update(place_taken_at=long_ago)
    assert ask(video).status == ExportStatus.PENDING


def test_captions_that_no_font_can_draw_are_refused_before_the_work():
    video = VideoFactory(duration_ms=60_000)
    CueFactory(video=video, start_ms=2_000, end_ms=5_000, text="𐎀𐎁𐎂 𐎃𐎄 ok")
    style = ShortStyle(PRESETS["outline"])
    with pytest.raises(HeimdexError) as refused:
        ask(video, style=style)
    assert (refused.value.code.name, refused.value.details["letters"]) == (
        "CAPTIONS_NOT_DRAWABLE",
        "𐎀𐎁𐎂𐎃𐎄",
    )
    assert refused.value.details["scripts"] == ["Ugaritic"]
    assert ask(video).caption_cues
    with pytest.raises(HeimdexError, match="TITLE_NOT_DRAWABLE"):
        ask(video, style=ShortStyle(overlays=Overlays(hook="𐎀𐎁 a")))
    assert ask(video, style=ShortStyle(overlays=Overlays(hook="𐎀 title"))).look
    video.cues.update(text="𐎀 mostly plain", words=[[2_000, 5_000, "𐎀 mostly plain"]])
    assert ask(video, style=style).caption_cues
