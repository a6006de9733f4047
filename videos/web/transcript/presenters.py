"""What the transcript page and the library show, built from rows in a fixed number of queries."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.utils.translation import gettext as _

from core.errors import text_for
from mediakit.probing.frame_rate import MAX_SHORT_MS
from videos import policy
from videos.choices import HEARD, TranscriptSource, VideoStage, VideoStatus
from videos.errors import VideoCode
from videos.models import Scene, Transcript, Video
from videos.transcripts.captions_report import report_sentences
from videos.web.forms import encoding_name, language_name
from videos.web.transcript.cue_lines import CueLine, CueRow, cue_line

MAX_TAGS = 12
MAX_SHOWN, MAX_SHOWN_CHARS = 20, 400


class ShownText(NamedTuple):
    """Text on screen, and when it appears."""

    start_ms: int
    text: str

    @property
    def line(self) -> str:
        """The text in one line, at most MAX_SHOWN_CHARS of it."""
        whole = self.text.replace("\n", " · ")
        return whole if len(whole) <= MAX_SHOWN_CHARS else f"{whole[:MAX_SHOWN_CHARS].rstrip()}…"


_Timed = TypeVar("_Timed", CueRow, ShownText)


@dataclass(frozen=True, slots=True)
class SceneBlock:
    """A scene with its cues, and the text that appears on screen in it, at most MAX_SHOWN of it."""

    scene: Scene
    cues: tuple[CueLine, ...]
    shown: tuple[ShownText, ...] = ()

    @property
    def is_too_long(self) -> bool:
        """Whether it is longer than a Short may be."""
        return self.scene.duration_ms > MAX_SHORT_MS


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of processing and its state: `done`, `now`, `failed` or `later`."""

    label: str
    state: str


@dataclass(frozen=True, slots=True)
class TranscriptEntry:
    """One transcript of a video in the list of its page."""

    row: Transcript
    language: str
    is_in_use: bool

    @property
    def name(self) -> str:
        """Its language, else where it came from."""
        return self.language or str(self.row.get_source_display())


@dataclass(frozen=True, slots=True)
class TranscriptPage:
    """The transcript of a video as its page shows it."""

    scenes: tuple[SceneBlock, ...]
    tags: tuple[tuple[str, int], ...]
    scene_count: int
    has_words: bool
    language: str
    resolution: str
    doubtful_count: int  # words that speech recognition was not sure of
    note: str  # why there are no words; empty when there are some or the reason is unknown
    captions_notes: tuple[str, ...] = ()  # what the reader should know about captions file or track
    captions_encoding: str = ""  # its name; empty unless the transcript is from a captions file
    captions_lines: tuple[str, ...] = ()  # the file's first lines

    @property
    def max_short_s(self) -> int:
        """The longest a Short may be, in seconds."""
        return MAX_SHORT_MS // 1000


def transcript_page(video: Video) -> TranscriptPage:
    """The scenes with their cues and the text on screen, and the tags to filter by, in three queries."""
    scenes = list(video.scenes.order_by("index"))
    cues = [CueRow(*row) for row in video.cues.order_by("index").values_list(*CueRow._fields)]
    texts = video.screen_texts.order_by("index").values_list("start_ms", "text")
    blocks = _blocks(scenes, cues, [ShownText(*row) for row in texts])
    return TranscriptPage(
        scenes=blocks,
        scene_count=len(scenes),
        tags=_common_tags(scenes),
        has_words=bool(cues),
        doubtful_count=sum(cue.doubtful_count for block in blocks for cue in block.cues),
        language=language_name(video.transcript_language),
        note="" if cues or not video.transcript_note else text_for(video.transcript_note),
        **(_captions_facts(video) or _track_facts(video) or _sound_facts(video)),
        resolution=f"{min(video.width, video.height)}p" if video.width and video.height else "",
    )


def scenes_between(video: Video, start_ms: int, end_ms: int) -> TranscriptPage:
    """The scenes that begin in a stretch of the video with their cues, without what is said about the whole video."""
    scenes = list(
        video.scenes.filter(start_ms__gte=start_ms, start_ms__lt=end_ms).order_by("index")
    )
    first = 0 if scenes and scenes[0].index == 0 else start_ms
    rows = video.cues.filter(start_ms__gte=first, start_ms__lt=end_ms).order_by("index")
    cues = [CueRow(*row) for row in rows.values_list(*CueRow._fields)]
    shown = video.screen_texts.filter(start_ms__gte=first, start_ms__lt=end_ms).order_by("index")
    texts = [ShownText(*row) for row in shown.values_list("start_ms", "text")]
    blocks = _blocks(scenes, cues, texts)
    return TranscriptPage(
        scenes=blocks,
        scene_count=len(scenes),
        tags=(),
        has_words=bool(cues) or video.cues.exists(),
        doubtful_count=0,
        language="",
        note="",
        resolution="",
    )


def _captions_facts(video: Video) -> dict[str, Any]:
    """How the captions file was read, for `TranscriptPage`."""
    report = video.captions_report
    if not report or not video.captions_key:
        return {}
    plain = report["encoding"] in {"utf-8", "ascii"} and not video.captions_encoding
    return {
        "captions_notes": tuple(report_sentences(report)),
        "captions_encoding": "" if plain else encoding_name(report["encoding"]),
        "captions_lines": tuple(report["first_lines"]),
    }


def _track_facts(video: Video) -> dict[str, Any]:
    """Whether the words of a subtitle track may be a translation, for `TranscriptPage`."""
    codes = (VideoCode.SUBTITLES_OTHER_LANGUAGE.name, VideoCode.SPOKEN_LANGUAGE_UNKNOWN.name)
    is_doubtful = video.transcript_note in codes
    if video.transcript_source != TranscriptSource.TRACK or not is_doubtful:
        return {}
    return {"captions_notes": (text_for(video.transcript_note),)}


def _sound_facts(video: Video) -> dict[str, Any]:
    """Whether another sound track may have been meant where words were heard, for `TranscriptPage`."""
    if video.transcript_source not in HEARD or policy.is_main_sound_clear(video):
        return {}
    sentence = _(
        "The file has several sound tracks, and nothing in it tells which one is the main one."
        " Listen and choose under “Process again”."
    )
    return {"captions_notes": (sentence,)}


def transcript_entries(video: Video, rows: Iterable[Transcript]) -> tuple[TranscriptEntry, ...]:
    """The video's transcripts as its page lists them: the one in use first, then the newest."""
    entries = [
        TranscriptEntry(row, language_name(row.language), row.pk == video.transcript_id)
        for row in rows
    ]
    newest = sorted(entries, key=lambda entry: entry.row.created_at, reverse=True)
    return tuple(sorted(newest, key=lambda entry: not entry.is_in_use))


def without_scenes(page: TranscriptPage) -> TranscriptPage:
    """A page without its scenes, which are the most of it; what is said about them stays."""
    return replace(page, scenes=())


def processing_steps(video: Video) -> tuple[Step, ...]:
    """The stages of processing with their states.

    FETCH is listed for imported videos only, MODEL and DESCRIBE only while they run.
    """
    omitted = {VideoStage.MODEL, VideoStage.DESCRIBE} - {video.stage}
    if not video.source_url:
        omitted.add(VideoStage.FETCH)
    stages = [stage for stage in VideoStage if stage not in omitted]
    now = next((i for i, stage in enumerate(stages) if stage == video.stage), -1)
    current_state = "failed" if video.status == VideoStatus.FAILED else "now"
    return tuple(
        Step(
            str(stage.label),
            "done"
            if i < now or (stage == VideoStage.FETCH and video.source_key)
            else current_state
            if i == now
            else "later",
        )
        for i, stage in enumerate(stages)
    )


def elapsed_ms(video: Video, *, at: datetime) -> int | None:
    """How long the current run has taken so far in ms; None before it has started."""
    if video.status != VideoStatus.PROCESSING or video.started_at is None:
        return None
    return max(0, int((at - video.started_at).total_seconds() * 1000))


def _blocks(
    scenes: Sequence[Scene], cues: Iterable[CueRow], shown: Iterable[ShownText]
) -> tuple[SceneBlock, ...]:
    return tuple(
        SceneBlock(scene, tuple(cue_line(cue) for cue in part), tuple(texts[:MAX_SHOWN]))
        for scene, part, texts in zip(
            scenes, _by_scene(scenes, cues), _by_scene(scenes, shown), strict=True
        )
    )


def _by_scene(scenes: Sequence[Scene], rows: Iterable[_Timed]) -> Iterator[list[_Timed]]:
    """The rows of each scene: of that in which they start; before the first scene, of the first."""
    ends = [scene.end_ms for scene in scenes]
    parts: list[list[_Timed]] = [[] for _ in scenes]
    at = 0
    for row in rows if parts else ():
        while at < len(ends) - 1 and row.start_ms >= ends[at]:
            at += 1
        parts[at].append(row)
    yield from parts


def _common_tags(scenes: Iterable[Scene]) -> tuple[tuple[str, int], ...]:
    """The MAX_TAGS most common tags, with the number of scenes that have each."""
    counts = Counter(tag for scene in scenes for tag in dict.fromkeys(scene.tags))
    return tuple(counts.most_common(MAX_TAGS))
