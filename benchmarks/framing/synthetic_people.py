"""Drawn people that face detectors recognise, and short videos of them on known paths."""

import math
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2 as _cv2
import numpy as np

from mediakit.framing.rect import Rect

Image = np.ndarray[Any, np.dtype[np.float32]]
Colour = tuple[int, int, int]

cv2: Any = _cv2  # its annotations are too loose
RATE = 25
SKINS: tuple[Colour, ...] = ((140, 175, 215), (90, 120, 165), (165, 190, 225))
SHIRTS: tuple[Colour, ...] = ((95, 70, 45), (60, 60, 140), (70, 110, 60))
# The face's rectangle in the portrait.
FACE = Rect(0.22, 0.17, 0.56, 0.40)


@dataclass(frozen=True, slots=True)
class Person:
    """A person on a path: `centre_at` returns the face's centre (fractions of the picture) at a time in s."""

    centre_at: Callable[[float], tuple[float, float]]
    height: float = 0.30  # of the face, as a fraction of the picture's height
    variant: int = 0
    talks: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """One shot: its length in s, its people, and the random seed of its background."""

    seconds: float
    people: tuple[Person, ...]
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SyntheticVideo:
    """A video of scenes, with black bars at top and bottom (`bars` is a fraction of the height)."""

    name: str
    scenes: tuple[Scene, ...]
    size: tuple[int, int] = (1280, 720)
    bars: float = 0.0

    @property
    def seconds(self) -> float:
        """The length in s."""
        return sum(scene.seconds for scene in self.scenes)

    def faces(self, time_s: float) -> list[Rect]:
        """The faces' rectangles at a time."""
        for scene in self.scenes:
            if time_s < scene.seconds:
                return [_face_box(p, time_s, self.size) for p in scene.people]
            time_s -= scene.seconds
        return []


def make_video(video: SyntheticVideo, path: Path) -> Path:
    """Write the video with a tone as audio."""
    width, height = video.size
    argv = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24"]
    argv += ["-s", f"{width}x{height}", "-r", str(RATE), "-i", "pipe:0"]
    argv += ["-f", "lavfi", "-i", "sine=f=220:r=48000", "-shortest"]
    argv += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"]
    argv += ["-c:a", "aac", str(path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as child:
        assert child.stdin is not None  # noqa: S101 -- it is a pipe
        for scene in video.scenes:
            backdrop = _backdrop(width, height, scene.seed)
            for number in range(round(scene.seconds * RATE)):
                child.stdin.write(_frame(video, scene, backdrop, number / RATE).tobytes())
        child.stdin.close()
    if child.returncode:
        raise RuntimeError(f"ffmpeg failed for {video.name}")
    return path


def _frame(
    video: SyntheticVideo, scene: Scene, backdrop: Image, time_s: float
) -> np.ndarray[Any, Any]:
    width, height = video.size
    shift = int(time_s * width * 0.04) % width
    canvas = backdrop[:, shift : shift + width].copy()
    for person in scene.people:
        _paste(canvas, person, time_s, video.size)
    bar = round(video.bars * height)
    if bar:
        canvas[:bar] = canvas[height - bar :] = 0
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _face_box(person: Person, time_s: float, size: tuple[int, int]) -> Rect:
    x, y = person.centre_at(time_s)
    width = person.height * (FACE.width / (FACE.height * 1.5)) * size[1] / size[0]
    return Rect(x - width / 2, y - person.height / 2, width, person.height)


def _paste(canvas: Image, person: Person, time_s: float, size: tuple[int, int]) -> None:
    """Draw a person at their position, clipped to the picture."""
    tall = round(person.height * size[1] / FACE.height)
    mouth = abs(math.sin(time_s * 9)) * abs(math.sin(time_s * 2.3)) if person.talks else 0.1
    colours, alpha = portrait(round(tall / 1.5), person.variant, round(mouth * 4))
    high, wide = alpha.shape
    x, y = person.centre_at(time_s)
    left = round(x * size[0] - (FACE.left + FACE.width / 2) * wide)
    top = round(y * size[1] - (FACE.top + FACE.height / 2) * high)
    x1, x2 = max(0, left), min(size[0], left + wide)
    y1, y2 = max(0, top), min(size[1], top + high)
    if x1 >= x2 or y1 >= y2:
        return
    mask = alpha[y1 - top : y2 - top, x1 - left : x2 - left, None]
    part = colours[y1 - top : y2 - top, x1 - left : x2 - left]
    canvas[y1:y2, x1:x2] = canvas[y1:y2, x1:x2] * (1 - mask) + part * mask


@cache
def _backdrop(width: int, height: int, seed: int) -> Image:
    """A soft, coloured background, twice as wide as the picture for panning."""
    spots = np.random.default_rng(seed).integers(0, 130, (9, 32, 3)).astype(np.float32)
    spots += 110 if seed % 2 else 10
    made: Image = cv2.resize(spots, (width * 2, height), interpolation=cv2.INTER_CUBIC)
    return made


@cache
def portrait(width: int, variant: int, mouth: int) -> tuple[Image, Image]:
    """(colours, opacity) of a head with shoulders, 1.5 times as high as wide; `mouth` is 0 (closed) to 4."""
    side = max(200, width)
    drawing = _Drawing(side)
    _draw_person(drawing, SKINS[variant % len(SKINS)], SHIRTS[variant % len(SHIRTS)], mouth / 4)
    soft = cv2.GaussianBlur(drawing.colours, (0, 0), side * 0.004)
    size = (width, round(width * 1.5))
    return (
        cv2.resize(soft, size, interpolation=cv2.INTER_AREA),
        cv2.resize(drawing.opacity, size, interpolation=cv2.INTER_AREA),
    )


class _Drawing:
    """A canvas for soft ellipses."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.colours: Image = np.zeros((side * 3 // 2, side, 3), np.float32)
        self.opacity: Image = np.zeros((side * 3 // 2, side), np.float32)

    def ellipse(
        self,
        centre: tuple[float, float],
        axes: tuple[float, float],
        colour: Colour,
        *,
        strength: float = 1.0,
        turned: float = 0.0,
        blur: float = 0.0,
    ) -> Image:
        """Draw an ellipse; its coverage mask."""
        mask: Image = np.zeros_like(self.opacity)
        at = (int(centre[0]), int(centre[1]))
        size = (max(1, int(axes[0])), max(1, int(axes[1])))
        cv2.ellipse(mask, at, size, turned, 0, 360, 1.0, -1, cv2.LINE_AA)
        if blur:
            mask = cv2.GaussianBlur(mask, (0, 0), blur * self.side)
        share = mask[..., None] * strength
        self.colours = self.colours * (1 - share) + np.array(colour, np.float32) * share
        self.opacity = np.maximum(self.opacity, mask)
        return mask


def _draw_person(drawing: _Drawing, skin: Colour, shirt: Colour, mouth: float) -> None:
    s = drawing.side
    cx, cy, w, h = s / 2, s * 0.63, s * 0.30, s * 0.40
    dark = _shade(skin, 0.85)
    hair: Colour = (30, 40, 55)
    drawing.ellipse((cx, s * 1.53), (s * 0.5, s * 0.54), shirt)
    drawing.ellipse((cx, cy + h * 1.05), (w * 0.5, h * 0.5), dark)
    drawing.ellipse((cx, cy - h * 0.15), (w * 1.15, h * 1.08), hair)
    face = drawing.ellipse((cx, cy), (w, h), skin)
    across = ((np.arange(s) - cx) / w)[None, :, None]
    down = ((np.arange(s * 3 // 2) - cy) / h)[:, None, None]
    light = 1 - 0.25 * np.clip(across**2, 0, 1) - 0.12 * np.clip(down, 0, 1)
    covered = face[..., None]
    drawing.colours = (drawing.colours * (1 - covered + light * covered)).astype(np.float32)
    drawing.ellipse((cx, cy - h * 0.85), (w * 0.95, h * 0.35), hair, blur=0.012)
    for side in (-1, 1):
        _draw_eye(drawing, (cx + side * w * 0.42, cy), (w, h), skin, side)
        drawing.ellipse((cx + side * w, cy + h * 0.05), (w * 0.12, h * 0.18), dark)
    drawing.ellipse(
        (cx + w * 0.06, cy + h * 0.12), (w * 0.07, h * 0.24), dark, strength=0.6, blur=0.016
    )
    drawing.ellipse((cx, cy + h * 0.27), (w * 0.2, h * 0.07), dark, strength=0.8, blur=0.012)
    for side in (-1, 1):
        nostril = (cx + side * w * 0.1, cy + h * 0.3)
        drawing.ellipse(nostril, (w * 0.05, h * 0.025), _shade(skin, 0.45), blur=0.004)
    lips = (cx, cy + h * 0.55)
    drawing.ellipse(lips, (w * 0.36, h * (0.07 + 0.1 * mouth)), (95, 95, 180), blur=0.006)
    drawing.ellipse(lips, (w * 0.3, h * (0.012 + 0.09 * mouth)), (35, 30, 70), blur=0.004)


def _draw_eye(
    drawing: _Drawing,
    middle: tuple[float, float],
    size: tuple[float, float],
    skin: Colour,
    side: int,
) -> None:
    x, y = middle
    w, h = size
    at = (x, y - h * 0.1)
    drawing.ellipse(at, (w * 0.3, h * 0.15), _shade(skin, 0.78), strength=0.6, blur=0.024)
    brow = (x, y - h * 0.28)
    drawing.ellipse(brow, (w * 0.28, h * 0.045), (35, 50, 70), turned=side * 6, blur=0.008)
    drawing.ellipse(at, (w * 0.2, h * 0.085), (235, 238, 240))
    drawing.ellipse(at, (w * 0.095, h * 0.08), (60, 70, 90))
    drawing.ellipse(at, (w * 0.05, h * 0.045), (10, 10, 12))
    drawing.ellipse((x + w * 0.02, y - h * 0.125), (w * 0.02, h * 0.015), (250, 250, 250))
    drawing.ellipse((x, y - h * 0.175), (w * 0.22, h * 0.022), (50, 65, 90), blur=0.006)


def _shade(colour: Colour, share: float) -> Colour:
    blue, green, red = (int(value * share) for value in colour)
    return blue, green, red


def path_through(
    points: Sequence[tuple[float, float]], y: float = 0.42
) -> Callable[[float], tuple[float, float]]:
    """A path through (time in s, x) points, eased between them, with the small sway of a talking person."""

    def centre_at(time_s: float) -> tuple[float, float]:
        x = points[-1][1]
        for (t0, x0), (t1, x1) in pairwise(points):
            if time_s < t1:
                share = min(1.0, max(0.0, (time_s - t0) / (t1 - t0)))
                x = x0 + (x1 - x0) * (share * share * (3 - 2 * share))
                break
        sway = 0.006 * math.sin(time_s * 2.1) + 0.004 * math.sin(time_s * 5.3)
        return x + sway, y + 0.008 * math.sin(time_s * 3.1)

    return centre_at


VIDEOS: tuple[SyntheticVideo, ...] = (
    SyntheticVideo(
        "known path",
        (
            Scene(
                24.0,
                (
                    Person(
                        path_through(
                            [
                                *((0, 0.25), (4, 0.25), (6.5, 0.62), (11, 0.62), (12, 0.72)),
                                *((15, 0.72), (19, 0.2), (21, 0.2), (22.5, 0.5), (24, 0.5)),
                            ]
                        )
                    ),
                ),
            ),
        ),
    ),
    SyntheticVideo(
        "two people apart",
        (
            Scene(
                8.0,
                (Person(path_through([(0, 0.2)]), 0.3), Person(path_through([(0, 0.8)]), 0.3, 1)),
                3,
            ),
        ),
    ),
    SyntheticVideo(
        "several shots",
        tuple(
            Scene(
                seconds,
                (Person(path_through([(0, x), (seconds, x2)]), height, variant),),
                10 + variant,
            )
            for variant, (seconds, x, x2, height) in enumerate(
                (
                    (3.0, 0.25, 0.25, 0.3),
                    (2.4, 0.75, 0.78, 0.4),
                    (4.0, 0.4, 0.7, 0.25),
                    (2.0, 0.2, 0.2, 0.3),
                )
            )
        ),
    ),
    SyntheticVideo(
        "fast mover",
        (
            Scene(
                12.0,
                (
                    Person(
                        path_through(
                            [
                                *((0, 0.15), (1.5, 0.15), (3.2, 0.85), (5.0, 0.85)),
                                *((6.6, 0.2), (8.5, 0.2), (10, 0.8), (12, 0.8)),
                            ]
                        ),
                        0.26,
                    ),
                ),
                20,
            ),
        ),
    ),
    SyntheticVideo("no people", (Scene(6.0, (), 30),)),
)
