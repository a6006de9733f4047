"""The numbers for Prometheus, and that dashboard, alerts and documentation speak of numbers that exist."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.db import connection
from django.utils import timezone
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from exports.choices import ExportStatus
from heimdex.observability import metrics
from mediakit.errors import ToolLimitError
from tests.factories import ExportFactory, UploadFactory, VideoFactory
from videos.choices import VideoStatus
from workers.registry import count_limit

ROOT = Path(__file__).resolve().parents[3]
WORD = re.compile(r"\b((?:heimdex|django)_[a-z0-9_]+|up)\b(?=[{\[) ]|$)")


def gathered():
    """Every sample by name and labels, from a new scrape without the cache."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for gauge in metrics.JobsCollector().collect()
        for sample in gauge.samples
    }


def value(name, **labels):
    """One sample's value."""
    return gathered()[(name, *sorted(labels.items()))]


@pytest.fixture(autouse=True)
def folders(settings):
    """The folders whose free space is reported."""
    for folder in (settings.DATA_DIR, settings.WORK_DIR):
        folder.mkdir(parents=True, exist_ok=True)


@pytest.mark.django_db
def test_an_empty_database_has_every_number():
    found = gathered()

    assert found[("heimdex_database_up",)] == 1
    assert found[("heimdex_jobs", ("queue", "exports"), ("state", "pending"))] == 0
    assert found[("heimdex_queue_oldest_seconds", ("queue", "videos"))] == 0
    assert found[("heimdex_refunds_day",)] == 0
    assert ("heimdex_render_speed_ratio",) not in found


@pytest.mark.django_db
def test_jobs_are_counted_by_state_and_the_oldest_says_how_long_it_waits():
    now = timezone.now()
    ExportFactory(queued_at=now - timedelta(seconds=90))
    ExportFactory(queued_at=now - timedelta(seconds=30))
    ExportFactory(processing=True, heartbeat_at=now - timedelta(seconds=40))
    VideoFactory(status=VideoStatus.READY)

    assert value("heimdex_jobs", queue="exports", state="pending") == 2
    assert value("heimdex_jobs", queue="exports", state="processing") == 1
    assert value("heimdex_jobs", queue="videos", state="ready") >= 1
    assert 89 < value("heimdex_queue_oldest_seconds", queue="exports") < 120
    assert 39 < value("heimdex_heartbeat_oldest_seconds", queue="exports") < 70


@pytest.mark.django_db
def test_the_last_day_tells_refunds_retries_and_failures():
    ExportFactory(status=ExportStatus.FAILED, error_code="TOOL_LIMIT_MEMORY", attempts=3)
    ExportFactory(status=ExportStatus.FAILED, error_code="STORAGE_FULL", attempts=1)
    ExportFactory(status=ExportStatus.CANCELLED)
    ExportFactory(completed=True, attempts=2)
    VideoFactory(status=VideoStatus.FAILED, error_code="TOOL_LIMIT_MEMORY")
    before = timezone.now() - timedelta(hours=25)
    ExportFactory(
        status=ExportStatus.FAILED, error_code="OLD", place_taken_at=before, expires_at=before
    )

    assert value("heimdex_refunds_day") == 3
    assert value("heimdex_retries_day") == 3
    assert value("heimdex_failures_day", queue="exports", code="STORAGE_FULL") == 1
    assert value("heimdex_sandbox_kills_day", queue="exports", code="TOOL_LIMIT_MEMORY") == 1
    assert value("heimdex_sandbox_kills_day", queue="videos", code="TOOL_LIMIT_MEMORY") == 1
    assert value("heimdex_sandbox_kills_day", queue="exports", code="TOOL_LIMIT_CPU") == 0
    assert value("heimdex_storage_failures_day", queue="exports", code="STORAGE_FULL") == 1
    assert not [key for key in gathered() if ("code", "OLD") in key]


@pytest.mark.django_db
def test_speed_is_clip_seconds_per_second_of_work():
    now = timezone.now()
    for seconds in (20, 40):
        ExportFactory(
            completed=True,
            duration_ms=30_000,
            started_at=now - timedelta(seconds=seconds),
            completed_at=now,
        )
    ExportFactory(
        completed=True,
        duration_ms=900_000,
        started_at=now - timedelta(hours=3),
        completed_at=now - timedelta(hours=2),
    )

    assert value("heimdex_render_speed_ratio") == pytest.approx(1.0)


@pytest.mark.django_db
def test_files_past_their_time_and_open_uploads():
    gone = timezone.now() - timedelta(minutes=20)
    ExportFactory(completed=True, expires_at=gone)
    ExportFactory(completed=True, expires_at=gone, file_key="")
    ExportFactory(completed=True)
    UploadFactory(size_bytes=100, offset_bytes=40)
    UploadFactory(finished_at=timezone.now())

    assert value("heimdex_exports_expired") == 2
    assert value("heimdex_exports_overdue") == 1
    assert value("heimdex_uploads_open") == 1
    assert value("heimdex_uploads_open_bytes") == 40


@pytest.mark.django_db
def test_asking_again_at_once_asks_the_database_nothing(django_assert_num_queries):
    ours = metrics.JobsCollector()
    ours.collect()

    with django_assert_num_queries(0):
        ours.collect()


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    for _ in range(5):
        ExportFactory(completed=True)
        VideoFactory()

    with django_assert_num_queries(28):
        metrics.JobsCollector().collect()


@pytest.mark.django_db(transaction=True)
def test_without_tables_it_says_that_the_database_is_down():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE exports_export RENAME TO elsewhere")
        try:
            found = gathered()
        finally:
            cursor.execute("ALTER TABLE elsewhere RENAME TO exports_export")

    assert found[("heimdex_database_up",)] == 0
    assert {name for name, *_ in found} == {"heimdex_database_up", "heimdex_disk_free_bytes"}


def test_processes_of_one_container_are_added_up(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    assert metrics._request_registry() is not REGISTRY


@pytest.fixture
def existing(client, db):
    """The names of all numbers that `/metrics` can answer, after a few requests of each kind."""
    client.get("/health")
    client.get("/")
    count_limit("ffmpeg", "memory")
    now = timezone.now()
    ExportFactory(
        completed=True, duration_ms=1000, started_at=now - timedelta(seconds=1), completed_at=now
    )
    ExportFactory(status=ExportStatus.FAILED, error_code=ToolLimitError.CODES["memory"])
    families = [
        *text_string_to_metric_families(generate_latest(REGISTRY).decode()),
        *metrics.JobsCollector().collect(),
    ]
    return {sample.name for family in families for sample in family.samples} | {"up"}


def names_in(query):
    """The metrics a query names; functions and labels are none."""
    return set(WORD.findall(query))


def test_the_dashboard_asks_for_numbers_that_exist(existing):
    board = json.loads((ROOT / "deploy/grafana/heimdex.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]

    assert len(queries) > 20
    for query in queries:
        assert names_in(query), query
        assert names_in(query) <= existing, query


def test_the_alerts_ask_for_numbers_that_exist_and_are_explained(existing):
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())
    handbook = (ROOT / "docs/operations.md").read_text()
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]

    for rule in alerts:
        assert names_in(rule["expr"]), rule["alert"]
        assert names_in(rule["expr"]) <= existing, rule["alert"]
        assert f"| `{rule['alert']}` |" in handbook
    explained = re.findall(r"^\| `(Heimdex\w+)` \|", handbook, re.MULTILINE)
    assert sorted(explained) == sorted(rule["alert"] for rule in alerts)


def test_every_number_of_ours_is_on_the_dashboard(existing):
    board = (ROOT / "deploy/grafana/heimdex.json").read_text()

    ours = {name for name in existing if re.match(r"heimdex_.*(?<!_created)$", name)}
    assert "heimdex_tool_limits_total" in ours
    assert ours <= set(re.findall(r"heimdex_[a-z_]+", board))
