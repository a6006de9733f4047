"""What tests of the export task share: running it, and what it leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from exports import tasks
from exports.choices import ExportStatus
from exports.models import Export
from exports.rendering import attempt as attempts
from jobs.clock import database_now
from mediakit.conformance.verification import Receipt
from storage import files

# Where the heartbeat has to reach the database by a connection of its own.
real_commits = pytest.mark.django_db(transaction=True)


def stored(export: Export) -> list[str]:
    """The keys of every file that any attempt at it has stored."""
    listed = files.listing(f"exports/{export.owner_id}/")
    return [file.key for file in listed if str(export.pk) in file.key]


def run(export: Export) -> Export:
    Export.objects.filter(status=ExportStatus.PENDING).update(queued_at=database_now())
    tasks.render_export(str(export.pk))
    return Export.objects.get(pk=export.pk)


def left_behind(settings) -> list[Path]:
    return list(settings.WORK_DIR.iterdir())


def breaking(error: Exception, monkeypatch, name: str = "render_short") -> None:
    """Let one step of the pipeline raise."""

    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(attempts, name, fail)


@dataclass(frozen=True)
class Quick:
    """What stands in for rendering and checking."""

    render: Callable[..., None]
    verify: Callable[..., Receipt]
