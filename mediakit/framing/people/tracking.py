"""Face tracking within one shot: tracks, the subject among them, and the shot's layout.

Nothing is carried from one shot to the next. Times are ms from the video's start. Positions are
fractions of the picture.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median, quantiles

from mediakit.framing.crop_plan import Layout, PairLayout, Reason
from mediakit.framing.range_analysis import Face, FaceSample
from mediakit.framing.rect import Rect

# The farthest a face moves from one sample to the next, in its own sizes; more after a gap.
MAX_MOVE = 1.3
MAX_MOVE_PER_GAP = 0.35
MAX_MOVE_AFTER_GAP = 2.0
MAX_GAP_SAMPLES = 8
MAX_GROWTH = 1.8
# A track of a longer shot with fewer detections than this is a false detection.
MIN_DETECTIONS = 3
# How much more the face that moves most during speech weighs than a face at rest.
SPEAKER_BONUS = 1.0
# A face that hardly moves while another does is on a poster or a clock: the most that the middle of its box varies (of
# the picture, without a tenth of its samples at either end), and the greatest usual motion relative to the liveliest
# face's, as the grain of a film moves a little.
PICTURE_JITTER, PICTURE_MOTION = 0.003, 0.2
# A secondary person: the smallest area relative to the subject, the smallest share of samples present.
SECONDARY_AREA, SECONDARY_PRESENCE = 0.3, 0.5
# A group is framed together when it fills at most this share of the window.
GROUP_FILL = 0.85
# A later face substitutes for an absent subject from this share of the subject's weight on.
MIN_SUBSTITUTE_WEIGHT = 0.15
MIN_PRESENCE = 0.25
MAX_PARTS = 4
# A smaller face, relative to the subject's, is not noticed at the window's edge.
MIN_NEIGHBOUR, MAX_NEIGHBOURS = 0.4, 4
# People are stacked unasked when each face has this height of the picture.
MIN_STACK_FACE = 0.1
# A subject who is absent for a longer continuous share of the shot only passed by.
MAX_ABSENCE = 0.6


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
        return _median_box([face.box for face in self.faces.values()])

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
        middles = [face.box.centre for face in self.faces.values()]
        spread = max(_usual_spread(axis) for axis in zip(*middles, strict=True))
        return spread <= PICTURE_JITTER and self.head_motion < PICTURE_MOTION * liveliest

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


@dataclass(frozen=True, slots=True)
class Target:
    """The box that should be visible at a time, and where a single face in it looks (as `Face.look`)."""

    time_ms: int
    box: Rect
    look: float = 0.0


@dataclass(frozen=True, slots=True)
class SecondaryTrack:
    """A person beside the subject. `weight` is relative to the subject's, at most 1."""

    targets: tuple[Target, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class ShotTracking:
    """The tracked people of one shot.

    `targets` are what the window should show; () without faces. `presence` is the share of samples
    with a target, `longest_absence` the share of the longest run of samples without one. `apart` are
    two to MAX_PARTS people too far apart for one window, from left to right. `likeliest_pair` are the two
    likeliest people, for a requested stack when no two people are present for long enough. `secondary` are
    people who are about as large as the subject but are not among the targets, `neighbours` are all others who are
    large enough to be seen at the window's edge. `fill` is the width of the targets in window widths.
    """

    targets: tuple[Target, ...] = ()
    presence: float = 0.0
    longest_absence: float = 1.0
    people: int = 0
    apart: tuple[Rect, ...] = ()
    likeliest_pair: tuple[Rect, Rect] | None = None
    secondary: tuple[SecondaryTrack, ...] = ()
    neighbours: tuple[tuple[Target, ...], ...] = ()
    fill: float = 0.0


def track_subjects(
    samples: Sequence[FaceSample], *, window_width: float, speech_ms: Sequence[tuple[int, int]]
) -> ShotTracking:
    """Track the people in the samples of one shot.

    `window_width` is the crop window's, `speech_ms` are the spans in which words are spoken.
    """
    tracks = find_tracks(samples)
    if not tracks:
        return ShotTracking()
    weights = _weights(tracks, samples, speech_ms)
    order = sorted(range(len(tracks)), key=lambda i: -weights[i])
    main = tracks[order[0]]
    others = [tracks[i] for i in order[1:] if _is_secondary(tracks[i], main, len(samples))]
    chain = _subject_chain([(tracks[i], weights[i]) for i in order])
    boxes = {i: box for i in range(len(samples)) if (box := _chain_box(chain, i)) is not None}
    group = [main, *others]
    together = _joint_boxes(group, len(samples))
    pair: tuple[Rect, ...] = ()
    framed = chain
    if others and len(together) >= SECONDARY_PRESENCE * len(samples):
        union = median(union_of(boxes_).width for boxes_ in together.values())
        if union > window_width:
            pair = _people_apart(group, together)
        elif union <= GROUP_FILL * window_width:
            boxes |= {i: union_of(boxes_) for i, boxes_ in together.items()}
            framed = [*chain, *others]
    return ShotTracking(
        targets=tuple(
            Target(
                samples[i].time_ms, boxes[i], 0.0 if len(framed) > len(chain) else _look(chain, i)
            )
            for i in sorted(boxes)
        ),
        fill=median(box.width for box in boxes.values()) / window_width if window_width else 0.0,
        presence=len(boxes) / len(samples),
        longest_absence=max(b - a - 1 for a, b in pairwise([-1, *sorted(boxes), len(samples)]))
        / len(samples),
        people=1 + len(others),
        apart=pair,
        likeliest_pair=_likeliest_two([tracks[i] for i in order]),
        secondary=tuple(
            _secondary_track(tracks[i], samples, weights[i] / (weights[order[0]] or 1.0))
            for i in order
            if tracks[i] not in framed and is_similar_size(tracks[i], main)
        ),
        neighbours=neighbours_of(framed, tracks, samples),
    )


def neighbours_of(
    framed: Sequence[Track], tracks: Sequence[Track], samples: Sequence[FaceSample]
) -> tuple[tuple[Target, ...], ...]:
    """Where the people are who are not among the `framed` ones, but for those much smaller than the first of these."""
    return tuple(
        tuple(Target(samples[i].time_ms, track.faces[i].box) for i in sorted(track.faces))
        for track in tracks
        if track not in framed and track.size >= MIN_NEIGHBOUR * framed[0].size
    )[:MAX_NEIGHBOURS]


def _look(chain: Sequence[Track], index: int) -> float:
    return next((track.faces[index].look for track in chain if index in track.faces), 0.0)


def _usual_spread(values: Sequence[float]) -> float:
    """The distance between the tenth and the ninetieth percentile."""
    cuts = quantiles(values, n=10, method="inclusive") if len(values) > 1 else [0.0]
    return cuts[-1] - cuts[0]


def find_tracks(samples: Sequence[FaceSample]) -> list[Track]:
    """Join faces to tracks from sample to sample, the nearest first.

    Tracks with too few detections are dropped, and pictures of faces beside people.
    """
    tracks: list[Track] = []
    for index, sample in enumerate(samples):
        near = sorted(
            (distance, t, f)
            for t, track in enumerate(tracks)
            for f, face in enumerate(sample.faces)
            if (distance := _distance(track, index, face)) <= 1
        )
        used_tracks: set[int] = set()
        used_faces: set[int] = set()
        for _, t, f in near:
            if t not in used_tracks and f not in used_faces:
                used_tracks.add(t)
                used_faces.add(f)
                tracks[t].faces[index] = sample.faces[f]
        tracks += [
            Track({index: face}) for f, face in enumerate(sample.faces) if f not in used_faces
        ]
    fewest = MIN_DETECTIONS if len(samples) >= 2 * MIN_DETECTIONS else 1
    kept = [track for track in tracks if len(track.faces) >= fewest]
    liveliest = max((track.head_motion for track in kept), default=0.0)
    return [track for track in kept if not track.is_picture(liveliest)]


def _distance(track: Track, index: int, face: Face) -> float:
    """The distance of a face from a track's expected position; above 1 they do not match."""
    last = max(track.faces)
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


def _weights(
    tracks: Sequence[Track], samples: Sequence[FaceSample], speech_ms: Sequence[tuple[int, int]]
) -> list[float]:
    """Each track's weight as the subject: area times score, more for movement during speech."""
    spoken = {i for i, s in enumerate(samples) if _is_spoken(s.time_ms, speech_ms)}
    moves = [_mean(f.motion for i, f in t.faces.items() if i in spoken) for t in tracks]
    peak = max(moves, default=0.0)
    return [
        track.visibility * (1 + SPEAKER_BONUS * (move / peak if peak else 0.0))
        for track, move in zip(tracks, moves, strict=True)
    ]


def _is_spoken(time_ms: int, speech_ms: Sequence[tuple[int, int]]) -> bool:
    return any(start <= time_ms < end for start, end in speech_ms)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _is_secondary(other: Track, main: Track, count: int) -> bool:
    """Whether the person is of similar size and present often enough, gaps interpolated."""
    if not is_similar_size(other, main):
        return False
    return sum(other.at(i) is not None for i in range(count)) >= SECONDARY_PRESENCE * count


def is_similar_size(other: Track, main: Track) -> bool:
    """Whether a person is large enough beside another one to be as important."""
    return other.size >= math.sqrt(SECONDARY_AREA) * main.size


def _secondary_track(track: Track, samples: Sequence[FaceSample], weight: float) -> SecondaryTrack:
    targets = (Target(samples[i].time_ms, track.faces[i].box) for i in sorted(track.faces))
    return SecondaryTrack(tuple(targets), weight)


def _subject_chain(ranked: Sequence[tuple[Track, float]]) -> list[Track]:
    """The subject, and the tracks that substitute for it while it is not detected."""
    min_weight = MIN_SUBSTITUTE_WEIGHT * ranked[0][1]
    chain = [ranked[0][0]]
    for track, weight in ranked[1:]:
        similar = track.size >= 0.5 * chain[0].size
        distinct = any(is_distinct(track, known) for known in chain)
        if similar and not distinct and weight >= min_weight:
            chain.append(track)
    return chain


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


def _chain_box(chain: Sequence[Track], index: int) -> Rect | None:
    detected = next((t.faces[index].box for t in chain if index in t.faces), None)
    return detected or next((box for t in chain if (box := t.at(index)) is not None), None)


def _joint_boxes(group: Sequence[Track], count: int) -> dict[int, list[Rect]]:
    """The boxes of the group, at the samples where at least two people are present."""
    found = {i: [box for t in group if (box := t.at(i)) is not None] for i in range(count)}
    return {i: boxes for i, boxes in found.items() if len(boxes) >= 2}


def union_of(boxes: Sequence[Rect]) -> Rect:
    """The smallest rectangle around the boxes."""
    left, top = min(b.left for b in boxes), min(b.top for b in boxes)
    right, bottom = max(b.right for b in boxes), max(b.top + b.height for b in boxes)
    return Rect(left, top, right - left, bottom - top)


def _people_apart(group: Sequence[Track], together: dict[int, list[Rect]]) -> tuple[Rect, ...]:
    """The median boxes of up to MAX_PARTS people of a group; of two, those where both are present."""
    if len(group) > 2:
        boxes = [person.median_box for person in group[:MAX_PARTS]]
        return tuple(sorted(boxes, key=lambda box: box.left))
    ordered = [sorted(boxes, key=lambda box: box.left) for boxes in together.values()]
    return _median_box([boxes[0] for boxes in ordered]), _median_box(
        [boxes[-1] for boxes in ordered]
    )


def _likeliest_two(ranked: Sequence[Track]) -> tuple[Rect, Rect] | None:
    """The median boxes of the subject and of the next person beside it, from left to right."""
    boxes = [track.median_box for track in ranked]
    main = boxes[0]
    apart = (p for p in boxes[1:] if abs(p.centre[0] - main.centre[0]) > max(p.width, main.width))
    other = next(apart, None)
    if other is None:
        return None
    return (main, other) if main.left < other.left else (other, main)


def _median_box(boxes: Sequence[Rect]) -> Rect:
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


def choose_layout(
    tracking: ShotTracking, *, pair_layout: PairLayout, empty_shot_layout: Layout
) -> tuple[Layout, Reason]:
    """The layout of a shot without an override, and why; who speaks plays no part here."""
    if tracking.presence < MIN_PRESENCE or tracking.longest_absence > MAX_ABSENCE:
        return empty_shot_layout, "nobody"
    if not tracking.apart:
        # A face that does not fit the window would lose cheeks and chin.
        layout: Layout = "fit" if tracking.fill > 1 else "crop"
        return layout, "person" if tracking.people == 1 else "group"
    if pair_layout != "auto":
        return pair_layout, "apart"
    large = min(box.height for box in tracking.apart) >= MIN_STACK_FACE
    return ("stack" if large else "fit"), "apart"
