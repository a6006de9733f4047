"""Fetching a video from a link: by a worker, from real servers on loopback, refused, cleaned up after."""

import contextlib
import socket
import time
import uuid
from pathlib import Path

import pytest
from django.conf import settings as product
from django.db import connection
from django.urls import reverse

from core.errors import HeimdexError
from jobs import lease, notify
from jobs.clock import database_now
from jobs.lease import LeaseLostError
from mediakit.errors import StoppedError
from netfetch.resolver import PUBLIC, Network
from storage import files as storage_files
from storage.sinks import upload_sink
from tests.netfetch.http_server import Server, head, plain, speaking
from videos import services, tasks
from videos.choices import VideoStatus
from videos.errors import VideoCode
from videos.library import deletion
from videos.models import Upload, Video
from videos.uploads import cleanup, link_import
from videos.uploads.link_import import LinkRefusedError

pytestmark = pytest.mark.usefixtures("sent_messages")

SECRET = "X-Amz-Signature=c0ffee"
HTML = b"<!DOCTYPE html><title>Not for you</title>"


@pytest.fixture
def here(monkeypatch) -> None:
    """A network where every name resolves to this machine and is allowed, unlike in the product."""
    network = Network(
        is_allowed=lambda _address: True,
        look_up=lambda *_: ["127.0.0.1"],
        ports=frozenset(range(1, 65536)),
    )
    monkeypatch.setattr(link_import, "NETWORK", network)


def asked_for(person, server: Server, path: str = f"/talk.mp4?{SECRET}", **facts) -> Video:
    """A video of theirs that is to be fetched from there."""
    return services.import_video(owner=person, url=f"{server.url}{path}", **facts)


def fetched(video: Video, *, progress=None, should_stop=lambda: False) -> Video:
    """The video after a worker has claimed it and fetched its source."""
    claim = lease.claim_next(Video)
    assert claim
    steps = progress if progress is not None else []
    link_import.fetch(claim, on_progress=steps.append, should_stop=should_stop)
    return claim.row


def killed(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker's fetch breaks off, and not a line of what would clean up after it runs."""
    with monkeypatch.context() as patch:
        patch.setattr(cleanup, "discard", lambda _upload: None)
        with pytest.raises(HeimdexError):
            fetched(video)


def worked_on(video: Video) -> Video:
    """The video after a worker has done all it does."""
    tasks.process_video()
    video.refresh_from_db()
    return video


def padded(clip: Path, count: int) -> bytes:
    """The same clip with so many bytes behind it that no player looks at."""
    return clip.read_bytes() + (8 + count).to_bytes(4) + b"free" + bytes(count)


def nothing_left() -> bool:
    """Whether storage holds nothing that was fetched, whole or in parts."""
    folders = ("sources/", "incoming/")
    return not any(list(storage_files.listing(folder)) for folder in folders) and not list(
        upload_sink.list_unfinished()
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("here")
class TestFetching:
    def test_a_link_becomes_a_video_that_can_be_read(self, person, clip):
        with speaking(plain(clip.read_bytes())) as server:
            video = worked_on(asked_for(person, server, title="From afar"))
        assert (video.status, video.error_code, video.title) == ("ready", "", "From afar")
        assert video.scenes.exists()
        assert storage_files.read_bytes(video.source_key, limit=10**7) == clip.read_bytes()
        assert video.source_url == f"{server.url}/talk.mp4"
        assert f"GET /talk.mp4?{SECRET} HTTP/1.1\r\n" in server.requests[0]
        assert not Upload.objects.exists()
        assert not list(upload_sink.list_unfinished())

    @pytest.mark.parametrize("announced", [True, False])
    def test_every_byte_goes_to_storage_in_parts(self, person, clip, anywhere, announced):
        data = padded(clip, 9_000_000)  # more than one part
        answer = plain(data) if announced else head("Connection: close") + data
        progress: list[float] = []
        with speaking(answer) as server:
            video = fetched(asked_for(person, server), progress=progress)
        assert storage_files.read_bytes(video.source_key, limit=10**8) == data
        assert (video.size_bytes, video.width) == (len(data), 160)
        assert list(storage_files.listing("incoming/")) == list(upload_sink.list_unfinished()) == []
        assert [file.key for file in storage_files.listing("sources/")] == [video.source_key]
        if announced:
            assert progress == sorted(progress)
            assert len({round(part, 1) for part in progress}) > 5
        else:
            assert progress == [0.0]

    @pytest.mark.parametrize("announced", [True, False])
    def test_what_breaks_off_leaves_nothing(self, person, anywhere, announced):
        beginning = b"\x00\x00\x00\x20ftypisom" + bytes(9_000_000)
        how = "Content-Length: 20000000" if announced else "Transfer-Encoding: chunked"
        body = beginning if announced else b"ffffff\r\n" + beginning
        with speaking(head(how) + body) as server, pytest.raises(HeimdexError) as caught:
            fetched(asked_for(person, server))
        assert caught.value.code == VideoCode.IMPORT_INTERRUPTED
        assert nothing_left()
        assert not Upload.objects.exists()

    def test_what_a_killed_worker_left_is_found(self, person, anywhere, monkeypatch):
        """No line of the worker runs after the bytes; only the row says where they lie."""
        with speaking(head("Content-Length: 20000000") + bytes(9_000_000)) as server:
            video = asked_for(person, server)
            killed(video, monkeypatch)
        assert list(upload_sink.list_unfinished())

        assert cleanup.remove_abandoned_uploads(at=database_now()) == []  # its claim still stands
        assert not nothing_left()
        Video.objects.filter(pk=video.pk).update(status=VideoStatus.PENDING, claim_token=None)
        assert cleanup.remove_abandoned_uploads(at=database_now())

        assert nothing_left()
        assert not Upload.objects.exists()

    def test_a_new_attempt_removes_what_the_old_one_left_and_has_its_own_key(
        self, person, clip, anywhere, monkeypatch
    ):
        data = clip.read_bytes()
        broken = head(f"Content-Length: {len(data)}") + data[:50_000]
        with speaking(broken, plain(data)) as server:
            video = asked_for(person, server)
            killed(video, monkeypatch)
            old = Upload.objects.get().storage_key
            Video.objects.filter(pk=video.pk).update(status=VideoStatus.PENDING, claim_token=None)
            video = fetched(video)
        assert video.source_key != old
        assert [file.key for file in storage_files.listing("sources/")] == [video.source_key]
        assert list(upload_sink.list_unfinished()) == []
        assert not Upload.objects.exists()

    def test_a_worker_that_lost_its_lease_changes_nothing(self, person, clip, stored):
        other = uuid.uuid4()
        data = clip.read_bytes()

        def slowly(connection: socket.socket) -> None:
            connection.sendall(head(f"Content-Length: {len(data)}") + data[:1000])
            Video.objects.update(claim_token=other)
            _close()
            connection.sendall(data[1000:])

        with speaking(slowly) as server, pytest.raises(LeaseLostError):
            fetched(asked_for(person, server))
        video = Video.objects.get()
        assert (video.claim_token, video.source_key, stored()) == (other, "", [])
        assert SECRET in video.source_url
        assert not Upload.objects.exists()

    def test_a_video_deleted_meanwhile_leaves_nothing(self, person, clip, stored):
        def deleted(connection: socket.socket) -> None:
            deletion.delete_video(Video.objects.get())
            _close()
            connection.sendall(plain(clip.read_bytes()))

        with speaking(deleted) as server, pytest.raises(LeaseLostError):
            fetched(asked_for(person, server))
        assert stored() == []
        assert not Upload.objects.exists()

    def test_it_stops_on_request_and_leaves_nothing(self, person, stored):
        def endless(connection: socket.socket) -> None:
            connection.sendall(head("Content-Length: 1000000") + b"\x00\x00\x00\x20ftyp")
            connection.recv(1)

        began = time.monotonic()
        with speaking(endless) as server, pytest.raises(StoppedError):
            fetched(asked_for(person, server), should_stop=lambda: time.monotonic() - began > 0.5)
        assert stored() == []
        assert not Upload.objects.exists()

    def test_a_stopping_worker_hands_it_back_with_its_attempt(self, person, stored, monkeypatch):
        sent: list[object] = []
        monkeypatch.setattr(notify, "send", lambda _task, pk: sent.append(pk))

        def stopping(connection: socket.socket) -> None:
            connection.sendall(head("Content-Length: 1000000") + b"\x00\x00\x00\x20ftyp")
            lease.stopping.set()
            connection.recv(1)

        try:
            with speaking(stopping) as server:
                video = worked_on(asked_for(person, server))
        finally:
            lease.stopping.clear()
        assert (video.status, video.attempts, sent) == ("pending", 0, [video.pk])
        assert SECRET in video.source_url
        assert stored() == []

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (plain(HTML, "text/html; charset=utf-8"), "IMPORT_NOT_A_VIDEO"),
            (plain(HTML, "video/mp4"), "IMPORT_NOT_A_VIDEO"),
            (plain(b"#EXTM3U\nhttp://10.0.0.1/a.ts\n", "video/mp2t"), "IMPORT_NOT_A_VIDEO"),
            (plain(b"#EXTM3U\n", "application/vnd.apple.mpegurl"), "IMPORT_NOT_A_VIDEO"),
            (plain(b"\x89PNG\r\n\x1a\n", "image/png"), "IMPORT_NOT_A_VIDEO"),
            (plain(b'{"error": 1}', "application/octet-stream"), "IMPORT_NOT_A_VIDEO"),
            (plain(b"nothing that plays" * 99, "video/mp4"), "NOT_A_VIDEO"),
            (plain(b""), "EMPTY_FILE"),
            (head("Content-Length: 6", status="404 Not Found") + b"banner", "IMPORT_HTTP_STATUS"),
            (b"SSH-2.0-OpenSSH_9.2 banner\r\n", "IMPORT_ANSWER_INVALID"),
            (head("Content-Encoding: gzip") + b"\x1f\x8b", "IMPORT_ANSWER_INVALID"),
            (head("Location: /again", "Content-Length: 0", status="302 F"), "IMPORT_TOO_MANY_REDIRECTS"),
            (head("Location: file:///etc/passwd", status="302 F"), "IMPORT_LINK_INVALID"),
            (head(f"Content-Length: {21 * 1024**3}"), "IMPORT_TOO_LARGE"),
        ],
        ids=[
            *("page", "page-as-video", "playlist-as-video", "playlist", "picture", "json", "rubbish"),
            *("nothing", "404", "ssh", "packed", "loop", "file-redirect", "too-large"),
        ],
    )  # fmt: skip
    def test_what_is_no_video_file_fails_at_once(self, person, stored, answer, code, browser):
        with speaking(answer) as server:
            video = worked_on(asked_for(person, server))
        assert (video.status, video.error_code, video.attempts) == ("failed", code, 1)
        assert (video.source_key, stored()) == ("", [])
        assert not Upload.objects.exists()
        page = browser.get(f"/videos/{video.pk}").content.decode()
        assert "banner" not in page + video.error_message + video.tool_output
        assert "…" not in video.error_message
        assert "Fetch it again" in page

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (head("Content-Length: 6", status="503 Busy") + b"banner", "IMPORT_HTTP_STATUS"),
            (head("Content-Length: 99999") + bytes(99), "IMPORT_INTERRUPTED"),
        ],
        ids=["status", "broken"],
    )
    def test_what_may_pass_is_tried_again(self, person, monkeypatch, answer, code, stored):
        monkeypatch.setattr(tasks, "RETRY_AFTER_S", 0)
        with speaking(answer) as server:
            video = worked_on(asked_for(person, server))
        assert (video.status, video.error_code) == ("failed", code)
        assert video.attempts == server.connections == product.JOB_MAX_ATTEMPTS
        assert stored() == []

    def test_a_file_over_the_limits_of_an_upload_is_refused(self, person, clip, settings, stored):
        settings.UPLOAD_MAX_DURATION_S = 2
        with (
            speaking(plain(clip.read_bytes())) as server,
            pytest.raises(LinkRefusedError) as caught,
        ):
            fetched(asked_for(person, server))
        assert (caught.value.code, stored()) == (VideoCode.VIDEO_TOO_LONG, [])

    def test_more_bytes_than_allowed_are_not_stored(self, person, settings, stored):
        settings.UPLOAD_MAX_BYTES = 100_000
        endless = head("Connection: close") + b"\x00\x00\x00\x20ftyp" + bytes(300_000)
        with speaking(endless) as server, pytest.raises(LinkRefusedError) as caught:
            fetched(asked_for(person, server))
        assert (caught.value.code, stored()) == (VideoCode.IMPORT_TOO_LARGE, [])
        assert caught.value.details["limit_bytes"] == 100_000

    def test_a_failed_import_is_fetched_again_on_request(self, person, clip, browser):
        with speaking(plain(HTML), plain(clip.read_bytes())) as server:
            video = worked_on(asked_for(person, server))
            assert video.status == "failed"
            answer = browser.post(
                f"/videos/{video.pk}/reprocess",
                {"transcript": video.transcript_wanted, "language": ""},
            )
            assert answer["Location"] == f"/videos/{video.pk}"
            video = worked_on(video)
        assert (video.status, server.connections) == ("ready", 2)
        services.request_reprocess(video)
        assert worked_on(video).status == "ready"
        assert server.connections == 2  # the source is here now

    @pytest.mark.usefixtures("templates_as_deployed")
    def test_secrets_of_a_link_are_not_disclosed(self, person, clip, browser, caplog, admin_client):
        caplog.set_level("INFO")
        answer = browser.post("/v1/videos/import", {"url": "https://media.example/a?" + SECRET})
        texts = [answer.content.decode()]
        Video.objects.all().delete()
        with speaking(plain(HTML), plain(clip.read_bytes())) as server:
            video = asked_for(person, server)
            for status in ("failed", "ready"):
                assert worked_on(video).status == status
                texts += [
                    browser.get(path).content.decode()
                    for path in ("/", f"/videos/{video.pk}", f"/v1/videos/{video.pk}")
                ]
                admin = reverse("admin:videos_video_change", args=[video.pk])
                texts.append(admin_client.get(admin).content.decode())
                texts.append(video.tool_output + video.error_message)
                if status == "failed":
                    services.request_reprocess(video)
        assert len(texts) == 11
        assert not [text for text in texts if "c0ffee" in text]
        assert "fetching http://media.example" in caplog.text
        assert "c0ffee" not in caplog.text
        assert SECRET not in Video.objects.get().source_url


@pytest.mark.django_db(transaction=True)
class TestTheProductsOwnNetwork:
    def test_it_is_the_strict_one(self):
        assert link_import.NETWORK is PUBLIC

    @pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001"])
    def test_this_machine_is_not_reached(self, person, monkeypatch, host, stored):
        with speaking(plain(b"secret of the inside")) as canary:
            monkeypatch.setattr(link_import, "NETWORK", Network(ports=frozenset({canary.port})))
            video = services.import_video(owner=person, url=f"http://{host}:{canary.port}/a.mp4")
            video = worked_on(video)
        assert (video.status, video.error_code) == ("failed", "IMPORT_ADDRESS_REFUSED")
        assert (canary.connections, stored(), video.attempts) == (0, [], 1)


def _close() -> None:
    """The server's thread used the database."""
    with contextlib.suppress(Exception):
        connection.close()
