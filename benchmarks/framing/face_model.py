"""The face detector of the benchmarks: the product's model, in the file that HEIMDEX_FACE_MODEL names."""

import os
from pathlib import Path

from mediakit.framing.analysis.face_detection import Detector, make_detector
from mediakit.model_store.catalog import FACE

(FACE_SHA256,) = FACE.sources[0].files.values()


def face_detector() -> Detector | None:
    """YuNet, or OpenCV's cascades without its file; None without OpenCV."""
    model = os.environ.get("HEIMDEX_FACE_MODEL")
    return make_detector(Path(model) if model else None, FACE_SHA256)
