"""A whole Heimdex in one process with a second user's video in it, and eyes on everything that must not happen."""

import contextlib
import io
import logging
import os
import resource
import socket
import subprocess
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.forms.models import model_to_dict
from rest_framework.test import APIClient

from accounts.models import User
from core.errors import HeimdexError, all_codes
from exports import tasks as export_tasks
from exports.choices import ExportStatus
from exports.models import Export
from jobs.clock import database_now
from storage import files as storage_files
from tests.factories import UserFactory
from tests.hostile import media
from videos import policy, services
from videos import tasks as video_tasks
from videos.choices import VideoStatus
from videos.models import Cue, Scene, Video

ROOT = Path(__file__).resolve().parents[2]
MAX_MEMORY_BYTES = 2 << 30
SHORT_MS = 500
LONG = bool(os.environ.get("HEIMDEX_LONG"))


class Canary:
    """A server on loopback that no process may contact, by TCP or UDP."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._farewell = os.urandom(16)
        hears = (self._hear_tcp, self._hear_udp)
        self._threads = [threading.Thread(target=hear, daemon=True) for hear in hears]
        for thread in self._threads:
            thread.start()

    def _hear_tcp(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, address = self._tcp.accept()
                self.heard.append(address)
                connection.close()

    def _hear_udp(self) -> None:
        while (said := self._udp.recvfrom(100))[0] != self._farewell:
            self.heard.append(said)

    def close(self) -> None:
        """Stop listening. A datagram ends the UDP thread, which does not notice that its socket is closed."""
        self._tcp.shutdown(socket.SHUT_RDWR)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
            ours.sendto(self._farewell, ("127.0.0.1", self.port))
        for thread in self._threads:
            thread.join()
        self._tcp.close()
        self._udp.close()


@dataclass(slots=True)
class AttackEnvironment:
    """The attacking user, another user's files, and the records of answers and logs."""

    folder: Path
    logs: io.StringIO = field(default_factory=io.StringIO)
    canary: Canary = field(default_factory=Canary)
    owner: User = field(default_factory=UserFactory)
    answers: list[str] = field(default_factory=list)
    good_key: str = ""

    def __post_init__(self) -> None:
        media.canary_film(self.place.canary)
        (self.folder / "outside").mkdir()
        (self.folder / "outside" / "secret.txt").write_text(media.CANARY)
        self.good_key = f"sources/{UserFactory().pk}/good.mp4"
        self._keep(self.good_key, media.make_video())

    @property
    def place(self) -> media.Place:
        """The targets that hostile files name."""
        canary = Path(self._media_root, "sources", "other", "video.mp4")
        url = f"http://127.0.0.1:{self.canary.port}"
        return media.Place(canary, "../other/video.mp4", url, self.canary.port)

    @property
    def _media_root(self) -> str:
        return str(settings.STORAGES["default"]["OPTIONS"]["location"])

    def _keep(self, key: str, data: bytes) -> None:
        path = self.folder / f"incoming-{uuid.uuid4().hex}"
        path.write_bytes(data)
        storage_files.save_file(key, path, content_type="video/mp4")

    def try_case(self, case: media.Case) -> str:
        """Upload a file and run every step on it. Returns "READY" or the error code."""
        data = case.make(self.place)
        if b"SELF" in data:  # only a resumable upload knows its stored name in advance
            return self.try_stored(
                lambda path: path.write_bytes(data.replace(b"SELF", path.name.encode()))
            )
        upload = TemporaryUploadedFile(case.name, "video/mp4", len(data), None)
        upload.write(data)
        upload.seek(0)
        with contextlib.closing(upload):
            answer = self._api().post("/v1/videos", {"file": upload}, format="multipart")
        self.answers.append(answer.content.decode())
        assert answer.status_code < 500, answer.content
        body = answer.json()
        if answer.status_code >= 400:
            return str(body["error_code"])
        return self._finish(Video.objects.get(pk=body["id"]))

    def try_stored(self, write: Any) -> str:
        """The same for a file that `write` puts into storage itself, as an upload in pieces leaves it there."""
        video_id = uuid.uuid4()
        key = f"sources/{self.owner.pk}/{video_id}.mp4"
        path = Path(self._media_root, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
        accept = {"video_id": video_id, "source_key": key, "filename": "clip.mp4"}
        try:
            video = services.accept_source(owner=self.owner, size_bytes=9, **accept)  # type: ignore[arg-type]
        except HeimdexError as error:
            self.answers.append(f"{error} {error.details}")
            assert not path.exists()
            return error.code.name
        return self._finish(video)

    def _finish(self, video: Video) -> str:
        """Process it, export a second of it, and read every API page about it."""
        while video.status in {VideoStatus.PENDING, VideoStatus.PROCESSING}:
            Video.objects.filter(pk=video.pk).update(queued_at=database_now())
            video_tasks.process_video(str(video.pk))
            video.refresh_from_db()
        outcome = video.error_code
        if video.status == VideoStatus.READY:
            middle = max(0, (video.duration_ms or 0) // 2 - SHORT_MS)
            outcome = self._export(video, middle) or "READY"
        for address in (f"/v1/videos/{video.pk}", f"/v1/videos/{video.pk}/details", "/v1/exports"):
            answer = self._api().get(address)
            assert answer.status_code == 200, (address, answer.content)
            self.answers.append(answer.content.decode())
        return outcome

    def _export(self, video: Video, start_ms: int) -> str:
        end_ms = min(start_ms + SHORT_MS, video.duration_ms or 0)
        span = {"start_s": start_ms / 1000, "end_s": end_ms / 1000}
        options = {"aspect_ratio_strategy": "letterbox", "output_quality": "medium"}
        answer = self._api().post(
            f"/v1/videos/{video.pk}/export-short", {**span, **options}, format="json"
        )
        self.answers.append(answer.content.decode())
        assert answer.status_code == 202, answer.content
        export = Export.objects.get(pk=answer.json()["export_id"])
        while export.status in {ExportStatus.PENDING, ExportStatus.PROCESSING}:
            Export.objects.filter(pk=export.pk).update(queued_at=database_now())
            export_tasks.render_export(str(export.pk))
            export.refresh_from_db()
        return export.error_code

    def _api(self) -> APIClient:
        client = APIClient()
        client.force_authenticate(self.owner)
        return client

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """After the block: the server was not contacted, and nothing was changed, disclosed or left behind."""
        before, process, earlier = self._belongings(), os.getpid(), _peak_memory()
        handler = logging.StreamHandler(self.logs)
        logging.getLogger().addHandler(handler)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(handler)
        assert os.getpid() == process
        assert self.canary.heard == []
        assert self._belongings() == before, "a file that is none of this job's was touched"
        assert list(Path(settings.WORK_DIR).iterdir()) == []
        self._check_words()
        for picture in self._derivatives():
            assert not shows_canary(picture), f"{picture.name} shows another user's video"
        used = _peak_memory()
        assert used == earlier or used < MAX_MEMORY_BYTES, f"a child took {used} bytes"
        if LONG:
            assert policy.check_source(self.good_key).duration_ms == 1_000

    def _belongings(self) -> Mapping[str, tuple[int, int]]:
        """(size, time of change) of every file but those that uploads of this person make."""
        own = {"sources", "thumbnails", "exports", "stills"}
        found = {}
        for path in self.folder.rglob("*"):
            parts = path.relative_to(self.folder).parts
            mine = len(parts) > 2 and parts[1] in own and parts[2] == str(self.owner.pk)
            if not mine and path.is_file() and "work" not in parts[:1]:
                state = path.stat()
                found[str(path)] = (state.st_size, state.st_mtime_ns)
        return found

    def _check_words(self) -> None:
        rows = [
            str(model_to_dict(row))
            for model in (Video, Scene, Cue, Export)
            for row in model._default_manager.all()
        ]
        for words in (*self.answers, *rows, self.logs.getvalue()):
            for secret in (media.CANARY, str(self.folder), str(ROOT), "Traceback"):
                assert secret not in words, words[:4000]
        codes = {row.error_code for row in (*Video.objects.all(), *Export.objects.all())} - {""}
        assert codes <= set(all_codes()) - {"INTERNAL_ERROR"}

    def _derivatives(self) -> list[Path]:
        own = str(self.owner.pk)
        folders = (
            Path(self._media_root, kind, own) for kind in ("thumbnails", "exports", "stills")
        )
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]

    def close(self) -> None:
        """Stop listening."""
        self.canary.close()


def _peak_memory() -> int:
    """Bytes of the child of this process that took the most, in this test or one before it."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def shows_canary(path: Path) -> bool:
    """Whether any picture of a file has the canary video's colour in a fiftieth of it."""
    small = ["-vf", "fps=5,scale=16:16,format=rgb24", "-f", "rawvideo", "-"]
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-an", *small]
    raw = subprocess.run(argv, check=True, capture_output=True, timeout=60).stdout
    pixels = (raw[at : at + 3] for at in range(0, len(raw), 3))
    alike = sum(
        all(abs(a - b) < 40 for a, b in zip(pixel, media.CANARY_COLOUR, strict=True))
        for pixel in pixels
    )
    return alike * 50 > len(raw) // 3
