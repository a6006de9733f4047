"""The parts of a Short of a video call: one for each tile, or the tile of who speaks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mediakit.framing.crop_plan import PairLayout, Shot
from mediakit.framing.crop_window import crop_window
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import cells
from mediakit.framing.people.face_tracks import median_box
from mediakit.framing.people.tracking import MAX_PARTS, Target
from mediakit.framing.planning.parts.stack_parts import part_around
from mediakit.framing.range_analysis import FaceSample, ShotContent
from mediakit.framing.rect import Rect, holds_middle, union_of
from mediakit.media_info import VideoTrack

# A part holds the face with so much beside it, in widths of the face; otherwise all tiles are shown whole.
FACE_WITH_HAIR = 1.2


@dataclass(frozen=True, slots=True)
class TileFace:
    """A tile of a call, and where the face in it is most of the time."""

    tile: Rect
    face: Rect


def tile_faces(content: ShotContent | None, samples: Sequence[FaceSample]) -> list[TileFace]:
    """The tiles of a call in which somebody is seen in a shot's samples, with the largest face in each."""
    found = []
    for tile in content.tiles if content is not None else ():
        inside = [[f.box for f in s.faces if holds_middle(tile, f.box)] for s in samples]
        faces = [max(boxes, key=lambda box: box.width * box.height) for boxes in inside if boxes]
        if faces:
            found.append(TileFace(tile, median_box(faces)))
    return found


def gallery_parts(tiles: Sequence[TileFace], video: VideoTrack, canvas: Size) -> tuple[Rect, ...]:
    """One part for each tile, in the order of the canvas's cells and in their shape: nothing beside a tile.

    Empty where there are not two to MAX_PARTS tiles.
    """
    if not 2 <= len(tiles) <= MAX_PARTS:
        return ()
    places = cells(canvas, len(tiles))
    return tuple(
        part_around(each.face, math.inf, crop_window(video, each.tile, cell.size))
        for each, cell in zip(tiles, places, strict=True)
    )


def gallery_shot(
    shot: Shot,
    content: ShotContent | None,
    tiles: Sequence[TileFace],
    *,
    video: VideoTrack,
    canvas: Size,
    pair_layout: PairLayout,
) -> Shot | None:
    """The shot of a call with a part for each tile with a face; all tiles whole on blur where a part would cut one.

    None for another shot, and where the camera is to follow who speaks.
    """
    if content is None or len(tiles) < 2 or pair_layout == "crop":
        return None
    parts = gallery_parts(tiles, video, canvas)
    whole = replace(
        shot,
        layout="fit",
        parts=(union_of(content.tiles),),
        people=len(tiles),
        reason="apart",
    )
    fits = all(
        FACE_WITH_HAIR * each.face.width <= part.width
        for each, part in zip(tiles, parts, strict=False)
    )
    if not parts or pair_layout == "fit" or (pair_layout == "auto" and not fits):
        return whole
    return replace(whole, layout="stack", parts=())


def shot_in_tile(shot: Shot, targets: Sequence[Target], tiles: Sequence[TileFace]) -> Shot:
    """A turn to speak in a call: all of the speaker's tile on blur, as the picture around it shows others."""
    faces = [t.box for t in targets if shot.start_ms <= t.time_ms < shot.end_ms]
    face = median_box(faces or [target.box for target in targets])
    tile = next((each.tile for each in tiles if holds_middle(each.tile, face)), None)
    return shot if tile is None else replace(shot, layout="fit", parts=(tile,), path=(), zoom=1)
