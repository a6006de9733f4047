"""Workers in threads: each queue has its own, they stop when asked, and waiting rows are sent_messages at the start."""

import threading

import pytest
from celery import shared_task
from django.db import OperationalError, connections

import exports.tasks
from jobs import notify
from jobs.lease import stopping
from jobs.models import Job
from tests.factories import ExportFactory, VideoFactory
from workers import embedded, sweeper

pytestmark = pytest.mark.django_db(transaction=True)

TIMEOUT_S = 30

started = {"exports": threading.Event(), "videos": threading.Event()}
go_on = threading.Event()


@shared_task(name="tests.note", ignore_result=True)
def note(queue: str) -> None:
    """Says that it runs, and ends when the process stops or the test says so."""
    started[queue].set()
    while not (go_on.wait(0.05) or stopping.is_set()):
        pass


@pytest.fixture
def background(monkeypatch):
    monkeypatch.setattr(sweeper, "sweep_once", lambda: True)
    for event in (*started.values(), go_on):
        event.clear()
    running = embedded.EmbeddedWorkers()
    running.start()
    yield running
    assert running.stop(within_s=TIMEOUT_S)
    stopping.clear()
    connections.close_all()


def test_a_long_import_never_holds_up_an_export(background):
    note.apply_async(("videos",), queue="videos")
    assert started["videos"].wait(TIMEOUT_S)

    note.apply_async(("exports",), queue="exports")

    assert started["exports"].wait(TIMEOUT_S)


def test_stopping_tells_running_work_and_waits_for_it(background):
    note.apply_async(("exports",), queue="exports")
    assert started["exports"].wait(TIMEOUT_S)

    assert background.stop(within_s=TIMEOUT_S)

    assert stopping.is_set()


def test_work_that_does_not_stop_is_reported():
    running = embedded.EmbeddedWorkers()
    release = threading.Event()
    running._spawn("stubborn", release.wait, 30)

    assert running.stop(within_s=0) is False

    release.set()
    assert running.stop(within_s=TIMEOUT_S)
    stopping.clear()


def test_a_worker_that_breaks_down_is_replaced(monkeypatch, caplog):
    monkeypatch.setattr(embedded, "RESTART_PAUSE_S", 0)
    made = []

    class Broken:
        def start(self):
            made.append(1)
            if len(made) == 2:
                stopping.set()
            raise RuntimeError("no luck")

    monkeypatch.setattr(embedded, "_make_worker", lambda _queue: Broken())
    try:
        embedded._run_worker(embedded.WorkerQueue("exports", 1))
    finally:
        stopping.clear()

    assert len(made) == 2
    assert "crashed" in caplog.text


def test_a_sweep_wakes_waiting_rows_and_goes_on_after_trouble(monkeypatch, caplog):
    sent_messages: list[str] = []
    monkeypatch.setattr(notify, "send_later", lambda _task, pk: sent_messages.append(pk))
    monkeypatch.setattr(notify, "queued_messages", lambda _task: 0)
    waiting: list[Job] = [ExportFactory(), VideoFactory(pending=True)]
    ExportFactory(completed=True)

    sweeper.sweep_once()

    assert sent_messages == [row.pk for row in waiting]

    def fail() -> None:
        raise OperationalError("away")

    monkeypatch.setattr(exports.tasks, "sweep", fail)
    sweeper.sweep_once()
    assert "could not be finished" in caplog.text
    assert sent_messages[2:] == [waiting[1].pk]


def test_a_round_that_another_worker_was_at_is_made_up_for_soon(monkeypatch, settings):
    waits: list[float] = []

    class Clock:
        def is_set(self) -> bool:
            return len(waits) == 3

        def wait(self, seconds: float) -> None:
            waits.append(seconds)

    looked = iter([True, False, True])  # in each round: whether exports could be looked at
    monkeypatch.setattr(exports.tasks, "sweep", lambda: next(looked))
    monkeypatch.setattr(sweeper, "stopping", Clock())
    sweeper.run()

    assert waits == [settings.JOB_SWEEP_S, sweeper.BUSY_RETRY_S, settings.JOB_SWEEP_S]
