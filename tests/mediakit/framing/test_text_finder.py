"""Text on the screen: its lines are found, and a window on a small face does not cut them."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from mediakit.framing.analysis.finders.text_finder import _lines, letters, off_faces
from mediakit.framing.analysis.shot_content import LOOK_FILES, find_contents, timed_looks
from mediakit.framing.analysis.text.watermarks import Watermarks
from mediakit.framing.crop_plan import Override
from mediakit.framing.range_analysis import Face, FaceSample, RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import WHOLE_PICTURE, make_face, plan_of

SLIDE = tuple(Rect(0.1, top / 10, 0.5, 0.05) for top in range(2, 7))  # five lines of 36 letters


def analysis(
    texts: tuple[Rect, ...], face: Face | None, *, seconds: int = 4, detector: str = "yunet"
) -> RangeAnalysis:
    faces = () if face is None else (face,)
    samples = tuple(FaceSample(i * 200, faces) for i in range(seconds * 5))
    content = ShotContent(0, seconds * 1000 + 1, texts=texts)
    return RangeAnalysis(0, seconds * 1000, detector, WHOLE_PICTURE, (), samples, (content,))


def small_face(x: float) -> Face:
    return make_face(x, size=0.06)


def test_lines_are_grown_from_the_cores_the_model_marks():
    probable = np.zeros((352, 640), np.float32)
    probable[100:110, 60:300] = 0.9
    probable[200:330, 400:600] = 0.9  # far too high for a line
    probable[300:302, 20:40] = 0.9  # a speck
    probable[50:60, 60:200] = 0.4  # unsure
    (line,) = _lines(probable)
    assert (line.left * 640, line.top * 352) == pytest.approx((52, 92), abs=1)
    assert (line.right * 640, line.bottom * 352) == pytest.approx((308, 118), abs=1)
    assert letters([line], 640 / 352) == pytest.approx(20, abs=1)
    assert off_faces([line], [Rect(0.1, 0.2, 0.5, 0.3)]) == ()
    assert off_faces([line], [Rect(0.6, 0.2, 0.3, 0.3)]) == (line,)


def test_a_small_face_does_not_win_over_a_slide():
    (shot,) = plan_of(analysis(SLIDE, small_face(0.85))).shots
    assert (shot.layout, shot.reason) == ("fit", "text")


@pytest.mark.parametrize(
    ("texts", "face"),
    [
        (SLIDE[:1], small_face(0.85)),  # a name under a person
        (SLIDE[:2], make_face(0.85, size=0.2)),  # a large face
        (tuple(Rect(0.1, t / 20, 0.6, 0.04) for t in (15, 16, 17)), make_face(0.85, size=0.2)),
        (tuple(Rect(0.75, t / 10, 0.2, 0.02) for t in range(2, 7)), small_face(0.85)),  # inside
        ((), small_face(0.85)),
    ],
)
def test_a_person_beside_little_text_is_followed(texts, face):
    (shot,) = plan_of(analysis(texts, face)).shots
    assert (shot.layout, shot.reason) == ("crop", "person")


def test_nor_does_a_large_one_win_over_a_slide_beside_it():
    (shot,) = plan_of(analysis(SLIDE, make_face(0.85, size=0.2))).shots
    assert (shot.layout, shot.reason) == ("fit", "text")


def test_without_people_text_is_shown_whole_whatever_the_settings_say():
    (shot,) = plan_of(analysis(SLIDE, None), empty_shot_layout="crop").shots
    assert (shot.layout, shot.reason) == ("fit", "text")
    (shot,) = plan_of(analysis((), None), empty_shot_layout="crop").shots
    assert (shot.layout, shot.reason) == ("crop", "nobody")


def test_text_is_searched_again_only_where_the_picture_changes(tmp_path):
    page = np.full((270, 480), 250, np.uint8)
    searched = []

    def find_text(look):
        searched.append(look)
        return SLIDE[: len(searched)]

    for number in range(20):
        if number == 12:
            page[100:140, 60:300] = 20
        cv2.imwrite(str(tmp_path / (LOOK_FILES % (number + 1))), page)
    face = small_face(0.85)
    samples = tuple(FaceSample(i * 200, (face,)) for i in range(50))
    looks, edges = timed_looks(tmp_path, 0), [0, 8_000, 10_001]
    marks = Watermarks(looks, edges)
    first, second = find_contents(looks, edges, samples, find_text, marks)
    assert (first.start_ms, first.end_ms, second.end_ms) == (0, 8_000, 10_001)
    assert len(searched) == 3  # the first look, the changed one, and the next shot
    assert (len(first.texts), len(second.texts)) == (2, 3)
    assert first.filled is not None
    assert (first.filled.left, first.filled.right) == pytest.approx((0.105, 0.645), abs=0.01)
    assert (first.inset, second.inset) == (None, None)
    kept = RangeAnalysis.from_json(analysis(SLIDE, face).to_json())
    assert kept.contents[0].texts == SLIDE


def test_text_of_a_moving_picture_is_searched_every_three_seconds_and_at_the_end(tmp_path):
    for number in range(20):
        page = np.full((270, 480), 250 - 10 * number, np.uint8)
        cv2.imwrite(str(tmp_path / (LOOK_FILES % (number + 1))), page)
    looks, edges, searched = timed_looks(tmp_path, 0), [0, 1_000, 10_001], []

    def find_text(look):
        searched.append(round((250 - look.mean()) / 10))
        return ()

    find_contents(looks, edges, (), find_text, Watermarks(looks, edges))
    assert searched == [0, 1, 2, 8, 14, 19]


def test_of_a_slide_with_wide_margins_the_filled_part_is_shown_larger():
    bare = analysis(SLIDE, small_face(0.7))
    (content,) = bare.contents
    for filled, parts in ((Rect(0.08, 0.1, 0.7, 0.7), 1), (Rect(0.01, 0.1, 0.97, 0.7), 0)):
        found = replace(bare, contents=(replace(content, filled=filled),))
        (shot,) = plan_of(found).shots
        assert (shot.layout, len(shot.parts)) == ("fit", parts)
    (shot,) = plan_of(found, overrides=[Override(500, "fit")]).shots
    assert shot.parts == ()
