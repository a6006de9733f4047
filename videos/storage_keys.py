"""Where a video's files lie in storage."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from videos.models import Video

_PLAIN_SUFFIX = re.compile(r"\.[a-z0-9]{1,7}")


@dataclass(frozen=True, slots=True)
class CaptionsFile:
    """A captions file that lies in storage already, and what its owner called it."""

    key: str
    filename: str


def source_key(*, owner_id: int, video_id: uuid.UUID, filename: str) -> str:
    """The key of a source; only a plain ASCII file ending is carried over from its name.

    `video_id` is the video's, or that of one attempt to fetch it: no two attempts write to one key.
    """
    return f"sources/{owner_id}/{video_id}{plain_suffix(filename)}"


def captions_key(*, owner_id: int, video_id: uuid.UUID, filename: str) -> str:
    """The key of a video's captions file."""
    return f"captions/{owner_id}/{video_id}{plain_suffix(filename)}"


def plain_suffix(filename: str) -> str:
    """The name's ending with its dot, lower case; empty when it is not a few ASCII letters."""
    suffix = PurePath(filename).suffix.lower()
    return suffix if _PLAIN_SUFFIX.fullmatch(suffix) else ""


def new_thumbnails_folder(video: Video) -> str:
    """A fresh folder for one run's thumbnails, so that a run never writes over what a page shows.

    It bears the run's fencing token, which tells the removal of orphaned files that the run is going on.
    """
    token = video.claim_token or uuid.uuid4()
    return f"thumbnails/{video.owner_id}/{video.pk}/{token.hex}/"


def folders(video: Video) -> Iterator[str]:
    """The folders that hold nothing but this video's derived files."""
    yield f"thumbnails/{video.owner_id}/{video.pk}/"
    yield f"stills/{video.owner_id}/{video.pk}/"
