"""Finds a video's transcript: tries its sources in order of preference and notes why a source gave none."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from core.errors import ErrorCode, HeimdexError
from mediakit.asr.chunking import SpeechAudio
from mediakit.errors import MediaError, StoppedError
from mediakit.media_info import MediaInfo, SubtitleTrack
from mediakit.probing.track_roles import (
    dialogue_subtitles,
    is_other_language,
    spoken_language,
)
from mediakit.subtitles.cues.clock_offset import clock_offset_ms, shift_earlier
from mediakit.subtitles.formats import extract_track, read_captions
from mediakit.text.languages import is_guessable, normalize_language_code
from mediakit.text.transcript import Cue, Transcript
from storage import files as storage_files
from storage.errors import StorageCode
from videos import model_files
from videos.choices import HEARD, TranscriptSource
from videos.errors import VideoCode
from videos.models import Transcript as TranscriptRow
from videos.models import Video
from videos.transcripts import rows as transcript_rows
from videos.transcripts.captions_report import report_of
from videos.transcripts.clipping import clip_to_duration, language_of
from videos.transcripts.range_hearing import from_range
from videos.transcripts.reading import (
    Reader,
    Reading,
    SearchContext,
    SoundNeededError,
    UnusableError,
)
from videos.transcripts.speech import from_service, from_speech
from videos.transcripts.untimed_text import with_heard_times

logger = logging.getLogger(__name__)

# Best first: text that people wrote, then speech recognition.
PREFERENCE = (
    TranscriptSource.CAPTIONS,
    TranscriptSource.TRACK,
    TranscriptSource.SPEECH,
    TranscriptSource.SERVICE,
)


@dataclass(frozen=True, slots=True)
class FoundTranscript:
    """A transcript and its source. `note` is an error code that says why a better source gave none.

    `heard_until_ms` is where a person ended the hearing; None otherwise.
    """

    source: TranscriptSource
    transcript: Transcript
    note: str = ""
    heard_until_ms: int | None = None
    # What was read or heard, before it was clipped to the video; not saved. None when nothing was found.
    row: TranscriptRow | None = None


_Step = tuple[TranscriptSource, Reader]


@dataclass(slots=True)
class TranscriptSearch:
    """A search through the sources in order of preference.

    1. `read_written` tries the sources before the first one that needs audio.
    2. If `needs_audio`, the caller extracts the speech audio; it may still be written while it is heard.
    3. `transcribe` tries the remaining sources; it always returns a transcript, perhaps an empty one.
    """

    context: SearchContext
    found: FoundTranscript | None = None
    _remaining: list[_Step] = field(default_factory=list)
    _note: ErrorCode | None = None

    def __post_init__(self) -> None:
        self._remaining, self._note = _candidates(self.context.video, self.context.info)

    @property
    def needs_model(self) -> bool:
        """Whether the speech model has to be fetched before it can be used."""
        if self.found is not None or all(
            source != TranscriptSource.SPEECH for source, _ in self._remaining
        ):
            return False
        chosen = model_files.choose_speech_model(self.context.video.language_wanted)
        return chosen is not None and chosen.missing is not None

    @property
    def needs_audio(self) -> bool:
        """Whether the remaining sources need the speech audio."""
        return self.found is None and bool(self._remaining)

    def read_written(self) -> None:
        """Try the written sources before the first one that needs audio."""
        while self.found is None and self._remaining and not _needs_audio(self._remaining[0]):
            step = self._remaining.pop(0)
            try:
                self._try(*step, None)
            except SoundNeededError:
                self._remaining.insert(0, step)
                break

    def transcribe(self, audio: SpeechAudio | None) -> FoundTranscript:
        """Try the remaining sources, with the speech audio if the video has sound."""
        while self.found is None and self._remaining:
            self._try(*self._remaining.pop(0), audio)
        return self.found or FoundTranscript(
            TranscriptSource.NONE, Transcript("", ()), self._note_name
        )

    def _try(self, source: TranscriptSource, read: Reader, audio: SpeechAudio | None) -> None:
        try:
            reading = read(self.context, audio)
        except UnusableError as reason:
            self._record_failure(source, reason.code)
            return
        transcript = clip_to_duration(reading.transcript, self.context.info.duration_ms)
        if transcript.cues:
            if source == TranscriptSource.TRACK and self._may_be_translation:
                self._note = self._note or VideoCode.SPOKEN_LANGUAGE_UNKNOWN
            row = transcript_rows.new_row(
                self.context.video,
                source=source,
                language=transcript.language,
                cues=reading.transcript.cues,
                **(self.context.captions_columns if source == TranscriptSource.CAPTIONS else {}),
            )
            self.found = FoundTranscript(
                source, transcript, self._note_name, reading.heard_until_ms, row
            )
        else:
            self._record_failure(source, VideoCode.NO_SPEECH)

    @property
    def _may_be_translation(self) -> bool:
        """Whether nothing tells which language the video's sound is in."""
        video, info = self.context.video, self.context.info
        is_asked_for = video.transcript_wanted == TranscriptSource.TRACK
        return bool(info.audio) and not (is_asked_for or _spoken(video, info))

    @property
    def _note_name(self) -> str:
        return self._note.name if self._note else ""

    def _record_failure(self, source: TranscriptSource, reason: ErrorCode) -> None:
        logger.warning("no transcript from %s: %s", source.value, reason)
        self._note = self._note or reason


def _candidates(video: Video, info: MediaInfo) -> tuple[list[_Step], ErrorCode | None]:
    """The video's usable sources, the requested one first, and the reason why the requested one is missing.

    Subtitles in another language than the spoken one are a translation: they come after speech recognition.
    """
    if video.range_to_hear and video.transcript:
        return _range_steps(video.transcript), None
    requested = TranscriptSource(video.transcript_wanted)
    if requested == TranscriptSource.NONE:
        return [], None
    steps, note = _source_steps(video, info, requested)
    chosen = video.transcript_chosen
    if chosen is None or not chosen.cue_count:
        return steps, note
    # Its file is read again where there is one; what was read of it before is the next best.
    has_file = bool(chosen.file_key) and steps[:1] == [(requested, _from_captions)]
    return [*steps[:has_file], (requested, _from_chosen), *steps[has_file:]], None


def _range_steps(in_use: TranscriptRow) -> list[_Step]:
    """Hear a range again; where that cannot be, the transcript in use stays."""
    return [
        (TranscriptSource.SPEECH, from_range),
        (TranscriptSource(in_use.source), _from_in_use),
    ]


def _needs_audio(step: _Step) -> bool:
    return step[0] in HEARD and step[1] not in {_from_chosen, _from_in_use}


def _source_steps(
    video: Video, info: MediaInfo, requested: TranscriptSource
) -> tuple[list[_Step], ErrorCode | None]:
    missing = {source: _missing_reason(source, video, info) for source in PREFERENCE}
    usable = [source for source in PREFERENCE if not missing[source]]
    steps = [(source, _READERS[source]) for source in usable]
    if requested != TranscriptSource.AUTO:
        return sorted(steps, key=lambda step: step[0] != requested), missing[requested]
    if TranscriptSource.TRACK in usable and _spoken(video, info):
        translated = steps.pop(usable.index(TranscriptSource.TRACK))
        steps.insert(usable.index(TranscriptSource.TRACK), (TranscriptSource.TRACK, _from_spoken))
        steps.append(translated)
    return steps, None if usable else missing[TranscriptSource.SPEECH]


def _spoken(video: Video, info: MediaInfo) -> str:
    return spoken_language(info, video.language_wanted)


def _missing_reason(source: TranscriptSource, video: Video, info: MediaInfo) -> ErrorCode | None:
    """The error code that says why a source is missing; None when it is usable."""
    if source == TranscriptSource.CAPTIONS:
        return None if video.captions_key else VideoCode.NO_CAPTIONS_FILE
    if source == TranscriptSource.TRACK:
        return (
            None if dialogue_subtitles(info, video.language_wanted) else VideoCode.NO_SUBTITLE_TRACK
        )
    if not info.audio:
        return VideoCode.NO_SOUND
    if source == TranscriptSource.SPEECH:
        has_model = model_files.choose_speech_model(video.language_wanted) is not None
        return None if has_model else VideoCode.SPEECH_MODEL_MISSING
    return None if settings.SPEECH_API_URL else VideoCode.SPEECH_SERVICE_MISSING


def _from_captions(context: SearchContext, audio: SpeechAudio | None) -> Reading:
    """Read the uploaded captions file. It was valid at its upload; if it is unreadable now, other sources are tried.

    A text without times is aligned with what is heard. Raises SoundNeededError when that needs the audio.
    """
    try:
        data = storage_files.read_bytes(
            context.video.captions_key, limit=settings.CAPTIONS_MAX_BYTES
        )
        reading = read_captions(
            data,
            filename=context.video.captions_filename,
            language=context.video.language_wanted,
            encoding=context.video.captions_encoding,
            frame_rate=float(context.info.video.frame_rate),
            untimed=True,
        )
    except HeimdexError as error:
        if error.code != StorageCode.SOURCE_MISSING:
            raise
        raise UnusableError(VideoCode.CAPTIONS_UNREADABLE) from error
    except (MediaError, ValueError) as error:
        raise UnusableError(VideoCode.CAPTIONS_UNREADABLE) from error
    duration_ms = context.info.duration_ms
    shift_ms = clock_offset_ms(reading.cues, duration_ms, hour_ms=reading.hour_ms)
    cues = shift_earlier(reading.cues, shift_ms) if shift_ms else reading.cues
    context.report.update(report_of(reading, cues, shift_ms=shift_ms, duration_ms=duration_ms))
    context.captions_columns.update(
        file_key=context.video.captions_key,
        label=context.video.captions_filename,
        encoding=context.video.captions_encoding,
        digest=transcript_rows.file_digest(data),
    )
    if reading.lines:
        return with_heard_times(context, reading.lines, audio)
    chosen = context.video.transcript_chosen
    language = chosen.language if chosen else reading.language or context.video.language_wanted
    return Reading(Transcript(language, tuple(cues)))


def _from_chosen(context: SearchContext, _audio: SpeechAudio | None) -> Reading:
    """Take the words of the transcript that the user chose."""
    return _from_row(context, context.video.transcript_chosen)


def _from_in_use(context: SearchContext, _audio: SpeechAudio | None) -> Reading:
    """Take the words of the transcript in use."""
    return _from_row(context, context.video.transcript)


def _from_row(context: SearchContext, row: TranscriptRow | None) -> Reading:
    if row is None:
        raise UnusableError(VideoCode.NO_TRANSCRIPT)
    for name in ("file_key", "label", "encoding", "digest"):
        context.captions_columns[name] = getattr(row, name)
    asked = context.video.range_to_hear
    heard_until_ms = asked["heard_until_ms"] if asked else None
    return Reading(Transcript(row.language, transcript_rows.timed_cues(row)), heard_until_ms)


def _from_track(context: SearchContext, _audio: SpeechAudio | None) -> Reading:
    """Read the best subtitle track, whatever its language."""
    for track in dialogue_subtitles(context.info, context.video.language_wanted):
        if found := _read_track(context, track):
            return Reading(found)
    raise UnusableError(VideoCode.NO_SUBTITLE_TRACK)


def _from_spoken(context: SearchContext, _audio: SpeechAudio | None) -> Reading:
    """Read the best subtitle track that is not in another language than the spoken one, by its tag and its text."""
    spoken = _spoken(context.video, context.info)
    reason = VideoCode.NO_SUBTITLE_TRACK
    for track in dialogue_subtitles(context.info, context.video.language_wanted):
        is_other = is_other_language(track.language, spoken)
        found = None if is_other else _read_track(context, track)
        if found and not is_other_language(found.language, spoken):
            return Reading(found)
        if is_other or found:
            reason = VideoCode.SUBTITLES_OTHER_LANGUAGE
    raise UnusableError(reason)


def _read_track(context: SearchContext, track: SubtitleTrack) -> Transcript | None:
    """Read a subtitle track; None when it is unreadable or empty. The text tells the language if the tag does not."""
    spoken = _spoken(context.video, context.info)
    try:
        cues = extract_track(
            context.source,
            context.info,
            track.index,
            context.work_dir,
            language=normalize_language_code(track.language) or spoken,
            should_stop=context.should_stop,
        )
    except StoppedError:
        raise
    except MediaError:
        logger.warning("subtitle track %d cannot be read", track.index, exc_info=True)
        return None
    language = normalize_language_code(track.language) or _language_of_text(cues, spoken)
    return Transcript(language, tuple(cues)) if cues else None


def _language_of_text(cues: Sequence[Cue], spoken: str) -> str:
    """The language of an untagged track: the spoken one, unless its words tell another."""
    guess = language_of(cues)
    return guess if guess and (not spoken or is_guessable(spoken)) else spoken


_READERS: dict[TranscriptSource, Reader] = {
    TranscriptSource.CAPTIONS: _from_captions,
    TranscriptSource.TRACK: _from_track,
    TranscriptSource.SPEECH: from_speech,
    TranscriptSource.SERVICE: from_service,
}
