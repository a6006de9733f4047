"""Which lines of a series of looks are read, and how long they stand."""

from typing import Any

import cv2
import numpy as np
import pytest

from mediakit.framing.rect import Rect
from mediakit.screen_text.line_reader import ReadLine
from mediakit.screen_text.reading import TextOnScreen, rows_of
from mediakit.screen_text.steady_text import SteadyText, are_alike

WIDTH, HEIGHT = 640, 360


def slide(*words: str, noise: int = 0) -> Any:
    """A grey picture with a line for each word from the top; the right fifth is noise by its seed, if any."""
    page = np.full((HEIGHT, WIDTH), 240, np.uint8)
    for at, word in enumerate(words):
        cv2.putText(page, word, (40, 60 + 60 * at), 0, 1.2, 0, 3)
    if noise:
        page[:, 512:] = np.random.default_rng(noise).integers(0, 255, (HEIGHT, 128), np.uint8)
    return page


class Reader:
    """Finds the rows of dark pixels left of the noise, and reads what it is told is there."""

    def __init__(self) -> None:
        self.searches, self.read_lines = 0, 0
        self.confidence = 0.99
        self.words: list[str] = []

    def find(self, look: Any) -> tuple[Rect, ...]:
        self.searches += 1
        rows = [at for at in range(6) if look[20 + 60 * at : 70 + 60 * at, :500].min() < 100]
        return tuple(Rect(0.05, (20 + 60 * at) / 360, 0.6, 50 / 360) for at in rows)

    def read(self, lines: Any) -> list[ReadLine]:
        self.read_lines += len(lines)
        return [ReadLine(self.words[-len(lines) + at], self.confidence) for at in range(len(lines))]


def follow(reader: Reader, *looks: tuple[str, ...] | Any) -> SteadyText:
    steady = SteadyText(reader.find, reader.find, reader.read)
    for look in looks:
        if isinstance(look, tuple):
            reader.words = list(look)
        steady.take(slide(*look) if isinstance(look, tuple) else look)
    return steady


def spans(steady: SteadyText) -> list[tuple[str, int, int]]:
    return [(line.text, line.first, line.last) for line in steady.lines]


def test_a_slide_is_read_once_and_a_line_that_joins_it_alone():
    reader = Reader()
    title, both = ("Caching",), ("Caching", "Expiry")

    steady = follow(reader, title, title, title, both, both, both, ("Other",), ("Other",))

    assert spans(steady) == [("Caching", 0, 5), ("Expiry", 3, 5), ("Other", 6, 7)]
    assert reader.read_lines == 3


def test_what_moves_is_not_searched_and_hides_no_text_beside_it():
    reader = Reader()
    reader.words = ["Caching"]
    looks = [slide("Caching", noise=seed) for seed in range(1, 9)]

    steady = follow(reader, *looks)

    assert spans(steady) == [("Caching", 0, 7)]
    assert reader.searches == 2  # a glance and a search, and no more for what moves beside it
    chance = np.random.default_rng(1)
    crowd = [chance.integers(0, 255, (HEIGHT, WIDTH)).astype(np.uint8) for _ in range(4)]
    assert follow(reader, *crowd).lines == []


def test_a_slide_that_comes_back_soon_is_the_same_one():
    reader, page = Reader(), ("Caching",)
    speaker = slide(noise=5)

    steady = follow(reader, page, page, speaker, speaker, page, page)

    assert spans(steady) == [("Caching", 0, 5)]
    assert reader.read_lines == 1


@pytest.mark.parametrize(
    ("text", "confidence", "counts"),
    [("Caching", 0.6, False), ("a.", 0.99, False), ("한국어 문장", 0.8, True), ("", 0.0, False)],
)
def test_what_cannot_be_read_well_is_left_out_and_not_read_again(text, confidence, counts):
    reader = Reader()
    reader.confidence = confidence
    page = slide("Caching")
    reader.words = [text]

    steady = follow(reader, *[page] * 5)

    assert [line.text for line in steady.lines] == [text] * counts
    assert reader.read_lines == 1


def test_work_is_bounded_however_much_text_comes():
    reader = Reader()
    looks = [slide(f"{number:06}") for number in range(200) for _ in range(2)]
    reader.words = ["0000"]

    follow(reader, *looks)

    assert reader.searches <= 2 * (20 + 0.2 * len(looks)) + 1


def test_texts_are_alike_but_for_a_few_letters_or_while_they_are_typed():
    assert are_alike("Questions and answers", "Questions and answer5")
    assert are_alike("def search", "def search(query)")
    assert not are_alike("Step 1: measure", "Step 2: cut the wood")


def test_a_row_has_the_lines_that_appear_together_and_the_times_of_shots_between_looks():
    reader = Reader()
    both = ("Caching", "Expiry")
    steady = follow(reader, ("Other",), ("Other",), both, both, both)

    rows = list(rows_of(steady.lines, [0, 5000, 10000, 15000, 20000], [7_400], 24_000))

    assert rows == [
        TextOnScreen(0, 7_400, "Other", 0.99),
        TextOnScreen(7_400, 24_000, "Caching\nExpiry", 0.99),
    ]
