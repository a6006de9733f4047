"""Rules for export requests: the user's quota, and valid ranges and choices."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from exports.choices import QUOTA_STATUSES, AspectRatio, Quality, Strategy
from exports.errors import ExportCode
from exports.models import Export
from mediakit.cutting.cut_time import Span, kept_ms
from mediakit.probing.frame_rate import MAX_SHORT_MS, MIN_SHORT_MS
from videos import kept_ranges
from videos.errors import VideoCode
from videos.models import Video

# How long a client should wait after EXPORT_REQUESTS_EXCEEDED.
REQUESTS_RETRY_AFTER_S = 3600


@dataclass(frozen=True, slots=True)
class Quota:
    """A user's quota slots in the sliding window of 24 hours at one moment.

    `next_free_at` is when the next slot becomes free. It is None while a slot is free, and None for a limit of 0.
    """

    limit: int
    used: int
    free: int
    next_free_at: datetime | None


def quota(user: User, *, at: datetime) -> Quota:
    """How many quota slots the user has used in the window that ends at `at`."""
    limit = user.export_quota
    window = timedelta(seconds=settings.EXPORT_WINDOW_S)
    exports = Export.objects.in_quota(user, since=at - window)
    taken = list(exports.order_by("place_taken_at").values_list("place_taken_at", flat=True))
    used = len(taken)
    next_free_at = taken[used - limit] + window if 0 < limit <= used else None
    return Quota(limit, used, max(0, limit - used), next_free_at)


def places_used(user_ids: Iterable[int], *, at: datetime) -> dict[int, int]:
    """The quota slots that each of these users has used in the window that ends at `at`; one query."""
    rows = _taken(at=at).filter(owner_id__in=list(user_ids)).order_by()
    return dict(rows.values_list("owner_id").annotate(Count("pk")))


def places_used_column(*, at: datetime) -> Coalesce:
    """The same as a column of a query of users."""
    own = _taken(at=at).filter(owner=OuterRef("pk")).order_by()
    counted = own.values("owner").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def busiest(*, at: datetime, count: int) -> list[tuple[User, int]]:
    """The users who used the most quota slots in the window that ends at `at`, with how many."""
    rows = _taken(at=at).order_by().values_list("owner_id").annotate(used=Count("pk"))
    used = dict(rows.order_by("-used", "owner_id")[:count])
    users = User.objects.in_bulk(list(used))
    return [(users[pk], taken) for pk, taken in used.items() if pk in users]


def places_text(used: int, user: User) -> str:
    """Used and allowed exports in words: "3 of 10"."""
    return _("%(used)d of %(limit)d") % {"used": used, "limit": user.export_quota}


def _taken(*, at: datetime) -> QuerySet[Export]:
    since = at - timedelta(seconds=settings.EXPORT_WINDOW_S)
    return Export.objects.filter(status__in=QUOTA_STATUSES, place_taken_at__gt=since)


def check_quota(user: User, *, at: datetime, count: int = 1) -> None:
    """Raise EXPORT_LIMIT_EXCEEDED when fewer than `count` slots are free, EXPORT_REQUESTS_EXCEEDED when the user made
    too many requests.

    A failed or cancelled export frees its slot, but its requests still count. Otherwise a user could keep the workers
    busy with exports that never count. The caller must hold the lock on the user's row, or a concurrent request can
    take the same slot.
    """
    current = quota(user, at=at)
    if current.free >= count:
        _check_requests(user, at=at, count=count)
        return
    if current.free:
        raise _too_many_at_once(current, count)
    wait_s = (
        (current.next_free_at - at).total_seconds()
        if current.next_free_at
        else settings.EXPORT_WINDOW_S
    )
    details = {
        "limit": current.limit,
        "current_count": current.used,
        "hours_until_reset": round(max(0.0, wait_s) / 3600, 2),
    }
    sentence = ExportCode.EXPORT_LIMIT_EXCEEDED.message({**details, "wait": wait_text(wait_s)})
    raise HeimdexError(
        ExportCode.EXPORT_LIMIT_EXCEEDED,
        details,
        message=sentence if current.limit else _("Your account may not start exports."),
        headers={"Retry-After": str(max(1, math.ceil(wait_s)))},
    )


def _too_many_at_once(current: Quota, count: int) -> HeimdexError:
    """The error for more exports than fit now, while some do."""
    details = {
        "limit": current.limit,
        "current_count": current.used,
        "requested": count,
        "free": current.free,
    }
    sentence = _(
        "These are %(requested)s Shorts, and %(free)s of %(limit)s places are free. Choose fewer."
    )
    return HeimdexError(ExportCode.EXPORT_LIMIT_EXCEEDED, details, message=sentence % details)


def _check_requests(user: User, *, at: datetime, count: int) -> None:
    window = timedelta(seconds=settings.EXPORT_WINDOW_S)
    limit = user.export_quota * settings.EXPORT_REQUESTS_PER_PLACE
    if Export.objects.request_count(user, since=at - window) + count > limit:
        raise HeimdexError(
            ExportCode.EXPORT_REQUESTS_EXCEEDED,
            {"limit": limit},
            headers={"Retry-After": str(REQUESTS_RETRY_AFTER_S)},
        )


def wait_text(seconds: float) -> str:
    """A waiting time in the reader's language, rounded up to minutes: "3 hours 20 minutes"."""
    hours, minutes = divmod(max(1, math.ceil(seconds / 60)), 60)
    parts = []
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if minutes:
        parts.append(
            ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
        )
    return " ".join(parts)


def check_video(video: Video) -> None:
    """Raise VIDEO_NOT_READY until the video has been processed."""
    if not video.is_ready or video.duration_ms is None:
        raise HeimdexError(VideoCode.VIDEO_NOT_READY, {"status": video.status})


def check_span(video: Video, start_ms: int, end_ms: int) -> None:
    """Raise unless the range is ordered, inside the video, at least SHORTEST_MS and at most MAX_SHORT_MS long."""
    duration_ms = video.duration_ms or 0
    span_ms = end_ms - start_ms
    given = {"start_s": start_ms / 1000, "end_s": end_ms / 1000}
    if span_ms <= 0:
        raise HeimdexError(ExportCode.SPAN_REVERSED, given)
    if start_ms < 0 or end_ms > duration_ms:
        raise HeimdexError(
            ExportCode.SPAN_OUTSIDE_VIDEO, {**given, "duration_s": duration_ms / 1000}
        )
    if span_ms > MAX_SHORT_MS:
        raise HeimdexError(
            ExportCode.SCENE_TOO_LONG,
            {"scene_duration_s": span_ms / 1000, "max_duration_s": MAX_SHORT_MS // 1000},
        )
    if span_ms < MIN_SHORT_MS:
        raise HeimdexError(ExportCode.SPAN_TOO_SHORT, {**given, "least_s": MIN_SHORT_MS / 1000})


def check_whole_length(cut_ms: int, added_ms: int) -> None:
    """Raise SHORT_TOO_LONG where a Short is too long with what is added to its cut."""
    if added_ms and cut_ms + added_ms > MAX_SHORT_MS:
        details = {
            "scene_duration_s": (cut_ms + added_ms) / 1000,
            "max_duration_s": MAX_SHORT_MS // 1000,
        }
        raise HeimdexError(ExportCode.SHORT_TOO_LONG, details)


def check_ranges(video: Video, ranges: Sequence[Span]) -> None:
    """Raise unless several kept ranges are ordered, apart and inside the video, and together as long as a Short.

    Raises the codes of `videos.kept_ranges.check_ranges`, SCENE_TOO_LONG or SPAN_TOO_SHORT.
    """
    length_ms = kept_ms(kept_ranges.check_ranges(video, ranges))
    if length_ms > MAX_SHORT_MS:
        details = {"scene_duration_s": length_ms / 1000, "max_duration_s": MAX_SHORT_MS // 1000}
        raise HeimdexError(ExportCode.SCENE_TOO_LONG, details)
    if length_ms < MIN_SHORT_MS:
        raise HeimdexError(ExportCode.SPAN_TOO_SHORT, {"least_s": MIN_SHORT_MS / 1000})


def check_track(video: Video, index: int | None) -> None:
    """Raise NO_SUCH_TRACK unless the video has an audio track with that stream index. None is always valid."""
    if index is not None and index not in {
        track["index"] for track in video.probe.get("audio", ())
    }:
        raise HeimdexError(ExportCode.NO_SUCH_TRACK, {"audio_track": index})


def check_choices(aspect_ratio: str, strategy: str, quality: str) -> None:
    """Raise INVALID_INPUT for an unknown aspect ratio, framing strategy or quality."""
    for name, value, allowed in (
        ("aspect_ratio", aspect_ratio, AspectRatio.values),
        ("aspect_ratio_strategy", strategy, Strategy.values),
        ("output_quality", quality, Quality.values),
    ):
        if value not in allowed:
            sentence = invalid_choice_text(allowed)
            raise HeimdexError(
                CoreCode.INVALID_INPUT,
                {"fields": {name: [sentence]}},
                message=f"{name}: {sentence}",
            )


def invalid_choice_text(allowed: list[str]) -> str:
    """The sentence that lists a field's valid values."""
    return _("Choose one of: %(allowed)s.") % {"allowed": ", ".join(allowed)}
