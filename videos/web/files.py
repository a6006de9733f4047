"""Files of a video: source and captions for the player, thumbnails, the transcript as a download."""

import mimetypes
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from core.errors import HeimdexError
from core.http import json_errors
from mediakit.asr.waveform import pack_waveform
from mediakit.subtitles import writers
from mediakit.text.transcript import Cue
from storage.serving import content_disposition, serve_file
from videos.analyses.speech_levels import speech_index
from videos.clips.word_edges import edges_json
from videos.errors import VideoCode
from videos.library.thumbnails import serve_thumbnail
from videos.models import SpeechLevels, Video
from videos.queries import get_scene, get_transcript, get_video
from videos.transcripts import rows as transcript_rows
from videos.transcripts.download import KINDS, file_name, transcript_file
from videos.web.transcript.rendered import transcript_response

SOURCE_CACHE_S = 3600
WAVEFORM_FORMAT = 1
# Containers that browsers play under another content type than their file's extension has.
_PLAYBACK_TYPES = {
    ".mov": "video/mp4",
    ".m4v": "video/mp4",
    ".qt": "video/mp4",
    ".ts": "video/mp2t",
}


@require_safe
@login_required
@json_errors
def source(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """The source for the player; answers Range requests.

    On S3 the player keeps using the URL it was redirected to, so the link is valid for twice the video's duration.
    """
    video = get_video(request.user, video_id)
    if not video.source_key:
        raise HeimdexError(VideoCode.VIDEO_NOT_READY)
    return serve_file(
        request,
        video.source_key,
        content_type=playback_content_type(video.source_key),
        cache_s=SOURCE_CACHE_S,
        link_s=link_lifetime_s(video),
    )


@require_safe
@login_required
@json_errors
def thumbnail(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """A video's thumbnail."""
    return serve_thumbnail(request, get_video(request.user, video_id).thumbnail_key)


@require_safe
@login_required
@json_errors
def scene_thumbnail(request: HttpRequest, scene_id: UUID) -> HttpResponseBase:
    """A scene's thumbnail."""
    return serve_thumbnail(request, get_scene(request.user, scene_id).thumbnail_key)


@require_safe
@login_required
@json_errors
def captions_vtt(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """The transcript as captions for the player."""
    video = get_video(request.user, video_id)
    return transcript_response(
        request,
        video,
        "captions",
        content_type="text/vtt",
        write=lambda: writers.write_vtt(_cues(video)),
    )


@require_safe
@login_required
@json_errors
def waveform(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """What the timeline draws, as `mediakit.asr.waveform` packs it; 204 without sound, and while it is not measured."""
    video = get_video(request.user, video_id)
    index = speech_index(video)
    if not index.steps:
        return HttpResponse(status=204)
    etag = f'W/"{WAVEFORM_FORMAT}-{video.ready_at.timestamp() if video.ready_at else 0:.6f}"'
    response = get_conditional_response(request, etag, None, None)
    if response is None:
        response = HttpResponse(pack_waveform(index), content_type="application/octet-stream")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@login_required
@json_errors
def word_edges(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """Where cuts go beside each word, for the page's clips; an empty list while the sound has not been measured."""
    video = get_video(request.user, video_id)
    if not SpeechLevels.objects.filter(video=video).exclude(steps=b"").exists():
        return JsonResponse([], safe=False)
    return transcript_response(
        request,
        video,
        "edges",
        content_type="application/json",
        write=lambda: edges_json(video),
    )


@require_safe
@login_required
@json_errors
def transcript(request: HttpRequest, video_id: UUID, kind: str) -> HttpResponseBase:
    """The transcript as a download: txt, srt or vtt (with word times where they were measured)."""
    if kind not in KINDS:
        raise Http404
    video = get_video(request.user, video_id)
    chosen = KINDS[kind]
    response = transcript_response(
        request,
        video,
        kind,
        content_type=chosen.content_type,
        write=lambda: chosen.write(_cues(video)),
    )
    name = file_name(video.title, kind)
    response["Content-Disposition"] = content_disposition(name, attachment=True)
    return response


@require_safe
@login_required
@json_errors
def other_transcript(
    request: HttpRequest, video_id: UUID, transcript_id: UUID, kind: str
) -> HttpResponseBase:
    """One of the video's transcripts, in use or not, as a download: txt, srt or vtt."""
    if kind not in KINDS:
        raise Http404
    return transcript_file(get_transcript(request.user, video_id, transcript_id), kind)


def link_lifetime_s(video: Video) -> int:
    """How long a player may use the storage's own link to a video's file."""
    return 2 * (video.duration_ms or 0) // 1000 + settings.STORAGE_LINK_S


def playback_content_type(key: str) -> str:
    """The content type under which browsers play a source best, by its key's extension."""
    suffix = key[key.rfind(".") :] if "." in key else ""
    kind = _PLAYBACK_TYPES.get(suffix) or mimetypes.guess_type(key)[0] or ""
    return kind if kind.startswith("video/") else "video/mp4"


def _cues(video: Video) -> list[Cue]:
    """The stored cues. Raises NO_TRANSCRIPT when there are none."""
    cues = transcript_rows.shown_cues(video)
    if not cues:
        raise HeimdexError(VideoCode.NO_TRANSCRIPT)
    return cues
