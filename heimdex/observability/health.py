"""Liveness and readiness (`/health`, `/health/ready`), and `/metrics` for Prometheus."""

import hmac
import logging
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from core.errors import CoreCode, HeimdexError
from core.http import error_response
from exports.models import Export
from heimdex.celery import app as celery_app
from heimdex.observability.metrics import render_metrics
from jobs.clock import database_now
from jobs.lease import PENDING, PROCESSING
from mediakit.sandbox import confinement
from mediakit.sandbox.process import run
from videos.models import Video

logger = logging.getLogger(__name__)

TIMEOUT_S = 5
STALLED_LEASES = 4

Facts = dict[str, Any]


class DownError(Exception):
    """A part does not work. The text is public."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check; `facts` are its other measurements."""

    up: bool
    latency_ms: int
    facts: Facts

    def to_json(self) -> Facts:
        """The check's part of the response."""
        return {
            "status": "up" if self.up else "down",
            "latency_ms": self.latency_ms,
            **self.facts,
        }


def _database() -> Facts:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return {}


def _broker() -> Facts:
    with celery_app.connection_for_write() as link:
        link.ensure_connection(max_retries=1, timeout=TIMEOUT_S)
    return {}


def _storage() -> Facts:
    """Write a few bytes, read them back, and delete them."""
    sent = get_random_string(16).encode()
    key = default_storage.save(f"health/{get_random_string(16)}", ContentFile(sent))
    try:
        with default_storage.open(key) as stored:
            if stored.read() != sent:
                raise DownError("storage returned other bytes than were written")
    finally:
        default_storage.delete(key)
    return {}


def _ffmpeg() -> Facts:
    words = run(["ffmpeg", "-version"], timeout_s=TIMEOUT_S).stdout.split(maxsplit=3)
    return {"version": words[2] if len(words) > 2 else "", "sandbox": confinement.strength()}


def _disk() -> Facts:
    folders = {"data": settings.DATA_DIR, "work": settings.WORK_DIR}
    free = {f"{name}_free_bytes": shutil.disk_usage(path).free for name, path in folders.items()}
    if min(free.values()) < settings.HEALTH_MIN_FREE_BYTES:
        raise DownError("too little room is left")
    return dict(free)


def _queue() -> Facts:
    """The age of the oldest pending job of each kind, in s.

    A long queue is no failure. The queue is down when it is stalled: the oldest job has been pending for more than
    `STALLED_LEASES` leases and no running job has sent a heartbeat within a lease.
    """
    at = database_now()
    alive_since = at - timedelta(seconds=settings.JOB_LEASE_S)
    waiting: Facts = {}
    stalled = False
    for name, model in (("exports", Export), ("videos", Video)):
        rows = model._default_manager.filter(status=PENDING)
        oldest = rows.aggregate(oldest=Min("queued_at"))["oldest"]
        age = 0 if oldest is None else max(0, int((at - oldest).total_seconds()))
        waiting[f"oldest_waiting_{name}_s"] = age
        busy = model._default_manager.filter(status=PROCESSING, heartbeat_at__gte=alive_since)
        stalled = stalled or (age > STALLED_LEASES * settings.JOB_LEASE_S and not busy.exists())
    if stalled:
        raise DownError("jobs wait and no worker takes them")
    return waiting


CHECKS: dict[str, Callable[[], Facts]] = {
    "database": _database,
    "broker": _broker,
    "storage": _storage,
    "ffmpeg": _ffmpeg,
    "disk": _disk,
    "queue": _queue,
}


class CheckRunner:
    """Runs the checks in parallel, each within `TIMEOUT_S`.

    A check that hangs blocks one thread, not one per request: concurrent requests wait for the same run.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=len(CHECKS), thread_name_prefix="health")
        self._running: dict[str, Future[CheckResult]] = {}
        self._lock = threading.Lock()

    def outcomes(self) -> dict[str, CheckResult]:
        """The result of every check; takes at most about `TIMEOUT_S` seconds."""
        with self._lock:
            futures = {name: self._future(name, check) for name, check in CHECKS.items()}
        deadline = time.monotonic() + TIMEOUT_S
        return {name: _wait_for(future, deadline) for name, future in futures.items()}

    def _future(self, name: str, check: Callable[[], Facts]) -> Future[CheckResult]:
        running = self._running.get(name)
        if running is None or running.done():
            running = self._running[name] = self._pool.submit(_measure, name, check)
        return running


def _wait_for(future: Future[CheckResult], deadline: float) -> CheckResult:
    try:
        return future.result(timeout=max(0.0, deadline - time.monotonic()))
    except TimeoutError:
        return CheckResult(
            up=False, latency_ms=int(TIMEOUT_S * 1000), facts={"reason": "no answer in time"}
        )


def _measure(name: str, check: Callable[[], Facts]) -> CheckResult:
    began = time.monotonic()
    try:
        up, facts = True, check()
    except DownError as exc:
        up, facts = False, {"reason": str(exc)}
    except Exception as exc:
        # The response is public. The error's text, which may contain host names, only goes to the log.
        logger.warning("health: %s is down", name, exc_info=True)
        up, facts = False, {"reason": type(exc).__name__}
    finally:
        connection.close()
    return CheckResult(up=up, latency_ms=int((time.monotonic() - began) * 1000), facts=facts)


_runner = CheckRunner()


@require_safe
@never_cache
def alive(_request: HttpRequest) -> JsonResponse:
    """This process responds. Checks nothing else."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """Whether all parts that jobs need are up; 503 when one is down."""
    outcomes = _runner.outcomes()
    up = all(outcome.up for outcome in outcomes.values())
    body = {
        "status": "ready" if up else "not ready",
        "checks": {name: outcome.to_json() for name, outcome in outcomes.items()},
    }
    return JsonResponse(body, status=200 if up else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics for Prometheus: for staff, or with `Authorization: Bearer` and the metrics token."""
    if not (_has_metrics_token(request) or _is_staff(request)):
        return error_response(HeimdexError(CoreCode.NOT_FOUND))
    return HttpResponse(render_metrics(), content_type=CONTENT_TYPE_LATEST)


def _has_metrics_token(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff
