"""Films of slides and screens with and without a person: a photograph on the slide, someone beside it, an inset."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.framing.inset_films import (
    SIZE,
    Drawing,
    Pixels,
    draw_screen,
    draw_slides,
    encoder,
    people_of,
    place_inset,
)
from benchmarks.framing.talk_films import RATE, TalkClip

KINDS = ("photograph", "beside", "inset", "nobody")
FILM_S = 8
BESIDE = 0.24  # of the width, for a person who stands beside the slide


@dataclass(frozen=True, slots=True)
class SlideFilm:
    """A film of FILM_S seconds; `kind` is one of KINDS."""

    path: Path
    kind: str


def make_slide_film(person: TalkClip, kind: str, path: Path, chance: random.Random) -> SlideFilm:
    """Compose a film of slides or of a screen in which the person is as `kind` says."""
    content = chance.choice((draw_slides, draw_screen))(chance)
    left, top, wide, high = place_inset(person, chance)
    if kind == "beside":
        wide, high = round(SIZE[0] * BESIDE) // 2 * 2, SIZE[1]
        left, top = SIZE[0] - wide, 0
    shown = people_of(person, wide, high, chance)
    with encoder(path) as process:
        assert process.stdin is not None  # noqa: S101 -- asked for
        for frame in range(FILM_S * RATE):
            picture = _picture(content, shown, kind, frame, (left, top, wide, high))
            process.stdin.write(picture.tobytes())
    return SlideFilm(path, kind)


def _picture(
    content: Drawing, person: Drawing, kind: str, frame: int, box: tuple[int, int, int, int]
) -> Pixels:
    page = content(frame)
    if kind == "nobody":
        return page
    left, top, wide, high = box
    if kind == "beside":  # the content makes room, as it does in a lecture hall
        scaled = np.full_like(page, page[-1, -1])
        rows = np.linspace(0, SIZE[1] - 1, round(SIZE[1] * (1 - BESIDE))).astype(int)
        columns = np.linspace(0, SIZE[0] - 1, left).astype(int)
        scaled[60 : 60 + len(rows), :left] = page[np.ix_(rows, columns)]
        page = scaled
    page = page.copy()
    page[top : top + high, left : left + wide] = person(0 if kind == "photograph" else frame)
    return page
