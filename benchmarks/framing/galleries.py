"""`python -m benchmarks.framing.galleries FOLDER`: how exactly the tiles of video calls are found, how often falsely.

Films are composed of a folder's real clips of one person each, in tiles on a ground of one grey as calls have them,
with names on them, so the rectangles are known exactly. HEIMDEX_FACE_MODEL names YuNet's file, HEIMDEX_BODY_MODEL that
of bodies. Everything follows from the seed.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np

from benchmarks.framing.inset_films import FILM_S, SIZE, Drawing, encoder, people_of
from benchmarks.framing.insets import GOOD, analysis_of, overlap, read_folder, shots_with
from benchmarks.framing.people_models import face_detector
from benchmarks.framing.talk_films import RATE, TalkClip
from mediakit.framing.analysis.finders.face_detection import Detector
from mediakit.framing.analysis.pictures import cv2
from mediakit.framing.rect import Rect

COUNTS = (2, 2, 3, 4, 4, 6, 9)
COLUMNS = {2: 2, 3: 2, 4: 2, 6: 3, 9: 3}
GAPS_PX = (3, 4, 8, 14, 24)
GREYS = (0, 0, 17, 32, 60, 255)
NAME_BAR = 0.1  # of a tile's height


def tiles_of(count: int, gap: int) -> list[tuple[int, int, int, int]]:
    """(left, top, width, height) in px of so many 16:9 tiles, in rows of which the last one is centred."""
    columns = COLUMNS[count]
    rows = -(-count // columns)
    wide = min(
        (SIZE[0] - (columns + 1) * gap) // columns, (SIZE[1] - (rows + 1) * gap) // rows * 16 // 9
    )
    wide, high = wide // 2 * 2, wide * 9 // 16 // 2 * 2
    top = (SIZE[1] - rows * high - (rows - 1) * gap) // 2
    found = []
    for row in range(rows):
        here = min(columns, count - row * columns)
        left = (SIZE[0] - here * wide - (here - 1) * gap) // 2
        found += [
            (left + i * (wide + gap), top + row * (high + gap), wide, high) for i in range(here)
        ]
    return found


def make_call(people: Sequence[TalkClip], path: Path, chance: random.Random) -> list[Rect]:
    """Write a film of FILM_S seconds of a call; gives its tiles."""
    tiles = tiles_of(chance.choice(COUNTS), chance.choice(GAPS_PX))
    ground = np.full((SIZE[1], SIZE[0], 3), chance.choice(GREYS), np.uint8)
    shown: list[Drawing] = [
        people_of(chance.choice(people), wide, high, chance) for _, _, wide, high in tiles
    ]
    with encoder(path) as process:
        assert process.stdin is not None  # noqa: S101 -- asked for
        for frame in range(FILM_S * RATE):
            picture = ground.copy()
            for (left, top, wide, high), person in zip(tiles, shown, strict=True):
                tile = picture[top : top + high, left : left + wide]
                tile[:] = person(frame)
                bar = round(NAME_BAR * high)
                tile[high - bar :, : wide // 4] //= 3
                cv2.putText(tile, "Guest", (6, high - bar // 4), 0, bar / 40, (255, 255, 255), 1)
            process.stdin.write(picture.tobytes())
    return [
        Rect(left / SIZE[0], top / SIZE[1], wide / SIZE[0], high / SIZE[1])
        for left, top, wide, high in tiles
    ]


def score(tiles: Sequence[Rect], path: Path, detector: Detector) -> list[float]:
    """The overlap of each tile with the one that was found for it, as a mean over time."""
    analysis, _ = analysis_of(path, detector)
    total = sum(content.end_ms - content.start_ms for content in analysis.contents)
    return [
        sum(
            max((overlap(tile, one) for one in content.tiles), default=0.0)
            * (content.end_ms - content.start_ms)
            for content in analysis.contents
        )
        / total
        for tile in tiles
    ]


def main() -> None:
    """Compose the films, analyse them, print the figures."""
    parser = argparse.ArgumentParser(description="How exactly the tiles of video calls are found.")
    parser.add_argument("clips", type=Path, help="a folder of clips of one person each")
    parser.add_argument("--without", type=Path, nargs="*", help="more clips without a call")
    parser.add_argument("--films", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    detector = face_detector()
    if detector is None:
        sys.exit("OpenCV is not installed.")
    people = read_folder(options.clips, detector)
    if not people:
        sys.exit("No clip of one person who speaks was found.")
    every: list[float] = []
    with tempfile.TemporaryDirectory() as work:
        for number in range(options.films):
            chance = random.Random(f"{options.seed} {number}")  # noqa: S311 -- not for secrets
            path = Path(work) / f"call{number}.mp4"
            scores = score(make_call(people, path, chance), path, detector)
            every += scores
            print(f"{number:3} {len(scores)} tiles  {' '.join(f'{each:.3f}' for each in scores)}")
    good = fmean(each >= GOOD for each in every)
    print(f"{len(every)} tiles: overlap {fmean(every):.3f}, {good:.1%} at least {GOOD}")
    paths = [path for path in options.clips.rglob("*") if path.is_file()]
    paths += [path for folder in options.without or [] for path in folder.iterdir()]
    shots, names = shots_with(lambda content: bool(content.tiles), sorted(paths), detector)
    print(f"{len(paths)} clips without a call: {len(names)} of {shots} shots with tiles {names}")


if __name__ == "__main__":
    main()
