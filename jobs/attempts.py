"""The history of a job: each attempt with its worker, its times, and why it ended.

The row of the job holds its present attempt only; `attempt_history` keeps the last KEPT_ATTEMPTS of them, across
retries, for the operator. An attempt's id is its claim token.
"""

import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Now

from jobs.models import AttemptOutcome, Job

KEPT_ATTEMPTS = 20
MAX_OUTPUT_CHARS = 4_000

_this_worker = {"name": ""}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an attempt ended without its work being done: an error's code, parameters and tool output, and the stage."""

    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    tool_output: str = ""
    stage: str = ""


def set_worker_name(name: str) -> None:
    """Name this process; `exports@host` for a Celery worker."""
    _this_worker["name"] = name[:100]


def worker_name() -> str:
    """The name of this process; the machine's where it was not named."""
    return _this_worker["name"] or socket.gethostname()[:100]


def begin(row: Job, token: uuid.UUID) -> None:
    """Add an attempt to a row that was just claimed, and drop the oldest ones beyond KEPT_ATTEMPTS."""
    end_open(row, AttemptOutcome.LOST)
    history = row.attempt_history
    history.create(pk=token, number=row.attempts, worker=worker_name())
    surplus = list(history.order_by("-started_at").values_list("pk", flat=True)[KEPT_ATTEMPTS:])
    if surplus:
        history.filter(pk__in=surplus).delete()


def end(row: Job, token: uuid.UUID, outcome: AttemptOutcome, reason: Reason) -> None:
    """End one attempt of a row; one that ended already keeps its end."""
    row.attempt_history.filter(pk=token, ended_at=None).update(**_columns(outcome, reason))


def end_open(row: Job, outcome: AttemptOutcome, reason: Reason | None = None) -> None:
    """End the attempt of a row that still goes on, if there is one: its worker was lost, or the job was cancelled."""
    row.attempt_history.filter(ended_at=None).update(**_columns(outcome, reason or Reason()))


def _columns(outcome: AttemptOutcome, reason: Reason) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "ended_at": Now(),
        "stage": reason.stage,
        "error_code": reason.code,
        "error_params": dict(reason.params),
        "tool_output": reason.tool_output[-MAX_OUTPUT_CHARS:],
    }
