"""Giving memory back to the system after a job, in a process that lives for weeks."""

import contextlib
import ctypes


def give_back_memory() -> None:
    """Return the free parts of the heap to the system, where the C library is glibc; elsewhere nothing is done.

    glibc keeps what was freed below the last block that is still used: after a talk of speech recognition 140 MB, which
    the next job may never need. For 400 MB it takes a tenth of a second, for nothing no time.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
