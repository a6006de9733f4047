"""Speech recognition as it goes on: the words so far, how far it is, and ending it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import request_user
from core.errors import HeimdexError
from core.http import wants_partial
from mediakit.text.stored_words import read_words
from mediakit.text.transcript import join_words
from videos import queries
from videos.models import Video
from videos.transcripts.piece_store import end_hearing

# One answer holds at most this many pieces, about half an hour of speech.
MAX_PIECES = 120
NEXT_S, AT_ONCE_S = 2.0, 0.1
# From less time than this no speed is computed.
MIN_MEASURED_S = 5.0


@dataclass(frozen=True, slots=True)
class HearingProgress:
    """How far speech recognition is. `left_min` is None until its speed is known."""

    heard_ms: int
    duration_ms: int
    left_min: int | None

    @property
    def percent(self) -> int:
        """The share of the sound that was heard."""
        return min(100, 100 * self.heard_ms // max(1, self.duration_ms))


@dataclass(frozen=True, slots=True)
class HeardLine:
    """What was heard in one piece."""

    start_ms: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class HeardLines:
    """Pieces in order, up to `end_ms`, and after how many seconds to ask for the next ones."""

    lines: tuple[HeardLine, ...]
    end_ms: int
    next_s: float


def hearing_progress(video: Video) -> HearingProgress | None:
    """How far the speech of a video is heard; None while nothing is being heard.

    What is left is estimated by the speed of this attempt.
    """
    if not video.is_being_heard or video.heard_ms is None or not video.duration_ms:
        return None
    recent = video.pieces.filter(created_at__gte=video.started_at)
    seen = recent.aggregate(
        from_ms=Min("end_ms"), to_ms=Max("end_ms"), since=Min("created_at"), at=Max("created_at")
    )
    left_min = None
    if seen["at"] is not None and seen["to_ms"] > seen["from_ms"]:
        took_s = (seen["at"] - seen["since"]).total_seconds()
        if took_s >= MIN_MEASURED_S:
            left_ms = max(0, video.duration_ms - video.heard_ms)
            left_s = took_s * left_ms / (seen["to_ms"] - seen["from_ms"])
            left_min = max(1, round(left_s / 60))
    return HearingProgress(video.heard_ms, video.duration_ms, left_min)


def heard_lines(video: Video, *, after_ms: int = 0) -> HeardLines:
    """The words of the pieces that begin at `after_ms` or later."""
    rows = list(video.pieces.filter(start_ms__gte=after_ms).order_by("start_ms")[: MAX_PIECES + 1])
    shown = rows[:MAX_PIECES]
    lines = tuple(
        HeardLine(row.start_ms, text, row.language)
        for row in shown
        if (text := join_words([word.text for word in read_words(row.words)]))
    )
    end_ms = shown[-1].end_ms if shown else after_ms
    return HeardLines(lines, end_ms, AT_ONCE_S if len(rows) > MAX_PIECES else NEXT_S)


@require_safe
@never_cache
@login_required
def heard(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The words that were heard since `?after=` (ms), for polling."""
    video = queries.video_or_404(request_user(request), video_id)
    if not wants_partial(request):
        return redirect("videos:page", video.pk)
    after = request.GET.get("after", "")
    after_ms = int(after) if after.isdecimal() and len(after) < 10 else 0
    heard = heard_lines(video, after_ms=after_ms)
    return render(request, "videos/heard.html", {"video": video, "heard": heard})


@require_POST
@login_required
def stop_hearing(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """End speech recognition; what was heard until now becomes the transcript."""
    video = queries.video_or_404(request_user(request), video_id)
    try:
        end_hearing(video)
    except HeimdexError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("It ends here. Scenes are made of what was heard."))
    return redirect("videos:page", video.pk)
