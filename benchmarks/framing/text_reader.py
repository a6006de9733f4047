"""Reads the text of a picture with PP-OCRv4's recogniser (Latin letters, digits and Chinese), for measuring only."""

from collections import Counter
from pathlib import Path
from typing import Any

import cv2 as _cv2
import numpy as np

from mediakit.framing.analysis.finders.text_finder import make_text_finder
from mediakit.onnx_network import new_network

cv2: Any = _cv2  # its annotations are too loose
HEIGHT_PX = 48
LOOKED_AT_PX = 1280
MIN_WIDTH_PX = 16


class TextReader:
    """A detector and a recogniser; their model files lie in the wheel rapidocr-onnxruntime 1.4.4."""

    def __init__(self, detector: Path, recogniser: Path) -> None:
        finder = make_text_finder(detector, LOOKED_AT_PX)
        assert finder is not None  # noqa: S101 -- a file is given
        self._find = finder
        self._network = new_network(recogniser.read_bytes())
        known = self._network.metadata["character"].splitlines()
        self._letters = ["", *known, " "]

    def letters(self, picture: Any) -> Counter[str]:
        """How often each letter is read in a picture (BGR)."""
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        height, width = grey.shape
        found: Counter[str] = Counter()
        for box in self._find(grey):
            rows = slice(int(box.top * height), int(box.bottom * height) + 1)
            columns = slice(int(box.left * width), int(box.right * width) + 1)
            found.update(self._read(picture[rows, columns]).replace(" ", "").lower())
        return found

    def _read(self, line: Any) -> str:
        high, wide = line.shape[:2]
        width = max(MIN_WIDTH_PX, round(wide * HEIGHT_PX / high))
        scaled = cv2.resize(line, (width, HEIGHT_PX), interpolation=cv2.INTER_AREA)
        values = (scaled.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        best = self._network.run(values)[0].argmax(axis=1)
        kept = [int(b) for a, b in zip([0, *best], best, strict=False) if b and a != b]
        return "".join(self._letters[index] for index in kept)
