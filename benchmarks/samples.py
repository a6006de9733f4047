"""The films that speed is measured on: made here, the same on every machine."""

from pathlib import Path

from mediakit.sandbox import process
from mediakit.sandbox.config import Limits

MINUTE_S = 60
SIZE = "1920x1080"
RATE = 30
# A talk's pictures: a still room with grain, somebody who moves in front of it, a cut every ten seconds.
_ROOM = f"gradients=s={SIZE}:r={RATE}:d=10:c0=0x2b3a4a:c1=0x8d99ae:c2=0xe0d5c1:nb_colors=3:speed=0.002:seed="
_SENTENCE = "Nobody remembers a talk, but everybody remembers one sentence of it."
_PERSON = f"mandelbrot=s=320x450:r={RATE}:start_scale=0.8:end_scale=0.3,scale=640:900"


def minute(folder: Path) -> Path:
    """One minute of 1080p at 30 fps, H.264 with a keyframe every 2 s and AAC, as cameras and YouTube write it."""
    target = folder / "minute.mp4"
    if target.exists():
        return target
    rooms = "".join(
        f"{_ROOM}{seed},trim=duration=10,setpts=PTS-STARTPTS[r{seed}];" for seed in range(1, 7)
    )
    joined = "".join(f"[r{seed}]" for seed in range(1, 7))
    graph = (
        f"{rooms}{joined}concat=n=6[room];{_PERSON}[person];"
        "[room][person]overlay=x='640+300*sin(t/3)':y=180,noise=alls=6:allf=t,format=yuv420p[v]"
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


def long_film(folder: Path, *, minutes: int) -> Path:
    """That minute again and again, without encoding it again."""
    target = folder / f"film-{minutes}.mp4"
    if target.exists():
        return target
    source = minute(folder)
    process.run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", str(minutes - 1)),
            *("-i", source.name, "-map", "0", "-c", "copy", "-movflags", "+faststart", target.name),
        ],
        timeout_s=600,
        cwd=folder,
        limits=Limits(file_size=64 << 30),
    )
    return target


def words(*, minutes: int = 1) -> str:
    """Captions for so many minutes, a sentence every three seconds, as WebVTT."""
    lines = ["WEBVTT", ""]
    for start in range(0, minutes * MINUTE_S, 3):
        lines += [f"{_stamp(start)} --> {_stamp(start + 3)}", _SENTENCE, ""]
    return "\n".join(lines)


def _stamp(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000"
