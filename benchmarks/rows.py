"""Exports and processing beside bare ffmpeg."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import environment, samples, timing
from benchmarks.bench import CLIP_S, Bench, Figure
from mediakit.captions.caption_style import KARAOKE
from mediakit.framing.geometry import CENTER_CROP, SMART_CROP
from mediakit.sandbox.process import run
from tests import services

SAMPLE_S = 10
MEGA = 1 << 20
# The earlier system's command.
EARLIER = (
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


def export_wall(bench: Bench) -> list[Figure]:
    """The whole export task beside its own ffmpeg command."""
    from exports.captions.styles import ShortStyle  # noqa: PLC0415
    from mediakit.captions.caption_style import PRESETS  # noqa: PLC0415 - only after the set-up

    found = [_export_wall(bench, strategy, strategy=strategy) for strategy in _strategies()]
    style = ShortStyle(PRESETS[KARAOKE])
    return [*found, _export_wall(bench, "center_crop with captions", style=style)]


def _export_wall(bench: Bench, name: str, **wishes: Any) -> Figure:
    video, bare = bench.bare(**wishes)
    decode = ["ffmpeg", "-v", "error", "-i", str(bare.out), "-f", "null", "-"]
    task, encode, check = timing.in_turn(
        bench.rounds,
        lambda: timing.took(partial(environment.export, video, length_s=CLIP_S, **wishes)),
        lambda: timing.command(bare.argv, folder=bare.folder),
        lambda: timing.command(decode, folder=bare.folder),
    )
    counted = timing.wall(encode) + timing.wall(check)
    return Figure(
        f"export of {CLIP_S} s, {name}: wall time",
        "the same ffmpeg command, and one decode of the result",
        1.05,
        timing.wall(task) / counted,
        parts={
            "task_s": timing.wall(task),
            "encode_s": timing.wall(encode),
            "decode_s": timing.wall(check),
            "to_encode_alone": timing.wall(task) / timing.wall(encode),
        },
    )


def export_cpu(bench: Bench) -> list[Figure]:
    """Processor time beside the earlier system's command, with the quality and the size of both."""
    video, bare = bench.bare()
    source = samples.minute(bench.films)
    earlier = bench.folder / "earlier.mp4"
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
        *EARLIER,
        str(earlier),
    ]
    task, before = timing.in_turn(
        bench.rounds,
        lambda: timing.took(partial(environment.export, video, length_s=CLIP_S)),
        lambda: timing.command(old, folder=bench.folder),
    )
    timing.command(bare.argv, folder=bare.folder)
    return [
        Figure(
            f"export of {CLIP_S} s, center_crop: processor time",
            "libx264 slow, CRF 18, lanczos crop",
            0.45,
            timing.cpu(task) / timing.cpu(before),
            parts={
                "task_cpu_s": timing.cpu(task),
                "earlier_cpu_s": timing.cpu(before),
                "ssim": _ssim(bare.out, source),
                "earlier_ssim": _ssim(earlier, source),
                "bytes_to_earlier": bare.out.stat().st_size / earlier.stat().st_size,
            },
        )
    ]


def smart_crop(bench: Bench) -> list[Figure]:
    """Following the subject beside standing still, with and without the analysis at hand."""
    from videos.models import ShotAnalysis  # noqa: PLC0415

    video = bench.ready(samples.minute(bench.films))
    export = partial(environment.export, video, length_s=CLIP_S)
    export(strategy=SMART_CROP)

    def forget() -> None:
        ShotAnalysis.objects.filter(video=video).delete()
        export(strategy=SMART_CROP)

    still, known, fresh = timing.in_turn(
        bench.rounds,
        lambda: timing.took(partial(export, strategy=CENTER_CROP)),
        lambda: timing.took(partial(export, strategy=SMART_CROP)),
        lambda: timing.took(forget),
    )
    base = timing.wall(still)
    return [
        Figure(f"{SMART_CROP}, analysis at hand", CENTER_CROP, 1.05, timing.wall(known) / base),
        Figure(f"{SMART_CROP}, analysis made first", CENTER_CROP, 1.35, timing.wall(fresh) / base),
    ]


def ingest(bench: Bench) -> list[Figure]:
    """Processing 25 minutes beside one decode of them."""
    film = samples.long_film(bench.films, minutes=25)
    decode = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(film), "-f", "null", "-"]

    def process() -> timing.Took:
        environment.video_of(film, environment.person(), words=samples.words(minutes=25))
        return timing.took(environment.process_all)

    ours, bare = timing.in_turn(
        max(1, bench.rounds - 1), process, lambda: timing.command(decode, folder=bench.folder)
    )
    return [
        Figure(
            "processing 25 min of 1080p, from the end of the upload to READY",
            "one decode of it",
            0.15,
            timing.wall(ours) / timing.wall(bare),
            parts={"ours_s": timing.wall(ours), "decode_s": timing.wall(bare)},
        )
    ]


def ingest_memory(bench: Bench) -> list[Figure]:
    """The most memory while processing, with all children."""
    peaks = {}
    for minutes in (25, 180):
        film = samples.long_film(bench.films, minutes=minutes)
        environment.video_of(film, environment.person(), words=samples.words(minutes=minutes))
        with timing.memory() as peak:
            environment.process_all()
        peaks[minutes] = peak.bytes / MEGA
    return [
        Figure("memory for processing 3 h", "-", 400, peaks[180], "MiB"),
        Figure("memory for processing 3 h", "for 25 min", 1.15, peaks[180] / peaks[25]),
    ]


def seek(bench: Bench) -> list[Figure]:
    """A clip from far inside a film beside one from its beginning."""
    video = bench.ready(samples.long_film(bench.films, minutes=25), minutes=25)
    export = partial(environment.export, video, length_s=CLIP_S)
    late, early = timing.in_turn(
        bench.rounds,
        lambda: timing.took(partial(export, start_s=1210)),
        lambda: timing.took(partial(export, start_s=10)),
    )
    ratio = timing.wall(late) / timing.wall(early)
    return [Figure("export at minute 20 of 25", "the same at second 10", 1.1, ratio)]


def late_bytes(bench: Bench) -> list[Figure]:
    """What the export of a clip from far inside a film reads of it from an S3 server, beside the clip's share."""
    from django.conf import settings  # noqa: PLC0415 - only after the set-up
    from django.test import override_settings  # noqa: PLC0415

    from storage import files  # noqa: PLC0415

    minutes = 25
    film = samples.long_film(bench.films, minutes=minutes)
    video = bench.ready(film, minutes=minutes)
    share = film.stat().st_size * CLIP_S / (minutes * 60)
    with services.s3() as bucket:
        stored = {**settings.STORAGES, "default": bucket.storage()}
        with override_settings(STORAGES=stored), _bytes_read(video.source_key) as counts:
            files.save_file(video.source_key, film, content_type="video/mp4")
            environment.export(video, start_s=1210, length_s=CLIP_S)
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
    """How many bytes each reader of that object took from S3, as the readers' own log tells."""
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


def two_at_once(bench: Bench) -> list[Figure]:
    """Two exports in two threads beside two bare commands."""
    from django.db import connection  # noqa: PLC0415

    video, bare = bench.bare()
    decode = ["ffmpeg", "-v", "error", "-i", str(bare.out), "-f", "null", "-"]
    other = environment.Bare([*bare.argv[:-1], f"file:{bare.out.name}.2"], bare.folder)

    def one(row: Any) -> None:
        try:
            environment.work_off(row)
        finally:
            connection.close()

    def exports() -> None:
        rows = [environment.ask(video, start_s=10, length_s=CLIP_S) for _ in range(2)]
        _both(*(partial(one, row) for row in rows))
        environment.check(rows)

    def commands(*all_argv: Sequence[str]) -> None:
        _both(*(partial(timing.command, argv, folder=bare.folder) for argv in all_argv))

    ours, encodes, checks = timing.in_turn(
        bench.rounds,
        lambda: timing.took(exports),
        lambda: timing.took(partial(commands, bare.argv, other.argv)),
        lambda: timing.took(partial(commands, decode, decode)),
    )
    counted = timing.wall(encodes) + timing.wall(checks)
    return [
        Figure(
            "two exports at once",
            "two ffmpeg commands at once, and two decodes",
            1.05,
            timing.wall(ours) / counted,
            parts={
                "ours_s": timing.wall(ours),
                "encodes_s": timing.wall(encodes),
                "decodes_s": timing.wall(checks),
            },
        )
    ]


def _strategies() -> list[str]:
    from exports.choices import Strategy  # noqa: PLC0415 - only after the set-up

    return list(Strategy.values)


def _ssim(file: Path, source: Path) -> float:
    """How like the source's cropped and scaled pictures the file's are, over its first seconds (1 is the same)."""
    graph = (
        f"[1:v]crop=ih*9/16:ih,scale=1080:1920:flags=lanczos,setsar=1,format=yuv420p,fps=30,"
        f"trim=end_frame={SAMPLE_S * samples.RATE},setpts=N/30/TB[wanted];"
        f"[0:v]fps=30,trim=end_frame={SAMPLE_S * samples.RATE},setpts=N/30/TB[found];"
        "[found][wanted]ssim"
    )
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-i", str(file), "-ss", "10", "-i", str(source)]
    argv += ["-lavfi", graph, "-f", "null", "-"]
    done = run(argv, timeout_s=600, reads=[str(file), str(source)], cwd=file.parent)
    return float(done.tail.rpartition("All:")[2].split()[0])


def _both(*works: Callable[[], object]) -> None:
    """Do things at the same time, each in a thread."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
