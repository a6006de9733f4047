"""A machine that gives an export a fraction of a core: it takes longer, and is completed."""

import os
import signal
import time

import pytest

from exports.choices import ExportStage, ExportStatus
from exports.rendering import pipeline
from mediakit.sandbox import process
from tests.exports.render_runs import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_heartbeat")]

STALL_S = 12
HELD_S, TIMES = 2.5, 6  # longer than a stall in sum


@pytest.fixture
def held(monkeypatch) -> list[float]:
    """Each time the encode reports progress its processes get no processor for a while; the times that it was held."""
    held: list[float] = []
    report = pipeline.Attempt.progress

    def progress(self: pipeline.Attempt, stage: str, fraction: float) -> None:
        report(self, stage, fraction)
        if stage == ExportStage.ENCODE and 0 < fraction < 1 and len(held) < TIMES:
            for number in (signal.SIGSTOP, signal.SIGCONT):
                for group in tuple(process._running_groups):
                    os.killpg(group, number)
                if number == signal.SIGSTOP:
                    time.sleep(HELD_S)
            held.append(HELD_S)

    monkeypatch.setattr(pipeline.Attempt, "progress", progress)
    return held


def test_an_encode_that_is_slower_than_any_clock_is_completed(export, held, settings):
    settings.EXPORT_STALL_S = STALL_S

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.COMPLETED, 1), row.error_code
    assert sum(held) > STALL_S
