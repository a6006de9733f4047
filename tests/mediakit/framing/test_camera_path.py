"""The camera path, the analysis of a range, and the crop filters of a plan."""

import subprocess
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.framing.synthetic_people import (
    Person,
    Scene,
    SyntheticVideo,
    make_video,
    path_through,
    portrait,
)
from mediakit.errors import ToolTimeoutError
from mediakit.framing import crop_filters
from mediakit.framing.analysis.finders.face_detection import make_detector
from mediakit.framing.analysis.shot_analysis import (
    analyze_shots,
    edge_near,
    find_cuts,
    sample_size,
)
from mediakit.framing.crop_plan import CropPlan, PathPoint, Shot
from mediakit.framing.crop_window import crop_window
from mediakit.framing.geometry import Size
from mediakit.framing.people.speech import Speech
from mediakit.framing.planning.camera.camera_path import MIN_SPEED_PX_S
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import Face, RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.framing.window_path import path_position
from mediakit.media_info import MediaInfo
from mediakit.sandbox import process
from tests.clips import info_of
from tests.mediakit.conftest import Clips
from tests.mediakit.face_fixtures import (
    WHOLE_PICTURE,
    WINDOW_WIDTH,
    make_analysis,
    make_face,
    make_info,
    plan_of,
    window_centre,
)


def test_a_person_who_sits_still_gets_a_window_that_holds_still():
    plan = plan_of(make_analysis(lambda t: 0.3 + 0.01 * (int(t * 5) % 2), seconds=6))
    (shot,) = plan.shots
    assert (shot.layout, shot.people, len({key.x for key in shot.path})) == ("crop", 1, 1)
    assert window_centre(plan, 3) == pytest.approx(0.3, abs=0.04)


def test_a_person_who_walks_is_followed_with_few_moves_each_fast_enough_not_to_tick():
    def way(t: float) -> float:
        return 0.2 + 0.6 * min(1, max(0, (t - 3) / 4))

    plan = plan_of(make_analysis(way, seconds=12))
    for tenth in range(120):
        assert abs(window_centre(plan, tenth / 10) - way(tenth / 10)) < WINDOW_WIDTH / 2 - 0.06
    assert window_centre(plan, 0) == window_centre(plan, 1.5)
    assert window_centre(plan, 9) == window_centre(plan, 11.9)
    speeds = [
        abs(b.x - a.x) * 1920 / (b.time_ms - a.time_ms) * 1000
        for a, b in pairwise(plan.shots[0].path)
    ]
    moving = [speed for speed in speeds if speed > 1]
    # Only the rounded corners of a move, a fifth of a second each, are slower.
    assert sum(speed < MIN_SPEED_PX_S * 0.95 for speed in moving) <= 8


def test_a_head_keeps_its_hair_off_the_edges_and_the_window_rests_where_one_place_allows_it():
    def nearest(way: Callable[[float], float], size: float) -> tuple[float, int]:
        """How near the face comes to an edge, in its widths, and at how many places the window rests or turns."""
        plan = plan_of(make_analysis(lambda t: make_face(way(t), size=size), seconds=6))
        off = (abs(window_centre(plan, fifth / 5) - way(fifth / 5)) for fifth in range(30))
        return (WINDOW_WIDTH / 2 - max(off)) / size - 0.5, len(plan.shots[0].path)

    leaning, places = nearest(lambda t: 0.6 if 3 <= t < 3.4 else 0.5, 0.146)
    assert leaning > 0.2  # 0.136 where only the face counts
    assert places == 1
    walking, _ = nearest(lambda t: min(0.8, 0.2 + 0.2 * max(0, t - 1)), 0.17)
    assert walking > 0.18  # 0.086


def test_it_cuts_with_the_shots_and_never_pans_across():
    plan = plan_of(make_analysis(lambda t: 0.2 if t < 3 else 0.8, seconds=6, cuts_s=(3.0,)))
    assert [(s.start_ms, s.end_ms) for s in plan.shots] == [(0, 2980), (2980, 6000)]
    assert window_centre(plan, 2.96) == pytest.approx(0.2, abs=0.04)
    assert window_centre(plan, 3.0) == pytest.approx(0.8, abs=0.04)


def test_the_one_who_talks_is_the_subject_while_words_are_said():
    two = make_analysis(
        lambda t: make_face(0.2 + 0.002 * (t % 3), size=0.12, motion=0.01),
        lambda _: make_face(0.8, size=0.11, motion=0.09),
        seconds=6,
    )
    quiet = plan_of(two, pair_layout="crop")
    spoken = plan_of(two, pair_layout="crop", speech=Speech(((0, 6000),)))
    assert window_centre(quiet, 3) < 0.3
    assert window_centre(spoken, 3) > 0.7


def test_who_is_seldom_found_beside_the_subject_is_kept_in_sight_while_the_subject_leaves_room():
    def way(t: float) -> float:
        return 0.44 if 2.4 <= t < 2.9 else 0.68

    wide = make_info(1440, 1080)
    plan = plan_of(make_analysis(way, seconds=6), wide)
    (shot,) = plan.shots
    half = crop_window(wide.video, WHOLE_PICTURE).width / 2
    assert (shot.layout, len({key.x for key in shot.path})) == ("crop", 1)
    assert 0.68 + 0.06 - half <= window_centre(plan, 3) <= 0.44 - 0.01 + half
    alone = plan_of(make_analysis(lambda t: None if way(t) < 0.6 else 0.68, seconds=6), wide)
    assert window_centre(alone, 3) == pytest.approx(0.68, abs=0.04)


def test_a_crowd_never_draws_the_window_off_the_subject():
    crowd = [lambda _, i=i: Face(Rect(0.47, 0.16 * i, 0.06, 0.15), 0.9) for i in range(6)]
    plan = plan_of(make_analysis(lambda _: make_face(0.75), *crowd, seconds=5), pair_layout="crop")
    assert window_centre(plan, 3) >= 0.75 + 0.06 - WINDOW_WIDTH / 2


def test_nothing_seen_at_all_still_gives_a_plan():
    empty = RangeAnalysis(0, 2_000, "", WHOLE_PICTURE, (), ())
    assert plan_of(empty).shots == (Shot(0, 2_000, "fit", reason="nobody"),)
    upright = plan_of(make_analysis(lambda _: 0.5, seconds=2), make_info(1080, 1920))
    assert crop_window(make_info(1080, 1920).video, WHOLE_PICTURE).width == 1
    assert upright.shots[0].layout == "crop"


@settings(max_examples=25, deadline=None)
@given(
    positions=st.lists(st.floats(0.05, 0.95), min_size=2, max_size=25),
    width=st.sampled_from([320, 1280, 3840]),
    bar=st.sampled_from([0.0, 0.125]),
)
def test_no_path_leaves_the_picture_and_the_same_faces_give_the_same_path(positions, width, bar):
    area = Rect(bar, 0, 1 - 2 * bar, 1)
    analysis = make_analysis(lambda t: positions[int(t * 2) % len(positions)], seconds=6, area=area)
    info = make_info(width, width * 9 // 16)
    plan = plan_of(analysis, info)
    half = crop_window(info.video, area).width / 2
    keys = [key for shot in plan.shots for key in shot.path]
    assert all(bar - 1e-6 <= key.x - half and key.x + half <= 1 - bar + 1e-6 for key in keys)
    assert all(a.time_ms < b.time_ms for a, b in pairwise(keys))
    assert plan_of(analysis, info) == plan
    assert CropPlan.from_json(plan.to_json()).to_json() == plan.to_json()
    assert RangeAnalysis.from_json(analysis.to_json()).to_json() == analysis.to_json()


def test_a_cut_is_a_strong_score_that_none_nearby_exceeds():
    scores = [(40_000, 7.7), (1_000_000, 12.0), (1_200_000, 60.0), (1_640_000, 7.9), (-5, 90.0)]
    assert find_cuts(scores, 10_000, 20_000) == [11_200_000, 11_640_000]


def test_a_faint_cut_in_a_dark_or_moving_picture_is_on_its_frame_and_a_dissolve_has_none():
    calm = [(at * 40_000, 0.6) for at in range(50)]
    cut = [*calm[:28], (1_120_000, 4.5), *calm[29:]]
    moving = [(at, step + 4 if at < 1_120_000 else step + 2) for at, step in calm]
    cut_while_moving = [*moving[:28], (1_120_000, 9.0), *moving[29:]]
    dissolve = [*calm[:20], *((at * 40_000, 4.0) for at in range(20, 32)), *calm[32:]]
    assert edge_near(1_000_000, cut) == 1_120_000
    assert edge_near(1_000_000, cut_while_moving) == 1_120_000
    for without in (dissolve, moving, calm, []):
        assert edge_near(1_000_000, without) is None


@pytest.fixture(scope="module")
def two_scenes(tmp_path_factory) -> Path:
    """Two shots with a person on the left, then on the right, between black bars."""
    shots = (
        Scene(1.6, (Person(path_through([(0, 0.25)]), 0.3),), 0),
        Scene(1.4, (Person(path_through([(0, 0.75)]), 0.3, 1),), 1),
    )
    made = SyntheticVideo("two shots", shots, (480, 270), bars=0.1)
    return make_video(made, tmp_path_factory.mktemp("two_scenes") / "video.mp4")


def test_one_decode_finds_shots_bars_and_faces_without_any_model(two_scenes, tmp_path):
    info = info_of(two_scenes)
    progress: list[float] = []
    analysis = analyze_shots(
        str(two_scenes),
        info,
        start_ms=200,
        end_ms=3_000,
        detector=make_detector(),
        work_dir=tmp_path,
        on_progress=progress.append,
    )
    assert analysis.detector == "haar"
    assert analysis.cuts_us == (1_600_000,)
    assert analysis.area.top == pytest.approx(0.1, abs=0.015)
    assert (analysis.area.left, analysis.area.width) == (0, 1)
    assert [s.time_ms for s in analysis.samples] == list(range(200, 3_000, 200))
    found = 0
    for sample in analysis.samples:
        expected = 0.25 if sample.time_ms < 1_600 else 0.75
        found += any(abs(f.box.centre[0] - expected) < 0.06 for f in sample.faces)
    assert found >= 0.7 * len(analysis.samples)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    plan = make_crop_plan(analysis, info, start_ms=200, end_ms=3_000)
    assert [(s.start_ms, s.reason) for s in plan.shots] == [(0, "person"), (1_380, "person")]


def test_a_look_that_runs_out_of_time_is_none_although_much_was_seen(monkeypatch, tmp_path):
    info = make_info()
    size = sample_size(info)

    def slow(_argv, *, on_bytes, **_more) -> None:
        on_bytes(bytes(size.width * size.height * 3 // 2 * 4))
        raise ToolTimeoutError("ffmpeg took longer than 1 s.", tool="ffmpeg")

    monkeypatch.setattr(process, "run", slow)
    with pytest.raises(ToolTimeoutError):
        analyze_shots(
            "video.mp4", info, start_ms=0, end_ms=60_000, detector=None, work_dir=tmp_path
        )


def test_of_two_people_who_look_at_each_other_the_cascades_find_now_one_and_now_the_other():
    picture = np.full((236, 210, 3), 170, np.float32)
    drawn, opacity = portrait(130, 0, 0)
    shown = opacity[..., None] * (np.arange(130) >= 65)[None, :, None]
    high = drawn.shape[0]
    picture[:high, 40:170] = picture[:high, 40:170] * (1 - shown) + drawn * shown
    both = np.hstack([picture, picture[:, ::-1]]).astype(np.uint8)
    planes = np.asarray(cv2.cvtColor(both, cv2.COLOR_BGR2YUV_I420), np.uint8)
    detector = make_detector()
    assert detector is not None
    positions = [face.box.centre[0] > 0.5 for _ in range(4) for face in detector.find(planes, True)]
    assert positions in ([True, False, True, False], [False, True, False, True])


def test_a_wrong_model_file_is_not_used(tmp_path):
    model = tmp_path / "model.onnx"
    model.write_bytes(b"something else")
    detector = make_detector(model, "0" * 64)
    assert detector is not None
    assert detector.name == "haar"


CANVAS = Size(18, 32)


def shown(path: Path, info: MediaInfo, plan: CropPlan) -> list[bytes]:
    """The pictures (grey) that a plan makes of a clip."""
    graph = crop_filters.crop_plan_graph(info.video, plan, CANVAS, rate=Fraction(25))
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-filter_complex"]
    argv += [f"[0:v]null[in];{graph};[out]format=gray[g]", "-map", "[g]"]
    raw = subprocess.run(
        [*argv, "-f", "rawvideo", "-"], check=True, capture_output=True, timeout=60
    ).stdout
    size = CANVAS.width * CANVAS.height
    return [raw[i : i + size] for i in range(0, len(raw), size)]


@pytest.fixture
def ramp(clips: Clips) -> Path:
    """A still picture that grows brighter from left to right."""
    picture = "color=black:s=320x180:r=25,format=gray,geq=lum='16+X*219/320',format=yuv420p"
    return clips.make("ramp.mp4", "-f", "lavfi", "-i", picture, "-t", 1.0, "-qp", "1")


def test_the_window_is_where_the_plan_says_in_every_frame(ramp):
    keys = (PathPoint(400, 0.3, 0.5), PathPoint(800, 0.7, 0.5))
    shots = (
        Shot(0, 380, "crop", (PathPoint(0, 0.8, 0.5),)),
        Shot(380, 1000, "crop", keys),
    )
    frames = shown(ramp, info_of(ramp), CropPlan(WHOLE_PICTURE, shots))
    assert len(frames) == 25
    for number, picture in enumerate(frames):
        expected = 0.8 if number < 10 else path_position(keys, number * 40)[0]
        grey = picture[16 * 18 + 9]
        assert grey == pytest.approx(16 + expected * 219, abs=5) or grey == pytest.approx(
            expected * 255, abs=5
        )


def test_a_part_that_moves_is_where_the_plan_says_in_every_frame(ramp):
    keys = (PathPoint(200, 0.3, 0.5), PathPoint(800, 0.7, 0.5))
    shot = Shot(0, 1000, "fit", keys, parts=(Rect(0.3 - 0.28125, 0, 0.5625, 1),))
    frames = shown(ramp, info_of(ramp), CropPlan(WHOLE_PICTURE, (shot,)))
    assert len(frames) == 25
    for number, picture in enumerate(frames):
        expected = path_position(keys, number * 40)[0]
        grey = picture[10 * 18 + 9]
        assert grey == pytest.approx(16 + expected * 219, abs=6) or grey == pytest.approx(
            expected * 255, abs=6
        )


def test_layouts_change_on_the_exact_frame_and_no_frame_is_lost(ramp):
    parts = (Rect(0.0, 0.1, 0.4, 0.632), Rect(0.6, 0.1, 0.4, 0.632))
    shots = (
        Shot(0, 300, "crop", (PathPoint(0, 0.2, 0.5),)),
        Shot(300, 620, "stack", parts=parts),
        Shot(620, 1000, "fit"),
    )
    frames = shown(ramp, info_of(ramp), CropPlan(Rect(0, 0.1, 1, 0.8), shots))
    assert len(frames) == 25
    kinds = []
    for picture in frames:
        top, low = picture[8 * 18 + 9], picture[24 * 18 + 9]
        side = picture[12 * 18 + 17] - picture[12 * 18]  # a fit is moved up for captions
        kinds.append("stack" if low - top > 60 else "fit" if side > 150 else "crop")
    assert kinds == ["crop"] * 8 + ["stack"] * 8 + ["fit"] * 9


def test_four_parts_are_two_rows_of_two(ramp):
    parts = tuple(Rect(left, 0.2, 0.1, 0.316) for left in (0.1, 0.3, 0.6, 0.8))
    shots = (Shot(0, 1000, "stack", parts=parts),)
    picture = shown(ramp, info_of(ramp), CropPlan(WHOLE_PICTURE, shots))[0]
    for part, (x, y) in zip(parts, ((4, 8), (13, 8), (4, 24), (13, 24)), strict=True):
        assert picture[y * 18 + x] == pytest.approx(16 + part.centre[0] * 219, abs=6)


def test_a_way_of_thousands_of_keys_is_one_that_ffmpeg_takes(ramp, tmp_path):
    keys = tuple(PathPoint(i, 0.3 + 0.4 * (i % 2), 0.5) for i in range(5_000))
    plan = CropPlan(WHOLE_PICTURE, (Shot(0, 5_000, "crop", keys),))
    graph = crop_filters.crop_plan_graph(info_of(ramp).video, plan, CANVAS, rate=Fraction(25))
    assert len(graph) > crop_filters.MAX_ARGUMENT_BYTES
    script = tmp_path / "graph"
    script.write_text(f"[0:v]null[in];{graph}")
    argv = ["ffmpeg", "-v", "error", "-i", str(ramp), "-filter_complex_script", str(script)]
    subprocess.run([*argv, "-map", "[out]", "-f", "null", "-"], check=True, timeout=60)


def test_a_still_of_a_plan_is_its_picture_at_that_time():
    keys = (PathPoint(0, 0.3, 0.5), PathPoint(1000, 0.5, 0.5))
    plan = CropPlan(WHOLE_PICTURE, (Shot(0, 1000, "crop", keys), Shot(1000, 2000, "fit")))
    assert crop_filters.still_plan(plan, 500).shots[0].path == (PathPoint(0, 0.4, 0.5),)
    assert crop_filters.still_plan(plan, 5_000).shots[0].layout == "fit"
