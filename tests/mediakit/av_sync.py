"""Measure a Short's audio-video sync by flashes and beeps that coincide in its source.

`python -m tests.mediakit.av_sync [SECONDS] [--reduce-noise]` makes a source of that length (180 s by default) and a
Short of all of it, and prints the offset at each flash.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from mediakit.probing.probe import probe
from mediakit.render.short import ShortSpec, render_short
from tests.mediakit.conftest import ffmpeg

RATE = 25
FLASH_S = 0.2


def make_source(path: Path, *, seconds: float, every_s: float) -> Path:
    """Grey with noise; 0.4 s after each multiple of `every_s` a white flash with a beep of FLASH_S."""
    on = f"between(mod(t+0.0005,{every_s}),0.4,{0.4 + FLASH_S - 0.01})"  # frames are rounded
    picture = f"color=c=0x303030:s=320x180:r={RATE},drawbox=c=white:t=fill:enable='{on}'"
    on = f"between(mod(t,{every_s}),0.4,{0.4 + FLASH_S - 0.01})"
    sound = f"aevalsrc='0.002*(2*random(0)-1)+0.4*sin(2*PI*1000*t)*{on}':s=48000"
    inputs = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound)
    encode = ("-t", seconds, "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-c:a", "pcm_s16le")
    ffmpeg(*inputs, *encode, path)
    return path


def offsets_ms(short: Path) -> list[float]:
    """By how many ms each decoded beep begins after its flash."""
    luma = _measured_values(
        short, "-vf", "scale=32:32,signalstats,metadata=print:file=-", "signalstats.YAVG"
    )
    level = "asetnsamples=n=48:p=0,astats=metadata=1:reset=1:measure_perchannel=none"
    peaks = _measured_values(
        short, "-af", f"{level},ametadata=print:file=-", "astats.Overall.Peak_level"
    )
    flashes = _onsets(luma, lambda value: value > 150)
    beeps = _onsets(peaks, lambda value: value > -20)
    assert len(flashes) == len(beeps) > 0
    return [beep - flash for flash, beep in zip(flashes, beeps, strict=True)]


def _measured_values(short: Path, kind: str, chain: str, key: str) -> list[tuple[float, float]]:
    other = "-an" if kind == "-vf" else "-vn"
    words = ffmpeg("-i", short, other, kind, chain, "-f", "null", "-").decode()
    times = [float(text) * 1000 for text in re.findall(r"pts_time:(\S+)", words)]
    values = [float(text) for text in re.findall(rf"lavfi\.{key}=(\S+)", words)]
    return list(zip(times, values, strict=True))


def _onsets(found, is_on) -> list[float]:
    times, before = [], False
    for time_ms, value in found:
        if is_on(value) and not before:
            times.append(time_ms)
        before = is_on(value)
    return times


def main() -> None:
    """Make source and Short, and print the offsets."""
    seconds = float(next((arg for arg in sys.argv[1:] if arg[0] != "-"), 180))
    quiet = "--reduce-noise" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        source = make_source(Path(folder) / "source.mkv", seconds=seconds, every_s=10)
        out = Path(folder) / "short.mp4"
        spec = ShortSpec(0, int(seconds * 1000), "center_crop", "medium", reduce_noise=quiet)
        render_short(str(source), probe(str(source)), spec, out)
        found = offsets_ms(out)
    print(f"{len(found)} flashes over {seconds:g} s, sound after picture in ms:")  # noqa: T201
    print(f"first {found[0]:+.1f}, last {found[-1]:+.1f}, farthest {max(found, key=abs):+.1f}")  # noqa: T201


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.stderr.decode())
