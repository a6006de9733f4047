"""What no planner likes: posters, crowds, lost faces, whip pans, cuts all the time. The picture stays calm."""

from dataclasses import replace

import numpy as np
import pytest

from mediakit.framing.analysis.subjects.salient_region import Evidence, find_whirls
from mediakit.framing.people.speech import Speech
from mediakit.framing.range_analysis import Face, FaceSample, RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.framing.window_path import path_position
from tests.mediakit.face_fixtures import make_analysis, make_face, plan_of, window_centre

NO_COLOURS = np.zeros((6, 10, 3), np.float32)


def lively(x: float, time_s: float, size: float = 0.1) -> Face:
    """The face of a person who moves a little."""
    sway = 0.006 * np.sin(5 * time_s)
    return replace(make_face(x + sway, size=size, motion=0.05), head_motion=0.03)


def poster(x: float, size: float = 0.2) -> Face:
    """A face that never moves; what differs is noise."""
    return replace(make_face(x, size=size, motion=0.003), head_motion=0.003)


@pytest.mark.parametrize("voice_ms", [(), ((0, 6_000),)], ids=["no sound", "voice or music"])
def test_a_poster_behind_the_speaker_is_no_person(voice_ms):
    analysis = make_analysis(lambda t: lively(0.7, t), lambda _: poster(0.25), seconds=6)
    (shot,) = plan_of(analysis, speech=Speech(voice_ms)).shots
    assert (shot.layout, shot.reason, shot.people) == ("crop", "person", 1)
    assert shot.path[0].x == pytest.approx(0.7, abs=0.06)
    alone = plan_of(make_analysis(lambda _: poster(0.25), seconds=6))
    assert [(s.layout, s.reason) for s in alone.shots] == [("crop", "person")]


def test_a_still_listener_who_moves_with_a_camera_is_a_person():
    pans = make_analysis(
        lambda t: lively(0.65 + 0.02 * t, t, 0.12),
        lambda t: poster(0.15 + 0.02 * t, 0.12),
        seconds=6,
    )
    assert plan_of(pans).shots[0].people == 2


def test_a_crowd_is_shown_whole():
    rows = [(0.04 + 0.08 * column, top) for top in (0.1, 0.4, 0.7) for column in range(10)]

    def crowd(t: float) -> tuple[Face, ...]:
        jitter = 0.004 * np.sin(7 * t)
        return tuple(Face(Rect(x + jitter, y, 0.03, 0.06), 0.8, 0.02, 0.02) for x, y in rows)

    empty = make_analysis(seconds=4)
    samples = tuple(FaceSample(s.time_ms, crowd(s.time_ms / 1000)) for s in empty.samples)
    (shot,) = plan_of(replace(empty, samples=samples)).shots
    assert (shot.layout, shot.reason) == ("fit", "apart")


def test_cuts_all_the_time_never_move_the_window_within_a_shot():
    cuts = tuple(i / 2 for i in range(1, 12))
    analysis = make_analysis(lambda t: 0.3 if int(t * 2) % 2 else 0.7, seconds=6, cuts_s=cuts)
    plan = plan_of(analysis)
    assert {shot.layout for shot in plan.shots} == {"crop"}
    for shot in plan.shots:
        assert len({(point.x, point.y) for point in shot.path}) == 1
        middle = (shot.start_ms + shot.end_ms) // 2
        wanted = 0.3 if int(middle / 500) % 2 else 0.7
        assert path_position(shot.path, middle)[0] == pytest.approx(wanted, abs=0.1)


def turns_away(body: tuple[float, float] | None) -> RangeAnalysis:
    """Somebody whose face is seen at 0.3 for 3 s of 6, and whose body then moves to the right by 0.3."""
    analysis = make_analysis(lambda t: 0.3 if t < 3 else None, seconds=6)
    samples = []
    for sample in analysis.samples:
        region = None
        if body is not None and sample.time_ms >= 3_000:
            left = body[0] + 0.3 * (sample.time_ms - 3_000) / 3_000
            region = Rect(left, 0.3, body[1], 0.6)
        samples.append(replace(sample, region=region))
    return replace(analysis, samples=tuple(samples))


def test_who_turns_away_is_followed_by_the_body():
    plan = plan_of(turns_away((0.22, 0.16)))
    assert [(s.layout, s.reason) for s in plan.shots] == [("crop", "person")]
    assert window_centre(plan, 5.8) == pytest.approx(0.6, abs=0.1)
    assert window_centre(plan_of(turns_away(None)), 5.8) == pytest.approx(0.3, abs=0.05)
    elsewhere = plan_of(turns_away((0.6, 0.1)))
    assert window_centre(elsewhere, 5.8) == pytest.approx(0.3, abs=0.05)


def test_who_leaves_at_a_side_is_not_waited_for():
    def walks_out(t: float) -> float | None:
        return 0.5 + 0.11 * t if t < 4 else None

    plan = plan_of(make_analysis(walks_out, seconds=8))
    assert [(s.layout, s.reason) for s in plan.shots] == [("crop", "person"), ("fit", "nobody")]
    assert plan.shots[1].start_ms == pytest.approx(4_400, abs=100)
    comes = plan_of(make_analysis(lambda t: walks_out(8 - t), seconds=8))
    assert [s.layout for s in comes.shots] == ["fit", "crop"]


@pytest.mark.parametrize(("period_s", "layout"), [(1.6, "fit"), (2, "fit"), (4, "crop")])
def test_who_swings_through_the_picture_faster_than_a_window_is_shown_whole(period_s, layout):
    def swings(t: float) -> Face:
        return make_face(0.5 + 0.4 * np.cos(2 * np.pi * t / period_s), size=0.2)

    (shot,) = plan_of(make_analysis(swings, seconds=6)).shots
    assert (shot.layout, shot.reason, shot.parts) == (layout, "person", ())


@pytest.mark.parametrize(("swing", "is_whole"), [(0.7, True), (0.1, False)])
def test_a_close_face_that_swings_past_a_part_on_blur_is_shown_whole(swing, is_whole):
    def swings(t: float) -> Face | None:
        x = 0.5 + swing * np.cos(2 * np.pi * t / 1.6)
        return make_face(x, size=0.4) if 0 < x < 1 else None

    (shot,) = plan_of(make_analysis(swings, seconds=6)).shots
    assert (shot.layout, shot.reason, not shot.parts) == ("fit", "person", is_whole)


def test_what_is_there_before_somebody_comes_is_larger_than_whole():
    def comes(t: float) -> float | None:
        return 0.95 - 0.11 * (t - 4) if t >= 4 else None

    def shots(*, known: float) -> list[tuple[str, str, int]]:
        analysis = make_analysis(comes, seconds=8)
        samples = tuple(
            replace(s, region=Rect(0.1, 0.3, 0.35, 0.5)) if s.time_ms < known * 4_000 else s
            for s in analysis.samples
        )
        plan = plan_of(replace(analysis, samples=samples))
        return [(s.layout, s.reason, len(s.parts)) for s in plan.shots]

    assert shots(known=1) == [("fit", "subject", 1), ("crop", "person", 0)]
    assert shots(known=0.4) == [("fit", "nobody", 0), ("crop", "person", 0)]


def test_a_whip_pan_is_a_cut_and_a_flash_or_a_restless_film_is_none():
    calm, whirl = Evidence(None, NO_COLOURS, None), Evidence(None, NO_COLOURS, None, is_whirl=True)

    assert find_whirls([*[calm] * 5, *[whirl] * 4, None, *[calm] * 5]) == [7]
    assert find_whirls([*[calm] * 5, whirl, *[calm] * 5]) == []
    assert find_whirls([*[calm] * 5, *[whirl] * 12, *[calm] * 5]) == []
    assert find_whirls([calm, *[whirl] * 4, *[calm] * 5]) == []
