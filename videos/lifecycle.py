"""The states of a video. Besides `jobs.lease`, only this module writes `status`.

    pending -> processing -> ready | failed        ready | failed -> pending (reprocess)

Every change is an UPDATE guarded by the old state or the claim's token, and its row count is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from core.errors import ErrorCode
from jobs import lease
from jobs.lease import Claim, LeaseLostError
from mediakit.asr.speech_index import SpeechIndex
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.media_info import MediaInfo
from storage import files as storage_files
from videos.choices import VideoStatus
from videos.corrections.speakers import apply_all
from videos.models import Cue, Scene, SoundLevels, SpeechLevels, Suggestion, Transcript, Video
from videos.proxies.lifecycle import ensure_proxy
from videos.screen_text.rows import ensure_reading
from videos.search.entries import index_video
from videos.suggestions import rows as suggestion_rows
from videos.transcripts import rows as transcript_rows

# What decides what speech recognition hears.
_HEARING = ("language_wanted", "transcript_wanted", "audio_track_wanted", "range_to_hear")


@dataclass(frozen=True, slots=True)
class ProcessingResult:
    """The result of processing: columns of the video, rows that are not saved yet, and what is known of its sound."""

    columns: Mapping[str, Any]
    scenes: tuple[Scene, ...]
    cues: tuple[Cue, ...]
    loudness_index: LoudnessIndex | None = None
    # What was read or heard, not saved yet; None when there are no words.
    transcript: Transcript | None = None
    suggestions: tuple[Suggestion, ...] = ()
    speech_index: SpeechIndex = field(default_factory=SpeechIndex)


def media_columns(info: MediaInfo) -> dict[str, Any]:
    """The columns of a video that come from probing its file."""
    return {
        "probe": info.to_json(),
        "size_bytes": info.size_bytes,
        "duration_ms": info.duration_ms,
        "width": info.video.display_width,
        "height": info.video.display_height,
        "frame_rate": float(info.video.frame_rate),
    }


def finish(claim: Claim[Video], result: ProcessingResult) -> None:
    """Mark a claimed video as READY and replace its scenes and cues; the old thumbnails are removed.

    After LeaseLostError nothing has changed and the new thumbnails are removed. They stay if rows name them: then an
    earlier call succeeded and only the database's response was lost.
    """
    try:
        with transaction.atomic():
            _finish(claim, result)
    except LeaseLostError:
        new = {result.columns["thumbnail_key"], *(scene.thumbnail_key for scene in result.scenes)}
        named = Scene.objects.filter(thumbnail_key__in=new - {""}).exists()
        if not named and not Video.objects.filter(thumbnail_key__in=new - {""}).exists():
            storage_files.delete(*sorted(new - {""}))
        raise


def _finish(claim: Claim[Video], result: ProcessingResult) -> None:
    lease.write(
        claim,
        **result.columns,
        status=VideoStatus.READY,
        claim_token=None,
        stage="",
        progress=100,
        hearing_stopped=False,
        range_to_hear=None,
        ready_at=Now(),
        updated_at=Now(),
    )
    video = claim.row
    scene_keys = video.scenes.values_list("thumbnail_key", flat=True)
    replaced = {video.thumbnail_key, *scene_keys} - {""}
    if result.transcript is not None:
        kept = transcript_rows.keep(video, result.transcript)
        if video.range_to_hear:  # what a person asked for stays through later processing
            columns = {"transcript_chosen": kept, "transcript_wanted": kept.source}
            Video.objects.filter(pk=video.pk).update(**columns)
    else:
        transcript_rows.adopt_shown(video)
        Video.objects.filter(pk=video.pk).update(transcript=None)
    video.scenes.all().delete()
    video.cues.all().delete()
    video.pieces.all().delete()
    Scene.objects.bulk_create(result.scenes, batch_size=500)
    Cue.objects.bulk_create(result.cues, batch_size=500)
    suggestion_rows.replace(video.pk, result.suggestions)
    video.refresh_from_db(fields=["probe", "transcript_language"])
    apply_all(video)
    index_video(video.pk)
    ensure_proxy(video)
    ensure_reading(video)
    SoundLevels.objects.filter(video=video).delete()
    if result.loudness_index is not None and result.loudness_index.track is not None:
        levels = {"track": result.loudness_index.track, "blocks": result.loudness_index.blocks}
        SoundLevels.objects.create(video=video, **levels)
    SpeechLevels.objects.update_or_create(
        video=video, defaults={"steps": result.speech_index.steps}
    )
    if replaced:
        transaction.on_commit(partial(storage_files.delete, *sorted(replaced)), robust=True)


def fail(
    claim: Claim[Video],
    *,
    stage: str,
    code: ErrorCode,
    params: Mapping[str, Any] | None = None,
    tool_output: str = "",
) -> None:
    """Mark a claimed video as FAILED, with its stage and error code. LeaseLostError changes nothing."""
    lease.fail(
        claim,
        code=code,
        params=params,
        tool_output=tool_output,
        stage=stage,
        updated_at=Now(),
    )


def _hears_other(video: Video, columns: Mapping[str, Any]) -> bool:
    return any(columns.get(name, getattr(video, name)) != getattr(video, name) for name in _HEARING)


def restart(video: Video, **columns: Any) -> bool:
    """Queue a video again with all its attempts; False when it is pending or being processed.

    `columns` are further columns to set, such as the language. The old scenes stay until the new ones are saved. What
    was heard before a failure is heard again only where the columns change what is to be heard; a range that was to be
    heard when processing failed is then still what is asked for.
    """
    if video.status != VideoStatus.FAILED or _hears_other(video, columns):
        columns.setdefault("range_to_hear", None)
    if _hears_other(video, columns) or video.status == VideoStatus.READY:
        columns["heard_ms"] = None
    idle = Video.objects.filter(pk=video.pk, status__in=(VideoStatus.READY, VideoStatus.FAILED))
    changed = idle.update(
        status=VideoStatus.PENDING,
        stage="",
        progress=0,
        attempts=0,
        error_code="",
        error_params={},
        tool_output="",
        hearing_stopped=False,
        started_at=None,
        queued_at=Now(),
        updated_at=Now(),
        **columns,
    )
    if changed and "heard_ms" in columns:
        video.pieces.all().delete()
    return bool(changed)
