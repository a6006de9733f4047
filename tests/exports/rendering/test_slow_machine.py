"""A machine on which tools stand still most of the time: an export takes longer, and is completed."""

import pytest

from exports.choices import ExportStage, ExportStatus
from exports.rendering import attempt as attempts
from tests.exports.render_runs import run
from tests.slow_machine import Brake

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_heartbeat")]

STALL_S = 10


@pytest.fixture
def brake(monkeypatch) -> Brake:
    """Pulled by the first progress of the encode, until its tools were held for longer than a stall in sum."""
    report = attempts.Attempt.progress
    brake = Brake(STALL_S)

    def progress(self: attempts.Attempt, stage: str, fraction: float) -> None:
        report(self, stage, fraction)
        if stage == ExportStage.ENCODE:
            brake.pull(fraction)

    monkeypatch.setattr(attempts.Attempt, "progress", progress)
    return brake


def test_an_encode_that_is_slower_than_any_clock_is_completed(export, brake, settings):
    settings.EXPORT_STALL_S = STALL_S

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.COMPLETED, 1), row.error_code
    assert brake.held_s > STALL_S
