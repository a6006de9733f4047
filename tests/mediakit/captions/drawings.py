"""Captions to draw, and the pixels that ffmpeg draws."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.captions import overlay
from mediakit.captions.caption_style import PRESETS, BurnIn
from mediakit.framing.geometry import Size
from mediakit.sandbox.process import run
from mediakit.text.transcript import Cue, estimate_words

TALK = (
    Cue(0, 2400, "Welcome back, everybody, and thank you for coming."),
    Cue(2400, 5600, "Today we talk about machines that listen, because they changed how we work."),
    Cue(
        7000,
        9000,
        "안녕하세요 여러분, 오늘은 기계 학습에 대해서 이야기해 보려고 합니다.",
        (),
        "민수",
    ),
)


def at(
    second: float,
    it: BurnIn,
    folder: Path,
    *,
    env: bool = True,
    back: str = "black",
    length_s: float = 0,
) -> np.ndarray:
    """The picture of the drawing at that second, as RGB of the canvas's quarter size.

    With a length all of them from there on, 10 a second.
    """
    folder.mkdir(exist_ok=True)
    overlay.write_files(it, folder)
    size = Size(it.canvas.width // 8 * 2, it.canvas.height // 8 * 2)
    tags = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    graph = (
        f"color={back}:s={size.width}x{size.height}:r=10:d={length_s or 0.1},format=yuv420p,{tags},"
        f"setpts=PTS+{second}/TB[out];"
        f"{overlay.filter_graph(it, size)};[drawn]scale=in_color_matrix=bt709,format=rgb24[rgb]"
    )
    argv = ["ffmpeg", "-nostdin", "-v", "warning", "-filter_complex", graph, "-map", "[rgb]"]
    argv += ["-f", "rawvideo", "pipe:1"]
    environ = overlay.fontconfig_environment(folder) if env else {}
    done = run(argv, timeout_s=60, cwd=folder, env=environ)
    assert "glyph" not in done.tail.lower(), done.tail  # every letter was found in our own fonts
    pictures = np.frombuffer(done.output, np.uint8).reshape(-1, size.height, size.width, 3)
    return pictures if length_s else pictures[0]


def box_of(picture: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is bright, in pixels of the canvas."""
    rows, columns = np.where(picture.max(axis=2) > 90)
    return (
        int(columns.min() * 4), int(rows.min() * 4), int(columns.max() * 4 + 4), int(rows.max() * 4 + 4)
    )  # fmt: skip


def drawn(*texts: str, preset: str = "outline", **changes: Any) -> BurnIn:
    cues = tuple(estimate_words(Cue(i * 2000, i * 2000 + 1900, t)) for i, t in enumerate(texts))
    return BurnIn(len(texts) * 2000, cues, replace(PRESETS[preset], **changes))
