"""Heimdex in this process with its own database and folders: processing and exports without web and broker."""

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

from benchmarks import timing
from mediakit.audio import loudness
from mediakit.framing.geometry import CENTER_CROP
from mediakit.render import short
from mediakit.render.encoders import HIGH


@dataclass(frozen=True, slots=True)
class RecordedCommand:
    """The ffmpeg command of an export and a copy of its folder, for running it again without Heimdex."""

    argv: Sequence[str]
    folder: Path
    sound_argv: Sequence[str] = ()

    def measure(self) -> timing.Duration:
        """Run it again, after the command that encoded its sound if there was one, and measure both."""
        commands = [argv for argv in (self.sound_argv, self.argv) if argv]
        parts = [timing.measure_command(argv, folder=self.folder) for argv in commands]
        return timing.Duration(sum(p.wall_s for p in parts), sum(p.cpu_s for p in parts))

    @property
    def out(self) -> Path:
        """The file it writes."""
        return self.folder / self.argv[-1].removeprefix("file:")


def set_up(folder: Path, *, migrate: bool = True) -> None:
    """Set up Django with a SQLite database in the folder, empty unless it is there; once a process."""
    os.environ["HEIMDEX_DATA_DIR"] = str(folder / "data")
    os.environ["HEIMDEX_LOG_LEVEL"] = "ERROR"
    os.environ.setdefault("HEIMDEX_VIDEO_ENCODER", "x264")  # the encoder of the published figures
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
    os.environ["DJANGO_SETTINGS_MODULE"] = "heimdex.settings"
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - only after the set-up

    if migrate:
        call_command("migrate", verbosity=0)


def create_user() -> Any:
    """A user with a high export limit."""
    from accounts.models import User  # noqa: PLC0415

    return User.objects.create_user(secrets.token_hex(4), export_limit=10_000)


def create_video(path: Path, owner: Any, *, captions: str) -> Any:
    """A video pending processing, its source linked into storage; `captions` is WebVTT text."""
    from django.core.files.storage import default_storage  # noqa: PLC0415
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    from videos import storage_keys  # noqa: PLC0415
    from videos.services import accept_source, store_captions  # noqa: PLC0415

    video_id = uuid.uuid4()
    key = storage_keys.source_key(owner_id=owner.pk, video_id=video_id, filename=path.name)
    target = Path(default_storage.path(key))
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(path, target)
    file = SimpleUploadedFile("words.vtt", captions.encode())
    return accept_source(
        video_id=video_id,
        owner=owner,
        source_key=key,
        filename=path.name,
        size_bytes=path.stat().st_size,
        title=path.stem,
        captions=store_captions(owner=owner, video_id=video_id, file=file),
        language="en",
    )


def process_all() -> None:
    """Process all pending videos; raises RuntimeError if one fails."""
    from videos.models import Video  # noqa: PLC0415
    from videos.tasks import process_video  # noqa: PLC0415

    process_video()
    failed = Video.objects.exclude(status="ready").values_list("status", "error_code")
    if failed:
        raise RuntimeError(f"not ready: {list(failed)}")


def run_export(video: Any, *, start_s: float = 10, length_s: float = 30, **options: Any) -> Any:
    """Request an export and render it; the row."""
    row = request_export(video, start_s=start_s, length_s=length_s, **options)
    return render_pending(row)


def request_export(video: Any, *, start_s: float, length_s: float, **options: Any) -> Any:
    """Request an export; the row."""
    from exports import services  # noqa: PLC0415

    begin = round(start_s * 1000)
    choices = {"strategy": CENTER_CROP, "quality": HIGH, **options}
    end = begin + round(length_s * 1000)
    wanted = services.ExportRequest(video=video, start_ms=begin, end_ms=end, **choices)
    return services.request_export(video.owner, wanted)


def render_pending(row: Any) -> Any:
    """Render all pending exports as a worker does; the refreshed row. Raises RuntimeError if it failed."""
    from exports.tasks import render_export  # noqa: PLC0415

    render_export()
    row.refresh_from_db()
    if row.status not in {"completed", "processing"}:
        raise RuntimeError(f"{row.status} {row.error_code} {row.tool_output}")
    return row


def require_completed(rows: Sequence[Any]) -> None:
    """Raise RuntimeError unless all exports are completed."""
    for row in rows:
        row.refresh_from_db()
        if row.status != "completed":
            raise RuntimeError(f"{row.status} {row.error_code} {row.tool_output}")


@contextmanager
def record_encodes(folder: Path) -> Iterator[list[RecordedCommand]]:
    """Record the encodes that run in the block, each with a copy of its folder from before.

    Where the sound was encoded before and is copied, the command that encoded it is recorded as `sound_argv`.
    """
    found: list[RecordedCommand] = []
    sounds: dict[str, Sequence[str]] = {}
    name = "run"  # the function by which both modules start ffmpeg
    run = getattr(short, name)

    def record_and_run(argv: Sequence[str], **options: Any) -> Any:
        cwd = Path(options.get("cwd") or ".")
        if "libx264" in argv:
            kept = Path(tempfile.mkdtemp(dir=folder))
            shutil.copytree(cwd, kept, dirs_exist_ok=True)
            sound = next((sounds[word] for word in argv if word in sounds), ())
            moved = [word.replace(f"{cwd}/", f"{kept}/") for word in argv]
            found.append(RecordedCommand(moved, kept, sound))
        elif "aac" in argv:
            sounds[f"file:{cwd / argv[-1].removeprefix('file:')}"] = list(argv)
        return run(argv, **options)

    for module in (short, loudness):
        setattr(module, name, record_and_run)
    try:
        yield found
    finally:
        for module in (short, loudness):
            setattr(module, name, run)
