"""People whom an upright window would cut: a wider part of the picture holds them on blur.

Several faces near one another, of which an edge of the window would cut one, a head about as wide as the window, and a
body with arms or legs spread.
"""

from collections.abc import Sequence
from statistics import median

from mediakit.framing.crop_plan import Shot
from mediakit.framing.crop_window import CropWindow, crop_window
from mediakit.framing.people.face_tracks import Track, find_tracks, is_similar_size
from mediakit.framing.people.tracking import MIN_PRESENCE, Target
from mediakit.framing.planning.camera.body_room import Bodies, heads_of
from mediakit.framing.planning.people.company import FAR_FACE, with_shoulders
from mediakit.framing.planning.subjects.subject_layout import (
    HEADS_FILL,
    steadied,
    with_hair,
)
from mediakit.framing.planning.subjects.subject_spans import PART_SHAPES, part_of
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect, holds_middle, union_of
from mediakit.framing.window_path import path_position
from mediakit.media_info import VideoTrack

# A face is cut, or touched, in this share of the samples; a shorter shot stays as it is.
CUT_SAMPLES, MIN_SHOT_MS = 0.4, 1_000
# A head is about as wide as the window where its face has this share of it; a side of the window touches a face that is
# nearer than TOUCH, in widths of the face, and cuts a head of a known outline, in MIN_OUTLINES samples at least, that
# reaches farther beyond it than HAIR_CUT, in windows: single hairs are. A part that is more windows wide shows less of
# the head than a window does.
WIDE_FACE, TOUCH, WIDEST_PART = 0.6, 0.08, 1.8
MIN_OUTLINES, HAIR_CUT = 2, 0.02
PICTURE_SIDE = 0.004  # of the picture: as near to its side a window ends with the picture
# A body reaches beyond the window in this share of the samples, and in more than one.
REACHING_SAMPLES, MIN_REACHING = 0.2, 2
# An arm holds something out where a body reaches farther on one side of the face than on the other by so many of its
# widths, in this share of the samples in which it is known.
HELD_OUT, HELD_OUT_SAMPLES = 1.5, 0.6


def part_around_people(
    shot: Shot,
    window: CropWindow,
    samples: Sequence[FaceSample],
    start_ms: int,
    video: VideoTrack,
) -> Rect | None:
    """The part that holds the people of a shot, if its window cuts the face of somebody beside the subject.

    Or if it has no room for the shoulders of far people who are framed together. `samples` are those of the shot;
    `start_ms` is when the Short begins in the video.
    """
    is_brief = shot.end_ms - shot.start_ms < MIN_SHOT_MS
    if shot.reason not in {"person", "group"} or is_brief or window.moves_vertically:
        return None
    if shot.reason == "group" and (shoulders := _far_shoulders(samples, window)):
        part = part_of(steadied(shoulders), window, video)
        if part is None and _is_narrow(window, video):
            return window.area
        if part is not None:
            return part
    people = _people(samples)
    cut = [
        _is_cut(people[1:], i, path_position(shot.path, sample.time_ms - start_ms)[0], window)
        for i, sample in enumerate(samples)
    ]
    if sum(cut) < CUT_SAMPLES * len(samples):
        return None
    boxes = [[with_hair(box) for p in people if (box := p.at(i))] for i in range(len(samples))]
    return part_of(steadied([union_of(each) for each in boxes if each]), window, video)


def _is_narrow(window: CropWindow, video: VideoTrack) -> bool:
    """Whether the whole picture is no wider than the widest part of one that is wider."""
    widest = crop_window(video, window.area, PART_SHAPES[-1])
    return widest.shows_all or widest.moves_vertically


def _far_shoulders(samples: Sequence[FaceSample], window: CropWindow) -> list[Rect]:
    """The boxes around far people with their shoulders; none where a window has room for those who are often seen.

    Who is beside them and seldom seen has turned away, and belongs to them.
    """
    often = _people(samples)
    if not often or median(person.size for person in often) > FAR_FACE:
        return []
    seen = _around(often, len(samples))
    wide = sum(window.extent(box) > window.length for box in seen)
    if wide < CUT_SAMPLES * len(seen):
        return []
    beside = [t for t in find_tracks(samples) if is_similar_size(t, often[0])]
    return _around(beside, len(samples))


def _around(people: Sequence[Track], count: int) -> list[Rect]:
    """The boxes around people with their shoulders, where any of them is seen."""
    each = ([with_shoulders(b) for p in people if (b := p.at(i))] for i in range(count))
    return [union_of(boxes) for boxes in each if boxes]


def part_around_head(
    shot: Shot,
    window: CropWindow,
    targets: Sequence[Target],
    start_ms: int,
    video: VideoTrack,
    *,
    bodies: Bodies,
    samples: Sequence[FaceSample],
) -> Rect | None:
    """The part that holds a head with its hair wherever it sways, if the sides of its window touch its face.

    Or if they cut its outline, where that is known. `targets` and `bodies` are those of the shot; `start_ms` is when
    the Short begins in the video. While one person speaks it shows nobody else who is seen in `samples`.
    """
    low, high = start_ms + shot.start_ms, start_ms + shot.end_ms
    faces = [target for target in targets if low <= target.time_ms < high]
    is_brief = shot.end_ms - shot.start_ms < MIN_SHOT_MS
    is_one = shot.reason in {"person", "speaker"}
    if not is_one or is_brief or window.moves_vertically or not faces:
        return None
    if median(face.box.width for face in faces) < WIDE_FACE * window.width:
        return None
    touched = [
        _is_at_side(face.box, path_position(shot.path, face.time_ms - start_ms)[0], window)
        for face in faces
    ]
    outlines = heads_of(faces, bodies)
    cut = [
        _is_beyond(head, path_position(shot.path, time_ms - start_ms)[0], window)
        for time_ms, _, head in outlines
    ]
    is_cut = len(cut) >= MIN_OUTLINES and sum(cut) >= CUT_SAMPLES * len(cut)
    if not is_cut and sum(touched) < CUT_SAMPLES * len(faces):
        return None
    heads = steadied([with_hair(face.box) for face in faces])
    if is_cut:  # what is known in some samples only needs no margin beside it
        part = part_of([*heads, *(head for _, _, head in outlines)], window, video, fill=1)
    else:
        part = part_of(heads, window, video, fill=HEADS_FILL)
    if part is None or part.width > WIDEST_PART * window.width:
        return None
    shows_others = shot.reason == "speaker" and _shows_others(part, targets, samples)
    return None if shows_others else part


def _shows_others(part: Rect, targets: Sequence[Target], samples: Sequence[FaceSample]) -> bool:
    """Whether the head of somebody else is seen in a part, often enough to be no mistake."""
    own = {target.time_ms: target.box for target in targets}
    seen = 0
    for sample in samples:
        box = own.get(sample.time_ms)
        heads = [with_hair(face.box) for face in sample.faces if face.box != box]
        seen += any(head.left < part.right and head.right > part.left for head in heads)
    return seen >= MIN_PRESENCE * len(samples)


def _is_at_side(face: Rect, centre: float, window: CropWindow) -> bool:
    """Whether a side of the window, but no side of the picture, is at a face or in it."""
    near = TOUCH * face.width
    left, right = centre - window.width / 2, centre + window.width / 2
    return (face.left - near < left and left > window.area.left + PICTURE_SIDE) or (
        face.right + near > right and right < window.area.right - PICTURE_SIDE
    )


def _is_beyond(head: Rect, centre: float, window: CropWindow) -> bool:
    """Whether a head reaches beyond a side of the window by more than single hairs."""
    left, right = centre - window.width / 2, centre + window.width / 2
    most = HAIR_CUT * window.width
    return head.left < left - most or head.right > right + most


def _people(samples: Sequence[FaceSample]) -> list[Track]:
    """The subject, and those who are about as large and not only passing, the most visible first."""
    tracks = sorted(find_tracks(samples), key=lambda track: -track.visibility)
    return tracks[:1] + [
        track
        for track in tracks[1:]
        if is_similar_size(track, tracks[0]) and len(track.faces) >= MIN_PRESENCE * len(samples)
    ]


def _is_cut(people: Sequence[Track], index: int, centre: float, window: CropWindow) -> bool:
    """Whether a side of the window goes through the head of any of the people at a sample."""
    heads = [with_hair(box) for person in people if (box := person.at(index)) is not None]
    return any(
        head.left < edge < head.right
        for head in heads
        for edge in (centre - window.width / 2, centre + window.width / 2)
    )


def part_around_body(
    targets: Sequence[Target], samples: Sequence[FaceSample], window: CropWindow, video: VideoTrack
) -> Rect | None:
    """The part that holds a person who is wider than the window where the face is not seen.

    What draws the eye around the place of a lost face is that person's body.
    """
    faces = {target.time_ms: target.box for target in targets}
    boxes: list[Rect] = []
    last: Rect | None = None
    reaching = 0
    for sample in samples:
        face, region = faces.get(sample.time_ms), sample.region
        last = face or last
        # A face that is not seen for a moment has a place as well.
        if last is not None and region is not None and _is_around(region, last, sample):
            boxes.append(region)
            reaching += window.extent(region) > window.length
        elif face is not None:
            boxes.append(with_hair(face))
    if reaching < max(MIN_REACHING, REACHING_SAMPLES * len(samples)):
        return None
    return part_of(steadied(boxes), window, video)


def part_around_arm(
    targets: Sequence[Target], samples: Sequence[FaceSample], window: CropWindow, video: VideoTrack
) -> Rect | None:
    """The part that holds a person with what an arm holds out of the window, as a sheet of paper."""
    bodies = {s.time_ms: s.bodies for s in samples if s.bodies is not None}
    both = [
        (target.box, body.box)
        for target in targets
        for body in bodies.get(target.time_ms, ())
        if holds_middle(body.box, target.box)
    ]
    out = [
        abs((face.left - body.left) - (body.right - face.right)) >= HELD_OUT * face.width
        and window.extent(body) > window.length
        for face, body in both
    ]
    if not out or sum(out) < HELD_OUT_SAMPLES * len(out):
        return None
    return part_of(steadied([body for _, body in both]), window, video, fill=HEADS_FILL)


def _is_around(region: Rect, face: Rect, sample: FaceSample) -> bool:
    return not sample.lost and region.left <= face.centre[0] <= region.right
