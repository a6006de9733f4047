"""Subjects without a face: the regions that draw the eye, and how their shots are laid out."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mediakit.framing.analysis.finders.face_detection import make_detector
from mediakit.framing.analysis.pictures import cv2, small_picture
from mediakit.framing.analysis.shot_analysis import analyze_shots
from mediakit.framing.analysis.subjects.salient_region import (
    Evidence,
    find_regions,
    find_whirls,
    look,
)
from mediakit.framing.analysis.text.text_lines import find_text_lines
from mediakit.framing.crop_filters import crop_plan_graph
from mediakit.framing.crop_plan import Override
from mediakit.framing.output_format import SHORT
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import FaceSample, RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from mediakit.probing.probe import probe
from tests.mediakit.face_fixtures import (
    WHOLE_PICTURE,
    make_analysis,
    make_face,
    make_info,
    plan_of,
    window_centre,
)

WIDTH, HEIGHT = 420, 236
noise = np.random.default_rng(7)
# A ground of blurred noise, wider than the picture, for the camera to move over.
GROUND = cv2.GaussianBlur(noise.integers(0, 256, (HEIGHT, 700), np.uint8), (0, 0), 3)
GROUND = cv2.normalize(GROUND, None, 40, 200, cv2.NORM_MINMAX)


def planes(grey: np.ndarray) -> np.ndarray:
    """The 4:2:0 planes of a grey picture."""
    chroma = np.full((HEIGHT // 2, WIDTH), 128, np.uint8)
    return np.vstack([grey, chroma])


def coloured(left: int, right: int) -> np.ndarray:
    """The 4:2:0 planes of a grey picture with a red box between two columns, half as high as the picture."""
    bgr = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
    bgr[60:180, left:right] = (20, 20, 220)
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420)


def looked(pictures: Sequence[np.ndarray], *, for_text: bool = False) -> Evidence:
    """The evidence in the last of one or two pictures."""
    before, small = None, None
    for picture in pictures:
        before, small = small, small_picture(picture)
    assert small is not None
    return look(small, before, pictures[-1][:HEIGHT] if for_text else None)


def filmed(subject: Callable[[int], int], camera: Callable[[int], int], count: int = 16) -> list:
    """The regions of pictures with a dark disc at `subject` while the camera is at `camera` (px, by sample)."""
    pictures = []
    for i in range(count):
        grey = np.ascontiguousarray(GROUND[:, camera(i) : camera(i) + WIDTH])
        for x in (subject(i), subject(i) + 1):
            cv2.circle(grey, (x, 120), 25, 20, -1)
        pictures.append(planes(grey))
    evidence = [
        looked(pictures[max(0, i - 1) : i + 1], for_text=True) for i in range(len(pictures))
    ]
    return find_regions(evidence, WHOLE_PICTURE)


@pytest.mark.parametrize("camera", [lambda _: 100, lambda i: 20 + 12 * i], ids=["still", "pans"])
def test_what_moves_by_itself_is_found_while_the_camera_moves(camera):
    regions = filmed(lambda i: 60 + 18 * i, camera)
    for i, region in list(enumerate(regions))[3:-3]:
        assert region is not None
        assert region.centre[0] == pytest.approx((60 + 18 * i) / WIDTH, abs=0.06)
        assert region.width < 0.35


def test_a_camera_that_moves_over_a_still_ground_finds_nothing():
    assert filmed(lambda i: -100, lambda i: 20 + 12 * i) == [None] * 16


def test_a_colour_of_its_own_is_a_region_and_two_are_one_wide_one():
    def regions(*pictures: np.ndarray) -> list[Rect | None]:
        return find_regions([looked([each]) for each in pictures], WHOLE_PICTURE)

    (single,) = regions(coloured(100, 180))
    assert single is not None
    assert single.left == pytest.approx(100 / WIDTH, abs=0.05)
    assert single.right == pytest.approx(180 / WIDTH, abs=0.05)
    two = np.maximum(coloured(40, 80), coloured(340, 380))
    two[:HEIGHT] = np.minimum(coloured(40, 80), coloured(340, 380))[:HEIGHT]
    (wide,) = regions(two)
    assert wide is not None
    assert wide.width > 0.7
    assert regions(coloured(0, WIDTH)) == [None]
    assert regions(planes(np.full((HEIGHT, WIDTH), 16, np.uint8))) == [None]


def test_text_belongs_to_the_region_if_it_stays():
    picture = coloured(100, 180)
    cv2.putText(picture, "A line of text", (215, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 255, 2)
    found = looked([picture], for_text=True)
    assert found.text
    (region,) = find_regions([found], WHOLE_PICTURE)
    assert region is not None
    assert region.right > 0.85
    bare = replace(looked([coloured(100, 180)], for_text=True), text=())
    brief = find_regions([found, bare, bare, bare], WHOLE_PICTURE)
    assert all(each is not None and each.right < 0.6 for each in brief)
    assert find_text_lines(GROUND[:, :WIDTH]) == ()


def test_a_wide_flash_is_no_motion():
    dark, light = (planes(np.full((HEIGHT, WIDTH), value, np.uint8)) for value in (40, 200))
    assert looked([dark, light]).motion is None


def regions_of(*spans: tuple[float, float] | None, seconds: float = 6) -> RangeAnalysis:
    """An analysis without faces; `spans` are (left, right) of the region in equal parts of the time."""
    analysis = make_analysis(seconds=seconds)
    count = len(analysis.samples)

    def region(i: int) -> Rect | None:
        span = spans[i * len(spans) // count]
        return None if span is None else Rect(span[0], 0.3, span[1] - span[0], 0.5)

    samples = tuple(FaceSample(s.time_ms, (), region(i)) for i, s in enumerate(analysis.samples))
    return replace(analysis, samples=samples)


def test_one_compact_region_is_cropped_to_and_followed():
    plan = plan_of(regions_of((0.1, 0.3), (0.1, 0.3), (0.6, 0.8), (0.6, 0.8)))
    (shot,) = plan.shots
    assert (shot.layout, shot.reason) == ("crop", "subject")
    assert window_centre(plan, 0.5) == pytest.approx(0.2, abs=0.06)
    assert window_centre(plan, 5.5) == pytest.approx(0.7, abs=0.06)


@pytest.mark.parametrize(
    ("span", "width"),
    [
        ((0.1, 0.48), 0.45),
        ((0.2, 0.7), 0.5625),
        ((0.28, 0.94), 0.75),
        ((0.02, 0.765), 0.75),
        ((0.05, 0.95), None),
    ],
    ids=["4:5", "1:1", "4:3", "filled", "whole"],
)
def test_a_region_too_wide_for_a_crop_is_shown_as_large_as_it_fits(span, width):
    plan = plan_of(regions_of(span))
    (shot,) = plan.shots
    assert (shot.layout, shot.reason) == ("fit", "subject" if width else "nobody")
    if width is None:
        assert shot.parts == ()
    else:
        (part,) = shot.parts
        assert part.width == pytest.approx(width, abs=0.01)
        pixels = f"crop={round(part.width * 1920)}:1080:"
        assert pixels in crop_plan_graph(make_info().video, plan, SHORT.size, rate=Fraction(25))
        assert part.left <= span[0]
        assert part.right >= span[1]


def test_a_line_of_text_is_never_cut_for_a_subject():
    title = ShotContent(0, 6_000, texts=(Rect(0.05, 0.85, 0.3, 0.05),))
    analysis = replace(regions_of((0.5, 0.65)), contents=(title,))
    (shot,) = plan_of(analysis).shots
    assert shot.layout == "fit"
    assert shot.fitted(analysis.area).left <= 0.05
    elsewhere = replace(title, texts=(Rect(0.5, 0.85, 0.1, 0.05),))
    assert plan_of(replace(analysis, contents=(elsewhere,))).shots[0].layout == "crop"


def test_a_subject_that_left_the_picture_leaves_no_empty_window_and_a_still_one_stays():
    left = plan_of(regions_of((0.6, 0.8), (0.85, 1.0), None, None))
    assert [(s.layout, s.reason) for s in left.shots] == [("crop", "subject"), ("fit", "nobody")]
    assert left.shots[1].start_ms == pytest.approx(3_400, abs=60)
    still = plan_of(regions_of((0.6, 0.8), (0.5, 0.7), None, None))
    assert [shot.layout for shot in still.shots] == ["crop"]
    seldom = plan_of(regions_of((0.6, 0.8), None, None, None))
    assert [(s.layout, s.reason) for s in seldom.shots] == [("fit", "nobody")]


def come_in(*, seconds: float, empty_s: float, top: float) -> RangeAnalysis:
    """A subject of half of the picture's width that comes in after some empty seconds, at that height."""
    analysis = regions_of((0.2, 0.7), seconds=seconds)
    samples = [
        replace(s, region=None, is_empty=True)
        if s.time_ms < empty_s * 1000
        else replace(s, region=Rect(0.2, top, 0.5, 0.6))
        for s in analysis.samples
    ]
    return replace(analysis, samples=tuple(samples))


def test_a_part_waits_a_moment_for_who_comes_in_at_an_edge_and_does_not_jump():
    (shot,) = plan_of(come_in(seconds=7, empty_s=3, top=0)).shots
    assert (shot.layout, shot.reason, len(shot.parts)) == ("fit", "subject", 1)
    for waits_long in (
        come_in(seconds=10, empty_s=5, top=0),
        come_in(seconds=7, empty_s=3, top=0.2),
    ):
        empty, shown = plan_of(waits_long).shots
        assert (empty.parts, empty.reason, shown.reason) == ((), "nobody", "subject")
        assert shown.parts


def test_a_shadow_at_the_side_is_no_subject_any_more():
    analysis = regions_of((0.6, 0.8), (0.8, 1.0), (0.75, 1.0), None, seconds=8)

    def lower(sample: FaceSample) -> FaceSample:
        is_shadow = sample.region is not None and sample.time_ms >= 4_000
        return replace(sample, region=Rect(0.75, 0.7, 0.25, 0.1)) if is_shadow else sample

    left = plan_of(replace(analysis, samples=tuple(map(lower, analysis.samples)))).shots
    assert [shot.layout for shot in left] == ["crop", "fit"]
    assert left[1].start_ms < plan_of(analysis).shots[1].start_ms - 1_000


def test_the_whole_picture_can_be_chosen_instead_of_a_part():
    analysis = regions_of((0.2, 0.7))
    assert plan_of(analysis, overrides=[Override(500, layout="fit")]).shots[0].parts == ()
    (cropped,) = plan_of(analysis, overrides=[Override(500, layout="crop")]).shots
    assert (cropped.layout, cropped.parts) == ("crop", ())
    assert cropped.path[0].x == pytest.approx(0.45, abs=0.03)


def test_an_analysis_with_regions_survives_its_json():
    analysis = regions_of((0.125, 0.5), None)
    assert RangeAnalysis.from_json(analysis.to_json()) == analysis
    faces = make_analysis(lambda _: make_face(0.5), seconds=1)
    assert [len(row) for row in faces.to_json()["samples"]] == [2] * 5


def test_a_moving_subject_of_a_real_file_is_cropped_to(tmp_path: Path):
    path = tmp_path / "ball.mp4"
    graph = (
        "gradients=s=640x360:r=15:d=4:seed=3:c0=gray:c1=0x606060:speed=0.00001[ground];"
        "color=0xe08020:s=60x60:r=15:d=4[ball];"
        "[ground][ball]overlay=x='60+100*t':y='150+40*sin(6*t)'[out]"
    )
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-filter_complex", graph, "-map", "[out]"),
            *("-c:v", "libx264", "-preset", "ultrafast", str(path)),
        ],
        check=True,
        timeout=60,
    )
    info = probe(str(path))
    detector = make_detector()
    analysis = analyze_shots(
        str(path), info, start_ms=0, end_ms=4_000, detector=detector, work_dir=tmp_path
    )
    plan = plan_of(analysis, info)
    assert [(shot.layout, shot.reason) for shot in plan.shots] == [("crop", "subject")]
    for time_s in (0.5, 2, 3.5):
        ball = (90 + 100 * time_s) / 640
        assert abs(window_centre(plan, time_s) - ball) < 0.5 * 0.316
    blind = analyze_shots(str(path), info, start_ms=0, end_ms=400, detector=None, work_dir=tmp_path)
    assert {sample.region for sample in blind.samples} == {None}


def test_a_camera_that_exposes_again_is_no_change_of_scene_and_a_dissolve_is():
    ground = GROUND[:, :WIDTH]
    other = np.where(ground > 120, 20, 230).astype(np.uint8)
    ramp = [0, 0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1]
    exposed = [np.clip(ground * (1 - 0.4 * share), 0, 255).astype(np.uint8) for share in ramp]
    dissolved = [cv2.addWeighted(other, share, ground, 1 - share, 0) for share in ramp]

    def whirls(pictures: Sequence[np.ndarray]) -> list[int]:
        pairs = pairwise([planes(np.ascontiguousarray(each)) for each in pictures])
        return find_whirls([looked(pair) for pair in pairs])

    assert whirls(exposed) == []
    assert whirls(dissolved) == [5]


def parted(*spans: tuple[float, float], seconds: float) -> list[tuple[int, int, float]]:
    """(start, end, width of what is shown) of the shots of a plan."""
    plan = plan_of(regions_of(*spans, seconds=seconds))
    assert {shot.layout for shot in plan.shots} == {"fit"}
    return [(s.start_ms, s.end_ms, s.fitted(plan.area).width) for s in plan.shots]


def test_subjects_that_part_are_shown_larger_while_they_are_together():
    together, apart = (0.2, 0.68), (0.02, 0.97)
    first, second = parted(together, together, apart, seconds=12)
    assert first[1] == second[0] == pytest.approx(7_900, abs=300)
    assert (first[2], second[2]) == pytest.approx((0.5625, 1.0), abs=0.01)
    assert len(parted(together, apart, apart, seconds=7.2)) == 2
    # Of a shorter while nothing is made, nor of one that would hardly be larger.
    assert len(parted(together, apart, apart, seconds=5.4)) == 1
    assert len(parted((0.2, 0.85), (0.02, 0.97), seconds=6)) == 1
    # A jump in the middle of a shot is worth two thirds larger for 3 s, and not for 2 s; a small one a third for 4 s.
    assert len(parted((0.2, 0.85), (0.02, 0.97), seconds=8)) == 2
    assert len(parted((0.2, 0.78), (0.37, 0.76), seconds=6)) == 2
    assert len(parted((0.2, 0.78), (0.37, 0.76), seconds=4.4)) == 1


def test_a_subject_that_moves_fast_in_a_brief_shot_is_held_at_both_ends():
    places = ((0.39, 0.71), (0.49, 0.82), (0.11, 0.71), (0.21, 0.59), (0.2, 0.6))
    (brief,) = parted(*places, seconds=1)
    assert brief[2] == pytest.approx(0.75, abs=0.01)
    (shot,) = plan_of(regions_of(*places, seconds=1)).shots
    assert shot.parts[0].left <= 0.21
    assert shot.parts[0].right >= 0.76


def test_a_brief_shot_between_two_cuts_is_larger_than_whole_and_never_the_narrowest_part():
    wide, narrow = (0.03, 0.97), (0.45, 0.65)
    for span, width in ((narrow, 0.5625), ((0.35, 0.75), 0.5625), ((0.2, 0.8), 0.75)):
        analysis = replace(regions_of(wide, span, wide, seconds=2.4), cuts_us=(800_000, 1_600_000))
        before, brief, after = plan_of(analysis).shots
        assert [s.layout for s in (before, brief, after)] == ["fit"] * 3
        assert before.parts == after.parts == ()
        assert brief.fitted(analysis.area).width == pytest.approx(width, abs=0.01)
    flash = regions_of(wide, wide, wide, narrow, wide, wide, wide, seconds=1.4)
    plan = plan_of(replace(flash, cuts_us=(600_000, 800_000)))
    assert {(s.layout, s.parts) for s in plan.shots} == {("fit", ())}


def test_what_is_known_beyond_the_range_tells_of_a_brief_end_of_a_shot():
    analysis = regions_of((0.3, 0.7), (0.3, 0.7), None, seconds=1.8)
    plan = partial(make_crop_plan, info=make_info(), start_ms=1_200, end_ms=1_700)
    (alone,) = plan(analysis.within(1_200, 1_700)).shots
    assert (alone.reason, alone.parts) == ("nobody", ())
    (known,) = plan(analysis).shots
    assert known.reason == "subject"
    assert known.fitted(analysis.area).width == pytest.approx(0.5625, abs=0.01)


def test_the_same_size_at_another_place_is_no_change():
    left, right = (0.02, 0.5), (0.5, 0.97)
    widths = [round(width, 2) for *_, width in parted(left, right, left, seconds=18)]
    assert all(before != after for before, after in pairwise(widths))


def test_a_subject_that_leaves_its_place_was_in_the_middle_of_the_window_before():
    goes = [(0.53, 0.69)] * 18 + [(0.56, 0.72), (0.6, 0.78)] + [(0.72, 0.88)] * 10
    plan = plan_of(regions_of(*goes, seconds=len(goes) / 5))
    assert [shot.layout for shot in plan.shots] == ["crop"]
    assert window_centre(plan, 0.5) == pytest.approx(0.61, abs=0.025)


def test_a_sample_too_wide_for_the_window_does_not_move_it():
    plan = plan_of(regions_of((0.3, 1.0), *[(0.35, 0.5)] * 19, seconds=10))
    assert [shot.layout for shot in plan.shots] == ["crop"]
    assert window_centre(plan, 0.2) == pytest.approx(0.425, abs=0.06)


def test_what_is_taken_for_a_letter_or_two_is_no_line_of_text():
    ball = ShotContent(0, 6_000, texts=(Rect(0.05, 0.5, 0.05, 0.08),), text_ms=((0, 0),))
    analysis = replace(regions_of((0.5, 0.65)), contents=(ball,))
    assert [shot.layout for shot in plan_of(analysis).shots] == ["crop"]
    many = tuple(Rect(0.05, 0.1 + 0.1 * i, 0.05, 0.08) for i in range(4))
    menu = replace(ball, texts=many, text_ms=((0, 0),) * 4)
    assert plan_of(replace(analysis, contents=(menu,))).shots[0].layout == "fit"


def test_evidence_of_a_first_picture_has_no_motion():
    assert isinstance(looked([coloured(10, 60)]), Evidence)
    assert looked([coloured(10, 60)]).motion is None
