"""Alive, ready, and the numbers for Prometheus."""

import threading
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from heimdex.observability import health
from jobs.clock import database_now
from tests.factories import ExportFactory, UserFactory, VideoFactory

UP = {"database", "broker", "storage", "ffmpeg", "disk", "queue"}


@pytest.fixture
def checks(monkeypatch):
    """The checks by name, to be replaced; each test gets a runner of its own."""
    table = dict.fromkeys(UP, dict)
    monkeypatch.setattr(health, "CHECKS", table)
    monkeypatch.setattr(health, "_runner", health.CheckRunner())
    return table


@pytest.mark.django_db
def test_liveness_queries_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/health")

    assert (response.status_code, response.json()) == (200, {"status": "alive"})


@pytest.mark.django_db(transaction=True)
def test_ready_tries_every_part(client, monkeypatch, settings):
    settings.DATA_DIR.mkdir()
    monkeypatch.setattr(health, "_runner", health.CheckRunner())
    monkeypatch.setattr(health, "TIMEOUT_S", 60)  # other tests keep the machine busy

    response = client.get("/health/ready")

    body = response.json()
    assert response.status_code == 200, body
    assert set(body["checks"]) == UP
    assert all(check["status"] == "up" for check in body["checks"].values())
    assert all(check["latency_ms"] >= 0 for check in body["checks"].values())
    assert body["checks"]["ffmpeg"]["version"]


@pytest.mark.django_db(transaction=True)
def test_the_storage_check_leaves_nothing_behind(tmp_path):
    health._storage()

    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


@pytest.mark.parametrize("part", sorted(UP))
def test_one_part_down_is_503(client, checks, part):
    def broken():
        raise ConnectionError("postgresql://user:password@inside/secret")

    checks[part] = broken

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["checks"][part]["status"] == "down"
    assert response.json()["checks"][part]["reason"] == "ConnectionError"
    assert b"password" not in response.content
    others = [check for name, check in response.json()["checks"].items() if name != part]
    assert all(check["status"] == "up" for check in others)


def test_a_part_that_hangs_is_down_and_holds_one_thread(client, checks, monkeypatch):
    monkeypatch.setattr(health, "TIMEOUT_S", 0)
    release, begun, calls = threading.Event(), threading.Event(), []

    def hang():
        calls.append(1)
        begun.set()
        release.wait(30)
        return {}

    checks["storage"] = hang
    try:
        answers = [client.get("/health/ready") for _ in range(3)]
        assert begun.wait(30)
    finally:
        release.set()

    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert answers[0].json()["checks"]["storage"]["reason"] == "no answer in time"
    assert len(calls) == 1


def test_too_little_room_is_down(client, checks, settings):
    settings.DATA_DIR.mkdir()
    settings.HEALTH_MIN_FREE_BYTES = 10**18
    checks["disk"] = health._disk

    response = client.get("/health/ready")

    assert response.json()["checks"]["disk"]["reason"] == "too little room is left"


@pytest.mark.django_db
def test_storage_that_answers_other_bytes_is_down(monkeypatch):
    monkeypatch.setattr(health, "ContentFile", lambda _sent: ContentFile(b"other"))

    with pytest.raises(health.DownError):
        health._storage()


@pytest.mark.django_db
def test_the_queue_tells_how_long_the_oldest_waits():
    at = timezone.now()
    ExportFactory(queued_at=at - timedelta(seconds=90))
    ExportFactory(queued_at=at)
    VideoFactory(pending=True, queued_at=at + timedelta(seconds=60))

    facts = health._queue()

    assert 90 <= facts["oldest_waiting_exports_s"] < 150
    assert facts["oldest_waiting_videos_s"] == 0


@pytest.mark.django_db
def test_a_stalled_queue_is_down(settings):
    long_ago = database_now() - timedelta(seconds=10 * settings.JOB_LEASE_S)
    ExportFactory(queued_at=long_ago)
    with pytest.raises(health.DownError, match="no worker"):
        health._queue()
    ExportFactory(processing=True)
    assert health._queue()["oldest_waiting_exports_s"] >= 10 * settings.JOB_LEASE_S


@pytest.mark.django_db
def test_metrics_are_for_staff_or_the_token(client, settings):
    assert client.get("/metrics").status_code == 404

    settings.METRICS_TOKEN = "a-token"
    headers = {"Authorization": "Bearer a-token"}
    assert client.get("/metrics", headers=headers).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer b"}).status_code == 404

    client.force_login(UserFactory())
    assert client.get("/metrics").status_code == 404

    client.force_login(UserFactory(is_staff=True))
    response = client.get("/metrics")
    assert response.status_code == 200
    assert b"django_http_requests" in response.content
