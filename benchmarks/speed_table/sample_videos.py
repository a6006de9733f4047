"""The sample videos of the speed table, generated alike on every machine."""

from pathlib import Path

from mediakit.sandbox import process
from mediakit.sandbox.config import Limits

MINUTE_S = 60
SIZE = "1920x1080"
FRAME_RATE = 30
# Like a talk: a still background with grain, a figure moving in front of it, a cut every ten seconds.
_BACKGROUND = (
    f"gradients=s={SIZE}:r={FRAME_RATE}:d=10:"
    "c0=0x2b3a4a:c1=0x8d99ae:c2=0xe0d5c1:nb_colors=3:speed=0.002:seed="
)
_SENTENCE = "Nobody remembers a talk, but everybody remembers one sentence of it."
_FIGURE = f"mandelbrot=s=320x450:r={FRAME_RATE}:start_scale=0.8:end_scale=0.3,scale=640:900"


def one_minute(folder: Path) -> Path:
    """One minute of 1080p at 30 fps, H.264 with a keyframe every 2 s and AAC, as cameras and YouTube produce."""
    target = folder / "minute.mp4"
    if target.exists():
        return target
    backgrounds = "".join(
        f"{_BACKGROUND}{seed},trim=duration=10,setpts=PTS-STARTPTS[r{seed}];"
        for seed in range(1, 7)
    )
    joined = "".join(f"[r{seed}]" for seed in range(1, 7))
    graph = (
        f"{backgrounds}{joined}concat=n=6[background];{_FIGURE}[figure];"
        "[background][figure]overlay=x='640+300*sin(t/3)':y=180,noise=alls=6:allf=t,format=yuv420p[v]"
    )
    voice = "aevalsrc='0.3*sin(2*PI*(180+40*sin(2*PI*3*t))*t)*(0.4+0.6*gt(sin(2*PI*t/4)\\,-0.6))':s=48000"
    process.run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", voice),
            *("-filter_complex", graph, "-map", "[v]", "-map", "0:a", "-t", str(MINUTE_S)),
            *("-c:v", "libx264", "-preset", "veryfast", "-b:v", "4M", "-g", "60"),
            *("-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", target.name),
        ],
        timeout_s=1200,
        cwd=folder,
    )
    return target


def long_video(folder: Path, *, minutes: int) -> Path:
    """The one-minute video repeated without re-encoding."""
    target = folder / f"video-{minutes}.mp4"
    if target.exists():
        return target
    _repeat(one_minute(folder), target, minutes)
    return target


def _repeat(source: Path, target: Path, times: int) -> None:
    process.run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", str(times - 1)),
            *("-i", source.name, "-map", "0", "-c", "copy", "-movflags", "+faststart", target.name),
        ],
        timeout_s=600,
        cwd=target.parent,
        limits=Limits(file_size=64 << 30),
    )


def small_video(folder: Path, minutes: int) -> Path:
    """The one-minute video at 640x360 and 300 kbit/s, repeated without re-encoding."""
    small, target = folder / "minute-small.mp4", folder / f"small-{minutes}.mp4"
    if not small.exists():
        source = one_minute(folder)
        process.run(
            [
                *("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", source.name),
                *("-vf", "scale=640:360", "-c:v", "libx264", "-preset", "veryfast", "-b:v", "300k"),
                *("-g", "60", "-c:a", "aac", "-b:a", "64k", small.name),
            ],
            timeout_s=600,
            cwd=folder,
        )
    if not target.exists():
        _repeat(small, target, minutes)
    return target


def captions(*, minutes: int = 1) -> str:
    """WebVTT captions of that length, one sentence every three seconds."""
    lines = ["WEBVTT", ""]
    for start in range(0, minutes * MINUTE_S, 3):
        lines += [f"{_timestamp(start)} --> {_timestamp(start + 3)}", _SENTENCE, ""]
    return "\n".join(lines)


def _timestamp(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000"
