"""The address of the schedule in version 0.1; `workers.heartbeat_file:Scheduler` is the new one. Removed in 0.3."""

import logging

from workers.heartbeat_file import Scheduler

__all__ = ["Scheduler"]

logging.getLogger(__name__).warning(
    "heimdex.alive:Scheduler has moved: start the schedule with --scheduler workers.heartbeat_file:Scheduler"
)
