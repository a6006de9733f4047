"""Worker processes say that they are there; limits that their tools ran into are counted for all."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from heimdex.observability import metrics
from jobs import attempts
from jobs.clock import database_now
from jobs.lease import stopping
from workers import registry, sweeper
from workers.models import ToolLimitCount, WorkerProcess

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _unannounced(monkeypatch):
    monkeypatch.setattr(registry, "_this", registry._ThisProcess())
    monkeypatch.setattr(attempts, "_this_worker", {"name": ""})
    yield
    stopping.clear()


def test_a_worker_says_what_it_is_until_it_stops(monkeypatch):
    registry.announce("exports@one", ["exports"], jobs_at_once=2)
    seen = []

    def sweep() -> bool:
        seen.append(WorkerProcess.objects.get())
        stopping.set()
        return True

    monkeypatch.setattr(sweeper, "sweep_once", sweep)
    sweeper.run()

    (row,) = seen
    assert (row.name, row.queue_names, row.jobs_at_once) == ("exports@one", ["exports"], 2)
    assert row.version.count(".") == 2
    assert row.ffmpeg.count(".") >= 1
    assert row.work_free_bytes
    assert attempts.worker_name() == "exports@one"
    assert not WorkerProcess.objects.exists()


def test_a_killed_worker_is_silent_and_then_forgotten():
    registry.announce("exports@one", ["exports"], jobs_at_once=1)
    registry.report()
    at = database_now()
    assert [row.name for row in registry.alive_workers(at=at)] == ["exports@one"]

    WorkerProcess.objects.update(seen_at=at - timedelta(minutes=1))
    assert not registry.alive_workers(at=at).exists()

    WorkerProcess.objects.update(seen_at=at - timedelta(hours=25))
    registry.announce("exports@two", ["exports"], jobs_at_once=1)
    registry.report()
    assert WorkerProcess.objects.get().name == "exports@two"


def test_it_reports_no_more_often_than_it_sweeps(count_queries):
    registry.announce("exports@one", ["exports"], jobs_at_once=1)
    registry.report()

    assert count_queries(registry.report) == 0


def test_limits_of_every_process_reach_prometheus():
    for _ in range(2):
        registry.count_limit("ffmpeg", "memory")
    registry.announce("exports@one", ["exports", "proxies"], jobs_at_once=1)
    registry.report()

    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in metrics.JobsCollector().collect()
        for sample in family.samples
    }

    assert samples["heimdex_tool_limits_total", "ffmpeg", "memory"] == 2
    assert [samples["heimdex_workers", name] for name in ("exports", "videos", "proxies")] == [
        1,
        0,
        1,
    ]


def test_a_database_that_is_away_hides_no_error_of_a_tool(monkeypatch, caplog):
    def away(*_args: object, **_options: object):
        raise DatabaseError("away")

    monkeypatch.setattr(ToolLimitCount.objects, "get_or_create", away)

    registry.count_limit("ffmpeg", "cpu")

    assert "could not be counted" in caplog.text
    assert not ToolLimitCount.objects.exists()
