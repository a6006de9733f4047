"""Tracking within one shot: the subject among its tracks, who is beside, and the shot's layout.

Nothing is carried from one shot to the next. Times are ms from the video's start. Positions are
fractions of the picture.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from mediakit.framing.crop_plan import Layout, PairLayout, Reason
from mediakit.framing.people.face_tracks import (
    Track,
    find_tracks,
    is_distinct,
    is_similar_size,
    median_box,
)
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect, union_of

# How much more the face that moves most during speech weighs than a face at rest.
SPEAKER_BONUS = 1.0
# A secondary person: the smallest share of samples present.
SECONDARY_PRESENCE = 0.5
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
# A subject who is absent for a longer continuous share of the shot only passed by, unless the camera turns to them:
# they are seen from then on, for so long at least, and near, with a face of this share of the picture's height.
MAX_ABSENCE, MIN_COMING_MS, MIN_COMING_FACE = 0.6, 1_000, 0.2


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
    with a target, `longest_absence` the share of the longest run of samples without one; `comes_in` says that somebody
    near is seen from the first target to the end of the shot. `apart` are
    two to MAX_PARTS people too far apart for one window, from left to right. `likeliest_pair` are the two
    likeliest people, for a requested stack when no two people are present for long enough. `secondary` are
    people who are about as large as the subject but are not among the targets, `neighbours` are all others who are
    large enough to be seen at the window's edge. `fill` is the width of the targets in window widths.
    """

    targets: tuple[Target, ...] = ()
    presence: float = 0.0
    longest_absence: float = 1.0
    comes_in: bool = False
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
        comes_in=_comes_in(boxes, samples),
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


def _comes_in(boxes: Mapping[int, Rect], samples: Sequence[FaceSample]) -> bool:
    """Whether somebody near is in all samples from the first of the boxes to the end of the shot, for long enough."""
    first = min(boxes)
    lasts_ms = samples[-1].time_ms - samples[first].time_ms
    is_near = median(box.height for box in boxes.values()) >= MIN_COMING_FACE
    return is_near and lasts_ms >= MIN_COMING_MS and len(boxes) == len(samples) - first


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
    """Whether the person is of similar size and present often enough, gaps interpolated.

    Who is hardly ever seen is a mistake, or turned away: there is no face to show.
    """
    if not is_similar_size(other, main) or len(other.faces) < MIN_PRESENCE * count:
        return False
    return sum(other.at(i) is not None for i in range(count)) >= SECONDARY_PRESENCE * count


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


def _chain_box(chain: Sequence[Track], index: int) -> Rect | None:
    detected = next((t.faces[index].box for t in chain if index in t.faces), None)
    return detected or next((box for t in chain if (box := t.at(index)) is not None), None)


def _joint_boxes(group: Sequence[Track], count: int) -> dict[int, list[Rect]]:
    """The boxes of the group, at the samples where at least two people are present."""
    found = {i: [box for t in group if (box := t.at(i)) is not None] for i in range(count)}
    return {i: boxes for i, boxes in found.items() if len(boxes) >= 2}


def _people_apart(group: Sequence[Track], together: dict[int, list[Rect]]) -> tuple[Rect, ...]:
    """The median boxes of up to MAX_PARTS people of a group; of two, those where both are present."""
    if len(group) > 2:
        boxes = [person.median_box for person in group[:MAX_PARTS]]
        return tuple(sorted(boxes, key=lambda box: box.left))
    ordered = [sorted(boxes, key=lambda box: box.left) for boxes in together.values()]
    return median_box([boxes[0] for boxes in ordered]), median_box([boxes[-1] for boxes in ordered])


def _likeliest_two(ranked: Sequence[Track]) -> tuple[Rect, Rect] | None:
    """The median boxes of the subject and of the next person beside it, from left to right."""
    boxes = [track.median_box for track in ranked]
    main = boxes[0]
    apart = (p for p in boxes[1:] if abs(p.centre[0] - main.centre[0]) > max(p.width, main.width))
    other = next(apart, None)
    if other is None:
        return None
    return (main, other) if main.left < other.left else (other, main)


def choose_layout(
    tracking: ShotTracking, *, pair_layout: PairLayout, empty_shot_layout: Layout
) -> tuple[Layout, Reason]:
    """The layout of a shot without an override, and why; who speaks plays no part here."""
    is_away = tracking.longest_absence > MAX_ABSENCE and not tracking.comes_in
    if tracking.presence < MIN_PRESENCE or is_away:
        return empty_shot_layout, "nobody"
    if not tracking.apart:
        # A face that does not fit the window would lose cheeks and chin.
        layout: Layout = "fit" if tracking.fill > 1 else "crop"
        return layout, "person" if tracking.people == 1 else "group"
    if pair_layout != "auto":
        return pair_layout, "apart"
    large = min(box.height for box in tracking.apart) >= MIN_STACK_FACE
    return ("stack" if large else "fit"), "apart"
