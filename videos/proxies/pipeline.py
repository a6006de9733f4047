"""Makes and stores one playback proxy: storage -> work folder -> mediakit -> storage."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from core.errors import CoreCode, HeimdexError
from jobs.lease import Claim
from jobs.work_folders import work_folder
from mediakit.media_info import MediaInfo
from mediakit.render.proxy import make_proxy, most_bytes, proxy_size
from storage import files as storage_files
from storage.source_reader import open_source
from videos.models import Proxy
from videos.storage_keys import proxy_key
from videos.watched import watched

CONTENT_TYPE = "video/mp4"


@dataclass(frozen=True, slots=True)
class StoredProxy:
    """A stored proxy: its key, its size in bytes and the height of its picture in px."""

    file_key: str
    size_bytes: int
    height: int


def make(
    claim: Claim[Proxy],
    *,
    on_progress: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> StoredProxy:
    """Make the proxy of a claimed row and store it under a key of this attempt; the row is not written.

    Raises STORAGE_FULL before the work when the disk has no room for it, and the errors of `make_proxy`.
    """
    video = claim.row.video
    info = MediaInfo.from_json(video.probe)
    _check_room(info)
    with work_folder("proxy") as work_dir, open_source(video.source_key) as source:
        made = work_dir / "proxy.mp4"
        with watched(
            "The proxy",
            duration_ms=info.duration_ms,
            on_progress=on_progress,
            should_stop=should_stop,
        ) as (note, stops):
            make_proxy(
                source,
                info,
                made,
                on_progress=note,
                should_stop=stops,
                timeout_s=settings.VIDEO_TIMEOUT_S,
            )
        size_bytes = made.stat().st_size
        key = proxy_key(video, claim.token)
        storage_files.save_file(key, made, content_type=CONTENT_TYPE)
    return StoredProxy(key, size_bytes, proxy_size(info).height)


def _check_room(info: MediaInfo) -> None:
    free = storage_files.free_bytes()
    if free is not None and free < most_bytes(info) + settings.HEALTH_MIN_FREE_BYTES:
        raise HeimdexError(CoreCode.STORAGE_FULL)
