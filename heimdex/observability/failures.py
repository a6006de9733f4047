"""The jobs that failed in the last 24 hours, with their reasons, as far as a staff user may view them."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import model_format_dict
from django.http import HttpRequest
from django.urls import reverse

from exports import queries as export_queries
from exports.models import Export, ExportAttempt
from exports.policy import places_text, places_used
from jobs.lease import FAILED
from jobs.models import AttemptOutcome
from videos import queries as video_queries
from videos.models import Proxy, ProxyAttempt, Video, VideoAttempt

DAY = timedelta(hours=24)
READ_ATTEMPTS = 200
SHOWN_JOBS = 12
SHOWN_REASONS = 8


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of job: its tables, its name in the admin, and the action that tries one again."""

    attempts: Any
    model: Any
    admin_name: str
    retry: str
    large_columns: tuple[str, ...]
    related: tuple[str, ...] = ("job__owner",)


_KINDS = (
    _Kind(ExportAttempt, Export, "exports_export", "retry", export_queries.LARGE_COLUMNS),
    _Kind(VideoAttempt, Video, "videos_video", "reprocess", video_queries.LARGE_COLUMNS),
    _Kind(
        *(ProxyAttempt, Proxy, "videos_proxy", "retry"),
        ("tool_output", *(f"video__{column}" for column in video_queries.LARGE_COLUMNS)),
        ("job__owner", "job__video"),
    ),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed job, shown by its last failed attempt. `action` is empty where it cannot be tried again."""

    attempt: Any
    kind: str
    url: str
    list_url: str
    action: str
    owner_url: str
    places: str = ""  # "3 of 10"


@dataclass(frozen=True, slots=True)
class Reason:
    """An error code, how many jobs failed with it, and the list of those that still have."""

    code: str
    url: str
    count: int


@dataclass(slots=True)
class Failures:
    """The newest failures and the most frequent reasons; `is_cut` when there were more than are read."""

    newest: list[Failure] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    count: int = 0
    is_cut: bool = False


def failures_of_day(request: HttpRequest, *, at: datetime) -> Failures:
    """What failed in the 24 hours before `at`. Of each kind the last READ_ATTEMPTS attempts are read."""
    found = Failures()
    reasons: Counter[tuple[str, str]] = Counter()
    for kind in _KINDS:
        page: Any = admin.site._registry[kind.model]  # noqa: SLF001 - Django has no other way to ask
        if not page.has_view_permission(request):
            continue
        last = _last_failures(kind, at)
        found.is_cut = found.is_cut or len(last) >= READ_ATTEMPTS
        url = reverse(f"admin:{kind.admin_name}_changelist")
        codes = Counter(code for _pk, code in last.values())
        reasons.update({(code, f"{url}?error_code={code}"): codes[code] for code in codes})
        shown = [pk for pk, _code in last.values()][:SHOWN_JOBS]
        can_retry = page.has_operate_permission(request)
        found.newest += [_failure(kind, row, can_retry=can_retry) for row in _full(kind, shown)]
    found.newest.sort(key=lambda failure: failure.attempt.ended_at, reverse=True)
    found.newest = _with_places(found.newest[:SHOWN_JOBS], at=at)
    found.reasons = [Reason(*key, count) for key, count in reasons.most_common(SHOWN_REASONS)]
    found.count = reasons.total()
    return found


def _last_failures(kind: _Kind, at: datetime) -> dict[Any, tuple[Any, str]]:
    """For each job the id and error code of its last failed attempt, the newest first."""
    recent = kind.attempts.objects.filter(outcome=AttemptOutcome.FAILED, ended_at__gt=at - DAY)
    rows = recent.order_by("-ended_at").values_list("job_id", "pk", "error_code")[:READ_ATTEMPTS]
    last: dict[Any, tuple[Any, str]] = {}
    for job_id, pk, code in rows:
        last.setdefault(job_id, (pk, code))
    return last


def _full(kind: _Kind, attempt_ids: list[Any]) -> list[Any]:
    rows = kind.attempts.objects.filter(pk__in=attempt_ids).select_related(*kind.related)
    return list(rows.defer(*(f"job__{column}" for column in kind.large_columns)))


def _failure(kind: _Kind, attempt: Any, *, can_retry: bool) -> Failure:
    job = attempt.job
    is_failed = job.status == FAILED and getattr(job, "deleted_at", None) is None
    return Failure(
        attempt,
        kind=str(model_format_dict(kind.model)["verbose_name"]),
        url=reverse(f"admin:{kind.admin_name}_change", args=[job.pk]),
        list_url=reverse(f"admin:{kind.admin_name}_changelist"),
        action=kind.retry if is_failed and can_retry else "",
        owner_url=reverse("admin:accounts_user_change", args=[job.owner_id]),
    )


def _with_places(failures: list[Failure], *, at: datetime) -> list[Failure]:
    """The same with how many places their owners used of how many, for exports: a retry takes one."""
    owners = {f.attempt.job.owner for f in failures if isinstance(f.attempt, ExportAttempt)}
    used = places_used([owner.pk for owner in owners], at=at)
    places = {owner.pk: places_text(used.get(owner.pk, 0), owner) for owner in owners}
    return [
        replace(f, places=places[f.attempt.job.owner_id])
        if isinstance(f.attempt, ExportAttempt)
        else f
        for f in failures
    ]
