"""The rows of this worker process: which queues it serves, that it is alive, and limits that its tools ran into."""

import logging
import shutil
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs import attempts
from jobs.clock import database_now
from mediakit.errors import MediaError
from mediakit.ffmpeg.installation import probe_tool
from workers.models import ToolLimitCount, WorkerProcess

logger = logging.getLogger(__name__)

FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(slots=True)
class _ThisProcess:
    name: str = ""
    queues: str = ""
    jobs_at_once: int = 1
    next_report_s: float = 0.0


_this = _ThisProcess()


def announce(name: str, queues: Iterable[str], *, jobs_at_once: int) -> None:
    """Say what this process is; nothing is written before `report`."""
    attempts.set_worker_name(name)
    _this.name, _this.queues = attempts.worker_name(), " ".join(sorted(queues))
    _this.jobs_at_once, _this.next_report_s = jobs_at_once, 0.0


def embedded_name() -> str:
    """The name of a process that is web server and worker at once."""
    return f"serve@{socket.gethostname()}"


def report() -> None:
    """Write this process' row, at most every JOB_SWEEP_S; no-op in a process that was not announced.

    The rows of workers that were not seen for a day are removed.
    """
    if not _this.name or time.monotonic() < _this.next_report_s:
        return
    is_first = _this.next_report_s == 0.0
    values: dict[str, Any] = {
        "queues": _this.queues,
        "jobs_at_once": _this.jobs_at_once,
        "version": settings.VERSION,
        "ffmpeg": ffmpeg_version(),
        "work_free_bytes": _free_bytes(),
        "seen_at": Now(),
    }
    if is_first:
        values["started_at"] = Now()
    WorkerProcess.objects.update_or_create(pk=_this.name, defaults=values)
    WorkerProcess.objects.filter(seen_at__lt=database_now() - FORGOTTEN_AFTER).delete()
    _this.next_report_s = time.monotonic() + settings.JOB_SWEEP_S


def leave() -> None:
    """Remove this process' row: it stops."""
    if _this.name:
        WorkerProcess.objects.filter(pk=_this.name).delete()


def alive_workers(*, at: datetime) -> QuerySet[WorkerProcess]:
    """The workers that were seen within a lease."""
    since = at - timedelta(seconds=settings.JOB_LEASE_S)
    return WorkerProcess.objects.filter(seen_at__gte=since)


def count_limit(tool: str, limit: str) -> None:
    """Count that a tool was ended by a limit. Never raises: the tool's own error is what matters."""
    was_open = connection.connection is not None
    try:
        with transaction.atomic():
            ToolLimitCount.objects.get_or_create(tool=tool, limit=limit)
            rows = ToolLimitCount.objects.filter(tool=tool, limit=limit)
            rows.update(count=F("count") + 1)
    except Exception:  # noqa: BLE001 - a database that is away, or one that may not be asked here
        logger.warning("%s was ended by a limit (%s), which could not be counted", tool, limit)
    finally:
        if not was_open:
            connection.close()


@cache
def ffmpeg_version() -> str:
    """The version of this machine's ffmpeg; empty where none is installed."""
    try:
        return ".".join(map(str, probe_tool("ffprobe").version))
    except MediaError:
        return ""


def _free_bytes() -> int | None:
    try:
        return shutil.disk_usage(settings.WORK_DIR).free
    except OSError:
        return None
