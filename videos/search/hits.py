"""Found entries as people and programs see them: video, scene, second, and the sentence with the words marked."""

import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, OuterRef, Q, Subquery, prefetch_related_objects

from mediakit.search_text.matching import Matcher, Span
from mediakit.search_text.query import Query
from mediakit.text.stored_words import read_words
from mediakit.text.transcript import join_words
from videos.models import Cue, Scene, ScreenText, SearchEntry, Video
from videos.search.finding import Ranked

# A snippet: about a sentence, in characters.
SNIPPET_CHARS, BEFORE_CHARS = 200, 80
# Playing begins this long before the first word, so that its first sound is heard.
LEAD_MS = 200
_SENTENCE_ENDS = ".?!…。？！\n"
_LARGE = tuple(f"video__{name}" for name in ("probe", "shots_ms", "tool_output"))


class Part(NamedTuple):
    """A piece of a snippet."""

    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """One found scene, or a video found by its title, file name or tags (`scene` is None, the times are its own).

    `time_ms` is when the first word of the snippet that was found is said; with `is_on_screen` when the snippet appears
    on screen. With `is_by_meaning` no word of the query is in it.
    """

    video: Video
    scene: Scene | None
    time_ms: int
    start_ms: int
    end_ms: int
    snippet: tuple[Part, ...]
    score: float
    is_by_meaning: bool = False
    is_on_screen: bool = False

    @property
    def is_moment(self) -> bool:
        """Whether it is a moment of the video, and not the whole of it."""
        return self.scene is not None or self.is_on_screen

    @property
    def play_ms(self) -> int:
        """Where to begin playing, at most 300 ms before the word and never before the scene."""
        if self.is_on_screen:
            return self.time_ms
        return max(self.start_ms, self.time_ms - LEAD_MS)


class _CueRow(NamedTuple):
    start_ms: int
    end_ms: int
    text: str
    words: list[list[Any]]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The words of a scene as one text, with the offset and time of each."""

    text: str
    offsets: tuple[int, ...]
    starts_ms: tuple[int, ...]

    def time_ms(self, offset: int) -> int | None:
        """When the word at a character offset begins."""
        at = bisect_right(self.offsets, offset) - 1
        return self.starts_ms[at] if at >= 0 else None


def load_hits(query: Query, ranked: Sequence[Ranked]) -> list[Hit]:
    """Return the hits of ranked entries, in their order; entries that are gone by now are left out."""
    entries = (
        SearchEntry.objects.filter(pk__in=[row.id for row in ranked], video__deleted_at=None)
        .select_related("video", "scene", "screen_text")
        .defer("body", "words", *_LARGE)
        .in_bulk()
    )
    found = [(entries[row.id], row) for row in ranked if row.id in entries]
    spoken = _spoken(entry.scene for entry, _ in found if entry.scene)
    shown_in = _scenes_of([entry.screen_text for entry, _ in found if entry.screen_text])
    titles = [entry for entry, _ in found if not entry.scene and not entry.screen_text]
    prefetch_related_objects([entry.video for entry in titles], "tags")
    exact, loosened = Matcher(query.required), Matcher(query.loosened().required)
    hits = []
    for entry, row in found:
        matcher = loosened if row.is_part else exact
        if entry.screen_text is not None:
            scene = shown_in.get(entry.screen_text.pk)
            hits.append(_screen_hit(entry.video, entry.screen_text, scene, row, matcher))
        else:
            hits.append(_hit(entry, row, spoken, matcher))
    return hits


def marked_parts(text: str, spans: Sequence[Span], start: int, end: int) -> tuple[Part, ...]:
    """Return text[start:end] in pieces, the spans marked."""
    parts: list[Part] = []
    for first, last in spans:
        if first >= end or last <= start:
            continue
        if first > start:
            parts.append(Part(text[start:first], is_marked=False))
        parts.append(Part(text[max(first, start) : min(last, end)], is_marked=True))
        start = min(last, end)
    if start < end:
        parts.append(Part(text[start:end], is_marked=False))
    return tuple(parts)


def _hit(entry: SearchEntry, row: Ranked, spoken: dict[UUID, _Spoken], matcher: Matcher) -> Hit:
    scene, video = entry.scene, entry.video
    if scene is None:
        text = unicodedata.normalize("NFC", video.title)
        spans = matcher.spans(text)
        others = (video.filename, ", ".join(tag.name for tag in video.tags.all()))
        for other in others if not spans else ():
            text = unicodedata.normalize("NFC", other)
            spans = matcher.spans(text)
            if spans:
                break
        snippet = marked_parts(text, spans, 0, len(text))
        return Hit(video, None, 0, 0, video.duration_ms or 0, snippet, row.score)
    said = spoken.get(scene.pk) or _Spoken(unicodedata.normalize("NFC", scene.text), (), ())
    spans = matcher.spans(said.text)
    first = _best_start(spans)
    start, end = _sentence(said.text, first)
    snippet = marked_parts(said.text, spans, start, end)
    if end < len(said.text) and said.text[end - 1] not in _SENTENCE_ENDS:
        snippet += (Part("…", is_marked=False),)
    time_ms = said.time_ms(first) if spans else None
    return Hit(
        video,
        scene,
        scene.start_ms if time_ms is None else time_ms,
        scene.start_ms,
        scene.end_ms,
        snippet,
        row.score,
        row.is_by_meaning,
    )


def _screen_hit(
    video: Video, shown: ScreenText, scene: Scene | None, row: Ranked, matcher: Matcher
) -> Hit:
    """The hit of a text on screen; its scene is the one in which it appears."""
    text = unicodedata.normalize("NFC", shown.text.replace("\n", " · "))
    spans = matcher.spans(text)
    start, end = _sentence(text, _best_start(spans))
    start_ms, end_ms = (scene.start_ms, scene.end_ms) if scene else (shown.start_ms, shown.end_ms)
    snippet = marked_parts(text, spans, start, end)
    return Hit(
        video, scene, shown.start_ms, start_ms, end_ms, snippet, row.score, is_on_screen=True
    )


def _scenes_of(shown: Sequence[ScreenText]) -> dict[int, Scene]:
    """The scene in which each text on screen appears."""
    if not shown:
        return {}
    before = Scene.objects.filter(video=OuterRef("video"), start_ms__lte=OuterRef("start_ms"))
    scene_id = Subquery(before.order_by("-start_ms").values("pk")[:1])
    rows = ScreenText.objects.filter(pk__in=[each.pk for each in shown]).order_by()
    ids = dict(rows.annotate(scene_id=scene_id).values_list("pk", "scene_id"))
    scenes = Scene.objects.in_bulk([key for key in ids.values() if key])
    return {pk: scenes[key] for pk, key in ids.items() if key in scenes}


def _best_start(spans: Sequence[Span]) -> int:
    """Return where the snippet's first word begins: the first place with the most marks within one snippet."""
    best, start = 0, 0
    for at, (first, _) in enumerate(spans):
        count = sum(1 for _, last in spans[at : at + 8] if last - first <= SNIPPET_CHARS // 2)
        if count > best:
            best, start = count, first
    return start


def _sentence(text: str, place: int) -> tuple[int, int]:
    """Return (start, end) of about the sentence around a place of the text, at word limits."""
    earliest = max(0, place - BEFORE_CHARS)
    ends = [at for at in range(earliest, place) if text[at] in _SENTENCE_ENDS]
    if ends:
        start = ends[-1] + 1
    elif earliest:
        space = text.find(" ", earliest, place)
        start = space + 1 if space >= 0 else earliest
    else:
        start = 0
    end = min(len(text), start + SNIPPET_CHARS)
    if end < len(text):
        space = text.rfind(" ", place + 1, end)
        end = space if space > place else end
    while start < place and text[start].isspace():
        start += 1
    return start, end


def _spoken(scenes: Iterable[Scene]) -> dict[UUID, _Spoken]:
    """Return the spoken words of scenes, in one query."""
    inside = Cue.objects.filter(
        ~Q(text=""),
        video__scenes__in=[scene.pk for scene in scenes],
        start_ms__gte=F("video__scenes__start_ms"),
        start_ms__lt=F("video__scenes__end_ms"),
    )
    columns = ("video__scenes", "start_ms", "end_ms", "text", "words")
    cues: dict[UUID, list[_CueRow]] = defaultdict(list)
    for scene_id, *row in inside.order_by("video_id", "index").values_list(*columns):
        cues[scene_id].append(_CueRow(*row))
    return {scene_id: _joined(some) for scene_id, some in cues.items()}


def _joined(cues: Sequence[_CueRow]) -> _Spoken:
    timed = [
        (word.start_ms, unicodedata.normalize("NFC", word.text))
        for cue in cues
        for word in read_words(cue.words or [[cue.start_ms, cue.end_ms, cue.text]])
    ]
    text = join_words([word for _, word in timed])
    offsets, at = [], 0
    for _, word in timed:
        at = text.index(word, at)
        offsets.append(at)
        at += len(word)
    return _Spoken(text, tuple(offsets), tuple(start_ms for start_ms, _ in timed))
