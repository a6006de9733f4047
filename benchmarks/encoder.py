"""`python -m benchmarks.encoder FILE ...`: what x264's presets and qualities cost and give on real clips.

Each clip is cropped and encoded as an export does it, with nothing changed but preset and CRF. Likeness (SSIM) is to
the same pictures without loss. Everything is told beside the earlier system's `slow` at CRF 18.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import clock
from mediakit.info import MediaInfo
from mediakit.probe import probe
from mediakit.process import run
from mediakit.short import ShortSpec, build_args, full_pictures_ms
from mediakit.sound import plan_sound

CLIP_MS = 4_000
EARLIER = ("slow", 18)
TRIED = (
    *(EARLIER, ("medium", 18), ("faster", 17), ("faster", 18), ("veryfast", 16), ("veryfast", 17)),
    *(("veryfast", 18), ("superfast", 15), ("superfast", 16)),
)
LOSSLESS = ("ultrafast", 0)


@dataclass(frozen=True, slots=True)
class Made:
    """One encode: processor seconds, bytes of the file, likeness to what was to be shown (1 is the same)."""

    cpu_s: float
    size: int
    ssim: float


def encodes(clip: Path, folder: Path) -> dict[tuple[str, int], Made]:
    """Every tried setting on the middle of a clip."""
    info = probe(str(clip))
    length = min(CLIP_MS, info.duration_ms)
    start = (info.duration_ms - length) // 2
    spec = ShortSpec(start, start + length)
    perfect = folder / "perfect.mp4"
    _encode(clip, info, spec, perfect, LOSSLESS)
    found = {}
    for tried in TRIED:
        out = folder / "tried.mp4"
        cost = _encode(clip, info, spec, out, tried)
        found[tried] = Made(cost.cpu_s, out.stat().st_size, _ssim(out, perfect))
    return found


def _encode(
    clip: Path, info: MediaInfo, spec: ShortSpec, out: Path, tried: tuple[str, int]
) -> clock.Took:
    preset, crf = tried
    sound = plan_sound(
        str(clip),
        info,
        info.audio_track(),
        start_ms=spec.start_ms,
        duration_ms=full_pictures_ms(info, spec),
        work_dir=out.parent,
        timeout_s=600,
    )
    argv = build_args(str(clip), info, spec, sound, Path(out.name))
    argv[argv.index("-preset") + 1] = preset
    argv[argv.index("-crf") + 1] = str(crf)
    if tried == LOSSLESS:  # High cannot be without loss, and a ceiling cannot hold
        for option in ("-profile:v", "-maxrate", "-bufsize"):
            at = argv.index(option)
            del argv[at : at + 2]
    return clock.command(argv, folder=out.parent)


def _ssim(file: Path, perfect: Path) -> float:
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-i", str(file), "-i", str(perfect)]
    argv += ["-lavfi", "[0:v][1:v]ssim", "-f", "null", "-"]
    done = run(argv, timeout_s=600, reads=[str(file), str(perfect)], cwd=file.parent)
    return float(done.tail.rpartition("All:")[2].split()[0])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table: medians over the clips, and the worst likeness."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoder", description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path)
    found: dict[tuple[str, int], list[tuple[Made, Made]]] = {tried: [] for tried in TRIED}
    for clip in parser.parse_args(arguments).clips:
        with tempfile.TemporaryDirectory(prefix="heimdex-bench-") as name:
            made = encodes(clip, Path(name).resolve())
        for tried, one in made.items():
            found[tried].append((one, made[EARLIER]))
            sys.stderr.write(f"{clip.name} {tried}: {one}\n")
    sys.stdout.write(
        "| preset, CRF | CPU | bytes | SSIM - SSIM of slow 18: median / worst |\n|---|---|---|---|\n"
    )
    for (preset, crf), pairs in found.items():
        cost = statistics.median(one.cpu_s / base.cpu_s for one, base in pairs)
        size = statistics.median(one.size / base.size for one, base in pairs)
        likeness = [one.ssim - base.ssim for one, base in pairs]
        like = f"{statistics.median(likeness):+.4f} / {min(likeness):+.4f}"
        sys.stdout.write(f"| {preset} {crf} | {cost:.2f}x | {size:.2f}x | {like} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
