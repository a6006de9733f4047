"""Starts the shot analysis of a range before its export is requested, a limited number of times a minute per user."""

from accounts.models import User
from core.throttles import Throttle
from exports.tasks import look_ahead
from jobs import notify
from mediakit.probing.frame_rate import MAX_SHORT_MS
from videos.analyses import shot_analyses
from videos.models import ShotAnalysis, Video

RANGE_THROTTLE = Throttle("look-ahead-range", limit=1)
USER_THROTTLE = Throttle("look-ahead", limit=20)


def find_or_request(user: User, video: Video, start_ms: int, end_ms: int) -> ShotAnalysis | None:
    """The stored shot analysis of a range, or None; then a message starts a worker on it. Returns at once.

    A message also goes out when the stored one was made without a model that a worker has by now.

    None also for a range that cannot be exported, and then no analysis is started.
    """
    inside = 0 <= start_ms < end_ms <= (video.duration_ms or 0)
    if not inside or end_ms - start_ms > MAX_SHORT_MS or not video.is_ready:
        return None
    row = shot_analyses.find_analysis(video, start_ms, end_ms)
    is_wanted = row is None or shot_analyses.may_become_better(row)
    if is_wanted and _is_allowed(user.pk, span := f"{video.pk}/{start_ms}/{end_ms}"):
        notify.send_later(look_ahead, span)
    return row


def _is_allowed(user_id: int, span: str) -> bool:
    """Whether the user may start this analysis: not twice a minute for one range, and not too many at all."""
    return RANGE_THROTTLE.allows(f"{user_id}/{span}") and USER_THROTTLE.allows(user_id)
