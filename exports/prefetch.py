"""Having a range looked at before an export of it is asked for: at most a few times a minute for one person."""

from accounts.models import User
from core.throttles import Throttle
from exports.tasks import look_ahead
from jobs import notify
from mediakit.probing.frame_rate import MAX_SHORT_MS
from videos import shot_analyses
from videos.models import ShotAnalysis, Video

SAME_RANGE = Throttle("look-ahead-range", limit=1)
PER_PERSON = Throttle("look-ahead", limit=20)


def seen(user: User, video: Video, start_ms: int, end_ms: int) -> ShotAnalysis | None:
    """What was seen in a range; None while nobody has looked, and then somebody is asked to. Returns at once."""
    inside = 0 <= start_ms < end_ms <= (video.duration_ms or 0)
    if not inside or end_ms - start_ms > MAX_SHORT_MS or not video.is_ready:
        return None
    row = shot_analyses.known(video, start_ms, end_ms)
    if row is None and _may_ask(user.pk, what := f"{video.pk}/{start_ms}/{end_ms}"):
        notify.send_later(look_ahead, what)
    return row


def _may_ask(user_id: int, what: str) -> bool:
    """Whether this was not asked in this minute, and the person has not asked too often."""
    return SAME_RANGE.allows(f"{user_id}/{what}") and PER_PERSON.allows(user_id)
