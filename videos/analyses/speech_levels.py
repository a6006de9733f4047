"""Where a voice is heard in a video: read by clips, and measured for videos of an earlier release."""

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from core.errors import HeimdexError
from jobs.work_folders import work_folder
from mediakit.asr.speech_index import SpeechIndex
from mediakit.errors import MediaError
from storage.source_reader import open_source
from videos.choices import VideoStatus
from videos.kept_ranges import media_info
from videos.models import SpeechLevels, Video

logger = logging.getLogger(__name__)


def speech_index(video: Video) -> SpeechIndex:
    """Return the speech index of a video; an empty one without sound, and while it has not been measured."""
    row = SpeechLevels.objects.filter(video=video).first()
    return SpeechIndex(bytes(row.steps)) if row else SpeechIndex()


def without_levels() -> QuerySet[Video]:
    """Ready videos whose sound was not measured so, in random order: one whose file is away holds up no other."""
    return Video.objects.filter(status=VideoStatus.READY, speech_levels=None).order_by("?")


def measure_earlier(*, limit: int) -> int:
    """Measure up to `limit` videos of an earlier release; returns how many there were. Only for workers.

    A video whose sound cannot be decoded gets an empty row, so that it is not tried for ever. Raises the errors of
    storage.
    """
    videos = list(without_levels()[:limit])
    for video in videos:
        index = SpeechIndex()
        try:
            index = _measure(video)
        except MediaError as error:
            logger.warning("the sound of video %s cannot be measured: %s", video.pk, error)
        with transaction.atomic():
            same = Video.objects.select_for_update(no_key=True).filter(
                pk=video.pk, status=VideoStatus.READY, ready_at=video.ready_at
            )
            if same.exists():
                SpeechLevels.objects.get_or_create(video=video, defaults={"steps": index.steps})
    return len(videos)


def _measure(video: Video) -> SpeechIndex:
    # They bring numpy, which the web never needs.
    from mediakit.asr.chunking import SpeechAudio  # noqa: PLC0415
    from mediakit.asr.voice_activity import measure_speech  # noqa: PLC0415
    from mediakit.audio.level_meter import SPEECH_FILE  # noqa: PLC0415
    from mediakit.audio.speech_audio import write_speech_audio  # noqa: PLC0415

    try:
        info = media_info(video)
    except HeimdexError:  # nothing is known of its tracks
        return SpeechIndex()
    track = info.audio_track()
    if track is None:
        return SpeechIndex()
    with work_folder("sound") as work_dir, open_source(video.source_key) as source:
        wav = work_dir / SPEECH_FILE
        write_speech_audio(source, info, track, wav, timeout_s=settings.VIDEO_TIMEOUT_S)
        return measure_speech(SpeechAudio(wav))
