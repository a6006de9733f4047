"""What finds people in the benchmarks: the product's models, in the files that two variables name.

HEIMDEX_FACE_MODEL is YuNet's, HEIMDEX_BODY_MODEL that of MediaPipe's selfie segmentation.
"""

import os
from pathlib import Path

from mediakit.framing.analysis.finders.body_finder import BodyFinder, make_body_finder
from mediakit.framing.analysis.finders.face_detection import Detector, make_detector
from mediakit.model_store.catalog import FACE

(FACE_SHA256,) = FACE.sources[0].files.values()


def face_detector() -> Detector | None:
    """YuNet, or OpenCV's cascades without its file; None without OpenCV."""
    model = os.environ.get("HEIMDEX_FACE_MODEL")
    return make_detector(Path(model) if model else None, FACE_SHA256)


def body_finder() -> BodyFinder | None:
    """The finder of bodies; None without its file, when people are found by their faces only."""
    model = os.environ.get("HEIMDEX_BODY_MODEL")
    return make_body_finder(Path(model) if model else None)
