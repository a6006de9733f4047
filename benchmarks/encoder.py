"""`python -m benchmarks.encoder FILE ...`: what x264's presets and qualities cost and give on real clips.

Each clip is cropped and encoded as an export does it, with nothing changed but preset, CRF and how bits are shared out
inside a picture (aq-mode). Likeness (SSIM) is to the same pictures without loss. Everything is told beside the earlier
system's `slow` at CRF 18.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks import timing
from mediakit.audio.loudness import plan_loudness
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.render.short import ShortSpec, build_args, whole_frames_ms
from mediakit.sandbox.process import run

CLIP_MS = 4_000


class Setting(NamedTuple):
    """x264's preset, CRF and aq-mode; "variance" is what it does when it is not told."""

    preset: str
    crf: int
    aq_mode: str = "variance"

    def __str__(self) -> str:
        return f"{self.preset} {self.crf}" + (", aq 2" if self.aq_mode == "autovariance" else "")


EARLIER = Setting("slow", 18)
TRIED = (
    *(EARLIER, Setting("medium", 18), Setting("faster", 17), Setting("faster", 18)),
    *(Setting("faster", 18, "autovariance"), Setting("veryfast", 16), Setting("veryfast", 17)),
    *(Setting("veryfast", crf, "autovariance") for crf in (16, 17, 18)),
    *(Setting("veryfast", 18), Setting("superfast", 15), Setting("superfast", 16)),
)
LOSSLESS = Setting("ultrafast", 0, "none")


@dataclass(frozen=True, slots=True)
class Made:
    """One encode: processor seconds, bytes of the file, likeness to what was to be shown (1 is the same)."""

    cpu_s: float
    size: int
    ssim: float


def encodes(clip: Path, folder: Path) -> dict[Setting, Made]:
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


def _encode(clip: Path, info: MediaInfo, spec: ShortSpec, out: Path, tried: Setting) -> timing.Took:
    sound = plan_loudness(
        str(clip),
        info,
        info.audio_track(),
        start_ms=spec.start_ms,
        duration_ms=whole_frames_ms(info, spec),
        work_dir=out.parent,
        timeout_s=600,
    )
    argv = build_args(str(clip), info, spec, sound, Path(out.name))
    for option, value in zip(("-preset", "-crf", "-aq-mode"), tried, strict=True):
        argv[argv.index(option) + 1] = str(value)
    if tried == LOSSLESS:  # High cannot be without loss, and a ceiling cannot hold
        for option in ("-profile:v", "-maxrate", "-bufsize"):
            at = argv.index(option)
            del argv[at : at + 2]
    return timing.command(argv, folder=out.parent)


def _ssim(file: Path, perfect: Path) -> float:
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-i", str(file), "-i", str(perfect)]
    argv += ["-lavfi", "[0:v][1:v]ssim", "-f", "null", "-"]
    done = run(argv, timeout_s=600, reads=[str(file), str(perfect)], cwd=file.parent)
    return float(done.tail.rpartition("All:")[2].split()[0])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table: medians over the clips, and the worst likeness."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoder", description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path)
    found: dict[Setting, list[tuple[Made, Made]]] = {tried: [] for tried in TRIED}
    for clip in parser.parse_args(arguments).clips:
        with tempfile.TemporaryDirectory(prefix="heimdex-bench-") as name:
            made = encodes(clip, Path(name).resolve())
        for tried, one in made.items():
            found[tried].append((one, made[EARLIER]))
            sys.stderr.write(f"{clip.name} {tried}: {one}\n")
    sys.stdout.write(
        "| preset, CRF, aq-mode | CPU | bytes | SSIM - SSIM of slow 18: median / worst |\n|---|---|---|---|\n"
    )
    for tried, pairs in found.items():
        cost = statistics.median(one.cpu_s / base.cpu_s for one, base in pairs)
        size = statistics.median(one.size / base.size for one, base in pairs)
        likeness = [one.ssim - base.ssim for one, base in pairs]
        like = f"{statistics.median(likeness):+.4f} / {min(likeness):+.4f}"
        sys.stdout.write(f"| {tried} | {cost:.2f}x | {size:.2f}x | {like} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
