"""`python -m benchmarks.exports.x264_presets FILE ...`: CPU time, size and SSIM of x264's presets on real clips.

Each clip is cropped and encoded as in an export, except for preset, CRF and adaptive quantisation (aq-mode). SSIM is
measured against a lossless encode. All values are relative to the earlier system's `slow` at CRF 18.
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
from mediakit.audio.kept_sound import KeptSound
from mediakit.audio.loudness import plan_loudness
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.render.short import ShortSpec, build_args, spec_cut_time
from mediakit.sandbox.process import run

CLIP_MS = 4_000


class X264Setting(NamedTuple):
    """x264's preset, CRF and aq-mode; "variance" is x264's default."""

    preset: str
    crf: int
    aq_mode: str = "variance"

    def __str__(self) -> str:
        return f"{self.preset} {self.crf}" + (", aq 2" if self.aq_mode == "autovariance" else "")


REFERENCE = X264Setting("slow", 18)
SETTINGS = (
    *(REFERENCE, X264Setting("medium", 18), X264Setting("faster", 17), X264Setting("faster", 18)),
    *(
        X264Setting("faster", 18, "autovariance"),
        X264Setting("veryfast", 16),
        X264Setting("veryfast", 17),
    ),
    *(X264Setting("veryfast", crf, "autovariance") for crf in (16, 17, 18)),
    *(X264Setting("veryfast", 18), X264Setting("superfast", 15), X264Setting("superfast", 16)),
)
LOSSLESS = X264Setting("ultrafast", 0, "none")


@dataclass(frozen=True, slots=True)
class EncodeResult:
    """One encode: CPU seconds, file size, SSIM to the lossless encode (1 is identical)."""

    cpu_s: float
    size_bytes: int
    ssim: float


def encode_all(clip: Path, folder: Path) -> dict[X264Setting, EncodeResult]:
    """Encode the middle of a clip with every setting."""
    info = probe(str(clip))
    length = min(CLIP_MS, info.duration_ms)
    start = (info.duration_ms - length) // 2
    spec = ShortSpec(start, start + length)
    lossless = folder / "lossless.mp4"
    _encode(clip, info, spec, lossless, LOSSLESS)
    found = {}
    for setting in SETTINGS:
        out = folder / "setting.mp4"
        cost = _encode(clip, info, spec, out, setting)
        found[setting] = EncodeResult(cost.cpu_s, out.stat().st_size, _ssim(out, lossless))
    return found


def _encode(
    clip: Path, info: MediaInfo, spec: ShortSpec, out: Path, setting: X264Setting
) -> timing.Duration:
    loudness = plan_loudness(
        str(clip),
        info,
        info.audio_track(),
        KeptSound.of_cut(spec_cut_time(info, spec)),
        work_dir=out.parent,
        timeout_s=600,
    )
    argv = build_args(str(clip), info, spec, loudness, Path(out.name))
    for option, value in zip(("-preset", "-crf", "-aq-mode"), setting, strict=True):
        argv[argv.index(option) + 1] = str(value)
    if setting == LOSSLESS:  # lossless needs another profile and no maximum rate
        for option in ("-profile:v", "-maxrate", "-bufsize"):
            at = argv.index(option)
            del argv[at : at + 2]
    return timing.measure_command(argv, folder=out.parent)


def _ssim(file: Path, lossless: Path) -> float:
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-i", str(file), "-i", str(lossless)]
    argv += ["-lavfi", "[0:v][1:v]ssim", "-f", "null", "-"]
    completed = run(argv, timeout_s=600, reads=[str(file), str(lossless)], cwd=file.parent)
    return float(completed.tail.rpartition("All:")[2].split()[0])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table: medians over the clips, and the worst SSIM."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.exports.x264_presets", description=__doc__
    )
    parser.add_argument("clips", nargs="+", type=Path)
    found: dict[X264Setting, list[tuple[EncodeResult, EncodeResult]]] = {
        setting: [] for setting in SETTINGS
    }
    for clip in parser.parse_args(arguments).clips:
        with tempfile.TemporaryDirectory(prefix="heimdex-bench-") as name:
            made = encode_all(clip, Path(name).resolve())
        for setting, one in made.items():
            found[setting].append((one, made[REFERENCE]))
            sys.stderr.write(f"{clip.name} {setting}: {one}\n")
    sys.stdout.write(
        "| preset, CRF, aq-mode | CPU | bytes | SSIM - SSIM of slow 18: median / worst |\n|---|---|---|---|\n"
    )
    for setting, pairs in found.items():
        cost = statistics.median(one.cpu_s / base.cpu_s for one, base in pairs)
        size = statistics.median(one.size_bytes / base.size_bytes for one, base in pairs)
        ssim_change = [one.ssim - base.ssim for one, base in pairs]
        ssim = f"{statistics.median(ssim_change):+.4f} / {min(ssim_change):+.4f}"
        sys.stdout.write(f"| {setting} | {cost:.2f}x | {size:.2f}x | {ssim} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
