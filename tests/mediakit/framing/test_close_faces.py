"""A face wider than the window is on blur only while it is, in the narrowest part that rests or follows it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mediakit.framing.crop_plan import Shot
from mediakit.framing.range_analysis import RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from mediakit.framing.window_path import path_position
from tests.mediakit.face_fixtures import WINDOW_WIDTH, make_analysis, make_face, plan_of

NEAR, FAR = 1.02 * WINDOW_WIDTH, 0.6 * WINDOW_WIDTH


def face_of(
    size: Callable[[float], float], x: Callable[[float], float] = lambda _: 0.5
) -> RangeAnalysis:
    """6 s of one face whose width and place change."""
    return make_analysis(lambda t: make_face(x(t), size=size(t)), seconds=6)


def layouts(analysis: RangeAnalysis) -> list[tuple[str, float]]:
    """The layouts of the shots, and when each begins, in s."""
    return [(shot.layout, shot.start_ms / 1000) for shot in plan_of(analysis).shots]


def test_a_face_is_in_a_window_from_where_it_has_moved_away_and_until_it_comes_near():
    assert layouts(face_of(lambda t: NEAR if t < 4 else FAR)) == [
        ("fit", 0),
        ("crop", pytest.approx(4, abs=0.45)),
    ]
    assert layouts(face_of(lambda t: FAR if t < 2 else NEAR)) == [
        ("crop", 0),
        ("fit", pytest.approx(2, abs=0.45)),
    ]
    # For a moment, in between, or with text beside it the picture does not change.
    for still in (
        face_of(lambda t: NEAR if t < 5.4 else FAR),
        face_of(lambda t: FAR if 2 < t < 4 else NEAR),
        with_text(face_of(lambda t: NEAR if t < 4 else FAR)),
    ):
        assert layouts(still) == [("fit", 0)]


def test_a_face_that_is_too_wide_in_single_samples_only_changes_nothing():
    assert layouts(face_of(lambda t: NEAR if round(5 * t) % 5 == 2 else FAR)) == [("fit", 0)]


def with_text(analysis: RangeAnalysis) -> RangeAnalysis:
    """The analysis with a line of text below the face."""
    content = ShotContent(0, 6_000, texts=(Rect(0.45, 0.9, 0.1, 0.05),))
    return replace(analysis, contents=(content,))


def shot_of(analysis: RangeAnalysis) -> Shot:
    (shot,) = plan_of(analysis).shots
    return shot


def test_a_narrower_part_follows_a_near_face_that_moves_once():
    shot = shot_of(face_of(lambda _: NEAR, lambda t: 0.35 if t < 3 else 0.6))
    (part,) = shot.parts
    assert part.width == pytest.approx(0.5625)  # one that rests would be 4:3
    for at_ms, x in ((500, 0.35), (5_500, 0.6)):
        assert abs(path_position(shot.path, at_ms)[0] - x) < (part.width - NEAR) / 2
    still = shot_of(face_of(lambda _: NEAR))
    assert (still.path, still.parts[0].width) == ((), pytest.approx(0.45))


def comes_in(from_s: float, size: float) -> RangeAnalysis:
    """5 s in which the camera turns to somebody, who is not in the place of the face before."""
    found = make_analysis(lambda t: make_face(0.5, size=size) if t >= from_s else None, seconds=5)
    samples = tuple(replace(s, lost=not s.faces) for s in found.samples)
    return replace(found, samples=samples)


def test_whom_the_camera_turns_to_late_in_a_shot_is_in_a_window_from_then_on():
    assert layouts(comes_in(3.4, 0.15)) == [("fit", 0), ("crop", pytest.approx(3.3, abs=0.15))]
    # Who is far, or seen for less than a second, only passes.
    for other in (comes_in(3.4, 0.05), comes_in(4.2, 0.15)):
        assert layouts(other) == [("fit", 0)]
