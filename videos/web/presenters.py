"""What the transcript page and the library show, put together from rows in a fixed number of queries."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower

from accounts.models import User
from core.errors import text_for
from mediakit.probing.frame_rate import MAX_SHORT_MS
from videos.choices import ACTIVE, VideoStage, VideoStatus
from videos.models import Scene, Video
from videos.web.forms import LibraryForm, language_name

TAG_CHOICES = 12
_LAST_OF_ONE_UNIT = "\uffff"  # signs after it count as two in scripts

_ORDERS: dict[str, tuple[str | Combinable, ...]] = {
    "": ("-created_at", "-id"),
    "oldest": ("created_at", "id"),
    "title": (Lower("title"), "id"),
    "longest": ("-duration_ms", "-id"),
}
_STATUSES = {
    "ready": (VideoStatus.READY,),
    "active": ACTIVE,
    "failed": (VideoStatus.FAILED,),
}


@dataclass(frozen=True, slots=True)
class CueLine:
    """One cue as the page needs it: text only, because thousands of them are written.

    `span` is `start end` in ms. `words` is `ms,start,length` per word, in UTF-16 units of `text`. It is empty where
    the times of the words were only estimated, or where they cannot be found in the text: then the page lights the
    whole cue.
    """

    span: str
    text: str
    speaker: str
    words: str


@dataclass(frozen=True, slots=True)
class SceneBlock:
    """A scene with its cues."""

    scene: Scene
    cues: tuple[CueLine, ...]

    @property
    def is_too_long(self) -> bool:
        """Whether it cannot be exported whole."""
        return self.scene.duration_ms > MAX_SHORT_MS


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of processing and where it stands: `done`, `now`, `failed` or `later`."""

    label: str
    state: str


@dataclass(frozen=True, slots=True)
class TranscriptPage:
    """Everything of a video that is read on its page."""

    scenes: tuple[SceneBlock, ...]
    tags: tuple[tuple[str, int], ...]
    has_words: bool
    language: str
    resolution: str
    note: str  # why there are no words; empty when there are some or nobody knows

    @property
    def max_short_s(self) -> int:
        """How many seconds of a scene can be exported at most."""
        return MAX_SHORT_MS // 1000

    @property
    def scene_count(self) -> int:
        """How many scenes there are."""
        return len(self.scenes)


def library(user: User, form: LibraryForm) -> QuerySet[Video]:
    """A person's videos as they asked to see them, each with `scene_count`."""
    form.is_valid()
    videos = Video.objects.visible_to(user).annotate(scene_count=Count("scenes"))
    if words := form.wish("q").strip():
        videos = videos.filter(title__icontains=words)
    if status := form.wish("status"):
        videos = videos.filter(status__in=_STATUSES[status])
    return videos.order_by(*_ORDERS[form.wish("sort")])


def transcript_page(video: Video) -> TranscriptPage:
    """The scenes with their words, and the tags to filter by. Two queries."""
    scenes = list(video.scenes.order_by("index"))
    cues = [_Row(*row) for row in video.cues.order_by("index").values_list(*_Row._fields)]
    blocks = tuple(
        SceneBlock(scene, tuple(_line(cue) for cue in part))
        for scene, part in zip(scenes, _by_scene(scenes, cues), strict=True)
    )
    return TranscriptPage(
        scenes=blocks,
        tags=_tags(scenes),
        has_words=bool(cues),
        language=language_name(video.transcript_language),
        note="" if cues or not video.transcript_note else text_for(video.transcript_note),
        resolution=f"{min(video.width, video.height)}p" if video.width and video.height else "",
    )


def steps(video: Video) -> tuple[Step, ...]:
    """The stages of processing with where each stands; fetching and describing only where they are done."""
    left_out = {VideoStage.DESCRIBE} - {video.stage}
    if not video.source_url:
        left_out.add(VideoStage.FETCH)
    stages = [stage for stage in VideoStage if stage not in left_out]
    now = next((i for i, stage in enumerate(stages) if stage == video.stage), -1)
    at_now = "failed" if video.status == VideoStatus.FAILED else "now"
    return tuple(
        Step(
            str(stage.label),
            "done"
            if i < now or (stage == VideoStage.FETCH and video.source_key)
            else at_now
            if i == now
            else "later",
        )
        for i, stage in enumerate(stages)
    )


def elapsed_ms(video: Video, *, at: datetime) -> int | None:
    """How long this run has taken so far; None while nobody has begun."""
    if video.status != VideoStatus.PROCESSING or video.started_at is None:
        return None
    return max(0, int((at - video.started_at).total_seconds() * 1000))


class _Row(NamedTuple):
    """The columns of a cue that the page reads; a whole model object each would take most of the page's time."""

    start_ms: int
    end_ms: int
    text: str
    speaker: str
    words: list[tuple[int, int, str]]
    words_estimated: bool


def _by_scene(scenes: Sequence[Scene], cues: Iterable[_Row]) -> Iterator[list[_Row]]:
    """The cues of each scene. A cue belongs to the scene it starts in; one before the first scene to the first."""
    ends = [scene.end_ms for scene in scenes]
    parts: list[list[_Row]] = [[] for _ in scenes]
    at = 0
    for cue in cues if parts else ():
        while at < len(ends) - 1 and cue.start_ms >= ends[at]:
            at += 1
        parts[at].append(cue)
    yield from parts


def _line(cue: _Row) -> CueLine:
    return CueLine(
        span=f"{cue.start_ms} {cue.end_ms}",
        text=cue.text,
        speaker=cue.speaker,
        words="" if cue.words_estimated else _word_places(cue),
    )


def _word_places(cue: _Row) -> str:
    """`ms,start,length` for each word of a cue, ms counted from the cue's start; empty when a word is not found."""
    places: list[str] = []
    text = cue.text
    units = len if max(text, default="") <= _LAST_OF_ONE_UNIT else _utf16
    at = 0
    for start_ms, _end_ms, spoken in cue.words:
        word = spoken.strip()
        found = text.find(word, at)
        if found < 0 or not word:
            return ""
        at = found + len(word)
        places.append(f"{max(0, start_ms - cue.start_ms)},{units(text[:found])},{units(word)}")
    return " ".join(places)


def _utf16(text: str) -> int:
    """How many units a script counts for this text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _tags(scenes: Iterable[Scene]) -> tuple[tuple[str, int], ...]:
    """The tags of most scenes, with how many; one that stands on a single scene is only worth it in a short list."""
    counts = Counter(tag for scene in scenes for tag in dict.fromkeys(scene.tags))
    return tuple(counts.most_common(TAG_CHOICES))
