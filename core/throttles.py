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
        cache_key = self._cache_key(key)
        try:
            cache.add(cache_key, 0, timeout=2 * self.window_s)
            return cache.incr(cache_key) <= self.limit
        except Exception as exc:  # noqa: BLE001 - whatever the cache's client raises
            logger.warning("throttle %s: not counted, no cache: %s", self.name, type(exc).__name__)
            return True

    def is_spent(self, key: object) -> bool:
        """Whether this key's limit is reached in this window; counts nothing. False while there is no cache."""
        try:
            return int(cache.get(self._cache_key(key), 0)) >= self.limit
        except Exception as exc:  # noqa: BLE001 - whatever the cache's client raises
            logger.warning("throttle %s: not checked, no cache: %s", self.name, type(exc).__name__)
            return False

    def _cache_key(self, key: object) -> str:
        return f"throttle/{self.name}/{key}/{int(time.time()) // self.window_s}"

    def check(self, key: object) -> None:
        """Count a call for this key. THROTTLED beyond the limit, with Retry-After: the window's end in seconds."""
        if not self.allows(key):
            wait_s = self.window_s - int(time.time()) % self.window_s
            raise HeimdexError(CoreCode.THROTTLED, headers={"Retry-After": str(wait_s)})
