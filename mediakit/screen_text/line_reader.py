"""Reads lines of text in a picture: PP-OCRv6's small recogniser, for Latin letters, Chinese and Japanese."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2 as _cv2
import numpy as np

from mediakit.onnx_network import new_network

cv2: Any = _cv2  # its annotations are too loose
Pixels = np.ndarray[Any, np.dtype[np.uint8]]

HEIGHT_PX, MIN_WIDTH_PX, MAX_WIDTH_PX = 48, 16, 2_400


@dataclass(frozen=True, slots=True)
class ReadLine:
    """What is written in a line, and how sure that is, from 0 to 1; an empty text is none that can be read."""

    text: str
    confidence: float


LineReader = Callable[[Sequence[Pixels]], list[ReadLine]]


def make_line_reader(model: Path) -> LineReader:
    """The reader with a verified model file. It uses one thread."""
    network = new_network(model.read_bytes(), keep_memory=True)
    known = network.metadata["character"].splitlines()
    letters = ["", *known, " "]

    def read(lines: Sequence[Pixels]) -> list[ReadLine]:
        return [_decoded(network.run(_input_of(line))[0]) for line in lines]

    def _decoded(probable: Any) -> ReadLine:
        """Each letter stands where the best guess changes (CTC)."""
        best, sure = probable.argmax(axis=1), probable.max(axis=1)
        begins = np.flatnonzero((best != 0) & (best != np.concatenate(([-1], best[:-1]))))
        text = "".join(letters[index] for index in best[begins]).strip()
        return ReadLine(text, float(sure[begins].mean()) if text else 0.0)

    return read


def _input_of(line: Pixels) -> Any:
    high, wide = line.shape
    width = min(MAX_WIDTH_PX, max(MIN_WIDTH_PX, round(wide * HEIGHT_PX / high)))
    way = cv2.INTER_AREA if high > HEIGHT_PX else cv2.INTER_CUBIC
    scaled = cv2.resize(line, (width, HEIGHT_PX), interpolation=way).astype(np.float32)
    return np.repeat((scaled / 127.5 - 1)[None, None], 3, axis=1)
