"""Finding a video's transcript: which sources there are, in which order, and why one gave nothing."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.conf import settings

from core.errors import CoreCode, ErrorCode, HeimdexError, media_code
from mediakit.asr.transcription_api import transcribe_remote
from mediakit.asr.whisper import transcribe
from mediakit.errors import MediaError, StoppedError
from mediakit.media_info import MediaInfo, SubtitleTrack
from mediakit.subtitles.formats import extract_track, parse_captions
from mediakit.text.languages import guess_language, normalize_language_code
from mediakit.text.transcript import Cue, Transcript, Word
from storage import files as storage_files
from storage.errors import StorageCode
from videos.choices import TranscriptSource
from videos.errors import VideoCode
from videos.models import Video

logger = logging.getLogger(__name__)

# Best first: what people wrote, before what a machine heard.
ORDER = (
    TranscriptSource.CAPTIONS,
    TranscriptSource.TRACK,
    TranscriptSource.SPEECH,
    TranscriptSource.SERVICE,
)
LISTENING = frozenset({TranscriptSource.SPEECH, TranscriptSource.SERVICE})


@dataclass(frozen=True, slots=True)
class Found:
    """A transcript and where it came from. `note` is an error code: why a better source gave nothing."""

    source: TranscriptSource
    transcript: Transcript
    note: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """What every source is read with. `source` is the video's path or loopback address."""

    video: Video
    source: str
    info: MediaInfo
    work_dir: Path
    should_stop: Callable[[], bool]
    on_progress: Callable[[float], None]


class _UnusableError(Exception):
    """A source gave no transcript; `code` says why."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Search:
    """A search through the sources in order of preference.

    1. `read` tries those that need no listening, up to the first that does.
    2. If `must_listen`, the caller makes the speech audio.
    3. `listen` tries the rest; it always gives an answer, perhaps an empty transcript.
    """

    job: Job
    found: Found | None = None
    _left: list[TranscriptSource] = field(default_factory=list)
    _note: ErrorCode | None = None

    def __post_init__(self) -> None:
        self._left, self._note = _candidates(self.job.video, self.job.info)

    @property
    def must_listen(self) -> bool:
        """Whether the sound is needed to go on."""
        return self.found is None and bool(self._left)

    def read(self) -> None:
        """Try written sources before the first that needs the sound."""
        while self.found is None and self._left and self._left[0] not in LISTENING:
            self._try(self._left.pop(0), None)

    def listen(self, speech_wav: Path | None) -> Found:
        """Try what is left, with the speech audio where there is one."""
        while self.found is None and self._left:
            self._try(self._left.pop(0), speech_wav)
        return self.found or Found(TranscriptSource.NONE, Transcript("", ()), self._note_name)

    def _try(self, source: TranscriptSource, wav: Path | None) -> None:
        try:
            transcript = _READERS[source](self.job, wav)
        except _UnusableError as reason:
            self._gave_nothing(source, reason.code)
            return
        transcript = within(transcript, self.job.info.duration_ms)
        if transcript.cues:
            self.found = Found(source, transcript, self._note_name)
        else:
            self._gave_nothing(source, VideoCode.NO_SPEECH)

    @property
    def _note_name(self) -> str:
        return self._note.name if self._note else ""

    def _gave_nothing(self, source: TranscriptSource, reason: ErrorCode) -> None:
        logger.warning("no transcript from %s: %s", source.value, reason)
        self._note = self._note or reason


def _candidates(video: Video, info: MediaInfo) -> tuple[list[TranscriptSource], ErrorCode | None]:
    """The sources that exist for this video, the wished one first, and why the wish cannot be met."""
    wanted = TranscriptSource(video.transcript_wanted)
    if wanted == TranscriptSource.NONE:
        return [], None
    missing = {source: _missing(source, video, info) for source in ORDER}
    usable = [source for source in ORDER if not missing[source]]
    if wanted == TranscriptSource.AUTO:
        return usable, None if usable else missing[TranscriptSource.SPEECH]
    return sorted(usable, key=lambda source: source != wanted), missing[wanted]


def _missing(source: TranscriptSource, video: Video, info: MediaInfo) -> ErrorCode | None:
    """The code that says why a source is not there; None when it is."""
    if source == TranscriptSource.CAPTIONS:
        return None if video.captions_key else VideoCode.NO_CAPTIONS_FILE
    if source == TranscriptSource.TRACK:
        return None if _text_tracks(video, info) else VideoCode.NO_SUBTITLE_TRACK
    if not info.audio:
        return VideoCode.NO_SOUND
    if source == TranscriptSource.SPEECH:
        return None if settings.SPEECH_MODEL else VideoCode.SPEECH_MODEL_MISSING
    return None if settings.SPEECH_API_URL else VideoCode.SPEECH_SERVICE_MISSING


def _from_captions(job: Job, _wav: Path | None) -> Transcript:
    """The uploaded file. It was readable when it came; if it is not now, another source may do."""
    try:
        data = storage_files.read_bytes(job.video.captions_key, limit=settings.CAPTIONS_MAX_BYTES)
        cues = parse_captions(data, filename=job.video.captions_filename)
    except HeimdexError as error:
        if error.code != StorageCode.SOURCE_MISSING:
            raise
        raise _UnusableError(VideoCode.CAPTIONS_UNREADABLE) from error
    except (MediaError, ValueError) as error:
        raise _UnusableError(VideoCode.CAPTIONS_UNREADABLE) from error
    return Transcript(job.video.language_wanted, tuple(cues))


def _text_tracks(video: Video, info: MediaInfo) -> list[SubtitleTrack]:
    """Text tracks worth reading, the wished language first; forced ones translate signs only."""
    wished = normalize_language_code(video.language_wanted).partition("-")[0]
    tracks = [track for track in info.subtitles if track.is_text and not track.is_forced]
    return sorted(
        tracks,
        key=lambda t: (
            bool(wished) and normalize_language_code(t.language) != wished,
            not t.is_default,
        ),
    )


def _from_track(job: Job, _wav: Path | None) -> Transcript:
    for track in _text_tracks(job.video, job.info):
        try:
            cues = extract_track(
                job.source, job.info, track.index, job.work_dir, should_stop=job.should_stop
            )
        except StoppedError:
            raise
        except MediaError:
            logger.warning("subtitle track %d cannot be read", track.index, exc_info=True)
            continue
        if cues:
            language = normalize_language_code(track.language) or job.video.language_wanted
            return Transcript(language, tuple(cues))
    raise _UnusableError(VideoCode.NO_SUBTITLE_TRACK)


def _from_speech(job: Job, wav: Path | None) -> Transcript:
    if wav is None:
        raise _UnusableError(VideoCode.NO_SOUND)
    try:
        return transcribe(
            wav,
            model=settings.SPEECH_MODEL,
            device=settings.SPEECH_DEVICE,
            compute_type=settings.SPEECH_COMPUTE_TYPE,
            language=job.video.language_wanted,
            on_progress=job.on_progress,
            should_stop=job.should_stop,
            duration_ms=job.info.duration_ms,
        )
    except StoppedError:
        raise
    except MediaError as error:
        raise _unusable(error, otherwise=VideoCode.SPEECH_MODEL_MISSING) from error


def _from_service(job: Job, wav: Path | None) -> Transcript:
    if wav is None:
        raise _UnusableError(VideoCode.NO_SOUND)
    try:
        return transcribe_remote(
            wav,
            url=settings.SPEECH_API_URL,
            key=settings.SPEECH_API_KEY,
            model=settings.SPEECH_API_MODEL,
            language=job.video.language_wanted,
            timeout_s=settings.REMOTE_TIMEOUT_S,
            on_progress=job.on_progress,
            should_stop=job.should_stop,
        )
    except StoppedError:
        raise
    except MediaError as error:
        raise _unusable(error, otherwise=VideoCode.SPEECH_SERVICE_FAILED) from error


_READERS: dict[TranscriptSource, Callable[[Job, Path | None], Transcript]] = {
    TranscriptSource.CAPTIONS: _from_captions,
    TranscriptSource.TRACK: _from_track,
    TranscriptSource.SPEECH: _from_speech,
    TranscriptSource.SERVICE: _from_service,
}


def _unusable(error: MediaError, *, otherwise: ErrorCode) -> _UnusableError:
    logger.warning("%s: %s", type(error).__name__, error)
    code = media_code(error.code)
    return _UnusableError(otherwise if code is CoreCode.INTERNAL_ERROR else code)


def within(transcript: Transcript, duration_ms: int) -> Transcript:
    """The transcript without what lies past the video's end, and with a two-letter language.

    A source that does not say its language is read for it.
    """
    cues = tuple(_cues_within(transcript.cues, duration_ms))
    language = normalize_language_code(transcript.language)
    return Transcript(language or guess_language(" ".join(cue.text for cue in cues)), cues)


def _cues_within(cues: Iterable[Cue], duration_ms: int) -> Iterable[Cue]:
    for cue in cues:
        if cue.start_ms >= duration_ms:
            continue
        end_ms = min(cue.end_ms, duration_ms)
        words = tuple(
            Word(min(word.start_ms, end_ms), min(word.end_ms, end_ms), word.text, word.estimated)
            for word in cue.words
        )
        yield replace(cue, end_ms=end_ms, words=words)
