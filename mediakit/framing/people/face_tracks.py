"""The faces of one shot joined to tracks from sample to sample: one for each person.

Nothing is carried from one shot to the next. Positions are fractions of the picture.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median, quantiles

from mediakit.framing.range_analysis import Face, FaceSample
from mediakit.framing.rect import Rect, holds_middle

# The farthest a face moves from one sample to the next, in its own sizes; more after a gap.
MAX_MOVE = 1.3
MAX_MOVE_PER_GAP = 0.35
MAX_MOVE_AFTER_GAP = 2.0
MAX_GAP_SAMPLES = 8
MAX_GROWTH = 1.8
# A track of a longer shot with fewer detections than this is a false detection.
MIN_DETECTIONS = 3
# A face that hardly moves while another does is on a poster or a clock: the most that the middle of its box varies (of
# the picture, without a tenth of its samples at either end), and the greatest usual motion relative to the liveliest
# face's, as the grain of a film moves a little.
PICTURE_JITTER, PICTURE_MOTION = 0.003, 0.2
# So is one that varies a little more, however it moves, without a body in most samples in which bodies were searched,
# at least so many, while somebody else has one in most: on a clock, in a film with much grain.
BODILESS_JITTER, MIN_BODIES = 0.01, 2
# One with a body is a picture only beside somebody who is seen in this share of its samples: what is seen less often
# beside a person who keeps still is a mistake rather than the one who speaks.
SEEN_BESIDE = 0.5
# A face below another one's head in the same body is a hand or a thing, if it is no surer than this (a child's is).
UNSURE = 0.75
# The smallest area of one who is about as large as another, relative to that one's.
SIMILAR_AREA = 0.3


@dataclass(slots=True)
class Track:
    """One face through a shot; `faces` maps a sample's index to the detection."""

    faces: dict[int, Face] = field(default_factory=dict)

    @property
    def size(self) -> float:
        """The median height of its boxes."""
        return median(face.box.height for face in self.faces.values())

    @property
    def median_box(self) -> Rect:
        """The median of its boxes, side by side."""
        return median_box([face.box for face in self.faces.values()])

    @property
    def visibility(self) -> float:
        """How much is seen of the face over time: area times score, summed up."""
        faces = self.faces.values()
        return sum(face.box.width * face.box.height * face.score for face in faces)

    @property
    def head_motion(self) -> float:
        """The median motion of its mouth and of its upper half; that of a sample after a cut is not its own."""
        return median(face.motion + face.head_motion for face in self.faces.values())

    def is_picture(self, liveliest: float) -> bool:
        """Whether it is the picture of a face, given the motion of the liveliest face of the shot."""
        return self.spread <= PICTURE_JITTER and self.head_motion < PICTURE_MOTION * liveliest

    @property
    def spread(self) -> float:
        """How much its middle usually varies, along the axis along which it varies more."""
        middles = [face.box.centre for face in self.faces.values()]
        return max(_usual_spread(axis) for axis in zip(*middles, strict=True))

    @property
    def is_unsure(self) -> bool:
        """Whether the detector mostly has little confidence in it."""
        return median(face.score for face in self.faces.values()) < UNSURE

    def has_body(self, samples: Sequence[FaceSample]) -> bool | None:
        """Whether its face mostly lies in a body; None where bodies were searched in too few samples.

        MIN_BODIES are enough, and one of a face that is not sure.
        """
        known = [
            any(holds_middle(body.box, face.box) for body in bodies)
            for index, face in self.faces.items()
            if (bodies := samples[index].bodies) is not None
        ]
        enough = 1 if self.is_unsure else MIN_BODIES
        return 2 * sum(known) > len(known) if len(known) >= enough else None

    def is_below_head(self, samples: Sequence[FaceSample]) -> bool:
        """Whether its face mostly lies in a body, below that one's own head, and is not sure."""
        known = [
            (face.box.centre[1] > body.head.bottom)
            for index, face in self.faces.items()
            for body in samples[index].bodies or ()
            if holds_middle(body.box, face.box) and body.head is not None
        ]
        return self.is_unsure and 2 * sum(known) > len(known)

    def at(self, index: int) -> Rect | None:
        """The box at a sample: detected, or interpolated within a gap of at most MAX_GAP_SAMPLES."""
        face = self.faces.get(index)
        if face is not None:
            return face.box
        detected = sorted(self.faces)
        after = bisect_right(detected, index)
        if not 0 < after < len(detected) or detected[after] - detected[after - 1] > MAX_GAP_SAMPLES:
            return None
        a, b = detected[after - 1], detected[after]
        return _interpolated(self.faces[a].box, self.faces[b].box, (index - a) / (b - a))


def find_tracks(samples: Sequence[FaceSample]) -> list[Track]:
    """Join faces to tracks from sample to sample, the nearest first.

    Tracks with too few detections are dropped, and pictures of faces beside people.
    """
    return _people_among(_all_tracks(samples), samples)


def without_pictures(samples: Sequence[FaceSample]) -> list[FaceSample]:
    """The samples of a whole shot without the faces that are pictures of faces, hands or things.

    A part of the shot may be too brief to tell.
    """
    tracks = _all_tracks(samples)
    people = _people_among(tracks, samples)
    dropped: dict[int, list[Face]] = {}
    for track in tracks:
        for index, face in track.faces.items() if track not in people else ():
            dropped.setdefault(index, []).append(face)
    found = list(samples)
    for index, faces in dropped.items():
        kept = tuple(face for face in samples[index].faces if face not in faces)
        found[index] = replace(samples[index], faces=kept)
    return found


def _all_tracks(samples: Sequence[FaceSample]) -> list[Track]:
    """The tracks of all faces that are seen often enough."""
    tracks: list[Track] = []
    recent: list[int] = []  # those that a face may still continue
    for index, sample in enumerate(samples):
        recent = [t for t in recent if index - _last_of(tracks[t]) <= MAX_GAP_SAMPLES]
        near = sorted(
            (distance, t, f)
            for t in recent
            for f, face in enumerate(sample.faces)
            if (distance := _distance(tracks[t], index, face)) <= 1
        )
        used_tracks: set[int] = set()
        used_faces: set[int] = set()
        for _, t, f in near:
            if t not in used_tracks and f not in used_faces:
                used_tracks.add(t)
                used_faces.add(f)
                tracks[t].faces[index] = sample.faces[f]
        found = [Track({index: face}) for f, face in enumerate(sample.faces) if f not in used_faces]
        recent += range(len(tracks), len(tracks) + len(found))
        tracks += found
    fewest = MIN_DETECTIONS if len(samples) >= 2 * MIN_DETECTIONS else 1
    return [track for track in tracks if len(track.faces) >= fewest]


def _last_of(track: Track) -> int:
    """The last sample of a track whose faces are in the order of time."""
    return next(reversed(track.faces))


def _people_among(tracks: Sequence[Track], samples: Sequence[FaceSample]) -> list[Track]:
    motions = [track.head_motion for track in tracks]
    people = [
        t
        for t in tracks
        if not t.is_picture(_liveliest(t, tracks, motions, samples))
        and not t.is_below_head(samples)
    ]
    return _with_bodies(people, samples)


def _liveliest(
    track: Track, tracks: Sequence[Track], motions: Sequence[float], samples: Sequence[FaceSample]
) -> float:
    """The motion of the liveliest face with which a track is compared, of those of all tracks."""
    seen = SEEN_BESIDE * len(track.faces) if track.has_body(samples) else 0
    pairs = zip(tracks, motions, strict=True)
    return max(motion for each, motion in pairs if len(each.faces) >= seen)


def _with_bodies(tracks: Sequence[Track], samples: Sequence[FaceSample]) -> list[Track]:
    """The tracks without those that hardly move and have no body, while another one has."""
    has_body = [track.has_body(samples) for track in tracks]
    if True not in has_body:
        return list(tracks)
    return [
        track
        for track, has in zip(tracks, has_body, strict=True)
        if has is not False or track.spread > BODILESS_JITTER
    ]


def _distance(track: Track, index: int, face: Face) -> float:
    """The distance of a face from a track's expected position; above 1 they do not match."""
    last = _last_of(track)
    gap = index - last
    if not 0 < gap <= MAX_GAP_SAMPLES:
        return 2.0
    old, new = track.faces[last].box, face.box
    growth = max(old.height, new.height) / max(1e-6, min(old.height, new.height))
    if growth > MAX_GROWTH:
        return 2.0
    x, y = _expected(track, last, gap)
    size = max(old.width, new.width, 1e-6), max(old.height, new.height, 1e-6)
    off = max(abs(new.centre[0] - x) / size[0], abs(new.centre[1] - y) / size[1])
    return off / min(MAX_MOVE_AFTER_GAP, MAX_MOVE + MAX_MOVE_PER_GAP * (gap - 1))


def _expected(track: Track, last: int, gap: int) -> tuple[float, float]:
    """The track's centre now, extrapolated from its last two detections."""
    x, y = track.faces[last].box.centre
    before = track.faces.get(last - 1)
    if before is None:
        return x, y
    bx, by = before.box.centre
    steps = min(gap, 2)
    return x + (x - bx) * steps, y + (y - by) * steps


def _usual_spread(values: Sequence[float]) -> float:
    """The distance between the tenth and the ninetieth percentile."""
    cuts = quantiles(values, n=10, method="inclusive") if len(values) > 1 else [0.0]
    return cuts[-1] - cuts[0]


def is_similar_size(other: Track, main: Track) -> bool:
    """Whether a person is large enough beside another one to be as important."""
    return other.size >= math.sqrt(SIMILAR_AREA) * main.size


def is_distinct(track: Track, known: Track) -> bool:
    """Whether the track is another person: detected at the same time as `known`, or away from it."""
    for i, face in track.faces.items():
        box = known.at(i)
        if i in known.faces or (box is not None and boxes_are_apart(box, face.box)):
            return True
    return False


def boxes_are_apart(a: Rect, b: Rect) -> bool:
    """Whether two faces lie beside, above or below one another."""
    return any(
        abs(x - y) > size
        for x, y, size in zip(a.centre, b.centre, (a.width, a.height), strict=True)
    )


def median_box(boxes: Sequence[Rect]) -> Rect:
    """The median of the boxes, side by side."""
    return Rect(
        median(b.left for b in boxes),
        median(b.top for b in boxes),
        median(b.width for b in boxes),
        median(b.height for b in boxes),
    )


def _interpolated(a: Rect, b: Rect, share: float) -> Rect:
    def mix(x: float, y: float) -> float:
        return x + (y - x) * share

    return Rect(
        mix(a.left, b.left), mix(a.top, b.top), mix(a.width, b.width), mix(a.height, b.height)
    )
