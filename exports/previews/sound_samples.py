"""A few seconds of a sound track to listen to, kept in storage for a day as stills are."""

from core.errors import HeimdexError
from core.throttles import Throttle
from exports.errors import ExportCode
from exports.previews import framing_stills
from exports.rendering.pipeline import source_info
from jobs.work_folders import work_folder
from mediakit.audio.sound_sample import SAMPLE_MS, write_sound_sample
from mediakit.media_info import AudioTrack, MediaInfo
from storage import files
from storage.source_reader import open_source
from videos.errors import VideoCode
from videos.models import Video

CONTENT_TYPE = "audio/mp4"
STEP_MS = 500  # times are rounded down to this
# How far from the requested time speech is looked for.
SPEECH_WITHIN_MS = 30_000
# Each sample that is not stored yet is a run of ffmpeg.
PER_USER = Throttle("sound-samples", limit=60)


def sound_sample(video: Video, *, track_index: int, time_ms: int) -> str:
    """Return the storage key of a sample of a sound track, which is made first if it is not stored yet.

    It begins where something is said within SPEECH_WITHIN_MS after `time_ms`, else at that time: the same place in
    every track. Raises NO_SUCH_TRACK for a track that is not there or cannot be decoded, VIDEO_NOT_READY before the
    video was probed, and THROTTLED as `framing_stills.framing_preview` does.
    """
    if not video.duration_ms or not video.probe:
        raise HeimdexError(VideoCode.VIDEO_NOT_READY)
    track = MediaInfo.from_json(video.probe).audio_track(track_index)
    if track is None or not track.is_readable:
        raise HeimdexError(ExportCode.NO_SUCH_TRACK, {"audio_track": track_index})
    last_ms = max(0, video.duration_ms - SAMPLE_MS)
    start_ms = min(_speech_ms(video, time_ms), last_ms) // STEP_MS * STEP_MS
    key = f"stills/{video.owner_id}/{video.pk}/sound-{track.index}-{start_ms}.m4a"
    framing_stills.make_once(
        key,
        owner_id=video.owner_id,
        throttle=PER_USER,
        make=lambda: _make(video, track, time_ms=start_ms, key=key),
    )
    return key


def _speech_ms(video: Video, time_ms: int) -> int:
    """When the next cue begins, or the time itself where it lies in a cue or there is none soon."""
    cue_ms = (
        video.cues.filter(end_ms__gt=time_ms, start_ms__lt=time_ms + SPEECH_WITHIN_MS)
        .order_by("index")
        .values_list("start_ms", flat=True)
        .first()
    )
    return max(time_ms, cue_ms or 0)


def _make(video: Video, track: AudioTrack, *, time_ms: int, key: str) -> None:
    with work_folder("still") as folder, open_source(video.source_key) as source:
        out = folder / "sample.m4a"
        info = source_info(video.probe, source)
        write_sound_sample(source, info, track, time_ms=time_ms, out=out)
        files.save_file(key, out, content_type=CONTENT_TYPE)
