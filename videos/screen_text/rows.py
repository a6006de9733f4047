"""The rows of text on screen, and the states of reading it. Besides `jobs.lease`, only this module writes `status`.

pending -> processing -> completed | failed        completed | failed -> pending (asked for again, or a model came)
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from core.errors import CoreCode, HeimdexError
from jobs import lease
from jobs.lease import Claim
from mediakit.model_store.catalog import READER
from videos import model_files
from videos.choices import SideJobStatus, VideoStatus
from videos.models import ScreenReading, ScreenText, Video
from videos.policy import storable
from videos.search.entries import index_video

if TYPE_CHECKING:
    from mediakit.screen_text.reading import TextOnScreen

_BATCH = 500
IDLE = (SideJobStatus.COMPLETED, SideJobStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and by what; `reader` is empty where this machine has no models for it."""

    texts: "tuple[TextOnScreen, ...]"
    reader: str


def ensure_reading(video: Video) -> None:
    """Queue the reading of a processed video that was never read; no-op where HEIMDEX_SCREEN_TEXT says no.

    The sweep sends the message that the row lacks.
    """
    if settings.READ_SCREEN:
        values = {"owner_id": video.owner_id, "queued_at": Now()}
        ScreenReading.objects.get_or_create(video=video, defaults=values)


def ask_for_missing(*, limit: int) -> int:
    """Queue up to `limit` readings that are missing: of videos of an earlier release, and those without a model then.

    Returns how many there were.
    """
    if not settings.READ_SCREEN:
        return 0
    unread = Video.objects.filter(status=VideoStatus.READY, screen_reading=None, deleted_at=None)
    videos = list(unread.order_by("-created_at").only("pk", "owner_id")[:limit])
    for video in videos:
        ensure_reading(video)
    if videos or not model_files.some_machine_has(READER):
        return len(videos)
    waiting = ScreenReading.objects.filter(status=SideJobStatus.COMPLETED, reader="")
    keys = list(waiting.order_by("-created_at").values_list("pk", flat=True)[:limit])
    return _queue_again(keys)


def read_again(reading: ScreenReading) -> None:
    """Queue a reading that has ended once more. CONFLICT when it has not."""
    if not _queue_again([reading.pk]):
        raise HeimdexError(CoreCode.CONFLICT)


def _queue_again(keys: list[Any]) -> int:
    changes = {"stage": "", "progress": 0, "attempts": 0, "error_code": "", "error_params": {}}
    idle = ScreenReading.objects.filter(pk__in=keys, status__in=IDLE)
    return idle.update(status=SideJobStatus.PENDING, queued_at=Now(), **changes)


@transaction.atomic
def finish(claim: Claim[ScreenReading], reading: Reading) -> None:
    """Save what was read in place of what there was, and index it. LeaseLostError changes nothing."""
    video_id = claim.row.video_id
    # Locked first, in the order in which processing locks them.
    Video.objects.select_for_update(no_key=True).filter(pk=video_id).first()
    lease.write(
        claim,
        status=SideJobStatus.COMPLETED,
        claim_token=None,
        progress=100,
        reader=reading.reader,
    )
    ScreenText.objects.filter(video_id=video_id).delete()
    ScreenText.objects.bulk_create(
        (
            ScreenText(
                video_id=video_id,
                index=index,
                start_ms=each.start_ms,
                end_ms=each.end_ms,
                text=storable(each.text),
                confidence=each.confidence,
            )
            for index, each in enumerate(reading.texts)
        ),
        batch_size=_BATCH,
    )
    Video.objects.filter(pk=video_id).update(screen_read_at=Now())
    index_video(video_id)
