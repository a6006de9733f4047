"""Storage keys of a video's files."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from videos.models import Video

_PLAIN_SUFFIX = re.compile(r"\.[a-z0-9]{1,7}")


@dataclass(frozen=True, slots=True)
class CaptionsFile:
    """A stored captions file: its key, the name that the user gave it, and the encoding chosen for it, if any."""

    key: str
    filename: str
    encoding: str = ""


def source_key(*, owner_id: int, video_id: uuid.UUID, filename: str) -> str:
    """The key of a source file. Only an ASCII file ending is taken from its name.

    `video_id` is the video's id, or the id of one attempt to fetch it, so that two attempts never write to one key.
    """
    return f"sources/{owner_id}/{video_id}{plain_suffix(filename)}"


def captions_key(*, owner_id: int, video_id: uuid.UUID, filename: str) -> str:
    """The key of the captions file that is uploaded with a video."""
    return f"captions/{owner_id}/{video_id}{plain_suffix(filename)}"


def transcript_key(
    *, owner_id: int, video_id: uuid.UUID, transcript_id: uuid.UUID, filename: str
) -> str:
    """The key of a captions file that is added to a video."""
    return f"captions/{owner_id}/{video_id}/{transcript_id}{plain_suffix(filename)}"


def plain_suffix(filename: str) -> str:
    """The name's ending with its dot in lower case; empty unless it is 1 to 7 ASCII letters or digits."""
    suffix = PurePath(filename).suffix.lower()
    return suffix if _PLAIN_SUFFIX.fullmatch(suffix) else ""


def new_thumbnails_folder(video: Video) -> str:
    """A new folder for one attempt's thumbnails, so that an attempt never overwrites the ones that pages show.

    Its name is the attempt's fencing token, by which the removal of orphaned files sees that the attempt is running.
    """
    token = video.claim_token or uuid.uuid4()
    return f"thumbnails/{video.owner_id}/{video.pk}/{token.hex}/"


def proxy_key(video: Video, token: uuid.UUID) -> str:
    """The key of the proxy that the attempt with this fencing token makes."""
    return f"{_proxies_folder(video)}{token.hex}.mp4"


def _proxies_folder(video: Video) -> str:
    return f"proxies/{video.owner_id}/{video.pk}/"


def folders(video: Video) -> Iterator[str]:
    """The folders that contain only this video's derived files."""
    yield f"thumbnails/{video.owner_id}/{video.pk}/"
    yield f"captions/{video.owner_id}/{video.pk}/"
    yield f"stills/{video.owner_id}/{video.pk}/"
    yield _proxies_folder(video)
