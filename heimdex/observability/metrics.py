"""Metrics for Prometheus.

The gauges about jobs are read from the database at the scrape, so they are the same in every process; use
`max by (...)` in a query to count them once. Counts of more than MAX_EXACT_ROWS rows are PostgreSQL's estimates: a
scrape costs no more for more rows. Each process adds its own counters of requests (django-prometheus). With
`PROMETHEUS_MULTIPROC_DIR` the counters of all processes of one container are added up.

"day" means: among the jobs that were requested in the last 24 hours.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, F, Min, Sum
from django.db.models.functions import Greatest
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.errors import CoreCode, ErrorCode
from core.row_counts import bounded_count
from exports.choices import RETRYABLE, ExportStatus
from exports.models import Export
from jobs.clock import database_now
from jobs.lease import FAILED, PENDING, PROCESSING
from storage.errors import StorageCode
from videos.choices import ProxyStatus, VideoStatus
from videos.models import Proxy, Upload, Video
from workers.models import ToolLimitCount
from workers.registry import alive_workers

CACHE_S = 5.0
DAY = timedelta(hours=24)
SPEED_WINDOW = timedelta(hours=1)
OVERDUE_AFTER = timedelta(minutes=10)
STORAGE_CODES = (
    CoreCode.STORAGE_FULL,
    StorageCode.STORAGE_UNAVAILABLE,
    StorageCode.STORAGE_CORRUPT,
)
SANDBOX_CODES = (
    CoreCode.TOOL_LIMIT_MEMORY,
    CoreCode.TOOL_LIMIT_CPU,
    CoreCode.TOOL_LIMIT_SIZE,
    CoreCode.TOOL_KILLED,
)

Gauges = Iterator[Metric]
MODELS: tuple[tuple[str, Any, Any], ...] = (
    ("exports", Export, ExportStatus),
    ("videos", Video, VideoStatus),
    ("proxies", Proxy, ProxyStatus),
)


class JobsCollector(Collector):
    """The gauges about jobs, cached for `CACHE_S` seconds. Never raises; without a database, it reports only that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gauges: list[Metric] = []
        self._expires_at_s = 0.0

    def describe(self) -> Iterable[Metric]:
        """No descriptions: otherwise registering the collector would query the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All gauges. Concurrent scrapes share one query."""
        with self._lock:
            if time.monotonic() >= self._expires_at_s:
                self._gauges = list(_all_gauges())
                self._expires_at_s = time.monotonic() + CACHE_S
            return self._gauges


def render_metrics() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(_request_registry()) + generate_latest(_jobs_registry)


def _request_registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # it has no types
    return registry


def _all_gauges() -> Gauges:
    yield from _disk()
    up = 1
    found: list[Metric] = []
    try:
        at = database_now()
        for measure in MEASURES:
            found += measure(at)
    except DatabaseError:
        up, found = 0, []
    yield _single("heimdex_database_up", "Whether the database answers", up)
    yield from found


def _disk() -> Gauges:
    free = _gauge(
        "heimdex_disk_free_bytes", "Free room of the answering process' folders", "folder"
    )
    for name, path in (("data", settings.DATA_DIR), ("work", settings.WORK_DIR)):
        with suppress(OSError):  # the folder does not exist
            free.add_metric([name], shutil.disk_usage(path).free)
    yield free


def _states(_at: datetime) -> Gauges:
    jobs = _gauge("heimdex_jobs", "Jobs by state", "queue", "state")
    for queue, model, choices in MODELS:
        for state in choices.values:
            jobs.add_metric([queue, state], bounded_count(model.objects.filter(status=state)))
    yield jobs


def _ages(at: datetime) -> Gauges:
    waiting = _gauge(
        "heimdex_queue_oldest_seconds", "How long the oldest waiting job waits", "queue"
    )
    silent = _gauge(
        "heimdex_heartbeat_oldest_seconds", "Oldest sign of life of a running job", "queue"
    )
    for queue, model, _choices in MODELS:
        for gauge, state, column in (
            (waiting, PENDING, "queued_at"),
            (silent, PROCESSING, "heartbeat_at"),
        ):
            since = model.objects.filter(status=state).aggregate(since=Min(column))["since"]
            gauge.add_metric([queue], max(0.0, (at - since).total_seconds()) if since else 0)
    yield waiting
    yield silent


def _day(at: datetime) -> Gauges:
    """Failures of jobs by error code, and the exports' refunds and retries, of the last 24 hours."""
    refunds = retries = 0
    failures: dict[tuple[str, str], int] = {}
    lately = Export.objects.filter(place_taken_at__gt=at - DAY)
    facts = lately.order_by().values_list("status", "error_code")
    for status, code, count, more in facts.annotate(
        Count("pk"), more=Sum(Greatest(F("attempts") - 1, 0))
    ):
        retries += more or 0
        refunds += count if status in RETRYABLE else 0
        if status == FAILED:
            failures["exports", code] = failures.get(("exports", code), 0) + count
    failed = Video.objects.filter(status=FAILED, created_at__gt=at - DAY).order_by()
    for code, count in failed.values_list("error_code").annotate(Count("pk")):
        failures["videos", code] = count
    yield _single(
        "heimdex_refunds_day", "Places given back: exports that failed or were cancelled", refunds
    )
    yield _single("heimdex_retries_day", "Attempts at exports beyond the first", retries)
    yield _by_code("heimdex_failures_day", "Failed jobs by error code", failures)
    kills = _counts_of(failures, SANDBOX_CODES)
    yield _by_code("heimdex_sandbox_kills_day", "Jobs that failed at a limit of the sandbox", kills)
    yield _by_code(
        "heimdex_storage_failures_day",
        "Jobs that failed at storage",
        _counts_of(failures, STORAGE_CODES),
    )


def _speed(at: datetime) -> Gauges:
    """Seconds of Shorts finished in the last hour per second of work; no value without. Requested within a day."""
    speed = _gauge("heimdex_render_speed_ratio", "Clip seconds per second of work, last hour")
    lately = Export.objects.filter(
        status=ExportStatus.COMPLETED,
        place_taken_at__gt=at - DAY,
        completed_at__gt=at - SPEED_WINDOW,
        started_at__isnull=False,
    )
    sums = lately.aggregate(clip=Sum("duration_ms"), work=Sum(F("completed_at") - F("started_at")))
    if sums["clip"] and sums["work"]:
        speed.add_metric([], sums["clip"] / 1000 / sums["work"].total_seconds())
    yield speed


def _retention(at: datetime) -> Gauges:
    completed = Export.objects.filter(status=ExportStatus.COMPLETED)
    gone = completed.filter(expires_at__lte=at)
    overdue = gone.filter(expires_at__lte=at - OVERDUE_AFTER).exclude(file_key="")
    yield _single(
        "heimdex_exports_expired", "Completed exports whose time is over", bounded_count(gone)
    )
    yield _single(
        "heimdex_exports_overdue", "Files kept 10 minutes past their time", overdue.count()
    )
    uploads = Upload.objects.filter(finished_at=None).aggregate(
        count=Count("pk"), received=Sum("offset_bytes")
    )
    yield _single("heimdex_uploads_open", "Uploads in progress", uploads["count"])
    yield _single("heimdex_uploads_open_bytes", "Received of them so far", uploads["received"] or 0)


def _workers(at: datetime) -> Gauges:
    """Workers that are alive, and the tools of all processes that were ended by a limit."""
    alive = _gauge("heimdex_workers", "Worker processes that are alive", "queue")
    queues = [names.split() for names in alive_workers(at=at).values_list("queues", flat=True)]
    for queue, *_ in MODELS:
        alive.add_metric([queue], sum(queue in names for names in queues))
    yield alive
    limits = CounterMetricFamily(
        "heimdex_tool_limits",
        "Runs of ffmpeg and ffprobe that ended by a limit (memory, cpu, size) or were killed",
        labels=("tool", "limit"),
    )
    for tool, limit, count in ToolLimitCount.objects.values_list("tool", "limit", "count"):
        limits.add_metric([tool, limit], count)
    yield limits


MEASURES: tuple[Callable[[datetime], Gauges], ...] = (
    *(_states, _ages, _day, _speed, _retention),
    _workers,
)


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=labels)


def _single(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _by_code(name: str, text: str, counts: dict[tuple[str, str], int]) -> GaugeMetricFamily:
    gauge = _gauge(name, text, "queue", "code")
    for labels, count in sorted(counts.items()):
        gauge.add_metric(list(labels), count)
    return gauge


def _counts_of(
    failures: dict[tuple[str, str], int], codes: tuple[ErrorCode, ...]
) -> dict[tuple[str, str], int]:
    """The counts of these codes, including zero counts."""
    names = [code.name for code in codes]
    return {(queue, name): failures.get((queue, name), 0) for queue, *_ in MODELS for name in names}


_jobs_registry = CollectorRegistry()
_jobs_registry.register(JobsCollector())
