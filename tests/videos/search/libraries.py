"""Libraries with words in them, and what a search finds there."""

from typing import Any

from accounts.models import User
from tests.factories import CueFactory, SceneFactory, VideoFactory
from videos.models import Video
from videos.search.candidates import Scope
from videos.search.entries import index_video
from videos.search.finding import Found, search
from videos.search.hits import Hit, load_hits


def make_video(owner: User, *texts: str, **values: Any) -> Video:
    """A video with one scene of 30 s for each text, each with one cue of its words, indexed."""
    tags = values.pop("tags", [])
    speaker = values.pop("speaker", "")
    video = VideoFactory.create(owner=owner, **{"title": "Untitled", "filename": "a.mp4", **values})
    for number, text in enumerate(texts):
        start_ms = number * 30_000
        SceneFactory.create(video=video, index=number, text=text, tags=tags)
        words = [
            [start_ms + 1_000 + at * 500, start_ms + 1_400 + at * 500, word]
            for at, word in enumerate(text.split())
        ]
        CueFactory.create(
            video=video,
            index=number,
            start_ms=start_ms + 1_000,
            end_ms=start_ms + 29_000,
            text=text,
            words=words,
            speaker=speaker,
        )
    index_video(video.pk)
    return video


def find(owner: User, text: str, **values: Any) -> Found:
    """What the owner finds."""
    is_typing = values.pop("is_typing", False)
    return search(text, Scope(owner.pk, **values), is_typing=is_typing)


def hits(owner: User, text: str, **values: Any) -> list[Hit]:
    """The hits of a search."""
    found = find(owner, text, **values)
    return load_hits(found.query, found.ranked)


def texts(owner: User, text: str, **values: Any) -> list[str]:
    """The texts of the scenes, or titles of the videos, that the owner finds, the best first."""
    return [hit.scene.text if hit.scene else hit.video.title for hit in hits(owner, text, **values)]
