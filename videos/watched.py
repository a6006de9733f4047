"""Tools that work on a whole video: they end when they stall, not when they are slow."""

import contextlib
from collections.abc import Callable, Iterator

from django.conf import settings

from jobs.watchdog import Watchdog
from mediakit.errors import StoppedError
from mediakit.sandbox import config as sandbox_config


@contextlib.contextmanager
def watched(
    name: str,
    *,
    duration_ms: int,
    on_progress: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> Iterator[tuple[Callable[[float], None], Callable[[], bool]]]:
    """Watch work on a video; gives the `on_progress` (0 to 1) and `should_stop` to pass to its tools.

    `name` begins the sentences of its errors: "The proxy". Work without progress ends in `ToolTimeoutError`, and what
    the caller stopped in `StoppedError`. Each tool's CPU time is limited by the video's length: a file made to be slow
    must end, on any machine.
    """
    watchdog = Watchdog(
        name,
        stall_s=settings.VIDEO_STALL_S,
        limit_s=settings.VIDEO_TIMEOUT_S,
        should_stop=should_stop,
    )

    def note(share: float) -> None:
        watchdog.note(share)
        on_progress(share)

    cpu_s = max(settings.VIDEO_CPU_LEAST_S, settings.VIDEO_CPU_FACTOR * duration_ms // 1000)
    with sandbox_config.cpu_limit(cpu_s):
        try:
            yield note, watchdog.should_stop
        except StoppedError:
            watchdog.check()
            raise
