"""A Celery process whose clock is wrong: `python -m tests.faults.clock_skew SECONDS worker ...`.

Every way Python has to ask for the time of day answers so many seconds off, in forked children too. Waiting is right:
the monotonic clock stays as it is, as on a machine whose date was set wrongly.
"""

import sys
from datetime import UTC, datetime, timedelta

import time_machine


def main() -> None:
    """Set the clock, then be Celery."""
    offset = timedelta(seconds=float(sys.argv[1]))
    sys.argv = ["celery", "-A", "heimdex", *sys.argv[2:]]
    with time_machine.travel(datetime.now(UTC) + offset, tick=True):
        from celery.__main__ import main as celery  # noqa: PLC0415 - only now may it look at the clock

        celery()


if __name__ == "__main__":
    main()
