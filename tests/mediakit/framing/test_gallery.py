"""Video calls: the tiles of a gallery are found as rectangles, and a Short shows nothing beside them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.analysis.shot_content import find_contents
from mediakit.framing.analysis.shots.gallery import find_tiles
from mediakit.framing.analysis.text.watermarks import Watermarks
from mediakit.framing.crop_plan import Override
from mediakit.framing.people.speech import Speech
from mediakit.framing.range_analysis import Face, FaceSample, RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import WHOLE_PICTURE, plan_of

WIDTH, HEIGHT, LOOKS, SECONDS = 960, 540, 6, 6
FOUR = [Rect(x, y, 0.485, 0.47) for y in (0.02, 0.51) for x in (0.01, 0.505)]
THREE = [*FOUR[:2], Rect(0.2575, 0.51, 0.485, 0.47)]
TWO = [Rect(x, 0.26, 0.485, 0.48) for x in (0.01, 0.505)]


def drawn(tiles: list[Rect], number: int, *, ground: int = 32, shape: str = "tile") -> Pixels:
    """A look: moving noise in each tile, as the compression of a video leaves it, on a ground of one grey."""
    random = np.random.default_rng(number)
    look = np.full((HEIGHT, WIDTH), ground, np.uint8)
    for tile in tiles:
        left, top = round(tile.left * WIDTH), round(tile.top * HEIGHT)
        wide, high = round(tile.width * WIDTH), round(tile.height * HEIGHT)
        noise = cv2.GaussianBlur(random.integers(60, 250, (high, wide), np.uint8), (0, 0), 6)
        if shape == "person":  # an ellipse: the ground goes on beside it
            mask = np.zeros((high, wide), np.uint8)
            cv2.ellipse(mask, (wide // 2, high // 2), (wide // 2, high // 2), 0, 0, 360, 255, -1)
            noise = np.where(mask > 0, noise, ground).astype(np.uint8)
        look[top : top + high, left : left + wide] = noise
    _, written = cv2.imencode(".jpg", look, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return cv2.imdecode(written, cv2.IMREAD_GRAYSCALE)


def face_in(tile: Rect, *, size: float = 0.4, motion: float = 0.02) -> Face:
    """A face in the middle of a tile, so much of its height high."""
    high = size * tile.height
    wide = high * 9 / 16 * 0.8
    x, y = tile.centre
    return Face(Rect(x - wide / 2, y - high / 2, wide, high), 0.9, motion, motion)


def samples_of(tiles: list[Rect], **face: float) -> tuple[FaceSample, ...]:
    faces = tuple(face_in(tile, **face) for tile in tiles)
    return tuple(FaceSample(ms, faces) for ms in range(0, SECONDS * 1000, 200))


def found(tiles: list[Rect], people: list[Rect] | None = None, **look: object) -> tuple[Rect, ...]:
    looks = [drawn(tiles, number, **look) for number in range(LOOKS)]  # type: ignore[arg-type]
    return find_tiles(looks, samples_of(tiles if people is None else people))


@pytest.mark.parametrize("tiles", [TWO, THREE, FOUR], ids=["two", "three", "four"])
@pytest.mark.parametrize("ground", [0, 32, 255])
def test_each_tile_is_found_to_its_borders_and_no_farther(tiles, ground):
    each = found(tiles, ground=ground)
    assert len(each) == len(tiles)
    for one, tile in zip(each, tiles, strict=True):
        assert tile.left <= one.left < tile.left + 0.006
        assert tile.right - 0.006 < one.right <= tile.right
        assert tile.top <= one.top < tile.top + 0.01
        assert tile.bottom - 0.01 < one.bottom <= tile.bottom


def test_a_tile_without_a_camera_is_one_and_six_are_six():
    assert len(found(FOUR, FOUR[:3])) == 4
    six = [Rect(x, y, 0.32, 0.3) for y in (0.15, 0.47) for x in (0.01, 0.34, 0.67)]
    assert len(found(six)) == 6


def test_a_dark_room_on_a_dark_ground_is_a_tile_of_the_size_of_the_others():
    looks = [drawn(FOUR, number) for number in range(LOOKS)]
    left, top = round(FOUR[3].left * WIDTH), round(FOUR[3].top * HEIGHT)
    for look in looks:  # somebody in the middle, from side to side and from top to bottom
        for rows in (slice(top, top + 90), slice(top + 160, top + 254)):
            for columns in (slice(left, left + 180), slice(left + 280, left + 466)):
                look[rows, columns] = 32
    assert len(find_tiles(looks, samples_of(FOUR))) == 4


def test_who_looks_away_in_a_call_does_not_make_an_inset_of_the_other(tmp_path: Path):
    two = [Rect(0.05, 0.3, 0.42, 0.42), Rect(0.53, 0.3, 0.42, 0.42)]
    samples = [
        replace(sample, faces=sample.faces if number < 16 else sample.faces[:1])
        for number, sample in enumerate(samples_of(two))
    ]
    known = []
    for number in range(LOOKS):
        known.append((number * 500, tmp_path / f"{number}.png"))
        cv2.imwrite(str(known[-1][1]), drawn(two, number))
    span = [0, LOOKS * 1000]
    (content,) = find_contents(known, span, samples, None, Watermarks(known, span))
    assert (content.inset, len(content.tiles)) == (None, 2)


def test_other_pictures_have_no_tiles():
    assert found([WHOLE_PICTURE], TWO) == ()  # two people in one room
    assert found(TWO, shape="person") == ()  # before a plain wall
    screen = [Rect(0.01, 0.1, 0.7, 0.8), Rect(0.73, 0.1, 0.26, 0.24), Rect(0.73, 0.4, 0.26, 0.24)]
    assert found(screen, screen[1:]) == ()  # beside a screen that is shared
    assert found(TWO, TWO[:1]) == ()
    large = [Rect(0.01, 0.1, 0.7, 0.8), Rect(0.73, 0.1, 0.26, 0.24)]
    assert found(large) == ()  # the call shows who speaks by itself
    looks = [drawn(TWO, number) for number in range(LOOKS)]
    assert find_tiles(looks, samples_of(TWO, motion=0.0)) == ()  # photographs


def call(tiles: list[Rect], *, size: float = 0.4) -> RangeAnalysis:
    contents = (ShotContent(0, SECONDS * 1000 + 1, tiles=tuple(tiles)),)
    people = samples_of(tiles, size=size)
    return RangeAnalysis(0, SECONDS * 1000, "yunet", WHOLE_PICTURE, (), people, contents)


@pytest.mark.parametrize("tiles", [TWO, THREE, FOUR], ids=["two", "three", "four"])
def test_each_part_shows_one_face_whole_and_nothing_beside_its_tile(tiles):
    (shot,) = plan_of(call(tiles)).shots
    assert (shot.layout, shot.reason, shot.people) == ("stack", "apart", len(tiles))
    for part, tile in zip(shot.parts, tiles, strict=True):
        face = face_in(tile).box
        assert tile.left - 1e-9 <= part.left <= face.left
        assert face.right <= part.right <= tile.right + 1e-9
        assert tile.top - 1e-9 <= part.top <= face.top
        assert face.bottom <= part.bottom <= tile.bottom + 1e-9


def test_who_is_not_seen_has_no_part_and_is_not_cut_where_all_are_whole():
    analysis = call(FOUR)
    three = replace(analysis, samples=samples_of(FOUR[1:]))
    (stack,) = plan_of(three).shots
    assert (stack.layout, len(stack.parts)) == ("stack", 3)
    (whole,) = plan_of(replace(analysis, samples=samples_of(FOUR[2:])), pair_layout="fit").shots
    assert whole.parts[0].top == pytest.approx(FOUR[0].top)


def test_all_tiles_are_whole_where_a_part_would_cut_a_face_or_there_are_too_many():
    (close,) = plan_of(call(FOUR, size=0.9)).shots
    six = [Rect(x, y, 0.32, 0.3) for y in (0.15, 0.47) for x in (0.01, 0.34, 0.67)]
    (many,) = plan_of(call(six)).shots
    (wished,) = plan_of(call(TWO), pair_layout="fit").shots
    for shot, (part,) in ((each, each.parts) for each in (close, many, wished)):
        assert (shot.layout, shot.reason) == ("fit", "apart")
        assert part.left == pytest.approx(0.01)
        assert part.right == pytest.approx(0.99)


def test_who_speaks_in_turn_is_shown_in_their_own_tile():
    analysis = call(TWO)
    turns = [(0, 3_000), (3_000, 6_000)]

    def speaking(sample: FaceSample) -> FaceSample:
        on = 0 if sample.time_ms < turns[0][1] else 1
        faces = [
            replace(face, motion=0.06 if number == on else 0.004)
            for number, face in enumerate(sample.faces)
        ]
        return replace(sample, faces=tuple(faces))

    analysis = replace(analysis, samples=tuple(map(speaking, analysis.samples)))
    shots = plan_of(analysis, pair_layout="crop", speech=Speech(voice_ms=tuple(turns))).shots
    assert [(shot.layout, shot.reason) for shot in shots] == [("fit", "speaker")] * 2
    assert [shot.parts for shot in shots] == [(tile,) for tile in TWO]


def test_a_stack_of_tiles_can_be_chosen_and_is_stored():
    analysis = call(FOUR, size=0.9)
    stored = RangeAnalysis.from_json(analysis.to_json())
    assert [len(content.tiles) for content in stored.contents] == [4]
    (shot,) = plan_of(stored, overrides=[Override(500, layout="stack")]).shots
    assert (shot.layout, len(shot.parts)) == ("stack", 4)
