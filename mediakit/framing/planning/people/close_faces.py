"""A face wider than the window, shown on blur: larger where it is farther away, or where the part can follow it."""

from collections.abc import Sequence
from dataclasses import replace

from mediakit.framing.crop_plan import Shot
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.people.tracking import Target
from mediakit.framing.planning.people.absences import Draft
from mediakit.framing.planning.subjects.moving_part import moving_part
from mediakit.framing.planning.subjects.subject_layout import (
    parts_around_faces,
    steadied,
    with_hair,
)
from mediakit.framing.planning.subjects.subject_spans import PartSpan
from mediakit.framing.rect import Rect
from mediakit.media_info import VideoTrack

# In more than this share of a shot's samples a face larger than the window makes it show the whole picture.
MAX_TOO_LARGE = 0.1
# A face fits a window with its hair up to this share of it. Until then, or from then on, for so long at least.
FITS, MIN_SPAN_MS = 0.72, 1_000


def is_too_large(targets: Sequence[Target], window: CropWindow) -> bool:
    """Whether the window would cut off the face it follows in more than MAX_TOO_LARGE of the samples."""
    too_large = [window.extent(target.box) > window.length for target in targets]
    return sum(too_large) > MAX_TOO_LARGE * len(too_large)


def with_close_faces(
    drafts: Sequence[Draft], window: CropWindow, video: VideoTrack, texts: Sequence[Rect]
) -> list[Draft]:
    """The drafts of a shot; a close face on blur is in a window until it comes near, or from where it has moved away.

    Where it stays near, a narrower part may follow it.
    """
    return [each for draft in drafts for each in _drafts_of_face(draft, window, video, texts)]


def _drafts_of_face(
    draft: Draft, window: CropWindow, video: VideoTrack, texts: Sequence[Rect]
) -> list[Draft]:
    shot = draft.shot
    faces = [t for t in draft.tracking.targets if shot.start_ms <= t.time_ms < shot.end_ms]
    is_close = shot.layout == "fit" and shot.reason == "person" and is_too_large(faces, window)
    if not is_close or window.moves_vertically or texts:
        return [draft]
    low, high = _near_ms(shot, faces, window)
    far = replace(shot, layout="crop", parts=())
    near = [face for face in faces if low <= face.time_ms < high]
    shots = [
        replace(far, end_ms=low),
        _on_blur(replace(shot, start_ms=low, end_ms=high), near, window, video),
        replace(far, start_ms=high),
    ]
    return [replace(draft, shot=each) for each in shots if each.start_ms < each.end_ms]


def _near_ms(shot: Shot, faces: Sequence[Target], window: CropWindow) -> tuple[int, int]:
    """From when to when the face is near; all of the shot where it is farther away for no more than MIN_SPAN_MS.

    Also where it is never near for longer than a sample or two: then it is not known how large it is.
    """
    sizes = [window.extent(box) for box in steadied([face.box for face in faces])]
    near = [
        face.time_ms for face, size in zip(faces, sizes, strict=True) if size > FITS * window.length
    ]
    if not near:
        return shot.start_ms, shot.end_ms
    last = next((face.time_ms for face in faces if face.time_ms > near[-1]), shot.end_ms)
    low = near[0] if near[0] - shot.start_ms >= MIN_SPAN_MS else shot.start_ms
    high = last if shot.end_ms - last >= MIN_SPAN_MS else shot.end_ms
    return (low, high) if high - low >= MIN_SPAN_MS else (shot.start_ms, shot.end_ms)


def _on_blur(shot: Shot, faces: Sequence[Target], window: CropWindow, video: VideoTrack) -> Shot:
    """The shot with the part that holds the faces in it: one that rests, or that follows them if it is narrower."""
    parts = parts_around_faces(faces, window, video, ())
    heads = tuple(replace(face, box=with_hair(face.box)) for face in faces)
    resting = PartSpan(shot.start_ms, shot.end_ms, parts[0] if parts else None)
    follows = moving_part(heads, [resting], window, video)
    if follows is not None:
        return replace(shot, parts=(follows.part,), path=follows.path)
    return replace(shot, parts=parts)
