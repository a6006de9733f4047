"""A machine that gives an export a fraction of a core: it takes longer, and is completed."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from exports.choices import ExportStage, ExportStatus
from exports.rendering import pipeline
from mediakit.sandbox import process
from tests.exports.render_runs import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_heartbeat")]

STALL_S = 6
HELD_S, FREE_S = (
    0.5,
    0.02,
)  # one part in 26 of a core, until it was held for longer than a stall in sum


@pytest.fixture
def held(monkeypatch) -> Iterator[list[float]]:
    """From the first progress of the encode on, its processes run a small part of the time only; the times held."""
    held: list[float] = []
    ended = threading.Event()
    report = pipeline.Attempt.progress

    def hold() -> None:
        while not ended.is_set() and sum(held) <= STALL_S:
            for number, pause_s in ((signal.SIGSTOP, HELD_S), (signal.SIGCONT, FREE_S)):
                for group in tuple(process._running_groups):
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(group, number)
                ended.wait(pause_s)
            held.append(HELD_S)

    thread = threading.Thread(target=hold)

    def progress(self: pipeline.Attempt, stage: str, fraction: float) -> None:
        report(self, stage, fraction)
        if stage == ExportStage.ENCODE and thread.ident is None:
            thread.start()

    monkeypatch.setattr(pipeline.Attempt, "progress", progress)
    yield held
    ended.set()
    thread.join()


def test_an_encode_that_is_slower_than_any_clock_is_completed(export, held, settings):
    settings.EXPORT_STALL_S = STALL_S

    row = run(export)

    assert (row.status, row.attempts) == (ExportStatus.COMPLETED, 1), row.error_code
    assert sum(held) > STALL_S
