"""What this machine has, for defaults of settings."""

import os

_ENCODE_BYTES = 2 * 1024**3


def exports_at_once() -> int:
    """How many Shorts are made at once: two where there are two processors and 2 GiB of memory for each, otherwise one.

    An encode leaves a sixth of two processors idle, and checking a finished Short needs one of them: two at once take
    an eighth less time for ten Shorts (docs/performance.md). More gain nothing, and take memory.
    """
    processors = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    )
    has_memory = memory_bytes() >= 2 * _ENCODE_BYTES * 0.9  # the kernel keeps some of it for itself
    return 2 if (processors or 1) >= 2 and has_memory else 1


def memory_bytes() -> int:
    """The memory of the machine in bytes; 0 where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0
