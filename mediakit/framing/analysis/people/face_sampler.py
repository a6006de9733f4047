"""The faces in consecutive small pictures of a range, their motion, and what else those pictures say."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mediakit.framing.analysis.finders.face_detection import Detector
from mediakit.framing.analysis.people.body_motion import beside_box, bodies_box
from mediakit.framing.analysis.people.lost_places import LostPlaces
from mediakit.framing.analysis.pictures import Pixels, small_picture
from mediakit.framing.analysis.subjects.salient_region import Evidence, look
from mediakit.framing.geometry import Size
from mediakit.framing.range_analysis import Face, FaceSample
from mediakit.framing.rect import Rect

SAMPLES_PER_S = 5  # pictures in which faces are detected
MOTION_STEPS = 3  # pictures for each of them, between which the motion of mouths is measured
# The mouth and the upper half of a face, as (top, bottom, left, right) in the face's box.
MOUTH, HEAD = (0.6, 1.0, 0.2, 0.8), (0.05, 0.5, 0.1, 0.9)
# After a second without faces only every fourth picture is searched thoroughly.
THOROUGH_EVERY = 4
# After so many pictures without faces only one in SPARSE_EVERY is searched, and those before it once it has a face.
SPARSE_AFTER, SPARSE_EVERY = 10, 2


class FaceSampler:
    """Cuts a byte stream into pictures and detects faces in each; `flush` ends it.

    Of a range whose pictures are MOTION_STEPS for each sample. The planes are those of 4:2:0.
    """

    def __init__(
        self,
        size: Size,
        detector: Detector | None,
        start_ms: int,
        expected: int,
        on_progress: Callable[[float], None],
    ) -> None:
        self.samples: list[FaceSample] = []
        self.evidence: list[Evidence | None] = []  # of each sample without faces
        self.whirls: set[int] = set()  # samples with faces of which most has changed
        self.pictures: list[Pixels] = []  # small, in Lab, of every sample
        self.changes: list[float] = []  # the `changed_share` of every sample
        self.places = LostPlaces()
        self._shape = (size.height * 3 // 2, size.width)
        self._bytes = size.width * size.height * 3 // 2
        self._pending = bytearray()
        self._pictures: list[Pixels] = []  # since the last sample, that one included
        self._waiting: list[list[Pixels]] = []  # the pictures of samples that are not searched yet
        self._count = 0
        self._faceless = 0  # consecutive samples without faces
        self._detector = detector
        self._start_ms = start_ms
        self._expected = expected
        self._on_progress = on_progress

    def feed(self, data: bytes) -> None:
        """Process the next bytes of the pipe."""
        self._pending += data
        while len(self._pending) >= self._bytes:
            planes: Pixels = np.frombuffer(bytes(self._pending[: self._bytes]), np.uint8)
            del self._pending[: self._bytes]
            self._take(planes.reshape(self._shape))

    def flush(self) -> None:
        """Process the samples that still wait to be searched."""
        if self._waiting:
            self._search()

    def _take(self, planes: Pixels) -> None:
        self._pictures.append(planes)
        if self._count % MOTION_STEPS == 0:
            self._waiting.append(self._pictures)
            self._pictures = [planes]
            if self._faceless < SPARSE_AFTER or len(self._waiting) == SPARSE_EVERY:
                self._search()
        self._count += 1

    def _search(self) -> None:
        """Detect faces in the last sample that waits, and in those before it if there are any in it."""
        *before, last = self._waiting
        self._waiting = []
        faces = self._faces(last[-1])
        for pictures in before:
            self._add(pictures, self._faces(pictures[-1]) if faces else [])
        self._add(last, faces)

    def _faces(self, planes: Pixels) -> list[Face]:
        thorough = self._faceless < SAMPLES_PER_S or self._faceless % THOROUGH_EVERY == 0
        return self._detector.find(planes, thorough) if self._detector else []

    def _add(self, pictures: Sequence[Pixels], found: Sequence[Face]) -> None:
        self._faceless = 0 if found else self._faceless + 1
        faces = [
            replace(
                face,
                motion=face_motion(face.box, MOUTH, pictures),
                head_motion=face_motion(face.box, HEAD, pictures),
            )
            for face in found
        ]
        time_ms = self._start_ms + len(self.samples) * 1000 // SAMPLES_PER_S
        boxes = [face.box for face in faces]
        seen = self._look(pictures[-1], boxes) if self._detector else None
        moving = bodies_box(seen.motion, boxes) if seen else None
        beside = beside_box(seen.changed, boxes) if seen else None
        if faces and seen and seen.is_whirl:
            self.whirls.add(len(self.samples))
        self.samples.append(FaceSample(time_ms, tuple(faces), moving=moving, beside=beside))
        self.evidence.append(None if faces else seen)
        self._on_progress(min(1.0, len(self.samples) / self._expected))

    def _look(self, planes: Pixels, faces: Sequence[Rect]) -> Evidence:
        """What draws the eye in a sample. Text is looked for once a second: it stays."""
        small = small_picture(planes)
        self.places.add(small, faces)
        for_text = not faces and self._faceless % SAMPLES_PER_S == 1
        before = self.pictures[-1] if self.pictures else None
        seen = look(small, before, planes[: len(planes) * 2 // 3] if for_text else None)
        self.pictures.append(small)
        self.changes.append(seen.changed_share)
        return seen


def face_motion(
    box: Rect, part: tuple[float, float, float, float], pictures: Sequence[Pixels]
) -> float:
    """The mean change of a part of a face from picture to picture, from 0 to 1; 0 for a single picture."""
    height, width = pictures[0].shape[0] * 2 // 3, pictures[0].shape[1]
    top, bottom, left, right = part
    rows = slice(
        int((box.top + box.height * top) * height),
        min(height, int((box.top + box.height * bottom) * height) + 1),
    )
    columns = slice(
        int((box.left + box.width * left) * width), int((box.left + box.width * right) * width) + 1
    )
    parts = np.stack([picture[rows, columns] for picture in pictures]).astype(np.int16)
    if len(pictures) < 2 or not parts.size:
        return 0.0
    return float(np.abs(np.diff(parts, axis=0)).mean() / 255)
