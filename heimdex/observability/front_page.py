"""The admin's front page: what failed and why, what waits, who works, on what, and who is near their limit.

Every part reads a bounded number of rows, and shows a staff user only what they may view.
"""

import platform
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import django
from django.conf import settings
from django.contrib import admin
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Min
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.formatting import duration, size
from core.row_counts import bounded_count
from exports.policy import busiest, places_text, wait_text
from heimdex.observability.failures import Failures, failures_of_day
from heimdex.observability.metrics import MODELS
from jobs.clock import database_now
from jobs.lease import PENDING, PROCESSING
from mediakit.sandbox import confinement
from storage.local import is_local
from videos.models import MachineModel
from workers.models import WorkerProcess
from workers.registry import alive_workers, embedded_name, ffmpeg_version

SHOWN_ROWS = 20
SHOWN_PEOPLE = 8
LOW_DISK_BYTES = 5_000_000_000  # as the alert HeimdexDiskLow
LONG_WAIT_S = 600  # as the alert HeimdexExportsWait

GOOD, NOTICE, BAD = "good", "notice", "bad"

_QUEUE_TITLES = {
    "exports": gettext_lazy("Shorts"),
    "videos": gettext_lazy("Videos"),
    "proxies": gettext_lazy("Playback proxies"),
}
_QUEUE_LISTS = {"exports": "exports_export", "videos": "videos_video", "proxies": "videos_proxy"}


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the top row; `target` is the id of the part that says more."""

    label: str
    value: str
    note: str
    state: str
    target: str


@dataclass(frozen=True, slots=True)
class Queue:
    """The jobs of one kind, and the number of workers that take them."""

    title: str
    url: str
    waiting: int
    oldest_s: float
    running: int
    workers: int

    @property
    def oldest(self) -> str:
        """How long the oldest job waits, in words."""
        return _age(self.oldest_s) if self.waiting else "-"

    @property
    def state(self) -> str:
        """Bad where jobs wait and no worker takes them."""
        if self.waiting and not self.workers:
            return BAD
        return NOTICE if self.oldest_s > LONG_WAIT_S else GOOD


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process, and what is to be noticed about it."""

    row: WorkerProcess
    is_alive: bool
    is_other_version: bool


@dataclass(frozen=True, slots=True)
class Disk:
    """The free room of one folder of one machine, in bytes."""

    name: str
    free_bytes: int

    @property
    def state(self) -> str:
        """Bad where nothing more is accepted, to be noticed below LOW_DISK_BYTES."""
        if self.free_bytes < settings.HEALTH_MIN_FREE_BYTES:
            return BAD
        return NOTICE if self.free_bytes < LOW_DISK_BYTES else GOOD


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add `operator` to the context of the admin's front page."""
    at = database_now()
    workers = _workers(at)
    queues = [_queue(name, model, workers, at=at) for name, model, _choices in MODELS]
    failures = failures_of_day(request, at=at)
    disks = _disks(workers)
    operator = {
        "tiles": [
            _failures_tile(failures),
            _waiting_tile(queues),
            _workers_tile(workers, queues),
            _disk_tile(disks),
        ],
        "failures": failures,
        "queues": queues,
        "workers": workers,
        "disks": disks,
        "people": _people(at) if _may_view(request, User) else [],
        "facts": _facts(),
        "models": MachineModel.objects.all()[:SHOWN_ROWS]
        if _may_view(request, MachineModel)
        else [],
    }
    return {**context, "operator": operator}


def _may_view(request: HttpRequest, model: Any) -> bool:
    found = admin.site._registry[model]  # noqa: SLF001 - Django has no other way to ask
    return bool(found.has_view_permission(request))


def _workers(at: datetime) -> list[Worker]:
    alive = set(alive_workers(at=at).values_list("pk", flat=True))
    rows = WorkerProcess.objects.order_by("-seen_at")[:SHOWN_ROWS]
    return [
        Worker(row, is_alive=row.pk in alive, is_other_version=row.version != settings.VERSION)
        for row in sorted(rows, key=lambda row: row.name)
    ]


def _queue(name: str, model: Any, workers: list[Worker], *, at: datetime) -> Queue:
    pending = model.objects.filter(status=PENDING)
    since = pending.aggregate(since=Min("queued_at"))["since"]
    url = reverse(f"admin:{_QUEUE_LISTS[name]}_changelist")
    return Queue(
        title=str(_QUEUE_TITLES[name]),
        url=f"{url}?status__exact={PENDING}",
        waiting=bounded_count(pending),
        oldest_s=max(0.0, (at - since).total_seconds()) if since else 0.0,
        running=bounded_count(model.objects.filter(status=PROCESSING)),
        workers=sum(worker.is_alive and name in worker.row.queue_names for worker in workers),
    )


def _disks(workers: list[Worker]) -> list[Disk]:
    """The folders of this machine, and the work folders of the workers, the fullest first."""
    found: dict[str, int] = {}
    devices: set[int] = set()
    for name, path in (
        (_("data folder"), settings.DATA_DIR),
        (_("work folder"), settings.WORK_DIR),
    ):
        with suppress(OSError):  # the folder does not exist
            if path.stat().st_dev not in devices:
                devices.add(path.stat().st_dev)
                found[name] = shutil.disk_usage(path).free
    for worker in workers:
        is_here = worker.row.name == embedded_name()
        if worker.is_alive and not is_here and worker.row.work_free_bytes is not None:
            found[worker.row.name] = worker.row.work_free_bytes
    return sorted(
        (Disk(name, free) for name, free in found.items()), key=lambda disk: disk.free_bytes
    )


def _people(at: datetime) -> list[tuple[User, str, str]]:
    """Who used the most places: the user, "3 of 10", and whether none is left."""
    return [
        (user, places_text(used, user), BAD if used >= user.export_quota else GOOD)
        for user, used in busiest(at=at, count=SHOWN_PEOPLE)
    ]


def _failures_tile(failures: Failures) -> Tile:
    count = f"{failures.count}+" if failures.is_cut else str(failures.count)
    note = failures.reasons[0].code if failures.reasons else _("nothing failed")
    state = NOTICE if failures.count else GOOD
    return Tile(_("Failed in 24 hours"), count, note, state, "failures")


def _waiting_tile(queues: list[Queue]) -> Tile:
    waiting = sum(queue.waiting for queue in queues)
    oldest = max(queues, key=lambda queue: queue.oldest_s)
    note = _("nothing waits")
    if waiting:
        note = _("oldest for %(time)s: %(queue)s") % {"time": oldest.oldest, "queue": oldest.title}
    return Tile(_("Waiting"), str(waiting), note, _worst(queue.state for queue in queues), "queues")


def _workers_tile(workers: list[Worker], queues: list[Queue]) -> Tile:
    alive = sum(worker.is_alive for worker in workers)
    unserved = [queue.title for queue in queues if not queue.workers]
    silent = len(workers) - alive
    if unserved:
        note, state = _("none for: %(queues)s") % {"queues": ", ".join(unserved)}, BAD
    elif silent:
        note, state = _("silent: %(count)d") % {"count": silent}, NOTICE
    else:
        note, state = _("each queue is served"), GOOD
    return Tile(_("Workers alive"), str(alive), note, state, "workers")


def _disk_tile(disks: list[Disk]) -> Tile:
    if not disks:
        return Tile(_("Free room"), "-", "", NOTICE, "disks")
    least = disks[0]
    note = least.name
    if least.state == BAD:
        note = _("%(folder)s: files are refused") % {"folder": least.name}
    return Tile(_("Free room"), size(least.free_bytes), note, least.state, "disks")


def _worst(states: Iterable[str]) -> str:
    return max(states, key=[GOOD, NOTICE, BAD].index)


def _age(seconds: float) -> str:
    return duration(int(seconds * 1000)) if seconds < 90 else wait_text(seconds)


def _facts() -> list[tuple[str, str]]:
    """What this server runs on, with versions."""
    return [
        ("Heimdex", settings.VERSION),
        ("ffmpeg", ffmpeg_version() or _("not installed")),
        (_("database"), _database()),
        (_("files"), _files()),
        (_("queue"), _("in this process") if settings.EMBEDDED else "Redis"),
        (_("sandbox"), confinement.strength()),
        ("Python, Django", f"{platform.python_version()}, {django.get_version()}"),
    ]


def _database() -> str:
    with connection.cursor() as cursor:
        is_sqlite = connection.vendor == "sqlite"
        cursor.execute("SELECT sqlite_version()" if is_sqlite else "SHOW server_version")
        version = str(cursor.fetchone()[0])
    return f"{connection.display_name} {version}"


def _files() -> str:
    if is_local():
        return _("a folder")
    return _("bucket %(name)s") % {"name": getattr(default_storage, "bucket_name", "")}
