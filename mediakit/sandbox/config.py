"""The limits of every child process: one frozen value, set once when the program starts.

`mediakit` reads no settings: the application calls `configure`. Without that call the defaults hold.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits of one child.

    Sizes in bytes. `file_size` limits each file, and all files that the child makes together; `files`
    limits their number. `cpu_s` is the CPU time of all its threads together; None means its time limit
    times the number of processors. `nice` is its scheduling priority (0 to 19, 19 the lowest).
    A child is one process with at most `threads` threads.
    """

    address_space: int = 2 << 30
    file_size: int = 4 << 30
    files: int = 10_000
    threads: int = 1_000
    open_files: int = 256
    cpu_s: int | None = None
    nice: int = 10


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Settings that hold for all children.

    `max_pixels` is the largest picture that is decoded, `max_alloc` the largest single piece of
    memory in bytes, `max_streams` the most tracks a file may have. `threads` is how many each of
    decoder, filters and encoder may use: every one of them takes memory, and one for each of 16
    processors is more than 2 GiB hold for 4K. `tool_paths` are folders that
    the tools read besides the system's libraries and fonts. `on_limit` is called with the tool
    and the limit ("memory", "cpu", "size", "killed") whenever a limit ended a child.
    """

    limits: Limits = field(default_factory=Limits)
    max_pixels: int = 8192 * 4320
    max_alloc: int = 512 << 20
    max_streams: int = 100
    threads: int = min(8, os.cpu_count() or 1)
    tool_paths: tuple[str, ...] = ()
    on_limit: Callable[[str, str], None] = lambda _tool, _limit: None


_config = SandboxConfig()


_cpu_limit: ContextVar[int | None] = ContextVar("cpu_limit", default=None)


def current() -> SandboxConfig:
    """Return the sandbox configuration of this process, with the CPU limit of this context."""
    cpu_s = _cpu_limit.get()
    return (
        _config if cpu_s is None else replace(_config, limits=replace(_config.limits, cpu_s=cpu_s))
    )


@contextlib.contextmanager
def cpu_limit(cpu_s: int) -> Iterator[None]:
    """Limit the CPU time of each child that this thread starts in the block; its time limit no longer does."""
    token = _cpu_limit.set(cpu_s)
    try:
        yield
    finally:
        _cpu_limit.reset(token)


def configure(new: SandboxConfig) -> None:
    """Set the settings of this process and of the processes forked from it."""
    global _config  # noqa: PLW0603 -- one per process, set at its start
    _config = new
