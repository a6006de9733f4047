"""Films with an inset whose rectangle is known: a real clip of one person laid on slides, on a screen or on a game."""

import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2 as _cv2
import numpy as np

from benchmarks.framing.talk_films import RATE, TalkClip
from mediakit.framing.rect import Rect

cv2: Any = _cv2  # its annotations are too loose
Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Drawing = Callable[[int], Pixels]

SIZE = (1280, 720)
FILM_S = 10
WIDTHS = (0.13, 0.34)  # of the inset, as shares of the picture's
SHAPES = (16 / 9, 16 / 9, 4 / 3, 1.0, 3 / 4)
FACE_SHARES, MAX_FACE_SHARE = (0.25, 0.5), 0.75  # the face's height in the inset
MARGINS = (0.0, 0.0, 0.01, 0.02, 0.04)  # from the picture's edges
BORDERS = (0, 0, 0, 2, 4)  # px, white
WORDS = (
    *("revenue", "margin", "quarter", "growth", "model", "data", "training", "results", "method"),
    *("sample", "error", "bound", "customer", "release", "server", "request", "latency", "cache"),
    *("index", "query", "table", "schema", "migration", "review", "feedback", "budget", "forecast"),
)


@dataclass(frozen=True, slots=True)
class InsetFilm:
    """A film, and where its inset is, without and with a white border. `content` says on what it lies."""

    path: Path
    inset: Rect
    bordered: Rect
    content: str


def make_inset_film(
    person: TalkClip, scene: Pixels | None, path: Path, chance: random.Random
) -> InsetFilm:
    """Compose a film of FILM_S seconds: the person in a corner of slides, of a screen, or of a game.

    `scene` are the pictures of a clip that stands for a game (BGR); without them one is drawn.
    """
    content = chance.choice(("slides", "slides", "screen", "game"))
    drawing = {"slides": draw_slides, "screen": draw_screen}.get(
        content, lambda c: _game(scene, c)
    )(chance)
    left, top, wide, high = place_inset(person, chance)
    people = people_of(person, wide, high, chance)
    border = chance.choice(BORDERS)
    with encoder(path) as process:
        assert process.stdin is not None  # noqa: S101 -- asked for
        for frame in range(FILM_S * RATE):
            picture = drawing(frame).copy()
            picture[
                max(0, top - border) : top + high + border,
                max(0, left - border) : left + wide + border,
            ] = 255
            picture[top : top + high, left : left + wide] = people(frame)
            process.stdin.write(picture.tobytes())
    box = _shares(left, top, left + wide, top + high)
    outer = _shares(left - border, top - border, left + wide + border, top + high + border)
    return InsetFilm(path, box, outer, content)


def _shares(left: int, top: int, right: int, bottom: int) -> Rect:
    """A box in px, as far as it is in the picture, in shares of it."""
    left, top, right, bottom = max(0, left), max(0, top), min(SIZE[0], right), min(SIZE[1], bottom)
    wide, high = SIZE
    return Rect(left / wide, top / high, (right - left) / wide, (bottom - top) / high)


def place_inset(person: TalkClip, chance: random.Random) -> tuple[int, int, int, int]:
    """An inset's left, top, width and height in px: in a corner."""
    shape = _shape(person, chance)
    wide = round(chance.uniform(*WIDTHS) * SIZE[0] * min(1.0, shape)) // 2 * 2
    high = round(wide / shape) // 2 * 2
    margin = round(chance.choice(MARGINS) * SIZE[0])
    left = margin if chance.random() < 0.3 else SIZE[0] - margin - wide
    top = margin if chance.random() < 0.3 else SIZE[1] - margin - high
    return left, top, wide, high


def _shape(person: TalkClip, chance: random.Random) -> float:
    """A shape in which the person's whole face has room."""
    rows, columns = person.pictures.shape[1:3]
    fitting = [s for s in SHAPES if min(rows, columns / s) >= person.face[3] / MAX_FACE_SHARE]
    return chance.choice(fitting or SHAPES[-1:])


def people_of(person: TalkClip, wide: int, high: int, chance: random.Random) -> Drawing:
    """The person's clip, to and fro, cut and scaled to a size around the face."""
    rows, columns = person.pictures.shape[1:3]
    left, top, face_wide, face_high = person.face
    share = chance.uniform(*FACE_SHARES)
    cut_high = min(rows, columns * high / wide, face_high / share)
    cut_wide = cut_high * wide / high
    x = min(max(0.0, left + face_wide / 2 - cut_wide / 2), columns - cut_wide)
    y = min(max(0.0, top + face_high / 2 - cut_high * 0.45), rows - cut_high)
    box = np.s_[round(y) : round(y + cut_high), round(x) : round(x + cut_wide)]

    def picture(frame: int) -> Pixels:
        swing = frame % (2 * len(person.pictures) - 2)
        at = swing if swing < len(person.pictures) else 2 * len(person.pictures) - 2 - swing
        return np.asarray(
            cv2.resize(person.pictures[at][box], (wide, high), interpolation=cv2.INTER_AREA),
            np.uint8,
        )

    return picture


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(count))


def draw_slides(chance: random.Random) -> Drawing:
    """Slides of a title and bullets; a bullet comes each second, a slide each four."""
    ground, ink = chance.choice((((255, 255, 255), (40, 30, 20)), ((50, 35, 25), (235, 235, 235))))
    slides = [(_words(chance, 3), [_words(chance, 5) for _ in range(4)]) for _ in range(3)]

    def picture(frame: int) -> Pixels:
        title, bullets = slides[frame // (4 * RATE) % 3]
        page = np.full((SIZE[1], SIZE[0], 3), ground, np.uint8)
        cv2.putText(page, title, (80, 120), cv2.FONT_HERSHEY_DUPLEX, 1.8, ink, 3, cv2.LINE_AA)
        shown = bullets[: 1 + frame // RATE % 4]
        for number, bullet in enumerate(shown):
            spot = (100, 240 + number * 90)
            cv2.putText(page, f"- {bullet}", spot, 0, 1.1, ink, 2, cv2.LINE_AA)
        return page

    return picture


def draw_screen(chance: random.Random) -> Drawing:
    """An editor in which lines are typed and scroll."""
    lines = [_words(chance, chance.randint(2, 7)) for _ in range(80)]
    indents = [chance.randint(0, 3) for _ in lines]

    def picture(frame: int) -> Pixels:
        page = np.full((SIZE[1], SIZE[0], 3), (38, 32, 30), np.uint8)
        page[:, :200] = (52, 46, 44)
        page[:36] = (70, 62, 60)
        first = max(0, frame // 12 - 14)
        for row, number in enumerate(range(first, min(len(lines), frame // 12 + 4))):
            spot = (230 + 40 * indents[number], 76 + 32 * row)
            cv2.putText(page, lines[number], spot, 0, 0.7, (200, 210, 190), 1, cv2.LINE_AA)
        return page

    return picture


def _game(scene: Pixels | None, chance: random.Random) -> Drawing:
    """A clip that fills the picture, or a drawn landscape that passes by."""
    noise = np.random.default_rng(chance.randrange(1 << 30)).integers(
        0, 255, (40, 160, 3), np.uint8
    )
    land = cv2.resize(noise, (SIZE[0] * 3, SIZE[1]), interpolation=cv2.INTER_CUBIC)

    def picture(frame: int) -> Pixels:
        if scene is not None:
            return np.asarray(scene[frame % len(scene)], np.uint8)
        at = frame * 7 % (SIZE[0] * 2)
        return np.asarray(land[:, at : at + SIZE[0]], np.uint8)

    return picture


def read_scene(path: Path, seconds: float = 6) -> Pixels | None:
    """The first pictures of a clip, filling SIZE; None if it has none."""
    wide, high = SIZE
    fill = f"fps={RATE},scale={wide}:{high}:force_original_aspect_ratio=increase,crop={wide}:{high}"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-t", str(seconds)]
    command += ["-vf", fill, "-pix_fmt", "bgr24", "-f", "rawvideo", "-"]
    raw = subprocess.run(command, check=False, capture_output=True).stdout
    count = len(raw) // (wide * high * 3)
    pictures = np.frombuffer(raw[: count * wide * high * 3], np.uint8)
    return pictures.reshape(-1, high, wide, 3) if count else None


def encoder(path: Path) -> "subprocess.Popen[bytes]":
    """An ffmpeg that encodes the pictures written to its standard input."""
    command = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24"]
    command += ["-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(RATE), "-i", "-"]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-pix_fmt", "yuv420p"]
    return subprocess.Popen([*command, str(path)], stdin=subprocess.PIPE)
