"""Having a range looked at before an export of it is asked for: at most a few times a minute for one person."""

import threading
import time
from collections import deque

from accounts.models import User
from exports.tasks import look_ahead
from jobs import notify
from mediakit.render.short import MAX_SHORT_MS
from videos import shot_analyses
from videos.models import ShotAnalysis, Video

MOST_A_MINUTE = 20
MOST_REMEMBERED = 2_000
_lock = threading.Lock()
_asked: deque[tuple[float, int, str]] = deque(maxlen=MOST_REMEMBERED)


def seen(user: User, video: Video, start_ms: int, end_ms: int) -> ShotAnalysis | None:
    """What was seen in a range; None while nobody has looked, and then somebody is asked to. Returns at once."""
    inside = 0 <= start_ms < end_ms <= (video.duration_ms or 0)
    if not inside or end_ms - start_ms > MAX_SHORT_MS or not video.is_ready:
        return None
    row = shot_analyses.known(video, start_ms, end_ms)
    if row is None and _may_ask(user.pk, what := f"{video.pk}/{start_ms}/{end_ms}"):
        notify.soon(look_ahead, what)
    return row


def _may_ask(user_id: int, what: str) -> bool:
    """Whether this was not asked within the last minute, and the person has not asked too often."""
    now = time.monotonic()
    with _lock:
        while _asked and now - _asked[0][0] > 60:
            _asked.popleft()
        mine = [words for _, owner, words in _asked if owner == user_id]
        if what in mine or len(mine) >= MOST_A_MINUTE:
            return False
        _asked.append((now, user_id, what))
        return True
