"""Changes of scene without a sharp edge, on drawn pictures and on a film of drawn scenes."""

import subprocess
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest

from mediakit.framing.analysis.finders.face_detection import make_detector
from mediakit.framing.analysis.pictures import cv2
from mediakit.framing.analysis.shot_analysis import analyze_shots, lone_edges
from mediakit.framing.analysis.shots.scene_changes import find_scene_changes
from mediakit.framing.analysis.subjects.salient_region import look
from mediakit.framing.rect import Rect
from mediakit.probing.probe import probe

WIDTH, HEIGHT, COUNT = 160, 90, 24
FACE = Rect(0.4, 0.2, 0.2, 0.4)


def ground(seed: int, colour: tuple[int, int, int], wide: int = WIDTH) -> np.ndarray:
    """A scene: blurred noise around a colour (BGR)."""
    noise = np.random.default_rng(seed).normal(0, 1, (HEIGHT, wide, 1)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 3)[:, :, None]
    return np.clip(np.array(colour) + 45 * noise / noise.std(), 0, 255).astype(np.float32)


MEADOW, SEA = ground(1, (60, 150, 90)), ground(2, (190, 120, 60))
BLACK = np.zeros_like(SEA)


def changes(
    picture_at: Callable[[int], np.ndarray],
    *,
    faces: Sequence[int] = (),
    edges: Sequence[int] = (),
) -> list[float]:
    """The changes found in COUNT pictures (BGR); a face stands in the samples `faces`."""
    pictures = [
        cv2.cvtColor(picture_at(at).astype(np.uint8), cv2.COLOR_BGR2Lab) for at in range(COUNT)
    ]
    steps = [
        0.0,
        *(look(after, before, None).changed_share for before, after in pairwise(pictures)),
    ]
    boxes = [(FACE,) if at in faces else () for at in range(COUNT)]
    return find_scene_changes(pictures, steps, boxes, edges)


def mixed(before: np.ndarray, after: np.ndarray, share: float) -> np.ndarray:
    share = min(1.0, max(0.0, share))
    return before * (1 - share) + after * share


def test_a_dissolve_is_a_change_in_its_middle_and_a_wipe_too():
    def wiped(at: int) -> np.ndarray:
        edge = min(WIDTH, max(0, (at - 8) * WIDTH // 6))
        return np.hstack([SEA[:, :edge], MEADOW[:, edge:]])

    assert changes(lambda at: mixed(MEADOW, SEA, (at - 8) / 6)) == [pytest.approx(11, abs=0.8)]
    assert changes(wiped) == [pytest.approx(11, abs=0.8)]


def test_what_changes_at_once_is_a_change_before_its_first_sample():
    assert changes(lambda at: MEADOW if at < 11 else SEA) == [10.5]
    assert changes(lambda at: MEADOW if at < 11 else SEA, edges=[11]) == []
    assert changes(lambda at: MEADOW if at < 1 else SEA) == []


def test_a_fade_is_a_change_where_nothing_is_seen():
    assert changes(lambda at: mixed(MEADOW, BLACK, (at - 8) / 6)) == [pytest.approx(13, abs=1)]
    assert changes(lambda at: mixed(BLACK, SEA, (at - 8) / 6)) == [pytest.approx(9, abs=1)]
    through = changes(
        lambda at: (
            mixed(MEADOW, BLACK, (at - 7) / 4) if at < 12 else mixed(BLACK, SEA, (at - 12) / 4)
        )
    )
    assert through == [pytest.approx(11.5, abs=0.5)]


def test_a_picture_that_rushes_by_until_the_camera_rests_is_two_scenes():
    rushing = [
        cv2.GaussianBlur(ground(seed, (60, 110, 130)), (0, 0), 12, sigmaY=0.1)
        for seed in range(COUNT)
    ]
    assert changes(lambda at: rushing[at] if at < 14 else SEA) == [pytest.approx(13.5, abs=1)]
    assert changes(lambda at: rushing[at]) == []


def test_a_camera_that_pans_or_exposes_again_and_what_passes_close_are_no_change():
    wide = ground(3, (60, 150, 90), WIDTH * 4)
    wide[:, WIDTH * 2 :] = ground(4, (190, 120, 60), WIDTH * 2)

    def passing(at: int) -> np.ndarray:
        picture, left = MEADOW.copy(), (at - 8) * 40
        picture[:, max(0, left) : max(0, left + 120)] = (40, 40, 160)
        return picture

    assert changes(lambda at: wide[:, at * 20 : at * 20 + WIDTH]) == []
    assert changes(lambda at: MEADOW * (1 - 0.06 * min(8, max(0, at - 8)))) == []
    assert changes(passing) == []


def test_while_somebody_is_in_sight_the_scene_is_the_same():
    def picture_at(at: int) -> np.ndarray:
        return mixed(MEADOW, SEA, (at - 8) / 6)

    assert changes(picture_at, faces=range(COUNT)) == []
    assert len(changes(picture_at, faces=range(11))) == 1


@pytest.mark.parametrize("transition", ["fade", "wipeleft", "fadeblack"])
def test_a_transition_in_a_film_is_one_cut(transition, tmp_path):
    path = tmp_path / "film.mkv"
    inputs = []
    for name, scene in (("meadow.png", MEADOW), ("sea.png", SEA)):
        cv2.imwrite(str(tmp_path / name), cv2.resize(scene, (640, 360)))
        inputs += ["-loop", "1", "-framerate", "25", "-t", "3", "-i", str(tmp_path / name)]
    graph = f"[0:v][1:v]xfade=transition={transition}:duration=1:offset=2,format=yuv420p[out]"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", *inputs, "-filter_complex", graph, "-map", "[out]"),
            *("-c:v", "libx264", "-preset", "ultrafast", str(path)),
        ],
        check=True,
        timeout=60,
    )
    analysis = analyze_shots(
        str(path),
        probe(str(path)),
        start_ms=0,
        end_ms=5_000,
        detector=make_detector(),
        work_dir=tmp_path,
    )
    assert analysis.cuts_us == (pytest.approx(2_500_000, abs=400_000),)


def test_one_picture_that_differs_far_more_than_all_near_it_is_a_lone_edge():
    calm = [(at * 40_000, 0.3 + 0.1 * (at % 2)) for at in range(40)]

    def edges(**steps: float) -> list[int]:
        values = {int(name[1:]): step for name, step in steps.items()}
        return lone_edges([(at, values.get(at // 40_000, step)) for at, step in calm])

    assert edges(p20=4.0) == [800_000]
    assert edges(p20=2.5) == []  # too little
    assert edges(p20=4.0, p24=1.6) == []  # so does another one
    assert edges(p20=4.0, p21=3.0) == []  # and what goes on changing is no edge
    assert edges(p5=4.0, p30=4.0) == [200_000, 1_200_000]


def test_a_cut_between_two_dark_scenes_of_like_colours_is_on_its_frame(tmp_path):
    scenes = [ground(seed, (88, 80, 72)) / 4 for seed in (5, 6)]
    film = tmp_path / "dark.mp4"
    raw = b"".join(scenes[at >= 33].astype(np.uint8).tobytes() for at in range(75))
    argv = f"ffmpeg -v error -y -f rawvideo -pix_fmt bgr24 -s {WIDTH}x{HEIGHT} -r 25 -i -"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "5", "-pix_fmt", "yuv420p"]
    subprocess.run([*argv.split(), *encode, str(film)], input=raw, check=True)
    found = analyze_shots(
        *(str(film), probe(str(film))),
        start_ms=0,
        end_ms=3_000,
        detector=make_detector(),
        work_dir=tmp_path,
    )
    assert found.cuts_us == (33 * 40_000,)
