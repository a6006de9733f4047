"""Who a shot is about: faces joined to tracks, the subject among them, and how to lay the shot out.

Nothing is carried from one shot to the next. Times in ms from the video's start; places are shares
of the picture.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from mediakit.framing.crop_plan import Box, Face, Layout, Sample

# From one sample to the next a face moves at most so many of its own sizes, more after a gap.
REACH = 1.3
REACH_PER_GAP = 0.35
MOST_REACH = 2.0
LONGEST_GAP = 8
MOST_GROWTH = 1.8
# What is seen less often than this in a shot of some length is a mistake of the detector.
FEWEST = 3
# How much more somebody who moves all the time while words are said weighs than somebody still.
SPEAKER_BONUS = 1.0
# People who count beside the subject: so large beside them, and there for so much of the shot.
OTHER_SIZE, OTHER_SHARE = 0.3, 0.5
# A group is framed together when it fills no more of the window than this.
GROUP_FILL = 0.85
# A later face stands in for a subject who is gone when it weighs at least so much of them.
STAND_IN = 0.15
LEAST_PRESENCE = 0.25
# Somebody who is not seen in one piece of so much of a shot only passed by.
MOST_GONE = 0.6


@dataclass(slots=True)
class Track:
    """One face through a shot, by the number of the sample."""

    faces: dict[int, Face] = field(default_factory=dict)

    @property
    def size(self) -> float:
        """Its usual height."""
        return median(face.box.height for face in self.faces.values())

    def at(self, index: int, within: int = LONGEST_GAP) -> Box | None:
        """Where it is at a sample: seen, or between two sightings that are not far apart."""
        face = self.faces.get(index)
        if face is not None:
            return face.box
        seen = sorted(self.faces)
        after = bisect_right(seen, index)
        if not 0 < after < len(seen) or seen[after] - seen[after - 1] > within:
            return None
        a, b = seen[after - 1], seen[after]
        return _between(self.faces[a].box, self.faces[b].box, (index - a) / (b - a))


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be in sight at a time: a place, how far it reaches to each side, and how sure it is."""

    time_ms: int
    box: Box


@dataclass(frozen=True, slots=True)
class Companion:
    """Somebody beside the subject: where they were seen, and how much they weigh beside them, up to 1."""

    targets: tuple[Target, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Cast:
    """What a shot is about. `targets` are empty without anybody; `pair` are two people apart.

    `presence` is the share of samples with somebody, `gone` that of the longest piece without.
    `two` are the likeliest two people, for whoever asks for two although not both were seen enough.
    `company` are people of at least half the subject's height whom the targets leave out.
    """

    targets: tuple[Target, ...] = ()
    presence: float = 0.0
    gone: float = 1.0
    people: int = 0
    pair: tuple[Box, Box] | None = None
    two: tuple[Box, Box] | None = None
    company: tuple[Companion, ...] = ()


def cast(samples: Sequence[Sample], *, window: float, speech_ms: Sequence[tuple[int, int]]) -> Cast:
    """Who is in these samples of one shot; `window` is the width of what will be seen of it."""
    tracks = find_tracks(samples)
    if not tracks:
        return Cast()
    weights = _weights(tracks, samples, speech_ms)
    order = sorted(range(len(tracks)), key=lambda i: -weights[i])
    main = tracks[order[0]]
    others = [tracks[i] for i in order[1:] if _counts_beside(tracks[i], main, len(samples))]
    chain = _chain([(tracks[i], weights[i]) for i in order])
    boxes = {i: box for i in range(len(samples)) if (box := _first(chain, i)) is not None}
    group = [main, *others]
    together = _together(group, len(samples))
    pair, framed = None, chain
    if others and len(together) >= OTHER_SHARE * len(samples):
        union = median(_span(boxes_).width for boxes_ in together.values())
        if union > window:
            pair = _sides(together)
        elif union <= GROUP_FILL * window:
            boxes |= {i: _span(boxes_) for i, boxes_ in together.items()}
            framed = [*chain, *others]
    return Cast(
        targets=tuple(Target(samples[i].time_ms, boxes[i]) for i in sorted(boxes)),
        presence=len(boxes) / len(samples),
        gone=max(b - a - 1 for a, b in pairwise([-1, *sorted(boxes), len(samples)])) / len(samples),
        people=1 + len(others),
        pair=pair,
        two=pair or _likeliest_two([tracks[i] for i in order]),
        company=tuple(
            _companion(tracks[i], samples, weights[i] / (weights[order[0]] or 1.0))
            for i in order
            if tracks[i] not in framed and _is_alike(tracks[i], main)
        ),
    )


def find_tracks(samples: Sequence[Sample]) -> list[Track]:
    """Faces joined through the samples, what is seen too seldom left out."""
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
    fewest = FEWEST if len(samples) >= 2 * FEWEST else 1
    return [track for track in tracks if len(track.faces) >= fewest]


def _distance(track: Track, index: int, face: Face) -> float:
    """How unlikely it is that the face goes on the track; above 1 it does not."""
    last = max(track.faces)
    gap = index - last
    if not 0 < gap <= LONGEST_GAP:
        return 2.0
    old, new = track.faces[last].box, face.box
    growth = max(old.height, new.height) / max(1e-6, min(old.height, new.height))
    if growth > MOST_GROWTH:
        return 2.0
    x, y = _expected(track, last, gap)
    size = max(old.width, new.width, 1e-6), max(old.height, new.height, 1e-6)
    off = max(abs(new.centre[0] - x) / size[0], abs(new.centre[1] - y) / size[1])
    return off / min(MOST_REACH, REACH + REACH_PER_GAP * (gap - 1))


def _expected(track: Track, last: int, gap: int) -> tuple[float, float]:
    """Where the track's face would be now if it went on as between its last two sightings."""
    x, y = track.faces[last].box.centre
    before = track.faces.get(last - 1)
    if before is None:
        return x, y
    bx, by = before.box.centre
    steps = min(gap, 2)
    return x + (x - bx) * steps, y + (y - by) * steps


def _weights(
    tracks: Sequence[Track], samples: Sequence[Sample], speech_ms: Sequence[tuple[int, int]]
) -> list[float]:
    """How much each track is the subject: area times score, more for who moves while words are said."""
    spoken = {i for i, s in enumerate(samples) if _is_said(s.time_ms, speech_ms)}
    moves = [_mean(f.motion for i, f in t.faces.items() if i in spoken) for t in tracks]
    most = max(moves, default=0.0)
    return [
        sum(face.box.width * face.box.height * face.score for face in track.faces.values())
        * (1 + SPEAKER_BONUS * (move / most if most else 0.0))
        for track, move in zip(tracks, moves, strict=True)
    ]


def _is_said(time_ms: int, speech_ms: Sequence[tuple[int, int]]) -> bool:
    return any(start <= time_ms < end for start, end in speech_ms)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _counts_beside(other: Track, main: Track, count: int) -> bool:
    """Whether somebody is there with the subject, also between two sightings of them."""
    if not _is_alike(other, main):
        return False
    return sum(other.at(i) is not None for i in range(count)) >= OTHER_SHARE * count


def _is_alike(other: Track, main: Track) -> bool:
    return other.size >= math.sqrt(OTHER_SIZE) * main.size


def _companion(track: Track, samples: Sequence[Sample], weight: float) -> Companion:
    targets = (Target(samples[i].time_ms, track.faces[i].box) for i in sorted(track.faces))
    return Companion(tuple(targets), weight)


def _chain(ranked: Sequence[tuple[Track, float]]) -> list[Track]:
    """The subject, and who stands in for them while they are not seen."""
    least = STAND_IN * ranked[0][1]
    chain = [ranked[0][0]]
    for track, weight in ranked[1:]:
        alike = track.size >= 0.5 * chain[0].size
        somebody_else = any(_is_elsewhere(track, known) for known in chain)
        if alike and not somebody_else and weight >= least:
            chain.append(track)
    return chain


def _is_elsewhere(track: Track, known: Track) -> bool:
    """Whether a face is seen while the known one is, or is known to be in another place."""
    for i, face in track.faces.items():
        box = known.at(i)
        if i in known.faces or (box is not None and _are_apart(box, face.box)):
            return True
    return False


def _are_apart(a: Box, b: Box) -> bool:
    return any(
        abs(x - y) > size
        for x, y, size in zip(a.centre, b.centre, (a.width, a.height), strict=True)
    )


def _first(chain: Sequence[Track], index: int) -> Box | None:
    seen = next((t.faces[index].box for t in chain if index in t.faces), None)
    return seen or next((box for t in chain if (box := t.at(index)) is not None), None)


def _together(group: Sequence[Track], count: int) -> dict[int, list[Box]]:
    """The boxes of everybody, at the samples where at least two are there."""
    found = {i: [box for t in group if (box := t.at(i)) is not None] for i in range(count)}
    return {i: boxes for i, boxes in found.items() if len(boxes) >= 2}


def _span(boxes: Sequence[Box]) -> Box:
    left, top = min(b.left for b in boxes), min(b.top for b in boxes)
    right, bottom = max(b.right for b in boxes), max(b.top + b.height for b in boxes)
    return Box(left, top, right - left, bottom - top)


def _sides(together: dict[int, list[Box]]) -> tuple[Box, Box]:
    """Where the leftmost and the rightmost person usually are."""
    ordered = [sorted(boxes, key=lambda box: box.left) for boxes in together.values()]
    return _usual([boxes[0] for boxes in ordered]), _usual([boxes[-1] for boxes in ordered])


def _likeliest_two(ranked: Sequence[Track]) -> tuple[Box, Box] | None:
    """Where the subject and the next one who is somewhere else usually are, the left one first."""
    places = [_usual([face.box for face in track.faces.values()]) for track in ranked]
    main = places[0]
    apart = (p for p in places[1:] if abs(p.centre[0] - main.centre[0]) > max(p.width, main.width))
    other = next(apart, None)
    if other is None:
        return None
    return (main, other) if main.left < other.left else (other, main)


def _usual(boxes: Sequence[Box]) -> Box:
    return Box(
        median(b.left for b in boxes),
        median(b.top for b in boxes),
        median(b.width for b in boxes),
        median(b.height for b in boxes),
    )


def _between(a: Box, b: Box, share: float) -> Box:
    def mix(x: float, y: float) -> float:
        return x + (y - x) * share

    return Box(
        mix(a.left, b.left), mix(a.top, b.top), mix(a.width, b.width), mix(a.height, b.height)
    )


def layout_of(found: Cast, *, pair: Layout, nobody: Layout) -> Layout:
    """How a shot is laid out by itself: `pair` for two people apart, `nobody` without anybody."""
    if found.presence < LEAST_PRESENCE or found.gone > MOST_GONE:
        return nobody
    return "crop" if found.pair is None else pair
