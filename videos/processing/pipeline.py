"""Processes a source in storage into scenes. The stages in order; the video's row is not written here.

probe -> (captions, subtitle track) -> first pass, beside it (speech model) -> (speech) -> scenes -> thumbnails ->
descriptions
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from jobs.work_folders import work_folder
from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.heard_piece import HeardPiece
from mediakit.asr.speech_index import SpeechIndex
from mediakit.asr.voice_activity import measure_speech
from mediakit.audio.level_meter import SPEECH_FILE
from mediakit.errors import StoppedError
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.probing.timeline import with_timeline
from mediakit.probing.track_roles import with_main_audio
from mediakit.scenes.first_pass import FirstPass, run_first_pass
from mediakit.scenes.openings import look_at_openings
from mediakit.scenes.scene_building import build_scenes, split_cues
from mediakit.suggestions.material import VERSION as SUGGESTIONS_VERSION
from mediakit.text.stored_words import words_to_json
from mediakit.text.transcript import Cue as TimedCue
from mediakit.text.transcript import Transcript, estimate_words
from storage import files as storage_files
from storage.source_reader import open_source
from videos import lifecycle, storage_keys
from videos.choices import VideoStage
from videos.lifecycle import ProcessingResult
from videos.models import Cue, Scene, Video
from videos.policy import storable
from videos.processing import scene_images
from videos.processing.background_scan import BackgroundScan
from videos.suggestions import rows as suggestion_rows
from videos.transcripts import transcription
from videos.transcripts.reading import SearchContext
from videos.transcripts.rows import scene_tags, scene_texts
from videos.transcripts.transcription import FoundTranscript
from videos.watched import watched

# The stages' relative durations, from experience. Speech recognition takes by far the longest.
_STAGE_WEIGHTS = {
    VideoStage.FETCH: 0,
    VideoStage.PROBE: 3,
    VideoStage.FIRST_PASS: 30,
    VideoStage.MODEL: 0,
    VideoStage.TRANSCRIPT: 1,
    VideoStage.SCENES: 3,
    VideoStage.THUMBNAILS: 8,
    VideoStage.DESCRIBE: 0,
}
_FETCH_WEIGHT = 60
_MODEL_WEIGHT = 60
_SPEECH_WEIGHT = 90
_DESCRIBE_WEIGHT = 60


class Progress:
    """Turns the fractions of the stages into the percent of the whole job, which never decreases.

    `fetches`: whether the source has to be fetched first. May be used from several threads.
    """

    def __init__(self, report: Callable[[str, float], None], *, fetches: bool = False) -> None:
        self._report = report
        self._weights = {**_STAGE_WEIGHTS, VideoStage.FETCH: _FETCH_WEIGHT if fetches else 0}
        self._fractions = dict.fromkeys(VideoStage, 0.0)
        self._beside: set[VideoStage] = set()
        self._percent = 0.0
        self._lock = threading.Lock()
        self.stage = ""

    def expect_stages(self, *, speech: bool, description: bool, model: bool = False) -> None:
        """Set which of the long stages this job has; `model`: the speech model has to be fetched."""
        self._weights[VideoStage.MODEL] = _MODEL_WEIGHT if model else 0
        self._weights[VideoStage.TRANSCRIPT] = _SPEECH_WEIGHT if speech else 1
        self._weights[VideoStage.DESCRIBE] = _DESCRIBE_WEIGHT if description else 0

    @contextlib.contextmanager
    def beside(self, stage: VideoStage) -> Iterator[None]:
        """In the block a stage goes on beside later ones: their reports do not mean that it is done."""
        self._beside.add(stage)
        try:
            yield
        finally:
            self._beside.discard(stage)

    def report(self, stage: VideoStage, fraction: float = 0.0) -> None:
        """Report the fraction (0 to 1) of a stage that is done. The stage shown is the last that has begun."""
        with self._lock:
            stages = list(VideoStage)
            for before in stages[: stages.index(stage)]:
                if before not in self._beside:
                    self._fractions[before] = 1.0
            self._fractions[stage] = max(self._fractions[stage], min(1.0, max(0.0, fraction)))
            waits = fraction == 0 and self._beside - {stage}
            if not waits and (not self.stage or stages.index(stage) >= stages.index(self._shown)):
                self.stage = stage.value
            done = sum(self._weights[each] * self._fractions[each] for each in stages)
            self._percent = max(self._percent, 100 * done / sum(self._weights.values()))
            self._report(self.stage, min(99.0, self._percent))

    @property
    def _shown(self) -> VideoStage:
        return VideoStage(self.stage)


@dataclass(frozen=True, slots=True)
class _Run:
    """One attempt. ffmpeg opens `source`; `folder` is the storage prefix of its thumbnails."""

    video: Video
    source: str
    work_dir: Path
    folder: str
    progress: Progress
    should_stop: Callable[[], bool]
    heard: Sequence[HeardPiece]
    on_piece: Callable[[HeardPiece], bool]

    def begin(self, stage: VideoStage) -> Callable[[float], None]:
        """Begin a stage; returns the callback for its fraction. Raises `StoppedError` when a stop was requested."""
        if self.should_stop():
            raise StoppedError("processing was stopped")
        self.progress.report(stage)
        return partial(self.progress.report, stage)


def process(
    video: Video,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
    heard: Sequence[HeardPiece] = (),
    on_piece: Callable[[HeardPiece], bool] = lambda _: True,
) -> ProcessingResult:
    """Process a video; the rows of the result are not saved yet. The source is only read.

    `heard` is what earlier attempts heard of its speech; `on_piece` gets each further piece, and returns whether to go
    on hearing.

    Raises InputError when the file cannot be used, StoppedError when `should_stop` returned True, and other errors for
    failures of the installation. When it raises, the files that it stored are removed.
    """
    progress.report(VideoStage.PROBE)
    folder = storage_keys.new_thumbnails_folder(video)
    with work_folder("video") as work_dir, open_source(video.source_key) as source:
        try:
            run = _Run(video, source, work_dir, folder, progress, should_stop, heard, on_piece)
            return _process(run)
        except Exception:
            storage_files.delete_prefix(folder)
            raise


def _process(run: _Run) -> ProcessingResult:
    """Run the stages in order."""
    with _watched(run, VideoStage.PROBE) as (on_progress, should_stop):
        info = probe(run.source, timeout_s=settings.VIDEO_STALL_S)
        info = with_timeline(
            run.source,
            info,
            timeout_s=settings.VIDEO_TIMEOUT_S,
            on_progress=on_progress,
            should_stop=should_stop,
        )
    info = with_main_audio(info, run.video.language_wanted, wanted=run.video.audio_track_wanted)
    report: dict[str, Any] = {}
    scan, found = _scan_and_transcribe(run, info, report)
    run.begin(VideoStage.SCENES)
    scenes, cues = build_rows(run.video, info, scan, found.transcript)
    suggestions = suggestion_rows.new_rows(
        run.video,
        cues,
        duration_ms=info.duration_ms,
        language=found.transcript.language,
        shots_ms=scan.shots_ms,
        levels=scan.loudness_index,
        dark_ms=scan.dark_ms,
        still_ms=scan.still_ms,
        look=partial(_look, run, info),
    )
    speech_index = _measure_speech(run, scan)
    thumbnail = _save_images(run, info, scan, scenes)
    columns: dict[str, Any] = {
        **lifecycle.media_columns(info),
        "loudness_lufs": scan.loudness_lufs,
        "shots_ms": list(scan.shots_ms),
        "transcript_source": found.source,
        "transcript_note": found.note,
        "captions_report": report or None,
        "transcript_language": found.transcript.language,
        "heard_ms": found.heard_until_ms,
        "thumbnail_key": thumbnail,
        "suggestions_version": SUGGESTIONS_VERSION,
    }
    return ProcessingResult(
        columns, scenes, cues, scan.loudness_index, found.row, suggestions, speech_index
    )


def _watched(
    run: _Run,
    stage: VideoStage,
    *,
    duration_ms: int = 0,
    should_stop: Callable[[], bool] | None = None,
) -> contextlib.AbstractContextManager[tuple[Callable[[float], None], Callable[[], bool]]]:
    """Begin a stage of tools which a stall ends, and not the clock (`watched`)."""
    report = run.begin(stage)
    return watched(
        "Processing",
        duration_ms=duration_ms,
        on_progress=report,
        should_stop=should_stop or run.should_stop,
    )


def _look(run: _Run, info: MediaInfo, starts_ms: Sequence[int]) -> list[tuple[bool, bool]]:
    """Whether clips from these times would open on a black, and on a frozen picture."""
    found = look_at_openings(
        run.source,
        info,
        starts_ms,
        timeout_s=settings.VIDEO_STALL_S,
        should_stop=run.should_stop,
    )
    return [(opening.is_black, opening.is_frozen) for opening in found]


def _scan_and_transcribe(
    run: _Run, info: MediaInfo, report: dict[str, Any]
) -> tuple[FirstPass, FoundTranscript]:
    """The first pass over the source, and the transcript. Speech is heard while the first pass writes its sound."""
    scanning = BackgroundScan(
        lambda should_stop: _scan(run, info, should_stop=should_stop),
        should_stop=run.should_stop,
    )
    search = transcription.TranscriptSearch(
        SearchContext(
            video=run.video,
            source=run.source,
            info=info,
            work_dir=run.work_dir,
            should_stop=lambda: run.should_stop() or scanning.has_failed(),
            on_progress=partial(run.progress.report, VideoStage.TRANSCRIPT),
            on_model_progress=partial(run.progress.report, VideoStage.MODEL),
            heard=run.heard,
            on_piece=run.on_piece,
            report=report,
        )
    )
    search.read_written()
    speech = search.needs_audio
    run.progress.expect_stages(
        speech=speech, description=bool(settings.VISION_API_URL), model=search.needs_model
    )
    run.begin(VideoStage.FIRST_PASS)
    with scanning:
        if not speech:
            scanning.result()
        with run.progress.beside(VideoStage.FIRST_PASS) if speech else contextlib.nullcontext():
            run.begin(VideoStage.MODEL if search.needs_model else VideoStage.TRANSCRIPT)
            found = _transcribe(run, search, scanning)
    return scanning.result(), found


def _transcribe(
    run: _Run, search: transcription.TranscriptSearch, scanning: BackgroundScan
) -> FoundTranscript:
    """The transcript, heard from the sound that the first pass has written so far."""
    audio = SpeechAudio(
        run.work_dir / SPEECH_FILE, is_complete=scanning.is_done, should_stop=run.should_stop
    )
    try:
        return search.transcribe(audio)
    except StoppedError:
        if scanning.has_failed():
            run.progress.stage = VideoStage.FIRST_PASS
            scanning.result()  # raises why, which is the reason for the stop
        raise


def _scan(run: _Run, info: MediaInfo, *, should_stop: Callable[[], bool]) -> FirstPass:
    with _watched(
        run, VideoStage.FIRST_PASS, duration_ms=info.duration_ms, should_stop=should_stop
    ) as (on_progress, must_stop):
        return run_first_pass(
            run.source,
            info,
            run.work_dir,
            on_progress=on_progress,
            should_stop=must_stop,
            timeout_s=settings.VIDEO_TIMEOUT_S,
        )


def _measure_speech(run: _Run, scan: FirstPass) -> SpeechIndex:
    """Where a voice is heard, from the sound that the first pass wrote; empty without sound."""
    if scan.speech_wav is None:
        return SpeechIndex()
    return measure_speech(SpeechAudio(scan.speech_wav), should_stop=run.should_stop)


def _save_images(run: _Run, info: MediaInfo, scan: FirstPass, scenes: Sequence[Scene]) -> str:
    """Store thumbnails, and add descriptions if a service is set; returns the key of the video's own thumbnail."""
    picker = scene_images.FramePicker(run.source, info, scan.frames, run.work_dir, run.should_stop)
    on_progress = run.begin(VideoStage.THUMBNAILS)
    thumbnail = scene_images.save_thumbnails(
        picker, scenes, folder=run.folder, on_progress=on_progress
    )
    if settings.VISION_API_URL:
        on_progress = run.begin(VideoStage.DESCRIBE)
        scene_images.describe_scenes(picker, scenes, on_progress=on_progress)
    return thumbnail


def build_rows(
    video: Video, info: MediaInfo, scan: FirstPass, transcript: Transcript
) -> tuple[tuple[Scene, ...], tuple[Cue, ...]]:
    """Scenes and cues of a transcript, not saved. Every cue and every word lies in exactly one scene."""
    timed = [estimate_words(cue) for cue in transcript.cues]
    words = [word for cue in timed for word in cue.words]
    words.sort(key=lambda word: word.start_ms)
    spans = build_scenes(
        duration_ms=info.duration_ms,
        words=words,
        shots_ms=scan.shots_ms,
        silences_ms=scan.silences_ms,
    )
    pieces = split_cues(timed, spans)
    texts = scene_texts(pieces, [span.start_ms for span in spans])
    scenes = tuple(
        Scene(
            video=video,
            index=number,
            start_ms=span.start_ms,
            end_ms=span.end_ms,
            text=texts[number],
            tags=scene_tags(texts, number, language=transcript.language),
        )
        for number, span in enumerate(spans)
    )
    return scenes, _cue_rows(video, pieces)


def _cue_rows(video: Video, cues: Sequence[TimedCue]) -> tuple[Cue, ...]:
    return tuple(
        Cue(
            video=video,
            index=number,
            start_ms=cue.start_ms,
            end_ms=cue.end_ms,
            text=storable(cue.text),
            words=words_to_json(replace(word, text=storable(word.text)) for word in cue.words),
            words_estimated=any(word.estimated for word in cue.words),
            speaker=storable(cue.speaker)[:100],
        )
        for number, cue in enumerate(cues)
    )
