"""From a source in storage to scenes: what processing does, in order, without touching the row.

probe -> (captions, subtitle track) -> look and listen -> (speech) -> scenes -> thumbnails -> description
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from jobs.work_folders import work_folder
from mediakit.errors import StoppedError
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.scenes.first_pass import Ingest, ingest
from mediakit.scenes.scene_building import SceneSpan, build_scenes, split_cues
from mediakit.text.key_terms import key_terms
from mediakit.text.transcript import Cue as TimedCue
from mediakit.text.transcript import Transcript, Word, estimate_words, join_words
from storage import files as storage_files
from storage.source_reader import open_source
from videos import lifecycle, scene_images, storage_keys
from videos.choices import VideoStage
from videos.lifecycle import Outcome
from videos.models import Cue, Scene, Video
from videos.policy import storable
from videos.transcripts import transcription
from videos.transcripts.transcription import Found

TAGS_PER_SCENE = 6
# How much of the whole job a stage is, by experience. Speech recognition dwarfs the rest.
_SHARES = {
    VideoStage.FETCH: 0,
    VideoStage.PROBE: 3,
    VideoStage.LISTEN_AND_LOOK: 30,
    VideoStage.TRANSCRIPT: 1,
    VideoStage.SCENES: 3,
    VideoStage.THUMBNAILS: 8,
    VideoStage.DESCRIBE: 0,
}
_FETCH_SHARE = 60
_SPEECH_SHARE = 90
_DESCRIBE_SHARE = 60


class Progress:
    """Turns the fraction of a stage into the percent of the whole job; it never goes back.

    `fetches` says that the source has to be fetched first.
    """

    def __init__(self, report: Callable[[str, float], None], *, fetches: bool = False) -> None:
        self._report = report
        self._shares = {**_SHARES, VideoStage.FETCH: _FETCH_SHARE if fetches else 0}
        self._percent = 0.0
        self.stage = ""

    def expect(self, *, speech: bool, description: bool) -> None:
        """Say which long stages there will be."""
        self._shares[VideoStage.TRANSCRIPT] = _SPEECH_SHARE if speech else 1
        self._shares[VideoStage.DESCRIBE] = _DESCRIBE_SHARE if description else 0

    def at(self, stage: VideoStage, fraction: float = 0.0) -> None:
        """The job is that far (0 to 1) in that stage."""
        before = sum(self._shares[s] for s in list(VideoStage)[: list(VideoStage).index(stage)])
        done = before + self._shares[stage] * min(1.0, max(0.0, fraction))
        self.stage = stage.value
        self._percent = max(self._percent, 100 * done / sum(self._shares.values()))
        self._report(self.stage, min(99.0, self._percent))


@dataclass(frozen=True, slots=True)
class _Work:
    """One run: the video, its source as ffmpeg opens it, where to work, whom to tell, when to stop."""

    video: Video
    source: str
    work_dir: Path
    folder: str
    progress: Progress
    should_stop: Callable[[], bool]

    def telling(self, stage: VideoStage) -> Callable[[float], None]:
        """A callback for the fraction of a stage; the stage begins now."""
        if self.should_stop():
            raise StoppedError("processing was stopped")
        self.progress.at(stage)
        return partial(self.progress.at, stage)


def process(video: Video, *, progress: Progress, should_stop: Callable[[], bool]) -> Outcome:
    """Everything there is to find out about a video; rows are made but not saved.

    Raises InputError when the file cannot be used, StoppedError when `should_stop` said so, and other errors when
    something of ours failed. Whatever it stored is removed again when it raises. The source is only read.
    """
    progress.at(VideoStage.PROBE)
    folder = storage_keys.new_thumbnails_folder(video)
    with work_folder("video") as work_dir, open_source(video.source_key) as source:
        try:
            return _process(_Work(video, source, work_dir, folder, progress, should_stop))
        except Exception:
            storage_files.delete_prefix(folder)
            raise


def _process(work: _Work) -> Outcome:
    """The stages in order."""
    info = probe(work.source)
    seen, found = _listen_and_look(work, info)
    work.telling(VideoStage.SCENES)
    scenes, cues = build_rows(work.video, info, seen, found.transcript)
    thumbnail = _picture(work, info, seen, scenes)
    columns: dict[str, Any] = {
        **lifecycle.media_columns(info),
        "loudness_lufs": seen.loudness_lufs,
        "shots_ms": list(seen.shots_ms),
        "transcript_source": found.source,
        "transcript_note": found.note,
        "transcript_language": found.transcript.language,
        "thumbnail_key": thumbnail,
    }
    return Outcome(columns, scenes, cues, seen.heard)


def _listen_and_look(work: _Work, info: MediaInfo) -> tuple[Ingest, Found]:
    """What is seen and heard, and the transcript; speech audio is only made where it is needed."""
    search = transcription.Search(
        transcription.Job(
            video=work.video,
            source=work.source,
            info=info,
            work_dir=work.work_dir,
            should_stop=work.should_stop,
            on_progress=partial(work.progress.at, VideoStage.TRANSCRIPT),
        )
    )
    search.read()
    speech = search.must_listen
    work.progress.expect(speech=speech, description=bool(settings.VISION_API_URL))
    seen = ingest(
        work.source,
        info,
        work.work_dir,
        on_progress=work.telling(VideoStage.LISTEN_AND_LOOK),
        should_stop=work.should_stop,
        timeout_s=settings.VIDEO_TIMEOUT_S,
        want_speech=speech,
    )
    work.telling(VideoStage.TRANSCRIPT)
    return seen, search.listen(seen.speech_wav)


def _picture(work: _Work, info: MediaInfo, seen: Ingest, scenes: Sequence[Scene]) -> str:
    """Thumbnails, and descriptions where a service gives them; returns the key of the video's own thumbnail."""
    shots = scene_images.Shots(work.source, info, seen.frames, work.work_dir, work.should_stop)
    telling = work.telling(VideoStage.THUMBNAILS)
    thumbnail = scene_images.save_thumbnails(shots, scenes, folder=work.folder, on_progress=telling)
    if settings.VISION_API_URL:
        telling = work.telling(VideoStage.DESCRIBE)
        scene_images.describe_scenes(shots, scenes, on_progress=telling)
    return thumbnail


def build_rows(
    video: Video, info: MediaInfo, seen: Ingest, transcript: Transcript
) -> tuple[tuple[Scene, ...], tuple[Cue, ...]]:
    """Scenes and cues of a transcript, not saved. Every cue lies in one scene, every word in exactly one."""
    timed = [estimate_words(cue) for cue in transcript.cues]
    words = [word for cue in timed for word in cue.words]
    words.sort(key=lambda word: word.start_ms)
    spans = build_scenes(
        duration_ms=info.duration_ms,
        words=words,
        shots_ms=seen.shots_ms,
        silences_ms=seen.silences_ms,
    )
    texts = [_text(words, span) for span in spans]
    tags = [
        key_terms(
            text,
            language=transcript.language,
            corpus=[*texts[:number], *texts[number + 1 :]],
            count=TAGS_PER_SCENE,
        )
        for number, text in enumerate(texts)
    ]
    scenes = tuple(
        Scene(
            video=video,
            index=number,
            start_ms=span.start_ms,
            end_ms=span.end_ms,
            text=texts[number],
            tags=tags[number],
        )
        for number, span in enumerate(spans)
    )
    return scenes, _cue_rows(video, split_cues(timed, spans))


def _text(words: Sequence[Word], span: SceneSpan) -> str:
    said = [storable(word.text) for word in words[span.first_word : span.last_word]]
    return join_words([text for text in said if text])


def _cue_rows(video: Video, cues: Sequence[TimedCue]) -> tuple[Cue, ...]:
    return tuple(
        Cue(
            video=video,
            index=number,
            start_ms=cue.start_ms,
            end_ms=cue.end_ms,
            text=storable(cue.text),
            words=[[word.start_ms, word.end_ms, storable(word.text)] for word in cue.words],
            words_estimated=any(word.estimated for word in cue.words),
            speaker=storable(cue.speaker)[:100],
        )
        for number, cue in enumerate(cues)
    )
