"""What this machine has, or what a container leaves of it, for defaults of settings."""

import os
from pathlib import Path

_ENCODE_BYTES = 2 * 1024**3
_CGROUP = Path("/sys/fs/cgroup")


def exports_at_once() -> int:
    """How many Shorts are made at once: two where there are two processors and 2 GiB of memory for each, otherwise one.

    An encode leaves a sixth of two processors idle, and checking a finished Short needs one of them: two at once take
    an eighth less time for ten Shorts (docs/performance.md). More gain nothing, and take memory.
    """
    has_memory = memory_bytes() >= 2 * _ENCODE_BYTES * 0.9  # the kernel keeps some of it for itself
    return 2 if processors() >= 2 and has_memory else 1


def processors() -> float:
    """The processors that this process may use; a container may have a part of one."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return min(affinity or os.cpu_count() or 1, _container_processors())


def memory_bytes() -> int:
    """The memory of the machine in bytes, or what a container may use of it; 0 where the system does not say."""
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0
    return min([machine, *_numbers("memory.max"), *_numbers("memory/memory.limit_in_bytes")])


def _container_processors() -> float:
    """The processor time a container may use in each period, as a share of one processor; infinite without a limit."""
    version_1 = [*_numbers("cpu/cpu.cfs_quota_us"), *_numbers("cpu/cpu.cfs_period_us")]
    match _numbers("cpu.max") or version_1:
        case [quota_us, period_us] if quota_us > 0 and period_us > 0:
            return quota_us / period_us
    return float("inf")


def _numbers(name: str) -> list[int]:
    """The numbers in a file of the control group that a container is in: version 2, or 1 in a folder of its kind.

    Outside of containers these files are those of the whole machine, where there are any, and say "max" or -1.
    """
    try:
        words = (_CGROUP / name).read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return []
    return [int(word) for word in words if word.isdecimal()]
