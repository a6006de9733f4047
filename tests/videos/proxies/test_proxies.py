"""From a video that not every browser plays to the small copy on its page, whatever happens on the way."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from exports.retention.files import orphaned_files
from jobs import lease, notify
from jobs.clock import database_now
from jobs.lease import claim_next
from mediakit.errors import StoppedError, ToolError
from storage import files
from tests.clips import info_of, make_clip
from tests.factories import UserFactory, VideoFactory
from videos import services, tasks
from videos.choices import ProxyStatus
from videos.library import deletion
from videos.models import Proxy, Video
from videos.proxies import lifecycle, pipeline

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_messages(monkeypatch) -> None:
    """No messages: the tests run the tasks themselves."""
    monkeypatch.setattr(notify, "send_later", lambda *_: None)
    monkeypatch.setattr(notify, "send", lambda *_: None)


@pytest.fixture(scope="module")
def matroska(tmp_path_factory) -> Path:
    """Two seconds that browsers do not play."""
    return make_clip(tmp_path_factory.mktemp("proxies") / "proxied.mkv", seconds=2, size=(320, 180))


@pytest.fixture
def video(matroska, tmp_path) -> Video:
    """A processed video of it, with its source in storage."""
    owner = UserFactory()
    key = f"sources/{owner.pk}/{uuid.uuid4()}.mkv"
    copy = tmp_path / "copy.mkv"
    copy.write_bytes(matroska.read_bytes())
    info = info_of(copy)
    files.save_file(key, copy, content_type="video/x-matroska")
    return VideoFactory(
        owner=owner,
        filename="talk.mkv",
        source_key=key,
        probe=info.to_json(),
        duration_ms=info.duration_ms,
    )


@pytest.fixture
def client(video) -> Client:
    """The owner's browser."""
    browser = Client()
    browser.force_login(video.owner)
    return browser


def run_proxies() -> None:
    Proxy.objects.filter(status=ProxyStatus.PENDING).update(queued_at=database_now())
    tasks.make_proxies()


def line(client: Client, video: Video) -> str:
    url = reverse("videos:proxy_line", args=[video.pk])
    return client.get(url, headers={"HX-Request": "true"}).content.decode()


def test_processing_queues_one_where_the_source_does_not_play(user_video_from_upload):
    made = user_video_from_upload

    proxy = Proxy.objects.get(video=made)

    assert (proxy.status, proxy.owner_id) == (ProxyStatus.PENDING, made.owner_id)
    services.request_reprocess(made)
    tasks.process_video()
    assert Proxy.objects.count() == 1


@pytest.fixture
def user_video_from_upload(matroska) -> Video:
    """The same file, uploaded and processed."""
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    file = SimpleUploadedFile("talk.mkv", matroska.read_bytes())
    video = services.create_video(owner=UserFactory(), file=file)
    tasks.process_video()
    video.refresh_from_db()
    assert video.is_ready
    return video


def test_the_page_plays_the_proxy_as_soon_as_it_is_there(client, video):
    lifecycle.ensure_proxy(video)
    source = reverse("videos:source", args=[video.pk])
    url = reverse("videos:proxy", args=[video.pk])
    assert "every 5s" in line(client, video)
    assert client.get(url).status_code == 404

    run_proxies()

    proxy = Proxy.objects.get()
    assert (proxy.status, proxy.height, proxy.attempts) == (ProxyStatus.READY, 180, 1)
    assert proxy.size_bytes == files.size(proxy.file_key)
    shown = line(client, video)
    assert "every 5s" not in shown
    assert f'data-proxy="{url}"' in shown
    response = client.get(url, headers={"Range": "bytes=4-7"})
    assert (response.status_code, b"".join(response.streaming_content)) == (206, b"ftyp")
    assert response["Content-Type"] == "video/mp4"
    video.scenes.create(index=0, start_ms=0, end_ms=video.duration_ms)
    page = client.get(reverse("videos:page", args=[video.pk])).content.decode()
    assert f'src="{url}"' in page
    assert f'src="{source}"' not in page


def test_strangers_find_nothing(video):
    lifecycle.ensure_proxy(video)
    run_proxies()
    stranger = Client()
    stranger.force_login(UserFactory())

    for name in ("proxy", "proxy_line"):
        assert stranger.get(reverse(f"videos:{name}", args=[video.pk])).status_code == 404
    assert stranger.post(reverse("videos:ask_for_proxy", args=[video.pk])).status_code == 404
    assert Client().get(reverse("videos:proxy", args=[video.pk])).status_code == 302


def test_a_failure_is_said_and_can_be_tried_again(client, video, monkeypatch):
    lifecycle.ensure_proxy(video)
    error = ToolError("no", tool="ffmpeg", tail="the tool's own words")
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "make_proxy", raising(error))
        for _attempt in range(3):
            run_proxies()

    proxy = Proxy.objects.get()
    assert (proxy.status, proxy.error_code) == (ProxyStatus.FAILED, "TOOL_FAILED")
    assert "the tool's own words" in proxy.tool_output
    assert "could not be made" in line(client, video)

    asked = client.post(reverse("videos:ask_for_proxy", args=[video.pk]))

    assert asked.status_code == 302
    run_proxies()
    proxy.refresh_from_db()
    assert proxy.status == ProxyStatus.READY


def raising(error: Exception):
    """A function that raises the error, whatever it is called with."""

    def fail(*_args, **_options):
        raise error

    return fail


def test_a_video_of_an_earlier_release_is_asked_for_by_hand(client, video):
    assert "Make a small copy" in line(client, video)

    client.post(reverse("videos:ask_for_proxy", args=[video.pk]))

    assert Proxy.objects.get(video=video).status == ProxyStatus.PENDING


def test_none_is_made_where_a_setting_says_no(client, video, settings):
    settings.MAKE_PROXIES = False

    lifecycle.ensure_proxy(video)
    client.post(reverse("videos:ask_for_proxy", args=[video.pk]))

    assert not Proxy.objects.exists()
    assert line(client, video).strip() == ""


def test_what_plays_everywhere_gets_none(client, video):
    Video.objects.filter(pk=video.pk).update(filename="talk.mp4")
    video.refresh_from_db()
    video.probe["container"] = "mov,mp4,m4a,3gp,3g2,mj2"
    video.save(update_fields=["probe"])

    lifecycle.ensure_proxy(video)

    assert not Proxy.objects.exists()
    assert line(client, video).strip() == ""


def test_a_worker_that_lost_its_lease_leaves_no_file(video, monkeypatch):
    lifecycle.ensure_proxy(video)
    save_file = files.save_file

    def steal(key: str, path: Path, **options: Any) -> None:
        save_file(key, path, **options)
        Proxy.objects.update(claim_token=uuid.uuid4())

    monkeypatch.setattr(files, "save_file", steal)

    run_proxies()

    assert Proxy.objects.get().status == ProxyStatus.PROCESSING
    assert list(files.listing("proxies/")) == []


def test_a_process_that_stops_returns_the_row_without_counting(video, monkeypatch):
    lifecycle.ensure_proxy(video)

    def stop(*_args, **_options):
        lease.stopping.set()
        raise StoppedError("stopping")

    monkeypatch.setattr(pipeline, "make_proxy", stop)
    try:
        run_proxies()
    finally:
        lease.stopping.clear()

    proxy = Proxy.objects.get()
    assert (proxy.status, proxy.attempts) == (ProxyStatus.PENDING, 0)


def test_a_killed_workers_row_is_swept(video):
    lifecycle.ensure_proxy(video)
    Proxy.objects.update(queued_at=database_now())
    claim = claim_next(Proxy)
    assert claim is not None
    Proxy.objects.update(heartbeat_at="2020-01-01T00:00:00Z")

    assert tasks.sweep_proxies()

    assert Proxy.objects.get().status == ProxyStatus.PENDING


def test_a_full_disk_is_said_before_the_work(video, monkeypatch):
    lifecycle.ensure_proxy(video)
    monkeypatch.setattr(files, "free_bytes", lambda: 1_000)
    monkeypatch.setattr(pipeline, "make_proxy", raising(AssertionError("work was begun")))

    for _attempt in range(3):
        run_proxies()

    assert Proxy.objects.get().error_code == "STORAGE_FULL"


def test_deleting_the_video_takes_the_proxy_along(video):
    lifecycle.ensure_proxy(video)
    run_proxies()

    deletion.delete_video(video)

    assert not Proxy.objects.exists()
    assert list(files.listing("proxies/")) == []


def test_a_named_file_is_no_orphan_and_an_old_nameless_one_is(video):
    lifecycle.ensure_proxy(video)
    run_proxies()
    later = database_now().replace(year=2100)

    assert not [file for file in orphaned_files(at=later) if file.key.startswith("proxies/")]

    Proxy.objects.all().delete()

    assert len([file for file in orphaned_files(at=later) if file.key.startswith("proxies/")]) == 1
