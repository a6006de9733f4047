"""Rows that compare exports and processing with bare ffmpeg."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import environment, timing
from benchmarks.speed_table import sample_videos
from benchmarks.speed_table.figures import CLIP_S, Context, Figure
from mediakit.captions.caption_style import KARAOKE
from mediakit.framing.geometry import CENTER_CROP, SMART_CROP
from mediakit.sandbox.process import run
from tests import services

SSIM_S = 10
MEBIBYTE = 1 << 20
# The encode options of the earlier system.
REFERENCE_OPTIONS = (
    *("-vf", "crop=ih*9/16:ih,scale=1080:1920:flags=lanczos", "-c:v", "libx264", "-preset", "slow"),
    *(
        "-crf",
        "18",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
        "-b:a",
        "192k",
        "-movflags",
        "+faststart",
    ),
)


def export_wall_time(context: Context) -> list[Figure]:
    """The whole export task compared with its ffmpeg command."""
    from exports.captions.styles import ShortStyle  # noqa: PLC0415
    from mediakit.captions.caption_style import PRESETS  # noqa: PLC0415 - only after the set-up

    found = [_export_wall(context, strategy, strategy=strategy) for strategy in _strategies()]
    style = ShortStyle(PRESETS[KARAOKE])
    return [*found, _export_wall(context, "center_crop with captions", style=style)]


def _export_wall(context: Context, name: str, **options: Any) -> Figure:
    video, bare = context.exported(**options)
    decode = ["ffmpeg", "-v", "error", "-i", str(bare.out), "-f", "null", "-"]
    task, encode, check = timing.interleave(
        context.rounds,
        lambda: timing.measure(partial(environment.run_export, video, length_s=CLIP_S, **options)),
        lambda: timing.measure_command(bare.argv, folder=bare.folder),
        lambda: timing.measure_command(decode, folder=bare.folder),
    )
    counted = timing.median_wall_s(encode) + timing.median_wall_s(check)
    return Figure(
        f"export of {CLIP_S} s, {name}: wall time",
        "the same ffmpeg command, and one decode of the result",
        1.05,
        timing.median_wall_s(task) / counted,
        parts={
            "task_s": timing.median_wall_s(task),
            "encode_s": timing.median_wall_s(encode),
            "decode_s": timing.median_wall_s(check),
            "to_encode_alone": timing.median_wall_s(task) / timing.median_wall_s(encode),
        },
    )


def export_cpu_time(context: Context) -> list[Figure]:
    """CPU time compared with the earlier system's command, with quality and size of both."""
    video, bare = context.exported()
    source = sample_videos.one_minute(context.videos)
    earlier = context.folder / "earlier.mp4"
    span = ["-ss", "10", "-t", str(CLIP_S)]
    old = [
        "ffmpeg",
        "-nostdin",
        "-v",
        "error",
        "-y",
        *span,
        "-i",
        str(source),
        *REFERENCE_OPTIONS,
        str(earlier),
    ]
    task, before = timing.interleave(
        context.rounds,
        lambda: timing.measure(partial(environment.run_export, video, length_s=CLIP_S)),
        lambda: timing.measure_command(old, folder=context.folder),
    )
    timing.measure_command(bare.argv, folder=bare.folder)
    return [
        Figure(
            f"export of {CLIP_S} s, center_crop: processor time",
            "libx264 slow, CRF 18, lanczos crop",
            0.45,
            timing.median_cpu_s(task) / timing.median_cpu_s(before),
            parts={
                "task_cpu_s": timing.median_cpu_s(task),
                "earlier_cpu_s": timing.median_cpu_s(before),
                "ssim": _ssim(bare.out, source),
                "earlier_ssim": _ssim(earlier, source),
                "bytes_to_earlier": bare.out.stat().st_size / earlier.stat().st_size,
            },
        )
    ]


def smart_crop_time(context: Context) -> list[Figure]:
    """Smart crop compared with a centre crop, with and without a stored analysis."""
    from videos.models import ShotAnalysis  # noqa: PLC0415

    video = context.processed_video(sample_videos.one_minute(context.videos))
    export = partial(environment.run_export, video, length_s=CLIP_S)
    export(strategy=SMART_CROP)

    def export_without_analysis() -> None:
        ShotAnalysis.objects.filter(video=video).delete()
        export(strategy=SMART_CROP)

    still, known, fresh = timing.interleave(
        context.rounds,
        lambda: timing.measure(partial(export, strategy=CENTER_CROP)),
        lambda: timing.measure(partial(export, strategy=SMART_CROP)),
        lambda: timing.measure(export_without_analysis),
    )
    base = timing.median_wall_s(still)
    return [
        Figure(
            f"{SMART_CROP}, analysis at hand", CENTER_CROP, 1.05, timing.median_wall_s(known) / base
        ),
        Figure(
            f"{SMART_CROP}, analysis made first",
            CENTER_CROP,
            1.35,
            timing.median_wall_s(fresh) / base,
        ),
    ]


def processing_time(context: Context) -> list[Figure]:
    """Processing 25 minutes compared with one decode."""
    path = sample_videos.long_video(context.videos, minutes=25)
    decode = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-f", "null", "-"]

    def process() -> timing.Duration:
        environment.create_video(
            path, environment.create_user(), captions=sample_videos.captions(minutes=25)
        )
        return timing.measure(environment.process_all)

    ours, bare = timing.interleave(
        max(1, context.rounds - 1),
        process,
        lambda: timing.measure_command(decode, folder=context.folder),
    )
    return [
        Figure(
            "processing 25 min of 1080p, from the end of the upload to READY",
            "one decode of it",
            0.15,
            timing.median_wall_s(ours) / timing.median_wall_s(bare),
            parts={"ours_s": timing.median_wall_s(ours), "decode_s": timing.median_wall_s(bare)},
        )
    ]


def processing_memory(context: Context) -> list[Figure]:
    """The peak memory of processing, child processes included."""
    peaks = {}
    for minutes in (25, 180):
        path = sample_videos.long_video(context.videos, minutes=minutes)
        environment.create_video(
            path, environment.create_user(), captions=sample_videos.captions(minutes=minutes)
        )
        with timing.peak_memory() as peak:
            environment.process_all()
        peaks[minutes] = peak.bytes / MEBIBYTE
    return [
        Figure("memory for processing 3 h", "-", 400, peaks[180], "MiB"),
        Figure("memory for processing 3 h", "for 25 min", 1.15, peaks[180] / peaks[25]),
    ]


def late_clip_time(context: Context) -> list[Figure]:
    """An export from late in a video compared with one from its start."""
    video = context.processed_video(
        sample_videos.long_video(context.videos, minutes=25), minutes=25
    )
    export = partial(environment.run_export, video, length_s=CLIP_S)
    late, early = timing.interleave(
        context.rounds,
        lambda: timing.measure(partial(export, start_s=1210)),
        lambda: timing.measure(partial(export, start_s=10)),
    )
    ratio = timing.median_wall_s(late) / timing.median_wall_s(early)
    return [Figure("export at minute 20 of 25", "the same at second 10", 1.1, ratio)]


def late_clip_bytes(context: Context) -> list[Figure]:
    """The bytes read from S3 for an export from late in a video, compared with the clip's share."""
    from django.conf import settings  # noqa: PLC0415 - only after the set-up
    from django.test import override_settings  # noqa: PLC0415

    from storage import files  # noqa: PLC0415

    minutes = 25
    path = sample_videos.long_video(context.videos, minutes=minutes)
    video = context.processed_video(path, minutes=minutes)
    share = path.stat().st_size * CLIP_S / (minutes * 60)
    with services.s3() as bucket:
        stored = {**settings.STORAGES, "default": bucket.storage()}
        with override_settings(STORAGES=stored), _bytes_read(video.source_key) as counts:
            files.save_file(video.source_key, path, content_type="video/mp4")
            environment.run_export(video, start_s=1210, length_s=CLIP_S)
    return [
        Figure(
            "bytes read from S3 for an export at minute 20 of 25",
            "the clip's share of the file",
            1.5,
            sum(counts) / share,
            parts={"read": sum(counts), "share": share},
        )
    ]


@contextmanager
def _bytes_read(key: str) -> Iterator[list[int]]:
    """The bytes each reader of the object read from S3, taken from the readers' log."""
    logger = logging.getLogger("storage.source_reader")
    counts: list[int] = []

    def note(record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and record.args[-1] == key:
            counts.append(int(str(record.args[0])))
        return False

    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addFilter(note)
    try:
        yield counts
    finally:
        logger.removeFilter(note)
        logger.setLevel(level)


def parallel_exports(context: Context) -> list[Figure]:
    """Two parallel exports compared with two parallel commands."""
    from django.db import connection  # noqa: PLC0415

    video, bare = context.exported()
    decode = ["ffmpeg", "-v", "error", "-i", str(bare.out), "-f", "null", "-"]
    other = environment.RecordedCommand([*bare.argv[:-1], f"file:{bare.out.name}.2"], bare.folder)

    def one(row: Any) -> None:
        try:
            environment.render_pending(row)
        finally:
            connection.close()

    def exports() -> None:
        rows = [environment.request_export(video, start_s=10, length_s=CLIP_S) for _ in range(2)]
        _run_in_parallel(*(partial(one, row) for row in rows))
        environment.require_completed(rows)

    def commands(*all_argv: Sequence[str]) -> None:
        _run_in_parallel(
            *(partial(timing.measure_command, argv, folder=bare.folder) for argv in all_argv)
        )

    ours, encodes, checks = timing.interleave(
        context.rounds,
        lambda: timing.measure(exports),
        lambda: timing.measure(partial(commands, bare.argv, other.argv)),
        lambda: timing.measure(partial(commands, decode, decode)),
    )
    counted = timing.median_wall_s(encodes) + timing.median_wall_s(checks)
    return [
        Figure(
            "two exports at once",
            "two ffmpeg commands at once, and two decodes",
            1.05,
            timing.median_wall_s(ours) / counted,
            parts={
                "ours_s": timing.median_wall_s(ours),
                "encodes_s": timing.median_wall_s(encodes),
                "decodes_s": timing.median_wall_s(checks),
            },
        )
    ]


def _strategies() -> list[str]:
    from exports.choices import Strategy  # noqa: PLC0415 - only after the set-up

    return list(Strategy.values)


def _ssim(file: Path, source: Path) -> float:
    """The SSIM of the file's first SSIM_S seconds to the source's cropped and scaled frames (1 is identical)."""
    graph = (
        f"[1:v]crop=ih*9/16:ih,scale=1080:1920:flags=lanczos,setsar=1,format=yuv420p,fps=30,"
        f"trim=end_frame={SSIM_S * sample_videos.FRAME_RATE},setpts=N/30/TB[reference];"
        f"[0:v]fps=30,trim=end_frame={SSIM_S * sample_videos.FRAME_RATE},setpts=N/30/TB[tested];"
        "[tested][reference]ssim"
    )
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-i", str(file), "-ss", "10", "-i", str(source)]
    argv += ["-lavfi", graph, "-f", "null", "-"]
    done = run(argv, timeout_s=600, reads=[str(file), str(source)], cwd=file.parent)
    return float(done.tail.rpartition("All:")[2].split()[0])


def _run_in_parallel(*works: Callable[[], object]) -> None:
    """Call each function in its own thread, and wait for all."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
