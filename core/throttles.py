"""Rate limits for each user that hold over all web processes: the counts are in the shared cache.

With REDIS_URL that cache is Redis, otherwise the memory of the one `serve` process. Wrong passwords are counted by
django-axes, in the database.
"""

import logging
import time
from dataclasses import dataclass

from django.core.cache import cache

from core.errors import CoreCode, HeimdexError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Throttle:
    """At most `limit` calls for each key in each window of `window_s` seconds.

    Windows are fixed: each begins at a multiple of `window_s` of the machine's clock. In any stretch of `window_s`
    seconds there are therefore at most twice as many calls. A call is counted by one atomic increment, so that
    no two processes count as one; refused calls do not prolong the wait. While the cache cannot be reached every
    call is allowed and the log says so.
    """

    name: str
    limit: int
    window_s: int = 60

    def allows(self, key: object) -> bool:
        """Count a call for this key; whether it is within the limit."""
        window = int(time.time()) // self.window_s
        cache_key = f"throttle/{self.name}/{key}/{window}"
        try:
            cache.add(cache_key, 0, timeout=2 * self.window_s)
            return cache.incr(cache_key) <= self.limit
        except Exception as exc:  # noqa: BLE001 - whatever the cache's client raises
            logger.warning("throttle %s: not counted, no cache: %s", self.name, type(exc).__name__)
            return True

    def check(self, key: object) -> None:
        """Count a call for this key. THROTTLED beyond the limit, with Retry-After: the window's end in seconds."""
        if not self.allows(key):
            wait_s = self.window_s - int(time.time()) % self.window_s
            raise HeimdexError(CoreCode.THROTTLED, headers={"Retry-After": str(wait_s)})
