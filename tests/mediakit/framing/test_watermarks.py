"""Watermarks are told from other text by what stays and what changes over cuts."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mediakit.framing.analysis.pictures import cv2
from mediakit.framing.analysis.shot_content import find_contents
from mediakit.framing.analysis.text.watermarks import Watermarks
from mediakit.framing.rect import Rect

WIDTH, HEIGHT, SHOT_MS = 640, 360, 2_000
LINE = Rect(0.1, 0.9, 0.8, 0.06)


def scenery(seed: int) -> np.ndarray:
    """A picture of blurred noise."""
    grains = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH), np.uint8)
    soft = cv2.GaussianBlur(grains, (0, 0), 4)
    return cv2.normalize(soft, None, 20, 200, cv2.NORM_MINMAX)


def written(picture: np.ndarray, words: str, share: float = 1.0) -> np.ndarray:
    """The picture with words on LINE, in white of a share."""
    white = picture.copy()
    left, bottom = round(LINE.left * WIDTH) + 4, round(LINE.bottom * HEIGHT) - 5
    cv2.putText(white, words, (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.55, 255, 2)
    return cv2.addWeighted(white, share, picture, 1 - share, 0)


def kept(folder: Path, pictures: Sequence[np.ndarray], line: Rect = LINE) -> bool:
    """Whether a line of a range counts as text that is kept; each shot has one picture, in two looks."""
    looks = []
    for number, picture in enumerate(pictures):
        file = folder / f"{number}.png"
        cv2.imwrite(str(file), picture)
        looks += [(number * SHOT_MS, file), (number * SHOT_MS + 1_000, file)]
    edges = [number * SHOT_MS for number in range(len(pictures) + 1)]
    return bool(Watermarks(looks, edges).without([line]))


def test_a_line_that_stays_while_the_picture_under_it_changes_is_a_watermark(tmp_path):
    words = "a recording of the archive, for view only"
    assert not kept(tmp_path, [written(scenery(i), words, 0.5) for i in range(4)])
    assert kept(tmp_path, [written(scenery(i), words) for i in range(2)])  # one cut is not enough
    assert kept(tmp_path, [scenery(i) for i in range(4)])


def test_lines_that_change_with_the_picture_are_kept(tmp_path):
    lines = ("what the first one says here", "and an answer to that", "then nobody says a word")
    assert kept(tmp_path, [written(scenery(i), line) for i, line in enumerate(lines)])


def test_a_line_on_a_ground_of_its_own_is_kept(tmp_path):
    pictures = [scenery(number) for number in range(4)]
    for picture in pictures:
        picture[round(0.8 * HEIGHT) :] = 30
    words = "Second part: how a bridge is built"
    assert kept(tmp_path, [written(picture, words) for picture in pictures])


def test_large_letters_are_a_title(tmp_path):
    large = Rect(LINE.left, 0.85, LINE.width, 0.12)
    assert kept(tmp_path, [written(scenery(i), "stays") for i in range(4)], large)


def test_what_a_range_shows_is_without_its_watermarks(tmp_path):
    looks = []
    for number in range(4):
        file = tmp_path / f"{number}.png"
        cv2.imwrite(str(file), written(scenery(number), "a recording of the archive"))
        looks.append((number * SHOT_MS, file))
    edges = [number * SHOT_MS for number in range(5)]
    other = Rect(0.2, 0.2, 0.3, 0.06)
    marks = Watermarks(looks, edges)
    found = find_contents(looks, edges, (), lambda _: (other, LINE), marks)
    assert [content.texts for content in found] == [(other,)] * 4
    # A larger part for the sake of the detail would cut a long one.
    assert {content.detail for content in found} == {()}
    unmarked = find_contents(looks, edges, (), lambda _: (other,), marks)
    assert all(content.detail for content in unmarked)
