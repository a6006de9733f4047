"""Drawn films of subjects without a face, with their exact places: over still and moving ground, by text, in pairs."""

import math
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2 as _cv2
import numpy as np

from mediakit.framing.rect import Rect

Image = np.ndarray[Any, np.dtype[np.uint8]]
Place = Callable[[float], tuple[float, float]]

cv2: Any = _cv2  # its annotations are too loose
WIDTH, HEIGHT, RATE, SECONDS = 640, 360, 25, 6
GROUND_WIDTH = 1100


@dataclass(frozen=True, slots=True)
class Subject:
    """A body at a place (its middle in px of the ground at a time in s), `size` px wide and high."""

    place: Place
    size: tuple[int, int] = (90, 120)
    colour: tuple[int, int, int] = (40, 110, 220)
    moves_limbs: bool = True


@dataclass(frozen=True, slots=True)
class Film:
    """Subjects before a ground; `camera` is the left edge of the picture on the ground at a time in s."""

    name: str
    subjects: tuple[Subject, ...]
    camera: Callable[[float], float] = lambda _: 200.0
    text: str = ""
    seed: int = 0

    def truth(self, time_s: float) -> Rect:
        """The rectangle around all subjects, in the picture; with text, around that as well."""
        boxes = [self._box(subject, time_s) for subject in self.subjects]
        if self.text:
            boxes.append((60.0, 300.0, 580.0, 345.0))
        left, top = max(0, min(b[0] for b in boxes)), max(0, min(b[1] for b in boxes))
        right, bottom = (
            min(WIDTH, max(b[2] for b in boxes)),
            min(HEIGHT, max(b[3] for b in boxes)),
        )
        return Rect(left / WIDTH, top / HEIGHT, (right - left) / WIDTH, (bottom - top) / HEIGHT)

    def _box(self, subject: Subject, time_s: float) -> tuple[float, float, float, float]:
        x, y = subject.place(time_s)
        x -= self.camera(time_s)
        wide, high = subject.size
        return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2

    def picture(self, ground: Image, time_s: float) -> Image:
        """The picture at a time."""
        left = round(self.camera(time_s))
        picture = ground[:, left : left + WIDTH].copy()
        for subject in self.subjects:
            _draw(picture, subject, self._box(subject, time_s), time_s)
        if self.text:
            cv2.rectangle(picture, (50, 295), (590, 350), (25, 25, 25), -1)
            cv2.putText(
                picture, self.text, (62, 335), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (245, 245, 245), 2
            )
        return picture


def _draw(
    picture: Image, subject: Subject, box: tuple[float, float, float, float], time_s: float
) -> None:
    left, top, right, bottom = (round(edge) for edge in box)
    middle, wide, high = (left + right) // 2, right - left, bottom - top
    shade = tuple(int(part * 0.6) for part in subject.colour)
    swing = math.sin(9 * time_s) if subject.moves_limbs else 0.0
    cv2.ellipse(
        picture,
        (middle, top + high * 55 // 100),
        (wide * 32 // 100, high * 3 // 10),
        0,
        0,
        360,
        subject.colour,
        -1,
    )
    cv2.circle(picture, (middle, top + high * 15 // 100), high * 15 // 100, shade, -1)
    for side in (-1, 1):
        foot = (round(middle + side * wide * (0.25 + 0.2 * swing)), bottom)
        hand = (round(middle + side * wide * (0.35 - 0.15 * swing)), top + high * 6 // 10)
        cv2.line(picture, (middle, top + high * 7 // 10), foot, shade, max(3, wide // 10))
        cv2.line(picture, (middle, top + high * 4 // 10), hand, shade, max(3, wide // 10))


def _ground(seed: int) -> Image:
    """Blurred noise in calm colours, wider than the picture."""
    noise = np.random.default_rng(seed).integers(0, 256, (HEIGHT, GROUND_WIDTH, 3), np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 5)
    ground: Image = cv2.normalize(soft, None, 70, 170, cv2.NORM_MINMAX)
    return ground


def make_film(film: Film, path: Path) -> Path:
    """Write the film, without sound."""
    argv = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24"]
    argv += ["-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "pipe:0"]
    argv += [
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "23",
        "-pix_fmt",
        "yuv420p",
        str(path),
    ]
    ground, grain = _ground(film.seed), np.random.default_rng(1)
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as child:
        assert child.stdin is not None  # noqa: S101 -- it is a pipe
        for number in range(SECONDS * RATE):
            picture = film.picture(ground, number / RATE).astype(np.int16)
            picture += grain.integers(-4, 5, picture.shape, np.int16)  # as a camera's sensor does
            child.stdin.write(np.clip(picture, 0, 255).astype(np.uint8).tobytes())
    return path


def _still(x: float, y: float) -> Place:
    return lambda _: (x, y)


def _line(x: float, speed: float, y: float) -> Place:
    return lambda t: (x + speed * t, y)


def _traffic() -> Sequence[Subject]:
    """Cars in four lanes, in both directions."""
    return [
        Subject(
            _line(start, speed, 60 + 75 * lane), (80, 36), (60 * lane, 90, 200), moves_limbs=False
        )
        for lane, speed in enumerate((70, -60, 90, -80))
        for start in (120, 420, 720)
    ]


FILMS = (
    Film("walks over a still ground", (Subject(_line(300, 75, 200)),), seed=1),
    Film("walks before a panning camera", (Subject(_line(260, 90, 200)),), lambda t: 10 + 70 * t, seed=2),
    Film("stands, the camera is unsteady", (Subject(_still(420, 200)),), lambda t: 200 + 12 * math.sin(2 * t), seed=3),
    Film("still, in red", (Subject(_still(700, 200), (110, 150), (30, 30, 230), moves_limbs=False),), seed=4),
    Film("to and fro", (Subject(lambda t: (520 + 180 * math.sin(t), 210)),), seed=5),
    Film("two close together", (Subject(_still(470, 200)), Subject(_line(560, 8, 210), colour=(200, 90, 40))), seed=6),
    Film("two, half a width apart", (Subject(_still(380, 200)), Subject(_still(610, 210), (90, 130))), seed=7),
    Film("two at both sides", (Subject(_still(270, 200)), Subject(_still(760, 210), colour=(200, 90, 40))), seed=8),
    Film("traffic", tuple(_traffic()), seed=9),
    Film("walks above a line of text", (Subject(_line(330, 60, 180)),), text="The line below stays whole", seed=10),
)  # fmt: skip
