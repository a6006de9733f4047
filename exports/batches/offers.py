"""What can be ticked for a batch: clips, suggestions, scenes and earlier exports."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from exports.models import Export
from mediakit.probing.frame_rate import MAX_SHORT_MS, MIN_SHORT_MS
from videos.choices import SuggestionState
from videos.models import BEST_FIRST, Clip, Scene, Suggestion, Video

_SUGGESTION_COLUMNS = ("video_id", "title", "ranked_title", "start_ms", "end_ms")
# Of a video without clips, and of one without suggestions too, where several videos are offered.
SUGGESTIONS_EACH, SCENES_EACH = 3, 12


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be ticked. `kind` says what it is: a clip, suggestion, scene or export."""

    kind: str
    key: str
    title: str
    start_ms: int
    length_ms: int
    is_checked: bool


Group = tuple[str, list[Choice]]
"""Choices under a heading."""


def of_one(video: Video, ticked: set[str] | None) -> list[Group]:
    """Everything that a Short of the video can be made of. In a new dialog all clips are ticked."""
    clips = [_clip_choice(clip, ticked) for clip in video.clips.not_deleted()]
    suggestions = video.suggestions.filter(state=SuggestionState.OPEN)
    scenes = video.scenes.order_by("index").only("pk", "index", "start_ms", "end_ms", "text")
    return [
        (_("Clips"), clips),
        (_("Suggested clips"), [_suggestion_choice(row, ticked) for row in suggestions]),
        (_("Scenes"), [_scene_choice(s, ticked) for s in scenes if _fits(s.duration_ms)]),
    ]


def of_many(videos: Sequence[Video], ticked: set[str] | None) -> list[Group]:
    """The clips of each video; of one without any its best suggestions, and of one without these its first scenes.

    In a new dialog all clips are ticked.
    """
    clips: dict[uuid.UUID, list[Choice]] = defaultdict(list)
    suggestions: dict[uuid.UUID, list[Choice]] = defaultdict(list)
    for clip in Clip.objects.not_deleted().filter(video__in=videos):
        clips[clip.video_id].append(_clip_choice(clip, ticked))
    open_ones = Suggestion.objects.filter(video__in=videos, state=SuggestionState.OPEN)
    for row in open_ones.order_by(*BEST_FIRST).only(*_SUGGESTION_COLUMNS):
        if len(suggestions[row.video_id]) < SUGGESTIONS_EACH:
            suggestions[row.video_id].append(_suggestion_choice(row, ticked))
    bare = [v.pk for v in videos if not (clips[v.pk] or suggestions[v.pk])]
    scenes = _first_scenes(bare, ticked)
    return [(v.title, clips[v.pk] or suggestions[v.pk] or scenes[v.pk]) for v in videos]


def _first_scenes(
    video_ids: Sequence[uuid.UUID], ticked: set[str] | None
) -> Mapping[uuid.UUID, list[Choice]]:
    """The first SCENES_EACH scenes of each video that can be a Short."""
    length_ms = F("end_ms") - F("start_ms")
    place = Window(RowNumber(), partition_by="video_id", order_by="index")
    scenes = Scene.objects.filter(video__in=video_ids).alias(length_ms=length_ms)
    scenes = scenes.filter(length_ms__range=(MIN_SHORT_MS, MAX_SHORT_MS)).alias(place=place)
    scenes = scenes.filter(place__lte=SCENES_EACH).order_by("video_id", "index")
    found: dict[uuid.UUID, list[Choice]] = defaultdict(list)
    for scene in scenes.only("video_id", "index", "start_ms", "end_ms", "text"):
        found[scene.video_id].append(_scene_choice(scene, ticked))
    return found


def _fits(length_ms: int) -> bool:
    """Whether something of that length can be a Short."""
    return MIN_SHORT_MS <= length_ms <= MAX_SHORT_MS


def _scene_choice(scene: Scene, ticked: set[str] | None) -> Choice:
    key, is_checked = str(scene.pk), str(scene.pk) in (ticked or ())
    return Choice("scene", key, _scene_title(scene), scene.start_ms, scene.duration_ms, is_checked)


def _clip_choice(clip: Clip, ticked: set[str] | None) -> Choice:
    key = str(clip.pk)
    is_checked = ticked is None or key in ticked
    return Choice("clip", key, clip.title, clip.start_ms, clip.duration_ms, is_checked)


def export_choice(export: Export, ticked: set[str] | None) -> Choice:
    """An earlier export, to be made once more."""
    key = str(export.pk)
    is_checked = ticked is None or key in ticked
    return Choice("export", key, export.title, export.start_ms, export.span_ms, is_checked)


def _suggestion_choice(row: Suggestion, ticked: set[str] | None) -> Choice:
    key, title = str(row.pk), row.shown_title or _("Suggestion")
    is_checked = key in (ticked or ())
    return Choice("suggestion", key, title, row.start_ms, row.duration_ms, is_checked)


def _scene_title(scene: Scene) -> str:
    if scene.first_sentence:
        return f"{scene.number}. {scene.first_sentence}"
    return _("Scene %(number)s") % {"number": scene.number}
