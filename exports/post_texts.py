"""What is written beside a Short when it is posted: its title, a description and hashtags, from its own words."""

import uuid
from collections.abc import Iterable, Mapping, Sequence

from exports.captions.styles import cues_from_json
from exports.models import Export
from mediakit.suggestions.post_text import PostText, post_text
from videos.models import Scene


def post_text_of(export: Export) -> PostText:
    """The description and hashtags of one export; empty where nothing is said in it."""
    return post_texts([export])[export.pk]


def post_texts(exports: Sequence[Export]) -> dict[uuid.UUID, PostText]:
    """The same for several, in one query. Hashtags are tags of the video's scenes that are said in the Short."""
    terms = _tags_of_videos({export.video_id for export in exports if export.video_id})
    return {
        export.pk: post_text(
            cues_from_json(export.caption_cues),
            language=export.caption_language,
            terms=terms.get(export.video_id, ()),
        )
        for export in exports
    }


def _tags_of_videos(videos: Iterable[uuid.UUID]) -> Mapping[uuid.UUID | None, Sequence[str]]:
    """The tags of the scenes of each video, once each, in the order of the video."""
    rows = Scene.objects.filter(video__in=videos).order_by("video_id", "index")
    found: dict[uuid.UUID | None, dict[str, None]] = {}
    for video_id, tags in rows.values_list("video_id", "tags"):
        found.setdefault(video_id, {}).update(dict.fromkeys(tags))
    return {video_id: list(tags) for video_id, tags in found.items()}
