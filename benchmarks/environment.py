"""Heimdex in this process on a database and folders of its own: exports and processing without web and broker."""

import os
import secrets
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

from mediakit.framing.geometry import CENTER_CROP
from mediakit.render import short
from mediakit.render.encoders import HIGH


@dataclass(frozen=True, slots=True)
class Bare:
    """The ffmpeg command that an export ran, with the small files it needs, to be run again without Heimdex."""

    argv: Sequence[str]
    folder: Path

    @property
    def out(self) -> Path:
        """What it writes."""
        return self.folder / self.argv[-1].removeprefix("file:")


def open_workshop(folder: Path) -> None:
    """Set Django up on an empty SQLite in that folder. Once a process."""
    os.environ["HEIMDEX_DATA_DIR"] = str(folder / "data")
    os.environ["HEIMDEX_LOG_LEVEL"] = "ERROR"
    os.environ.setdefault("HEIMDEX_VIDEO_ENCODER", "x264")  # what the figures are about
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
    os.environ["DJANGO_SETTINGS_MODULE"] = "heimdex.settings"
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - only after the set-up

    call_command("migrate", verbosity=0)


def person() -> Any:
    """Somebody who may export without end."""
    from accounts.models import User  # noqa: PLC0415

    return User.objects.create_user(secrets.token_hex(4), export_limit=10_000)


def video_of(film: Path, owner: Any, *, words: str) -> Any:
    """A video that waits for processing, its source linked into storage; `words` are its captions as WebVTT."""
    from django.core.files.storage import default_storage  # noqa: PLC0415
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    from videos import storage_keys  # noqa: PLC0415
    from videos.services import accept_source, store_captions  # noqa: PLC0415

    video_id = uuid.uuid4()
    key = storage_keys.source_key(owner_id=owner.pk, video_id=video_id, filename=film.name)
    place = Path(default_storage.path(key))
    place.parent.mkdir(parents=True, exist_ok=True)
    os.link(film, place)
    file = SimpleUploadedFile("words.vtt", words.encode())
    return accept_source(
        video_id=video_id,
        owner=owner,
        source_key=key,
        filename=film.name,
        size_bytes=film.stat().st_size,
        title=film.stem,
        captions=store_captions(owner=owner, video_id=video_id, file=file),
        language="en",
    )


def process_all() -> None:
    """Process every video that waits; RuntimeError when one could not be."""
    from videos.models import Video  # noqa: PLC0415
    from videos.tasks import process_video  # noqa: PLC0415

    process_video()
    failed = Video.objects.exclude(status="ready").values_list("status", "error_code")
    if failed:
        raise RuntimeError(f"not ready: {list(failed)}")


def export(video: Any, *, start_s: float = 10, length_s: float = 30, **wishes: Any) -> Any:
    """Ask for an export and do the worker's part, from the claim to `completed`; the row."""
    row = ask(video, start_s=start_s, length_s=length_s, **wishes)
    return work_off(row)


def ask(video: Any, *, start_s: float, length_s: float, **wishes: Any) -> Any:
    """Ask for an export."""
    from exports import services  # noqa: PLC0415

    begin = round(start_s * 1000)
    wanted = {"strategy": CENTER_CROP, "quality": HIGH, **wishes}
    end = begin + round(length_s * 1000)
    return services.request_export(
        user=video.owner, video=video, start_ms=begin, end_ms=end, **wanted
    )


def work_off(row: Any) -> Any:
    """Do everything that waits, as a worker that was woken; the row as it is then."""
    from exports.tasks import render_export  # noqa: PLC0415

    render_export()
    row.refresh_from_db()
    if row.status not in {"completed", "processing"}:
        raise RuntimeError(f"{row.status} {row.error_code} {row.tool_output}")
    return row


def check(rows: Sequence[Any]) -> None:
    """RuntimeError unless these exports are completed."""
    for row in rows:
        row.refresh_from_db()
        if row.status != "completed":
            raise RuntimeError(f"{row.status} {row.error_code} {row.tool_output}")


@contextmanager
def recorded(folder: Path) -> Iterator[list[Bare]]:
    """Keep the encodes that run inside, each with a copy of its folder as it was before."""
    found: list[Bare] = []
    name = "run"  # the function by which `short` starts ffmpeg
    run = getattr(short, name)

    def keep_and_run(argv: Sequence[str], **options: Any) -> Any:
        if "libx264" in argv:
            kept = Path(tempfile.mkdtemp(dir=folder))
            shutil.copytree(options["cwd"], kept, dirs_exist_ok=True)
            found.append(Bare(list(argv), kept))
        return run(argv, **options)

    setattr(short, name, keep_and_run)
    try:
        yield found
    finally:
        setattr(short, name, run)
